/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/evidence.h"
#include "net/recognise.h"

static void end_with(struct dns_stream *stream, const struct finding *finding)
{
	stream_want(&stream->stream, 0);
	stream->events->failed(stream->context, finding);
}

static void end_in_trouble(struct dns_stream *stream, ssize_t error)
{
	struct finding finding = stream_trouble(&stream->stream, (int)error);

	end_with(stream, &finding);
}

/* What came before the end names a peer that speaks something else. */
static void end_closed(struct dns_stream *stream)
{
	const uint8_t *seen = stream->message ? stream->message : stream->head;
	struct finding finding = finding_of(CAUSE_CLOSED_EARLY);

	if (recognise(seen, stream->received))
		finding =
			recognise_stranger(seen, stream->received, &stream->stream.peer);
	end_with(stream, &finding);
}

static size_t message_length(const struct dns_stream *stream)
{
	return (size_t)stream->head[0] << 8 | stream->head[1];
}

/* Where the next octets go, and how many. \retval false  out of memory */
static bool next_part(struct dns_stream *stream, uint8_t **ret_at, size_t *ret_size)
{
	if (stream->received < sizeof(stream->head)) {
		*ret_at = stream->head + stream->received;
		*ret_size = sizeof(stream->head) - stream->received;
		return true;
	}
	if (!stream->message) {
		/* up to 64 KiB, which no run can hold ready: only this much, only now */
		stream->message = malloc(sizeof(stream->head) + message_length(stream));
		if (!stream->message)
			return false;
		memcpy(stream->message, stream->head, sizeof(stream->head));
	}
	*ret_at = stream->message + stream->received;
	*ret_size = sizeof(stream->head) + message_length(stream) - stream->received;
	return true;
}

static void forget_message(struct dns_stream *stream)
{
	free(stream->message);
	stream->message = NULL;
	stream->received = 0;
}

/* \retval false  nothing more for now, or the end */
static bool read_part(struct dns_stream *stream)
{
	struct finding finding;
	uint8_t *at;
	size_t size;
	ssize_t length;

	if (!next_part(stream, &at, &size)) {
		finding = evidence_from_errno(ENOMEM);
		end_with(stream, &finding);
		return false;
	}
	length = stream_read(&stream->stream, at, size);
	if (length == -EAGAIN)
		return false;
	if (length < 0)
		end_in_trouble(stream, length);
	else if (length == 0)
		end_closed(stream);
	else
		stream->received += (size_t)length;
	return length > 0;
}

static bool is_complete(const struct dns_stream *stream)
{
	return stream->received >= sizeof(stream->head) &&
		stream->received == sizeof(stream->head) + message_length(stream);
}

static void deliver(struct dns_stream *stream)
{
	const uint8_t *whole = stream->message ? stream->message : stream->head;

	stream->events->message(
		stream->context, whole + sizeof(stream->head), message_length(stream));
	forget_message(stream);
}

/* One message a turn at most; the loop comes back for the next. */
static void read_message(struct dns_stream *stream)
{
	while (read_part(stream)) {
		if (is_complete(stream)) {
			deliver(stream);
			return;
		}
	}
}

static void write_query(struct dns_stream *stream)
{
	ssize_t length = stream_write(&stream->stream, stream->query + stream->sent,
		stream->query_length - stream->sent);

	if (length < 0 && length != -EAGAIN) {
		end_in_trouble(stream, length);
		return;
	}
	if (length > 0)
		stream->sent += (size_t)length;
	if (stream->sent < stream->query_length) {
		stream_want(&stream->stream, LOOP_WRITE);
		return;
	}
	stream_want(&stream->stream, LOOP_READ);
	stream->events->asked(stream->context);
}

static void dns_connected(void *context)
{
	write_query(context);
}

static void dns_ready(void *context, unsigned ready)
{
	struct dns_stream *stream = context;

	(void)ready;
	if (stream->sent < stream->query_length)
		write_query(stream);
	else
		read_message(stream);
}

static void dns_failed(void *context, const struct finding *finding)
{
	struct dns_stream *stream = context;

	stream->events->failed(stream->context, finding);
}

static const struct stream_events stream_events = {
	.connected = dns_connected,
	.ready = dns_ready,
	.failed = dns_failed,
};

bool dns_stream_open(struct dns_stream *stream, struct loop *loop,
	const struct stream_peer *peer, const struct dns_question *question,
	const struct dns_stream_events *events, void *context,
	struct finding *ret_finding)
{
	size_t length = dns_question_write(question, stream->query + 2);

	/* length and question in one segment: RFC 7766 section 8 */
	stream->query[0] = (uint8_t)(length >> 8);
	stream->query[1] = (uint8_t)length;
	stream->query_length = length + 2;
	stream->sent = 0;
	stream->received = 0;
	stream->message = NULL;
	stream->events = events;
	stream->context = context;
	return stream_open(
		&stream->stream, loop, peer, &stream_events, stream, ret_finding);
}

void dns_stream_close(struct dns_stream *stream)
{
	stream_close(&stream->stream);
	forget_message(stream);
}
