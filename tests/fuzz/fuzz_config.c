/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file, against a small catalogue: it loads or it has faults, and
 * libconfig never ends the process. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);
const char *__lsan_default_suppressions(void);

static char folder[] = "/tmp/starface-fuzz-XXXXXX";
static char file[64], catalogue[64];

/* libconfig 1.5 loses a pending string at a syntax error. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig_yyparse\nleak:libconfig.so";
}

static void clean(void)
{
	unlink(file);
	unlink(catalogue);
	rmdir(folder);
}

static void write_file(const char *path, const void *octets, size_t length)
{
	FILE *stream = fopen(path, "w");
	bool whole = stream && fwrite(octets, 1, length, stream) == length;

	assert(whole);
	fclose(stream);
}

static void begin(void)
{
	static const char rows[] =
		"features = \"web\";\n"
		"variables = ( { name = \"pbx\"; help = \"h\"; },\n"
		"{ name = \"dns\"; help = \"h\"; literal = true; } );\n"
		"requirements = ( { id = \"web\"; feature = \"web\"; host = \"$pbx\"; "
		"port = 443; port_moves = true; probe = \"full\"; vantages = \"lan\"; "
		"direction = \"inbound\"; transport = \"tcp\"; protocol = \"P\"; "
		"severity = \"info\"; source = \"s\"; breaks = { en = \"e\"; de = \"d\"; "
		"}; } );\n";
	const char *made = mkdtemp(folder);

	assert(made);
	snprintf(file, sizeof(file), "%s/conf", made);
	snprintf(catalogue, sizeof(catalogue), "%s/starface.catalogue", made);
	write_file(catalogue, rows, sizeof(rows) - 1);
	atexit(clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct faults faults = { 0 };
	struct config *config;

	if (!*file)
		begin();
	write_file(file, data, length);
	config = config_load(file, NULL, &faults);
	assert((config == NULL) == faults_any(&faults));
	config_free(config);
	faults_done(&faults);
	return 0;
}
