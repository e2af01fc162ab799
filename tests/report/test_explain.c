/* SPDX-License-Identifier: Apache-2.0 */
#include "report/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "engine/probe.h"
#include "report/advice.h"
#include "report/fixture.h"

#define COLUMNS 100

static char *explained(
	const struct fixture *fixture, const char *id, struct explain_options options)
{
	struct text text = { 0 };

	assert_true(explain_write(&fixture->source, id, &options, &text));
	assert_false(text_failed(&text));
	return text_release(&text, NULL);
}

/* A character is a column; rules for nft are to be pasted and stay whole. */
static void assert_fits(const char *lines)
{
	size_t column = 0;

	for (const char *at = lines; *at;) {
		size_t length = utf8_character(at);

		if (length == 0)
			fail_msg("no UTF-8: %.20s", at);
		if (length == 1 && *at != '\n' && *at != '\t')
			assert_true(*at >= ' ' && *at != 0x7f);
		column = *at == '\n' ? 0 : column + 1;
		if (column > COLUMNS && !strstr(lines, "counter accept"))
			fail_msg("too wide: %.60s", at - COLUMNS);
		at += length;
	}
}

/* Words that only one of the two languages has. */
static bool has_any(const char *text, const char *const *words)
{
	for (; *words; words++) {
		if (strstr(text, *words))
			return true;
	}
	return false;
}

static const char *const german_words[] = { " die ", " der ", " das ", " und ", " nicht ",
	" oder ", "ist ", "Die ", "Der ", "Das ", "ß", "ü", "ö", "ä", NULL };
static const char *const english_words[] = { " the ", " and ", " is ", " not ", "The ",
	" this ", " it ", " of ", " with ", NULL };

/* The closed list of causes is walked: whoever adds one has to say what to do. */
static void every_cause_has_advice(void **state)
{
	struct fixture fixture;
	struct requirement_state row;

	(void)state;
	fixture_init(&fixture);
	row = store_requirement(fixture.store, 1);
	for (unsigned i = 0; i < CAUSE_COUNT * VERDICT_COUNT * 8; i++) {
		static const struct probe_kind sizes = { .name = "sip-size" };
		const struct requirement asked = {
			.direction = i % 2 ? DIRECTION_INBOUND : DIRECTION_OUTBOUND,
			.transport = i / 2 % 2 ? TRANSPORT_TCP : TRANSPORT_UDP,
			.kind = i / 4 % 2 ? &sizes : NULL,
		};
		enum verdict verdict = i / 8 % VERDICT_COUNT;
		enum cause cause = i / 8 / VERDICT_COUNT;
		enum advice advice = advice_of(&asked, verdict, cause);
		struct text english = { 0 }, german = { 0 };

		if (advice == ADVICE_MISSING)
			fail_msg("no advice for %s", cause_name(cause));
		advice_write(advice, &row, LANGUAGE_EN, &english);
		advice_write(advice, &row, LANGUAGE_DE, &german);
		assert_true(english.length > 20 && german.length > 20);
		assert_null(strchr(english.data, '{'));
		assert_null(strchr(german.data, '{'));
		if (has_any(english.data, german_words) ||
			has_any(german.data, english_words))
			fail_msg("mixed language: %s %s", english.data, german.data);
		if (!has_any(german.data, german_words))
			fail_msg("no German: %s", german.data);
		text_done(&english);
		text_done(&german);
	}
	fixture_done(&fixture);
}

/* What is right for one row is wrong for another with the same cause. */
static void advice_fits_the_row(void **state)
{
	static const struct probe_kind tcp = { .name = "tcp" }, udp = { .name = "udp" },
				       sizes = { .name = "sip-size" },
				       versions = { .name = "tls-versions" };
	static const struct {
		const struct probe_kind *kind;
		enum transport transport;
		enum direction direction;
		enum verdict verdict;
		enum cause cause;
		enum advice advice;
	} cases[] = {
		{ &udp, TRANSPORT_UDP, DIRECTION_INBOUND, VERDICT_UNKNOWN, CAUSE_TIMEOUT,
			ADVICE_SILENCE },
		{ &udp, TRANSPORT_UDP, DIRECTION_INBOUND, VERDICT_FAILED, CAUSE_TIMEOUT,
			ADVICE_DROPS_IN },
		{ &tcp, TRANSPORT_TCP, DIRECTION_OUTBOUND, VERDICT_FAILED, CAUSE_TIMEOUT,
			ADVICE_DROPS_OUT },
		/* silence to SIP is no proof of nothing, and TCP has no such silence */
		{ &sizes, TRANSPORT_UDP, DIRECTION_INBOUND, VERDICT_UNKNOWN,
			CAUSE_TIMEOUT, ADVICE_UNMEASURED },
		{ &sizes, TRANSPORT_TCP, DIRECTION_INBOUND, VERDICT_UNKNOWN,
			CAUSE_REFUSED, ADVICE_UNMEASURED },
		{ &versions, TRANSPORT_TCP, DIRECTION_INBOUND, VERDICT_UNKNOWN,
			CAUSE_TIMEOUT, ADVICE_UNMEASURED },
		{ &sizes, TRANSPORT_UDP, DIRECTION_INBOUND, VERDICT_UNKNOWN, CAUSE_NONE,
			ADVICE_WAIT },
		{ &sizes, TRANSPORT_UDP, DIRECTION_INBOUND, VERDICT_UNKNOWN,
			CAUSE_LOCAL_LINK_DOWN, ADVICE_OWN_LINK },
		/* no segment of TCP is in the way of a datagram */
		{ &sizes, TRANSPORT_UDP, DIRECTION_INBOUND, VERDICT_DEGRADED,
			CAUSE_MTU_BLACKHOLE, ADVICE_MTU_DATAGRAM },
		{ &sizes, TRANSPORT_TCP, DIRECTION_INBOUND, VERDICT_FAILED,
			CAUSE_MTU_BLACKHOLE, ADVICE_MTU },
		/* who cannot find a host on its network has the route to it */
		{ &tcp, TRANSPORT_TCP, DIRECTION_INBOUND, VERDICT_FAILED,
			CAUSE_ICMP_HOST_UNREACHABLE, ADVICE_LAST_ROUTER },
		{ &tcp, TRANSPORT_TCP, DIRECTION_INBOUND, VERDICT_FAILED,
			CAUSE_ICMP_NET_UNREACHABLE, ADVICE_ROUTE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct requirement asked = { .kind = cases[i].kind,
			.transport = cases[i].transport,
			.direction = cases[i].direction };

		assert_int_equal(advice_of(&asked, cases[i].verdict, cases[i].cause),
			cases[i].advice);
	}
}

static void tell(struct fixture *fixture, size_t check, enum cause cause)
{
	struct outcome outcome = { .finding = finding_of(cause),
		.phase = PHASE_CONNECT,
		.wall_us = FIXTURE_NOW_US,
		.duration_us = 1000 };

	store_outcome(fixture->store, check, &outcome, NULL);
}

/* All of it, for every cause, in both languages, of what is asked and what asks. */
static void explains_every_cause(void **state)
{
	static const struct {
		size_t check;
		const char *id;
	} rows[] = { { 2, "license-443" }, { 6, "web-https" } };

	(void)state;
	for (enum cause cause = 0; cause < CAUSE_COUNT; cause++) {
		struct fixture fixture;

		fixture_init(&fixture);
		for (size_t i = 0; i < 4; i++) {
			bool german = i % 2;
			struct explain_options options = { .language = german,
				.remembered = i % 2 };
			char *lines;

			tell(&fixture, rows[i / 2].check, cause);
			lines = explained(&fixture, rows[i / 2].id, options);
			assert_fits(lines);
			if (cause != CAUSE_NONE)
				assert_non_null(strstr(lines, cause_name(cause)));
			assert_non_null(strstr(
				lines, german ? "\nWas zu tun ist\n" : "\nWhat to do\n"));
			free(lines);
		}
		fixture_done(&fixture);
	}
}

static void says_who_and_what(void **state)
{
	static const char *const english[] = {
		"license-443 at site hq: failed\n",
		"    Service     HTTPS, port 443/tcp\n",
		"    Host        license.starface.de\n",
		"    Who said so: ICMP 3/13 from 192.0.2.1\n",
		"    Change the rule on 192.0.2.1: it refuses "
		"license.starface.de:443/tcp "
		"from the PBX and says so.\n",
		"    The licence check fails.\n",
		"ip saddr @hq_pbx_v4 ip daddr @hq_license_starface_de_v4 tcp dport 443 "
		"counter accept comment \"license-443\"\n",
		"      1 ms     sent, 45 bytes\n                 GET / HTTP/1.1\n",
		NULL,
	};
	static const char *const german[] = {
		"license-443 am Standort hq: ausgefallen\n",
		"    ausgefallen seit 14.10.2026, 08:58 UTC: Eine Firewall-Regel",
		"    Die Regel auf 192.0.2.1 ändern",
		"    Die Lizenzprüfung schlägt fehl.\n",
		"\t\t# Standort hq\n",
		"\nDie letzten Läufe, die nicht in Ordnung waren\n",
		"      0 µs     an 192.0.2.80:443\n",
		"    14.10.2026, 08:58 UTC: unbekannt → ausgefallen",
		NULL,
	};
	struct fixture fixture;
	char *lines;

	(void)state;
	fixture_init(&fixture);
	lines = explained(&fixture, "license-443", (struct explain_options){ 0 });
	for (size_t i = 0; english[i]; i++) {
		if (!strstr(lines, english[i]))
			fail_msg("missing: %s", english[i]);
	}
	assert_null(strstr(lines, "How its state changed"));
	free(lines);
	lines = explained(&fixture, "license-443",
		(struct explain_options){ .language = LANGUAGE_DE, .remembered = true });
	for (size_t i = 0; german[i]; i++) {
		if (!strstr(lines, german[i]))
			fail_msg("missing: %s", german[i]);
	}
	free(lines);
	fixture_done(&fixture);
}

/* Nothing from outside steers the terminal, nor breaks out of a rule's comment. */
static void hostile_rows_stay_harmless(void **state)
{
	struct fixture fixture;
	char *lines;

	(void)state;
	fixture_init(&fixture);
	for (enum language language = 0; language < LANGUAGE_COUNT; language++) {
		lines = explained(&fixture, "evil",
			(struct explain_options){
				.language = language, .remembered = true });
		assert_null(strchr(lines, '\x1b'));
		assert_null(strchr(lines, '\a'));
		assert_null(strstr(lines, "\xe2\x80\xae"));
		assert_null(strstr(lines, "\xc2\x9b"));
		assert_null(strstr(lines, "'\n\\&"));
		for (const char *at = lines; *at; at += utf8_character(at))
			assert_true(utf8_character(at) > 0);
		free(lines);
	}
	fixture_done(&fixture);
}

static void only_what_is_meant(void **state)
{
	struct fixture fixture;
	struct explain_options elsewhere = { .site = "elsewhere" };
	struct text text = { 0 };
	char *lines;

	(void)state;
	fixture_init(&fixture);
	assert_false(explain_write(
		&fixture.source, "license", &(struct explain_options){ 0 }, &text));
	assert_false(explain_write(&fixture.source, "license-443", &elsewhere, &text));
	assert_int_equal(text.length, 0);
	/* a row that cannot be run says how it could, and which rule it needs */
	lines = explained(&fixture, "rtp-in",
		(struct explain_options){ .site = "hq", .remembered = true });
	assert_non_null(strstr(lines, "    Run a `<reflector>` behind the firewall.\n"));
	assert_non_null(strstr(lines, "udp dport 10000-20000"));
	assert_non_null(strstr(lines, "Nothing was asked"));
	assert_null(strstr(lines, "How its state changed"));
	free(lines);
	fixture_done(&fixture);
}

/* An ok row: as whom we are seen, and what it does not prove. */
static void what_ok_leaves_open(void **state)
{
	struct fixture fixture;
	char *lines;

	(void)state;
	fixture_init(&fixture);
	lines = explained(&fixture, "license-8383", (struct explain_options){ 0 });
	assert_non_null(strstr(lines, "192.168.0.2:40001"));
	assert_non_null(strstr(lines, "192.0.2.7:50001"));
	assert_non_null(strstr(lines, "    This proves a listener.\n"));
	free(lines);
	lines = explained(&fixture, "license-443", (struct explain_options){ 0 });
	assert_null(strstr(lines, "seen there as"));
	assert_null(strstr(lines, "This proves a listener."));
	free(lines);
	fixture_done(&fixture);
}

/* What is said of a row alone, behind what is to be done about the cause of many. */
static const char *const alone[LANGUAGE_COUNT] = {
	"\n    Only if this row is not well after that: ",
	"\n    Nur wenn diese Zeile danach noch nicht in Ordnung ist: "
};

/* One cause of many rows is named first, with what to do about it. */
static void says_what_is_common(void **state)
{
	static const char *const leads[LANGUAGE_COUNT] = { "\n    Common cause: ",
		"\n    Gemeinsame Ursache: " };
	static const char *const remedies[LANGUAGE_COUNT] = {
		"\nWhat to do\n    Look at the router and the switch between",
		"\nWas zu tun ist\n    Den Router und den Switch davor prüfen"
	};
	struct fixture fixture;
	char *lines;

	(void)state;
	fixture_init(&fixture);
	fixture_cut_off(&fixture);
	for (enum language language = 0; language < LANGUAGE_COUNT; language++) {
		lines = explained(&fixture, EXPLAIN_ALL,
			(struct explain_options){
				.language = language, .site = "hq", .remembered = true });
		assert_non_null(strstr(lines, leads[language]));
		assert_non_null(strstr(lines, remedies[language]));
		assert_null(strstr(lines, alone[language]));
		assert_fits(lines);
		free(lines);
	}
	fixture_done(&fixture);
}

/* Nothing beyond the own network answers any more. */
static void cut_uplink(struct fixture *fixture)
{
	struct outcome silent = { .finding = finding_of(CAUSE_TIMEOUT),
		.phase = PHASE_CONNECT,
		.wall_us = FIXTURE_NOW_US };

	fixture->source.host.link_up = true;
	fixture->source.host.gateway_reachable = true;
	address_parse("198.51.100.7", &silent.address);
	silent.finding.evidence.kind = EVIDENCE_COMPARISON;
	text_copy(silent.finding.evidence.detail, EVIDENCE_DETAIL_MAX,
		"it was asked twice");
	for (size_t i = 0; i < store_size(fixture->store); i++) {
		if (store_record(fixture->store, i)->check->fixed_cause == CAUSE_NONE)
			store_outcome(fixture->store, i, &silent, NULL);
	}
}

static void refuse_by_device(struct fixture *fixture)
{
	static const size_t struck[] = { 2, 3, 6 };
	struct outcome refused = { .finding = finding_of(CAUSE_ICMP_ADMIN_PROHIBITED),
		.phase = PHASE_CONNECT,
		.wall_us = FIXTURE_NOW_US };

	refused.finding.evidence.kind = EVIDENCE_ICMP;
	address_parse("198.51.100.77", &refused.finding.evidence.offender);
	for (size_t i = 0; i < sizeof(struck) / sizeof(struck[0]); i++)
		store_outcome(fixture->store, struck[i], &refused, NULL);
}

static void lose_the_name(struct fixture *fixture)
{
	struct outcome lost = { .finding = finding_of(CAUSE_DNS_TIMEOUT),
		.phase = PHASE_RESOLVE,
		.wall_us = FIXTURE_NOW_US };

	store_outcome(fixture->store, 2, &lost, NULL);
}

/* A rule mends the device that refuses, and neither a cut line nor a lost name. */
static void asks_for_a_rule_where_one_helps(void **state)
{
	static const struct {
		void (*strike)(struct fixture *fixture);
		const char *says;
		bool alone, rule;
	} cases[] = {
		{ refuse_by_device, "Common cause: One device refuses", false, true },
		{ cut_uplink, "Common cause: Nothing beyond the own network", true,
			false },
		{ cut_uplink, "What that rests on: it was asked twice", true, false },
		{ lose_the_name, "Look whether the name server runs", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;
		char *lines;

		fixture_init(&fixture);
		cases[i].strike(&fixture);
		lines = explained(&fixture, "license-443",
			(struct explain_options){ .site = "hq" });
		assert_non_null(strstr(lines, cases[i].says));
		assert_int_equal(
			strstr(lines, alone[LANGUAGE_EN]) != NULL, cases[i].alone);
		assert_int_equal(strstr(lines, "table inet") != NULL, cases[i].rule);
		free(lines);
		fixture_done(&fixture);
	}
}

/* Where each row begins: at the start or behind an empty line, with its site. */
static size_t count_rows(const char *lines)
{
	size_t count = 0;

	for (const char *at = lines; (at = strstr(at, "\nWhat it is\n")); at++)
		count++;
	return count;
}

/* All of them are bounded in number, the worst come first, and no rule is among them. */
static void all_is_bounded(void **state)
{
	struct fixture fixture;
	struct explain_options some = { .most = 1, .remembered = true };
	char *lines, more[40];
	size_t rows;

	(void)state;
	fixture_init(&fixture);
	lines = explained(&fixture, EXPLAIN_ALL, (struct explain_options){ 0 });
	rows = count_rows(lines);
	assert_true(rows > 2);
	assert_fits(lines);
	assert_null(strstr(lines, "table inet"));
	assert_non_null(strstr(lines, "catalogue --output=nftables\n"));
	assert_non_null(strstr(lines, ": failed\n"));
	assert_non_null(strstr(lines, ": degraded\n"));
	assert_true(strstr(lines, ": failed\n") < strstr(lines, ": degraded\n"));
	assert_null(strstr(lines, " more; "));
	free(lines);
	lines = explained(&fixture, EXPLAIN_ALL, some);
	assert_int_equal(count_rows(lines), 1);
	assert_non_null(strstr(lines, ": failed\n"));
	snprintf(more, sizeof(more), "\nAnd %zu more; ", rows - 1);
	assert_non_null(strstr(lines, more));
	free(lines);
	/* one that is alone has its rule and needs no pointer */
	lines = explained(&fixture, "license-443", (struct explain_options){ 0 });
	assert_non_null(strstr(lines, "table inet"));
	assert_null(strstr(lines, "--output=nftables"));
	free(lines);
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cause_has_advice),
		cmocka_unit_test(advice_fits_the_row),
		cmocka_unit_test(explains_every_cause),
		cmocka_unit_test(says_who_and_what),
		cmocka_unit_test(hostile_rows_stay_harmless),
		cmocka_unit_test(only_what_is_meant),
		cmocka_unit_test(what_ok_leaves_open),
		cmocka_unit_test(says_what_is_common),
		cmocka_unit_test(asks_for_a_rule_where_one_helps),
		cmocka_unit_test(all_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
