/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/xmpp_domain.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool xmpp_domain_choose(
	struct xmpp_domain *domain, const char *configured, const char *host)
{
	const char *name = configured ? configured : host;
	size_t length = strlen(name);
	struct address literal;
	bool six = false;

	domain->addressed = false;
	if (address_is_literal(name, &literal)) {
		domain->addressed = !configured;
		six = literal.family == FAMILY_IPV6;
	} else if (length > 1 && name[length - 1] == '.') {
		length--;
	}
	return (size_t)snprintf(domain->name, sizeof(domain->name), "%s%.*s%s",
		       six ? "[" : "", (int)length, name,
		       six ? "]" : "") < sizeof(domain->name);
}

bool xmpp_domain_validate(const char *configured, char *why, size_t why_size)
{
	if (!configured || strlen(configured) <= XMPP_DOMAIN_MAX - 3)
		return true;
	snprintf(why, why_size, "domain is longer than %d octets; give a name",
		XMPP_DOMAIN_MAX - 3);
	return false;
}

static bool is_about_domain(const char *condition)
{
	return strcmp(condition, "host-unknown") == 0 ||
		strcmp(condition, "host-gone") == 0 ||
		strcmp(condition, "improper-addressing") == 0;
}

struct finding xmpp_domain_refusal(const struct xmpp_domain *domain,
	const struct xmpp_facts *facts, const struct address *peer)
{
	const char *condition =
		facts->condition ? facts->condition : "no known condition";
	bool nameless = is_about_domain(condition);
	bool elsewhere = strcmp(condition, "see-other-host") == 0;
	struct finding finding = finding_of(
		elsewhere ? CAUSE_XMPP_SEE_OTHER_HOST : CAUSE_XMPP_STREAM_ERROR);
	char text[2 * EVIDENCE_DETAIL_MAX];
	int used = snprintf(text, sizeof(text), "%s", condition);

	if (nameless)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
			": asked for %.40s%s", domain->name,
			domain->addressed ? ", an address; set domain to its name" : "");
	snprintf(text + used, sizeof(text) - (size_t)used, "%s%s",
		*facts->text ? ": " : "", facts->text);
	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = *peer;
	text_copy_printable(finding.evidence.detail, sizeof(finding.evidence.detail),
		text, strlen(text));
	if (nameless && domain->addressed)
		finding.verdict = VERDICT_UNKNOWN;
	return finding;
}
