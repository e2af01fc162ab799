/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, in the manner of the Prometheus exporters. */
#ifndef PROGRAM_OPTIONS_H
#define PROGRAM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "base/text.h"
#include "config/load.h"
#include "config/reflector.h"

enum command {
	COMMAND_DAEMON,
	COMMAND_CHECK,
	COMMAND_CATALOGUE,
	COMMAND_EXPLAIN,
	COMMAND_REFLECTOR,
	COMMAND_GENERATE_KEY,
	COMMAND_CONFIG_CHECK, /* --config.check */
	COMMAND_VERSION,
	COMMAND_HELP
};

enum output { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_NAGIOS, OUTPUT_NFTABLES, OUTPUT_COUNT };

#define OPTIONS_LISTEN_MAX 8

/** Strings point into argv. */
struct options {
	enum command command;
	enum output output;
	const char *config_file;
	const char *listen[OPTIONS_LISTEN_MAX];
	size_t listen_count;
	bool systemd_socket;
	enum log_level log_level;
	enum log_format log_format;
	const char *language;   /* NULL = as configured */
	const char *explained;  /* the requirement, "all", or NULL: which there are */
	bool sweeps;            /* whole ranges, not a sample of their ports */
	bool asks_daemon;       /* explain what a running daemon remembers … */
	const char *daemon_url; /* … there; NULL = where this one would listen */
	const char *key_file;   /* to be generated */
	struct reflector_flags reflector;
	struct config_overrides overrides;
};

/**
 * \param error  gets a sentence that says what to write instead
 * \retval false  the command line is wrong
 */
bool options_parse(
	int argc, char **argv, struct options *ret_options, struct text *error);

/**
 * Loads the configuration that the command line names, faults to standard error.
 * \retval NULL  it has faults
 */
struct config *options_load(const struct options *options);

/** The text of --help: commands and flags from the table that parses them. */
void options_help(struct text *text);

#endif
