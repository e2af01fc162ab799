/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/look.h"

#include <stdio.h>

/*
 * A server that stalls half of the time, whatever the segments, gives one proof in one of
 * eight runs and two in one of 32; two runs in a row, as states need, in one of 1,000.
 */
#define PROOFS_OF_A_HOLE 2

/*
 * Segments that pass every path: the least datagram every host must take (RFC 9293,
 * 3.7.1: 536 for IPv4; 1280 less 60 octets of headers for IPv6). Smaller ones would find
 * no hole that there is, and since CVE-2019-11479 many hosts drop who asks for them.
 */
static uint16_t small_segment(enum family family)
{
	return family == FAMILY_IPV6 ? 1220 : 536;
}

/* The connection was there, and then nothing more came on it. */
static bool is_stalled(const struct outcome *outcome, enum transport transport)
{
	switch (outcome->finding.cause) {
	case CAUSE_TIMEOUT:
	case CAUSE_NO_ANSWER:
	case CAUSE_HTTP_TIMEOUT:
		return transport == TRANSPORT_TCP && outcome->phase >= PHASE_TLS;
	default:
		return false;
	}
}

static bool is_served(const struct outcome *outcome)
{
	return outcome->finding.verdict == VERDICT_OK ||
		outcome->finding.verdict == VERDICT_DEGRADED;
}

static struct finding mtu_blackhole(enum family family)
{
	struct finding finding = finding_of(CAUSE_MTU_BLACKHOLE);

	finding.evidence.kind = EVIDENCE_PEER;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		"whole twice with segments of %u octets, silent three times with larger "
		"ones",
		small_segment(family));
	return finding;
}

uint16_t look_segment(const struct looks *looks, enum family family)
{
	return looks->look == LOOK_SMALL ? small_segment(family) : 0;
}

bool look_again(struct looks *looks, enum transport transport, struct outcome *outcome)
{
	enum look look = looks->look;

	looks->look = LOOK_FIRST;
	switch (look) {
	case LOOK_FIRST:
		if (!is_stalled(outcome, transport))
			return false;
		looks->first = *outcome;
		looks->proofs = 0;
		looks->look = LOOK_SMALL;
		return true;
	case LOOK_SMALL:
		if (!is_served(outcome))
			break;
		looks->look = LOOK_AGAIN;
		return true;
	case LOOK_AGAIN:
		if (!is_stalled(outcome, transport))
			break;
		if (++looks->proofs < PROOFS_OF_A_HOLE) {
			looks->look = LOOK_SMALL;
			return true;
		}
		looks->first.finding = mtu_blackhole(outcome->address.family);
		break;
	}
	*outcome = looks->first;
	return false;
}
