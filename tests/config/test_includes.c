/* SPDX-License-Identifier: Apache-2.0 */
/* @include without libconfig's traps: a directory would end the process there. */
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

static void path_of(const struct files *files, const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", files->folder, name);
}

/* Nested, each relative to the file that includes it, and lines stay true after it. */
static void test_nested(void **state)
{
	const struct files *files = *state;
	struct faults faults = { 0 };
	char path[256];
	char *text;

	path_of(files, "d", path);
	assert_int_equal(mkdir(path, 0700), 0);
	files_write(
		files, "d/outer", "in_flight = 7;\n  @include \"inner\" // here\nx = 1;");
	files_write(files, "d/inner", "\nper_host = 5;\ny = 2;");
	assert_null(files_load(
		files, "@include \"d/outer\"\n" SITE "z = 3;\n", NULL, NULL, &faults));
	text = faults_text(files, &faults);
	assert_non_null(strstr(text, "d/inner:3: y: "));
	assert_non_null(strstr(text, "d/outer:3: x: "));
	assert_non_null(strstr(text, CONF "3: z: "));
	assert_int_equal(faults.count, 3);
	free(text);
	faults_done(&faults);
}

static void test_values(void **state)
{
	struct faults faults = { 0 };
	struct config *config;

	files_write(*state, "part", "in_flight = 7;");
	config = files_load(*state,
		SITE "\t@include \"part\"\n/*\n@include \"none\"\n*/\n"
		     "# @include \"none\"\n",
		NULL, NULL, &faults);
	assert_no_faults(&faults);
	assert_int_equal(config->in_flight_max, 7);
	config_free(config);
}

static void test_refused(void **state)
{
	static const struct fault_row rows[] = {
		{ SITE "@include \"none\"\n", NULL,
			CONF "2: the included file none cannot be read: No such file or "
			     "directory\n" },
		{ SITE "@include \".\"\n", NULL,
			CONF "2: the included file . is a directory; name a file\n" },
		{ SITE "@include \"pipe\"\n", NULL,
			CONF "2: the included file pipe is not a regular file; name "
			     "one\n" },
		{ SITE "\n@include \"starface-exporter.conf\"\n", NULL,
			CONF
			"3: the included file starface-exporter.conf includes itself; "
			"remove this @include\n" },
		{ SITE "@include \"round\"\n", NULL,
			"round:2: the included file round includes itself; remove this "
			"@include\n" },
		{ SITE "@include \"open\n", NULL,
			CONF "2: the file name never ends; write @include \"FILE\"\n" },
		{ SITE "@include \"comment\"\nin_flight = 0;\n", NULL,
			"comment:1: this comment never ends; write */ where it "
			"does\n" CONF
			"3: in_flight: the number is out of range; write one from 1 to "
			"10000\n" },
	};
	char path[256];

	path_of(*state, "pipe", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	files_write(*state, "round", "\n@include \"round\"\n");
	files_write(*state, "comment", "/* never");
	CHECK_ROWS(state, rows);
}

/* Ten deep is fine, eleven is not; and no tree of includes runs away. */
static void test_depth(void **state)
{
	struct faults faults = { 0 };
	struct config *config;
	char name[32], text[128];

	for (int i = 1; i < 12; i++) {
		snprintf(name, sizeof(name), "deep%d", i);
		snprintf(text, sizeof(text), "@include \"deep%d\"\n", i + 1);
		files_write(*state, name, text);
	}
	files_write(*state, "deep11", "in_flight = 9;\n");
	config = files_load(*state, SITE "@include \"deep2\"\n", NULL, NULL, &faults);
	assert_no_faults(&faults);
	assert_int_equal(config->in_flight_max, 9);
	config_free(config);
	assert_null(files_load(*state, SITE "@include \"deep1\"\n", NULL, NULL, &faults));
	assert_int_equal(faults.count, 1);
	assert_non_null(strstr(faults.items[0].sentence, "more than 10 deep"));
	faults_done(&faults);
}

static void test_too_many(void **state)
{
	struct faults faults = { 0 };
	struct text text = { 0 };

	files_write(*state, "empty", "");
	text_append(&text, SITE);
	for (int i = 0; i < 120; i++)
		text_append(&text, "@include \"empty\"\n");
	assert_null(files_load(*state, text.data, NULL, NULL, &faults));
	assert_int_equal(faults.count, 21);
	assert_non_null(strstr(faults.items[0].sentence, "100 files are the limit"));
	text_done(&text);
	faults_done(&faults);
}

/* NUL would end the text for libconfig, and what follows would be gone. */
static void test_nul(void **state)
{
	static const char octets[] =
		"sites = ( { name = \"hq\"; } );\0\nin_flight = 0;\n";
	const struct files *files = *state;
	struct faults faults = { 0 };
	char *text;

	files_write(files, "starface.catalogue", files_catalogue());
	files_write_octets(files, "starface-exporter.conf", octets, sizeof(octets) - 1);
	assert_null(config_load(files->file, NULL, &faults));
	text = faults_text(files, &faults);
	assert_string_equal(text, CONF "1: a NUL octet stands here; remove it\n");
	free(text);
	faults_done(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
