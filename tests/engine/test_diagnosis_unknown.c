/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rows have to say that are unknown, because they measure how something is done and
 * found it not done at all: by TCP they were owed an answer, whatever that leaves open.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/diagnosis.h"
#include "usual_site.h"

static void leave_open(struct small_site *small, const char *requirement,
	enum cause cause, enum phase phase)
{
	size_t row = small_site_row(small, requirement);
	struct outcome outcome = small_site_outcome(small, row, cause);

	outcome.finding.verdict = VERDICT_UNKNOWN;
	outcome.phase = phase;
	small_site_put(small, row, &outcome);
}

static void silence_counts_by_tcp_alone(void **state)
{
	static const char *const by_tcp[] = { "web", "xmpp", "prov", NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	for (size_t i = 0; by_tcp[i]; i++)
		leave_open(&small, by_tcp[i], CAUSE_TIMEOUT, PHASE_CONNECT);
	expect_nothing(&small); /* SIP still answers */
	leave_open(&small, "sip", CAUSE_TIMEOUT, PHASE_REQUEST);
	expect(&small, COMMON_CAUSE_POSSIBLE_BAN, by_tcp);
	small_site_tell(&small, "sip", CAUSE_TIMEOUT);
	expect(&small, COMMON_CAUSE_POSSIBLE_BAN, usual_pbx());
	/* who was connected has been heard */
	leave_open(&small, "prov", CAUSE_TIMEOUT, PHASE_TLS);
	expect_nothing(&small);
	small_site_done(&small);
}

static void our_own_trouble_is_no_silence(void **state)
{
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	for (size_t i = 0; usual_far()[i]; i++)
		leave_open(&small, usual_far()[i], CAUSE_LOCAL_RESOURCE, PHASE_CONNECT);
	small_site_tell(&small, "ntp", CAUSE_TIMEOUT);
	expect_nothing(&small);
	small_site_done(&small);
}

static void refuse(
	struct small_site *small, const char *requirement, enum verdict verdict)
{
	size_t row = small_site_row(small, requirement);
	struct outcome outcome =
		small_site_outcome(small, row, CAUSE_ICMP_ADMIN_PROHIBITED);

	outcome.phase = PHASE_CONNECT;
	outcome.finding.verdict = verdict;
	outcome.finding.evidence.kind = EVIDENCE_ICMP;
	outcome.finding.evidence.offender = address_of("203.0.113.254");
	small_site_put(small, row, &outcome);
}

static void one_device_refuses_them_as_well(void **state)
{
	static const char *const refused[] = { "license", "license-80", "update", "cdn",
		NULL };
	struct small_site small;

	(void)state;
	usual_site_make(&small);
	refuse(&small, "license", VERDICT_FAILED);
	refuse(&small, "license-80", VERDICT_FAILED);
	refuse(&small, "update", VERDICT_UNKNOWN);
	refuse(&small, "cdn", VERDICT_UNKNOWN);
	refuse(&small, "ntp", VERDICT_UNKNOWN); /* by UDP */
	expect(&small, COMMON_CAUSE_COMMON_DEVICE, refused);
	small_site_done(&small);
}

/* Whoever has been silent for long says nothing of what has happened now. */
static void old_silence_is_no_news(void **state)
{
	static const struct site_row few[] = {
		{ "license", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
		{ "other", "www.example.com", "198.51.100.1", 443, OUT, TCP },
		{ "tls-far", "$203.0.113.50", NULL, 443, OUT, TCP },
		{ NULL, NULL, NULL, 0, OUT, TCP },
	};
	static const char *const names[] = { "license", "other", NULL };

	(void)state;
	for (unsigned confirm = 1; confirm <= 2; confirm++) {
		struct small_site small;
		struct outcome silent;

		small_site_make(&small, few);
		small.requirements[2].confirm = confirm;
		silent = small_site_outcome(&small, 2, CAUSE_TIMEOUT);
		silent.finding.verdict = VERDICT_UNKNOWN;
		if (confirm == 1)
			small_site_put(&small, 2, &silent);
		small.now_us += 10 * MINUTE;
		tell_rows(&small, names, CAUSE_NONE);
		tell_rows(&small, names, CAUSE_DNS_TIMEOUT);
		small_site_put(&small, 2, &silent);
		/* the first silence is news, before it is confirmed as well */
		if (confirm == 1)
			expect(&small, COMMON_CAUSE_OWN_RESOLVER, names);
		else
			expect_nothing(&small);
		small_site_done(&small);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_counts_by_tcp_alone),
		cmocka_unit_test(our_own_trouble_is_no_silence),
		cmocka_unit_test(one_device_refuses_them_as_well),
		cmocka_unit_test(old_silence_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
