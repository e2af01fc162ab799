/* SPDX-License-Identifier: Apache-2.0 */
/* Which protocol speaks, by its first octets: to name what answers in a wrong place. */
#ifndef NET_RECOGNISE_H
#define NET_RECOGNISE_H

#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"

/** So many first octets are enough to recognise what can be recognised. */
#define RECOGNISE_MAX 128

/**
 * \retval "TLS", "HTTP", "SSH", "SMTP", "LDAP", "SIP" or "XMPP"; NULL = none of them, or
 * not enough octets to be sure
 */
const char *recognise(const uint8_t *data, size_t length);

/**
 * A finding for first octets that do not fit: wrong-protocol, or garbage if they are of
 * no protocol we know. The evidence is the peer, what was recognised and what it said.
 */
struct finding recognise_stranger(
	const uint8_t *data, size_t length, const struct address *peer);

#endif
