/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/probe.h"
#include "engine/store_parts.h"
#include "media/port_map.h"

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

static bool keeps_ports(const struct check *check)
{
	return check->fixed_cause == CAUSE_NONE && check->requirement->kind &&
		check->requirement->kind->keeps_ports;
}

/* \retval false  out of memory */
static bool make_ports(struct store *store)
{
	for (size_t i = 0; i < store->plan->check_count; i++) {
		struct record *record = &store->records[i];
		const struct check *check = record->check;

		if (!keeps_ports(check))
			continue;
		record->ports = port_map_new(check->port, check_port_last(check));
		if (!record->ports)
			return false;
	}
	return true;
}

struct store *store_new(const struct plan *plan, unsigned confirm_at_most)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->plan = plan;
	store->confirm_at_most = confirm_at_most;
	conversations_init(&store->conversations);
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
	if (!make_ports(store)) {
		store_free(store);
		return NULL;
	}
	return store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; store->records && i < store->plan->check_count; i++) {
		free(store->records[i].failures);
		port_map_free(store->records[i].ports);
		history_runs_done(&store->records[i].remembered, &store->conversations);
	}
	for (size_t i = 0; i < store->group_count; i++)
		history_done(&store->groups[i].history);
	free(store->records);
	free(store->groups);
	free(store);
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

struct port_map *store_ports(struct store *store, size_t index)
{
	return store->records[index].ports;
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
		.count = group->count,
		.history = &group->history };
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

static int compare_first(const void *key, const void *element)
{
	const size_t *index = key;
	const struct group *group = element;

	if (*index < group->first)
		return -1;
	return *index >= group->first + group->count;
}

/* Of a state that is of no single run: what the last ones were together. */
static struct evidence evidence_of(const struct record *record, enum cause cause)
{
	struct evidence evidence = { .kind = EVIDENCE_NONE };

	if (cause == CAUSE_FLAPPING) {
		evidence.kind = EVIDENCE_COMPARISON;
		snprintf(evidence.detail, sizeof(evidence.detail),
			"%u changes in the last %u runs",
			flapping_changes(&record->flapping), record->flapping.runs);
	} else if (record->last.finding.cause == cause) {
		evidence = record->last.finding.evidence;
	}
	return evidence;
}

/* A check went over to another state; its requirement may have gone with it. */
static void remember_change(struct store *store, size_t index, int64_t wall_us)
{
	struct group *group = bsearch(
		&index, store->groups, store->group_count, sizeof(*group), compare_first);
	struct requirement_state state =
		store_requirement(store, (size_t)(group - store->groups));
	enum verdict before = history_verdict(&group->history);
	struct history_change change = {
		.wall_us = wall_us, .before = before, .after = state.verdict
	};

	if (!state.worst || state.verdict == before)
		return;
	change.cause = state.cause;
	change.family = state.worst->check->family;
	change.evidence = evidence_of(state.worst, state.cause);
	history_add(&group->history, &change, state.worst->check->target);
}

static bool is_served(enum verdict verdict)
{
	return verdict == VERDICT_OK || verdict == VERDICT_DEGRADED;
}

/* What every run leaves, whatever is confirmed by it. */
static void take_run(struct record *record, const struct outcome *outcome)
{
	enum verdict verdict = outcome->finding.verdict;

	record->last = *outcome;
	record->runs++;
	histogram_observe(&record->durations, outcome->duration_us);
	if (is_served(verdict))
		record->last_success_us = outcome->wall_us;
	if (outcome->finding.cause == CAUSE_TIMEOUT)
		record->last_silence_us = outcome->wall_us;
	if (verdict != VERDICT_OK)
		count_failure(record, outcome->finding.cause);
}

struct store_change store_outcome(struct store *store, size_t index,
	const struct outcome *outcome, const struct transcript *transcript)
{
	struct record *record = &store->records[index];
	struct store_change change = { .before = record->state, .after = record->state };
	enum verdict verdict = outcome->finding.verdict;

	take_run(record, outcome);
	if (outcome_is_translated(outcome))
		store->translated = true;
	if (verdict != VERDICT_OK || store->remembers_all)
		history_runs_add(
			&record->remembered, &store->conversations, outcome, transcript);
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
	if (change.changed)
		remember_change(store, index, outcome->wall_us);
	return change;
}

static void uncount_failure(struct record *record, enum cause cause)
{
	for (size_t i = 0; i < record->failure_count; i++) {
		if (record->failures[i].cause == cause && record->failures[i].count > 0)
			record->failures[i].count--;
	}
}

static void recount_failure(struct record *record, const struct finding *before)
{
	const struct finding *after = &record->last.finding;

	if (before->verdict != VERDICT_OK)
		uncount_failure(record, before->cause);
	if (after->verdict != VERDICT_OK)
		count_failure(record, after->cause);
}

/* The run's own entry, if it left one. */
static void mend_remembered(struct record *record)
{
	struct history_run *newest = record->remembered.items[0];

	if (newest && newest->wall_us == record->last.wall_us)
		newest->finding = record->last.finding;
}

void store_rejudge(struct store *store, size_t index, const struct finding *finding)
{
	struct record *record = &store->records[index];
	const struct finding before = record->last.finding;
	struct store_change change = { .before = record->state };
	bool confirmed =
		record->state == before.verdict && record->state_cause == before.cause;

	record->last.finding = *finding;
	recount_failure(record, &before);
	/* it was the only one, or the answer before it is not known any more */
	if (is_served(before.verdict) && !is_served(finding->verdict) &&
		record->runs == 1)
		record->last_success_us = 0;
	if (record->pending == before.verdict)
		record->pending = finding->verdict;
	mend_remembered(record);
	if (confirmed && record->state_since_us > 0)
		confirm(record, finding->verdict, finding->cause, &change);
	if (change.changed)
		remember_change(store, index, record->last.wall_us);
}

bool store_translated(const struct store *store)
{
	return store->translated;
}

void store_remember_all(struct store *store)
{
	store->remembers_all = true;
}

void store_applies(struct store *store, size_t index, bool applies)
{
	store->records[index].applies = applies;
}
