/* SPDX-License-Identifier: Apache-2.0 */
/* The closed vocabulary: complete, distinct, speakable in both languages. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cause.h"

/* The list of the design, layer by layer; nothing may leave it unnoticed. */
static const struct {
	enum layer layer;
	const char *names;
} promised[] = {
	{ LAYER_NONE, "none" },
	{ LAYER_PATH,
		"timeout refused reset closed-early no-answer icmp-net-unreachable "
		"icmp-host-unreachable icmp-proto-unreachable icmp-port-unreachable "
		"icmp-net-prohibited icmp-host-prohibited icmp-admin-prohibited "
		"icmp6-no-route icmp6-admin-prohibited icmp6-addr-unreachable "
		"icmp6-port-unreachable icmp6-policy-fail icmp6-reject-route "
		"ttl-exceeded "
		"mtu-blackhole flapping address-partial arp-failed wrong-source "
		"nat-rewrite "
		"nat-symmetric" },
	{ LAYER_LOCAL,
		"local-no-route local-arp-failed local-link-down local-resource "
		"local-denied local-clock" },
	{ LAYER_DNS,
		"dns-nxdomain dns-nodata dns-servfail dns-refused dns-timeout "
		"dns-unreachable dns-truncated-no-tcp dns-wrong-address dns-garbage "
		"dns-bad-id dns-cname-loop" },
	{ LAYER_TLS,
		"tls-expired tls-not-yet-valid tls-wrong-host tls-self-signed "
		"tls-untrusted "
		"tls-incomplete-chain tls-protocol-version tls-old-version-accepted "
		"tls-weak-key tls-expiring-soon tls-handshake-failure tls-intercepted" },
	{ LAYER_HTTP,
		"http-status http-redirect http-redirect-loop captive-portal "
		"http-empty-reply http-truncated http-bad-framing http-timeout" },
	{ LAYER_PROTOCOL, "garbage wrong-protocol slow" },
	{ LAYER_NTP, "ntp-unsynchronised ntp-kod ntp-offset ntp-bad-origin" },
	{ LAYER_LDAP, "ldap-bind-refused ldap-result" },
	{ LAYER_SIP, "sip-status sip-no-final sip-mismatch sip-alg" },
	{ LAYER_XMPP,
		"xmpp-no-starttls xmpp-stream-error xmpp-see-other-host "
		"xmpp-starttls-failure" },
	{ LAYER_STUN, "stun-mismatch stun-error" },
	{ LAYER_RTP,
		"rtp-all-blocked rtp-partial loss jitter delay reorder duplicate "
		"corruption "
		"rate-limit rtp-untold" },
	{ LAYER_ROW, "not-configured not-testable-here" },
};

static void test_the_promised_ones_are_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
		const char *name = promised[i].names;

		while (*name) {
			size_t length = strcspn(name, " ");
			char word[48] = "";
			enum cause cause;

			memcpy(word, name, length);
			if (!cause_by_name(word, &cause))
				fail_msg("there is no cause %s", word);
			assert_string_equal(cause_name(cause), word);
			assert_int_equal(cause_layer(cause), promised[i].layer);
			name += length + strspn(name + length, " ");
		}
	}
}

static void check_name(const char *name)
{
	size_t length = strlen(name);

	assert_true(length > 0 && islower((unsigned char)name[0]));
	assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), length);
	assert_int_not_equal(name[length - 1], '-');
	assert_null(strstr(name, "--"));
}

static void check_sentence(const char *sentence)
{
	size_t length = strlen(sentence);

	assert_true(length > 10);
	assert_true(isupper((unsigned char)sentence[0]));
	assert_int_equal(sentence[length - 1], '.');
	assert_null(strpbrk(sentence, "\n\t\"<>"));
	assert_null(strstr(sentence, "  "));
}

static void test_every_cause_is_whole(void **state)
{
	(void)state;
	for (enum cause cause = 0; cause < CAUSE_COUNT; cause++) {
		const char *english = cause_sentence(cause, LANGUAGE_EN);
		const char *german = cause_sentence(cause, LANGUAGE_DE);

		check_name(cause_name(cause));
		check_sentence(english);
		check_sentence(german);
		assert_string_not_equal(english, german);
		assert_in_range(cause_layer(cause), LAYER_NONE, LAYER_COUNT - 1);
		assert_in_range(cause_verdict(cause), 0, VERDICT_COUNT - 1);
		for (enum cause other = 0; other < cause; other++) {
			assert_string_not_equal(cause_name(cause), cause_name(other));
			assert_string_not_equal(
				english, cause_sentence(other, LANGUAGE_EN));
			assert_string_not_equal(
				german, cause_sentence(other, LANGUAGE_DE));
		}
	}
}

/* Rule 2 of truth: our own trouble is never theirs. */
static void test_own_trouble_and_rows_are_unknown(void **state)
{
	(void)state;
	for (enum cause cause = 0; cause < CAUSE_COUNT; cause++) {
		enum layer layer = cause_layer(cause);
		bool is_ours = layer == LAYER_LOCAL || layer == LAYER_ROW;
		bool is_untold = cause == CAUSE_RTP_UNTOLD;

		assert_int_equal(
			cause_verdict(cause) == VERDICT_UNKNOWN, is_ours || is_untold);
		assert_int_equal(cause_verdict(cause) == VERDICT_OK, cause == CAUSE_NONE);
		assert_int_equal(strncmp(cause_name(cause), "local-", 6) == 0,
			layer == LAYER_LOCAL);
	}
}

static void test_names(void **state)
{
	enum cause cause = CAUSE_SLOW;

	(void)state;
	assert_false(cause_by_name("no-such-cause", &cause));
	assert_false(cause_by_name("", &cause));
	assert_int_equal(cause, CAUSE_SLOW);
	for (enum layer layer = 0; layer < LAYER_COUNT; layer++)
		assert_true(strlen(layer_name(layer)) > 0);
	for (enum phase phase = 0; phase < PHASE_COUNT; phase++)
		check_name(phase_name(phase));
	for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++)
		check_name(verdict_name(verdict));
	assert_string_equal(language_name(LANGUAGE_EN), "en");
	assert_string_equal(language_name(LANGUAGE_DE), "de");
}

static void test_worse(void **state)
{
	static const enum verdict order[] = { VERDICT_OK, VERDICT_UNKNOWN,
		VERDICT_DEGRADED, VERDICT_FAILED };

	(void)state;
	for (int left = 0; left < VERDICT_COUNT; left++) {
		for (int right = 0; right < VERDICT_COUNT; right++)
			assert_int_equal(verdict_worse(order[left], order[right]),
				order[left > right ? left : right]);
	}
	assert_int_equal((enum verdict)0, VERDICT_UNKNOWN);
}

/* Only when every way was asked and failed has the service failed. */
static void test_ways(void **state)
{
	static const struct {
		enum verdict seen[3];
		enum verdict verdict;
	} rows[] = {
		{ { VERDICT_OK, VERDICT_OK, VERDICT_OK }, VERDICT_OK },
		{ { VERDICT_OK, VERDICT_OK, VERDICT_UNKNOWN }, VERDICT_OK },
		{ { VERDICT_OK, VERDICT_OK, VERDICT_DEGRADED }, VERDICT_DEGRADED },
		{ { VERDICT_OK, VERDICT_OK, VERDICT_FAILED }, VERDICT_DEGRADED },
		{ { VERDICT_FAILED, VERDICT_FAILED, VERDICT_FAILED }, VERDICT_FAILED },
		{ { VERDICT_FAILED, VERDICT_FAILED, VERDICT_UNKNOWN }, VERDICT_DEGRADED },
		{ { VERDICT_DEGRADED, VERDICT_FAILED, VERDICT_FAILED },
			VERDICT_DEGRADED },
		{ { VERDICT_UNKNOWN, VERDICT_UNKNOWN, VERDICT_UNKNOWN },
			VERDICT_UNKNOWN },
	};

	(void)state;
	assert_int_equal(verdict_of_ways(0), VERDICT_UNKNOWN);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned seen = 0;

		for (size_t way = 0; way < 3; way++)
			seen |= 1U << rows[i].seen[way];
		assert_int_equal(verdict_of_ways(seen), rows[i].verdict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_promised_ones_are_there),
		cmocka_unit_test(test_every_cause_is_whole),
		cmocka_unit_test(test_own_trouble_and_rows_are_unknown),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_worse),
		cmocka_unit_test(test_ways),
	};

	return cmocka_run_group_tests_name("causes", tests, NULL, NULL);
}
