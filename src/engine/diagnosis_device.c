/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices on the path that refuse. There may be as many as there are sites, each with a
 * firewall of its own: those refused are sorted by who refuses them, and each device is
 * held against its own alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/diagnosis_parts.h"

/* A row that measures what then is unknown has been refused as well. */
static bool has_failed(const struct record *record)
{
	return record->state == VERDICT_FAILED ||
		(record->state == VERDICT_UNKNOWN &&
			record->check->requirement->transport == TRANSPORT_TCP);
}

static bool is_refused_by_device(const struct record *record)
{
	const struct evidence *evidence = &record->last.finding.evidence;

	return (evidence->kind == EVIDENCE_ICMP || evidence->kind == EVIDENCE_ICMP6) &&
		evidence->offender.family != FAMILY_NONE && has_failed(record) &&
		!address_equal(&evidence->offender, &record->last.address);
}

static const struct address *device_of(const struct record *record)
{
	return &record->last.finding.evidence.offender;
}

static bool explains_device(const struct scene *scene, const struct suspicion *suspicion,
	const struct record *record)
{
	(void)scene;
	return is_refused_by_device(record) &&
		address_equal(device_of(record), &suspicion->offender);
}

/* Those of one device are neighbours, in the order of the plan. */
static int compare_devices(const void *left, const void *right)
{
	const struct record *one = *(const struct record *const *)left;
	const struct record *other = *(const struct record *const *)right;
	int order = address_compare(device_of(one), device_of(other));

	return order != 0 ? order : (one > other) - (one < other);
}

static size_t gather_refused(const struct scene *scene)
{
	size_t count = 0;

	for (size_t i = 0; i < scene->witness_count; i++) {
		if (is_refused_by_device(scene->witnesses[i]))
			scene->scratch[count++] = scene->witnesses[i];
	}
	qsort(scene->scratch, count, sizeof(*scene->scratch), compare_devices);
	return count;
}

static void examine_device(
	const struct scene *scene, const struct record *const *refused, size_t count)
{
	struct suspicion suspicion = { .cause = COMMON_CAUSE_COMMON_DEVICE,
		.explains = explains_device,
		.offender = *device_of(*refused),
		.evidence = (*refused)->last.finding.evidence,
		.among = refused,
		.among_count = count };
	struct count counted = { 0 };

	for (size_t i = 0; i < count; i++)
		count_add(&counted, refused[i]);
	if (counted.witnesses.count < 3 || !counted.several)
		return;
	snprintf(suspicion.evidence.detail, sizeof(suspicion.evidence.detail),
		"refuses %zu checks", counted.checks);
	suspect(scene, &suspicion);
}

void diagnosis_device(struct scene *scene)
{
	size_t count = gather_refused(scene);

	for (size_t first = 0, end; first < count; first = end) {
		const struct record **refused = scene->scratch + first;

		end = first + 1;
		while (end < count &&
			address_equal(
				device_of(scene->scratch[end]), device_of(*refused)))
			end++;
		examine_device(scene, refused, end - first);
	}
}
