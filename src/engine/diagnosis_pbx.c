/* SPDX-License-Identifier: Apache-2.0 */
/* A PBX that says nothing on any of its ports. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "engine/cloud.h"
#include "engine/diagnosis_parts.h"

/* What is looked at of one PBX. */
struct silence {
	const char *host;
	struct witnesses silent, gone;
	size_t requirements; /* that are silent */
	const struct record *first, *proof;
	int64_t since_us;
	int64_t last_heard_us; /* the newest answer that any of it gave */
	int64_t interval_us;   /* the longest of its rows */
};

static bool is_gone(const struct outcome *outcome)
{
	static const enum cause causes[] = { CAUSE_ARP_FAILED,
		CAUSE_ICMP_HOST_UNREACHABLE, CAUSE_ICMP6_ADDR_UNREACHABLE, CAUSE_NONE };

	return outcome->phase != PHASE_RESOLVE &&
		cause_is_of(outcome->finding.cause, causes);
}

static bool is_silent(const struct record *record)
{
	static const enum cause causes[] = { CAUSE_TIMEOUT, CAUSE_RTP_ALL_BLOCKED,
		CAUSE_NONE };

	return is_unreached(record) && cause_is_of(record->last.finding.cause, causes);
}

static bool explains_silence(const struct scene *scene, const struct suspicion *suspicion,
	const struct record *record)
{
	(void)scene;
	return strcmp(record->check->host, suspicion->host) == 0 &&
		(is_silent(record) || is_gone(&record->last));
}

static void note_witness(
	struct silence *silence, const struct record *record, const struct record *before)
{
	bool counted = before && before->check->requirement == record->check->requirement;

	if (is_gone(&record->last)) {
		witnesses_add(&silence->gone, record->check, false);
		silence->proof = record;
	} else if (is_silent(record)) {
		witnesses_add(&silence->silent, record->check, false);
		silence->requirements += !counted;
	} else {
		return;
	}
	if (!silence->first)
		silence->first = record;
	if (record->state_since_us > silence->since_us)
		silence->since_us = record->state_since_us;
	if (record->last_success_us > silence->last_heard_us)
		silence->last_heard_us = record->last_success_us;
	if (record->check->requirement->interval_us > silence->interval_us)
		silence->interval_us = record->check->requirement->interval_us;
}

static void gather(const struct scene *scene, struct silence *silence)
{
	const struct record *before = NULL;

	for (size_t i = 0; i < scene->witness_count; i++) {
		const struct record *record = scene->witnesses[i];

		if (strcmp(record->check->host, silence->host) != 0)
			continue;
		note_witness(silence, record, before);
		before = record;
	}
}

/* Rows that are asked less often say little of when it ended. */
#define ENDED_AT_ONCE (5 * MINUTE)

/*
 * Rows are asked in turns, so the last answers of what ends at once lie within one turn
 * of the slowest of them; a minute more for runs that were waiting.
 */
static int64_t earliest_end(const struct silence *silence, int64_t interval_us)
{
	if (interval_us > ENDED_AT_ONCE)
		interval_us = ENDED_AT_ONCE;
	return silence->last_heard_us - interval_us - MINUTE;
}

static size_t ended_at_once(const struct scene *scene, const struct silence *silence)
{
	int64_t earliest = earliest_end(silence, silence->interval_us);
	struct witnesses ended = { .count = 0 };

	for (size_t i = 0; i < scene->witness_count; i++) {
		const struct record *record = scene->witnesses[i];

		if (strcmp(record->check->host, silence->host) == 0 &&
			record->last_success_us > 0 &&
			record->last_success_us >= earliest)
			witnesses_add(&ended, record->check, false);
	}
	return ended.count;
}

/* \retval true  it is silent, and somebody else is not */
static bool is_alone(const struct scene *scene, const struct silence *silence)
{
	bool others = false;

	for (size_t i = scene->first; i < scene->end; i++) {
		const struct record *record = store_record(scene->store, i);

		if (strcmp(record->check->host, silence->host) != 0)
			others = others || is_heard_since(record, silence->last_heard_us);
		else if (is_heard_since(record, silence->since_us))
			return false;
	}
	return others;
}

/*
 * Another host of its network fell silent as well: it is the way there, a tunnel as a
 * rule, and no ban of the PBX.
 */
static bool is_network_silent(const struct scene *scene, const struct silence *silence)
{
	const struct address *pbx = &silence->first->last.address;

	for (size_t i = scene->first; i < scene->end; i++) {
		const struct record *record = store_record(scene->store, i);

		if (record->applies && is_unreached(record) &&
			addresses_share_network(&record->last.address, pbx) &&
			!address_equal(&record->last.address, pbx) &&
			record->last_success_us > 0 &&
			record->last_success_us >= silence->last_heard_us - MINUTE -
					record->check->requirement->interval_us)
			return true;
	}
	return false;
}

/* \return COMMON_CAUSE_NONE  too little is known */
static enum common_cause judge(const struct scene *scene, const struct silence *silence)
{
	if (silence->gone.count >= 2)
		return COMMON_CAUSE_PBX_DOWN;
	if (silence->silent.count < 3 || silence->gone.count > 0)
		return COMMON_CAUSE_NONE;
	if (ended_at_once(scene, silence) < 2 || is_network_silent(scene, silence))
		return COMMON_CAUSE_PBX_SILENT;
	return COMMON_CAUSE_POSSIBLE_BAN;
}

static void examine_pbx(struct scene *scene, const char *host)
{
	struct silence silence = { .host = host };
	struct suspicion suspicion = { .explains = explains_silence, .host = host };
	struct evidence *evidence = &suspicion.evidence;

	gather(scene, &silence);
	if (silence.gone.count + silence.silent.count < 2 || !is_alone(scene, &silence))
		return;
	suspicion.cause = judge(scene, &silence);
	if (suspicion.cause == COMMON_CAUSE_NONE)
		return;
	if (silence.proof) {
		*evidence = silence.proof->last.finding.evidence;
	} else {
		evidence->kind = EVIDENCE_COMPARISON;
		snprintf(evidence->detail, sizeof(evidence->detail),
			"%s: %zu requirements silent, other hosts answer", host,
			silence.requirements);
	}
	suspect(scene, &suspicion);
}

void diagnosis_pbx(struct scene *scene)
{
	const struct place *place =
		place_of(scene, store_record(scene->store, scene->first));

	for (size_t i = 0; i < place->pbx_count; i++)
		examine_pbx(scene, place->pbxs[i]);
}
