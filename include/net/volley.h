/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams to many ports of one address, and what comes back: from one source port, many
 * in one system call (sendmmsg, recvmmsg). ICMP errors are told by the port they are
 * about, as net/datagram.h tells those of one peer.
 */
#ifndef NET_VOLLEY_H
#define NET_VOLLEY_H

#include "base/outcome.h"
#include "net/loop.h"

/** Larger datagrams are cut. */
#define VOLLEY_DATAGRAM_MAX 2048

/** Most in one system call. */
#define VOLLEY_BATCH 64

/** What came in; valid during the callback only. */
struct volley_answer {
	const uint8_t *data;
	size_t length;
	uint16_t port;      /* it came from */
	int64_t arrived_ns; /* wall time of its arrival */
	bool stamped;       /* by the kernel; false: read off when we got round to it */
	bool cut;
	int ttl, tos; /* of its IP header; -1 = the kernel did not say */
};

/** The volley may be closed within each of them. */
struct volley_events {
	/** From the address that was asked, any port. */
	void (*answer)(void *context, const struct volley_answer *answer);
	/**
	 * An ICMP error about what we sent to this port; or CAUSE_LOCAL_DENIED, within
	 * volley_send(): a rule of our own host took this one, and others may pass.
	 */
	void (*refused)(void *context, uint16_t port, const struct finding *finding);
	/** Local trouble. */
	void (*failed)(void *context, const struct finding *finding);
};

struct volley;

struct volley_settings {
	struct loop *loop;
	struct address address;
	uint16_t source_port; /* 0 = a fresh one */
	uint8_t dscp;         /* of what is sent */
	/**
	 * A reflector of this host steers what comes from there past its sockets: take
	 * the answers before it does. Strays are not seen then.
	 */
	bool claims;
	const struct volley_events *events;
	void *context;
};

/** \retval NULL  *ret_finding says why: local trouble */
struct volley *volley_open(
	const struct volley_settings *settings, struct finding *ret_finding);

/** Fine with NULL. Nothing is called back after. */
void volley_close(struct volley *volley);

/** One datagram; its octets must stay during volley_send() only. */
struct volley_datagram {
	uint16_t port;
	const void *data;
	size_t length;
};

/**
 * \return how many were taken, those that our own host denies among them, in order: fewer
 * than count when the kernel's buffer is full (try again later) or after `failed`, which
 * is then called from within, as `refused` may be: the volley may be gone
 */
size_t volley_send(
	struct volley *volley, const struct volley_datagram *datagrams, size_t count);

/** Our own end as the network sees it. \retval false  there is no way to the address */
bool volley_local(const struct volley *volley, struct transport_address *ret_local);

/** Datagrams that came from another address than the one asked. */
uint64_t volley_strays(const struct volley *volley);

#endif
