/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One UDP conversation with one address on the loop. The socket is not connected to let
 * answers from a wrong source be seen and named; ICMP errors arrive all the same.
 */
#ifndef NET_DATAGRAM_H
#define NET_DATAGRAM_H

#include <stddef.h>
#include <sys/types.h>

#include "base/outcome.h"
#include "net/loop.h"

/** Larger datagrams are cut; no protocol here owes one. */
#define DATAGRAM_MAX 4096

struct datagram_events {
	/** An answer from the address and port that were asked. \param arrived_us wall
	 * time of its arrival by the kernel's stamp */
	void (*answer)(
		void *context, const uint8_t *data, size_t length, int64_t arrived_us);
	/** An answer from elsewhere: finding is wrong-source with who sent it. */
	void (*stranger)(void *context, const struct finding *finding);
	/** An ICMP error or local trouble. */
	void (*failed)(void *context, const struct finding *finding);
};

struct datagram {
	struct loop_watch watch;
	const struct datagram_events *events;
	void *context;
	struct address peer;
	uint16_t port;
	int fd; /* -1 = closed */
};

/**
 * Opens a socket with a fresh source port; a kept one keeps a dead NAT entry alive.
 * \retval false  *ret_finding says why
 */
bool datagram_open(struct datagram *datagram, struct loop *loop,
	const struct address *address, uint16_t port,
	const struct datagram_events *events, void *context, struct finding *ret_finding);

/** \retval false  it could not be sent; *ret_finding says why */
bool datagram_send(struct datagram *datagram, const void *data, size_t length,
	struct finding *ret_finding);

void datagram_close(struct datagram *datagram);

#endif
