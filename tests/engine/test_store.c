/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/probe.h"
#include "engine/store.h"
#include "plans.h"

static const struct probe_kind some_kind = { .name = "some" };
static const struct probe_kind other_kind = { .name = "other" };

static struct store_change tell(
	struct store *store, size_t index, enum cause cause, int64_t wall_us)
{
	struct outcome outcome = {
		.finding = finding_of(cause), .wall_us = wall_us, .duration_us = 1000
	};

	return store_outcome(store, index, &outcome, NULL);
}

/* Of one check. */
static struct store *store_of_one(struct small_plan *small, unsigned confirm_at_most)
{
	static const struct plan_row rows[] = { { "web", "a", FAMILY_IPV4, false, 0 },
		{ NULL, NULL, 0, false, 0 } };

	small_plan_make(small, rows, &some_kind);
	return store_new(&small->plan, confirm_at_most);
}

static void confirms_after_agreeing_runs(void **state)
{
	static const struct {
		enum cause told;
		bool unconfirmed, changed;
		enum verdict state;
	} steps[] = {
		/* confirm = 2, in both directions, and from nothing known as well */
		{ CAUSE_NONE, true, false, VERDICT_UNKNOWN },
		{ CAUSE_NONE, false, true, VERDICT_OK },
		{ CAUSE_TIMEOUT, true, false, VERDICT_OK },
		{ CAUSE_NONE, false, false, VERDICT_OK },
		{ CAUSE_TIMEOUT, true, false, VERDICT_OK },
		{ CAUSE_REFUSED, false, true, VERDICT_FAILED },
		{ CAUSE_TIMEOUT, false, false, VERDICT_FAILED },
		{ CAUSE_LOCAL_LINK_DOWN, true, false, VERDICT_FAILED },
		{ CAUSE_LOCAL_LINK_DOWN, false, true, VERDICT_UNKNOWN },
		{ CAUSE_NONE, true, false, VERDICT_UNKNOWN },
		{ CAUSE_NONE, false, true, VERDICT_OK },
	};
	struct small_plan small;
	struct store *store = store_of_one(&small, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct store_change change =
			tell(store, 0, steps[i].told, (int64_t)i + 1);

		assert_int_equal(change.unconfirmed, steps[i].unconfirmed);
		assert_int_equal(change.changed, steps[i].changed);
		assert_int_equal(store_record(store, 0)->state, steps[i].state);
	}
	assert_int_equal(store_record(store, 0)->state_since_us, 11);
	assert_int_equal(store_record(store, 0)->runs, 11);
	assert_int_equal(store_record(store, 0)->failure_count, 3);
	store_free(store);
}

/* Nothing was known, and now it is known that nothing can be: no news. */
static void unknown_from_the_start_is_no_change(void **state)
{
	struct small_plan small;
	struct store *store = store_of_one(&small, 1);

	(void)state;
	assert_false(tell(store, 0, CAUSE_LOCAL_LINK_DOWN, 7).changed);
	assert_int_equal(store_record(store, 0)->state_since_us, 7);
	assert_false(tell(store, 0, CAUSE_LOCAL_LINK_DOWN, 8).changed);
	assert_int_equal(store_record(store, 0)->state_since_us, 7);
	store_free(store);
}

static void one_run_decides_for_the_command(void **state)
{
	struct small_plan small;
	struct store *store = store_of_one(&small, 1);

	(void)state;
	assert_true(tell(store, 0, CAUSE_TIMEOUT, 1).changed);
	assert_int_equal(store_record(store, 0)->state, VERDICT_FAILED);
	store_free(store);
}

/* Families of a target are ways to one service; targets are each required. */
static void requirement_over_its_checks(void **state)
{
	static const struct plan_row rows[] = { { "web", "a", FAMILY_IPV4, false, 0 },
		{ "web", "a", FAMILY_IPV6, true, 0 },
		{ "web", "b", FAMILY_IPV4, false, 0 }, { NULL, NULL, 0, false, 0 } };
	static const struct {
		enum cause told[3]; /* a over IPv4, a over IPv6, b */
		bool ipv6_applies;
		enum verdict verdict;
		size_t decides;
	} cases[] = {
		{ { CAUSE_NONE, CAUSE_NONE, CAUSE_NONE }, true, VERDICT_OK, 0 },
		{ { CAUSE_NONE, CAUSE_TIMEOUT, CAUSE_NONE }, true, VERDICT_DEGRADED, 1 },
		{ { CAUSE_NONE, CAUSE_TIMEOUT, CAUSE_NONE }, false, VERDICT_OK, 0 },
		{ { CAUSE_TIMEOUT, CAUSE_RESET, CAUSE_NONE }, true, VERDICT_FAILED, 0 },
		{ { CAUSE_NONE, CAUSE_NONE, CAUSE_REFUSED }, true, VERDICT_FAILED, 2 },
		{ { CAUSE_NONE, CAUSE_LOCAL_NO_ROUTE, CAUSE_NONE }, true, VERDICT_OK, 0 },
		{ { CAUSE_NONE, CAUSE_NONE, CAUSE_LOCAL_DENIED }, true, VERDICT_UNKNOWN,
			2 },
		{ { CAUSE_SLOW, CAUSE_NONE, CAUSE_NONE }, true, VERDICT_DEGRADED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct small_plan small;
		struct requirement_state requirement;
		struct store *store;

		small_plan_make(&small, rows, &some_kind);
		store = store_new(&small.plan, 1);
		assert_int_equal(store_requirements(store), 1);
		store_applies(store, 1, cases[i].ipv6_applies);
		for (size_t check = 0; check < 3; check++)
			tell(store, check, cases[i].told[check], 5);
		requirement = store_requirement(store, 0);
		assert_int_equal(requirement.verdict, cases[i].verdict);
		assert_ptr_equal(
			requirement.worst, store_record(store, cases[i].decides));
		assert_int_equal(requirement.cause, cases[i].told[cases[i].decides]);
		store_free(store);
	}
}

static void fixed_rows_count_as_untested(void **state)
{
	static const struct plan_row rows[] = { { "web", "a", FAMILY_IPV4, false, 0 },
		{ "rtp-in", "", FAMILY_NONE, false, CAUSE_NOT_TESTABLE_HERE },
		{ NULL, NULL, 0, false, 0 } };
	struct small_plan small;
	struct requirement_state row;
	struct store *store;

	(void)state;
	small_plan_make(&small, rows, &some_kind);
	store = store_new(&small.plan, 1);
	row = store_requirement(store, 1);
	assert_int_equal(row.verdict, VERDICT_UNKNOWN);
	assert_int_equal(row.cause, CAUSE_NOT_TESTABLE_HERE);
	assert_int_equal(
		store_record(store, 1)->last.finding.cause, CAUSE_NOT_TESTABLE_HERE);
	assert_false(row.tested);
	assert_false(store_requirement(store, 0).tested);
	tell(store, 0, CAUSE_REFUSED, 5);
	assert_true(store_requirement(store, 0).tested);
	store_free(store);
}

static void inherits_what_is_the_same(void **state)
{
	static const struct plan_row before[] = { { "web", "a", FAMILY_IPV4, false, 0 },
		{ "ntp", "b", FAMILY_IPV4, false, 0 }, { NULL, NULL, 0, false, 0 } };
	static const struct plan_row after[] = { { "dns", "c", FAMILY_IPV4, false, 0 },
		{ "web", "a", FAMILY_IPV4, false, 0 }, { NULL, NULL, 0, false, 0 } };
	struct small_plan old_plan, new_plan, changed_plan;
	struct store *old, *new, *changed;

	(void)state;
	small_plan_make(&old_plan, before, &some_kind);
	small_plan_make(&new_plan, after, &some_kind);
	small_plan_make(&changed_plan, before, &other_kind);
	old = store_new(&old_plan.plan, 0);
	tell(old, 0, CAUSE_REFUSED, 5);
	tell(old, 0, CAUSE_REFUSED, 6);
	new = store_new(&new_plan.plan, 0);
	changed = store_new(&changed_plan.plan, 0);
	assert_int_equal(store_inherit(new, old), 0);
	assert_int_equal(store_inherit(changed, old), 0);
	store_free(old);
	assert_int_equal(store_record(new, 0)->runs, 0);
	assert_int_equal(store_record(new, 1)->runs, 2);
	assert_int_equal(store_record(new, 1)->state, VERDICT_FAILED);
	assert_int_equal(store_record(new, 1)->failures[0].count, 2);
	assert_ptr_equal(store_record(new, 1)->check, &new_plan.checks[1]);
	/* another kind numbers its values otherwise: nothing may be taken over */
	assert_int_equal(store_record(changed, 0)->runs, 0);
	store_free(new);
	store_free(changed);
}

static uint64_t failures_of(const struct record *record, enum cause cause)
{
	for (size_t i = 0; i < record->failure_count; i++) {
		if (record->failures[i].cause == cause)
			return record->failures[i].count;
	}
	return 0;
}

/* The same run, told otherwise: nothing is counted twice. */
static void a_run_is_judged_anew(void **state)
{
	static const struct plan_row rows[] = { { "web", "a", FAMILY_IPV4, false, 0 },
		{ "page", "a", FAMILY_IPV4, false, 0 }, { NULL, NULL, 0, false, 0 } };
	struct finding clock = finding_of(CAUSE_LOCAL_CLOCK);
	struct finding portal = finding_of(CAUSE_CAPTIVE_PORTAL);
	const struct record *record;
	struct small_plan small;
	struct store *store;

	(void)state;
	small_plan_make(&small, rows, &some_kind);
	store = store_new(&small.plan, 1);
	tell(store, 0, CAUSE_TLS_EXPIRED, 7);
	store_rejudge(store, 0, &clock);
	record = store_record(store, 0);
	assert_int_equal(record->runs, 1);
	assert_int_equal(record->flapping.runs, 1);
	assert_int_equal(failures_of(record, CAUSE_TLS_EXPIRED), 0);
	assert_int_equal(failures_of(record, CAUSE_LOCAL_CLOCK), 1);
	assert_int_equal(record->state, VERDICT_UNKNOWN);
	assert_int_equal(record->state_cause, CAUSE_LOCAL_CLOCK);
	assert_int_equal(record->remembered.items[0]->finding.cause, CAUSE_LOCAL_CLOCK);
	assert_null(record->remembered.items[1]);
	/* from ok, which leaves no memory of the run */
	tell(store, 1, CAUSE_NONE, 8);
	store_rejudge(store, 1, &portal);
	record = store_record(store, 1);
	assert_int_equal(record->state, VERDICT_FAILED);
	assert_int_equal(record->last_success_us, 0);
	assert_int_equal(failures_of(record, CAUSE_CAPTIVE_PORTAL), 1);
	assert_null(record->remembered.items[0]);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(confirms_after_agreeing_runs),
		cmocka_unit_test(unknown_from_the_start_is_no_change),
		cmocka_unit_test(one_run_decides_for_the_command),
		cmocka_unit_test(requirement_over_its_checks),
		cmocka_unit_test(fixed_rows_count_as_untested),
		cmocka_unit_test(inherits_what_is_the_same),
		cmocka_unit_test(a_run_is_judged_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
