/* SPDX-License-Identifier: Apache-2.0 */
#include "program/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_CONFIG "/etc/starface-exporter/starface-exporter.conf"
#define DEFAULT_LISTEN ":29115"

/* What getopt_long() returns for a long flag; not 0, which optopt has for unknown ones.
 */
#define KNOWN_FLAG 1

struct flag {
	const char *name;
	const char *argument; /* NULL = takes none; "[…]" = may be left out */
	const char *help;
	/* NULL = one of the reflector's */
	bool (*take)(struct options *options, const char *value);
};

static bool take_config_file(struct options *options, const char *value)
{
	options->config_file = value;
	return true;
}

static bool take_config_check(struct options *options, const char *value)
{
	(void)value;
	options->command = COMMAND_CONFIG_CHECK;
	return true;
}

static bool take_listen(struct options *options, const char *value)
{
	if (options->listen_count == OPTIONS_LISTEN_MAX)
		return false;
	options->listen[options->listen_count++] = value;
	return true;
}

static bool take_systemd_socket(struct options *options, const char *value)
{
	(void)value;
	options->systemd_socket = true;
	return true;
}

static bool take_log_level(struct options *options, const char *value)
{
	return log_level_parse(value, &options->log_level);
}

static bool take_log_format(struct options *options, const char *value)
{
	return log_format_parse(value, &options->log_format);
}

static bool take_pbx(struct options *options, const char *value)
{
	options->overrides.pbx = value;
	return true;
}

static bool take_site(struct options *options, const char *value)
{
	options->overrides.site = value;
	return true;
}

static bool take_requirement(struct options *options, const char *value)
{
	options->overrides.requirement = value;
	return true;
}

static bool take_output(struct options *options, const char *value)
{
	static const char *const names[OUTPUT_COUNT] = {
		[OUTPUT_TABLE] = "table",
		[OUTPUT_JSON] = "json",
		[OUTPUT_NAGIOS] = "nagios",
		[OUTPUT_NFTABLES] = "nftables",
	};

	for (enum output output = 0; output < OUTPUT_COUNT; output++) {
		if (strcmp(value, names[output]) == 0) {
			options->output = output;
			return true;
		}
	}
	return false;
}

static bool take_language(struct options *options, const char *value)
{
	const char *const *names = language_names();

	options->language = value;
	while (*names && strcmp(*names, value) != 0)
		names++;
	return *names != NULL;
}

static bool take_daemon(struct options *options, const char *value)
{
	options->asks_daemon = true;
	options->daemon_url = value;
	return true;
}

static bool take_sweep(struct options *options, const char *value)
{
	(void)value;
	options->sweeps = true;
	return true;
}

static bool take_version(struct options *options, const char *value)
{
	(void)value;
	options->command = COMMAND_VERSION;
	return true;
}

static bool take_help(struct options *options, const char *value)
{
	(void)value;
	options->command = COMMAND_HELP;
	return true;
}

static const struct flag flags[] = {
	{ "config.file", "FILE", "The configuration; default " DEFAULT_CONFIG ".",
		take_config_file },
	{ "config.check", NULL,
		"Check the configuration, print all faults, and exit 0 or 1.",
		take_config_check },
	{ "web.listen-address", "ADDRESS",
		"Listen on HOST:PORT, :PORT or unix:PATH; repeatable, "
		"default " DEFAULT_LISTEN ".",
		take_listen },
	{ "web.systemd-socket", NULL, "Listen on the sockets that systemd hands over.",
		take_systemd_socket },
	{ "log.level", "LEVEL", "debug, info, warn or error; default info.",
		take_log_level },
	{ "log.format", "FORMAT", "logfmt or json; default logfmt.", take_log_format },
	{ "pbx", "ADDRESS", "The PBX of the first site, stronger than the configuration.",
		take_pbx },
	{ "site", "NAME", "Only this site.", take_site },
	{ "requirement", "ID", "Only this requirement.", take_requirement },
	{ "output", "FORMAT",
		"check: table, json or nagios; catalogue: table, json or nftables.",
		take_output },
	{ "language", "LANGUAGE", "en or de; default as configured.", take_language },
	{ "sweep", NULL,
		"check, explain: ask every port of the ranges of RTP that have a "
		"reflector, as fast as it answers, not a sample.",
		take_sweep },
	{ "daemon", "[=URL]",
		"explain: what the running daemon remembers, in place of asking anew; "
		"default where --web.listen-address says.",
		take_daemon },
	{ "reflector.ports", "RANGE",
		"reflector: \"FIRST-LAST\" or \"PORT\" to answer at; repeatable. With a "
		"flag of these no file is read.",
		NULL },
	{ "reflector.control-port", "PORT",
		"reflector: where senders ask about the others; default 862, 0 for none.",
		NULL },
	{ "reflector.key-file", "FILE", "reflector: the secret that senders share.",
		NULL },
	{ "reflector.open", NULL, "reflector: answer whoever asks, without a key.",
		NULL },
	{ "reflector.address", "ADDRESS",
		"reflector: the address to answer at; default all of this host.", NULL },
	{ "reflector.sources", "PREFIX",
		"reflector: an address or prefix that is answered; repeatable, default "
		"all.",
		NULL },
	{ "reflector.share", "WHICH",
		"reflector: all, or half: beside a PBX every other pair is left free in "
		"turns.",
		NULL },
	{ "reflector.steer", NULL,
		"reflector: hold no port; the kernel hands over what the sources send.",
		NULL },
	{ "version", NULL, "Print the version and exit.", take_version },
	{ "help", NULL, "Print this help and exit.", take_help },
};

#define FLAG_COUNT (sizeof(flags) / sizeof(flags[0]))

static const struct {
	const char *name;
	enum command command;
	const char *help;
} commands[] = {
	{ "check", COMMAND_CHECK,
		"Check everything once, now, and print a table; exit 0 if all is well, "
		"1 if degraded, 2 if something failed, 3 if something is unknown." },
	{ "catalogue", COMMAND_CATALOGUE,
		"Print the requirements as a table, as JSON or as firewall rules." },
	{ "explain", COMMAND_EXPLAIN,
		"explain ID: ask for this requirement now, and print what it is, what "
		"was "
		"said, who said no, what breaks and what to change, with the rule a "
		"firewall needs. explain all: everything that is not ok. Without an ID: "
		"which there are. Exits as check does." },
	{ "reflector", COMMAND_REFLECTOR,
		"Answer STAMP senders at many ports, so that another instance can test "
		"them: as the configuration says, or as the flags --reflector.… do." },
	{ "generate-key", COMMAND_GENERATE_KEY,
		"generate-key FILE: write a new secret for reflector and senders, never "
		"over another file." },
};

#define COMMAND_TABLE_COUNT (sizeof(commands) / sizeof(commands[0]))

static int argument_of(const struct flag *flag)
{
	if (!flag->argument)
		return no_argument;
	return *flag->argument == '[' ? optional_argument : required_argument;
}

static void fill_getopt(struct option *longs)
{
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		longs[i] = (struct option){
			.name = flags[i].name,
			.has_arg = argument_of(&flags[i]),
			.val = KNOWN_FLAG,
		};
	}
}

/* What getopt_long() stumbled over: it tells ':' and '?', and optopt when it knew the
 * flag. */
static void explain_flag(int found, const char *word, struct text *error)
{
	const char *trouble = "there is no such flag";

	if (found == ':')
		trouble = "this flag takes a value";
	else if (optopt != 0)
		trouble = "this flag takes no value";
	text_format(error, "%s: %s; see --help", word, trouble);
}

/* getopt_long() takes "--sit" for --site, until some day there are two that begin so. */
static bool is_whole(const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < FLAG_COUNT; i++) {
		if (strlen(flags[i].name) == length &&
			memcmp(flags[i].name, word, length) == 0)
			return true;
	}
	return false;
}

static bool names_are_whole(int argc, char **argv, struct text *error)
{
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) == 0 && !is_whole(argv[i] + 2)) {
			text_format(
				error, "%s: there is no such flag; see --help", argv[i]);
			return false;
		}
	}
	return true;
}

static bool take_flag(const struct flag *flag, struct options *options, const char *value)
{
	if (flag->take)
		return flag->take(options, value);
	return reflector_flags_take(&options->reflector, flag->name, value);
}

static bool take_flags(int argc, char **argv, struct options *options, struct text *error)
{
	struct option longs[FLAG_COUNT + 1] = { 0 };
	int index = 0;
	int found;

	fill_getopt(longs);
	optind = 0; /* glibc: forget an earlier command line altogether */
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":h", longs, &index)) != -1) {
		if (found == 'h') {
			options->command = COMMAND_HELP;
		} else if (found != KNOWN_FLAG) {
			explain_flag(found, argv[optind - 1], error);
			return false;
		} else if (!take_flag(&flags[index], options, optarg)) {
			text_format(error, "--%s=%s: not understood. %s",
				flags[index].name, optarg, flags[index].help);
			return false;
		}
	}
	return true;
}

static bool take_command(const char *name, struct options *options, struct text *error)
{
	for (size_t i = 0; i < COMMAND_TABLE_COUNT; i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		/* --help and --config.check are stronger than the command they stand with
		 */
		if (options->command == COMMAND_DAEMON)
			options->command = commands[i].command;
		return true;
	}
	text_format(error,
		"%s: there is no such command; write check, explain, catalogue, "
		"reflector, generate-key or none",
		name);
	return false;
}

/* What is no flag: the command, and of explain what is to be explained. */
static bool take_words(int argc, char **argv, struct options *options, struct text *error)
{
	if (optind < argc && !take_command(argv[optind++], options, error))
		return false;
	if (optind < argc && options->command == COMMAND_EXPLAIN)
		options->explained = argv[optind++];
	if (optind < argc && options->command == COMMAND_GENERATE_KEY)
		options->key_file = argv[optind++];
	if (optind == argc)
		return true;
	text_format(error, "%s: one command at a time; see --help", argv[optind]);
	return false;
}

static bool output_fits(const struct options *options, struct text *error)
{
	if (options->output == OUTPUT_NFTABLES && options->command == COMMAND_CHECK) {
		text_append(error,
			"--output=nftables belongs to the command catalogue; "
			"check prints table, json or nagios");
		return false;
	}
	if (options->output == OUTPUT_NAGIOS && options->command == COMMAND_CATALOGUE) {
		text_append(error,
			"--output=nagios belongs to the command check; "
			"catalogue prints table, json or nftables");
		return false;
	}
	return true;
}

/* \retval false  what is asked for does not go together */
static bool explains_rightly(struct options *options, struct text *error)
{
	struct config_overrides *overrides = &options->overrides;

	if (options->command != COMMAND_EXPLAIN && options->asks_daemon) {
		text_append(error, "--daemon belongs to the command explain");
		return false;
	}
	if (options->command != COMMAND_EXPLAIN)
		return true;
	if (options->output != OUTPUT_TABLE) {
		text_append(error,
			"explain prints plain text; --output belongs to check "
			"and catalogue");
		return false;
	}
	if (options->listen_count == 0)
		options->listen[options->listen_count++] = DEFAULT_LISTEN;
	if (!options->explained)
		options->explained = overrides->requirement;
	else if (strcmp(options->explained, "all") != 0)
		overrides->requirement = options->explained;
	return true;
}

static bool reflects_rightly(const struct options *options, struct text *error)
{
	if (options->command == COMMAND_GENERATE_KEY && !options->key_file) {
		text_append(error, "generate-key: write the name of the file after it");
		return false;
	}
	if (options->reflector.given && options->command != COMMAND_REFLECTOR &&
		options->command != COMMAND_HELP) {
		text_append(error,
			"--reflector.… belongs to the command reflector; the daemon's "
			"own is written in its configuration");
		return false;
	}
	return true;
}

bool options_parse(int argc, char **argv, struct options *ret_options, struct text *error)
{
	struct options options = {
		.config_file = DEFAULT_CONFIG,
		.log_level = LOG_LEVEL_INFO,
	};

	reflector_flags_init(&options.reflector);
	if (!names_are_whole(argc, argv, error) ||
		!take_flags(argc, argv, &options, error) ||
		!take_words(argc, argv, &options, error))
		return false;
	if (options.listen_count == 0 && !options.systemd_socket)
		options.listen[options.listen_count++] = DEFAULT_LISTEN;
	options.overrides.all_shards = options.command == COMMAND_CATALOGUE;
	if (!output_fits(&options, error) || !explains_rightly(&options, error) ||
		!reflects_rightly(&options, error))
		return false;
	*ret_options = options;
	return true;
}

/* As take_language() has let it pass. */
static enum language language_of(const char *name)
{
	enum language language = 0;

	while (language + 1 < LANGUAGE_COUNT &&
		strcmp(language_name(language), name) != 0)
		language++;
	return language;
}

struct config *options_load(const struct options *options)
{
	struct faults faults = { 0 };
	struct text text = { 0 };
	struct config *config =
		config_load(options->config_file, &options->overrides, &faults);

	if (!config) {
		faults_print(&faults, &text);
		fputs(text.data ? text.data : "out of memory\n", stderr);
	}
	text_done(&text);
	faults_done(&faults);
	if (config && options->language)
		config->language = language_of(options->language);
	return config;
}

void options_help(struct text *text)
{
	text_append(text,
		"usage: starface-exporter [FLAGS] [COMMAND]\n\n"
		"Tells from the network's side whether everything a STARFACE telephone\n"
		"system needs is reachable. Without a command it is a daemon that "
		"serves\n"
		"Prometheus metrics, JSON and a status page.\n\ncommands:\n");
	for (size_t i = 0; i < COMMAND_TABLE_COUNT; i++)
		text_format(text, "  %-12s %s\n", commands[i].name, commands[i].help);
	text_append(text, "\nflags:\n");
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		const char *argument = flags[i].argument ? flags[i].argument : "";

		text_format(text, "  --%s%s%s\n        %s\n", flags[i].name,
			*argument && *argument != '[' ? "=" : "", argument,
			flags[i].help);
	}
}
