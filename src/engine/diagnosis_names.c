/* SPDX-License-Identifier: Apache-2.0 */
/* Name servers. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "engine/cloud.h"
#include "engine/diagnosis_parts.h"

#define DNS_PORT 53

/* As long as the rows of one outage take to fail one after the other. */
#define TOGETHER (2 * MINUTE)

static const enum cause lookup_causes[] = { CAUSE_DNS_TIMEOUT, CAUSE_DNS_UNREACHABLE,
	CAUSE_DNS_SERVFAIL, CAUSE_DNS_REFUSED, CAUSE_DNS_GARBAGE, CAUSE_DNS_BAD_ID,
	CAUSE_DNS_TRUNCATED_NO_TCP, CAUSE_NONE };

bool is_failed_lookup(const struct record *record)
{
	return record->last.phase == PHASE_RESOLVE &&
		cause_is_of(record->last.finding.cause, lookup_causes);
}

static bool is_literal(const struct record *record)
{
	struct address address;

	return address_is_literal(record->check->host, &address);
}

/* A name was found by asking for it, after all these lookups had failed. */
static bool is_found_since(const struct record *record, int64_t since_us)
{
	const struct outcome *last = &record->last;

	return record->applies && last->name_asked && last->phase != PHASE_RESOLVE &&
		last->wall_us > since_us;
}

bool is_silent_still(const struct record *record)
{
	return is_failed_lookup(record) &&
		record->last_silence_us > record->last_success_us;
}

/*
 * Silent since about the time at which the names began to fail, confirmed or not: then
 * the names are not what is missing.
 */
static bool is_silent_together(const struct record *record, int64_t began_us)
{
	int64_t since_us = record->state_since_us;

	if (is_silent_still(record))
		since_us = record->last_silence_us;
	else if (!is_unreached(record))
		return false;
	else if (since_us == 0 || record->state != record->last.finding.verdict)
		since_us = record->last.wall_us; /* not confirmed yet */
	return since_us > began_us - TOGETHER;
}

/* Who answers although no name is found. */
struct answers {
	bool name;    /* one was found since */
	bool literal; /* an address of the site, or the gateway */
	bool beyond;  /* from the Internet, since */
	bool before;  /* from the Internet, but was not asked since */
	bool ever;    /* from the Internet, at any time that is remembered */
	bool silence; /* there, since the names began to fail */
};

static void note_beyond(
	struct answers *answers, const struct record *record, const struct count *lookups)
{
	if (is_heard(record) && record->last.wall_us > lookups->since_us)
		answers->beyond = true;
	if (record->applies && record->last_success_us > 0)
		answers->ever = true;
	if (is_heard_since(record, lookups->since_us))
		answers->before = true;
	if (is_silent_together(record, lookups->began_us))
		answers->silence = true;
}

static void note_answer(struct answers *answers, const struct scene *scene,
	const struct record *record, const struct count *lookups)
{
	if (is_found_since(record, lookups->since_us))
		answers->name = true;
	if (is_heard(record) && is_literal(record))
		answers->literal = true;
	if (record->check->port != DNS_PORT && is_beyond(scene, record))
		note_beyond(answers, record, lookups);
}

/*
 * The names alone are missing: none was found since, addresses answer, and the Internet
 * is not silent as a whole, as far as all of it has been asked since. Who was started in
 * an outage has never heard anything from there, and cannot know.
 */
static bool only_names_fail(const struct scene *scene, const struct count *lookups)
{
	struct answers answers = { .literal = gateway_answers(scene) };

	for (const struct place *place = NULL; (place = scene_place(scene, place));) {
		for (size_t i = place->first; i < place->end; i++)
			note_answer(
				&answers, scene, store_record(scene->store, i), lookups);
	}
	if (answers.name || !answers.literal)
		return false;
	return answers.beyond || (answers.ever && !answers.before && !answers.silence);
}

bool is_failed_server(const struct record *record)
{
	return record->check->port == DNS_PORT &&
		(!is_heard(record) ||
			cause_is_of(record->last.finding.cause, lookup_causes));
}

/* The name servers' own rows fail with them. */
static bool explains_lookup(const struct scene *scene, const struct suspicion *suspicion,
	const struct record *record)
{
	(void)scene;
	(void)suspicion;
	return is_failed_lookup(record) || is_failed_server(record);
}

/* What a server said, if one did; silence is counted. */
static struct evidence lookup_evidence(const struct count *lookups)
{
	struct evidence evidence = lookups->first->last.finding.evidence;

	if (evidence.kind != EVIDENCE_NONE)
		return evidence;
	evidence.kind = EVIDENCE_COMPARISON;
	snprintf(evidence.detail, sizeof(evidence.detail), "%zu lookups fail: %s",
		lookups->checks, cause_name(lookups->first->last.finding.cause));
	return evidence;
}

void diagnosis_resolver(struct scene *scene)
{
	struct count lookups = { 0 };

	for (size_t i = 0; i < scene->witness_count; i++) {
		if (is_failed_lookup(scene->witnesses[i]))
			count_add(&lookups, scene->witnesses[i]);
	}
	if (!lookups.strangers || scene->cut_off || !only_names_fail(scene, &lookups))
		return;
	suspect(scene,
		&(struct suspicion){ .cause = COMMON_CAUSE_OWN_RESOLVER,
			.explains = explains_lookup,
			.evidence = lookup_evidence(&lookups) });
}
