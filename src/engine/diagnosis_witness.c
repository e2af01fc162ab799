/* SPDX-License-Identifier: Apache-2.0 */
/* What a single record has to say. */
#include <string.h>

#include "base/clock.h"
#include "engine/cloud.h"
#include "engine/diagnosis_parts.h"

/* What runs less often than this is not waited for. */
#define OFTEN (5 * MINUTE)

bool cause_is_of(enum cause cause, const enum cause *causes)
{
	for (; *causes != CAUSE_NONE; causes++) {
		if (*causes == cause)
			return true;
	}
	return false;
}

bool explains_by_cause(const struct scene *scene, const struct suspicion *suspicion,
	const struct record *record)
{
	(void)scene;
	return cause_is_of(record->last.finding.cause, suspicion->causes);
}

/* A TCP conversation beyond its connection: then the far end has been there. */
static bool is_connected(const struct record *record)
{
	return record->check->requirement->transport == TRANSPORT_TCP &&
		record->last.phase >= PHASE_TLS;
}

/* Of a whole range nothing came, neither from its host nor from a device on the way. */
static bool is_silent_range(const struct record *record)
{
	const struct finding *finding = &record->last.finding;

	return finding->cause == CAUSE_RTP_ALL_BLOCKED &&
		record->last.phase == PHASE_REQUEST &&
		finding->evidence.offender.family == FAMILY_NONE;
}

static const enum cause unreached[] = { CAUSE_TIMEOUT, CAUSE_ICMP_NET_UNREACHABLE,
	CAUSE_ICMP_HOST_UNREACHABLE, CAUSE_ICMP6_NO_ROUTE, CAUSE_ICMP6_ADDR_UNREACHABLE,
	CAUSE_TTL_EXCEEDED, CAUSE_DNS_TIMEOUT, CAUSE_NONE };

/* Who is asked by UDP and owes no answer is unknown when silent, which proves nothing; by
 * TCP it does, also where a row measures what then is unknown. */
static bool owes_an_answer(const struct record *record)
{
	return record->check->requirement->transport == TRANSPORT_TCP ||
		record->last.finding.verdict == VERDICT_FAILED;
}

bool is_unreached(const struct record *record)
{
	const struct finding *finding = &record->last.finding;

	return record->last.phase != PHASE_RESOLVE && !is_connected(record) &&
		owes_an_answer(record) &&
		(cause_is_of(finding->cause, unreached) || is_silent_range(record));
}

/* Said by a device on the way, by ourselves, or by nobody. */
static bool is_word_of_the_path(const struct record *record)
{
	static const enum cause causes[] = { CAUSE_ARP_FAILED, CAUSE_ICMP_NET_PROHIBITED,
		CAUSE_ICMP_HOST_PROHIBITED, CAUSE_ICMP_ADMIN_PROHIBITED,
		CAUSE_ICMP6_ADMIN_PROHIBITED, CAUSE_ICMP6_POLICY_FAIL,
		CAUSE_ICMP6_REJECT_ROUTE, CAUSE_DNS_WRONG_ADDRESS, CAUSE_WRONG_SOURCE,
		CAUSE_NONE };
	enum cause cause = record->last.finding.cause;

	/* whatever verdict it comes to: rows that measure sizes are unknown by it */
	if (cause_is_of(cause, unreached))
		return !is_connected(record);
	/* in the phase of asking still: its host has said nothing */
	if (cause_layer(cause) == LAYER_RTP)
		return record->last.phase == PHASE_REQUEST;
	return cause_is_of(cause, causes) || cause_layer(cause) == LAYER_LOCAL;
}

bool is_heard(const struct record *record)
{
	const struct outcome *last = &record->last;

	return record->applies && record->check->fixed_cause == CAUSE_NONE &&
		last->wall_us > 0 && last->phase != PHASE_RESOLVE &&
		!is_unreached(record) && !is_word_of_the_path(record);
}

bool is_heard_since(const struct record *record, int64_t since_us)
{
	return is_heard(record) &&
		(record->check->requirement->interval_us <= OFTEN ||
			record->last.wall_us > since_us);
}

bool is_pbx(const struct place *place, const char *host)
{
	for (size_t i = 0; i < place->pbx_count; i++) {
		if (place->pbxs[i] == host || strcmp(place->pbxs[i], host) == 0)
			return true;
	}
	return false;
}

const struct place *place_of(const struct scene *scene, const struct record *record)
{
	return &scene->places[record->check->site - store_plan(scene->store)->sites];
}

bool is_beyond(const struct scene *scene, const struct record *record)
{
	const struct address *address = &record->last.address;

	if (address->family == FAMILY_NONE)
		return check_is_cloud(record->check);
	if (address_misfit(address) ||
		addresses_share_network(address, &scene->host->gateway) ||
		addresses_share_network(address, &record->last.local.address))
		return false;
	return record->check->site->vantage != VANTAGE_LAN ||
		!is_pbx(place_of(scene, record), record->check->host);
}

bool gateway_answers(const struct scene *scene)
{
	return scene->host->known && scene->host->link_up &&
		scene->host->gateway.family != FAMILY_NONE &&
		scene->host->gateway_reachable;
}

/* What one of them finds the other finds as well, for the same reason. */
static bool ask_one_port(const struct check *one, const struct check *other)
{
	return one->port == other->port &&
		one->requirement->transport == other->requirement->transport &&
		strcmp(one->host, other->host) == 0;
}

void witnesses_add(struct witnesses *witnesses, const struct check *check, bool by_family)
{
	if (witnesses->count == WITNESSES_MAX)
		return;
	for (size_t i = 0; i < witnesses->count; i++) {
		const struct check *known = witnesses->checks[i];

		if (ask_one_port(known, check) &&
			!(by_family && known->family != check->family))
			return;
	}
	witnesses->checks[witnesses->count++] = check;
}

void count_add(struct count *count, const struct record *record)
{
	const char *host = record->check->host;

	witnesses_add(&count->witnesses, record->check, true);
	if (!count->first) {
		count->first = record;
		count->host = host;
	} else if (strcmp(count->host, host) != 0) {
		count->several = true;
		/* once is enough, and it costs more than all the rest */
		count->strangers =
			count->strangers || hosts_are_strangers(count->host, host);
		count->unrelated =
			count->unrelated || hosts_are_unrelated(count->host, host);
	}
	count->checks++;
	if (count->checks == 1 || record->state_since_us < count->began_us)
		count->began_us = record->state_since_us;
	if (record->state_since_us > count->since_us)
		count->since_us = record->state_since_us;
}
