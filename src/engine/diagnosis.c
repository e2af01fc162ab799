/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/diagnosis.h"

#include <stdlib.h>
#include <string.h>

#include "engine/diagnosis_parts.h"

/* Of two that explain the same requirement the first is named. */
static const rule_fn rules[] = { diagnosis_by_cause_own, diagnosis_uplink,
	diagnosis_resolver, diagnosis_by_cause_cloud, diagnosis_clock, diagnosis_pbx,
	diagnosis_device };

/* One evaluation over all sites. */
struct examination {
	const struct store *store;
	struct diagnoses made;
	size_t room;
	size_t *covers; /* by requirement: 1 + index of the diagnosis, 0 = none */
	size_t requirement, end; /* those of the site that is examined */
	bool failed;
};

void suspect(struct scene *scene, const struct suspicion *suspicion)
{
	if (scene->suspicion_count < SUSPICIONS_MAX)
		scene->suspicions[scene->suspicion_count++] = *suspicion;
}

/* The confirmed state is not ok, and the last run does not say otherwise. */
static bool is_witness(const struct record *record)
{
	return record->applies && record->check->fixed_cause == CAUSE_NONE &&
		record->state_since_us > 0 && record->state != VERDICT_OK &&
		record->state == record->last.finding.verdict;
}

static void note_pbx(struct scene *scene, const struct check *check)
{
	if (check->requirement->direction == DIRECTION_INBOUND && *check->host &&
		scene->pbx_count < PBXS_MAX && !is_pbx(scene, check->host))
		scene->pbxs[scene->pbx_count++] = check->host;
}

/* From scene->first to where another site begins. */
static void scene_fill(struct scene *scene)
{
	size_t size = store_size(scene->store);
	size_t i = scene->first;

	scene->site = store_record(scene->store, i)->check->site;
	for (; i < size; i++) {
		const struct record *record = store_record(scene->store, i);

		if (record->check->site != scene->site)
			break;
		note_pbx(scene, record->check);
		if (is_witness(record))
			scene->witnesses[scene->witness_count++] = record;
	}
	scene->end = i;
}

/*
 * Every check of the requirement that is not ok is so for this reason.
 * \param since_us  moved on to the latest of them
 */
static bool explains_requirement(const struct scene *scene,
	const struct suspicion *suspicion, const struct requirement_state *state,
	int64_t *since_us)
{
	int64_t latest = *since_us;
	bool any = false;

	if (!state->worst || state->verdict == VERDICT_OK)
		return false;
	for (size_t i = 0; i < state->count; i++) {
		const struct record *record =
			store_record(scene->store, state->first + i);

		if (!record->applies || record->state == VERDICT_OK)
			continue;
		if (!is_witness(record) || !suspicion->explains(scene, suspicion, record))
			return false;
		if (record->state_since_us > latest)
			latest = record->state_since_us;
		any = true;
	}
	*since_us = latest;
	return any;
}

static bool diagnosis_add(
	struct examination *examination, const struct diagnosis *diagnosis)
{
	struct diagnoses *made = &examination->made;

	if (made->count == examination->room) {
		size_t room = examination->room ? 2 * examination->room : 4;
		struct diagnosis *items = realloc(made->items, room * sizeof(*items));

		if (!items) {
			examination->failed = true;
			return false;
		}
		made->items = items;
		examination->room = room;
	}
	made->items[made->count++] = *diagnosis;
	return true;
}

/* Marks what a suspicion explains; takes it back where that is too little. */
static void try_suspicion(struct examination *examination, const struct scene *scene,
	const struct suspicion *suspicion)
{
	size_t *covers = examination->covers;
	size_t mark = examination->made.count + 1;
	struct diagnosis diagnosis = { .site = scene->site,
		.cause = suspicion->cause,
		.evidence = suspicion->evidence };

	for (size_t i = examination->requirement; i < examination->end; i++) {
		struct requirement_state state;

		if (covers[i] != 0)
			continue;
		state = store_requirement(scene->store, i);
		if (!explains_requirement(scene, suspicion, &state, &diagnosis.since_us))
			continue;
		covers[i] = mark;
		diagnosis.covered++;
	}
	if (diagnosis.covered >= 2 && diagnosis_add(examination, &diagnosis))
		return;
	for (size_t i = examination->requirement; i < examination->end; i++) {
		if (covers[i] == mark)
			covers[i] = 0;
	}
}

/* Finds the requirements of the next site. */
static void find_requirements(struct examination *examination, const struct scene *scene)
{
	size_t i = examination->end;

	examination->requirement = i;
	while (i < store_requirements(examination->store) &&
		store_requirement(examination->store, i).first < scene->end)
		i++;
	examination->end = i;
}

/* \return where the next site begins */
static size_t examine_site(struct examination *examination, const struct host_state *host,
	const struct record **room, size_t first)
{
	struct scene scene = { .store = examination->store,
		.host = host,
		.first = first,
		.witnesses = room };

	scene_fill(&scene);
	find_requirements(examination, &scene);
	for (size_t i = 0;
		scene.witness_count >= 2 && i < sizeof(rules) / sizeof(rules[0]); i++)
		rules[i](&scene);
	for (size_t i = 0; i < scene.suspicion_count; i++)
		try_suspicion(examination, &scene, &scene.suspicions[i]);
	return scene.end;
}

static bool resolve_covers(struct examination *examination)
{
	struct diagnoses *made = &examination->made;
	size_t count = store_requirements(examination->store);

	made->covers = calloc(count + 1, sizeof(struct diagnosis *));
	if (!made->covers)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (examination->covers[i] != 0)
			made->covers[i] = &made->items[examination->covers[i] - 1];
	}
	return true;
}

bool diagnoses_make(const struct store *store, const struct host_state *host,
	struct diagnoses *ret_diagnoses)
{
	static const struct host_state unknown;
	struct examination examination = { .store = store };
	const struct record **room =
		calloc(store_size(store) + 1, sizeof(struct record *));

	examination.covers =
		calloc(store_requirements(store) + 1, sizeof(*examination.covers));
	examination.failed = !room || !examination.covers;
	for (size_t i = 0; !examination.failed && i < store_size(store);)
		i = examine_site(&examination, host ? host : &unknown, room, i);
	if (!examination.failed)
		examination.failed = !resolve_covers(&examination);
	free(room);
	free(examination.covers);
	if (examination.failed)
		diagnoses_done(&examination.made);
	else
		*ret_diagnoses = examination.made;
	return !examination.failed;
}

void diagnoses_done(struct diagnoses *diagnoses)
{
	free(diagnoses->items);
	free(diagnoses->covers);
	*diagnoses = (struct diagnoses){ 0 };
}

const struct diagnosis *diagnoses_cover(const struct diagnoses *diagnoses, size_t index)
{
	return diagnoses->covers[index];
}
