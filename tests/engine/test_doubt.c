/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several checks say together of one run: it is named when its witnesses are there,
 * not with one fewer, and not for its innocent look-alike.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "doubts.h"
#include "engine/doubt.h"

#define OUT DIRECTION_OUTBOUND
#define TCP TRANSPORT_TCP
#define UDP TRANSPORT_UDP

static const struct site_row rows[] = {
	{ "license", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
	{ "license-80", "license.starface.de", "203.0.113.1", 80, OUT, TCP },
	{ "update", "update.starface.de", "203.0.113.2", 443, OUT, TCP },
	{ "cdn", "www.starface-cdn.de", "203.0.113.3", 443, OUT, TCP },
	{ "cdn-80", "www.starface-cdn.de", "203.0.113.3", 80, OUT, TCP },
	{ "lookup", "iplookup.starface.com", "203.0.113.4", 80, OUT, TCP },
	{ "shop", "shop.example.com", "203.0.113.5", 443, OUT, TCP },
	{ "shop-80", "shop.example.com", "203.0.113.5", 80, OUT, TCP },
	{ "news", "news.example.net", "203.0.113.6", 80, OUT, TCP },
	{ "web", "$pbx.example.com", "198.51.100.20", 443, DIRECTION_INBOUND, TCP },
	{ "web-two", "$pbx.example.net", "198.51.100.21", 443, DIRECTION_INBOUND, TCP },
	{ "stun", "$stun.example.org", "203.0.113.9", 3478, DIRECTION_BOTH, UDP },
	{ NULL, NULL, NULL, 0, OUT, TCP },
};

static struct outcome tls(const struct small_site *small, const char *requirement,
	enum cause cause, uint64_t issuer)
{
	struct outcome outcome = of(small, requirement, cause);

	outcome.issuer = issuer;
	outcome.finding.evidence.kind = EVIDENCE_CERTIFICATE;
	text_copy(outcome.finding.evidence.detail, EVIDENCE_DETAIL_MAX,
		"a certificate, issuer Firewall CA");
	return outcome;
}

static void put_tls(struct small_site *small, const char *requirement, enum cause cause,
	uint64_t issuer)
{
	struct outcome outcome = tls(small, requirement, cause, issuer);

	put(small, requirement, &outcome);
}

static enum cause tls_cause(const struct small_site *small, const char *requirement,
	enum cause cause, uint64_t issuer)
{
	struct outcome outcome = tls(small, requirement, cause, issuer);

	doubt(small, requirement, &outcome);
	return outcome.finding.cause;
}

static void one_issuer_of_unrelated_hosts(void **state)
{
	struct small_site small;
	struct outcome outcome;

	(void)state;
	sound_site_make(&small, rows);
	assert_int_equal(tls_cause(&small, "license", CAUSE_TLS_UNTRUSTED, 7),
		CAUSE_TLS_UNTRUSTED);
	/* the same vendor's second host, then a stranger with another issuer */
	put_tls(&small, "update", CAUSE_TLS_UNTRUSTED, 7);
	put_tls(&small, "cdn", CAUSE_TLS_UNTRUSTED, 8);
	assert_int_equal(tls_cause(&small, "license", CAUSE_TLS_UNTRUSTED, 7),
		CAUSE_TLS_UNTRUSTED);
	put_tls(&small, "cdn", CAUSE_TLS_UNTRUSTED, 7);
	outcome = tls(&small, "license", CAUSE_TLS_UNTRUSTED, 7);
	doubt(&small, "license", &outcome);
	assert_int_equal(outcome.finding.cause, CAUSE_TLS_INTERCEPTED);
	assert_int_equal(outcome.finding.verdict, VERDICT_FAILED);
	assert_string_equal(outcome.finding.evidence.detail,
		"a certificate, issuer Firewall CA; as at www.starface-cdn.de");
	/* of what was said before as much as there is room for */
	outcome = tls(&small, "license", CAUSE_TLS_UNTRUSTED, 7);
	text_copy(outcome.finding.evidence.detail, EVIDENCE_DETAIL_MAX,
		"Test stranger: self-signed certificate in certificate chain");
	doubt(&small, "license", &outcome);
	assert_string_equal(outcome.finding.evidence.detail,
		"Test stranger: self-signed certificate in certificate chain; as at "
		"www.starface-cdn.de");
	outcome = tls(&small, "license", CAUSE_TLS_UNTRUSTED, 7);
	memset(outcome.finding.evidence.detail, 'x', EVIDENCE_DETAIL_MAX - 1);
	doubt(&small, "license", &outcome);
	assert_int_equal(
		strlen(outcome.finding.evidence.detail), EVIDENCE_DETAIL_MAX - 1);
	assert_non_null(
		strstr(outcome.finding.evidence.detail, "x; as at www.starface-cdn.de"));
	/* and it stays so once the other has been told as well */
	put_tls(&small, "cdn", CAUSE_TLS_INTERCEPTED, 7);
	assert_int_equal(tls_cause(&small, "license", CAUSE_TLS_SELF_SIGNED, 7),
		CAUSE_TLS_INTERCEPTED);
	small_site_done(&small);
}

static void what_is_no_interception(void **state)
{
	struct small_site small;

	(void)state;
	sound_site_make(&small, rows);
	/* a private authority of the site for two of its PBXs */
	put_tls(&small, "web", CAUSE_TLS_UNTRUSTED, 7);
	assert_int_equal(tls_cause(&small, "web-two", CAUSE_TLS_UNTRUSTED, 7),
		CAUSE_TLS_UNTRUSTED);
	assert_int_equal(tls_cause(&small, "license", CAUSE_TLS_UNTRUSTED, 7),
		CAUSE_TLS_UNTRUSTED);
	/* a public authority that both use, whatever is wrong with the one or the other
	 */
	put_tls(&small, "cdn", CAUSE_TLS_INCOMPLETE_CHAIN, 7);
	assert_int_equal(tls_cause(&small, "license", CAUSE_TLS_UNTRUSTED, 7),
		CAUSE_TLS_UNTRUSTED);
	put_tls(&small, "cdn", CAUSE_NONE, 7);
	assert_int_equal(
		tls_cause(&small, "license", CAUSE_TLS_EXPIRED, 7), CAUSE_TLS_EXPIRED);
	/* nobody's name is no name in common */
	put_tls(&small, "cdn", CAUSE_TLS_UNTRUSTED, 0);
	assert_int_equal(tls_cause(&small, "license", CAUSE_TLS_UNTRUSTED, 0),
		CAUSE_TLS_UNTRUSTED);
	small_site_done(&small);
}

static void put_at(struct small_site *small, const char *requirement, enum cause cause,
	uint64_t issuer, const char *address)
{
	struct outcome outcome = tls(small, requirement, cause, issuer);

	outcome.address = address_of(address);
	put(small, requirement, &outcome);
}

static void one_issuer_at_one_address(void **state)
{
	struct small_site small;
	struct outcome outcome;

	(void)state;
	sound_site_make(&small, rows);
	/* one machine of the vendor's with one untrusted chain */
	put_at(&small, "cdn", CAUSE_TLS_UNTRUSTED, 7, "203.0.113.1");
	assert_int_equal(tls_cause(&small, "license", CAUSE_TLS_UNTRUSTED, 7),
		CAUSE_TLS_UNTRUSTED);
	put_at(&small, "cdn", CAUSE_TLS_UNTRUSTED, 7, "203.0.113.3");
	/* who only reports is told the cause, and keeps its verdict */
	outcome = tls(&small, "license", CAUSE_TLS_UNTRUSTED, 7);
	outcome.finding.verdict = VERDICT_DEGRADED;
	doubt(&small, "license", &outcome);
	assert_int_equal(outcome.finding.cause, CAUSE_TLS_INTERCEPTED);
	assert_int_equal(outcome.finding.verdict, VERDICT_DEGRADED);
	small_site_done(&small);
}

static enum cause cause_at(const struct small_site *small, const char *requirement,
	enum cause cause, const char *address)
{
	struct outcome outcome = tls(small, requirement, cause, 5);

	outcome.address = address_of(address);
	doubt(small, requirement, &outcome);
	return outcome.finding.cause;
}

static void several_names_at_one_address(void **state)
{
	static const char block[] = "203.0.113.66";
	struct small_site small;

	(void)state;
	sound_site_make(&small, rows);
	put_at(&small, "shop", CAUSE_TLS_WRONG_HOST, 6, block);
	assert_int_equal(cause_at(&small, "license", CAUSE_TLS_WRONG_HOST, block),
		CAUSE_TLS_WRONG_HOST);
	put_at(&small, "update", CAUSE_TLS_WRONG_HOST, 6, block); /* no third owner */
	assert_int_equal(cause_at(&small, "license", CAUSE_TLS_WRONG_HOST, block),
		CAUSE_TLS_WRONG_HOST);
	put_at(&small, "news", CAUSE_NONE, 0, block);
	assert_int_equal(cause_at(&small, "license", CAUSE_TLS_WRONG_HOST, block),
		CAUSE_DNS_WRONG_ADDRESS);
	/* one good certificate, and whoever serves there is no impostor */
	put_at(&small, "news", CAUSE_TLS_WRONG_HOST, 6, block);
	put_at(&small, "shop", CAUSE_NONE, 6, block);
	assert_int_equal(cause_at(&small, "license", CAUSE_TLS_WRONG_HOST, block),
		CAUSE_TLS_WRONG_HOST);
	put_at(&small, "news", CAUSE_NONE, 0, block);
	/* a content network has a certificate for each */
	put_at(&small, "shop", CAUSE_NONE, 6, block);
	assert_int_equal(cause_at(&small, "license", CAUSE_TLS_WRONG_HOST, block),
		CAUSE_TLS_WRONG_HOST);
	small_site_done(&small);
}

/* A host of several names whose one certificate is wrong: the others have no TLS. */
static void one_wrong_certificate_is_no_block_page(void **state)
{
	static const char shared[] = "203.0.113.66";
	struct small_site small;

	(void)state;
	sound_site_make(&small, rows);
	put_at(&small, "shop-80", CAUSE_NONE, 0, shared);
	put_at(&small, "news", CAUSE_NONE, 0, shared);
	assert_int_equal(cause_at(&small, "license", CAUSE_TLS_WRONG_HOST, shared),
		CAUSE_TLS_WRONG_HOST);
	small_site_done(&small);
}

/* All of the vendor's names at one machine of his, with one wrong certificate. */
static void one_vendor_is_no_several_names(void **state)
{
	static const char shared[] = "203.0.113.66";
	struct small_site small;

	(void)state;
	sound_site_make(&small, rows);
	put_at(&small, "cdn", CAUSE_TLS_WRONG_HOST, 6, shared);
	put_at(&small, "lookup", CAUSE_TLS_WRONG_HOST, 6, shared);
	put_at(&small, "shop", CAUSE_TLS_WRONG_HOST, 6, shared);
	assert_int_equal(cause_at(&small, "license", CAUSE_TLS_WRONG_HOST, shared),
		CAUSE_TLS_WRONG_HOST);
	put_at(&small, "news", CAUSE_TLS_WRONG_HOST, 6, shared);
	assert_int_equal(cause_at(&small, "license", CAUSE_TLS_WRONG_HOST, shared),
		CAUSE_DNS_WRONG_ADDRESS);
	/* what does not apply any more is no witness */
	store_applies(small.store, small_site_row(&small, "news"), false);
	assert_int_equal(cause_at(&small, "license", CAUSE_TLS_WRONG_HOST, shared),
		CAUSE_TLS_WRONG_HOST);
	/* nor does it prove anything */
	store_applies(small.store, small_site_row(&small, "news"), true);
	put_at(&small, "license", CAUSE_NONE, 6, shared);
	store_applies(small.store, small_site_row(&small, "license"), false);
	assert_int_equal(cause_at(&small, "update", CAUSE_TLS_WRONG_HOST, shared),
		CAUSE_DNS_WRONG_ADDRESS);
	small_site_done(&small);
}

static enum cause answer_cause(
	const struct small_site *small, const char *requirement, uint64_t answer)
{
	struct outcome outcome = of(small, requirement, CAUSE_NONE);

	outcome.answer = answer;
	doubt(small, requirement, &outcome);
	return outcome.finding.cause;
}

static void put_answer(struct small_site *small, const char *requirement, uint64_t answer)
{
	struct outcome outcome = of(small, requirement, CAUSE_NONE);

	outcome.answer = answer;
	put(small, requirement, &outcome);
}

static void one_page_for_unrelated_hosts(void **state)
{
	static const enum cause witnesses[] = { CAUSE_TLS_UNTRUSTED,
		CAUSE_TLS_SELF_SIGNED, CAUSE_TLS_WRONG_HOST, CAUSE_REFUSED,
		CAUSE_WRONG_PROTOCOL };

	(void)state;
	for (size_t i = 0; i < sizeof(witnesses) / sizeof(witnesses[0]); i++) {
		struct small_site small;

		sound_site_make(&small, rows);
		put_tls(&small, "license", witnesses[i], 0);
		put_tls(&small, "update", witnesses[i], 0);
		put_answer(&small, "cdn-80", 42);
		assert_int_equal(answer_cause(&small, "license-80", 42), CAUSE_NONE);
		put_tls(&small, "cdn", witnesses[i], 0);
		assert_int_equal(
			answer_cause(&small, "license-80", 42), CAUSE_CAPTIVE_PORTAL);
		assert_int_equal(answer_cause(&small, "license-80", 43), CAUSE_NONE);
		small_site_done(&small);
	}
}

/* Equal pages by all names of a vendor, whose certificates are in order. */
static void a_vendor_may_serve_one_page(void **state)
{
	struct small_site small;

	(void)state;
	sound_site_make(&small, rows);
	put_tls(&small, "license", CAUSE_NONE, 6);
	put_tls(&small, "cdn", CAUSE_NONE, 6);
	put_answer(&small, "cdn-80", 42);
	put_answer(&small, "lookup", 42);
	assert_int_equal(answer_cause(&small, "license-80", 42), CAUSE_NONE);
	/* even if the certificates expire, or one of them is bad */
	put_tls(&small, "license", CAUSE_TLS_EXPIRED, 6);
	assert_int_equal(answer_cause(&small, "license-80", 42), CAUSE_NONE);
	put_tls(&small, "license", CAUSE_TLS_UNTRUSTED, 6);
	assert_int_equal(answer_cause(&small, "license-80", 42), CAUSE_NONE);
	small_site_done(&small);
}

static void one_page_at_one_address(void **state)
{
	struct small_site small;
	static const char *const plain[] = { "cdn-80", "lookup" };
	struct outcome outcome;

	(void)state;
	sound_site_make(&small, rows);
	for (size_t i = 0; i < 2; i++) {
		outcome = of(&small, plain[i], CAUSE_NONE);
		outcome.answer = 42;
		outcome.address = address_of("203.0.113.66");
		put(&small, plain[i], &outcome);
		outcome = of(&small, "license-80", CAUSE_NONE);
		outcome.answer = 42;
		outcome.address = address_of("203.0.113.66");
		doubt(&small, "license-80", &outcome);
		assert_int_equal(outcome.finding.cause,
			i == 1 ? CAUSE_CAPTIVE_PORTAL : CAUSE_NONE);
	}
	assert_int_equal(outcome.finding.verdict, VERDICT_FAILED);
	assert_int_equal(outcome.finding.evidence.kind, EVIDENCE_COMPARISON);
	/* a good certificate of one of them, wherever it was shown */
	for (size_t i = 0; i < 2; i++) {
		static const char *const proofs[] = { "license", "cdn" };

		put_tls(&small, proofs[i], CAUSE_NONE, 6);
		outcome = of(&small, "license-80", CAUSE_NONE);
		outcome.answer = 42;
		outcome.address = address_of("203.0.113.66");
		doubt(&small, "license-80", &outcome);
		assert_int_equal(outcome.finding.cause, CAUSE_NONE);
		put_tls(&small, proofs[i], CAUSE_TIMEOUT, 0);
	}
	small_site_done(&small);
}

static void addresses_are_looked_at_first(void **state)
{
	struct small_site small;
	struct finding finding = { .cause = CAUSE_SLOW };
	struct address private = address_of("10.1.2.3"), public = address_of("1.1.1.1");
	struct address server = address_of("192.168.1.53");
	const struct check *cloud, *own;

	(void)state;
	sound_site_make(&small, rows);
	cloud = &small.checks[small_site_row(&small, "license")];
	own = &small.checks[small_site_row(&small, "web")];
	assert_false(doubt_address(cloud, &public, &server, &finding));
	assert_false(doubt_address(own, &private, &server, &finding));
	assert_int_equal(finding.cause, CAUSE_SLOW);
	assert_true(doubt_address(cloud, &private, &server, &finding));
	assert_int_equal(finding.cause, CAUSE_DNS_WRONG_ADDRESS);
	assert_int_equal(finding.verdict, VERDICT_FAILED);
	assert_string_equal(finding.evidence.detail, "10.1.2.3 is private (RFC 1918)");
	assert_true(address_equal(&finding.evidence.offender, &server));
	small.site.any_cloud_address = true;
	assert_false(doubt_address(cloud, &private, &server, &finding));
	small_site_done(&small);
}

static void dates_under_a_wrong_clock(void **state)
{
	struct small_site small;
	struct outcome time, expired;
	char detail[EVIDENCE_DETAIL_MAX];

	(void)state;
	sound_site_make(&small, rows);
	time = of(&small, "stun", CAUSE_NONE);
	time.clock_compared = true;
	time.clock_offset_us = -2 * CLOCK_WRONG;
	put(&small, "stun", &time);
	assert_int_equal(
		tls_cause(&small, "license", CAUSE_TLS_EXPIRED, 6), CAUSE_LOCAL_CLOCK);
	expired = tls(&small, "license", CAUSE_TLS_EXPIRED, 6);
	doubt(&small, "license", &expired);
	snprintf(detail, sizeof(detail),
		"this host's clock is %.0f s ahead, as time servers say",
		SECONDS_OF(2 * CLOCK_WRONG));
	assert_string_equal(expired.finding.evidence.detail, detail);
	/* what does not apply any more is not asked again, and its word is old */
	store_applies(small.store, small_site_row(&small, "stun"), false);
	assert_int_equal(
		tls_cause(&small, "license", CAUSE_TLS_EXPIRED, 6), CAUSE_TLS_EXPIRED);
	store_applies(small.store, small_site_row(&small, "stun"), true);
	assert_int_equal(tls_cause(&small, "license", CAUSE_TLS_WRONG_HOST, 6),
		CAUSE_TLS_WRONG_HOST);
	time.clock_offset_us = CLOCK_WRONG / 2;
	put(&small, "stun", &time);
	assert_int_equal(
		tls_cause(&small, "license", CAUSE_TLS_EXPIRED, 6), CAUSE_TLS_EXPIRED);
	small_site_done(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_issuer_of_unrelated_hosts),
		cmocka_unit_test(what_is_no_interception),
		cmocka_unit_test(several_names_at_one_address),
		cmocka_unit_test(one_wrong_certificate_is_no_block_page),
		cmocka_unit_test(one_issuer_at_one_address),
		cmocka_unit_test(one_vendor_is_no_several_names),
		cmocka_unit_test(one_page_for_unrelated_hosts),
		cmocka_unit_test(a_vendor_may_serve_one_page),
		cmocka_unit_test(one_page_at_one_address),
		cmocka_unit_test(addresses_are_looked_at_first),
		cmocka_unit_test(dates_under_a_wrong_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
