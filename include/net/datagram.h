/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One UDP conversation with one address on the loop.
 *
 * The socket is not connected. A connected one would be told of ICMP errors without any
 * option, but the kernel would hide answers that come from elsewhere, and those are a
 * finding (wrong-source). With IP_RECVERR / IPV6_RECVERR an unconnected socket is told of
 * both: measured in namespaces on kernel 6.18, IPv4 and IPv6, an error of the host itself
 * and one of a firewall on the way, type, code and offender alike. Errors are matched by
 * the kernel to the local port only, so those about another destination are left out
 * here.
 *
 * The source port is fresh: a kept one keeps a dead NAT entry alive, and is guessed.
 */
#ifndef NET_DATAGRAM_H
#define NET_DATAGRAM_H

#include <stddef.h>
#include <sys/types.h>

#include "base/outcome.h"
#include "net/loop.h"

/** Larger datagrams are cut; no protocol here owes one. */
#define DATAGRAM_MAX 4096

/** What came in; valid during the callback only. */
struct datagram_answer {
	const uint8_t *data;
	size_t length;
	int64_t arrived_us; /* wall time of its arrival */
	bool stamped;       /* by the kernel; false: read off when we got round to it */
	bool cut;           /* it was longer than DATAGRAM_MAX */
};

/** The datagram may be closed within each of them. */
struct datagram_events {
	/** An answer from the address and port that were asked. */
	void (*answer)(void *context, const struct datagram_answer *answer);
	/** An answer from elsewhere: finding is wrong-source with who sent it. */
	void (*stranger)(void *context, const struct finding *finding);
	/** An ICMP error about what we sent, or local trouble. */
	void (*failed)(void *context, const struct finding *finding);
};

/** Zeroed = never opened, fine to close. */
struct datagram {
	struct loop_watch watch;
	const struct datagram_events *events;
	void *context;
	struct address peer;
	uint16_t port;
	uint16_t own_port; /* 0 = none yet, or the kernel chose it and was not asked */
	bool sent;
	bool open;
	int fd;
};

/**
 * Opens a socket with a fresh source port. Events come on later turns only.
 * \retval false  *ret_finding says why: local trouble
 */
bool datagram_open(struct datagram *datagram, struct loop *loop,
	const struct address *address, uint16_t port,
	const struct datagram_events *events, void *context, struct finding *ret_finding);

/**
 * Sends one datagram; length 0 is an empty one. The error of an earlier datagram can
 * surface here: then this one was not sent and *ret_finding is that ICMP error.
 * \retval false  it could not be sent; *ret_finding says why
 */
bool datagram_send(struct datagram *datagram, const void *data, size_t length,
	struct finding *ret_finding);

/**
 * Our own end as the network sees it, before anything is sent: the kernel is asked which
 * of our addresses it would use. \retval false  it has none for this peer
 */
bool datagram_local(struct datagram *datagram, struct transport_address *ret_local);

/** Talks to another peer of the same family from now on, from the same port. */
void datagram_turn(struct datagram *datagram, const struct transport_address *peer);

void datagram_close(struct datagram *datagram);

#endif
