/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

#define ROW_COMMON                                                         \
	"direction = \"inbound\"; transport = \"tcp\"; protocol = \"P\"; " \
	"severity = \"warning\"; source = \"test\"; "                      \
	"breaks = { en = \"lost\"; de = \"weg\"; }; "

const char *files_catalogue(void)
{
	return "features = ( \"web\", \"voice\" );\n"
	       "variables = (\n"
	       "{ name = \"pbx\"; help = \"the PBX\"; },\n"
	       "{ name = \"dns\"; help = \"name servers\"; literal = true; },\n"
	       "{ name = \"blank\"; help = \"a blank\";"
	       " reason = { en = \"Nobody knows.\"; de = \"Niemand weiß es.\"; }; },\n"
	       "{ name = \"extra\"; help = \"of an addition\"; }\n"
	       ");\n"
	       "requirements = (\n"
	       "{ id = \"web-80\"; feature = \"web\"; vantages = ( \"lan\", "
	       "\"internet\" ); host = \"$pbx\"; port = 80; probe = \"full\"; "
	       "options = { text = \"from the catalogue\"; count = 4; }; " ROW_COMMON
	       "},\n"
	       "{ id = \"web-443\"; feature = \"web\"; vantages = \"lan\"; "
	       "host = \"$pbx\"; port = 443; port_moves = true; probe = "
	       "\"plain\"; " ROW_COMMON "},\n"
	       "{ id = \"cloud-443\"; feature = \"web\"; vantages = \"lan\"; "
	       "host = \"cloud.example\"; port = 443; probe = \"plain\"; " ROW_COMMON
	       "},\n"
	       "{ id = \"dns\"; feature = \"web\"; vantages = \"lan\"; "
	       "host = \"$dns\"; port = 53; port_moves = true; probe = "
	       "\"plain\"; " ROW_COMMON "},\n"
	       "{ id = \"blank\"; feature = \"web\"; vantages = \"lan\"; "
	       "host = \"$blank\"; port_moves = true; probe = \"plain\"; " ROW_COMMON
	       "},\n"
	       "{ id = \"portless\"; feature = \"web\"; vantages = \"lan\"; "
	       "host = \"cloud.example\"; probe = \"plain\"; " ROW_COMMON "},\n"
	       "{ id = \"extra\"; feature = \"voice\"; vantages = \"lan\"; "
	       "host = \"$extra\"; port = 25; probe = \"plain\"; optional = true; "
	       "addition = true; " ROW_COMMON "},\n"
	       "{ id = \"off\"; feature = \"voice\"; vantages = \"lan\"; "
	       "host = \"$pbx\"; port = 9; probe = \"plain\"; enabled = "
	       "false; " ROW_COMMON "},\n"
	       "{ id = \"range\"; feature = \"voice\"; vantages = \"lan\"; "
	       "host = \"$pbx\"; port = \"10000-20000\"; probe = \"ranged\"; "
	       "enabled = false; " ROW_COMMON "},\n"
	       "{ id = \"rtp\"; feature = \"voice\"; vantages = \"lan\"; "
	       "host = \"$pbx\"; port = \"10000-20000\"; "
	       "hint = { en = \"not yet\"; de = \"noch nicht\"; }; " ROW_COMMON "}\n"
	       ");\n";
}

int files_setup(void **state)
{
	struct files *files = calloc(1, sizeof(*files));

	assert_non_null(files);
	snprintf(files->folder, sizeof(files->folder), "/tmp/starface-config-XXXXXX");
	assert_non_null(mkdtemp(files->folder));
	snprintf(files->file, sizeof(files->file), "%s/starface-exporter.conf",
		files->folder);
	*state = files;
	return 0;
}

static int remove_entry(
	const char *path, const struct stat *status, int type, struct FTW *position)
{
	(void)status;
	(void)type;
	(void)position;
	return remove(path);
}

int files_teardown(void **state)
{
	struct files *files = *state;

	nftw(files->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(files);
	return 0;
}

void files_write_octets(
	const struct files *files, const char *name, const void *octets, size_t length)
{
	char path[256];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", files->folder, name);
	stream = fopen(path, "w");
	assert_non_null(stream);
	assert_int_equal(fwrite(octets, 1, length, stream), length);
	assert_int_equal(fclose(stream), 0);
}

void files_write(const struct files *files, const char *name, const char *text)
{
	files_write_octets(files, name, text, strlen(text));
}

struct config *files_load(const struct files *files, const char *config,
	const char *catalogue, const struct config_overrides *overrides,
	struct faults *faults)
{
	files_write(files, "starface-exporter.conf", config);
	files_write(
		files, "starface.catalogue", catalogue ? catalogue : files_catalogue());
	return config_load(files->file, overrides, faults);
}

void assert_no_faults(const struct faults *faults)
{
	struct text text = { 0 };

	faults_print(faults, &text);
	if (faults_any(faults))
		fail_msg("%s", text.data);
	text_done(&text);
}

/* What faults_print() says, with the folder of the test cut out. */
char *faults_text(const struct files *files, const struct faults *faults)
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

static void check_fault_row(const struct files *files, const struct fault_row *row)
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

void check_fault_rows(void **state, const struct fault_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_fault_row(*state, &rows[i]);
}
