/* SPDX-License-Identifier: Apache-2.0 */
/* One DNS question over TCP (RFC 7766): a length of two octets before each message. */
#ifndef NET_DNS_STREAM_H
#define NET_DNS_STREAM_H

#include "net/dns_message.h"
#include "net/stream.h"

struct dns_stream_events {
	/** The question is out. */
	void (*asked)(void *context);
	/** A whole message; the stream may be closed within, else it reads on. */
	void (*message)(void *context, const uint8_t *data, size_t length);
	/** Not connected, broken, closed by the peer, or no memory for the message. */
	void (*failed)(void *context, const struct finding *finding);
};

/** Zeroed = never opened, fine to close. */
struct dns_stream {
	struct stream stream;
	const struct dns_stream_events *events;
	void *context;
	uint8_t query[2 + DNS_QUESTION_MAX];
	size_t query_length, sent;
	uint8_t head[2];  /* the length of the message being read */
	size_t received;  /* of head and message together */
	uint8_t *message; /* allocated once the length is known; with head before it */
};

/** Events come on later turns only. \retval false  *ret_finding says why */
bool dns_stream_open(struct dns_stream *stream, struct loop *loop,
	const struct stream_peer *peer, const struct dns_question *question,
	const struct dns_stream_events *events, void *context,
	struct finding *ret_finding);

void dns_stream_close(struct dns_stream *stream);

#endif
