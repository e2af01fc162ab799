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
		[EVIDENCE_PEER] = "peer",
		[EVIDENCE_LOCAL] = "local",
	};

	return names[kind];
}

/* What was said, without who said it. */
static int format_statement(const struct evidence *evidence, char *buffer, size_t size)
{
	switch (evidence->kind) {
	case EVIDENCE_ICMP:
		return snprintf(
			buffer, size, "ICMP %d/%d", evidence->type, evidence->code);
	case EVIDENCE_ICMP6:
		return snprintf(
			buffer, size, "ICMPv6 %d/%d", evidence->type, evidence->code);
	case EVIDENCE_TCP_RESET:
		return snprintf(buffer, size, "TCP reset");
	case EVIDENCE_TLS_ALERT:
		return snprintf(buffer, size, "TLS alert %d", evidence->code);
	case EVIDENCE_CERTIFICATE:
		return snprintf(buffer, size, "certificate");
	case EVIDENCE_DNS_RCODE:
		return snprintf(buffer, size, "DNS rcode %d", evidence->code);
	case EVIDENCE_HTTP_STATUS:
		return snprintf(buffer, size, "HTTP status %d", evidence->code);
	case EVIDENCE_NTP:
		return snprintf(buffer, size, "NTP stratum %d, leap %d", evidence->type,
			evidence->code);
	case EVIDENCE_PEER:
		return snprintf(buffer, size, "answer");
	case EVIDENCE_LOCAL:
		return snprintf(buffer, size, "own host: %s",
			evidence->code ? strerrordesc_np(evidence->code)
				       : "self-examination");
	case EVIDENCE_NONE:
	case EVIDENCE_KIND_COUNT:
		break;
	}
	return snprintf(buffer, size, "%s", "");
}

const char *evidence_format(const struct evidence *evidence, char *buffer, size_t size)
{
	char offender[ADDRESS_TEXT_MAX];
	size_t used = (size_t)format_statement(evidence, buffer, size);

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
