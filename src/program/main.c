/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "program/command_catalogue.h"
#include "program/command_check.h"
#include "program/command_explain.h"
#include "program/command_reflector.h"
#include "program/daemon.h"
#include "program/options.h"
#include "program/version.h"

/* As Nagios reads it: unknown, not critical. */
#define EXIT_USAGE 3

static int print_version(void)
{
	printf("starface-exporter, version %s (revision: %s)\n", program_version(),
		program_revision());
	return EXIT_SUCCESS;
}

static int print_help(void)
{
	struct text text = { 0 };

	options_help(&text);
	fputs(text_failed(&text) ? "" : text.data, stdout);
	text_done(&text);
	return EXIT_SUCCESS;
}

static int check_config(const struct options *options)
{
	struct config *config = options_load(options);

	if (!config)
		return EXIT_FAILURE;
	printf("%s: valid, %zu sites, %zu requirements, %zu checks\n",
		options->config_file, config->plan.site_count,
		config->plan.requirement_count, config->plan.check_count);
	config_free(config);
	return EXIT_SUCCESS;
}

static int print_catalogue(const struct options *options)
{
	static const enum catalogue_format formats[OUTPUT_COUNT] = {
		[OUTPUT_TABLE] = CATALOGUE_TEXT,
		[OUTPUT_JSON] = CATALOGUE_JSON,
		[OUTPUT_NFTABLES] = CATALOGUE_NFTABLES,
	};
	struct config *config = options_load(options);
	int status = EXIT_FAILURE;

	if (config)
		status = command_catalogue(config, formats[options->output], stdout);
	config_free(config);
	return status;
}

static int run(const struct options *options)
{
	switch (options->command) {
	case COMMAND_DAEMON:
		return daemon_run(options);
	case COMMAND_CHECK:
		return command_check(options);
	case COMMAND_CATALOGUE:
		return print_catalogue(options);
	case COMMAND_EXPLAIN:
		return command_explain(options);
	case COMMAND_REFLECTOR:
		return command_reflector(options);
	case COMMAND_GENERATE_KEY:
		return command_generate_key(options);
	case COMMAND_CONFIG_CHECK:
		return check_config(options);
	case COMMAND_VERSION:
		return print_version();
	case COMMAND_HELP:
		break;
	}
	return print_help();
}

/* A page of metrics that was sent goes back to the system: 2.8 MB with 1,000 checks,
 * which malloc would keep once it has seen such a block freed. */
#define LARGE_BLOCK (256 * 1024)

int main(int argc, char **argv)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct options options;
	struct text error = { 0 };

	if (!options_parse(argc, argv, &options, &error)) {
		fprintf(stderr, "starface-exporter: %s\n", error.data ? error.data : "");
		text_done(&error);
		return EXIT_USAGE;
	}
	/* A peer that goes away is an error code of write(), not the end of the process.
	 */
	sigaction(SIGPIPE, &ignore, NULL);
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
	log_setup(STDERR_FILENO, options.log_level, options.log_format);
	return run(&options);
}
