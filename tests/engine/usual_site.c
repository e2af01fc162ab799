/* SPDX-License-Identifier: Apache-2.0 */
#include "usual_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct site_row rows[] = {
	{ "dns-udp", "$192.168.1.53", NULL, 53, OUT, UDP },
	{ "web", "$192.168.1.10", NULL, 443, IN, TCP },
	{ "xmpp", "$192.168.1.10", NULL, 5222, IN, TCP },
	{ "sip", "$192.168.1.10", NULL, 5060, DIRECTION_BOTH, UDP },
	{ "prov", "$192.168.1.10", NULL, 50081, IN, TCP },
	{ "fed", "$192.168.1.10", NULL, 3090, IN, UDP },
	{ "ntp", "$pool.ntp.org", "203.0.113.123", 123, OUT, UDP },
	{ "ntp-lan", "$192.168.1.11", NULL, 123, OUT, UDP },
	{ "license", "license.starface.de", "203.0.113.1", 443, OUT, TCP },
	{ "license-80", "license.starface.de", "203.0.113.1", 80, OUT, TCP },
	{ "update", "update.starface.de", "203.0.113.2", 443, OUT, TCP },
	{ "cdn", "www.starface-cdn.de", "203.0.113.3", 443, OUT, TCP },
	{ NULL, NULL, NULL, 0, OUT, TCP },
};

const char *const *usual_pbx(void)
{
	static const char *const ids[] = { "web", "xmpp", "sip", "prov", NULL };

	return ids;
}

const char *const *usual_far(void)
{
	static const char *const ids[] = { "ntp", "license", "license-80", "update",
		"cdn", NULL };

	return ids;
}

const char *const *usual_all(void)
{
	static const char *const ids[] = { "dns-udp", "web", "xmpp", "sip", "prov", "ntp",
		"ntp-lan", "license", "license-80", "update", "cdn", NULL };

	return ids;
}

void usual_site_fresh(struct small_site *small)
{
	small_site_make(small, rows);
}

void usual_site_make(struct small_site *small)
{
	struct outcome silent;
	size_t row;

	usual_site_fresh(small);
	small_site_tell_all(small, CAUSE_NONE);
	row = small_site_row(small, "fed");
	silent = small_site_outcome(small, row, CAUSE_TIMEOUT);
	silent.finding.verdict = VERDICT_UNKNOWN;
	small_site_put(small, row, &silent);
}

void tell_rows(
	struct small_site *small, const char *const *requirements, enum cause cause)
{
	for (; *requirements; requirements++)
		small_site_tell(small, *requirements, cause);
}

static bool is_among(const char *word, const char *const *words)
{
	for (; *words; words++) {
		if (strcmp(*words, word) == 0)
			return true;
	}
	return false;
}

void expect_about(const struct small_site *small, enum common_cause cause,
	const char *const *covered, struct diagnosis *ret_diagnosis)
{
	struct diagnoses made;

	assert_true(diagnoses_make(small->store, &small->host, &made));
	if (cause == COMMON_CAUSE_NONE && made.count > 0)
		fail_msg("%s", common_cause_name(made.items[0].cause));
	assert_int_equal(made.count, cause == COMMON_CAUSE_NONE ? 0 : 1);
	for (size_t i = 0; i < store_requirements(small->store); i++) {
		const char *id = store_requirement(small->store, i).requirement->id;
		const struct diagnosis *cover = diagnoses_cover(&made, i);

		if (!is_among(id, covered)) {
			if (cover)
				fail_msg("%s is covered", id);
			continue;
		}
		if (!cover)
			fail_msg("%s is not covered", id);
		assert_string_equal(
			common_cause_name(cover->cause), common_cause_name(cause));
	}
	if (ret_diagnosis)
		*ret_diagnosis = made.items[0];
	diagnoses_done(&made);
}

void expect(const struct small_site *small, enum common_cause cause,
	const char *const *covered)
{
	expect_about(small, cause, covered, NULL);
}

void expect_nothing(const struct small_site *small)
{
	static const char *const none[] = { NULL };

	expect(small, COMMON_CAUSE_NONE, none);
}
