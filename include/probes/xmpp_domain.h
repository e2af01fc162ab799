/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom to ask for in a stream of XMPP, and what it means when the server refuses, one
 * definition for every kind that opens one.
 */
#ifndef PROBES_XMPP_DOMAIN_H
#define PROBES_XMPP_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "net/xmpp_stream.h"

struct xmpp_domain {
	char name[XMPP_DOMAIN_MAX];
	bool addressed; /* it is an address, for want of a name */
};

/**
 * The name as a domain: without the dot of the root (RFC 7622, 3.2), an IPv6 address in
 * brackets.
 * \param configured  NULL = the host
 * \retval false      it is too long for one
 */
bool xmpp_domain_choose(
	struct xmpp_domain *domain, const char *configured, const char *host);

/** For validate(). \param configured NULL is fine \retval false *why says what to do */
bool xmpp_domain_validate(const char *configured, char *why, size_t why_size);

/**
 * What a stream error comes to (RFC 6120, 4.9). A server that does not know an address as
 * its domain is sound: that tells of our configuration, so it is unknown, with advice.
 * \param peer  who said it
 */
struct finding xmpp_domain_refusal(const struct xmpp_domain *domain,
	const struct xmpp_facts *facts, const struct address *peer);

#endif
