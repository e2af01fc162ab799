/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program/daemon_client.h"
#include "program/options.h"

#define WORDS_MAX 12

static bool parse(const char *const *words, struct options *options, struct text *error)
{
	char *argv[WORDS_MAX + 2] = { (char *)(uintptr_t) "starface-exporter" };
	int argc = 1;

	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	return options_parse(argc, argv, options, error);
}

static void defaults(void **state)
{
	static const char *const words[] = { NULL };
	struct options options;
	struct text error = { 0 };

	(void)state;
	assert_true(parse(words, &options, &error));
	assert_int_equal(options.command, COMMAND_DAEMON);
	assert_int_equal(options.listen_count, 1);
	assert_string_equal(options.listen[0], ":29115");
	assert_int_equal(options.log_level, LOG_LEVEL_INFO);
	assert_int_equal(error.length, 0);
}

static void commands(void **state)
{
	static const struct {
		const char *words[4];
		enum command command;
		enum output output;
	} rows[] = {
		{ { "check" }, COMMAND_CHECK, OUTPUT_TABLE },
		{ { "check", "--output=nagios" }, COMMAND_CHECK, OUTPUT_NAGIOS },
		{ { "--output", "json", "check" }, COMMAND_CHECK, OUTPUT_JSON },
		{ { "catalogue", "--output=nftables" }, COMMAND_CATALOGUE,
			OUTPUT_NFTABLES },
		{ { "--config.check" }, COMMAND_CONFIG_CHECK, OUTPUT_TABLE },
		{ { "--version" }, COMMAND_VERSION, OUTPUT_TABLE },
		{ { "-h" }, COMMAND_HELP, OUTPUT_TABLE },
		{ { "check", "--help" }, COMMAND_HELP, OUTPUT_TABLE },
		{ { "explain", "ntp" }, COMMAND_EXPLAIN, OUTPUT_TABLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct options options;
		struct text error = { 0 };

		assert_true(parse(rows[i].words, &options, &error));
		assert_int_equal(options.command, rows[i].command);
		assert_int_equal(options.output, rows[i].output);
		assert_int_equal(options.overrides.all_shards,
			options.command == COMMAND_CATALOGUE);
	}
}

static void flags(void **state)
{
	static const char *const words[] = { "--config.file=a.conf",
		"--web.listen-address=127.0.0.1:1", "--web.listen-address", "[::1]:2",
		"--log.level=debug", "--log.format=json", "--pbx=192.0.2.10", "--site=hq",
		"--requirement=ntp", NULL };
	struct options options;
	struct text error = { 0 };

	(void)state;
	assert_true(parse(words, &options, &error));
	assert_string_equal(options.config_file, "a.conf");
	assert_int_equal(options.listen_count, 2);
	assert_string_equal(options.listen[1], "[::1]:2");
	assert_int_equal(options.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(options.log_format, LOG_FORMAT_JSON);
	assert_string_equal(options.overrides.pbx, "192.0.2.10");
	assert_string_equal(options.overrides.site, "hq");
	assert_string_equal(options.overrides.requirement, "ntp");
}

static void explains(void **state)
{
	static const struct {
		const char *words[4];
		const char *explained, *requirement, *url;
		bool asks_daemon;
	} rows[] = {
		{ { "explain" }, NULL, NULL, NULL, false },
		{ { "explain", "ntp" }, "ntp", "ntp", NULL, false },
		{ { "explain", "all" }, "all", NULL, NULL, false },
		{ { "explain", "--requirement=ntp" }, "ntp", "ntp", NULL, false },
		{ { "explain", "ntp", "--daemon" }, "ntp", "ntp", NULL, true },
		{ { "explain", "--daemon=http://a:1", "--web.systemd-socket" }, NULL,
			NULL, "http://a:1", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct options options;
		struct text error = { 0 };

		assert_true(parse(rows[i].words, &options, &error));
		assert_int_equal(options.asks_daemon, rows[i].asks_daemon);
		assert_true(options.listen_count > 0);
		assert_string_equal(options.explained ? options.explained : "",
			rows[i].explained ? rows[i].explained : "");
		assert_string_equal(options.overrides.requirement
				? options.overrides.requirement
				: "",
			rows[i].requirement ? rows[i].requirement : "");
		assert_string_equal(options.daemon_url ? options.daemon_url : "",
			rows[i].url ? rows[i].url : "");
	}
}

static void reflects(void **state)
{
	static const char *const words[] = { "reflector", "--reflector.ports=5004",
		"--reflector.ports", "6000-6001", "--reflector.open",
		"--reflector.key-file=rtp.key", NULL };
	static const char *const key_words[] = { "generate-key", "rtp.key", NULL };
	struct options options;
	struct text error = { 0 };
	struct reflector_block block;

	(void)state;
	assert_true(parse(words, &options, &error));
	assert_int_equal(options.command, COMMAND_REFLECTOR);
	assert_true(options.reflector.given);
	block = reflector_flags_block(&options.reflector);
	assert_int_equal(block.ports.count, 2);
	assert_string_equal(block.ports.items[0], "5004");
	assert_string_equal(block.ports.items[1], "6000-6001");
	assert_true(block.open);
	assert_string_equal(block.key_file, "rtp.key");
	assert_int_equal(block.control_port, 862);
	assert_true(parse(key_words, &options, &error));
	assert_int_equal(options.command, COMMAND_GENERATE_KEY);
	assert_false(options.reflector.given);
	assert_string_equal(options.key_file, "rtp.key");
}

static void knows_where_the_daemon_is(void **state)
{
	static const char *const rows[][2] = {
		{ ":29115", "http://127.0.0.1:29115" },
		{ "0.0.0.0:1", "http://127.0.0.1:1" },
		{ "[::]:1", "http://[::1]:1" },
		{ "192.0.2.1:80", "http://192.0.2.1:80" },
		{ "[2001:db8::1]:80", "http://[2001:db8::1]:80" },
	};
	struct text error = { 0 }, path = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text url = { 0 };

		assert_true(daemon_client_url(rows[i][0], &url, &error));
		assert_string_equal(url.data, rows[i][1]);
		text_done(&url);
	}
	assert_false(daemon_client_url("unix:/run/socket", &path, &error));
	assert_string_equal(error.data,
		"unix:/run/socket: explain asks over TCP; write "
		"--daemon=http://HOST:PORT");
	daemon_client_encode(&path, "Büro 1/a&b");
	assert_string_equal(path.data, "B%C3%BCro%201%2Fa%26b");
	text_done(&path);
	text_done(&error);
}

/* Each says which word is wrong and what to write instead. */
static void mistakes(void **state)
{
	static const struct {
		const char *words[4];
		const char *says;
	} rows[] = {
		{ { "--no-such" }, "--no-such: there is no such flag; see --help" },
		{ { "--sit=hq" }, "--sit=hq: there is no such flag; see --help" },
		{ { "--pbx" }, "--pbx: this flag takes a value; see --help" },
		{ { "--log.level=loud" },
			"--log.level=loud: not understood. debug, info, warn or error; "
			"default info." },
		{ { "chek" },
			"chek: there is no such command; write check, explain, "
			"catalogue, reflector, generate-key or none" },
		{ { "generate-key" },
			"generate-key: write the name of the file after it" },
		{ { "generate-key", "a", "b" }, "b: one command at a time; see --help" },
		{ { "--reflector.open" },
			"--reflector.… belongs to the command reflector; the daemon's "
			"own is written in its configuration" },
		{ { "reflector", "--reflector.open=yes" },
			"--reflector.open=yes: this flag takes no value; see --help" },
		{ { "reflector", "--reflector.control-port=x" },
			"--reflector.control-port=x: not understood. reflector: where "
			"senders ask about the others; default 862, 0 for none." },
		{ { "check", "--daemon" }, "--daemon belongs to the command explain" },
		{ { "explain", "--output=json" },
			"explain prints plain text; --output belongs to check and "
			"catalogue" },
		{ { "explain", "ntp", "dns" }, "dns: one command at a time; see --help" },
		{ { "--language=fr" },
			"--language=fr: not understood. en or de; default as "
			"configured." },
		{ { "check", "catalogue" },
			"catalogue: one command at a time; see --help" },
		{ { "check", "--output=nftables" },
			"--output=nftables belongs to the command catalogue; check "
			"prints "
			"table, json or nagios" },
		{ { "catalogue", "--output=nagios" },
			"--output=nagios belongs to the command check; catalogue prints "
			"table, json or nftables" },
		{ { "--version=3" },
			"--version=3: this flag takes no value; see --help" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct options options;
		struct text error = { 0 };

		assert_false(parse(rows[i].words, &options, &error));
		assert_string_equal(error.data, rows[i].says);
		text_done(&error);
	}
}

static void help_names_every_flag(void **state)
{
	static const char *const names[] = { "--config.file=FILE", "--config.check",
		"--web.listen-address=ADDRESS", "--web.systemd-socket",
		"--log.level=LEVEL", "--log.format=FORMAT", "--pbx=ADDRESS",
		"--site=NAME", "--requirement=ID", "--output=FORMAT", "--version",
		"--help", "--language=LANGUAGE", "--daemon[=URL]", "check", "catalogue",
		"explain", "reflector", "generate-key", "--reflector.ports=RANGE",
		"--reflector.control-port=PORT", "--reflector.key-file=FILE",
		"--reflector.open\n", "--reflector.address=ADDRESS",
		"--reflector.sources=PREFIX", "--reflector.share=WHICH",
		"--reflector.steer\n" };
	struct text text = { 0 };

	(void)state;
	options_help(&text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(strstr(text.data, names[i]));
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(commands),
		cmocka_unit_test(flags),
		cmocka_unit_test(explains),
		cmocka_unit_test(reflects),
		cmocka_unit_test(knows_where_the_daemon_is),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(help_names_every_flag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
