/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One TCP connection on the loop, from connect() to a polite close, with the evidence the
 * kernel has when it fails. Owned by who embeds it; no allocation.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/outcome.h"
#include "net/loop.h"

struct stream;

struct stream_events {
	void (*connected)(void *context);
	/** Readable and/or writable as asked with stream_want(); also on an error. */
	void (*ready)(void *context, unsigned ready);
	/** Connecting failed; never after connected. */
	void (*failed)(void *context, const struct finding *finding);
};

/** Whom to connect to. */
struct stream_peer {
	struct address address;
	uint16_t port;
	/** Octets of a segment at most, both ways (RFC 9293, 3.7.1: the MSS we announce
	 * binds the other side too); 0 = as the path allows */
	uint16_t segment_max;
};

struct stream {
	struct loop_watch watch;
	const struct stream_events *events;
	void *context;
	struct address peer;
	int fd; /* meaningful only while open */
	bool open;
	bool connected;
	int64_t round_trip_us; /* of the handshake */
};

/**
 * Begins to connect. Events come on later turns only, never from within this call.
 * \retval false  could not even begin; *ret_finding says why (local trouble mostly)
 */
bool stream_open(struct stream *stream, struct loop *loop, const struct stream_peer *peer,
	const struct stream_events *events, void *context, struct finding *ret_finding);

/** What to be told of from now on; 0 = nothing. */
void stream_want(struct stream *stream, unsigned interest);

/**
 * Reads what is there. \retval >0 octets, 0 the peer closed, -EAGAIN nothing now, other
 * negative: broken, stream_trouble() says how.
 */
ssize_t stream_read(struct stream *stream, void *buffer, size_t size);

/** Writes what fits. \retval >0 octets taken, -EAGAIN, other negative as stream_read().
 */
ssize_t stream_write(struct stream *stream, const void *data, size_t length);

/** The finding behind a negative errno of read or write, evidence included. */
struct finding stream_trouble(struct stream *stream, int error);

/** Round trip of the handshake as the kernel measured it (TCP_INFO); 0 if it does not
 * say. */
int64_t stream_round_trip_us(const struct stream *stream);

/** Our own end, once connected. */
struct transport_address stream_local(const struct stream *stream);

/**
 * Closes with FIN and not RST, which would look like a scan to the PBX: what has arrived
 * is read away first (a close over unread data resets). Fine when closed or zeroed.
 */
void stream_close(struct stream *stream);

#endif
