/* SPDX-License-Identifier: Apache-2.0 */
#include "net/datagram.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/arrival.h"
#include "net/evidence.h"
#include "net/route.h"

/* Reads in one turn of the loop: a flood from one peer must not starve all others. */
#define READS_PER_TURN 16

static struct finding finding_of_stranger(const struct address *from, uint16_t port)
{
	struct finding finding = finding_of(CAUSE_WRONG_SOURCE);

	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = *from;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail), "port %u",
		(unsigned)port);
	return finding;
}

static void deliver(struct datagram *datagram, const struct sockaddr_storage *name,
	const struct datagram_answer *answer)
{
	struct address from;
	uint16_t port;

	address_from_socket((const struct sockaddr *)name, &from, &port);
	if (address_equal(&from, &datagram->peer) && port == datagram->port) {
		datagram->events->answer(datagram->context, answer);
	} else {
		struct finding finding = finding_of_stranger(&from, port);

		datagram->events->stranger(datagram->context, &finding);
	}
}

/* \retval 0 delivered, or the errno */
static int read_one(struct datagram *datagram)
{
	alignas(struct cmsghdr) unsigned char control[ARRIVAL_CONTROL_MAX];
	uint8_t data[DATAGRAM_MAX];
	struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
	struct iovec part = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr message = { .msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct datagram_answer answer = { .data = data };
	struct arrival arrival;
	ssize_t length = recvmsg(datagram->fd, &message, MSG_DONTWAIT);

	if (length < 0)
		return errno;
	answer.length = (size_t)length;
	answer.cut = (message.msg_flags & MSG_TRUNC) != 0;
	arrival_read(&message, &arrival);
	answer.arrived_us = arrival.ns / 1000;
	answer.stamped = arrival.stamped;
	deliver(datagram, &from, &answer);
	return 0;
}

static void report_error(struct datagram *datagram, int error)
{
	struct finding finding;

	/* The queue must be emptied even when nothing of it counts: while it holds
	 * anything, the descriptor stays ready and the loop would spin. */
	if (!evidence_from_queue_about(
		    datagram->fd, &datagram->peer, datagram->port, &finding)) {
		/* what else a UDP socket can have is an ICMP error about another peer */
		if (error != ENOMEM && error != ENOBUFS)
			return;
		finding = evidence_from_errno(error);
	}
	datagram->events->failed(datagram->context, &finding);
}

/*
 * A pending error hides the datagrams behind it for one recvmsg(); an answer that lies
 * there proves more than the error, so all are read first.
 */
static void datagram_ready(void *context, unsigned ready)
{
	struct datagram *datagram = context;
	int error = 0;
	int reads;

	(void)ready;
	for (reads = 0; reads < READS_PER_TURN && datagram->open; reads++) {
		int result = read_one(datagram);

		if (result == EAGAIN)
			break;
		if (result != 0)
			error = result;
	}
	if (datagram->open && (error != 0 || reads == 0))
		report_error(datagram, error);
}

bool datagram_open(struct datagram *datagram, struct loop *loop,
	const struct address *address, uint16_t port,
	const struct datagram_events *events, void *context, struct finding *ret_finding)
{
	int domain = address->family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
	int fd = socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		*ret_finding = evidence_from_errno(errno);
		return false;
	}
	evidence_collect(fd, address->family);
	arrival_stamp(fd);
	datagram->events = events;
	datagram->context = context;
	datagram->peer = *address;
	datagram->port = port;
	datagram->own_port = 0;
	datagram->sent = false;
	datagram->open = true;
	datagram->fd = fd;
	loop_watch_init(&datagram->watch, loop, datagram_ready, datagram);
	loop_watch_set(&datagram->watch, fd, LOOP_READ);
	return true;
}

static int send_once(struct datagram *datagram, const void *data, size_t length)
{
	struct sockaddr_storage to;
	socklen_t to_length = address_to_socket(&datagram->peer, datagram->port, &to);

	datagram->sent = true;
	return sendto(datagram->fd, data, length, 0, (struct sockaddr *)&to, to_length) <
			0
		? errno
		: 0;
}

static bool learn_port(struct datagram *datagram)
{
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);
	struct address address;

	if (getsockname(datagram->fd, (struct sockaddr *)&name, &length) < 0)
		return false;
	address_from_socket(
		(const struct sockaddr *)&name, &address, &datagram->own_port);
	return true;
}

static bool bind_to(struct datagram *datagram, uint16_t port)
{
	struct address any = { .family = datagram->peer.family };
	struct sockaddr_storage name;
	socklen_t length = address_to_socket(&any, port, &name);

	if (bind(datagram->fd, (const struct sockaddr *)&name, length) < 0)
		return false;
	datagram->own_port = port;
	return port != 0 || learn_port(datagram);
}

/*
 * Looks for the way with the socket itself, by connecting it for a moment. It loses the
 * port it got by that when it is disconnected, and takes it again, unless somebody was
 * faster.
 */
static bool own_end(struct datagram *datagram, struct transport_address *ret_local)
{
	static const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct transport_address local;
	int error =
		route_source_of(datagram->fd, &datagram->peer, datagram->port, &local);

	connect(datagram->fd, &none, sizeof(none));
	if (error || (!bind_to(datagram, local.port) && !bind_to(datagram, 0)))
		return false;
	local.port = datagram->own_port;
	*ret_local = local;
	return true;
}

/* The same by another socket. */
static bool own_end_apart(struct datagram *datagram, struct transport_address *ret_local)
{
	struct transport_address local;

	if (route_source_to(&datagram->peer, datagram->port, &local.address) != 0)
		return false;
	if (datagram->own_port == 0 &&
		!(datagram->sent ? learn_port(datagram) : bind_to(datagram, 0)))
		return false;
	local.port = datagram->own_port;
	*ret_local = local;
	return true;
}

bool datagram_local(struct datagram *datagram, struct transport_address *ret_local)
{
	/* After the first time or a send it has its port, which connecting would take
	 * away; and IPv6 sockets that were connected once hear nobody else any more:
	 * Linux leaves sk_v6_daddr behind, 6.18 too, and an answer from elsewhere would
	 * be silence. */
	if (datagram->own_port != 0 || datagram->sent ||
		datagram->peer.family == FAMILY_IPV6)
		return own_end_apart(datagram, ret_local);
	return own_end(datagram, ret_local);
}

bool datagram_send(struct datagram *datagram, const void *data, size_t length,
	struct finding *ret_finding)
{
	int error = send_once(datagram, data, length);

	if (error == 0)
		return true;
	if (evidence_from_queue_about(
		    datagram->fd, &datagram->peer, datagram->port, ret_finding))
		return false;
	/* It may have been an error about another peer, and told is cleared; what is
	 * really ours repeats itself. */
	error = send_once(datagram, data, length);
	if (error == 0)
		return true;
	*ret_finding = evidence_from_errno(error);
	return false;
}

void datagram_turn(struct datagram *datagram, const struct transport_address *peer)
{
	assert(peer->address.family == datagram->peer.family);
	datagram->peer = peer->address;
	datagram->port = peer->port;
}

void datagram_close(struct datagram *datagram)
{
	if (!datagram->open)
		return;
	datagram->open = false;
	loop_watch_done(&datagram->watch);
	close(datagram->fd);
}
