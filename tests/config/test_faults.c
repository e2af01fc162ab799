/* SPDX-License-Identifier: Apache-2.0 */
/* Each fault a person can make: file, line, key path and what to write instead. */
#include "config/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/resolv_conf.h"
#include "files.h"

/* A row without a port of its own, of a variable that the file does not set. */
#define PORTLESS(host)                                                                   \
	"features = \"web\"; variables = ( { name = \"pbx\"; help = \"h\"; }, { name = " \
	"\"dns\"; help = \"h\"; literal = true; } ); requirements = ( { id = \"bare\"; " \
	"feature = \"web\"; vantages = \"lan\"; host = \"" host                          \
	"\"; probe = \"plain\"; "                                                        \
	"direction = \"inbound\"; transport = \"tcp\"; protocol = \"P\"; severity = "    \
	"\"info\"; source = \"s\"; breaks = { en = \"e\"; de = \"d\"; }; } );\n"

/* Its value is not a setting of the file, so that the fault stands at the site. */
static void test_port_of_no_setting(void **state)
{
	static const struct config_overrides pbx = { .pbx = "192.0.2.1" };
	static const struct {
		const char *catalogue, *expected;
		const struct config_overrides *overrides;
	} rows[] = {
		{ PORTLESS("$pbx"),
			CONF "1: sites[0].pbx: requirement \"bare\" knows no port of its "
			     "own; write \"host:port\"\n",
			&pbx },
		{ PORTLESS("$dns"),
			CONF "1: sites[0].dns: requirement \"bare\" knows no port of its "
			     "own; write \"host:port\"\n",
			NULL },
	};
	struct address servers[RESOLV_CONF_SERVERS_MAX];
	bool resolvers = resolv_conf_read("/etc/resolv.conf", servers) > 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct faults faults = { 0 };
		struct config *config = files_load(
			*state, SITE, rows[i].catalogue, rows[i].overrides, &faults);
		char *text = faults_text(*state, &faults);

		if (rows[i].overrides || resolvers)
			assert_string_equal(text, rows[i].expected);
		config_free(config);
		free(text);
		faults_done(&faults);
	}
}

static void test_text(void **state)
{
	static const struct fault_row rows[] = {
		{ "in_flight = 64;\n/* never\n" SITE, NULL,
			CONF
			"2: this comment never ends; write */ where it does\n" NO_LINE
			"sites: the configuration must have it; write a list of "
			"groups: ( { KEY = VALUE; } )\n" },
		{ SITE "ca_file = \"x;\n", NULL,
			CONF "2: this string never ends; write \" where it does\n" CONF
			     "2: ca_file: the file x;\n cannot be read: No such file or "
			     "directory\n" },
		{ "\xef\xbb\xbf" SITE, NULL,
			CONF "1: a byte order mark stands before the text; remove it\n" },
		{ SITE "# gr\xfc\xdf"
		       "e\n",
			NULL, CONF "2: this is not UTF-8; save the file in UTF-8\n" },
		/* Nothing after it is believed, and nothing is missed from there. */
		{ "/* \xfc\n\xfc */\n", NULL,
			CONF "1: this is not UTF-8; save the file in UTF-8\n" },
		{ SITE "shard = \"0/1\\x00/2\";\n", NULL,
			CONF "2: \\x00 would cut the string here; remove it\n" CONF
			     "2: shard: write \"0/2\" for the first of two instances and "
			     "\"1/2\" for the second; there can be 1000\n" },
		{ SITE "\n\nlanguage = ;\n", NULL,
			CONF
			"4: syntax error here or on the line before; write NAME = "
			"VALUE; with strings in double quotes, lists as ( A, B ) and "
			"groups as { … }\n" },
		{ SITE "per_host = 1;\nper_host = 2;\n", NULL,
			CONF
			"3: duplicate setting name here or on the line before; write "
			"NAME = VALUE; with strings in double quotes, lists as ( A, B ) "
			"and groups as { … }\n" },
	};

	CHECK_ROWS(state, rows);
}

/* With nothing of its own to stand above it, the port that is written counts. */
static void test_port_of_value(void **state)
{
	static const struct config_overrides pbx = { .pbx = "192.0.2.1:99" };
	struct faults faults = { 0 };
	struct config *config = files_load(*state, SITE, PORTLESS("$pbx"), &pbx, &faults);

	assert_no_faults(&faults);
	assert_int_equal(config->plan.check_count, 1);
	assert_int_equal(config->plan.checks[0].port, 99);
	config_free(config);
}

#define COMMA "a comma is missing before this string; write ( A, B )\n"

/* libconfig would join the two to one. */
static void test_missing_commas(void **state)
{
	static const struct fault_row rows[] = {
		{ "sites = ( { name = \"hq\"; pbx = ( \"a\" \"b\" ); } );\n", NULL,
			CONF "1: " COMMA },
		{ "sites = ( { name = \"hq\"; pbx = [ \"a\", \"b\" # and\n/* \" */ \"c\" "
		  "]; "
		  "} );\n",
			NULL, CONF "2: " COMMA },
		{ "sites = ( { name = \"hq\"; features = ( \"we\"\n\"b\" ); } );\n", NULL,
			CONF "2: " COMMA },
	};

	CHECK_ROWS(state, rows);
}

/* In a group it is one string on two lines, and after a list one is in a group again. */
static void test_joined_strings(void **state)
{
	struct faults faults = { 0 };
	struct config *config = files_load(*state,
		"sites = ( { name = \"h\"\n\"q\"; pbx = ( \"a\", \"b\" ); blank = \"x\"\n"
		"\":1\"; } );\nlanguage = \"d\" \"e\";\n",
		NULL, NULL, &faults);

	assert_no_faults(&faults);
	assert_string_equal(config->plan.sites[0].name, "hq");
	assert_int_equal(config->language, LANGUAGE_DE);
	config_free(config);
}

static void test_keys(void **state)
{
	static const struct fault_row rows[] = {
		{ SITE "langauge = \"de\";\n", NULL,
			CONF
			"2: langauge: the configuration has no such key; did you mean "
			"\"language\"? Known: catalogue, vantage, sites, requirements, "
			"ca_file, ipv6, language, in_flight, per_host, reflector, "
			"shard\n" },
		{ SITE "zzz = 1;\n", NULL,
			CONF
			"2: zzz: the configuration has no such key; known: catalogue, "
			"vantage, sites, requirements, ca_file, ipv6, language, "
			"in_flight, "
			"per_host, reflector, shard\n" },
		{ "sites = ( {\n name = \"hq\";\n pxb = \"a\"; } );\n", NULL,
			CONF
			"3: sites[0].pxb: a site has no such key; did you mean \"pbx\"? "
			"Known: name, vantage, cloud_addresses, features, pbx, dns, "
			"blank, extra\n" },
		{ "sites = ( { pbx = \"a\"; } );\n", NULL,
			CONF "1: sites[0].name: a site must have it; write a string in "
			     "double quotes\n" },
		{ "", NULL,
			NO_LINE "sites: the configuration must have it; write a list of "
				"groups: ( { KEY = VALUE; } )\n" },
		{ "sites = ( );\n", NULL,
			CONF "1: sites: there is no site; write at least ( { name = "
			     "\"hq\"; } )\n" },
		{ SITE "requirements = ( { id = \"web-08\"; } );\n", NULL,
			CONF
			"2: requirements[0].id: there is no requirement \"web-08\"; did "
			"you mean \"web-80\"?\n" },
		{ SITE "requirements = ( { id = \"nothing-like-it\"; } );\n", NULL,
			CONF "2: requirements[0].id: there is no requirement "
			     "\"nothing-like-it\"; the command catalogue lists them\n" },
		{ SITE "requirements = ( { enabled = true; } );\n", NULL,
			CONF "2: requirements[0].id: a requirement must have it; write a "
			     "string in double quotes\n" },
		{ SITE "requirements = ( { id = \"web-80\"; },\n{ id = \"web-80\"; } "
		       ");\n",
			NULL,
			CONF
			"3: requirements[1].id: \"web-80\" is changed above already; "
			"write it there\n" },
		{ "sites = ( { name = \"hq\"; },\n{ name = \"hq\"; } );\n", NULL,
			CONF
			"2: sites[1].name: another site is called \"hq\" already; write "
			"another name\n" },
		{ "sites = ( { name = \"hq\"; features = ( \"vioce\" ); } );\n", NULL,
			CONF
			"1: sites[0].features: there is no feature \"vioce\"; did you "
			"mean \"voice\"? Known: web, voice\n" },
	};

	CHECK_ROWS(state, rows);
}

static void test_values(void **state)
{
	static const struct fault_row rows[] = {
		{ SITE "in_flight = \"64\";\n", NULL,
			CONF "2: in_flight: this is a string; write an integer without "
			     "quotes\n" },
		{ SITE "in_flight = 1e3;\n", NULL,
			CONF
			"2: in_flight: this is a number with a fraction or exponent; "
			"write an integer without quotes\n" },
		{ SITE "language = de;\n", NULL,
			CONF
			"2: syntax error here or on the line before; write NAME = "
			"VALUE; with strings in double quotes, lists as ( A, B ) and "
			"groups as { … }\n" },
		{ SITE "language = \"dee\";\n", NULL,
			CONF "2: language: \"dee\" is not possible here; did you mean "
			     "\"de\"? Known: en, de\n" },
		{ SITE "ipv6 = true;\n", NULL,
			CONF "2: ipv6: this is true or false; write a word in double "
			     "quotes\n" },
		{ "sites = { name = \"hq\"; };\n", NULL,
			CONF
			"1: sites: this is a group { … }; write a list of groups: ( { "
			"KEY = VALUE; } )\n" },
		{ "sites = ( \"hq\" );\n", NULL,
			CONF
			"1: sites[0]: this is a string; write a group in braces: { KEY "
			"= VALUE; }\n" },
		{ "sites = ( { name = \"hq\"; pbx = 5; } );\n", NULL,
			CONF
			"1: sites[0].pbx: this is an integer; write a string in double "
			"quotes or a list of strings\n" },
		{ "sites = ( { name = \"hq\"; pbx = ( \"a\", 5 ); } );\n", NULL,
			CONF "1: sites[0].pbx[1]: this is an integer; write a string in "
			     "double quotes\n" },
		{ SITE "shard = \"2/2\";\n", NULL,
			CONF "2: shard: write \"0/2\" for the first of two instances and "
			     "\"1/2\" for the second; there can be 1000\n" },
		{ SITE "ca_file = \"none.pem\";\n", NULL,
			CONF
			"2: ca_file: the file none.pem cannot be read: No such file or "
			"directory\n" },
		{ SITE "ca_file = \".\";\n", NULL,
			CONF "2: ca_file: the file . is a directory; name a file\n" },
		{ SITE "catalogue = \"none\";\n", NULL,
			"none: the file cannot be read: No such file or directory\n" },
	};

	CHECK_ROWS(state, rows);
}

/* What libconfig 1.5 would take as 705032704, -1 and 1 without a word. */
static void test_cut_integers(void **state)
{
	static const struct fault_row rows[] = {
		{ SITE "in_flight = 5000000000;\n", NULL,
			CONF
			"2: in_flight: the number is out of range; write one from 1 to "
			"10000\n" },
		{ SITE "in_flight = 0xFFFFFFFF;\n", NULL,
			CONF
			"2: in_flight: the number is out of range; write one from 1 to "
			"10000\n" },
		{ SITE "in_flight = 4294967297;\n", NULL,
			CONF
			"2: in_flight: the number is out of range; write one from 1 to "
			"10000\n" },
		{ SITE "in_flight = -4294967295;\n", NULL,
			CONF
			"2: in_flight: the number is out of range; write one from 1 to "
			"10000\n" },
		{ SITE "in_flight = 5000000000000000000000L;\n", NULL,
			CONF
			"2: in_flight: the number is out of range; write one from 1 to "
			"10000\n" },
		{ SITE "in_flight = 0x10000000000000001;\n", NULL,
			CONF
			"2: in_flight: the number is out of range; write one from 1 to "
			"10000\n" },
		{ SITE "requirements = ( { id = \"portless\"; port = 65979; } );\n", NULL,
			CONF
			"2: requirements[0].port: the number is out of range; write one "
			"from 1 to 65535\n" },
		{ SITE "requirements = ( { id = \"portless\"; port = 0; } );\n", NULL,
			CONF
			"2: requirements[0].port: the number is out of range; write one "
			"from 1 to 65535\n" },
		{ SITE "requirements = ( { id = \"portless\"; port = \"9-8\"; } );\n",
			NULL,
			CONF
			"2: requirements[0].port: this is no range of ports; write "
			"\"FIRST-LAST\" with ports from 1 to 65535, or one port as a "
			"number\n" },
		{ SITE "requirements = ( { id = \"portless\"; port = \"8-9\"; } );\n",
			NULL,
			CONF
			"2: requirements[0].port: the probe \"plain\" takes no range; "
			"write one port, or the probe \"rtp\"\n" },
	};

	CHECK_ROWS(state, rows);
}

#define OVERRIDE(text) SITE "requirements = ( { id = \"web-80\"; " text " } );\n"

static void test_durations(void **state)
{
	static const struct fault_row rows[] = {
		{ OVERRIDE("interval = 30;"), NULL,
			CONF
			"2: requirements[0].interval: a duration needs its unit; write "
			"\"30s\" if seconds are meant\n" },
		{ OVERRIDE("interval = \"30\";"), NULL,
			CONF
			"2: requirements[0].interval: \"30\" is no duration; write a "
			"number with a unit of us, ms, s, m, h or d, such as \"30s\"\n" },
		{ OVERRIDE("interval = \"1ms\";"), NULL,
			CONF
			"2: requirements[0].interval: \"1ms\" is out of range; write a "
			"duration from \"100ms\" to \"1d\"\n" },
		{ OVERRIDE("interval = true;"), NULL,
			CONF
			"2: requirements[0].interval: this is true or false; write a "
			"duration such as \"30s\"\n" },
		{ OVERRIDE("interval = \"2s\";"), NULL,
			CONF "2: requirements[0].timeout: a run must end before the next "
			     "begins; "
			     "write a timeout no longer than the interval\n" },
		{ OVERRIDE("confirm = 0;"), NULL,
			CONF
			"2: requirements[0].confirm: the number is out of range; write "
			"one from 1 to 20\n" },
	};

	CHECK_ROWS(state, rows);
}

static void test_options(void **state)
{
	static const struct fault_row rows[] = {
		{ OVERRIDE("options = { texxt = \"a\"; };"), NULL,
			CONF
			"2: requirements[0].options.texxt: the probe \"full\" has no "
			"such key; did you mean \"text\"? Known: text, secret, count, "
			"pause, strict, colour\n" },
		{ OVERRIDE("options = { count = 0; };"), NULL,
			CONF
			"2: requirements[0].options.count: the number is out of range; "
			"write one from 1 to 10000000000\n" },
		{ OVERRIDE("options = { pause = 5; };"), NULL,
			CONF
			"2: requirements[0].options.pause: a duration needs its unit; "
			"write \"5s\" if seconds are meant\n" },
		{ OVERRIDE("timeout = \"2s\"; options = { pause = \"3s\"; };"), NULL,
			CONF "2: requirements[0].timeout: a run can take 3.0 s by its "
			     "options; write a longer timeout\n" },
		{ OVERRIDE("options = { strict = 1; };"), NULL,
			CONF
			"2: requirements[0].options.strict: this is an integer; write "
			"true or false without quotes\n" },
		{ OVERRIDE("options = { colour = \"grene\"; };"), NULL,
			CONF
			"2: requirements[0].options.colour: \"grene\" is not possible "
			"here; did you mean \"green\"? Known: red, green\n" },
		{ OVERRIDE("options = { text = \"bad\"; };"), NULL,
			CONF "2: requirements[0].options: text must not be bad; write "
			     "\"good\"\n" },
		{ OVERRIDE("options = 5;"), NULL,
			CONF
			"2: requirements[0].options: this is an integer; write a group "
			"in braces: { KEY = VALUE; }\n" },
		{ SITE "requirements = ( { id = \"web-443\"; options = { a = 1; }; } "
		       ");\n",
			NULL,
			CONF
			"2: requirements[0].options.a: the probe \"plain\" has no such "
			"key; known: none\n" },
	};

	CHECK_ROWS(state, rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_port_of_no_setting),
		cmocka_unit_test(test_port_of_value),
		cmocka_unit_test(test_missing_commas),
		cmocka_unit_test(test_joined_strings),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_cut_integers),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
