/* SPDX-License-Identifier: Apache-2.0 */
#include "net/resolver_heard.h"

#include "base/text.h"
#include "net/resolver_answer.h"

void resolver_heard_answer(struct resolver_heard *heard, const struct dns_head *head,
	const struct address *speaker)
{
	heard->speaker = *speaker;
	heard->truncated = heard->truncated || head->truncated;
	heard->answered = !head->truncated;
	heard->rcode = head->rcode;
}

void resolver_heard_stray(
	struct resolver_heard *heard, enum cause cause, const struct address *speaker)
{
	if (heard->stray != CAUSE_NONE || heard->answered || heard->truncated)
		return;
	heard->stray = cause;
	heard->speaker = *speaker;
}

struct finding resolver_no_such_name(void)
{
	struct finding finding = finding_of(CAUSE_DNS_NXDOMAIN);

	text_copy(finding.evidence.detail, EVIDENCE_DETAIL_MAX, "not a name of the DNS");
	return finding;
}

/* Silent, refusing or broken servers say nothing about the name. */
static struct finding unknown_of(enum cause cause, const struct address *server)
{
	struct finding finding = finding_of(cause);

	finding.verdict = VERDICT_UNKNOWN;
	finding.evidence.offender = *server;
	return finding;
}

/* Sockets failed: our own trouble by its own name, else the network's with its evidence.
 */
static struct finding finding_of_trouble(const struct resolver_channel *channel)
{
	struct finding finding = *resolver_channel_trouble(channel);

	if (cause_layer(finding.cause) == LAYER_LOCAL)
		return finding;
	finding.cause = CAUSE_DNS_UNREACHABLE;
	finding.verdict = VERDICT_UNKNOWN;
	if (finding.evidence.kind == EVIDENCE_NONE)
		finding.evidence.offender = *resolver_channel_only_server(channel);
	return finding;
}

struct finding resolver_heard_finding(const struct resolver_heard *heard,
	enum channel_status status, const struct resolver_channel *channel)
{
	if (status == CHANNEL_RESOURCE)
		return finding_of(CAUSE_LOCAL_RESOURCE);
	/* c-ares 1.18 calls all of them ARES_ECONNREFUSED when every server failed */
	if (heard->answered)
		return resolver_rcode_finding(heard->rcode, &heard->speaker);
	if (heard->truncated)
		return unknown_of(CAUSE_DNS_TRUNCATED_NO_TCP, &heard->speaker);
	if (status == CHANNEL_FAILURE)
		return unknown_of(CAUSE_DNS_SERVFAIL, resolver_channel_speaker(channel));
	if (heard->stray != CAUSE_NONE)
		return unknown_of(heard->stray, &heard->speaker);
	if (status == CHANNEL_TROUBLE)
		return finding_of_trouble(channel);
	return unknown_of(CAUSE_DNS_TIMEOUT, resolver_channel_only_server(channel));
}
