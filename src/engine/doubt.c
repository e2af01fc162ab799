/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/doubt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/cloud.h"
#include "engine/doubt_parts.h"

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

		if (!last->clock_compared ||
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

static bool is_seen_as_other(const struct outcome *outcome)
{
	return outcome->mapped.address.family != FAMILY_NONE &&
		outcome->local.address.family != FAMILY_NONE &&
		!address_equal(&outcome->mapped.address, &outcome->local.address);
}

/* The same host by another row, which sees us under another address than our own. */
static const struct record *other_view(
	const struct peers *peers, const struct outcome *outcome)
{
	for (size_t i = peers->first; i < peers->end; i++) {
		const struct record *record = store_record(peers->store, i);

		if (record->check != peers->check && record->applies &&
			is_seen_as_other(&record->last) &&
			address_equal(&record->last.address, &outcome->address))
			return record;
	}
	return NULL;
}

static void doubt_mapping(const struct peers *peers, struct outcome *outcome)
{
	struct evidence *evidence = &outcome->finding.evidence;
	char here[ADDRESS_TEXT_MAX], there[ADDRESS_TEXT_MAX];
	const struct record *other;

	if (peers->check->requirement->transport != TRANSPORT_UDP ||
		outcome->finding.verdict != VERDICT_OK || !is_seen_as_itself(outcome))
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

/* What is well and says nothing that could be compared; that is nearly everything. */
static bool is_beyond_doubt(const struct outcome *outcome)
{
	return outcome->finding.verdict == VERDICT_OK && outcome->answer == 0 &&
		!is_seen_as_itself(outcome);
}

void doubt_outcome(const struct store *store, size_t index, struct outcome *outcome)
{
	struct peers peers;

	if (is_beyond_doubt(outcome))
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
