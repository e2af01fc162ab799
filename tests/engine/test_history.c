/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/history.h"
#include "engine/probe.h"
#include "engine/store.h"
#include "fake/memory.h"
#include "plans.h"

static const struct probe_kind some_kind = { .name = "some" };

static const struct plan_row two_families[] = { { "web", "a", FAMILY_IPV4, false, 0 },
	{ "web", "a", FAMILY_IPV6, false, 0 }, { "ntp", "b", FAMILY_IPV4, false, 0 },
	{ NULL, NULL, 0, false, 0 } };

static void tell_all(struct store *store, size_t index, enum cause cause, int64_t wall_us,
	const struct transcript *transcript)
{
	struct outcome outcome = { .finding = finding_of(cause),
		.wall_us = wall_us,
		.duration_us = 1000,
		.port = 443 };

	if (cause == CAUSE_ICMP_ADMIN_PROHIBITED)
		outcome.finding.evidence.kind = EVIDENCE_ICMP;
	store_outcome(store, index, &outcome, transcript);
}

static void tell(struct store *store, size_t index, enum cause cause, int64_t wall_us)
{
	tell_all(store, index, cause, wall_us, NULL);
}

static const struct history *history_of(const struct store *store, size_t requirement)
{
	return store_requirement(store, requirement).history;
}

/* The requirement's verdict counts, not each check's: one family down only degrades. */
static void changes_of_a_requirement(void **state)
{
	static const struct {
		size_t check;
		enum cause cause;
		unsigned used; /* changes after it */
		enum verdict after;
		enum family family;
	} steps[] = {
		/* the other family is unknown, and an address that works proves it */
		{ 0, CAUSE_NONE, 1, VERDICT_OK, FAMILY_IPV4 },
		{ 1, CAUSE_NONE, 1, VERDICT_OK, FAMILY_IPV4 },
		{ 1, CAUSE_ICMP_ADMIN_PROHIBITED, 2, VERDICT_DEGRADED, FAMILY_IPV6 },
		{ 1, CAUSE_TIMEOUT, 2, VERDICT_DEGRADED, FAMILY_IPV6 },
		{ 0, CAUSE_REFUSED, 3, VERDICT_FAILED, FAMILY_IPV4 },
		{ 2, CAUSE_REFUSED, 3, VERDICT_FAILED, FAMILY_IPV4 },
		{ 0, CAUSE_NONE, 4, VERDICT_DEGRADED, FAMILY_IPV6 },
		{ 1, CAUSE_NONE, 5, VERDICT_OK, FAMILY_IPV4 },
	};
	struct small_plan small;
	struct store *store;

	(void)state;
	small_plan_make(&small, two_families, &some_kind);
	store = store_new(&small.plan, 1);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct history *history = history_of(store, 0);
		const struct history_change *change;

		tell(store, steps[i].check, steps[i].cause, (int64_t)i + 1);
		assert_int_equal(history->used, steps[i].used);
		change = history->changes[history->used - 1];
		assert_int_equal(change->after, steps[i].after);
		assert_int_equal(change->family, steps[i].family);
		assert_string_equal(change->target, "a");
	}
	assert_int_equal(history_of(store, 0)->changes[0]->before, VERDICT_UNKNOWN);
	assert_int_equal(history_of(store, 0)->changes[2]->before, VERDICT_DEGRADED);
	assert_int_equal(history_of(store, 0)->changes[2]->wall_us, 5);
	assert_int_equal(history_of(store, 0)->changes[2]->cause, CAUSE_REFUSED);
	assert_int_equal(history_of(store, 0)->changes[1]->evidence.kind, EVIDENCE_ICMP);
	assert_int_equal(history_of(store, 1)->used, 1);
	store_free(store);
}

static void forgets_the_oldest_change(void **state)
{
	struct history history = { 0 };

	(void)state;
	assert_int_equal(history_verdict(&history), VERDICT_UNKNOWN);
	for (int64_t i = 1; i <= 3 * HISTORY_CHANGES_MAX; i++) {
		struct history_change change = { .wall_us = i,
			.after = i % 2 ? VERDICT_OK : VERDICT_FAILED };

		history_add(&history, &change, "target");
		assert_int_equal(history_verdict(&history), change.after);
		assert_int_equal(history.changes[history.used - 1]->wall_us, i);
	}
	assert_int_equal(history.used, HISTORY_CHANGES_MAX);
	assert_int_equal(history.changes[0]->wall_us, 2 * HISTORY_CHANGES_MAX + 1);
	history_done(&history);
	assert_int_equal(history.used, 0);
}

static struct transcript *conversation(const char *words)
{
	struct transcript *transcript = transcript_new();

	assert_non_null(transcript);
	transcript_add(transcript, TRANSCRIPT_SENT, words, strlen(words));
	return transcript;
}

static void assert_said(const struct history_run *run, const char *words)
{
	assert_non_null(run->transcript);
	assert_int_equal(run->transcript->entries[0].kept, strlen(words));
	assert_memory_equal(run->transcript->octets, words, strlen(words));
}

/* Newest first; what was ok is none of them, what was not confirmed is. */
static void last_runs_that_were_not_ok(void **state)
{
	struct transcript *transcript = transcript_new();
	struct small_plan small;
	struct store *store;
	const struct history_runs *runs;

	(void)state;
	small_plan_make(&small, two_families, &some_kind);
	store = store_new(&small.plan, 0);
	runs = &store_record(store, 0)->remembered;
	for (int64_t i = 1; i <= 5;
		i++) { /* the last one is the one that begins to flap */
		char words[16];

		snprintf(words, sizeof(words), "hello %d", (int)i);
		transcript_begin(transcript);
		transcript_add(transcript, TRANSCRIPT_SENT, words, strlen(words));
		tell_all(store, 0, CAUSE_RESET, 2 * i, transcript);
		tell_all(store, 0, CAUSE_NONE, 2 * i + 1, transcript);
	}
	free(transcript);
	assert_int_equal(history_of(store, 0)->used, 1);
	assert_int_equal(history_of(store, 0)->changes[0]->cause, CAUSE_FLAPPING);
	assert_int_equal(runs->items[0]->wall_us, 10);
	assert_int_equal(runs->items[2]->wall_us, 6);
	assert_int_equal(runs->items[0]->finding.cause, CAUSE_RESET);
	assert_int_equal(runs->items[0]->peer.port, 443);
	assert_said(runs->items[0], "hello 5");
	assert_said(runs->items[2], "hello 3");
	assert_null(store_record(store, 1)->remembered.items[0]);
	store_free(store);
}

/* Everything is down: the newest conversations stay, all within their bound. */
static void gives_the_oldest_conversations_up(void **state)
{
	enum { CHECKS = 600 };
	static struct history_runs runs[CHECKS];
	static char page[TRANSCRIPT_ENTRY_MAX];
	struct transcript *transcript = transcript_new();
	struct outcome outcome = { .finding = finding_of(CAUSE_TIMEOUT) };
	struct conversations kept;

	(void)state;
	conversations_init(&kept);
	transcript_add(transcript, TRANSCRIPT_RECEIVED, page, sizeof(page));
	for (size_t i = 0; i < 3 * CHECKS; i++) {
		history_runs_add(&runs[i % CHECKS], &kept, &outcome, transcript);
		assert_true(kept.octets <= HISTORY_CONVERSATIONS_MAX);
	}
	assert_true(kept.octets > HISTORY_CONVERSATIONS_MAX - 2 * sizeof(page));
	assert_null(runs[0].items[2]->transcript);
	assert_null(runs[0].items[1]->transcript);
	assert_non_null(runs[CHECKS - 1].items[0]->transcript);
	for (size_t i = 0; i < CHECKS; i++)
		history_runs_done(&runs[i], &kept);
	assert_int_equal(kept.octets, 0);
	assert_true(TAILQ_EMPTY(&kept.queue));
	free(transcript);
}

static void survives_a_reload(void **state)
{
	static const struct plan_row after[] = { { "dns", "c", FAMILY_IPV4, false, 0 },
		{ "web", "a", FAMILY_IPV4, false, 0 }, { NULL, NULL, 0, false, 0 } };
	struct transcript *words = conversation("hello");
	struct small_plan old_plan, new_plan;
	struct store *old, *new;

	(void)state;
	small_plan_make(&old_plan, two_families, &some_kind);
	small_plan_make(&new_plan, after, &some_kind);
	old = store_new(&old_plan.plan, 1);
	for (size_t check = 0; check < 3; check++)
		tell_all(old, check, CAUSE_REFUSED, 5, words);
	new = store_new(&new_plan.plan, 1);
	assert_int_equal(store_inherit(new, old), 0);
	store_remember(new, old);
	store_free(old);
	memset(&old_plan, 0xff, sizeof(old_plan)); /* nothing points there any more */
	assert_int_equal(history_of(new, 0)->used, 0);
	/* one family failed while the other was not known, then both */
	assert_int_equal(history_of(new, 1)->used, 2);
	assert_int_equal(history_of(new, 1)->changes[1]->after, VERDICT_FAILED);
	assert_string_equal(history_of(new, 1)->changes[1]->target, "a");
	assert_null(store_record(new, 0)->remembered.items[0]);
	assert_said(store_record(new, 1)->remembered.items[0], "hello");
	/* and goes on from there */
	tell_all(new, 1, CAUSE_RESET, 6, words);
	assert_int_equal(history_of(new, 1)->used, 2);
	assert_int_equal(store_record(new, 1)->remembered.items[1]->wall_us, 5);
	tell(new, 1, CAUSE_NONE, 7);
	assert_int_equal(history_of(new, 1)->changes[2]->before, VERDICT_FAILED);
	store_free(new);
	free(words);
}

static void results_outlive_want_of_memory(void **state)
{
	struct transcript *words = conversation("hello");
	struct small_plan small;
	struct store *old, *new;

	(void)state;
	small_plan_make(&small, two_families, &some_kind);
	for (long allowed = 0; allowed < 12; allowed++) {
		old = store_new(&small.plan, 1);
		new = store_new(&small.plan, 1);
		memory_limit(allowed);
		tell_all(old, 0, CAUSE_REFUSED, 5, words);
		tell_all(old, 0, CAUSE_RESET, 6, words);
		tell_all(old, 0, CAUSE_NONE, 7, words);
		memory_limit(-1);
		assert_int_equal(store_record(old, 0)->runs, 3);
		assert_int_equal(store_record(old, 0)->state, VERDICT_OK);
		assert_int_equal(store_inherit(new, old), 0);
		memory_limit(allowed);
		store_remember(new, old);
		memory_limit(-1);
		store_free(old);
		assert_int_equal(store_record(new, 0)->runs, 3);
		store_free(new);
	}
	free(words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_of_a_requirement),
		cmocka_unit_test(forgets_the_oldest_change),
		cmocka_unit_test(last_runs_that_were_not_ok),
		cmocka_unit_test(gives_the_oldest_conversations_up),
		cmocka_unit_test(survives_a_reload),
		cmocka_unit_test(results_outlive_want_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
