/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path that is not well, for kernels without netem: packets that an iptables rule sends
 * to an NFQUEUE are lost, late, out of order, twice, changed, as the options say.
 *
 * The kernel is told of each packet once. A packet that waits stays in the kernel; only
 * its number is here, in a heap by the time of its release. Copies go out by a raw
 * socket.
 */
#include "impair.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <libnetfilter_queue/libnetfilter_queue_tcp.h>
#include <libnetfilter_queue/libnetfilter_queue_udp.h>
#include <linux/netfilter.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	HEADER = 60,      /* octets the kernel copies when nobody looks behind them */
	WHOLE = 65535,    /* or else */
	HELD_MAX = 65536, /* packets under way, as many as the kernel's queue */
	RECEIVE_BUFFER = 8 << 20,
};

struct held {
	uint64_t due_ns;
	uint64_t order; /* of arrival: equals leave as they came */
	uint32_t id;
	uint32_t length;
	unsigned char *changed; /* leaves in the place of what the kernel holds */
};

struct path {
	struct impairment is;
	struct nfq_q_handle *queue;
	uint64_t state; /* of the random numbers */
	uint64_t begun_ns, last_due_ns, arrived;
	bool losing; /* in a run of losses */
	int raw4, raw6;
	struct held *heap;
	size_t waiting;
	uint64_t lost, late, held_back, doubled, changed, too_large, silenced;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* splitmix64, Steele, Lea and Flood 2014: good enough, and the same everywhere. */
static double chance(struct path *path)
{
	uint64_t word = (path->state += 0x9e3779b97f4a7c15U);

	word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
	word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
	return (double)((word ^ (word >> 31)) >> 11) * 0x1p-53;
}

static bool happens(struct path *path, double share)
{
	return share > 0 && chance(path) < share;
}

/* The heap */

static bool before(const struct held *one, const struct held *other)
{
	return one->due_ns != other->due_ns ? one->due_ns < other->due_ns
					    : one->order < other->order;
}

static void heap_push(struct path *path, struct held held)
{
	size_t at = path->waiting++;

	for (; at > 0 && before(&held, &path->heap[(at - 1) / 2]); at = (at - 1) / 2)
		path->heap[at] = path->heap[(at - 1) / 2];
	path->heap[at] = held;
}

static void heap_pop(struct path *path)
{
	const struct held last = path->heap[--path->waiting];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < path->waiting) {
		if (child + 1 < path->waiting &&
			before(&path->heap[child + 1], &path->heap[child]))
			child++;
		if (!before(&path->heap[child], &last))
			break;
		path->heap[at] = path->heap[child];
		at = child;
	}
	path->heap[at] = last;
}

/* What is done to a packet */

/* Gilbert's model: in a run of losses, and outside of one, each packet has one chance. */
static bool is_lost(struct path *path)
{
	const double share = path->is.loss,
		     mean = path->is.burst > 1 ? path->is.burst : 1;

	if (share <= 0)
		return false;
	if (mean <= 1)
		return chance(path) < share;
	if (path->losing)
		path->losing = chance(path) >= 1 / mean;
	else
		path->losing = share >= 1 || chance(path) < share / (mean * (1 - share));
	return path->losing;
}

static bool is_silenced(const struct path *path, uint64_t now)
{
	const double spell = path->is.every_other * 1e6;

	return spell > 0 && (uint64_t)((double)(now - path->begun_ns) / spell) % 2 == 0;
}

/* Whether, and by which counter, it vanishes. */
static uint64_t *vanishes(struct path *path, uint64_t now, int length)
{
	if (path->is.larger_than > 0 && length > path->is.larger_than)
		return &path->too_large;
	if (is_silenced(path, now))
		return &path->silenced;
	return is_lost(path) ? &path->lost : NULL;
}

static uint64_t due_of(struct path *path, uint64_t now)
{
	const double wobble = path->is.jitter * (2 * chance(path) - 1);
	const double wait = path->is.delay + wobble;
	uint64_t due = now + (uint64_t)(wait > 0 ? wait * 1e6 : 0);

	if (path->is.keep_order && due < path->last_due_ns)
		due = path->last_due_ns;
	path->last_due_ns = due;
	if (happens(path, path->is.reorder)) {
		path->held_back++;
		due += (uint64_t)(path->is.reorder_by * 1e6);
	}
	return due;
}

struct headers {
	struct iphdr *ip4;
	struct ip6_hdr *ip6;
	unsigned char *transport;
	int protocol, rest; /* octets from the transport's header on */
};

/* False for what this program does not look into: fragments, IPv6 with more headers. */
static bool headers_find(unsigned char *packet, int length, struct headers *ret_headers)
{
	struct headers found = { 0 };
	int size;

	if (length >= 20 && packet[0] >> 4 == 4) {
		found.ip4 = (struct iphdr *)(void *)packet;
		size = found.ip4->ihl * 4;
		found.protocol = found.ip4->protocol;
		if (ntohs(found.ip4->frag_off) & 0x3fff)
			return false;
	} else if (length >= 40 && packet[0] >> 4 == 6) {
		found.ip6 = (struct ip6_hdr *)(void *)packet;
		size = 40;
		found.protocol = found.ip6->ip6_nxt;
	} else {
		return false;
	}
	found.transport = packet + size;
	found.rest = length - size;
	*ret_headers = found;
	return found.rest > 0;
}

static void checksum_mend(const struct headers *found)
{
	struct udphdr *udp = (struct udphdr *)(void *)found->transport;
	struct tcphdr *tcp = (struct tcphdr *)(void *)found->transport;

	if (found->protocol == IPPROTO_UDP && found->ip4)
		nfq_udp_compute_checksum_ipv4(udp, found->ip4);
	else if (found->protocol == IPPROTO_UDP)
		nfq_udp_compute_checksum_ipv6(udp, found->ip6);
	else if (found->protocol == IPPROTO_TCP && found->ip4)
		nfq_tcp_compute_checksum_ipv4(tcp, found->ip4);
	else if (found->protocol == IPPROTO_TCP)
		nfq_tcp_compute_checksum_ipv6(tcp, found->ip6);
}

/* One octet of what the headers carry. Without payload there is nothing to change. */
static bool corrupt(struct path *path, unsigned char *packet, int length)
{
	struct headers found;
	int header;

	if (!headers_find(packet, length, &found))
		return false;
	header = found.protocol == IPPROTO_UDP ? 8
		: found.protocol == IPPROTO_TCP && found.rest > 12
		? (found.transport[12] >> 4) * 4
		: 0;
	if (found.rest <= header)
		return false;
	header += (int)(chance(path) * (found.rest - header));
	found.transport[header] ^= (unsigned char)(1 + (int)(chance(path) * 255));
	if (path->is.mend)
		checksum_mend(&found);
	path->changed++;
	return true;
}

static void send_copy(struct path *path, const unsigned char *packet, int length)
{
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
	ssize_t sent;

	if (packet[0] >> 4 == 4) {
		memcpy(&to4.sin_addr, packet + 16, 4);
		sent = sendto(path->raw4, packet, (size_t)length, 0,
			(struct sockaddr *)&to4, sizeof(to4));
	} else {
		memcpy(&to6.sin6_addr, packet + 24, 16);
		sent = sendto(path->raw6, packet, (size_t)length, 0,
			(struct sockaddr *)&to6, sizeof(to6));
	}
	path->doubled += sent == length;
}

static unsigned char *changed_copy(
	struct path *path, const unsigned char *packet, int length)
{
	unsigned char *copy = malloc((size_t)length);

	if (copy && !corrupt(path, memcpy(copy, packet, (size_t)length), length)) {
		free(copy);
		copy = NULL;
	}
	return copy;
}

static int let_go(struct path *path, struct held *held)
{
	const uint32_t length = held->changed ? held->length : 0;
	int sent =
		nfq_set_verdict(path->queue, held->id, NF_ACCEPT, length, held->changed);

	free(held->changed);
	return sent;
}

/* As its header says: the kernel may have copied less. */
static int length_of(const unsigned char *packet)
{
	return packet[0] >> 4 == 4 ? packet[2] << 8 | packet[3]
				   : 40 + (packet[4] << 8 | packet[5]);
}

static int on_packet(struct nfq_q_handle *queue, struct nfgenmsg *message,
	struct nfq_data *data, void *user)
{
	struct path *path = user;
	const uint32_t id = ntohl(nfq_get_msg_packet_hdr(data)->packet_id);
	const uint64_t now = now_ns();
	unsigned char *packet = NULL;
	const int copied = nfq_get_payload(data, &packet);
	const int length = copied >= 6 ? length_of(packet) : copied;
	struct held held;
	uint64_t *gone;

	(void)message;
	path->arrived++;
	gone = vanishes(path, now, length);
	if (gone || path->waiting == HELD_MAX) {
		(*(gone ? gone : &path->lost))++;
		return nfq_set_verdict(queue, id, NF_DROP, 0, NULL);
	}
	if (copied == length && happens(path, path->is.duplicate))
		send_copy(path, packet, length);
	held = (struct held){ due_of(path, now), path->arrived, id, (uint32_t)length,
		NULL };
	if (copied == length && happens(path, path->is.corrupt))
		held.changed = changed_copy(path, packet, length);
	if (held.due_ns <= now)
		return let_go(path, &held);
	path->late++;
	heap_push(path, held);
	return 0;
}

static void release_due(struct path *path)
{
	const uint64_t now = now_ns();

	for (; path->waiting > 0 && path->heap[0].due_ns <= now; heap_pop(path))
		let_go(path, &path->heap[0]);
}

/* Until a signal */

static int raw_socket(int family)
{
	const int one = 1, buffer = 1 << 20;
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd >= 0 && family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &one, sizeof(one));
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	return fd;
}

static bool path_open(struct path *path, struct nfq_handle *handle)
{
	const bool looks = path->is.corrupt > 0 || path->is.duplicate > 0;
	const int fd = nfq_fd(handle), one = 1;

	path->queue = nfq_create_queue(handle, (uint16_t)path->is.queue, on_packet, path);
	if (!path->queue ||
		nfq_set_mode(path->queue, NFQNL_COPY_PACKET, looks ? WHOLE : HEADER) < 0)
		return false;
	nfq_set_queue_maxlen(path->queue, HELD_MAX);
	nfnl_rcvbufsiz(nfq_nfnlh(handle), RECEIVE_BUFFER);
	setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &one, sizeof(one));
	path->raw4 = raw_socket(AF_INET);
	path->raw6 = raw_socket(AF_INET6);
	path->heap = calloc(HELD_MAX, sizeof(*path->heap));
	path->state = (uint64_t)path->is.seed;
	path->begun_ns = now_ns();
	return path->heap &&
		(path->is.duplicate <= 0 || (path->raw4 >= 0 && path->raw6 >= 0));
}

static void receive_all(struct nfq_handle *handle)
{
	static char buffer[WHOLE + 4096];
	ssize_t length;

	while ((length = recv(nfq_fd(handle), buffer, sizeof(buffer), MSG_DONTWAIT)) > 0)
		nfq_handle_packet(handle, buffer, (int)length);
}

static void path_serve(struct path *path, struct nfq_handle *handle, int signals)
{
	struct pollfd watched[2] = { { .fd = nfq_fd(handle), .events = POLLIN },
		{ .fd = signals, .events = POLLIN } };

	for (;;) {
		struct timespec wait, *until = NULL;

		if (path->waiting > 0) {
			const uint64_t now = now_ns(), due = path->heap[0].due_ns;
			const uint64_t left = due > now ? due - now : 0;

			wait.tv_sec = (time_t)(left / 1000000000U);
			wait.tv_nsec = (long)(left % 1000000000U);
			until = &wait;
		}
		if (ppoll(watched, 2, until, NULL) < 0 && errno != EINTR)
			return;
		release_due(path);
		receive_all(handle);
		if (watched[1].revents & POLLIN)
			return;
	}
}

static void path_tell(const struct path *path)
{
	printf("packets %lu lost %lu silenced %lu too-large %lu late %lu held-back %lu "
	       "doubled %lu changed %lu\n",
		path->arrived, path->lost, path->silenced, path->too_large, path->late,
		path->held_back, path->doubled, path->changed);
	fflush(stdout);
}

int main(int argc, char *argv[])
{
	struct path path = { 0 };
	struct nfq_handle *handle;
	sigset_t ending;
	int signals;

	if (!impairment_read(argc, argv, &path.is))
		return EXIT_FAILURE;
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	signals = signalfd(-1, &ending, SFD_CLOEXEC);
	handle = nfq_open();
	if (signals < 0 || !handle || !path_open(&path, handle)) {
		fprintf(stderr, "impair: no queue: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	puts("ready");
	fflush(stdout);
	path_serve(&path, handle, signals);
	path_tell(&path);
	/* The kernel drops what still waits. */
	nfq_close(handle);
	while (path.waiting > 0)
		free(path.heap[--path.waiting].changed);
	free(path.heap);
	return EXIT_SUCCESS;
}
