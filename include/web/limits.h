/* SPDX-License-Identifier: Apache-2.0 */
/* What clients may hold of the server, and what they did with it. */
#ifndef WEB_LIMITS_H
#define WEB_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/** Bounds on what clients can hold; a field of 0 takes its default. */
struct web_limits {
	unsigned connections; /* at a time, 32; further ones wait in the kernel's queue */
	unsigned per_address; /* at a time, 16; loopback and Unix sockets are exempt */
	int64_t request_us; /* from the first byte awaited to the last byte sent, 20 s */
	int64_t idle_us;    /* kept alive between two requests, 75 s */
	size_t octets;      /* of answers being sent, 64 MiB: see web_share() */
};

struct web_statistics {
	unsigned connections; /* open now */
	uint64_t requests;    /* that reached a handler or were answered 4xx by us */
	uint64_t refused;     /* connections beyond per_address */
	uint64_t expired;     /* connections cut at their deadline */
};

#endif
