/* SPDX-License-Identifier: Apache-2.0 */
/* Each fault a person can make: file, line, key path and what to write instead. */
#include "config/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/text.h"
#include "files.h"

#define SITE "sites = ( { name = \"hq\"; } );\n"

struct fault_row {
	const char *config;
	const char *catalogue; /* NULL = the sound one */
	const char *expected;  /* all faults as printed, without the folder */
};

/* What faults_print() says, with the folder of the test cut out. */
static char *faults_text(const struct files *files, const struct faults *faults)
{
	struct text text = { 0 };
	size_t length = strlen(files->folder) + 1;
	char *at;

	text_append(&text, "");
	faults_print(faults, &text);
	while (text.data && (at = strstr(text.data, files->folder)))
		memmove(at, at + length, strlen(at + length) + 1);
	return text_release(&text, NULL);
}

static void check_row(const struct files *files, const struct fault_row *row)
{
	struct faults faults = { 0 };
	struct config *config =
		files_load(files, row->config, row->catalogue, NULL, &faults);
	char *text = faults_text(files, &faults);

	assert_null(config);
	assert_string_equal(text, row->expected);
	free(text);
	faults_done(&faults);
}

static void check_rows(void **state, const struct fault_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_row(*state, &rows[i]);
}

#define CHECK_ROWS(state, rows) check_rows(state, rows, sizeof(rows) / sizeof((rows)[0]))
#define CONF                    "starface-exporter.conf:"
#define NO_LINE                 "starface-exporter.conf: "
#define CATALOGUE               "starface.catalogue:"

static void test_text(void **state)
{
	static const struct fault_row rows[] = {
		{ "in_flight = 64;\n/* never\n" SITE, NULL,
			CONF
			"2: this comment never ends; write */ where it does\n" NO_LINE
			"sites: the configuration must have it; write a list of "
			"groups: ( { KEY = VALUE; } )\n" },
		{ SITE "ca_file = \"x;\n", NULL,
			CONF "2: this string never ends; write \" where it does\n" CONF
			     "2: ca_file: the file x;\n cannot be read: No such file or "
			     "directory\n" },
		{ "\xef\xbb\xbf" SITE, NULL,
			CONF "1: a byte order mark stands before the text; remove it\n" },
		{ SITE "# gr\xfc\xdf"
		       "e\n",
			NULL,
			CONF "2: this is not UTF-8; save the file in UTF-8\n" CONF
			     "2: this is not UTF-8; save the file in UTF-8\n" },
		{ SITE "shard = \"0/1\\x00/2\";\n", NULL,
			CONF "2: \\x00 would cut the string here; remove it\n" CONF
			     "2: shard: write \"0/2\" for the first of two instances and "
			     "\"1/2\" for the second; there can be 1000\n" },
		{ SITE "\n\nlanguage = ;\n", NULL,
			CONF
			"4: syntax error here or on the line before; write NAME = "
			"VALUE; with strings in double quotes, lists as ( A, B ) and "
			"groups as { … }\n" },
		{ SITE "per_host = 1;\nper_host = 2;\n", NULL,
			CONF
			"3: duplicate setting name here or on the line before; write "
			"NAME = VALUE; with strings in double quotes, lists as ( A, B ) "
			"and groups as { … }\n" },
	};

	CHECK_ROWS(state, rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
