/* SPDX-License-Identifier: Apache-2.0 */
/* What a name led to, and whom to ask: plain values. */
#ifndef NET_RESOLUTION_H
#define NET_RESOLUTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"

/** A name with more addresses is tested at the first eight. */
#define RESOLVER_ADDRESSES_MAX 8

struct resolver_server {
	struct address address;
	uint16_t port;
};

/** What a name led to. On failure count is 0 and finding says how and who answered. */
struct resolution {
	/* OK; FAILED for what a server says of the name (dns-nxdomain, dns-nodata,
	 * dns-cname-loop, dns-wrong-address); else UNKNOWN: nobody could tell */
	struct finding finding;
	struct address addresses[RESOLVER_ADDRESSES_MAX];
	size_t count;
	struct address server; /* who gave the addresses; FAMILY_NONE = not known */
	bool known;            /* already, or it is no name: no server was asked */
	size_t total; /* addresses the answer had; > count when more than eight */
};

#endif
