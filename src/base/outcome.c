/* SPDX-License-Identifier: Apache-2.0 */
#include "base/outcome.h"

#include <stdio.h>
#include <string.h>

struct finding finding_of(enum cause cause)
{
	return (struct finding){ .verdict = cause_verdict(cause), .cause = cause };
}

const char *evidence_name(enum evidence_kind kind)
{
	static const char *const names[EVIDENCE_KIND_COUNT] = {
		[EVIDENCE_NONE] = "none",
		[EVIDENCE_ICMP] = "icmp",
		[EVIDENCE_ICMP6] = "icmp6",
		[EVIDENCE_TCP_RESET] = "tcp-reset",
		[EVIDENCE_TLS_ALERT] = "tls-alert",
		[EVIDENCE_CERTIFICATE] = "certificate",
		[EVIDENCE_DNS_RCODE] = "dns-rcode",
		[EVIDENCE_HTTP_STATUS] = "http-status",
		[EVIDENCE_NTP] = "ntp",
		[EVIDENCE_ADDRESSES] = "addresses",
		[EVIDENCE_PEER] = "peer",
		[EVIDENCE_LOCAL] = "local",
		[EVIDENCE_COMPARISON] = "comparison",
		[EVIDENCE_SIP_STATUS] = "sip-status",
	};

	return names[kind];
}

/* What was said, without who said it: words before the type and before the code. */
struct statement {
	const char *word;
	const char *before_type; /* NULL = the type says nothing */
	const char *before_code; /* NULL = the code says nothing */
};

static const struct statement statements[EVIDENCE_KIND_COUNT] = {
	[EVIDENCE_NONE] = { "", NULL, NULL },
	[EVIDENCE_ICMP] = { "ICMP", " ", "/" },
	[EVIDENCE_ICMP6] = { "ICMPv6", " ", "/" },
	[EVIDENCE_TCP_RESET] = { "TCP reset", NULL, NULL },
	[EVIDENCE_TLS_ALERT] = { "TLS alert", NULL, " " },
	[EVIDENCE_CERTIFICATE] = { "certificate", NULL, NULL },
	[EVIDENCE_DNS_RCODE] = { "DNS rcode", NULL, " " },
	[EVIDENCE_HTTP_STATUS] = { "HTTP status", NULL, " " },
	[EVIDENCE_NTP] = { "NTP", " stratum ", ", leap " },
	[EVIDENCE_ADDRESSES] = { "name", NULL, NULL },
	[EVIDENCE_PEER] = { "answer", NULL, NULL },
	[EVIDENCE_LOCAL] = { "own host: ", NULL, NULL },
	[EVIDENCE_COMPARISON] = { "", NULL, NULL },
	[EVIDENCE_SIP_STATUS] = { "SIP status", NULL, " " },
};

static size_t append_number(
	char *buffer, size_t size, size_t used, const char *before, int number)
{
	if (before == NULL || used >= size)
		return used;
	return used +
		(size_t)snprintf(buffer + used, size - used, "%s%d", before, number);
}

static size_t format_statement(const struct evidence *evidence, char *buffer, size_t size)
{
	const struct statement *said = &statements[evidence->kind];
	const char *why = "";
	size_t used;

	if (evidence->kind == EVIDENCE_LOCAL)
		why = evidence->code ? strerrordesc_np(evidence->code)
				     : "self-examination";
	used = (size_t)snprintf(buffer, size, "%s%s", said->word, why);
	used = append_number(buffer, size, used, said->before_type, evidence->type);
	return append_number(buffer, size, used, said->before_code, evidence->code);
}

const char *evidence_format(const struct evidence *evidence, char *buffer, size_t size)
{
	char offender[ADDRESS_TEXT_MAX];
	size_t used = format_statement(evidence, buffer, size);

	if (evidence->offender.family != FAMILY_NONE && used < size) {
		address_format(&evidence->offender, offender, sizeof(offender));
		used += (size_t)snprintf(buffer + used, size - used, "%sfrom %s",
			used > 0 ? " " : "", offender);
	}
	if (*evidence->detail && used < size)
		snprintf(buffer + used, size - used, "%s%s", used > 0 ? ": " : "",
			evidence->detail);
	return buffer;
}

bool outcome_is_translated(const struct outcome *outcome)
{
	return outcome->mapped.address.family != FAMILY_NONE &&
		outcome->local.address.family != FAMILY_NONE &&
		!address_equal(&outcome->mapped.address, &outcome->local.address);
}
