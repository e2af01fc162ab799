/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/diagnosis.h"

#include <stdlib.h>
#include <string.h>

#include "engine/diagnosis_parts.h"

/*
 * Of two that explain the same requirement the first is named. What is of this host, its
 * uplink and what lies beyond it is of all sites at once, else 20 sites would call one
 * pulled cable 20 causes; names are of those who ask the same servers.
 */
enum scope { SCOPE_ALL, SCOPE_NAME_SERVERS, SCOPE_SITE };

static const struct rule {
	enum scope scope;
	rule_fn examine;
} rules[] = {
	{ SCOPE_ALL, diagnosis_by_cause_own },
	{ SCOPE_ALL, diagnosis_uplink },
	{ SCOPE_ALL, diagnosis_vendor },
	{ SCOPE_NAME_SERVERS, diagnosis_resolver },
	{ SCOPE_NAME_SERVERS, diagnosis_by_cause_names },
	{ SCOPE_ALL, diagnosis_by_cause_cloud },
	{ SCOPE_ALL, diagnosis_clock },
	{ SCOPE_SITE, diagnosis_pbx },
	{ SCOPE_ALL, diagnosis_device },
};

/* One evaluation over all sites. */
struct examination {
	const struct store *store;
	const struct host_state *host;
	const struct plan *plan;
	struct place *places;      /* by the plan's sites */
	const struct site **order; /* those of the places */
	struct diagnoses made;
	size_t room;
	size_t *requirements; /* by record */
	size_t *covers;       /* by requirement: 1 + index of the diagnosis, 0 = none */
	const struct record **witnesses, **scratch;
	size_t witness_count;
	bool cut_off;
	bool failed;
};

/* The confirmed state is not ok, and the last run does not say otherwise. */
static bool is_witness(const struct record *record)
{
	return record->applies && record->check->fixed_cause == CAUSE_NONE &&
		record->state_since_us > 0 && record->state != VERDICT_OK &&
		record->state == record->last.finding.verdict;
}

static void note_pbx(struct place *place, const struct check *check)
{
	if (check->requirement->direction == DIRECTION_INBOUND && *check->host &&
		place->pbx_count < PBXS_MAX && !is_pbx(place, check->host))
		place->pbxs[place->pbx_count++] = check->host;
}

/* Where each site lies, and who is not well. */
static void look_around(struct examination *examination)
{
	size_t size = store_size(examination->store);

	for (size_t i = 0; i < size; i++) {
		const struct record *record = store_record(examination->store, i);
		struct place *place =
			&examination
				 ->places[record->check->site - examination->plan->sites];

		if (place->end == 0) {
			place->first = i;
			place->witness = examination->witness_count;
		}
		note_pbx(place, record->check);
		if (is_witness(record))
			examination->witnesses[examination->witness_count++] = record;
		place->end = i + 1;
		place->witness_end = examination->witness_count;
	}
}

static void find_requirements(struct examination *examination)
{
	size_t count = store_requirements(examination->store);

	for (size_t i = 0; i < count; i++) {
		struct requirement_state state = store_requirement(examination->store, i);
		struct place *place =
			&examination->places[state.site - examination->plan->sites];

		if (place->requirement_end == 0)
			place->requirement = i;
		place->requirement_end = i + 1;
		for (size_t record = 0; record < state.count; record++)
			examination->requirements[state.first + record] = i;
	}
}

static int compare_servers(
	const struct resolver_server *one, const struct resolver_server *other)
{
	int order = address_compare(&one->address, &other->address);

	return order != 0 ? order : (int)one->port - (int)other->port;
}

static int compare_askers(const struct site *one, const struct site *other)
{
	int order = 0;

	if (one->name_server_count != other->name_server_count)
		return one->name_server_count < other->name_server_count ? -1 : 1;
	for (size_t i = 0; order == 0 && i < one->name_server_count; i++)
		order = compare_servers(&one->name_servers[i], &other->name_servers[i]);
	return order;
}

/* Those who ask alike are neighbours, in the order of the plan. */
static int compare_places(const void *left, const void *right)
{
	const struct site *one = *(const struct site *const *)left;
	const struct site *other = *(const struct site *const *)right;
	int order = compare_askers(one, other);

	return order != 0 ? order : (one > other) - (one < other);
}

static struct place *place_at(
	const struct examination *examination, const struct site *site)
{
	return &examination->places[site - examination->plan->sites];
}

/* Sorted, for each site would have to be held against each. */
static void find_askers(struct examination *examination)
{
	const struct site **order = examination->order;
	size_t count = 0;

	for (size_t i = 0; i < examination->plan->site_count; i++) {
		if (examination->places[i].end > 0)
			order[count++] = &examination->plan->sites[i];
	}
	qsort(order, count, sizeof(*order), compare_places);
	for (size_t i = 0; i < count; i++) {
		struct place *place = place_at(examination, order[i]);

		place->asks_first = i == 0 || compare_askers(order[i - 1], order[i]) != 0;
		if (!place->asks_first)
			place_at(examination, order[i - 1])->next_asker = place;
	}
}

const struct place *scene_place(const struct scene *scene, const struct place *after)
{
	if (!after)
		return scene->from;
	if (scene->by_asker)
		return after->next_asker;
	return after == scene->to ? NULL : after + 1;
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

static void diagnosis_add(
	struct examination *examination, const struct diagnosis *diagnosis)
{
	struct diagnoses *made = &examination->made;

	if (made->count == examination->room) {
		size_t room = examination->room ? 2 * examination->room : 4;
		struct diagnosis *items = realloc(made->items, room * sizeof(*items));

		if (!items) {
			examination->failed = true;
			return;
		}
		made->items = items;
		examination->room = room;
	}
	made->items[made->count++] = *diagnosis;
}

/* What a suspicion explains, as far as it has been held against the requirements. */
struct trial {
	struct diagnosis diagnosis;
	size_t last; /* of the covered requirements */
};

static void try_requirement(const struct scene *scene, const struct suspicion *suspicion,
	size_t index, struct trial *trial)
{
	struct examination *examination = scene->examination;
	struct requirement_state state;

	if (examination->covers[index] != 0)
		return;
	state = store_requirement(scene->store, index);
	if (!explains_requirement(scene, suspicion, &state, &trial->diagnosis.since_us))
		return;
	examination->covers[index] = examination->made.count + 1;
	trial->diagnosis.covered++;
	trial->last = index;
}

static void try_all(
	const struct scene *scene, const struct suspicion *suspicion, struct trial *trial)
{
	for (const struct place *place = NULL; (place = scene_place(scene, place));) {
		for (size_t i = place->requirement; i < place->requirement_end; i++)
			try_requirement(scene, suspicion, i, trial);
	}
}

/* Records are in the order of the plan's checks. */
static void try_those_among(
	const struct scene *scene, const struct suspicion *suspicion, struct trial *trial)
{
	const struct examination *examination = scene->examination;

	for (size_t i = 0; i < suspicion->among_count; i++) {
		size_t record =
			(size_t)(suspicion->among[i]->check - examination->plan->checks);

		try_requirement(
			scene, suspicion, examination->requirements[record], trial);
	}
}

void suspect(const struct scene *scene, const struct suspicion *suspicion)
{
	struct trial trial = { .diagnosis = { .site = scene->site,
				       .cause = suspicion->cause,
				       .evidence = suspicion->evidence } };

	if (suspicion->among)
		try_those_among(scene, suspicion, &trial);
	else
		try_all(scene, suspicion, &trial);
	if (trial.diagnosis.covered >= 2)
		diagnosis_add(scene->examination, &trial.diagnosis);
	else if (trial.diagnosis.covered == 1)
		scene->examination->covers[trial.last] = 0;
}

static void examine(
	struct examination *examination, const struct rule *rule, struct scene *scene)
{
	scene->cut_off = examination->cut_off;
	if (scene->witness_count >= 2)
		rule->examine(scene);
	examination->cut_off = scene->cut_off;
}

/* From the first to the last of these places. */
static struct scene scene_of(
	struct examination *examination, const struct place *from, const struct place *to)
{
	return (struct scene){ .store = examination->store,
		.host = examination->host,
		.places = examination->places,
		.site = from == to ? &examination->plan->sites[from - examination->places]
				   : NULL,
		.from = from,
		.to = to,
		.first = from->first,
		.end = to->end,
		.witnesses = examination->witnesses + from->witness,
		.witness_count = to->witness_end - from->witness,
		.scratch = examination->scratch,
		.examination = examination };
}

static struct place *next_place(
	const struct examination *examination, struct place *place)
{
	const struct place *end = examination->places + examination->plan->site_count;

	for (; place < end; place++) {
		if (place->end > 0)
			return place;
	}
	return NULL;
}

static void examine_all(struct examination *examination, const struct rule *rule)
{
	const struct place *first = next_place(examination, examination->places);
	const struct place *last = examination->places + examination->plan->site_count;
	struct scene scene;

	if (!first)
		return;
	while (last[-1].end == 0)
		last--;
	scene = scene_of(examination, first, last - 1);
	examine(examination, rule, &scene);
}

static void examine_sites(struct examination *examination, const struct rule *rule)
{
	struct place *place = examination->places;

	while ((place = next_place(examination, place))) {
		struct scene scene = scene_of(examination, place, place);

		examine(examination, rule, &scene);
		place++;
	}
}

static size_t pick_witnesses(const struct scene *scene)
{
	const struct examination *examination = scene->examination;
	size_t count = 0;

	for (const struct place *place = NULL; (place = scene_place(scene, place));) {
		for (size_t i = place->witness; i < place->witness_end; i++)
			scene->scratch[count++] = examination->witnesses[i];
	}
	return count;
}

/* Those who ask like an earlier one are examined with it, wherever they stand. */
static void examine_askers(struct examination *examination, const struct rule *rule)
{
	struct place *place = examination->places;

	while ((place = next_place(examination, place))) {
		if (place->asks_first) {
			struct scene scene = scene_of(examination, place, place);

			scene.by_asker = true;
			if (place->next_asker)
				scene.site = NULL;
			scene.witness_count = pick_witnesses(&scene);
			scene.witnesses = scene.scratch;
			examine(examination, rule, &scene);
		}
		place++;
	}
}

static void apply_rules(struct examination *examination)
{
	static void (*const examine_by[])(struct examination *, const struct rule *) = {
		[SCOPE_ALL] = examine_all,
		[SCOPE_NAME_SERVERS] = examine_askers,
		[SCOPE_SITE] = examine_sites,
	};

	look_around(examination);
	find_requirements(examination);
	find_askers(examination);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		examine_by[rules[i].scope](examination, &rules[i]);
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

static bool examination_begin(struct examination *examination)
{
	size_t size = store_size(examination->store) + 1;

	examination->places =
		calloc(examination->plan->site_count + 1, sizeof(*examination->places));
	examination->order =
		calloc(examination->plan->site_count + 1, sizeof(*examination->order));
	examination->witnesses = calloc(size, sizeof(*examination->witnesses));
	examination->scratch = calloc(size, sizeof(*examination->scratch));
	examination->requirements = calloc(size, sizeof(*examination->requirements));
	examination->covers = calloc(
		store_requirements(examination->store) + 1, sizeof(*examination->covers));
	return examination->places && examination->order && examination->witnesses &&
		examination->scratch && examination->requirements && examination->covers;
}

static void examination_end(struct examination *examination)
{
	free(examination->places);
	free(examination->order);
	free(examination->witnesses);
	free(examination->scratch);
	free(examination->requirements);
	free(examination->covers);
}

bool diagnoses_make(const struct store *store, const struct host_state *host,
	struct diagnoses *ret_diagnoses)
{
	static const struct host_state unknown;
	struct examination examination = {
		.store = store, .host = host ? host : &unknown, .plan = store_plan(store)
	};

	examination.failed = !examination_begin(&examination);
	if (!examination.failed)
		apply_rules(&examination);
	if (!examination.failed)
		examination.failed = !resolve_covers(&examination);
	examination_end(&examination);
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
