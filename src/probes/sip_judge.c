/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/sip_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* From here on a server says that it cannot serve (RFC 3261, 21.5 and 21.6). */
#define STATUS_SERVER_FAILURE 500

static struct finding finding_by_status(enum cause cause, const struct sip_answer *answer)
{
	struct finding finding = finding_of(cause);

	finding.evidence.kind = EVIDENCE_SIP_STATUS;
	finding.evidence.code = (int)answer->status;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail), "%.46s%s%.46s",
		answer->words, *answer->words && *answer->server ? ", " : "",
		answer->server);
	return finding;
}

/* "from -> to" as far as there is room for each. */
static void put_change(char *buffer, size_t size, const char *what, const char *sent,
	const char *heard, unsigned others)
{
	char more[24] = "";

	if (others > 0)
		snprintf(more, sizeof(more), " (+%u)", others);
	snprintf(buffer, size, "%s %.36s -> %.36s%s", what, sent,
		*heard ? heard : "missing", more);
}

/*
 * The place where two long texts begin to differ says more than their beginnings: a
 * Call-ID differs behind its 17th octet.
 */
static size_t common_prefix(const struct sip_change *change)
{
	size_t same = 0;

	while (change->sent[same] && change->sent[same] == change->heard[same])
		same++;
	while (same > 0 && change->sent[same - 1] != '@')
		same--;
	return same;
}

static struct finding finding_rewritten(const struct sip_answer *answer)
{
	const struct sip_change *first = &answer->changes[0];
	struct finding finding = finding_by_status(CAUSE_SIP_ALG, answer);
	size_t same = common_prefix(first);

	put_change(finding.evidence.detail, sizeof(finding.evidence.detail), first->what,
		first->sent + same, first->heard + same, answer->change_count - 1);
	return finding;
}

static void note_changes(struct probe_run *run, const struct sip_answer *answer)
{
	probe_set(run, SIP_GAUGE_REWRITES, answer->change_count);
	for (unsigned i = 0; i < answer->change_count; i++) {
		const struct sip_change *change = &answer->changes[i];
		char words[160];

		put_change(words, sizeof(words), change->what, change->sent,
			change->heard, 0);
		probe_note(run, "rewritten on the way: %s", words);
	}
}

/* Not those of an answer that is changed, where they are among the changes. */
static void note_body(struct probe_run *run, const struct sip_answer *answer)
{
	if (answer->change_count == 0 && strcmp(answer->announced, answer->came) != 0)
		probe_note(run, "Content-Length says %s, %s came", answer->announced,
			answer->came);
}

static bool is_mapped(
	const struct transport_address *local, const struct transport_address *seen)
{
	return (seen->address.family != FAMILY_NONE &&
		       !address_equal(&local->address, &seen->address)) ||
		(seen->port != 0 && seen->port != local->port);
}

/*
 * A server that knows rport gives address and port; an older one only an address, and
 * only if it is another than we said (RFC 3261, 18.2.1), so its silence says nothing of
 * the port; one that gives a port alone has not said which address it saw.
 */
static bool note_mapping(struct probe_run *run, const struct sip_answer *answer)
{
	struct transport_address local = run->outcome.local, seen = answer->seen;
	bool mapped;

	local.address.scope = 0; /* no server knows our interfaces */
	seen.address.scope = 0;
	mapped = is_mapped(&local, &seen);
	if (local.address.family == FAMILY_NONE || (seen.port == 0 && !mapped))
		return false;
	if (seen.address.family != FAMILY_NONE && seen.port != 0)
		probe_mapped(run, &seen);
	probe_set(run, SIP_GAUGE_NAT, mapped);
	return mapped;
}

static struct finding finding_mapped(
	const struct probe_run *run, const struct sip_answer *answer)
{
	struct finding finding = finding_by_status(CAUSE_NAT_REWRITE, answer);
	char local[TRANSPORT_ADDRESS_TEXT_MAX], seen[TRANSPORT_ADDRESS_TEXT_MAX];

	transport_address_format(&run->outcome.local, local, sizeof(local));
	if (answer->seen.address.family == FAMILY_NONE)
		snprintf(seen, sizeof(seen), "port %u", answer->seen.port);
	else
		transport_address_format(&answer->seen, seen, sizeof(seen));
	put_change(finding.evidence.detail, sizeof(finding.evidence.detail), "we", local,
		seen, 0);
	return finding;
}

static bool serves(const struct sip_options *options, unsigned status)
{
	if (options->accepted.count > 0)
		return status_list_holds(&options->accepted, (int)status);
	return status < STATUS_SERVER_FAILURE;
}

struct finding sip_judge(struct probe_run *run, const struct sip_answer *answer)
{
	const struct sip_options *options = run->options;
	bool mapped = note_mapping(run, answer);

	probe_set(run, SIP_GAUGE_STATUS, answer->status);
	probe_set(run, SIP_GAUGE_BYTES, (double)answer->length);
	if (answer->methods_listed)
		probe_set(run, SIP_GAUGE_METHODS, answer->methods);
	note_changes(run, answer);
	note_body(run, answer);
	if (!serves(options, answer->status))
		return finding_by_status(CAUSE_SIP_STATUS, answer);
	if (answer->change_count > 0)
		return finding_rewritten(answer);
	if (mapped && options->nat == SIP_NAT_DEGRADE)
		return finding_mapped(run, answer);
	return finding_by_status(CAUSE_NONE, answer);
}

struct finding sip_misfit(const struct probe_run *run, enum sip_reading reading,
	const struct sip_answer *answer)
{
	struct finding finding =
		finding_of(reading == SIP_GARBAGE ? CAUSE_GARBAGE : CAUSE_SIP_MISMATCH);
	struct evidence *evidence = &finding.evidence;

	evidence->kind = EVIDENCE_PEER;
	evidence->offender = run->target.address;
	if (reading == SIP_GARBAGE)
		snprintf(evidence->detail, sizeof(evidence->detail), "SIP with %s",
			answer->words);
	else if (reading == SIP_REQUEST)
		snprintf(evidence->detail, sizeof(evidence->detail), "a request: %s",
			answer->words);
	else
		snprintf(evidence->detail, sizeof(evidence->detail),
			"%u %s, to another request", answer->status, answer->words);
	return finding;
}
