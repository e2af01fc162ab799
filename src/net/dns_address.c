/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_message.h"

/* RFC 4038, 4.2: it is for programs, not for the DNS; IPv6 does not lead there. */
static bool is_mapped(const struct address *address)
{
	return address->family == FAMILY_IPV6 &&
		IN6_IS_ADDR_V4MAPPED(
			(const struct in6_addr *)(const void *)address->bytes);
}

static bool is_wrong(const struct address *address, bool loopback_is_good)
{
	return address_is_unspecified(address) || is_mapped(address) ||
		(address_is_loopback(address) && !loopback_is_good);
}

const struct address *dns_wrong_address(
	const struct dns_reply *reply, bool loopback_is_good)
{
	for (size_t i = 0; i < reply->address_count; i++) {
		if (is_wrong(&reply->addresses[i], loopback_is_good))
			return &reply->addresses[i];
	}
	return NULL;
}

struct finding dns_wrong_address_finding(
	const struct address *wrong, const struct address *server)
{
	struct finding finding = finding_of(CAUSE_DNS_WRONG_ADDRESS);

	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = *server;
	address_format(wrong, finding.evidence.detail, sizeof(finding.evidence.detail));
	return finding;
}
