/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is of all sites is named once, what is of one at that one; the uplink by family;
 * the vendor alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/diagnosis.h"
#include "usual_site.h"

#define SITES 3

/* Each with a PBX, and something out there. */
static const struct site_row three_sites[] = {
	{ "web-a", "$192.168.1.10", NULL, 443, IN, TCP },
	{ "xmpp-a", "$192.168.1.10", NULL, 5222, IN, TCP },
	{ "sip-a", "$192.168.1.10", NULL, 5060, DIRECTION_BOTH, UDP },
	{ "license-a", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
	{ "ntp-a", "$ntp.example.com", "198.51.100.1", 123, OUT, UDP },
	{ "web-b", "$192.168.1.20", NULL, 443, IN, TCP },
	{ "xmpp-b", "$192.168.1.20", NULL, 5222, IN, TCP },
	{ "sip-b", "$192.168.1.20", NULL, 5060, DIRECTION_BOTH, UDP },
	{ "license-b", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
	{ "ntp-b", "$ntp.example.com", "198.51.100.1", 123, OUT, UDP },
	{ "web-c", "$192.168.1.30", NULL, 443, IN, TCP },
	{ "update-c", "update.starface.de", "203.0.113.2", 443, OUT, TCP },
	{ "ntp-c", "$ntp.example.com", "198.51.100.1", 123, OUT, UDP },
	{ NULL, NULL, NULL, 0, OUT, TCP },
};

static const char *const all[] = { "web-a", "xmpp-a", "sip-a", "license-a", "ntp-a",
	"web-b", "xmpp-b", "sip-b", "license-b", "ntp-b", "web-c", "update-c", "ntp-c",
	NULL };
static const char *const far[] = { "license-a", "ntp-a", "license-b", "ntp-b", "update-c",
	"ntp-c", NULL };

static void make_sites(struct small_site *small, struct site sites[SITES])
{
	static const char *const names[SITES] = { "a", "b", "c" };

	small_site_make(small, three_sites);
	for (size_t i = 0; i < SITES; i++) {
		sites[i] = small->site;
		sites[i].name = names[i];
	}
	small->plan.sites = sites;
	small->plan.site_count = SITES;
	for (size_t i = 0; i < small->plan.check_count; i++)
		small->checks[i].site = &sites[i / 5 < SITES ? i / 5 : SITES - 1];
	small_site_tell_all(small, CAUSE_NONE);
}

/* A pulled cable, a dead gateway, a cut line: one cause, not one of each site. */
static void one_host_has_one_link(void **state)
{
	static const struct {
		enum cause cause;
		const char *const *rows;
		enum common_cause common;
	} cases[] = {
		{ CAUSE_LOCAL_LINK_DOWN, all, COMMON_CAUSE_OWN_LINK },
		{ CAUSE_LOCAL_NO_ROUTE, all, COMMON_CAUSE_OWN_ROUTE },
		{ CAUSE_LOCAL_ARP_FAILED, all, COMMON_CAUSE_OWN_GATEWAY },
		{ CAUSE_TIMEOUT, far, COMMON_CAUSE_INTERNET_UPLINK },
		{ CAUSE_DNS_TIMEOUT, far, COMMON_CAUSE_OWN_RESOLVER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct small_site small;
		struct site sites[SITES];
		struct diagnosis diagnosis;

		make_sites(&small, sites);
		tell_rows(&small, cases[i].rows, cases[i].cause);
		expect_about(&small, cases[i].common, cases[i].rows, &diagnosis);
		assert_null(diagnosis.site);
		small_site_done(&small);
	}
}

/* Another site's answer from beyond speaks for the one line of all. */
static void one_site_that_hears_is_enough(void **state)
{
	struct small_site small;
	struct site sites[SITES];

	(void)state;
	make_sites(&small, sites);
	tell_rows(&small, far, CAUSE_TIMEOUT);
	small_site_tell(&small, "ntp-c", CAUSE_NONE);
	expect_nothing(&small);
	small_site_done(&small);
}

/* Who asks name servers of its own has a cause of its own; who shares them, one. */
static void name_servers_are_of_who_asks_them(void **state)
{
	static const struct resolver_server own = { .port = 53 };
	static const char *const of_b[] = { "license-b", "ntp-b", NULL };
	static const char *const of_a_and_c[] = { "license-a", "ntp-a", "update-c",
		"ntp-c", NULL };
	struct small_site small;
	struct site sites[SITES];
	struct diagnosis diagnosis;

	(void)state;
	make_sites(&small, sites);
	sites[1].name_servers = &own;
	sites[1].name_server_count = 1;
	tell_rows(&small, of_b, CAUSE_DNS_TIMEOUT);
	tell_rows(&small, of_a_and_c, CAUSE_NONE);
	expect_about(&small, COMMON_CAUSE_OWN_RESOLVER, of_b, &diagnosis);
	assert_ptr_equal(diagnosis.site, &sites[1]);
	tell_rows(&small, of_b, CAUSE_NONE);
	tell_rows(&small, of_a_and_c, CAUSE_DNS_TIMEOUT);
	tell_rows(&small, of_b, CAUSE_NONE);
	expect_about(&small, COMMON_CAUSE_OWN_RESOLVER, of_a_and_c, &diagnosis);
	assert_null(diagnosis.site);
	small_site_done(&small);
}

/* Those between two who ask alike are left out, and nobody is asked twice. */
static void who_stands_between_is_left_out(void **state)
{
	static const struct resolver_server own = { .port = 53 };
	static const char *const of_b[] = { "license-b", "ntp-b", NULL };
	struct small_site small;
	struct site sites[SITES];
	struct diagnoses made;

	(void)state;
	make_sites(&small, sites);
	sites[1].name_servers = &own;
	sites[1].name_server_count = 1;
	/* b finds no names; a and c, who stand around it, find one since */
	tell_rows(&small, of_b, CAUSE_DNS_TIMEOUT);
	small_site_tell(&small, "ntp-c", CAUSE_NONE);
	expect(&small, COMMON_CAUSE_OWN_RESOLVER, of_b);
	/* each for itself, at the same time */
	tell_rows(&small, far, CAUSE_DNS_TIMEOUT);
	assert_true(diagnoses_make(small.store, &small.host, &made));
	assert_int_equal(made.count, 2);
	assert_null(made.items[0].site);
	assert_int_equal(made.items[0].covered, 4);
	assert_ptr_equal(made.items[1].site, &sites[1]);
	assert_int_equal(made.items[1].covered, 2);
	diagnoses_done(&made);
	small_site_done(&small);
}

static void a_pbx_is_of_its_site(void **state)
{
	static const char *const of_b[] = { "web-b", "xmpp-b", "sip-b", NULL };
	struct small_site small;
	struct site sites[SITES];
	struct diagnosis diagnosis;

	(void)state;
	make_sites(&small, sites);
	tell_rows(&small, of_b, CAUSE_TIMEOUT);
	expect_about(&small, COMMON_CAUSE_POSSIBLE_BAN, of_b, &diagnosis);
	assert_ptr_equal(diagnosis.site, &sites[1]);
	small_site_done(&small);
}

/* Rows of both families, to one host each. */
static const struct site_row two_families[] = {
	{ "a", "one.example.com", "198.51.100.1", 443, OUT, TCP },
	{ "a", "one.example.com", "2001:db8:1::1", 443, OUT, TCP },
	{ "b", "two.example.net", "198.51.100.2", 443, OUT, TCP },
	{ "b", "two.example.net", "2001:db8:2::1", 443, OUT, TCP },
	{ "c", "three.example.org", "198.51.100.3", 443, OUT, TCP },
	{ "c", "three.example.org", "2001:db8:3::1", 443, OUT, TCP },
	{ NULL, NULL, NULL, 0, OUT, TCP },
};

static void tell_family(struct small_site *small, enum family family, enum cause cause)
{
	for (size_t i = 0; i < small->plan.check_count; i++) {
		struct outcome outcome = small_site_outcome(small, i, cause);

		if (small->checks[i].family == family)
			small_site_put(small, i, &outcome);
	}
}

static void the_line_of_one_family(void **state)
{
	static const char *const rows[] = { "a", "b", "c", NULL };
	static const enum family families[] = { FAMILY_IPV4, FAMILY_IPV6 };
	struct small_site small;
	struct outcome heard;
	struct diagnosis diagnosis;

	(void)state;
	for (size_t f = 0; f < 2; f++) {
		enum family other = families[1 - f];

		small_site_make(&small, two_families);
		for (size_t i = 1; i < small.plan.check_count; i += 2)
			small.checks[i].family = FAMILY_IPV6;
		small_site_tell_all(&small, CAUSE_NONE);
		tell_family(&small, families[f], CAUSE_TIMEOUT);
		expect_about(&small, COMMON_CAUSE_INTERNET_UPLINK, rows, &diagnosis);
		assert_non_null(
			strstr(diagnosis.evidence.detail, family_name(families[f])));
		/* one of the family that is heard disproves it */
		heard = small_site_outcome(&small, f, CAUSE_NONE);
		small_site_put(&small, f, &heard);
		expect_nothing(&small);
		/* and both are one */
		tell_family(&small, families[f], CAUSE_TIMEOUT);
		tell_family(&small, other, CAUSE_TIMEOUT);
		expect_about(&small, COMMON_CAUSE_INTERNET_UPLINK, rows, &diagnosis);
		assert_null(strstr(diagnosis.evidence.detail, family_name(families[f])));
		small_site_done(&small);
	}
}

static void the_vendor_alone(void **state)
{
	static const char *const vendors[] = { "license", "license-80", "update", "cdn",
		NULL };
	static const struct site_row nothing_else[] = {
		{ "license", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
		{ "update", "update.starface.de", "203.0.113.2", 443, OUT, TCP },
		{ "cdn", "www.starface-cdn.de", "203.0.113.3", 443, OUT, TCP },
		{ NULL, NULL, NULL, 0, OUT, TCP },
	};
	static const char *const few[] = { "license", "update", "cdn", NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	tell_rows(&small, vendors, CAUSE_TIMEOUT);
	/* whether others out there are heard still, nobody has asked since */
	expect_nothing(&small);
	small_site_tell(&small, "ntp", CAUSE_NONE);
	expect(&small, COMMON_CAUSE_VENDOR_SILENT, vendors);
	small_site_tell(&small, "ntp", CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_INTERNET_UPLINK, usual_far());
	small_site_tell(&small, "ntp", CAUSE_NONE);
	small_site_tell(&small, "cdn", CAUSE_REFUSED);
	expect_nothing(&small);
	small_site_done(&small);

	/* where nothing else is checked it is the vendor as far as anybody can tell */
	small_site_make(&small, nothing_else);
	small_site_tell_all(&small, CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_VENDOR_SILENT, few);
	small.host.gateway_reachable = false;
	expect_nothing(&small);
	small_site_done(&small);
}

/* However many firewalls of other sites refuse this and that, which is no cause. */
#define FIREWALLS 100

struct many_sites {
	struct site sites[FIREWALLS];
	struct requirement requirements[3 * FIREWALLS];
	struct check checks[3 * FIREWALLS];
	char names[3 * FIREWALLS][32];
	struct plan plan;
};

static void make_many(struct many_sites *many)
{
	for (size_t i = 0; i < 3 * FIREWALLS; i++) {
		snprintf(
			many->names[i], sizeof(many->names[i]), "row-%zu.example.com", i);
		many->sites[i / 3].name = many->names[i - i % 3];
		many->requirements[i] = (struct requirement){ .id = many->names[i],
			.host = many->names[i],
			.interval_us = MINUTE,
			.confirm = 1 };
		many->checks[i] = (struct check){ .identity = many->names[i],
			.hash = i,
			.site = &many->sites[i / 3],
			.requirement = &many->requirements[i],
			.host = many->names[i],
			.target = many->names[i],
			.port = 443,
			.family = FAMILY_IPV4 };
	}
	many->plan = (struct plan){ many->requirements, 3 * FIREWALLS, many->sites,
		FIREWALLS, many->checks, 3 * FIREWALLS };
}

/* The firewall of the site that a row is of, or one of a third of all sites. */
static size_t device_at_site(size_t row)
{
	return row / 3;
}

static size_t device_across_sites(size_t row)
{
	return row % FIREWALLS;
}

/* \param from  the first site whose firewall refuses all three, and not two of them */
static size_t count_devices(
	struct many_sites *many, size_t (*device_of)(size_t row), size_t from)
{
	struct host_state host = { .known = false };
	struct store *store = store_new(&many->plan, 0);
	struct diagnoses made;
	size_t count;

	assert_non_null(store);
	for (size_t i = 0; i < 3 * FIREWALLS; i++) {
		struct outcome outcome = { .finding = finding_of(
						   CAUSE_ICMP_ADMIN_PROHIBITED),
			.phase = PHASE_CONNECT,
			.address = address_of("203.0.113.1"),
			.wall_us = 1000 * MINUTE };

		outcome.finding.evidence.kind = EVIDENCE_ICMP;
		outcome.finding.evidence.offender = address_of("198.51.100.1");
		outcome.finding.evidence.offender.bytes[3] = (uint8_t)device_of(i);
		if (i / 3 < from && i % 3 == 2)
			outcome.finding = finding_of(CAUSE_NONE);
		store_outcome(store, i, &outcome, NULL);
	}
	assert_true(diagnoses_make(store, &host, &made));
	count = made.count;
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(made.items[i].cause, COMMON_CAUSE_COMMON_DEVICE);
		assert_int_equal(made.items[i].covered, 3);
	}
	diagnoses_done(&made);
	store_free(store);
	return count;
}

static void each_firewall_of_many(void **state)
{
	struct many_sites *many = calloc(1, sizeof(*many));

	(void)state;
	assert_non_null(many);
	make_many(many);
	assert_int_equal(count_devices(many, device_at_site, FIREWALLS), 0);
	assert_int_equal(count_devices(many, device_at_site, FIREWALLS - 1), 1);
	assert_int_equal(count_devices(many, device_at_site, 20), FIREWALLS - 20);
	assert_int_equal(count_devices(many, device_at_site, 0), FIREWALLS);
	/* each has one row at three sites, which none of them could know alone */
	assert_int_equal(count_devices(many, device_across_sites, 0), FIREWALLS);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_host_has_one_link),
		cmocka_unit_test(one_site_that_hears_is_enough),
		cmocka_unit_test(name_servers_are_of_who_asks_them),
		cmocka_unit_test(who_stands_between_is_left_out),
		cmocka_unit_test(a_pbx_is_of_its_site),
		cmocka_unit_test(the_line_of_one_family),
		cmocka_unit_test(the_vendor_alone),
		cmocka_unit_test(each_firewall_of_many),
	};

	return cmocka_run_group_tests_name("diagnosis of sites", tests, NULL, NULL);
}
