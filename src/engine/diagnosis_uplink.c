/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the Internet, of both families or of one; and the vendor alone. */
#include <stdio.h>

#include "engine/cloud.h"
#include "engine/diagnosis_parts.h"

/* Who says "unreachable", if it is one and the same device. */
struct speaker {
	struct address address;
	bool several;
};

static void speaker_add(struct speaker *speaker, const struct evidence *evidence)
{
	if ((evidence->kind != EVIDENCE_ICMP && evidence->kind != EVIDENCE_ICMP6) ||
		evidence->offender.family == FAMILY_NONE)
		return;
	if (speaker->address.family == FAMILY_NONE)
		speaker->address = evidence->offender;
	else if (!address_equal(&speaker->address, &evidence->offender))
		speaker->several = true;
}

/* FAMILY_NONE = both. */
static bool is_of(const struct record *record, enum family family)
{
	return family == FAMILY_NONE || record->check->family == family;
}

static bool explains_uplink(const struct scene *scene, const struct suspicion *suspicion,
	const struct record *record)
{
	const struct outcome *last = &record->last;

	if (!is_of(record, suspicion->family))
		return false;
	/* the other family may have no way at all, and names are beyond as well */
	if (is_failed_lookup(record) || is_failed_server(record) ||
		last->finding.cause == CAUSE_LOCAL_NO_ROUTE ||
		last->finding.cause == CAUSE_LOCAL_ARP_FAILED)
		return true;
	return is_unreached(record) && is_beyond(scene, record);
}

static bool is_beyond_heard(
	const struct scene *scene, enum family family, int64_t since_us)
{
	for (size_t i = scene->first; i < scene->end; i++) {
		const struct record *record = store_record(scene->store, i);

		if (is_of(record, family) && is_heard_since(record, since_us) &&
			is_beyond(scene, record))
			return true;
	}
	return false;
}

static bool is_silent_beyond(const struct scene *scene, const struct record *record)
{
	return (is_unreached(record) || is_silent_still(record)) &&
		is_beyond(scene, record);
}

/* What is silent beyond the own network, and who says so. */
struct hush {
	struct count silent;
	struct speaker speaker;
};

/* \param hushes  by family; that of FAMILY_NONE is of both */
static void gather_silent(const struct scene *scene, struct hush *hushes)
{
	for (size_t i = 0; i < scene->witness_count; i++) {
		const struct record *record = scene->witnesses[i];
		struct hush *const both[] = { &hushes[FAMILY_NONE],
			&hushes[record->check->family] };
		bool beyond = is_silent_beyond(scene, record);
		/* where a name of the site led to is forgotten with it, but it is no
		 * vendor's */
		bool lost =
			is_silent_still(record) && !host_is_vendors(record->check->host);

		for (size_t h = 0; h < sizeof(both) / sizeof(both[0]); h++) {
			both[h]->silent.unrelated = both[h]->silent.unrelated || lost;
			if (!beyond)
				continue;
			count_add(&both[h]->silent, record);
			speaker_add(&both[h]->speaker, &record->last.finding.evidence);
		}
	}
}

/* \retval true  no packet of this family, or of both, comes through */
static bool examine_uplink(
	struct scene *scene, const struct hush *hush, enum family family)
{
	struct suspicion suspicion = { .cause = COMMON_CAUSE_INTERNET_UPLINK,
		.explains = explains_uplink,
		.family = family };
	struct evidence *evidence = &suspicion.evidence;
	const char *which = family == FAMILY_NONE ? "" : family_name(family);
	const char *space = family == FAMILY_NONE ? "" : " ";
	bool named =
		hush->speaker.address.family != FAMILY_NONE && !hush->speaker.several;

	if (hush->silent.witnesses.count < 3 || !hush->silent.unrelated ||
		!gateway_answers(scene) ||
		is_beyond_heard(scene, family, hush->silent.since_us))
		return false;
	evidence->kind = EVIDENCE_COMPARISON;
	evidence->offender = named ? hush->speaker.address : scene->host->gateway;
	snprintf(evidence->detail, sizeof(evidence->detail),
		named ? "the last to speak; %zu %s%schecks beyond it are not heard"
		      : "the gateway answers, %zu %s%schecks beyond it are not heard",
		hush->silent.checks, which, space);
	suspect(scene, &suspicion);
	return true;
}

void diagnosis_uplink(struct scene *scene)
{
	static const enum family families[] = { FAMILY_IPV4, FAMILY_IPV6 };
	struct hush hushes[FAMILY_IPV6 + 1] = { 0 };

	gather_silent(scene, hushes);
	scene->cut_off = examine_uplink(scene, &hushes[FAMILY_NONE], FAMILY_NONE);
	for (size_t i = 0; !scene->cut_off && i < 2; i++)
		examine_uplink(scene, &hushes[families[i]], families[i]);
}

/* What of the Internet is not the vendor's, and whether it answers. */
struct others {
	bool any;
	bool heard; /* since */
};

static bool explains_vendor(const struct scene *scene, const struct suspicion *suspicion,
	const struct record *record)
{
	(void)suspicion;
	return is_silent_beyond(scene, record) && host_is_vendors(record->check->host);
}

/* \retval false  the vendor is heard */
static bool ask_others(const struct scene *scene, int64_t since_us, struct others *others)
{
	for (size_t i = scene->first; i < scene->end; i++) {
		const struct record *record = store_record(scene->store, i);

		if (host_is_vendors(record->check->host)) {
			if (is_heard_since(record, since_us))
				return false;
		} else if (record->applies && record->last.wall_us > 0 &&
			is_beyond(scene, record)) {
			others->any = true;
			if (is_heard(record) && record->last.wall_us > since_us)
				others->heard = true;
		}
	}
	return true;
}

static struct evidence vendor_evidence(const struct scene *scene,
	const struct count *silent, const struct others *others)
{
	struct evidence evidence = { .kind = EVIDENCE_COMPARISON };

	if (!others->any)
		evidence.offender = scene->host->gateway;
	snprintf(evidence.detail, sizeof(evidence.detail),
		others->any
			? "%zu checks of the vendor are not heard, others out there are"
			: "the gateway answers, %zu checks of the vendor are not heard",
		silent->checks);
	return evidence;
}

static void gather_vendor(const struct scene *scene, struct count *silent)
{
	for (size_t i = 0; i < scene->witness_count; i++) {
		if (explains_vendor(scene, NULL, scene->witnesses[i]))
			count_add(silent, scene->witnesses[i]);
	}
}

void diagnosis_vendor(struct scene *scene)
{
	struct suspicion suspicion = { .cause = COMMON_CAUSE_VENDOR_SILENT,
		.explains = explains_vendor };
	struct count silent = { 0 };
	struct others others = { 0 };

	if (scene->cut_off)
		return;
	gather_vendor(scene, &silent);
	if (silent.witnesses.count < 3 || !silent.strangers ||
		!ask_others(scene, silent.since_us, &others) ||
		!(others.any ? others.heard : gateway_answers(scene)))
		return;
	suspicion.evidence = vendor_evidence(scene, &silent, &others);
	suspect(scene, &suspicion);
}
