/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "report/fixture.h"
#include "report/page.h"

static void check_pieces(
	const struct fixture *fixture, enum language language, const char *const *pieces)
{
	struct text text = { 0 };
	const char *at;

	page_write(&fixture->source, language, &text);
	assert_false(text_failed(&text));
	at = text.data;
	for (; *pieces; pieces++) {
		at = strstr(at, *pieces);
		if (!at)
			fail_msg("missing or too early: %s", *pieces);
	}
	text_done(&text);
}

static void test_pieces(void **state)
{
	static const char *const english[] = {
		"<html lang=\"en\">",
		"<meta http-equiv=\"refresh\" content=\"30\">",
		"<title>2 of 8 requirements failed. – STARFACE reachability</title>",
		"<p class=\"verdict failed\" role=\"status\">",
		"href=\"?lang=de\" hreflang=\"de\" lang=\"de\"",
		"<a href=\"#hq.license-443\">license-443</a>",
		"<span class=\"evidence\">ICMP 3/13 from 192.0.2.1</span>",
		"<span class=\"figure\">4 of 6</span> rows really tested",
		"<tr id=\"hq.license-8383\" class=\"ok\">",
		"license.starface.de:8383/tcp",
		"48 ms",
		"api/v1/requirements/license-8383/explain?lang=en&amp;site=hq\">",
		"To make it testable: Run a <code>&lt;reflector&gt;</code> behind the "
		"firewall.",
		"Not confirmed yet",
		"<h2>Reflector of this host</h2>",
		"<dt>Ports held</dt><dd>9990 <span class=\"evidence\">10000-11999, "
		"12010-19998, 20001</span></dd>",
		"<dt>Used by another program</dt><dd>10 ",
		"<dt>Refused by the kernel</dt><dd>2 <span class=\"evidence\">862, "
		"19999</span> <span class=\"evidence\">Permission denied</span></dd>",
		"<dt>Packets answered</dt><dd>37</dd>",
		"<dt>Packets dropped</dt><dd>15 <span class=\"evidence\">bad-hmac 7, "
		"overflow 5, unsent 3</span>",
		"<dt>Answers only with the key</dt><dd>yes</dd>",
		"An outbound row proves the path of this host and no other",
		"href=\"metrics\"",
		"href=\"api/v1/status\"",
		NULL,
	};
	static const char *const german[] = {
		"<html lang=\"de\">",
		"2 von 8 Anforderungen sind nicht erfüllt.",
		"14.10.2026, 09:20 UTC",
		"eingeschränkt",
		"Was ohne sie ausfällt",
		"Starten Sie einen Reflektor hinter der Firewall.",
		"<dt>Gehaltene Ports</dt>",
		"beweist den Weg dieses Rechners",
		NULL,
	};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	check_pieces(&fixture, LANGUAGE_EN, english);
	check_pieces(&fixture, LANGUAGE_DE, german);
	fixture_done(&fixture);
}

/* A host that did not tell about itself is not said to be down. */
static void test_unknown_host(void **state)
{
	static const char *const pieces[] = { "The kernel did not tell.", NULL };
	struct fixture fixture;
	struct text text = { 0 };

	(void)state;
	fixture_init(&fixture);
	fixture.source.host.known = false;
	check_pieces(&fixture, LANGUAGE_EN, pieces);
	page_write(&fixture.source, LANGUAGE_EN, &text);
	assert_null(strstr(text.data, "Default route"));
	text_done(&text);
	fixture_done(&fixture);
}

/* Most have none; of a half's thousands of ranges the page says how many ports. */
static void test_reflector(void **state)
{
	struct reflector_ranges *held;
	struct fixture fixture;
	struct text text = { 0 };

	(void)state;
	fixture_init(&fixture);
	held = &fixture.source.reflector.ranges[REFLECTOR_HELD];
	held->count = REFLECTOR_RANGES_TOLD + 1;
	page_write(&fixture.source, LANGUAGE_EN, &text);
	assert_non_null(strstr(text.data, "<dt>Ports held</dt><dd>9990</dd>"));
	assert_null(strstr(text.data, "Left free for now"));
	text_clear(&text);
	fixture.source.reflects = false;
	page_write(&fixture.source, LANGUAGE_EN, &text);
	assert_null(strstr(text.data, "Reflector of this host"));
	text_done(&text);
	fixture_done(&fixture);
}

/* The kernel may be asked about the network and not about its clock. */
static void test_unknown_clock(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	for (int known = 0; known < 2; known++) {
		struct text text = { 0 };

		fixture.source.host.clock_known = known;
		page_write(&fixture.source, LANGUAGE_EN, &text);
		assert_int_equal(strstr(text.data, "Clock synchronised") != NULL, known);
		text_done(&text);
	}
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_unknown_host),
		cmocka_unit_test(test_reflector),
		cmocka_unit_test(test_unknown_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
