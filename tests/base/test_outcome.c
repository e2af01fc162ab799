/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/outcome.h"

#define FROM(a, b, c, d)                       \
	{                                      \
		FAMILY_IPV4, { a, b, c, d }, 0 \
	}

static const struct {
	struct evidence evidence;
	const char *expected;
} rows[] = {
	{ { .kind = EVIDENCE_NONE }, "" },
	{ { .kind = EVIDENCE_NONE, .detail = "said so" }, "said so" },
	{ { .kind = EVIDENCE_ICMP,
		  .type = 3,
		  .code = 13,
		  .offender = FROM(192, 0, 2, 1) },
		"ICMP 3/13 from 192.0.2.1" },
	{ { .kind = EVIDENCE_ICMP6, .type = 1, .code = 4 }, "ICMPv6 1/4" },
	{ { .kind = EVIDENCE_TCP_RESET, .offender = FROM(192, 0, 2, 7) },
		"TCP reset from 192.0.2.7" },
	{ { .kind = EVIDENCE_TLS_ALERT, .code = 70 }, "TLS alert 70" },
	{ { .kind = EVIDENCE_CERTIFICATE, .detail = "expired 2026-10-01" },
		"certificate: expired 2026-10-01" },
	{ { .kind = EVIDENCE_DNS_RCODE,
		  .code = 3,
		  .offender = FROM(192, 0, 2, 53),
		  .detail = "alias.example" },
		"DNS rcode 3 from 192.0.2.53: alias.example" },
	{ { .kind = EVIDENCE_HTTP_STATUS, .code = 503 }, "HTTP status 503" },
	{ { .kind = EVIDENCE_NTP, .type = 16, .code = 3 }, "NTP stratum 16, leap 3" },
	{ { .kind = EVIDENCE_PEER, .detail = "SSH-2.0" }, "answer: SSH-2.0" },
	{ { .kind = EVIDENCE_SIP_STATUS, .code = 404, .detail = "Not Found" },
		"SIP status 404: Not Found" },
	{ { .kind = EVIDENCE_LOCAL, .code = EMFILE }, "own host: Too many open files" },
	{ { .kind = EVIDENCE_LOCAL, .detail = "eth0" },
		"own host: self-examination: eth0" },
};

static void test_format(void **state)
{
	char buffer[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
			evidence_format(&rows[i].evidence, buffer, sizeof(buffer)),
			rows[i].expected);
}

static void test_format_is_cut_and_never_overruns(void **state)
{
	(void)state;
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		for (size_t size = 1; size < 64; size++) {
			char buffer[80];

			memset(buffer, '#', sizeof(buffer));
			evidence_format(&rows[row].evidence, buffer, size);
			assert_true(strlen(buffer) < size);
			assert_int_equal(
				strncmp(buffer, rows[row].expected, strlen(buffer)), 0);
			assert_int_equal(buffer[size], '#');
		}
	}
}

static void test_finding_of(void **state)
{
	struct finding finding = finding_of(CAUSE_SLOW);

	(void)state;
	assert_int_equal(finding.verdict, VERDICT_DEGRADED);
	assert_int_equal(finding.cause, CAUSE_SLOW);
	assert_int_equal(finding.evidence.kind, EVIDENCE_NONE);
}

static void test_kinds_have_distinct_names(void **state)
{
	(void)state;
	for (enum evidence_kind kind = 0; kind < EVIDENCE_KIND_COUNT; kind++) {
		assert_true(strlen(evidence_name(kind)) > 0);
		for (enum evidence_kind other = 0; other < kind; other++)
			assert_string_not_equal(
				evidence_name(kind), evidence_name(other));
	}
}

static void test_values(void **state)
{
	struct outcome outcome = { .values_set =
					   UINT64_C(1) << (OUTCOME_VALUES_MAX - 1) | 1 };

	(void)state;
	assert_true(outcome_has_value(&outcome, 0));
	assert_false(outcome_has_value(&outcome, 1));
	assert_true(outcome_has_value(&outcome, OUTCOME_VALUES_MAX - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_format_is_cut_and_never_overruns),
		cmocka_unit_test(test_finding_of),
		cmocka_unit_test(test_kinds_have_distinct_names),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
