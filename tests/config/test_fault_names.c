/* SPDX-License-Identifier: Apache-2.0 */
/* Faults in names, sites, the catalogue and on the command line. */
#include "config/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "files.h"

struct name_row {
	const char *value;
	const char *expected;
};

static void test_names(void **state)
{
	static const struct name_row rows[] = {
		{ "https://pbx.example.com/",
			"write only the host name, without the scheme" },
		{ "pbx.example.com/admin", "write only the host name, without a path" },
		{ "admin@pbx", "write only the host name, without a user" },
		{ "a b",
			"write one host name; several go into a list: ( \"A\", \"B\" )" },
		{ "*.example.com", "write a real host name, no wildcard" },
		{ "", "write a host name, or leave the key out" },
		{ ".example",
			"write the host name without a dot at its beginning or "
			"end" },
		{ "example.",
			"write the host name without a dot at its beginning or "
			"end" },
		{ "a..b", "write the host name with single dots" },
		{ "-a.example",
			"a part between two dots must not begin or end with "
			"\"-\"" },
		{ "a!.example", "a host name has only letters, digits, \"-\" and dots" },
		{ "192.0.2.256",
			"this is no IPv4 address; write four numbers from 0 to "
			"255" },
		{ "2001:db8::xyz",
			"this is no IPv6 address; write \"2001:db8::1\", or "
			"with a port \"[2001:db8::1]:443\"" },
		{ "pbx:0", "after the colon write a port from 1 to 65535" },
		{ "pbx:65536", "after the colon write a port from 1 to 65535" },
		{ "pbx:x", "after the colon write a port from 1 to 65535" },
		{ "pbx:", "after the colon write a port from 1 to 65535" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"a part between two dots has at most 63 characters" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text config = { 0 }, expected = { 0 };

		text_format(&config, "sites = ( { name = \"hq\"; pbx = \"%s\"; } );",
			rows[i].value);
		text_format(&expected, CONF "1: sites[0].pbx: \"%s\": %s\n",
			rows[i].value, rows[i].expected);
		check_fault_rows(state,
			&(struct fault_row){ config.data, NULL, expected.data }, 1);
		text_done(&config);
		text_done(&expected);
	}
}

static void test_sites(void **state)
{
	static const struct fault_row rows[] = {
		{ "sites = ( { name = \"hq\"; pbx = \"büro.example\"; } );\n", NULL,
			CONF
			"1: sites[0].pbx: \"b\\xc3\\xbcro.example\": international "
			"names go by their ASCII form: write the punycode, xn--…\n" },
		{ "sites = ( { name = \"H Q\"; } );\n", NULL,
			CONF "1: sites[0].name: \"H Q\" cannot be a name; write 1 to 63 "
			     "characters of a-z, 0-9 and \"-\"\n" },
		{ "sites = ( { name = \"hq\"; pbx = ( \"a\", \"A\" ); } );\n", NULL,
			CONF "1: sites[0].pbx: \"A\" stands here twice; remove one\n" },
		{ "sites = ( { name = \"hq\"; pbx = ( \"::1\", \"0:0::1\" ); } );\n",
			NULL,
			CONF
			"1: sites[0].pbx: \"0:0::1\" stands here twice; remove one\n" },
		{ "sites = ( { name = \"hq\"; dns = \"ns.example\"; } );\n", NULL,
			CONF
			"1: sites[0].dns: \"ns.example\" is a name; write its address, "
			"for a name server cannot be looked up before there is one\n" },
		{ "sites = ( { name = \"hq\"; blank = \"b.example\"; } );\n", NULL,
			CONF
			"1: sites[0].blank: requirement \"blank\" knows no port of its "
			"own; write \"host:port\"\n" },
	};

	CHECK_ROWS(state, rows);
}

#define ROW_COMMON                                                                       \
	"feature = \"f\"; direction = \"both\"; vantages = \"lan\"; transport = "        \
	"\"tcp\"; protocol = \"P\"; severity = \"info\"; source = \"s\"; breaks = { en " \
	"= \"e\"; de = \"d\"; }; "
#define TOP       "features = \"f\"; variables = ( { name = \"v\"; help = \"h\"; } );\n"
#define ROW(text) TOP "requirements = ( { " ROW_COMMON text " } );\n"

static void test_catalogue(void **state)
{
	static const struct fault_row rows[] = {
		{ SITE, ROW("id = \"a\"; host = \"$vv\"; probe = \"plain\";"),
			CATALOGUE "2: requirements[0].host: the catalogue has no such "
				  "variable; did you mean \"v\"? Known: v\n" },
		{ SITE, ROW("id = \"a\"; host = \"a/b\"; probe = \"plain\";"),
			CATALOGUE "2: requirements[0].host: \"a/b\": write only the host "
				  "name, without a path\n" },
		{ SITE, ROW("id = \"a\"; host = \"$v\"; probe = \"pain\";"),
			CATALOGUE
			"2: requirements[0].probe: there is no probe \"pain\"; did "
			"you mean \"plain\"? Known: full, plain, ranged\n" },
		{ SITE, ROW("id = \"a\"; host = \"$v\";"),
			CATALOGUE
			"2: requirements[0].hint: a requirement without a probe must "
			"say why; write hint = { en = \"…\"; de = \"…\"; }\n" },
		{ SITE,
			ROW("id = \"a\"; host = \"$v\"; probe = \"plain\"; hint = { en = "
			    "\"x\"; };"),
			CATALOGUE "2: requirements[0].hint.de: this group must have it; "
				  "write a sentence in double quotes\n" },
		{ SITE, ROW("id = \"A\"; host = \"$v\"; probe = \"plain\";"),
			CATALOGUE
			"2: requirements[0].id: \"A\" cannot be a name; write 1 to "
			"63 characters of a-z, 0-9 and \"-\"\n" },
		{ SITE,
			TOP "requirements = ( { id = \"a\"; host = \"$v\"; probe = "
			    "\"plain\"; " ROW_COMMON "},\n{ id = \"a\"; host = \"$v\"; "
			    "probe = \"plain\"; " ROW_COMMON "} );\n",
			CATALOGUE
			"3: requirements[1].id: another requirement has this id "
			"already; write another\n" },
		{ SITE,
			"features = \"g\"; variables = ( { name = \"v\"; help = \"h\"; } "
			");\n"
			"requirements = ( { id = \"a\"; host = \"$v\"; probe = "
			"\"plain\"; " ROW_COMMON "} );\n",
			CATALOGUE
			"2: requirements[0].feature: the catalogue lists no such "
			"feature; known: g\n" },
		{ SITE,
			"features = ( ); variables = ( { name = \"v\"; help = \"h\"; },\n"
			"{ name = \"v\"; help = \"x\\ny\"; } ); requirements = ( );\n",
			CATALOGUE
			"2: variables[1].help: this is for people to read; write "
			"text in one line without control characters\n" CATALOGUE
			"2: variables[1]: another variable is called \"v\" "
			"already; remove one\n" },
	};

	CHECK_ROWS(state, rows);
}

/* One look finds everything, in both files. */
static void test_all_at_once(void **state)
{
	static const struct fault_row row = {
		"sites = ( { name = \"hq\"; pbx = \"a/b\"; } );\nin_flight = 0;\n"
		"laguage = \"de\";\n/* \\x */\nshard = \"1\\q\";\nrequirements = ( { id "
		"= "
		"\"b\"; } );\n",
		ROW("id = \"a\"; host = \"$v\"; probe = \"none\"; interval = 5;"),
		CONF
		"5: this escape is not known; write \\\\ for a backslash, or one of "
		"\\n \\r \\t \\f \\\" \\x41\n" CONF
		"2: in_flight: the number is out of range; write one from 1 to "
		"10000\n" CONF
		"3: laguage: the configuration has no such key; did you mean "
		"\"language\"? Known: catalogue, vantage, sites, requirements, "
		"ca_file, ipv6, language, in_flight, per_host, reflector, shard\n" CONF
		"5: shard: write \"0/2\" for the first of two instances and \"1/2\" "
		"for the second; there can be 1000\n" CATALOGUE
		"2: requirements[0].interval: a duration needs its unit; write "
		"\"5s\" if seconds are meant\n" CONF
		"6: requirements[0].id: there is no requirement \"b\"; the "
		"command catalogue lists them\n" CATALOGUE
		"2: requirements[0].probe: there is no probe \"none\"; known: "
		"full, plain, ranged\n" CONF
		"1: sites[0].pbx: a site has no such key; known: name, vantage, "
		"cloud_addresses, features, v\n"
	};

	check_fault_rows(state, &row, 1);
}

static void check_override(
	void **state, const struct config_overrides *overrides, const char *expected)
{
	struct faults faults = { 0 };
	struct config *config = files_load(*state, SITE, NULL, overrides, &faults);
	char *text = faults_text(*state, &faults);

	assert_null(config);
	assert_string_equal(text, expected);
	free(text);
	faults_done(&faults);
}

static void test_overrides(void **state)
{
	check_override(state, &(struct config_overrides){ .site = "hg" },
		"--site: there is no site \"hg\"; the configuration names: hq\n");
	check_override(state, &(struct config_overrides){ .pbx = "a/b" },
		"--pbx: \"a/b\": write only the host name, without a path\n");
	check_override(state, &(struct config_overrides){ .requirement = "web-8" },
		"--requirement: there is no requirement \"web-8\"; did you mean "
		"\"web-80\"?\n");
	check_override(state, &(struct config_overrides){ .requirement = "off" },
		"--requirement: \"off\" is not checked at any site: it is switched off, "
		"or its feature \"voice\" is, or its variable is empty\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sites),
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_overrides),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
