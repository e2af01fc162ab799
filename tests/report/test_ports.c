/* SPDX-License-Identifier: Apache-2.0 */
/* What the reports show of a range's ports, and of gauges with two labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "report/explain.h"
#include "report/fixture.h"
#include "report/json.h"
#include "report/metrics.h"
#include "report/page.h"
#include "report/ports.h"
#include "report/table.h"

static struct ports_view view_of(const struct fixture *fixture, size_t index)
{
	struct ports_view view;

	assert_true(ports_view_make(store_record(fixture->store, index), &view));
	return view;
}

/* A row of the table: what is printed of the check's ports. */
typedef void append_words(
	const struct ports_view *view, enum language language, struct text *text);

static void append_first_two(
	const struct ports_view *view, enum language language, struct text *text)
{
	ports_append_blocked(view, 2, language, text);
}

static void append_all(
	const struct ports_view *view, enum language language, struct text *text)
{
	ports_append_blocked(view, 100, language, text);
}

static void append_stretches(
	const struct ports_view *view, enum language language, struct text *text)
{
	struct port_stretch stretch;

	for (uint32_t from = 0; port_plan_blocked(view->map, from, &stretch);
		from = stretch.last + 1U) {
		ports_append_stretch(&stretch, language, text);
		text_append_char(text, '\n');
	}
}

static const struct {
	append_words *append;
	size_t check;
	const char *texts[LANGUAGE_COUNT];
} wordings[] = {
	{ append_first_two, 0,
		{ "12000-12999, 15000 and 2 more", "12000-12999, 15000 und 2 weitere" } },
	{ append_all, 0,
		{ "12000-12999, 15000, 16000-16499, 17000-17100",
			"12000-12999, 15000, 16000-16499, 17000-17100" } },
	{ append_all, 1, { NULL, NULL } },
	{ append_stretches, 0,
		{ "12000-12999 (1000 ports): it is refused [ICMP 3/13 "
		  "from 192.0.2.1]\n"
		  "15000: what is sent there does not arrive\n"
		  "16000-16499 (500 ports): it arrives, and the answer does not come "
		  "back\n"
		  "17000-17100 (11 of 101 ports were asked, all of them blocked): what "
		  "is sent there does not arrive\n",
			"12000-12999 (1000 Ports): es wird abgewiesen "
			"[ICMP 3/13 from 192.0.2.1]\n"
			"15000: was dorthin gesendet wird, kommt nicht an\n"
			"16000-16499 (500 Ports): es kommt an, aber die Antwort kommt "
			"nicht zurück\n"
			"17000-17100 (11 von 101 Ports wurden gefragt, alle gesperrt): "
			"was dorthin gesendet wird, kommt nicht an\n" } },
	{ ports_append_counts, 0,
		{ "8901 of 10001 ports asked. Passing: 7385, blocked: 1512, cannot be "
		  "told: 4.",
			"8901 von 10001 Ports gefragt. Offen: 7385, gesperrt: 1512, "
			"nicht "
			"feststellbar: 4." } },
	{ ports_append_bound, 0,
		{ "By what was asked, at most 12.34 % of the range are blocked (95 % "
		  "confidence).",
			"Nach dem, was gefragt wurde, sind höchstens 12,34 % des "
			"Bereichs gesperrt (Konfidenz 95 %)." } },
	/* never less than it is: 0.02931 is not 2.93 */
	{ ports_append_bound, 1,
		{ "By what was asked, at most 2.94 % of the range are blocked (95 % "
		  "confidence).",
			"Nach dem, was gefragt wurde, sind höchstens 2,94 % des "
			"Bereichs gesperrt (Konfidenz 95 %)." } },
	{ ports_append_bound, 2,
		{ "That says nothing of the range: all of it may be blocked.",
			"Über den Bereich sagt das nichts: Er kann ganz gesperrt "
			"sein." } },
};

static void ports_are_put_into_words(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init_ports(&fixture);
	for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
		struct ports_view view = view_of(&fixture, wordings[i].check);

		for (enum language l = 0; l < LANGUAGE_COUNT; l++) {
			struct text text = { 0 };

			wordings[i].append(&view, l, &text);
			if (wordings[i].texts[l])
				assert_string_equal(text.data, wordings[i].texts[l]);
			else
				assert_int_equal(text.length, 0);
			text_done(&text);
		}
	}
	fixture_done(&fixture);
}

static void a_column_shows_the_worst_of_its_ports(void **state)
{
	static const struct {
		size_t column;
		enum port_mark mark;
	} expected[] = {
		{ 0, PORT_MARK_PASSES },
		{ 79, PORT_MARK_PASSES },
		{ 80, PORT_MARK_BLOCKED },
		{ 119, PORT_MARK_BLOCKED },
		{ 160, PORT_MARK_PARTLY },
		{ 200, PORT_MARK_BLOCKED },
		{ 240, PORT_MARK_RETURN },
		{ 399, PORT_MARK_UNASKED },
	};
	struct fixture fixture;
	struct ports_view view;

	(void)state;
	fixture_init_ports(&fixture);
	view = view_of(&fixture, 0);
	assert_int_equal(ports_columns(&view, 400), 400);
	assert_int_equal(ports_columns(&view, 20000), 10001);
	/* four busy ports alone: 14000 to 14003 */
	assert_int_equal(ports_column(&view, 4001, 10001), PORT_MARK_UNTOLD);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(
			ports_column(&view, expected[i].column, 400), expected[i].mark);
	fixture_done(&fixture);
}

static void nothing_is_shown_before_the_first_port(void **state)
{
	struct fixture fixture;
	struct ports_view view;

	(void)state;
	fixture_init(&fixture);
	for (size_t i = 0; i < store_size(fixture.store); i++)
		assert_false(ports_view_make(store_record(fixture.store, i), &view));
	fixture_done(&fixture);
}

#define VOICE                                                    \
	"starface_rtp_mos{site=\"hq\",requirement=\"voice-in\"," \
	"target=\"192.0.2.10:10000-20000\",family=\"ipv4\","     \
	"direction="

static void gauges_may_have_two_labels(void **state)
{
	static const char lines[] = "\n" VOICE "\"forward\",codec=\"g711\"} 4.409\n" VOICE
				    "\"backward\",codec=\"g711\"} 4.2\n";
	struct fixture fixture;

	(void)state;
	fixture_init_ports(&fixture);
	for (enum exposition_format f = EXPOSITION_TEXT; f <= EXPOSITION_OPENMETRICS;
		f++) {
		struct text text = { 0 };

		metrics_write(&fixture.source, f, &text);
		assert_false(text_failed(&text));
		assert_non_null(strstr(text.data, lines));
		assert_null(strstr(text.data, "g729"));
		text_done(&text);
	}
	fixture_done(&fixture);
}

static void write_explanation(const struct report_source *source, struct text *text)
{
	explain_write(source, "rtp-in", &(struct explain_options){ 0 }, text);
}

/* Of a row without a blocked port: what it needs, and not the first port alone. */
static void write_whole_rule(const struct report_source *source, struct text *text)
{
	explain_write(source, "rtp-out", &(struct explain_options){ 0 }, text);
}

static void write_table(const struct report_source *source, struct text *text)
{
	table_write(source, &(struct table_options){ .language = LANGUAGE_DE }, text);
}

static void write_nagios(const struct report_source *source, struct text *text)
{
	table_nagios(source, LANGUAGE_EN, text);
}

#define RULE " counter accept comment \"rtp-in\"\n"

/* Pieces in their order; the rule is for no port more than those found blocked. */
static const struct {
	void (*write)(const struct report_source *source, struct text *text);
	const char *pieces[8];
} shown[] = {
	{ write_explanation,
		{ "The ports of its range\n", "=##########=", "# blocked; < way back",
			"15000: what is sent there does not arrive\n",
			"allow udp 12000-12999, 15000, 16000-16499, 17000-17100 to the",
			"ip daddr @hq_pbx_v4 udp dport { 12000-12999, 15000, "
			"17000-17100 }" RULE
			"\t\tip saddr @hq_pbx_v4 udp sport 16000-16499" RULE "\t}\n" } },
	{ write_whole_rule,
		{ "chain starface",
			"\t\tip saddr @hq_pbx_v4 udp dport 1025-65535 counter" } },
	{ write_table,
		{ "192.0.2.1] Gesperrt: 12000-12999, 15000, 16000-16499, "
		  "17000-17100.\n" } },
	{ write_nagios,
		{ "192.0.2.1] Blocked: 12000-12999, 15000, 16000-16499, "
		  "17000-17100.\n" } },
};

static void blocked_ports_are_shown_everywhere(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init_ports(&fixture);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		struct text text = { 0 };
		const char *at;

		shown[i].write(&fixture.source, &text);
		assert_false(text_failed(&text));
		at = text.data;
		for (size_t j = 0; j < 8 && shown[i].pieces[j]; j++) {
			at = strstr(at, shown[i].pieces[j]);
			if (!at)
				fail_msg("missing: %s", shown[i].pieces[j]);
		}
		text_done(&text);
	}
	fixture_done(&fixture);
}

/* The kind's own evidence may have named them already. */
static void blocked_ports_are_named_once(void **state)
{
	struct fixture fixture;
	struct outcome outcome;
	struct text text = { 0 };

	(void)state;
	fixture_init_ports(&fixture);
	outcome = store_record(fixture.store, 0)->last;
	text_copy(outcome.finding.evidence.detail,
		sizeof(outcome.finding.evidence.detail), "blocked: 12000-12999 refused");
	store_outcome(fixture.store, 0, &outcome, NULL);
	write_nagios(&fixture.source, &text);
	assert_non_null(strstr(text.data, "blocked: 12000-12999 refused]\n"));
	text_done(&text);
	fixture_done(&fixture);
}

/* Well, but not of all its ports: that is said below the row. */
static void untold_ports_are_told(void **state)
{
	const struct table_options options = { .language = LANGUAGE_EN };
	struct fixture fixture;
	struct outcome outcome;
	struct text text = { 0 };
	const char *row;

	(void)state;
	fixture_init_ports(&fixture);
	outcome = store_record(fixture.store, 2)->last;
	outcome.finding = finding_of(CAUSE_NONE);
	for (int i = 0; i < 3; i++)
		store_outcome(fixture.store, 2, &outcome, NULL);
	table_write(&fixture.source, &options, &text);
	row = strstr(text.data, " ok            rtp-out ");
	assert_non_null(row);
	row = strchr(row, '\n') + 1;
	assert_int_equal(strncmp(row + strspn(row, " "),
				 "76 of 64511 ports asked. Passing: 0, blocked: 0, "
				 "cannot be told: 76.\n",
				 strcspn(row, "\n") - strspn(row, " ") + 1),
		0);
	text_done(&text);
	fixture_done(&fixture);
}

/* Nobody reads a thousand ranges: the rule is for all, and the lists say how many more.
 */
static void many_ranges_are_cut_short(void **state)
{
	struct fixture fixture;
	struct port_map *map;
	struct text text = { 0 };

	(void)state;
	fixture_init_ports(&fixture);
	map = store_ports(fixture.store, 0);
	for (uint32_t port = 10000; port <= 20000; port++)
		port_map_note(map, (uint16_t)port, port % 10 == 0 ? PORT_LOST : PORT_OPEN,
			NULL, 2);
	write_explanation(&fixture.source, &text);
	assert_non_null(strstr(text.data, "\n    961 further blocked ranges"));
	assert_non_null(strstr(text.data, "udp dport 10000-20000" RULE));
	assert_null(strstr(text.data, "sport"));
	assert_true(text.length < 8000);
	text_done(&text);
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_put_into_words),
		cmocka_unit_test(a_column_shows_the_worst_of_its_ports),
		cmocka_unit_test(nothing_is_shown_before_the_first_port),
		cmocka_unit_test(gauges_may_have_two_labels),
		cmocka_unit_test(blocked_ports_are_shown_everywhere),
		cmocka_unit_test(blocked_ports_are_named_once),
		cmocka_unit_test(untold_ports_are_told),
		cmocka_unit_test(many_ranges_are_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
