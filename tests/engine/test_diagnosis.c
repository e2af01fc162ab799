/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each common cause: it is named when its witnesses are there, not with one fewer, and
 * not for its innocent look-alike. Here: our own troubles, names, causes of several
 * checks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/diagnosis.h"
#include "usual_site.h"

static void nothing_is_common_to_what_is_well(void **state)
{
	struct small_site small;

	(void)state;
	usual_site_fresh(&small);
	expect_nothing(&small);
	small_site_tell_all(&small, CAUSE_NONE);
	expect_nothing(&small);
	small_site_tell(&small, "license", CAUSE_TIMEOUT);
	expect_nothing(&small);
	small_site_done(&small);
}

/* Each of our own troubles: at two hosts, or at one and by the kernel's word. */
static void own_troubles(void **state)
{
	static const struct {
		enum cause cause;
		enum common_cause common;
		struct host_state seconding;
	} cases[] = {
		{ CAUSE_LOCAL_LINK_DOWN, COMMON_CAUSE_OWN_LINK, { .known = true } },
		{ CAUSE_LOCAL_NO_ROUTE, COMMON_CAUSE_OWN_ROUTE,
			{ .known = true, .link_up = true } },
		{ CAUSE_LOCAL_ARP_FAILED, COMMON_CAUSE_OWN_GATEWAY,
			{ .known = true,
				.link_up = true,
				.default_route_ipv4 = true,
				.gateway = { FAMILY_IPV4, { 192, 168, 1, 1 }, 0 } } },
	};
	static const char *const one_host[] = { "license", "license-80", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct small_site small;

		usual_site_make(&small);
		tell_rows(&small, one_host, cases[i].cause);
		expect_nothing(&small);
		small.host = cases[i].seconding;
		expect(&small, cases[i].common, one_host);
		tell_rows(&small, usual_all(), cases[i].cause);
		small.host = (struct host_state){ 0 };
		expect(&small, cases[i].common, usual_all());
		small_site_done(&small);
	}
}

static const char *const with_server[] = { "dns-udp", "ntp", "license", "license-80",
	"update", "cdn", NULL };

static void names_fail_and_addresses_answer(void **state)
{
	struct small_site small;
	struct outcome found;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, usual_far(), CAUSE_DNS_TIMEOUT);
	expect(&small, COMMON_CAUSE_OWN_RESOLVER, usual_far());
	small_site_tell(&small, "dns-udp", CAUSE_DNS_TIMEOUT);
	expect(&small, COMMON_CAUSE_OWN_RESOLVER, with_server);
	/* a name that is cached proves nothing, one that is found does */
	found = small_site_outcome(&small, small_site_row(&small, "update"), CAUSE_NONE);
	small_site_put(&small, small_site_row(&small, "update"), &found);
	found.name_asked = true;
	small_site_put(&small, small_site_row(&small, "cdn"), &found);
	expect_nothing(&small);
	small_site_done(&small);
}

/* When the uplink is gone the names follow as they expire, and that is no news. */
static void names_that_follow_the_uplink(void **state)
{
	static const char *const some[] = { "license", "update", NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, usual_far(), CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_INTERNET_UPLINK, usual_far());
	tell_rows(&small, some, CAUSE_DNS_SERVFAIL);
	expect(&small, COMMON_CAUSE_INTERNET_UPLINK, usual_far());
	tell_rows(&small, usual_far(), CAUSE_DNS_SERVFAIL);
	small_site_tell(&small, "dns-udp", CAUSE_DNS_SERVFAIL);
	expect(&small, COMMON_CAUSE_INTERNET_UPLINK, with_server);
	/* an answer between ends the one, and then it is the names alone */
	tell_rows(&small, usual_far(), CAUSE_NONE);
	tell_rows(&small, usual_far(), CAUSE_DNS_SERVFAIL);
	expect(&small, COMMON_CAUSE_OWN_RESOLVER, with_server);
	small_site_done(&small);
}

/* Started in an outage of the uplink: names fail, and nobody knows of a better time. */
static void names_that_never_were(void **state)
{
	static const char *const near[] = { "web", "xmpp", "sip", "prov", "ntp-lan",
		NULL };
	struct small_site small;

	(void)state;
	usual_site_fresh(&small);
	tell_rows(&small, near, CAUSE_NONE);
	small_site_tell(&small, "dns-udp", CAUSE_DNS_SERVFAIL);
	tell_rows(&small, usual_far(), CAUSE_DNS_SERVFAIL);
	expect_nothing(&small);
	/* a host out there that needs no name */
	small_site_tell(&small, "ntp", CAUSE_NONE);
	tell_rows(&small, &usual_far()[1], CAUSE_DNS_SERVFAIL);
	small_site_tell(&small, "ntp", CAUSE_NONE);
	expect(&small, COMMON_CAUSE_OWN_RESOLVER,
		(const char *const[]){
			"dns-udp", "license", "license-80", "update", "cdn", NULL });
	small_site_done(&small);
}

static void silent_servers_are_counted(void **state)
{
	struct small_site small;
	struct diagnosis diagnosis;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, usual_far(), CAUSE_DNS_TIMEOUT);
	expect_about(&small, COMMON_CAUSE_OWN_RESOLVER, usual_far(), &diagnosis);
	assert_int_equal(diagnosis.evidence.kind, EVIDENCE_COMPARISON);
	assert_string_equal(diagnosis.evidence.detail, "5 lookups fail: dns-timeout");
	small_site_done(&small);
}

static void a_cached_name_proves_nothing(void **state)
{
	static const char *const but_update[] = { "dns-udp", "ntp", "license",
		"license-80", "cdn", NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, but_update, CAUSE_DNS_SERVFAIL);
	small_site_tell(&small, "update", CAUSE_NONE);
	expect(&small, COMMON_CAUSE_OWN_RESOLVER, but_update);
	small_site_done(&small);
}

/* Rows that are still to be asked will tell whether it is the names or all of it. */
static void names_that_fail_first(void **state)
{
	static const char *const first[] = { "license", "license-80", "cdn", NULL };
	static const char *const then[] = { "license", "license-80", "update", "cdn",
		NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, first, CAUSE_DNS_TIMEOUT);
	expect_nothing(&small);
	small_site_tell(&small, "ntp", CAUSE_NONE);
	expect(&small, COMMON_CAUSE_OWN_RESOLVER, first);
	small_site_tell(&small, "ntp", CAUSE_TIMEOUT);
	small_site_tell(&small, "update", CAUSE_DNS_TIMEOUT);
	expect_nothing(&small); /* silence there as well, and too little of it */
	small_site_tell(&small, "ntp", CAUSE_NONE);
	expect(&small, COMMON_CAUSE_OWN_RESOLVER, then);
	small_site_done(&small);
}

static void a_single_domain_is_no_resolver(void **state)
{
	static const char *const starface[] = { "license", "license-80", "update", NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, starface, CAUSE_DNS_SERVFAIL);
	small_site_tell(&small, "ntp", CAUSE_NONE);
	expect_nothing(&small);
	/* what a server says of a name is of the name */
	tell_rows(&small, usual_far(), CAUSE_DNS_NXDOMAIN);
	expect_nothing(&small);
	small_site_done(&small);
}

static void names_and_everything_else_is_no_resolver(void **state)
{
	static const char *const near[] = { "dns-udp", "web", "xmpp", "sip", "prov",
		"ntp-lan", NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, near, CAUSE_TIMEOUT);
	tell_rows(&small, usual_far(), CAUSE_DNS_TIMEOUT);
	expect(&small, COMMON_CAUSE_OWN_RESOLVER, with_server);
	small.host.gateway_reachable = false;
	expect_nothing(&small);
	small_site_done(&small);
}

/* Two targets of one requirement are no two requirements. */
static void one_requirement_has_nothing_in_common(void **state)
{
	static const struct site_row one[] = {
		{ "a", "one.example.com", "203.0.113.1", 443, OUT, TCP },
		{ "a", "two.example.net", "203.0.113.2", 443, OUT, TCP },
		{ "b", "two.example.net", "203.0.113.2", 80, OUT, TCP },
		{ "c", "two.example.net", "203.0.113.2", 443, OUT, TCP },
		{ NULL, NULL, NULL, 0, OUT, TCP },
	};
	static const char *const both[] = { "a", "b", NULL };
	static const char *const others[] = { "b", "c", NULL };
	struct small_site small;

	(void)state;
	small_site_make(&small, one);
	small_site_tell_all(&small, CAUSE_NONE);
	small_site_tell(&small, "a", CAUSE_LOCAL_LINK_DOWN);
	expect_nothing(&small);
	small_site_tell(&small, "b", CAUSE_LOCAL_LINK_DOWN);
	expect(&small, COMMON_CAUSE_OWN_LINK, both);
	/* what one alone was tried for is free for what explains others */
	small_site_tell(&small, "a", CAUSE_DNS_WRONG_ADDRESS);
	small_site_tell(&small, "b", CAUSE_LOCAL_NO_ROUTE);
	small_site_tell(&small, "c", CAUSE_LOCAL_NO_ROUTE);
	small.host.default_route_ipv4 = false;
	expect(&small, COMMON_CAUSE_OWN_ROUTE, others);
	small_site_done(&small);
}

/* Causes that have their second witness in themselves, at two unrelated hosts. */
static void causes_of_several_checks(void **state)
{
	static const struct {
		enum cause cause;
		enum common_cause common;
	} cases[] = {
		{ CAUSE_DNS_WRONG_ADDRESS, COMMON_CAUSE_DNS_HIJACK },
		{ CAUSE_CAPTIVE_PORTAL, COMMON_CAUSE_CAPTIVE_PORTAL },
		{ CAUSE_TLS_INTERCEPTED, COMMON_CAUSE_TLS_INTERCEPTION },
	};
	static const char *const three[] = { "license", "update", "cdn", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct small_site small;
		struct outcome outcome;

		usual_site_make(&small);
		outcome = small_site_outcome(&small, 8, CAUSE_NONE);
		outcome.finding = finding_of(cases[i].cause);
		small_site_put(&small, small_site_row(&small, "license"), &outcome);
		small_site_put(&small, small_site_row(&small, "update"), &outcome);
		expect_nothing(&small);
		small_site_put(&small, small_site_row(&small, "cdn"), &outcome);
		expect(&small, cases[i].common, three);
		small_site_done(&small);
	}
}

static void tell_redirect(
	struct small_site *small, const char *requirement, const char *to)
{
	size_t row = small_site_row(small, requirement);
	struct outcome outcome = small_site_outcome(small, row, CAUSE_NONE);

	outcome.finding = finding_of(CAUSE_CAPTIVE_PORTAL);
	outcome.finding.verdict = VERDICT_DEGRADED;
	snprintf(outcome.finding.evidence.detail, sizeof(outcome.finding.evidence.detail),
		"%s", to);
	small_site_put(small, row, &outcome);
}

/* A redirect may be the server's own will, the same one of strangers is not. */
static void a_portal_that_redirects(void **state)
{
	static const char *const both[] = { "license", "cdn", NULL };
	static const char *const all[] = { "license", "update", "cdn", NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_redirect(&small, "license", "http://portal.example/login?for=license");
	tell_redirect(&small, "cdn", "http://www.example.org/login");
	expect_nothing(&small);
	/* nor is it where one owner sends two of his hosts to */
	tell_redirect(&small, "update", "http://portal.example/login");
	expect_nothing(&small);
	small_site_tell(&small, "cdn", CAUSE_CAPTIVE_PORTAL);
	expect_nothing(&small);
	tell_redirect(&small, "cdn", "http://www.example.org/login");
	small_site_tell(&small, "update", CAUSE_NONE);
	tell_redirect(&small, "cdn", "http://PORTAL.example");
	expect(&small, COMMON_CAUSE_CAPTIVE_PORTAL, both);
	/* one that is sure of it needs no redirect */
	small_site_tell(&small, "update", CAUSE_CAPTIVE_PORTAL);
	expect(&small, COMMON_CAUSE_CAPTIVE_PORTAL, all);
	small_site_done(&small);
}

static void tell_time(struct small_site *small, const char *requirement, int64_t offset)
{
	size_t row = small_site_row(small, requirement);
	struct outcome outcome = small_site_outcome(
		small, row, offset < MINUTE ? CAUSE_NONE : CAUSE_NTP_OFFSET);

	outcome.clock_compared = true;
	outcome.clock_offset_us = offset;
	small_site_put(small, row, &outcome);
}

static void the_own_clock_is_wrong(void **state)
{
	static const char *const dated[] = { "ntp", "license", NULL };
	static const char *const both[] = { "ntp", "ntp-lan", "license", NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	small_site_tell(&small, "license", CAUSE_LOCAL_CLOCK);
	tell_time(&small, "ntp", 7200 * SECOND);
	expect_nothing(&small);
	small.host.clock_synchronised = false;
	expect(&small, COMMON_CAUSE_OWN_CLOCK, dated);
	tell_time(&small, "ntp-lan", 0);
	expect_nothing(&small);
	small.host.clock_synchronised = true;
	tell_time(&small, "ntp-lan", 7200 * SECOND);
	expect(&small, COMMON_CAUSE_OWN_CLOCK, both);
	small_site_done(&small);
}

/* What owes no answer speaks neither for nor against, unless it speaks. */
/* A requirement that has a reason of its own beside the common one stays uncovered. */
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_common_to_what_is_well),
		cmocka_unit_test(own_troubles),
		cmocka_unit_test(names_fail_and_addresses_answer),
		cmocka_unit_test(names_that_follow_the_uplink),
		cmocka_unit_test(names_that_never_were),
		cmocka_unit_test(silent_servers_are_counted),
		cmocka_unit_test(a_cached_name_proves_nothing),
		cmocka_unit_test(names_that_fail_first),
		cmocka_unit_test(a_single_domain_is_no_resolver),
		cmocka_unit_test(names_and_everything_else_is_no_resolver),
		cmocka_unit_test(one_requirement_has_nothing_in_common),
		cmocka_unit_test(causes_of_several_checks),
		cmocka_unit_test(a_portal_that_redirects),
		cmocka_unit_test(the_own_clock_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
