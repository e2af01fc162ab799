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

#endif
