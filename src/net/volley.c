/* SPDX-License-Identifier: Apache-2.0 */
#include "net/volley.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/arrival.h"
#include "net/evidence.h"
#include "net/route.h"

/*
 * Answers that wait while the loop is elsewhere. A small datagram is charged with 768
 * octets [measured, kernel 6.18]: 4 MiB hold 5,400 of them, the kernel's default of 208
 * KiB 277.
 */
#define BUFFER_SIZE (4 * 1024 * 1024)

/*
 * A send fails once for each ICMP error that came before it, and a whole batch may be
 * refused while we try; what is ours repeats.
 */
#define SEND_TRIES (VOLLEY_BATCH + 1)

/* Where one datagram goes, or comes into. */
struct slot {
	struct sockaddr_storage name;
	struct iovec part;
};

struct incoming {
	struct slot slot;
	alignas(struct cmsghdr) unsigned char control[ARRIVAL_CONTROL_MAX];
	uint8_t data[VOLLEY_DATAGRAM_MAX];
};

struct volley {
	struct loop_watch watch;
	const struct volley_events *events;
	void *context;
	struct address peer;
	int fd;
	bool calling; /* out of here: whoever closes us now frees nothing yet */
	bool closed;
	uint64_t strays;
	struct mmsghdr sending[VOLLEY_BATCH], receiving[VOLLEY_BATCH];
	struct slot to[VOLLEY_BATCH];
	struct incoming from[VOLLEY_BATCH];
};

static void set_port(struct sockaddr_storage *name, uint16_t port)
{
	if (name->ss_family == AF_INET6)
		((struct sockaddr_in6 *)name)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)name)->sin_port = htons(port);
}

static void deliver(struct volley *volley, struct mmsghdr *message)
{
	struct volley_answer answer = { .data = message->msg_hdr.msg_iov->iov_base,
		.length = message->msg_len,
		.cut = (message->msg_hdr.msg_flags & MSG_TRUNC) != 0 };
	struct arrival arrival;
	struct address from;

	address_from_socket(message->msg_hdr.msg_name, &from, &answer.port);
	if (!address_equal(&from, &volley->peer)) {
		volley->strays++;
		return;
	}
	arrival_read(&message->msg_hdr, &arrival);
	answer.arrived_ns = arrival.ns;
	answer.stamped = arrival.stamped;
	answer.ttl = arrival.ttl;
	answer.tos = arrival.tos;
	volley->events->answer(volley->context, &answer);
}

/* The kernel has put the lengths of what came last in the place of the room. */
static void prepare_to_receive(struct volley *volley)
{
	for (size_t i = 0; i < VOLLEY_BATCH; i++) {
		struct msghdr *header = &volley->receiving[i].msg_hdr;

		header->msg_namelen = sizeof(volley->from[i].slot.name);
		header->msg_controllen = sizeof(volley->from[i].control);
	}
}

/* \return the errno; 0 = a batch, or what there was of one */
static int receive_batch(struct volley *volley)
{
	int count;

	prepare_to_receive(volley);
	count = recvmmsg(volley->fd, volley->receiving, VOLLEY_BATCH, MSG_DONTWAIT, NULL);
	if (count < 0)
		return errno;
	for (int i = 0; i < count && !volley->closed; i++)
		deliver(volley, &volley->receiving[i]);
	return 0;
}

/* \return how many there were: while any is left, the descriptor stays ready */
static unsigned report_errors(struct volley *volley)
{
	struct finding finding;
	unsigned count = 0;
	uint16_t port;
	bool counts;

	while (count < VOLLEY_BATCH && !volley->closed &&
		evidence_take(volley->fd, &volley->peer, &counts, &port, &finding)) {
		count++;
		if (counts)
			volley->events->refused(volley->context, port, &finding);
	}
	return count;
}

static void report_failure(struct volley *volley, int error)
{
	struct finding finding = evidence_from_errno(error);

	volley->events->failed(volley->context, &finding);
}

static void free_if_closed(struct volley *volley)
{
	volley->calling = false;
	if (volley->closed)
		free(volley);
}

/*
 * One batch and one batch of errors a turn: others have theirs in between. A pending
 * error hides the datagrams behind it for one recvmmsg(); an answer that lies there
 * proves more than the error, so it is read first.
 */
static void volley_ready(void *context, unsigned ready)
{
	struct volley *volley = context;
	int error;

	(void)ready;
	volley->calling = true;
	error = receive_batch(volley);
	if (error != 0 && error != EAGAIN && receive_batch(volley) == 0)
		error = 0;
	if (!volley->closed && report_errors(volley) == 0 &&
		(error == ENOMEM || error == ENOBUFS))
		report_failure(volley, error);
	free_if_closed(volley);
}

/* More than the administrator allows to all takes CAP_NET_ADMIN. */
static void enlarge(int fd, int forced, int allowed)
{
	int size = BUFFER_SIZE;

	if (setsockopt(fd, SOL_SOCKET, forced, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, allowed, &size, sizeof(size));
}

static void mark(int fd, enum family family, uint8_t dscp)
{
	int tos = dscp << 2;

	if (family == FAMILY_IPV6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	else
		setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
}

/*
 * Not connected, not even for a moment to learn the own address: an IPv6 socket that was
 * connected once hears no strangers any more, so they could not be counted.
 */
static bool bind_to(int fd, enum family family, uint16_t port)
{
	const struct address any = { .family = family };
	struct sockaddr_storage name;
	socklen_t length = address_to_socket(&any, port, &name);
	int on = 1;

	/* else it would take the port of IPv4 as well */
	if (family == FAMILY_IPV6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	return bind(fd, (const struct sockaddr *)&name, length) == 0;
}

/*
 * The kernel looks for connected sockets before it asks a steering program. Connected to
 * port 0 it hears all ports of the peer.
 */
static bool claim(int fd, const struct address *peer)
{
	struct sockaddr_storage name;
	socklen_t length = address_to_socket(peer, 0, &name);

	return connect(fd, (const struct sockaddr *)&name, length) == 0;
}

/* \retval -1  errno says why */
static int open_socket(const struct volley_settings *settings)
{
	enum family family = settings->address.family;
	int domain = family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
	int fd = socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (!bind_to(fd, family, settings->source_port) ||
		(settings->claims && !claim(fd, &settings->address))) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	evidence_collect(fd, family);
	arrival_collect(fd, family);
	enlarge(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	enlarge(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	mark(fd, family, settings->dscp);
	return fd;
}

static void lay_out(struct volley *volley)
{
	for (size_t i = 0; i < VOLLEY_BATCH; i++) {
		struct msghdr *sending = &volley->sending[i].msg_hdr;
		struct msghdr *receiving = &volley->receiving[i].msg_hdr;
		struct slot *to = &volley->to[i];
		struct incoming *from = &volley->from[i];

		sending->msg_name = &to->name;
		sending->msg_namelen = address_to_socket(&volley->peer, 0, &to->name);
		sending->msg_iov = &to->part;
		sending->msg_iovlen = 1;
		from->slot.part.iov_base = from->data;
		from->slot.part.iov_len = sizeof(from->data);
		receiving->msg_name = &from->slot.name;
		receiving->msg_iov = &from->slot.part;
		receiving->msg_iovlen = 1;
		receiving->msg_control = from->control;
	}
}

struct volley *volley_open(
	const struct volley_settings *settings, struct finding *ret_finding)
{
	struct volley *volley = calloc(1, sizeof(*volley));

	if (!volley) {
		*ret_finding = evidence_from_errno(ENOMEM);
		return NULL;
	}
	volley->fd = open_socket(settings);
	if (volley->fd < 0) {
		*ret_finding = evidence_from_errno(errno);
		free(volley);
		return NULL;
	}
	volley->events = settings->events;
	volley->context = settings->context;
	volley->peer = settings->address;
	lay_out(volley);
	loop_watch_init(&volley->watch, settings->loop, volley_ready, volley);
	loop_watch_set(&volley->watch, volley->fd, LOOP_READ);
	return volley;
}

void volley_close(struct volley *volley)
{
	if (!volley || volley->closed)
		return;
	volley->closed = true;
	loop_watch_done(&volley->watch);
	close(volley->fd);
	if (!volley->calling)
		free(volley);
}

/* \return how many the kernel took, or -1 with errno */
static int send_batch(
	struct volley *volley, const struct volley_datagram *datagrams, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct slot *to = &volley->to[i];

		set_port(&to->name, datagrams[i].port);
		to->part.iov_base = (void *)datagrams[i].data;
		to->part.iov_len = datagrams[i].length;
	}
	return sendmmsg(volley->fd, volley->sending, (unsigned)count, MSG_DONTWAIT);
}

static bool is_full(int error)
{
	/* with IP_RECVERR the queue of the device tells as well that it is full */
	return error == EAGAIN || error == ENOBUFS;
}

/*
 * \return what send_batch() does. A pending ICMP error is told once, in place of the
 * send: it is about an earlier datagram, and on the error queue as well.
 */
static int send_persistently(
	struct volley *volley, const struct volley_datagram *datagrams, size_t count)
{
	int sent = -1;

	for (unsigned tries = 0; sent < 0 && tries < SEND_TRIES; tries++) {
		sent = send_batch(volley, datagrams, count);
		if (sent < 0 && (is_full(errno) || errno == EPERM))
			break;
	}
	return sent;
}

/*
 * A rule for output that drops makes the send fail with EPERM, which no ICMP error
 * becomes. It is about this datagram: the next one may go elsewhere.
 * \retval false  the volley was closed over it
 */
static bool tell_denied(struct volley *volley, uint16_t port)
{
	struct finding finding = evidence_from_errno(EPERM);
	bool within = volley->calling;

	volley->calling = true;
	volley->events->refused(volley->context, port, &finding);
	volley->calling = within;
	if (!volley->closed)
		return true;
	if (!within)
		free(volley);
	return false;
}

size_t volley_send(
	struct volley *volley, const struct volley_datagram *datagrams, size_t count)
{
	size_t taken = 0;

	while (taken < count) {
		size_t left = count - taken;
		int sent = send_persistently(volley, datagrams + taken,
			left < VOLLEY_BATCH ? left : VOLLEY_BATCH);

		if (sent < 0 && errno != EPERM)
			break;
		if (sent < 0 && !tell_denied(volley, datagrams[taken].port))
			return taken;
		taken += sent < 0 ? 1 : (size_t)sent;
	}
	if (taken < count && !is_full(errno))
		report_failure(volley, errno);
	return taken;
}

bool volley_local(const struct volley *volley, struct transport_address *ret_local)
{
	struct transport_address local;
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);
	struct address any;

	if (route_source(&volley->peer, &local.address) < 0 ||
		getsockname(volley->fd, (struct sockaddr *)&name, &length) < 0)
		return false;
	address_from_socket((const struct sockaddr *)&name, &any, &local.port);
	*ret_local = local;
	return true;
}

uint64_t volley_strays(const struct volley *volley)
{
	return volley->strays;
}
