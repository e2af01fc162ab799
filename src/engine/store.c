/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/probe.h"

struct group {
	size_t first, count;
};

struct store {
	const struct plan *plan;
	unsigned confirm_at_most;
	struct record *records;
	struct group *groups; /* a requirement at a site: neighbours in the plan */
	size_t group_count;
};

static bool same_group(const struct check *left, const struct check *right)
{
	return left->site == right->site && left->requirement == right->requirement;
}

static void group_records(struct store *store)
{
	for (size_t i = 0; i < store->plan->check_count; i++) {
		const struct check *check = &store->plan->checks[i];

		if (i == 0 || !same_group(check, check - 1))
			store->groups[store->group_count++].first = i;
		store->groups[store->group_count - 1].count++;
	}
}

static void record_init(struct record *record, const struct check *check)
{
	record->check = check;
	record->applies = !check->family_optional;
	record->state_cause = check->fixed_cause;
	if (check->fixed_cause != CAUSE_NONE)
		record->last.finding = finding_of(check->fixed_cause);
}

struct store *store_new(const struct plan *plan, unsigned confirm_at_most)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->plan = plan;
	store->confirm_at_most = confirm_at_most;
	/* one more, so that an empty plan is no special case */
	store->records = calloc(plan->check_count + 1, sizeof(*store->records));
	store->groups = calloc(plan->check_count + 1, sizeof(*store->groups));
	if (!store->records || !store->groups) {
		store_free(store);
		return NULL;
	}
	for (size_t i = 0; i < plan->check_count; i++)
		record_init(&store->records[i], &plan->checks[i]);
	group_records(store);
	return store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; store->records && i < store->plan->check_count; i++)
		free(store->records[i].failures);
	free(store->records);
	free(store->groups);
	free(store);
}

static int compare_identity(const void *left, const void *right)
{
	const struct record *const *a = left;
	const struct record *const *b = right;

	return strcmp((*a)->check->identity, (*b)->check->identity);
}

/* Values are numbered by the gauge table of the kind, so they move only within it. */
static bool comparable(const struct record *record, const struct record *older)
{
	return record->check->requirement->kind == older->check->requirement->kind &&
		record->check->fixed_cause == CAUSE_NONE &&
		older->check->fixed_cause == CAUSE_NONE;
}

static int record_inherit(struct record *record, const struct record *older)
{
	const struct check *check = record->check;
	size_t size = older->failure_count * sizeof(*older->failures);
	struct cause_count *failures = NULL;

	if (size > 0) {
		failures = malloc(size);
		if (!failures)
			return -ENOMEM;
		memcpy(failures, older->failures, size);
	}
	*record = *older;
	record->check = check;
	record->failures = failures;
	record->applies = older->applies || !check->family_optional;
	return 0;
}

int store_inherit(struct store *store, const struct store *older)
{
	size_t count = older->plan->check_count;
	const struct record **sorted = calloc(count + 1, sizeof(*sorted));
	int error = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sorted[i] = &older->records[i];
	qsort(sorted, count, sizeof(*sorted), compare_identity);
	for (size_t i = 0; i < store->plan->check_count && error == 0; i++) {
		struct record *record = &store->records[i];
		const struct record **found = bsearch(
			&record, sorted, count, sizeof(*sorted), compare_identity);

		if (found && comparable(record, *found))
			error = record_inherit(record, *found);
	}
	free(sorted);
	return error;
}

const struct plan *store_plan(const struct store *store)
{
	return store->plan;
}

size_t store_size(const struct store *store)
{
	return store->plan->check_count;
}

const struct record *store_record(const struct store *store, size_t index)
{
	return &store->records[index];
}

size_t store_requirements(const struct store *store)
{
	return store->group_count;
}

/* Of the records of one target, the one that shows why the verdict is what it is. */
static const struct record *decisive(
	const struct record *records, size_t count, enum verdict verdict)
{
	const struct record *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct record *record = &records[i];

		if (!record->applies)
			continue;
		/* a degraded target may be one family that works and one that failed */
		if (record->state == verdict ||
			(verdict == VERDICT_DEGRADED && record->state == VERDICT_FAILED))
			return record;
		if (!best)
			best = record;
	}
	return best;
}

static void judge_target(
	const struct record *records, size_t count, struct requirement_state *state)
{
	enum verdict verdict;
	unsigned seen = 0;

	for (size_t i = 0; i < count; i++) {
		if (records[i].applies)
			seen |= 1U << records[i].state;
	}
	verdict = verdict_of_ways(seen);
	if (!seen ||
		(state->worst &&
			verdict_worse(state->verdict, verdict) == state->verdict))
		return;
	state->verdict = verdict;
	state->worst = decisive(records, count, verdict);
}

struct requirement_state store_requirement(const struct store *store, size_t index)
{
	const struct group *group = &store->groups[index];
	const struct record *records = &store->records[group->first];
	struct requirement_state state = { .site = records->check->site,
		.requirement = records->check->requirement,
		.first = group->first,
		.count = group->count };
	size_t begin = 0;

	for (size_t i = 1; i <= group->count; i++) {
		if (i < group->count &&
			strcmp(records[i].check->target, records[begin].check->target) ==
				0)
			continue;
		judge_target(&records[begin], i - begin, &state);
		begin = i;
	}
	if (state.worst) {
		state.cause = state.worst->state_cause;
		state.since_us = state.worst->state_since_us;
	}
	state.tested = state.verdict != VERDICT_UNKNOWN;
	return state;
}

static void count_failure(struct record *record, enum cause cause)
{
	struct cause_count *grown;

	for (size_t i = 0; i < record->failure_count; i++) {
		if (record->failures[i].cause == cause) {
			record->failures[i].count++;
			return;
		}
	}
	grown = realloc(record->failures, (record->failure_count + 1) * sizeof(*grown));
	if (!grown)
		return; /* one count less is better than no result at all */
	record->failures = grown;
	grown[record->failure_count++] =
		(struct cause_count){ .cause = cause, .count = 1 };
}

static unsigned runs_to_confirm(const struct store *store, const struct record *record)
{
	unsigned confirm = record->check->requirement->confirm;

	if (store->confirm_at_most > 0 && confirm > store->confirm_at_most)
		confirm = store->confirm_at_most;
	return confirm > 0 ? confirm : 1;
}

static void confirm(struct record *record, enum verdict verdict, enum cause cause,
	struct store_change *change)
{
	change->after = verdict;
	change->changed = record->state != verdict;
	if (change->changed || record->state_since_us == 0)
		record->state_since_us = record->last.wall_us;
	record->state = verdict;
	record->state_cause = cause;
}

struct store_change store_outcome(
	struct store *store, size_t index, const struct outcome *outcome)
{
	struct record *record = &store->records[index];
	struct store_change change = { .before = record->state, .after = record->state };
	enum verdict verdict = outcome->finding.verdict;

	record->last = *outcome;
	record->runs++;
	histogram_observe(&record->durations, outcome->duration_us);
	if (verdict == VERDICT_OK || verdict == VERDICT_DEGRADED)
		record->last_success_us = outcome->wall_us;
	if (verdict != VERDICT_OK)
		count_failure(record, outcome->finding.cause);
	if (record->pending != verdict)
		record->agreed = 0;
	record->pending = verdict;
	record->agreed++;
	flapping_note(&record->flapping, verdict);
	if (record->flapping.flaps && verdict != VERDICT_UNKNOWN)
		confirm(record, VERDICT_DEGRADED, CAUSE_FLAPPING, &change);
	else if (record->agreed >= runs_to_confirm(store, record))
		confirm(record, verdict, outcome->finding.cause, &change);
	else
		change.unconfirmed =
			verdict != record->state || record->state_since_us == 0;
	return change;
}

void store_applies(struct store *store, size_t index, bool applies)
{
	store->records[index].applies = applies;
}
