/* SPDX-License-Identifier: Apache-2.0 */
#include "net/stream.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "net/drain.h"
#include "net/evidence.h"
#include "net/segment.h"

static void abandon(struct stream *stream)
{
	/* the watch first: once closed, the kernel gives the number to somebody else */
	loop_watch_done(&stream->watch);
	close(stream->fd);
	stream->fd = -1;
	stream->open = false;
	stream->connected = false;
}

/*
 * The kernel's own view says in one call that the handshake is over and how long it took.
 * A pending SO_ERROR of 0 would be no proof: an entry on the error queue alone makes the
 * socket ready as well.
 */
static bool is_established(struct stream *stream)
{
	struct tcp_info info = { .tcpi_state = TCP_CLOSE };
	socklen_t length = sizeof(info);

	getsockopt(stream->fd, IPPROTO_TCP, TCP_INFO, &info, &length);
	stream->round_trip_us = info.tcpi_rtt;
	/* a peer that closes at once has been there all the same */
	return info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_CLOSE_WAIT;
}

static int pending_error(const struct stream *stream)
{
	int error = 0;
	socklen_t length = sizeof(error);

	getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	return error;
}

static void connected(struct stream *stream)
{
	/* From here on an ICMP error is a hint that TCP may survive; collecting it would
	 * kill the connection at once. */
	evidence_ignore(stream->fd, stream->peer.family);
	stream->connected = true;
	loop_watch_set(&stream->watch, stream->fd, 0);
	stream->events->connected(stream->context);
}

static void finish_connect(struct stream *stream)
{
	struct finding finding;
	int error;

	if (is_established(stream)) {
		connected(stream);
		return;
	}
	error = pending_error(stream);
	if (error != 0)
		finding = evidence_of_socket(stream->fd, error, &stream->peer);
	else if (!evidence_from_queue(stream->fd, &finding))
		return; /* still connecting */
	loop_watch_set(&stream->watch, stream->fd, 0);
	stream->events->failed(stream->context, &finding);
}

static void stream_ready(void *context, unsigned ready)
{
	struct stream *stream = context;

	if (stream->connected)
		stream->events->ready(stream->context, ready);
	else
		finish_connect(stream);
}

static bool begin_connect(struct stream *stream, const struct stream_peer *peer)
{
	struct sockaddr_storage address;
	socklen_t length = address_to_socket(&peer->address, peer->port, &address);
	int on = 1;

	/* Each write is a whole message. Nagle's wait for the acknowledgement of the one
	 * before would hold a goodbye back until after the FIN, and get a reset. */
	setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	evidence_collect(stream->fd, peer->address.family);
	segment_limit(stream->fd, peer->segment_max);
	return connect(stream->fd, (const struct sockaddr *)&address, length) == 0 ||
		errno == EINPROGRESS;
}

bool stream_open(struct stream *stream, struct loop *loop, const struct stream_peer *peer,
	const struct stream_events *events, void *context, struct finding *ret_finding)
{
	int domain = peer->address.family == FAMILY_IPV6 ? AF_INET6 : AF_INET;

	*stream = (struct stream){
		.events = events, .context = context, .peer = peer->address
	};
	loop_watch_init(&stream->watch, loop, stream_ready, stream);
	stream->fd = socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (stream->fd < 0) {
		*ret_finding = evidence_from_errno(errno);
		return false;
	}
	stream->open = true;
	if (!begin_connect(stream, peer)) {
		*ret_finding = evidence_of_socket(stream->fd, errno, &stream->peer);
		abandon(stream);
		return false;
	}
	/* connected at once as well: events come on later turns only */
	loop_watch_set(&stream->watch, stream->fd, LOOP_WRITE);
	return true;
}

void stream_want(struct stream *stream, unsigned interest)
{
	loop_watch_set(&stream->watch, stream->fd, interest);
}

static ssize_t result_of(ssize_t result)
{
	if (result >= 0)
		return result;
	return errno == EINTR ? -EAGAIN : -errno;
}

ssize_t stream_read(struct stream *stream, void *buffer, size_t size)
{
	return result_of(recv(stream->fd, buffer, size, MSG_DONTWAIT));
}

ssize_t stream_write(struct stream *stream, const void *data, size_t length)
{
	return result_of(send(stream->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL));
}

struct finding stream_trouble(struct stream *stream, int error)
{
	return evidence_of_socket(stream->fd, error < 0 ? -error : error, &stream->peer);
}

int64_t stream_round_trip_us(const struct stream *stream)
{
	return stream->round_trip_us;
}

struct transport_address stream_local(const struct stream *stream)
{
	struct transport_address local = { .port = 0 };
	struct sockaddr_storage name = { .ss_family = AF_UNSPEC };
	socklen_t length = sizeof(name);

	getsockname(stream->fd, (struct sockaddr *)&name, &length);
	address_from_socket((const struct sockaddr *)&name, &local.address, &local.port);
	return local;
}

void stream_close(struct stream *stream)
{
	if (!stream->open)
		return;
	if (stream->connected) {
		/* the FIN first, so that what the peer says until it sees it is read too
		 */
		shutdown(stream->fd, SHUT_WR);
		drain(stream->fd);
	}
	abandon(stream);
}
