/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each common cause: it is named when its witnesses are there, not with one fewer, and
 * not for its innocent look-alike. Here: uplink, devices, the PBX.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/diagnosis.h"
#include "usual_site.h"

static void nothing_beyond_answers(void **state)
{
	struct small_site small;
	struct diagnosis diagnosis;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, usual_far(), CAUSE_TIMEOUT);
	expect_about(&small, COMMON_CAUSE_INTERNET_UPLINK, usual_far(), &diagnosis);
	assert_int_equal(diagnosis.covered, 5);
	assert_ptr_equal(diagnosis.site, &small.site);
	assert_int_equal(diagnosis.since_us, small.now_us);
	assert_int_equal(diagnosis.evidence.offender.bytes[0], 192);
	assert_non_null(strstr(diagnosis.evidence.detail, "5 checks"));
	/* as long as the gateway does not answer, it may be that */
	small.host.gateway_reachable = false;
	expect_nothing(&small);
	small.host = (struct host_state){ 0 };
	expect_nothing(&small);
	small_site_done(&small);
}

static void one_beyond_that_answers_disproves(void **state)
{
	static const enum cause heard[] = { CAUSE_NONE, CAUSE_REFUSED, CAUSE_TLS_EXPIRED,
		CAUSE_HTTP_STATUS, CAUSE_NO_ANSWER };
	struct small_site small;

	(void)state;
	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++) {
		usual_site_make(&small);
		tell_rows(&small, usual_far(), CAUSE_TIMEOUT);
		small_site_tell(&small, "cdn", heard[i]);
		expect_nothing(&small);
		small_site_done(&small);
	}
}

static void a_row_that_waits_does_not_disprove(void **state)
{
	static const char *const others[] = { "ntp", "license", "license-80", "update",
		NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	small.requirements[11].interval_us = 3600 * SECOND;
	assert_string_equal(small.requirements[11].id, "cdn");
	tell_rows(&small, others, CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_INTERNET_UPLINK, others);
	small_site_tell(&small, "cdn", CAUSE_NONE);
	expect_nothing(&small);
	small_site_done(&small);
}

static void one_vendor_is_no_uplink(void **state)
{
	static const char *const vendor[] = { "license", "license-80", "update", NULL };
	static const struct site_row vendor_rows[] = {
		{ "license", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
		{ "license-80", "license.starface.de", "203.0.113.1", 80, OUT, TCP },
		{ "update", "update.starface.de", "203.0.113.2", 443, OUT, TCP },
		{ NULL, NULL, NULL, 0, OUT, TCP },
	};
	struct small_site small;

	(void)state;
	small_site_make(&small, vendor_rows);
	tell_rows(&small, vendor, CAUSE_TIMEOUT);
	expect_nothing(&small);
	small_site_done(&small);
	usual_site_make(&small);
	tell_rows(&small, vendor, CAUSE_TIMEOUT);
	small_site_tell(&small, "cdn", CAUSE_TIMEOUT);
	expect_nothing(&small); /* the time server answers */
	small_site_done(&small);
}

static void two_silent_hosts_are_no_uplink(void **state)
{
	static const struct site_row two_rows[] = {
		{ "license", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
		{ "cdn", "www.starface-cdn.de", "203.0.113.3", 443, OUT, TCP },
		{ NULL, NULL, NULL, 0, OUT, TCP },
	};
	struct small_site small;

	(void)state;
	small_site_make(&small, two_rows);
	small_site_tell_all(&small, CAUSE_TIMEOUT);
	expect_nothing(&small);
	small_site_done(&small);
}

static void tell_by_device(struct small_site *small, const char *requirement,
	enum cause cause, const char *device)
{
	size_t row = small_site_row(small, requirement);
	struct outcome outcome = small_site_outcome(small, row, cause);

	outcome.phase = PHASE_CONNECT;
	outcome.finding.evidence.kind = EVIDENCE_ICMP;
	outcome.finding.evidence.type = 3;
	outcome.finding.evidence.offender = address_of(device);
	small_site_put(small, row, &outcome);
}

static void the_last_to_speak_is_named(void **state)
{
	struct small_site small;
	struct diagnosis diagnosis;
	struct address device = address_of("203.0.113.254");

	(void)state;
	usual_site_make(&small);
	for (size_t i = 0; usual_far()[i]; i++)
		tell_by_device(&small, usual_far()[i], CAUSE_ICMP_NET_UNREACHABLE,
			"203.0.113.254");
	expect_about(&small, COMMON_CAUSE_INTERNET_UPLINK, usual_far(), &diagnosis);
	assert_true(address_equal(&diagnosis.evidence.offender, &device));
	/* two that speak: none of them is the last */
	tell_by_device(&small, "cdn", CAUSE_ICMP_NET_UNREACHABLE, "198.51.100.9");
	expect_about(&small, COMMON_CAUSE_INTERNET_UPLINK, usual_far(), &diagnosis);
	assert_true(address_equal(&diagnosis.evidence.offender, &small.host.gateway));
	small_site_done(&small);
}

static void one_device_refuses_several_hosts(void **state)
{
	static const char *const refused[] = { "license", "license-80", "update", NULL };
	struct small_site small;
	struct diagnosis diagnosis;
	struct address device = address_of("203.0.113.254");

	(void)state;
	usual_site_make(&small);
	tell_by_device(&small, "license", CAUSE_ICMP_ADMIN_PROHIBITED, "203.0.113.254");
	tell_by_device(&small, "cdn", CAUSE_ICMP_ADMIN_PROHIBITED, "203.0.113.254");
	expect_nothing(&small);
	small_site_tell(&small, "cdn", CAUSE_NONE);
	tell_by_device(
		&small, "license-80", CAUSE_ICMP_ADMIN_PROHIBITED, "203.0.113.254");
	expect_nothing(&small);
	tell_by_device(&small, "update", CAUSE_ICMP_ADMIN_PROHIBITED, "198.51.100.9");
	expect_nothing(&small);
	tell_by_device(&small, "update", CAUSE_ICMP_ADMIN_PROHIBITED, "203.0.113.254");
	expect_about(&small, COMMON_CAUSE_COMMON_DEVICE, refused, &diagnosis);
	assert_true(address_equal(&diagnosis.evidence.offender, &device));
	small_site_done(&small);
}

static void a_host_is_no_device(void **state)
{
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	for (size_t i = 0; usual_pbx()[i]; i++)
		tell_by_device(&small, usual_pbx()[i], CAUSE_ICMP_PORT_UNREACHABLE,
			"192.168.1.10");
	expect_nothing(&small);
	/* nor is one that refuses a single host */
	for (size_t i = 0; usual_pbx()[i]; i++)
		tell_by_device(&small, usual_pbx()[i], CAUSE_ICMP_ADMIN_PROHIBITED,
			"192.168.1.1");
	expect_nothing(&small);
	small_site_done(&small);
}

static void the_pbx_falls_silent_at_once(void **state)
{
	struct small_site small;
	struct diagnosis diagnosis;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, usual_pbx(), CAUSE_TIMEOUT);
	expect_about(&small, COMMON_CAUSE_POSSIBLE_BAN, usual_pbx(), &diagnosis);
	assert_non_null(strstr(diagnosis.evidence.detail, "192.168.1.10: 4"));
	/* one port that refuses is a host that is awake and bans nobody */
	small_site_tell(&small, "sip", CAUSE_REFUSED);
	expect_nothing(&small);
	small_site_done(&small);
}

/* The tunnel to a branch: whoever is beside the PBX falls silent with it. */
static void a_network_is_not_banned(void **state)
{
	static const char *const beside[] = { "web", "xmpp", "sip", "prov", "ntp-lan",
		NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, beside, CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_PBX_SILENT, usual_pbx());
	small_site_tell(&small, "ntp-lan", CAUSE_NONE);
	expect(&small, COMMON_CAUSE_POSSIBLE_BAN, usual_pbx());
	small_site_done(&small);
	/* a neighbour that has been dead for long says nothing of this */
	usual_site_make(&small);
	small.now_us += 60 * MINUTE;
	tell_rows(&small, usual_pbx(), CAUSE_NONE);
	tell_rows(&small, beside, CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_POSSIBLE_BAN, usual_pbx());
	small_site_done(&small);
}

static void two_silent_rows_are_no_ban(void **state)
{
	static const struct site_row few[] = {
		{ "web", "$192.168.1.10", NULL, 443, IN, TCP },
		{ "sip", "$192.168.1.10", NULL, 5060, IN, UDP },
		{ "license", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
		{ NULL, NULL, NULL, 0, OUT, TCP },
	};
	struct small_site small;

	(void)state;
	small_site_make(&small, few);
	small_site_tell_all(&small, CAUSE_NONE);
	small_site_tell(&small, "web", CAUSE_TIMEOUT);
	small_site_tell(&small, "sip", CAUSE_TIMEOUT);
	expect_nothing(&small);
	small_site_done(&small);
}

/* Rows that ask the same port again, and be it for something else, are no more. */
static void one_port_is_one_witness(void **state)
{
	static const struct site_row few[] = {
		{ "sip", "$192.168.1.10", NULL, 5060, IN, UDP },
		{ "sip-size", "$192.168.1.10", NULL, 5060, IN, UDP },
		{ "sip-tls", "$192.168.1.10", NULL, 5061, IN, TCP },
		{ "sip-tls-size", "$192.168.1.10", NULL, 5061, IN, TCP },
		{ "sip-tcp", "$192.168.1.10", NULL, 5060, IN, TCP },
		{ "license", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
		{ "license-tls", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
		{ "other", "www.example.com", "198.51.100.1", 443, OUT, TCP },
		{ "other-80", "www.example.com", "198.51.100.1", 80, OUT, TCP },
		{ NULL, NULL, NULL, 0, OUT, TCP },
	};
	static const char *const pbx[] = { "sip", "sip-size", "sip-tls", "sip-tls-size",
		"sip-tcp", NULL };
	static const char *const far[] = { "license", "license-tls", "other", "other-80",
		NULL };
	struct small_site small;

	(void)state;
	small_site_make(&small, few);
	small_site_tell_all(&small, CAUSE_NONE);
	for (size_t i = 0; i < 4; i++)
		small_site_tell(&small, pbx[i], CAUSE_TIMEOUT);
	expect_nothing(&small);
	small_site_tell(&small, "sip-tcp", CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_POSSIBLE_BAN, pbx);
	small_site_done(&small);

	/* one port that nobody found on the own link is no host that is gone */
	small_site_make(&small, few);
	small_site_tell_all(&small, CAUSE_NONE);
	tell_rows(&small, pbx, CAUSE_TIMEOUT);
	small_site_tell(&small, "sip", CAUSE_ARP_FAILED);
	small_site_tell(&small, "sip-size", CAUSE_ARP_FAILED);
	expect_nothing(&small);
	small_site_tell(&small, "sip-tls", CAUSE_ARP_FAILED);
	expect(&small, COMMON_CAUSE_PBX_DOWN, pbx);
	small_site_done(&small);

	/* nor do two rows of two hosts each make the uplink, but with a third port */
	small_site_make(&small, few);
	small_site_tell_all(&small, CAUSE_NONE);
	tell_rows(&small, far, CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_INTERNET_UPLINK, far);
	small.checks[8].port = 443;
	expect_nothing(&small);
	small_site_done(&small);
}

/* Who ended in the same moment, but is asked seldom, has not been heard since. */
static void who_is_asked_seldom_is_no_counter_witness(void **state)
{
	static const struct site_row few[] = {
		{ "web", "$192.168.1.10", NULL, 443, IN, TCP },
		{ "sip", "$192.168.1.10", NULL, 5060, IN, UDP },
		{ "xmpp", "$192.168.1.10", NULL, 5222, IN, TCP },
		{ "tls-license", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
		{ NULL, NULL, NULL, 0, OUT, TCP },
	};
	static const char *const pbx[] = { "web", "sip", "xmpp", NULL };
	struct small_site small;

	(void)state;
	small_site_make(&small, few);
	small.requirements[3].interval_us = 60 * MINUTE;
	small_site_tell_all(&small, CAUSE_NONE);
	tell_rows(&small, pbx, CAUSE_NONE);
	tell_rows(&small, pbx, CAUSE_TIMEOUT);
	expect_nothing(&small);
	small_site_tell(&small, "tls-license", CAUSE_NONE);
	expect(&small, COMMON_CAUSE_POSSIBLE_BAN, pbx);
	small_site_done(&small);
}

static void silence_all_around_is_no_ban(void **state)
{
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, usual_all(), CAUSE_TIMEOUT);
	small.host.gateway_reachable = false;
	expect_nothing(&small);
	small_site_done(&small);
}

/* A range of which nothing came is as silent as a port; one that was told of is not. */
static void a_range_is_silent_as_well(void **state)
{
	struct small_site small;
	struct outcome outcome;
	size_t row;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, usual_pbx(), CAUSE_TIMEOUT);
	row = small_site_row(&small, "sip");
	outcome = small_site_outcome(&small, row, CAUSE_RTP_ALL_BLOCKED);
	outcome.phase = PHASE_REQUEST;
	small_site_put(&small, row, &outcome);
	expect(&small, COMMON_CAUSE_POSSIBLE_BAN, usual_pbx());
	outcome.phase = PHASE_RESPONSE;
	small_site_put(&small, row, &outcome);
	expect_nothing(&small);
	small_site_done(&small);
}

static void a_pbx_that_never_answered_is_silent(void **state)
{
	struct small_site small;

	(void)state;
	usual_site_fresh(&small);
	tell_rows(&small, usual_pbx(), CAUSE_TIMEOUT);
	expect_nothing(&small);
	small_site_tell(&small, "cdn", CAUSE_NONE);
	expect(&small, COMMON_CAUSE_PBX_SILENT, usual_pbx());
	small_site_done(&small);
}

static void a_slow_death_is_no_ban(void **state)
{
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	for (size_t i = 0; usual_pbx()[i]; i++) {
		tell_rows(&small, &usual_pbx()[i + 1], CAUSE_NONE);
		small_site_tell(&small, usual_pbx()[i], CAUSE_TIMEOUT);
		small.now_us += 10 * MINUTE;
	}
	small_site_tell(&small, "cdn", CAUSE_NONE);
	expect(&small, COMMON_CAUSE_PBX_SILENT, usual_pbx());
	/* a row of once an hour does not stretch what "at once" means */
	assert_string_equal(small.requirements[4].id, "prov");
	small.requirements[4].interval_us = 60 * MINUTE;
	expect(&small, COMMON_CAUSE_PBX_SILENT, usual_pbx());
	small_site_done(&small);
}

static void a_pbx_that_is_gone_is_down(void **state)
{
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, usual_pbx(), CAUSE_TIMEOUT);
	small_site_tell(&small, "web", CAUSE_ARP_FAILED);
	expect_nothing(&small); /* silent or gone: a second one will tell */
	small_site_tell(&small, "xmpp", CAUSE_ARP_FAILED);
	expect(&small, COMMON_CAUSE_PBX_DOWN, usual_pbx());
	small_site_tell(&small, "xmpp", CAUSE_NONE);
	expect_nothing(&small);
	small_site_done(&small);
}

/* What a router says of the way is no word of the host, whatever verdict it comes to. */
static void an_unknown_row_may_be_told_the_same(void **state)
{
	struct small_site small;
	struct outcome told;
	size_t row;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, usual_pbx(), CAUSE_ARP_FAILED);
	row = small_site_row(&small, "sip");
	told = small_site_outcome(&small, row, CAUSE_ICMP_HOST_UNREACHABLE);
	told.finding.verdict = VERDICT_UNKNOWN;
	told.phase = PHASE_REQUEST;
	small_site_put(&small, row, &told);
	expect(&small, COMMON_CAUSE_PBX_DOWN, usual_pbx());
	small_site_done(&small);
}

static void silence_that_is_owed_to_nobody(void **state)
{
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, usual_pbx(), CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_POSSIBLE_BAN, usual_pbx());
	small_site_tell(&small, "fed", CAUSE_NONE);
	expect_nothing(&small);
	small_site_done(&small);
}

static void a_second_reason_uncovers(void **state)
{
	static const struct site_row two_targets[] = {
		{ "a", "one.example.com", "203.0.113.1", 443, OUT, TCP },
		{ "a", "two.example.com", "203.0.113.2", 443, OUT, TCP },
		{ "b", "one.example.net", "203.0.113.3", 443, OUT, TCP },
		{ "c", "one.example.org", "203.0.113.4", 443, OUT, TCP },
		{ NULL, NULL, NULL, 0, OUT, TCP },
	};
	static const char *const others[] = { "b", "c", NULL };
	static const char *const whole[] = { "a", "b", "c", NULL };
	struct small_site small;
	struct outcome outcome;

	(void)state;
	small_site_make(&small, two_targets);
	small_site_tell_all(&small, CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_INTERNET_UPLINK, whole);
	outcome = small_site_outcome(&small, 1, CAUSE_ICMP_ADMIN_PROHIBITED);
	small_site_put(&small, 1, &outcome);
	expect(&small, COMMON_CAUSE_INTERNET_UPLINK, others);
	small_site_done(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_beyond_answers),
		cmocka_unit_test(one_beyond_that_answers_disproves),
		cmocka_unit_test(a_row_that_waits_does_not_disprove),
		cmocka_unit_test(one_vendor_is_no_uplink),
		cmocka_unit_test(two_silent_hosts_are_no_uplink),
		cmocka_unit_test(the_last_to_speak_is_named),
		cmocka_unit_test(one_device_refuses_several_hosts),
		cmocka_unit_test(a_host_is_no_device),
		cmocka_unit_test(the_pbx_falls_silent_at_once),
		cmocka_unit_test(a_network_is_not_banned),
		cmocka_unit_test(two_silent_rows_are_no_ban),
		cmocka_unit_test(one_port_is_one_witness),
		cmocka_unit_test(who_is_asked_seldom_is_no_counter_witness),
		cmocka_unit_test(silence_all_around_is_no_ban),
		cmocka_unit_test(a_range_is_silent_as_well),
		cmocka_unit_test(a_pbx_that_never_answered_is_silent),
		cmocka_unit_test(a_slow_death_is_no_ban),
		cmocka_unit_test(a_pbx_that_is_gone_is_down),
		cmocka_unit_test(an_unknown_row_may_be_told_the_same),
		cmocka_unit_test(silence_that_is_owed_to_nobody),
		cmocka_unit_test(a_second_reason_uncovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
