/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that rewrites SIP is named when another row of the host proves that we are
 * translated; a proxy before the PBX is not taken for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "doubts.h"

#define TCP TRANSPORT_TCP
#define UDP TRANSPORT_UDP

static const struct site_row rows[] = {
	{ "web", "$pbx.example.com", "198.51.100.20", 443, DIRECTION_INBOUND, TCP },
	{ "sip", "$pbx.example.com", "198.51.100.20", 5060, DIRECTION_BOTH, UDP },
	{ "sips", "$pbx.example.com", "198.51.100.20", 5061, DIRECTION_BOTH, TCP },
	{ "sip-tcp", "$pbx.example.com", "198.51.100.20", 5060, DIRECTION_BOTH, TCP },
	{ "stun", "$stun.example.org", "203.0.113.9", 3478, DIRECTION_BOTH, UDP },
	{ NULL, NULL, NULL, 0, DIRECTION_BOTH, TCP },
};

static void see(struct outcome *outcome, const char *local, const char *mapped)
{
	outcome->local.address = address_of(local);
	outcome->mapped.address = address_of(mapped);
}

static void messages_are_rewritten(void **state)
{
	static const struct {
		const char *other; /* a row, as which we are seen there */
		const char *mapped;
		enum cause cause;
	} cases[] = {
		{ "sips", "203.0.113.77", CAUSE_SIP_ALG },
		{ "sip-tcp", "203.0.113.77", CAUSE_SIP_ALG },
		{ "sip", "203.0.113.77", CAUSE_NONE }, /* what it said before */
		{ "sips", "192.168.1.5", CAUSE_NONE }, /* no NAT at all */
		{ "sips", NULL, CAUSE_NONE },
		{ "stun", "203.0.113.77", CAUSE_NONE }, /* another host, another way */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct small_site small;
		struct outcome other, outcome;

		sound_site_make(&small, rows);
		other = of(&small, cases[i].other, CAUSE_NONE);
		see(&other, "192.168.1.5", cases[i].mapped);
		put(&small, cases[i].other, &other);
		outcome = of(&small, "sip", CAUSE_NONE);
		see(&outcome, "192.168.1.5", "192.168.1.5");
		doubt(&small, "sip", &outcome);
		assert_int_equal(outcome.finding.cause, cases[i].cause);
		if (cases[i].cause == CAUSE_SIP_ALG)
			assert_non_null(strstr(outcome.finding.evidence.detail,
				"seen as 192.168.1.5 here and as 203.0.113.77 at port "
				"506"));
		/* who is seen as another here as well is behind an honest NAT */
		outcome = of(&small, "sip", CAUSE_NONE);
		see(&outcome, "192.168.1.5", "203.0.113.77");
		doubt(&small, "sip", &outcome);
		assert_int_equal(outcome.finding.cause, CAUSE_NONE);
		small_site_done(&small);
	}
}

/* Who is asked as what, what another row of its host is told, and how long ago. */
struct view {
	const char *row, *local;
	const char *other, *seen; /* its mapped address */
	const char *from;         /* its local one; NULL = the same */
	const char *host;         /* address of the PBX; NULL = the usual one */
	int64_t age_us;
	enum cause cause;
};

static enum cause cause_of_view(struct small_site *small, const struct view *view)
{
	struct outcome other = of(small, view->other, CAUSE_NONE);
	struct outcome outcome = of(small, view->row, CAUSE_NONE);

	outcome.address = address_of(view->host ? view->host : "198.51.100.20");
	other.address = outcome.address;
	see(&other, view->from ? view->from : view->local, view->seen);
	put(small, view->other, &other);
	outcome.wall_us = small->now_us + view->age_us;
	see(&outcome, view->local, view->local);
	doubt(small, view->row, &outcome);
	return outcome.finding.cause;
}

static void who_is_not_translated(void **state)
{
	static const struct view views[] = {
		{ "sip", "192.168.1.5", "sips", "203.0.113.77", NULL, NULL, 0,
			CAUSE_SIP_ALG },
		{ "sip", "192.168.1.5", "sips", "203.0.113.77", NULL, NULL, 3 * MINUTE,
			CAUSE_NONE },
		{ "sip", "192.168.1.5", "sips", "203.0.113.77", "192.168.2.5", NULL, 0,
			CAUSE_NONE },
		{ "stun", "192.168.1.5", "sips", "203.0.113.77", NULL, NULL, 0,
			CAUSE_NONE },
		{ "sip", "192.168.1.5", "stun", "203.0.113.77", NULL, NULL, 0,
			CAUSE_SIP_ALG },
		{ "sip", "203.0.113.9", "stun", "203.0.113.77", NULL, NULL, 0,
			CAUSE_SIP_ALG },
		/* another kind of row */
		{ "sip", "192.168.1.5", "web", "203.0.113.77", NULL, NULL, 0,
			CAUSE_NONE },
		/* proxies: beside us, beside the PBX, at home, or anywhere */
		{ "sip", "192.0.2.50", "sips", "192.0.2.7", NULL, "192.0.2.9", 0,
			CAUSE_NONE },
		{ "sip", "192.168.1.5", "sips", "192.168.7.7", NULL, NULL, 0,
			CAUSE_NONE },
		{ "sip", "192.168.1.5", "sips", "127.0.0.1", NULL, NULL, 0, CAUSE_NONE },
		{ "sip", "192.168.1.5", "sips", "198.51.100.7", NULL, NULL, 0,
			CAUSE_NONE },
		{ "sip", "192.0.2.50", "sips", "203.0.113.77", NULL, NULL, 0,
			CAUSE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		struct small_site small;
		enum cause cause;

		sound_site_make(&small, rows);
		cause = cause_of_view(&small, &views[i]);
		if (cause != views[i].cause)
			fail_msg("view %zu: %s", i, cause_name(cause));
		small_site_done(&small);
	}
}

/* As a router before the PBX with a SIP helper does it: by both streams the same. */
static void two_streams_second_each_other(void **state)
{
	static const struct view tls = { "sip", "192.0.2.10", "sips", "198.51.100.1",
		NULL, NULL, 0, CAUSE_NONE };
	static const struct view plain = { "sip", "192.0.2.10", "sip-tcp", "198.51.100.1",
		NULL, NULL, 0, CAUSE_SIP_ALG };
	struct small_site small;

	(void)state;
	sound_site_make(&small, rows);
	assert_int_equal(cause_of_view(&small, &tls), tls.cause);
	assert_int_equal(cause_of_view(&small, &plain), plain.cause);
	store_applies(small.store, small_site_row(&small, "sips"), false);
	assert_int_equal(cause_of_view(&small, &plain), CAUSE_NONE);
	small_site_done(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_rewritten),
		cmocka_unit_test(who_is_not_translated),
		cmocka_unit_test(two_streams_second_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
