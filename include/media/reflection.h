/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge of a STAMP reflector: which packet is answered, and with what. Pure: octets
 * and what the kernel said of them go in, the answer stands in their place; it has no
 * socket and no clock, and allocates nothing after reflection_new().
 *
 * A reply is as long as its request and goes to whom it came from. Who has no key gets
 * none in keyed mode; nor does a reply, so that two reflectors cannot keep each other
 * busy; nor a packet that somebody recorded and sends again.
 */
#ifndef MEDIA_REFLECTION_H
#define MEDIA_REFLECTION_H

#include "base/address.h"
#include "media/stamp.h"

/** What became of a packet. */
enum reflection_verdict {
	REFLECTION_ANSWERED,
	REFLECTION_SHORT,       /* less than a packet of this mode */
	REFLECTION_LONG,        /* more than STAMP_LENGTH_MAX */
	REFLECTION_NO_REQUEST,  /* a reply, or no STAMP */
	REFLECTION_NOT_ALLOWED, /* its source is not among those listed */
	REFLECTION_BAD_HMAC,
	REFLECTION_STALE,    /* sent at a time that is too far from ours */
	REFLECTION_REPLAYED, /* it was answered before */
	REFLECTION_SOURCE_RATE,
	REFLECTION_GLOBAL_RATE,
	REFLECTION_VERDICT_COUNT
};

/** "answered", "short", "bad-hmac", … : the values of a label. */
const char *reflection_verdict_name(enum reflection_verdict verdict);

/** The addresses that begin with the first `length` bits of this one. */
struct reflection_source {
	struct address prefix;
	unsigned length;
};

/** A flow of packets: so many a second, and so many at once after a pause. */
struct reflection_rate {
	uint32_t per_second; /* 0 = no limit */
	uint32_t burst;
};

/* Enough for the fastest sender of ours, a sweep of 64,511 ports asked three times. */
#define REFLECTION_SOURCE_PER_SECOND 100000
#define REFLECTION_GLOBAL_PER_SECOND 200000
#define REFLECTION_BURST             200000

/** A sender's clock may be wrong by so much, or its packets are stale. */
#define REFLECTION_CLOCK_WINDOW (INT64_C(3600) * 1000000) /* microseconds */

struct reflection_settings {
	const struct stamp_key *key;    /* NULL = open: anybody is answered. Not copied */
	uint16_t port_first, port_last; /* whose packets reports tell about */
	const struct reflection_source *sources; /* copied */
	size_t source_count;                     /* 0 = any */
	struct reflection_rate source_rate;      /* of each IPv4 address and IPv6 /64 */
	struct reflection_rate global_rate;
	int64_t clock_window_us; /* keyed only */
	/** What a report tells of a port of the range. */
	enum stamp_port_state (*port_state)(void *context, uint16_t port);
	void *context;
};

/** A packet, as the kernel gave it. */
struct reflection_arrival {
	struct transport_address source;
	uint16_t port; /* of ours, where it arrived */
	uint8_t ttl;
	uint8_t tos;         /* octet of DSCP and ECN */
	int64_t received_ns; /* UTC, the kernel's stamp: T2 */
	int64_t sent_ns;     /* UTC, read off just before: T3; not before received_ns */
	int64_t now_us;      /* monotonic, for the limits */
	uint16_t error;      /* stamp_error() of our clock */
};

struct reflection;

/**
 * Up to 4096 sessions are counted, 64 of them with the ports where their packets came;
 * the one unused for longest gives way. With the tags of answered packets that is 5 MiB
 * at most, and as much as was ever used. \retval NULL  out of memory
 */
struct reflection *reflection_new(const struct reflection_settings *settings);
void reflection_free(struct reflection *reflection);

/**
 * Goes on with what a predecessor counted and remembers, its sessions and answered
 * packets; it is then to be freed. Both must have the same range of ports.
 */
void reflection_inherit(struct reflection *reflection, struct reflection *predecessor);

/**
 * Judges a packet, and writes the reply in its place if it is answered: of the same
 * length, to its source, from the port where it arrived.
 * \param ret_tos  the octet of DSCP and ECN for the reply; written when answered
 */
enum reflection_verdict reflection_judge(struct reflection *reflection, uint8_t *packet,
	size_t length, const struct reflection_arrival *arrival, uint8_t *ret_tos);

/** How many packets had this verdict. */
uint64_t reflection_count(
	const struct reflection *reflection, enum reflection_verdict verdict);

/** Sessions that sent something in the last ten seconds; walks the table. */
size_t reflection_sessions(const struct reflection *reflection, int64_t now_us);

#endif
