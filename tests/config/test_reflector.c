/* SPDX-License-Identifier: Apache-2.0 */
/* The block of the reflector: what it means, and each fault of it. */
#include "config/reflector.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/clock.h"
#include "config/load.h"
#include "files.h"

#define BLOCK(keys) SITE "reflector = { " keys " };\n"
#define OPEN        " open = true;"
#define PORTS       " ports = \"10000-10009\";"
#define AT(key)     CONF "2: reflector." key ": "
#define DIGITS      "0123456789abcdef0123456789abcdef"

static void write_key(
	const struct files *files, const char *name, const char *text, mode_t mode)
{
	char path[256];

	files_write(files, name, text);
	snprintf(path, sizeof(path), "%s/%s", files->folder, name);
	assert_int_equal(chmod(path, mode), 0);
}

static void test_defaults(void **state)
{
	struct faults faults = { 0 };
	struct config *config =
		files_load(*state, BLOCK(PORTS OPEN), NULL, NULL, &faults);
	const struct reflector_settings *settings;

	assert_no_faults(&faults);
	settings = &config->reflector->settings;
	assert_int_equal(settings->range_count, 1);
	assert_int_equal(settings->ranges[0].first, 10000);
	assert_int_equal(settings->ranges[0].last, 10009);
	assert_int_equal(settings->control_port, 862);
	assert_int_equal(settings->address.family, FAMILY_NONE);
	assert_null(settings->key);
	assert_int_equal(settings->source_count, 0);
	assert_false(settings->halves);
	assert_false(settings->steers);
	assert_int_equal(settings->turn_us, 5 * MINUTE);
	assert_int_equal(settings->retry_us, 10 * SECOND);
	assert_int_equal(settings->rate.per_second, 200000);
	assert_int_equal(settings->source_rate.per_second, 100000);
	config_free(config);
	config = files_load(*state, SITE, NULL, NULL, &faults);
	assert_null(config->reflector);
	config_free(config);
}

static void test_all_keys(void **state)
{
	struct faults faults = { 0 };
	const struct reflector_settings *settings;
	struct config *config;

	write_key(*state, "rtp.key", DIGITS DIGITS "\n", 0640);
	config = files_load(*state,
		BLOCK("ports = ( \"20000-20009\", \"5004\", \"5005-5006\" ); "
		      "control_port = 0; key_file = \"rtp.key\"; address = \"::1\"; "
		      "sources = ( \"192.0.2.0/25\", \"2001:db8::/32\", \"::1\" ); "
		      "share = \"half\"; turn = \"1m\"; retry = \"1s\"; rate = 5; "
		      "source_rate = 3;"),
		NULL, NULL, &faults);
	assert_no_faults(&faults);
	settings = &config->reflector->settings;
	assert_int_equal(settings->range_count, 3);
	assert_int_equal(settings->ranges[0].first, 5004);
	assert_int_equal(settings->ranges[0].last, 5004);
	assert_int_equal(settings->ranges[2].first, 20000);
	assert_int_equal(settings->control_port, 0);
	assert_non_null(settings->key);
	assert_int_equal(settings->address.family, FAMILY_IPV6);
	assert_int_equal(settings->source_count, 3);
	assert_int_equal(settings->sources[0].length, 25);
	assert_int_equal(settings->sources[1].length, 32);
	assert_int_equal(settings->sources[2].length, 128);
	assert_true(settings->halves);
	assert_int_equal(settings->turn_us, MINUTE);
	assert_int_equal(settings->rate.per_second, 5);
	assert_int_equal(settings->source_rate.burst, 3);
	config_free(config);
}

static void test_faults(void **state)
{
	static const struct fault_row rows[] = {
		{ BLOCK(OPEN), NULL,
			AT("ports") "the reflector must have it; write a string in "
				    "double quotes or a list of strings\n" },
		{ BLOCK(OPEN " ports = ( );"), NULL,
			AT("ports") "a reflector must have some; write a range\n" },
		{ BLOCK(OPEN " ports = 10000;"), NULL,
			AT("ports") "this is an integer; write a string in double "
				    "quotes or a list of strings\n" },
		{ BLOCK(OPEN " ports = \"20000-10000\";"), NULL,
			AT("ports") "\"20000-10000\" is no range of ports; write "
				    "\"FIRST-LAST\" or \"PORT\" with ports from 1024 to "
				    "65535\n" },
		{ BLOCK(OPEN " ports = \"10000-65536\";"), NULL,
			AT("ports") "\"10000-65536\" is no range of ports; write "
				    "\"FIRST-LAST\" or \"PORT\" with ports from 1024 to "
				    "65535\n" },
		{ BLOCK(OPEN " ports = \"10000-\";"), NULL,
			AT("ports") "\"10000-\" is no range of ports; write "
				    "\"FIRST-LAST\" or \"PORT\" with ports from 1024 to "
				    "65535\n" },
		{ BLOCK(OPEN " ports = \"1000-2000\";"), NULL,
			AT("ports") "\"1000-2000\" begins below 1024, where the "
				    "services of a host have their ports; begin at "
				    "1024\n" },
		{ BLOCK(OPEN " ports = ( \"2000-3000\", \"1500-2000\" );"), NULL,
			AT("ports") "1500-2000 and 2000-3000 have ports in common; "
				    "write each port once\n" },
		{ BLOCK(PORTS), NULL,
			AT("key_file") "a reflector must have it, or open = true to "
				       "answer whoever asks; the command generate-key "
				       "writes one\n" },
		{ BLOCK(PORTS OPEN " key_file = \"none.key\";"), NULL,
			AT("open") "there is a key_file, so nobody is answered without "
				   "it; remove one of the two\n" },
		{ BLOCK(PORTS " key_file = \"none.key\";"), NULL,
			AT("key_file") "the file none.key cannot be read: No such file "
				       "or directory\n" },
		{ BLOCK(PORTS " key_file = \"wide.key\";"), NULL,
			AT("key_file") "the file wide.key is open to everybody; chmod "
				       "o= it, and make a new key if it was so for "
				       "long\n" },
		{ BLOCK(PORTS " key_file = \"short.key\";"), NULL,
			AT("key_file") "the file short.key holds a key of 16 octets; "
				       "write 32 or more; `starface-exporter "
				       "generate-key FILE` writes a sound one\n" },
	};

	write_key(*state, "short.key", DIGITS, 0600);
	write_key(*state, "wide.key", DIGITS DIGITS, 0644);
	CHECK_ROWS(state, rows);
}

static void test_faults_of_others(void **state)
{
	static const struct fault_row rows[] = {
		{ BLOCK(PORTS OPEN " address = \"localhost\";"), NULL,
			AT("address") "\"localhost\" is no address of an interface "
				      "that is here; write an IPv4 or IPv6 address of "
				      "this host\n" },
		{ BLOCK(PORTS OPEN " share = \"half\"; turn = \"59s\";"), NULL,
			AT("turn") "\"59s\" is out of range; write a duration from "
				   "\"1m\" to \"1d\"\n" },
		{ BLOCK(PORTS OPEN " sources = ( \"192.0.2.0/33\" );"), NULL,
			AT("sources") "\"192.0.2.0/33\" is no address and no prefix; "
				      "write \"192.0.2.7\", \"192.0.2.0/24\" or "
				      "\"2001:db8::/32\"\n" },
		{ BLOCK(PORTS OPEN " sources = ( \"192.0.2.7/24\" );"), NULL,
			AT("sources") "\"192.0.2.7/24\" has bits behind its first 24; "
				      "write the first address of the prefix\n" },
		{ BLOCK(PORTS OPEN " sources = \"::/0\";"), NULL,
			AT("sources") "\"::/0\" is everybody; leave sources out if "
				      "that is meant\n" },
		{ BLOCK(PORTS OPEN " steer = true;"), NULL,
			AT("sources") "with steer = true packets of the sources are "
				      "taken from whoever has the port, a PBX "
				      "included; write the addresses of the senders\n" },
		{ BLOCK(PORTS OPEN " steer = true; sources = \"::1\"; share = \"half\";"),
			NULL,
			AT("share") "with steer = true no port is held and all stay "
				    "free; remove one of the two\n" },
		{ BLOCK(PORTS OPEN " share = \"third\";"), NULL,
			AT("share") "\"third\" is not possible here; known: all, "
				    "half\n" },
		{ BLOCK(PORTS OPEN " control_port = 65536;"), NULL,
			AT("control_port") "the number is out of range; write one from "
					   "0 to 65535\n" },
		{ BLOCK(PORTS OPEN " port = 5;"), NULL,
			AT("port") "the reflector has no such key; did you mean "
				   "\"ports\"? Known: ports, control_port, key_file, "
				   "open, address, sources, share, turn, retry, steer, "
				   "rate, source_rate\n" },
		{ SITE "reflector = true;\n", NULL,
			CONF "2: reflector: this is true or false; write a group in "
			     "braces: { KEY = VALUE; }\n" },
	};

	CHECK_ROWS(state, rows);
}

/* Each port is a descriptor; the limit is the process's, so it is lowered for this. */
static void test_descriptors(void **state)
{
	static const struct fault_row rows[] = {
		{ BLOCK(OPEN " ports = \"10000-10999\";"), NULL,
			AT("ports") "1000 ports need 1264 descriptors with all else, and "
				    "this process may have 1200; write LimitNOFILE=1264 "
				    "into its unit or steer = true, or name fewer "
				    "ports\n" },
	};
	static const char *const fit[] = {
		BLOCK(OPEN " ports = \"10000-10930\";"),
		BLOCK(OPEN " ports = \"10000-10999\"; share = \"half\";"),
		BLOCK(OPEN " ports = \"10000-10999\"; steer = true; sources = \"::1\";"),
	};
	struct rlimit before, low;

	getrlimit(RLIMIT_NOFILE, &before);
	low = (struct rlimit){ 1200, 1200 };
	if (setrlimit(RLIMIT_NOFILE, &low) < 0)
		skip(); /* valgrind keeps some for itself */
	CHECK_ROWS(state, rows);
	for (size_t i = 0; i < sizeof(fit) / sizeof(fit[0]); i++) {
		struct faults faults = { 0 };
		struct config *config = files_load(*state, fit[i], NULL, NULL, &faults);

		assert_no_faults(&faults);
		assert_true(config->reflector->descriptors <= 1200);
		config_free(config);
	}
	setrlimit(RLIMIT_NOFILE, &before);
}

/* In a network of its own, whose programs send from few ports. */
static void test_ephemeral(void **state)
{
	static const struct fault_row rows[] = {
		{ BLOCK(OPEN " ports = ( \"5004\", \"40999-42000\" );"), NULL,
			AT("ports") "programs of this host send from ports 40000-41998, "
				    "and 999 of them are left to them; leave 1000, or "
				    "write steer = true or share = \"half\"\n" },
	};
	struct faults faults = { 0 };
	FILE *stream;
	struct config *config;

	if (unshare(CLONE_NEWNET) < 0)
		skip();
	stream = fopen("/proc/sys/net/ipv4/ip_local_port_range", "we");
	if (!stream)
		skip();
	fputs("40000 41998", stream);
	assert_int_equal(fclose(stream), 0);
	CHECK_ROWS(state, rows);
	config = files_load(
		*state, BLOCK(OPEN " ports = \"41000-42000\";"), NULL, NULL, &faults);
	assert_no_faults(&faults);
	config_free(config);
}

/* The same words on a command line, and the same faults. */
static void test_flags(void **state)
{
	struct reflector_flags flags;
	struct faults faults = { 0 };
	struct arena arena = { 0 };
	const struct reflector_place place = { .faults = &faults, .arena = &arena };
	struct reflector_block block;
	struct reflector_plan plan;
	struct text text = { 0 };

	(void)state;
	reflector_flags_init(&flags);
	assert_false(flags.given);
	assert_true(reflector_flags_take(&flags, "reflector.ports", "5004"));
	assert_true(reflector_flags_take(&flags, "reflector.ports", "6000-6001"));
	assert_true(reflector_flags_take(&flags, "reflector.control-port", "8862"));
	assert_true(reflector_flags_take(&flags, "reflector.sources", "::1"));
	assert_true(reflector_flags_take(&flags, "reflector.steer", NULL));
	assert_true(reflector_flags_take(&flags, "reflector.open", NULL));
	assert_true(reflector_flags_take(&flags, "reflector.share", "all"));
	assert_false(reflector_flags_take(&flags, "reflector.share", "some"));
	assert_false(reflector_flags_take(&flags, "reflector.control-port", "70000"));
	assert_true(flags.given);
	block = reflector_flags_block(&flags);
	assert_true(reflector_build(&block, &place, &plan));
	assert_int_equal(plan.settings.range_count, 2);
	assert_int_equal(plan.settings.control_port, 8862);
	assert_true(plan.settings.steers);
	reflector_release(&plan);
	reflector_flags_init(&flags);
	assert_true(reflector_flags_take(&flags, "reflector.key-file", "/nowhere"));
	block = reflector_flags_block(&flags);
	assert_false(reflector_build(&block, &place, &plan));
	faults_print(&faults, &text);
	assert_string_equal(text.data,
		"--reflector.ports: a reflector must have some; write a range\n"
		"--reflector.key-file: the file /nowhere cannot be read: No such file "
		"or directory\n");
	reflector_release(&plan);
	text_done(&text);
	faults_done(&faults);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_defaults, files_setup, files_teardown),
		cmocka_unit_test_setup_teardown(
			test_all_keys, files_setup, files_teardown),
		cmocka_unit_test_setup_teardown(test_faults, files_setup, files_teardown),
		cmocka_unit_test_setup_teardown(
			test_faults_of_others, files_setup, files_teardown),
		cmocka_unit_test_setup_teardown(
			test_ephemeral, files_setup, files_teardown),
		cmocka_unit_test(test_flags),
		/* the last one: what is lowered may stay so */
		cmocka_unit_test_setup_teardown(
			test_descriptors, files_setup, files_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
