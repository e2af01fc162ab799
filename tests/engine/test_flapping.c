/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/flapping.h"
#include "engine/store.h"
#include "plans.h"

/* A letter a run: o ok, d degraded, f failed, u unknown. */
static enum verdict verdict_of(char letter)
{
	switch (letter) {
	case 'o':
		return VERDICT_OK;
	case 'd':
		return VERDICT_DEGRADED;
	case 'f':
		return VERDICT_FAILED;
	default:
		return VERDICT_UNKNOWN;
	}
}

static const struct {
	const char *runs;
	bool flaps; /* after the last */
} rows[] = {
	{ "", false },
	{ "f", false },
	{ "oooooooooooooooo", false },
	{ "ffffffffffffffff", false },
	{ "ooooffffoooo", false },          /* one outage */
	{ "ooffooffoo", false },            /* two of them */
	{ "ofofo", false },                 /* four changes */
	{ "ofofof", true },                 /* five */
	{ "odododod", false },              /* served each time */
	{ "ouuuofuuuof", false },           /* unknown is no change … */
	{ "ouufuuouufuuouuf", true },       /* … and hides none */
	{ "ofoooooofooooooooofo", false },  /* four in any window at most */
	{ "ofofofooo", true },              /* not steady yet */
	{ "ofofofoooo", false },            /* it stays up … */
	{ "ofofoffff", false },             /* … or down, and then is down */
	{ "ofofofoooof", true },            /* what flapped just now still does */
	{ "ofofofooofooofooofooof", true }, /* as long as it goes on */
	{ "ofofofofooofffooofff", true },
};

static void flaps_by_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flapping flapping = { 0 };

		for (const char *run = rows[i].runs; *run; run++)
			flapping_note(&flapping, verdict_of(*run));
		if (flapping.flaps != rows[i].flaps)
			fail_msg("%s", rows[i].runs);
	}
}

static struct store_change tell(struct store *store, char letter)
{
	struct outcome outcome = { .wall_us = 1,
		.finding = { .verdict = verdict_of(letter),
			.cause = letter == 'o' ? CAUSE_NONE : CAUSE_TIMEOUT } };

	return store_outcome(store, 0, &outcome, NULL);
}

/* Each run and the state after it: two must agree, and nothing is repeated meanwhile. */
static void state_is_degraded_while_it_flaps(void **unused)
{
	static const struct probe_kind *const no_kind = NULL;
	static const struct plan_row plan_rows[] = {
		{ "web", "a", FAMILY_IPV4, false, 0 }, { NULL, NULL, 0, false, 0 }
	};
	static const char runs[] = "oofofoffuu"
				   "oooooo";
	static const char states[] = "uoooooddd"
				     "u"
				     "ddd"
				     "ooo";
	struct small_plan small;
	struct store *store;

	(void)unused;
	small_plan_make(&small, plan_rows, no_kind);
	store = store_new(&small.plan, 0);
	for (size_t i = 0; states[i]; i++) {
		struct store_change change = tell(store, runs[i]);
		const struct record *record = store_record(store, 0);

		if (record->state != verdict_of(states[i]))
			fail_msg("after run %zu: %s", i, verdict_name(record->state));
		if (states[i] == 'd') {
			assert_int_equal(record->state_cause, CAUSE_FLAPPING);
			assert_true(runs[i] == 'u' || !change.unconfirmed);
		}
	}
	store_free(store);
}

/* No single run is the evidence of it, the number of changes is. */
static void history_says_how_often(void **unused)
{
	static const struct plan_row plan_rows[] = {
		{ "web", "a", FAMILY_IPV4, false, 0 }, { NULL, NULL, 0, false, 0 }
	};
	struct small_plan small;
	const struct history *history;
	const struct history_change *last;
	struct store *store;

	(void)unused;
	small_plan_make(&small, plan_rows, NULL);
	store = store_new(&small.plan, 0);
	for (const char *run = "oofofof"; *run; run++)
		tell(store, *run);
	history = store_requirement(store, 0).history;
	last = history->changes[history->used - 1];
	assert_int_equal(last->cause, CAUSE_FLAPPING);
	assert_int_equal(last->evidence.kind, EVIDENCE_COMPARISON);
	assert_string_equal(last->evidence.detail, "5 changes in the last 7 runs");
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flaps_by_changes),
		cmocka_unit_test(state_is_degraded_while_it_flaps),
		cmocka_unit_test(history_says_how_often),
	};

	return cmocka_run_group_tests_name("flapping", tests, NULL, NULL);
}
