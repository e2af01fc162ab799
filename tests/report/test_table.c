/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "report/columns.h"
#include "report/fixture.h"
#include "report/table.h"

static const struct table_options plain = { .language = LANGUAGE_EN };

static size_t columns_of(const char *line, size_t octets)
{
	size_t columns = 0;

	for (size_t i = 0; i < octets; i++)
		columns += ((unsigned char)line[i] & 0xc0) != 0x80;
	return columns;
}

static void check_width(const char *text)
{
	while (*text) {
		size_t octets = strcspn(text, "\n");

		if (columns_of(text, octets) > COLUMNS_MAX)
			fail_msg("too wide: %.*s", (int)octets, text);
		assert_true(octets == 0 || text[octets - 1] != ' ');
		text += octets + (text[octets] == '\n');
	}
}

static void test_width(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	for (enum language language = 0; language < LANGUAGE_COUNT; language++) {
		struct table_options options = { .language = language };
		struct text text = { 0 };

		table_write(&fixture.source, &options, &text);
		assert_false(text_failed(&text));
		check_width(text.data);
		text_done(&text);
	}
	fixture_done(&fixture);
}

/* Worst first, each with its reason, its evidence and what breaks. */
static void test_order(void **state)
{
	static const char *const pieces[] = {
		"hq (lan): 1 of 6 requirements failed.\n\n failed        license-443 ",
		"license.starface.de:443/tcp",
		"icmp-admin-prohibited  1 ms\n",
		"A firewall rule forbids this traffic",
		"[ICMP 3/13 from",
		"What breaks: The licence check fails.\n",
		" degraded      dns-udp ",
		" unknown       rtp-in               $pbx:10000-20000/udp ",
		"Run a `<reflector>` behind the firewall.\n",
		" ok            license-8383 ",
		"48 ms\n",
		"\n2 of 8 requirements failed.\n",
	};
	struct fixture fixture;
	struct text text = { 0 };
	const char *at;

	(void)state;
	fixture_init(&fixture);
	table_write(&fixture.source, &plain, &text);
	at = text.data;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		at = strstr(at, pieces[i]);
		if (!at)
			fail_msg("missing or too early: %s", pieces[i]);
	}
	text_done(&text);
	fixture_done(&fixture);
}

static void test_colour(void **state)
{
	const struct table_options coloured = { .colour = true };
	struct fixture fixture;
	struct text text = { 0 };

	(void)state;
	fixture_init(&fixture);
	table_write(&fixture.source, &plain, &text);
	assert_null(strchr(text.data, '\033'));
	text_clear(&text);
	table_write(&fixture.source, &coloured, &text);
	assert_non_null(strstr(text.data, "\033[1;31mfailed"));
	text_done(&text);
	fixture_done(&fixture);
}

/* What comes from outside cannot steer the terminal. */
static void test_columns(void **state)
{
	static const struct {
		const char *string;
		size_t width;
		const char *expected;
	} rows[] = {
		{ "plain", 8, "plain   " },
		{ "exactly", 7, "exactly" },
		{ "too long", 4, "too…" },
		{ "\033[2Jx\r\n", 7, "?[2Jx??" },
		{ "\xc2\x9b"
		  "2J",
			4, "?2J " },
		{ "\xff\xc3", 3, "?? " },
		{ "grün", 5, "grün " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };

		columns_fill(&text, rows[i].string, rows[i].width);
		assert_string_equal(text.data, rows[i].expected);
		text_done(&text);
	}
}

static void test_nagios(void **state)
{
	struct fixture fixture;
	struct text text = { 0 };
	char *bar;

	(void)state;
	fixture_init(&fixture);
	table_nagios(&fixture.source, LANGUAGE_EN, &text);
	assert_non_null(strstr(text.data,
		"STARFACE CRITICAL - 2 of 8 requirements failed. | ok=2;;;0;8 "
		"degraded=1;;;0;8 failed=2;;;0;8 unknown=3;;;0;8 "
		"completeness=62.5%;;;0;100\nhq license-443 failed: "));
	/* the worst first: who reads only the beginning reads what matters */
	assert_non_null(strstr(text.data, " failed: "));
	assert_true(strstr(text.data, " failed: ") < strstr(text.data, " degraded: "));
	assert_true(strstr(text.data, " degraded: ") < strstr(text.data, " unknown: "));
	bar = strchr(text.data, '|');
	assert_non_null(bar);
	assert_null(strchr(bar + 1, '|'));
	assert_null(strstr(text.data, "\xff"));
	text_done(&text);
	fixture_done(&fixture);
}

/* One cause of many stands above the many, in both. */
static void test_common_cause(void **state)
{
	struct fixture fixture;
	struct text text = { 0 };
	const char *common;

	(void)state;
	fixture_init(&fixture);
	fixture_cut_off(&fixture);
	table_write(&fixture.source, &plain, &text);
	common = strstr(text.data, " own-gateway: hq 2\n");
	assert_non_null(common);
	assert_non_null(strstr(common, "from 192.0.2.1] Look at the router"));
	assert_true(common < strstr(text.data, " unknown       license-443"));
	check_width(text.data);
	text_clear(&text);
	table_nagios(&fixture.source, LANGUAGE_DE, &text);
	common = strstr(text.data, "\nown-gateway: Das Gateway");
	assert_non_null(common);
	assert_non_null(strstr(common, " (hq 2)\n"));
	assert_true(common < strstr(text.data, "\nhq dns-udp"));
	text_done(&text);
	fixture_done(&fixture);
}

static void test_progress(void **state)
{
	struct fixture fixture;
	struct text text = { 0 };

	(void)state;
	fixture_init(&fixture);
	table_progress(store_record(fixture.store, 2), 3, 8, &text);
	assert_string_equal(
		text.data, "3/8 license-443 license.starface.de:443 ipv4 failed");
	text_done(&text);
	fixture_done(&fixture);
}

static void test_exit_code(void **state)
{
	struct fixture fixture;
	struct outcome outcome = { .wall_us = FIXTURE_NOW_US };

	(void)state;
	fixture_init(&fixture);
	assert_int_equal(table_exit_code(fixture.store), 2);
	outcome.finding.verdict = VERDICT_OK;
	store_outcome(fixture.store, 2, &outcome, NULL); /* license-443 */
	store_outcome(fixture.store, 7, &outcome, NULL); /* evil */
	assert_int_equal(table_exit_code(fixture.store), 1);
	store_outcome(fixture.store, 5, &outcome, NULL); /* dns-udp */
	assert_int_equal(table_exit_code(fixture.store), 3);
	fixture_done(&fixture);
}

/* Rows that cannot be run for one reason share the sentence that says so. */
static void test_grouping(void **state)
{
	static const struct site site = { .name = "hq" };
	static const struct requirement rows[] = { { .id = "a", .host = "$pbx" },
		{ .id = "b", .host = "$pbx" }, { .id = "c", .host = "$ldap" } };
	const struct check checks[] = {
		{ "1", 1, &site, &rows[0], "", 0, "", FAMILY_NONE, false,
			CAUSE_NOT_CONFIGURED, { "Set pbx.", "" } },
		{ "2", 2, &site, &rows[1], "", 0, "", FAMILY_NONE, false,
			CAUSE_NOT_CONFIGURED, { "Set pbx.", "" } },
		{ "3", 3, &site, &rows[2], "", 0, "", FAMILY_NONE, false,
			CAUSE_NOT_CONFIGURED, { "Set ldap.", "" } },
	};
	const struct plan plan = { rows, 3, &site, 1, checks, 3 };
	struct store *store = store_new(&plan, 0);
	struct report_source source = { .store = store };
	struct text text = { 0 };
	const char *hint;

	(void)state;
	table_write(&source, &plain, &text);
	hint = strstr(text.data, "Set pbx.");
	assert_non_null(hint);
	assert_true(hint > strstr(text.data, " b "));
	assert_null(strstr(hint + 1, "Set pbx."));
	assert_non_null(strstr(hint, "Set ldap.\n"));
	text_done(&text);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_colour),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_nagios),
		cmocka_unit_test(test_common_cause),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_grouping),
		cmocka_unit_test(test_exit_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
