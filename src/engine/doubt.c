/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/doubt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/cloud.h"
#include "engine/doubt_parts.h"
#include "engine/probe.h"

static bool is_date(enum cause cause)
{
	return cause == CAUSE_TLS_EXPIRED || cause == CAUSE_TLS_NOT_YET_VALID;
}

/* The offset that is best for our clock. \retval false  no time server was heard */
static bool least_offset(const struct store *store, int64_t *ret_offset_us)
{
	bool heard = false;

	for (size_t i = 0; i < store_size(store); i++) {
		const struct outcome *last = &store_record(store, i)->last;

		if (!store_record(store, i)->applies || !last->clock_compared ||
			(heard && llabs(last->clock_offset_us) >= llabs(*ret_offset_us)))
			continue;
		*ret_offset_us = last->clock_offset_us;
		heard = true;
	}
	return heard;
}

static void doubt_dates(const struct store *store, struct finding *finding)
{
	int64_t offset_us = 0;

	if (!is_date(finding->cause) || !least_offset(store, &offset_us) ||
		llabs(offset_us) < CLOCK_WRONG)
		return;
	*finding = finding_of(CAUSE_LOCAL_CLOCK);
	finding->evidence.kind = EVIDENCE_LOCAL;
	snprintf(finding->evidence.detail, sizeof(finding->evidence.detail),
		"this host's clock is %.0f s %s, as time servers say",
		SECONDS_OF(llabs(offset_us)), offset_us > 0 ? "behind" : "ahead");
}

/* Both ends are known, and they are the same address. */
static bool is_seen_as_itself(const struct outcome *outcome)
{
	return outcome->mapped.address.family != FAMILY_NONE &&
		address_equal(&outcome->mapped.address, &outcome->local.address);
}

static bool is_sip(const struct check *check)
{
	const struct probe_kind *kind = check->requirement->kind;

	return kind && strcmp(kind->name, "sip") == 0;
}

static bool is_datagram(const struct check *check)
{
	return check->requirement->transport == TRANSPORT_UDP;
}

/* SIP over UDP, seen as itself, while somebody here is seen as another. */
static bool may_be_rewritten(const struct store *store, const struct check *check,
	const struct outcome *outcome)
{
	return outcome->finding.verdict == VERDICT_OK && is_datagram(check) &&
		is_sip(check) && is_seen_as_itself(outcome) && store_translated(store);
}

/* The same host, asked from the same address not long ago, saw us under another. */
static bool is_other_view(const struct peers *peers, const struct record *record,
	const struct outcome *outcome)
{
	const struct outcome *last = &record->last;

	return record->check != peers->check && record->applies &&
		outcome_is_translated(last) &&
		address_equal(&last->address, &outcome->address) &&
		address_equal(&last->local.address, &outcome->local.address) &&
		last->wall_us + 2 * record->check->requirement->interval_us >=
		outcome->wall_us;
}

/*
 * A stream may end at a proxy before the PBX, which then tells of the proxy's address,
 * not of ours. A proxy is beside us or beside the PBX, or has a private address; what is
 * none of these is a translator's if our own address cannot leave without one.
 */
static bool is_no_proxy(const struct address *seen, const struct outcome *outcome)
{
	return address_misfit(&outcome->local.address) && !address_misfit(seen) &&
		!addresses_share_network(seen, &outcome->local.address) &&
		!addresses_share_network(seen, &outcome->address);
}

/* Two streams to two ports that see one public address, which is not beside us. */
static bool is_seconded(const struct peers *peers, const struct record *first,
	const struct outcome *outcome)
{
	const struct address *seen = &first->last.mapped.address;

	if (address_misfit(seen) || address_equal(seen, &outcome->address) ||
		addresses_share_network(seen, &outcome->local.address))
		return false;
	for (size_t i = peers->first; i < peers->end; i++) {
		const struct record *record = store_record(peers->store, i);

		if (is_sip(record->check) && record->check->port != first->check->port &&
			is_other_view(peers, record, outcome) &&
			address_equal(&record->last.mapped.address, seen))
			return true;
	}
	return false;
}

/* Another row which proves that what leaves here is translated; NULL = none does. */
static const struct record *other_view(
	const struct peers *peers, const struct outcome *outcome)
{
	for (size_t i = peers->first; i < peers->end; i++) {
		const struct record *record = store_record(peers->store, i);

		if (!is_other_view(peers, record, outcome))
			continue;
		if (is_datagram(record->check) ||
			(is_sip(record->check) &&
				(is_no_proxy(&record->last.mapped.address, outcome) ||
					is_seconded(peers, record, outcome))))
			return record;
	}
	return NULL;
}

static void doubt_mapping(const struct peers *peers, struct outcome *outcome)
{
	struct evidence *evidence = &outcome->finding.evidence;
	char here[ADDRESS_TEXT_MAX], there[ADDRESS_TEXT_MAX];
	const struct record *other;

	if (!may_be_rewritten(peers->store, peers->check, outcome))
		return;
	other = other_view(peers, outcome);
	if (!other)
		return;
	outcome->finding = finding_of(CAUSE_SIP_ALG);
	evidence->kind = EVIDENCE_COMPARISON;
	snprintf(evidence->detail, sizeof(evidence->detail),
		"seen as %s here and as %s at port %u",
		address_format(&outcome->mapped.address, here, sizeof(here)),
		address_format(&other->last.mapped.address, there, sizeof(there)),
		other->check->port);
}

/* Checks of one site are neighbours. */
static struct peers peers_of(const struct store *store, size_t index)
{
	const struct check *check = store_record(store, index)->check;
	struct peers peers = { store, check, index, index + 1 };

	while (peers.first > 0 &&
		store_record(store, peers.first - 1)->check->site == check->site)
		peers.first--;
	while (peers.end < store_size(store) &&
		store_record(store, peers.end)->check->site == check->site)
		peers.end++;
	return peers;
}

/*
 * What is well and says nothing that could be compared; that is nearly everything. The
 * walk over a site of 20,000 checks costs 400 us.
 */
static bool is_beyond_doubt(const struct store *store, const struct check *check,
	const struct outcome *outcome)
{
	return outcome->finding.verdict == VERDICT_OK &&
		outcome->finding.cause == CAUSE_NONE && outcome->answer == 0 &&
		!may_be_rewritten(store, check, outcome);
}

void doubt_outcome(const struct store *store, size_t index, struct outcome *outcome)
{
	struct peers peers;

	if (is_beyond_doubt(store, store_record(store, index)->check, outcome))
		return;
	doubt_dates(store, &outcome->finding);
	peers = peers_of(store, index);
	doubt_mapping(&peers, outcome);
	if (check_is_cloud(peers.check))
		doubt_cloud(&peers, outcome);
}

bool doubt_address(const struct check *check, const struct address *address,
	const struct address *server, struct finding *ret_finding)
{
	const char *misfit = address_misfit(address);
	char text[ADDRESS_TEXT_MAX];
	struct finding finding;

	if (!misfit || check->site->any_cloud_address || !check_is_cloud(check))
		return false;
	finding = finding_of(CAUSE_DNS_WRONG_ADDRESS);
	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = *server;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail), "%s is %s",
		address_format(address, text, sizeof(text)), misfit);
	*ret_finding = finding;
	return true;
}

struct finding doubt_of_lag(int64_t late_us)
{
	struct finding finding = finding_of(CAUSE_LOCAL_RESOURCE);

	finding.evidence.kind = EVIDENCE_LOCAL;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		"the loop was held up for %lld ms", (long long)(late_us / MILLISECOND));
	return finding;
}
