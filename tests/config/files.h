/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of files for one test, and loading from it. */
#ifndef TESTS_CONFIG_FILES_H
#define TESTS_CONFIG_FILES_H

#include <stddef.h>

#include "config/load.h"

struct files {
	char folder[64];
	char file[128]; /* FOLDER/starface-exporter.conf */
};

/** Two rows with probes, one without, and variables of both kinds. */
const char *files_catalogue(void);

int files_setup(void **state);
int files_teardown(void **state);

/** Writes FOLDER/name; the whole of octets, NUL included, when length is not 0. */
void files_write(const struct files *files, const char *name, const char *text);
void files_write_octets(
	const struct files *files, const char *name, const void *octets, size_t length);

/** Writes the two files and loads. A NULL catalogue is files_catalogue(). */
struct config *files_load(const struct files *files, const char *config,
	const char *catalogue, const struct config_overrides *overrides,
	struct faults *faults);

/** Fails the test with all faults as text if there are any. */
void assert_no_faults(const struct faults *faults);

struct fault_row {
	const char *config;
	const char *catalogue; /* NULL = the sound one */
	const char *expected;  /* all faults as printed, without the folder */
};

/** Loads each row and compares all of its faults with the expected ones. */
void check_fault_rows(void **state, const struct fault_row *rows, size_t count);

/** What faults_print() says, with the folder cut out; the caller frees it. */
char *faults_text(const struct files *files, const struct faults *faults);

#define CHECK_ROWS(state, rows) \
	check_fault_rows(state, rows, sizeof(rows) / sizeof((rows)[0]))
#define SITE      "sites = ( { name = \"hq\"; } );\n"
#define CONF      "starface-exporter.conf:"
#define NO_LINE   "starface-exporter.conf: "
#define CATALOGUE "starface.catalogue:"

#endif
