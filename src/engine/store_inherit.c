/* SPDX-License-Identifier: Apache-2.0 */
/* What a store takes over from the one before a reload. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/store.h"
#include "engine/store_parts.h"
#include "media/port_map.h"

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
	struct port_map *ports = record->ports;
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
	record->remembered = (struct history_runs){ 0 }; /* see store_remember() */
	record->ports = ports;
	record->applies = older->applies || !check->family_optional;
	return 0;
}

/* Of the same identity, by identity. \retval NULL  out of memory */
static struct record **sorted_records(const struct store *store)
{
	size_t count = store->plan->check_count;
	struct record **sorted = calloc(count + 1, sizeof(*sorted));

	for (size_t i = 0; sorted && i < count; i++)
		sorted[i] = &store->records[i];
	if (sorted)
		qsort(sorted, count, sizeof(*sorted), compare_identity);
	return sorted;
}

/* \retval NULL  there is none that compares */
static struct record *find_older(
	const struct record *record, struct record **sorted, size_t count)
{
	struct record **found =
		bsearch(&record, sorted, count, sizeof(*sorted), compare_identity);

	return found && comparable(record, *found) ? *found : NULL;
}

int store_inherit(struct store *store, const struct store *older)
{
	struct record **sorted = sorted_records(older);
	int error = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < store->plan->check_count && error == 0; i++) {
		struct record *record = &store->records[i];
		const struct record *found =
			find_older(record, sorted, older->plan->check_count);

		if (found)
			error = record_inherit(record, found);
		if (outcome_is_translated(&record->last))
			store->translated = true;
	}
	free(sorted);
	return error;
}

static bool same_range(const struct port_map *left, const struct port_map *right)
{
	return left && right && port_map_first(left) == port_map_first(right) &&
		port_map_last(left) == port_map_last(right);
}

/* The older one keeps an empty one: it ends, and nothing is allocated here. */
static void remember_ports(struct record *record, struct record *older)
{
	struct port_map *ports = record->ports;

	if (!same_range(ports, older->ports))
		return;
	record->ports = older->ports;
	older->ports = ports;
}

static void remember_runs(struct store *store, struct store *older)
{
	struct record **sorted = sorted_records(older);

	conversations_move(&store->conversations, &older->conversations);
	for (size_t i = 0; sorted && i < store->plan->check_count; i++) {
		struct record *found =
			find_older(&store->records[i], sorted, older->plan->check_count);

		if (!found)
			continue;
		store->records[i].remembered = found->remembered;
		found->remembered = (struct history_runs){ 0 };
		remember_ports(&store->records[i], found);
	}
	/* what nobody wanted is part of our conversations by now */
	for (size_t i = 0; i < older->plan->check_count; i++)
		history_runs_done(&older->records[i].remembered, &store->conversations);
	free(sorted);
}

/* A requirement at a site, by what remains of it when the plan is another. */
struct row {
	const char *site, *requirement;
	struct history *history;
};

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int site = strcmp(a->site, b->site);

	return site != 0 ? site : strcmp(a->requirement, b->requirement);
}

static struct row row_of(const struct store *store, struct group *group)
{
	const struct check *check = store->records[group->first].check;

	return (struct row){ check->site->name, check->requirement->id, &group->history };
}

static void remember_changes(struct store *store, struct store *older)
{
	size_t count = older->group_count;
	struct row *rows = calloc(count + 1, sizeof(*rows));

	if (!rows)
		return;
	for (size_t i = 0; i < count; i++)
		rows[i] = row_of(older, &older->groups[i]);
	qsort(rows, count, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < store->group_count; i++) {
		struct row key = row_of(store, &store->groups[i]);
		struct row *found =
			bsearch(&key, rows, count, sizeof(*rows), compare_rows);

		if (!found)
			continue;
		*key.history = *found->history;
		*found->history = (struct history){ 0 };
	}
	free(rows);
}

void store_remember(struct store *store, struct store *older)
{
	remember_runs(store, older);
	remember_changes(store, older);
}
