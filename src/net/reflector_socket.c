/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reflector_socket.h"

#include <errno.h>
#include <linux/in6.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * What a flood can make the kernel keep for one port; 10,001 times the default of 208 KiB
 * would be the memory that Asterisk's own sockets are in need of. A port that is asked
 * about all others, and the one that has them all, get more.
 */
#define PORT_BUFFER (16 * 1024)
#define MORE_BUFFER (4 * 1024 * 1024)

/* RFC 8762, section 4.2.1: the reader of the copied TTL counts the routers from 255. */
#define TTL_SENT 255

struct socket_option {
	int level, name, value;
};

static int options_set(int fd, const struct socket_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			    sizeof(options[i].value)) < 0)
			return -errno;
	}
	return 0;
}

#define OPTIONS_SET(fd, options) \
	options_set(fd, options, sizeof(options) / sizeof((options)[0]))

/* IPv4's options are for a socket of both families, too: they serve its IPv4 packets. */
static int describe(int fd, int domain)
{
	static const struct socket_option common[] = {
		{ SOL_SOCKET, SO_RXQ_OVFL, 1 },
		{ SOL_IP, IP_TTL, TTL_SENT },
	};
	/* one of them: that of IPv6 tells IPv4's addresses, too, as mapped ones */
	static const struct socket_option ipv4[] = { { SOL_IP, IP_PKTINFO, 1 } };
	static const struct socket_option ipv6[] = {
		{ SOL_IPV6, IPV6_RECVPKTINFO, 1 },
		{ SOL_IPV6, IPV6_UNICAST_HOPS, TTL_SENT },
	};
	int error = OPTIONS_SET(fd, common);

	arrival_collect(fd, FAMILY_IPV4);
	if (domain == AF_INET6)
		arrival_collect(fd, FAMILY_IPV6);
	if (error)
		return error;
	return domain == AF_INET6 ? OPTIONS_SET(fd, ipv6) : OPTIONS_SET(fd, ipv4);
}

/* Which port a steered packet was for is told as its original destination. */
static int describe_destination(int fd, int domain)
{
	static const struct socket_option ipv4[] = { { SOL_IP, IP_RECVORIGDSTADDR, 1 } };
	static const struct socket_option ipv6[] = { { SOL_IPV6, IPV6_RECVORIGDSTADDR,
		1 } };
	int error = OPTIONS_SET(fd, ipv4);

	if (!error && domain == AF_INET6)
		error = OPTIONS_SET(fd, ipv6);
	return error;
}

/* Beyond the system's limit only with CAP_NET_ADMIN; what is less is no fault. */
static void enlarge(int fd)
{
	const struct socket_option forced = { SOL_SOCKET, SO_RCVBUFFORCE, MORE_BUFFER };
	const struct socket_option asked = { SOL_SOCKET, SO_RCVBUF, MORE_BUFFER };

	if (options_set(fd, &forced, 1) < 0)
		options_set(fd, &asked, 1);
}

static int size_buffer(int fd, enum reflector_use use)
{
	const struct socket_option small = { SOL_SOCKET, SO_RCVBUF, PORT_BUFFER };

	if (use == USE_PORT)
		return options_set(fd, &small, 1);
	enlarge(fd);
	return 0;
}

/* Bound to ::, it is the port's for both families, unless the system says otherwise. */
static int serve_both(int fd)
{
	const struct socket_option both = { SOL_IPV6, IPV6_V6ONLY, 0 };

	return options_set(fd, &both, 1);
}

static int open_domain(int domain, bool both, enum reflector_use use)
{
	int fd = socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	error = both ? serve_both(fd) : 0;
	if (!error)
		error = describe(fd, domain);
	if (!error && use == USE_STEERING)
		error = describe_destination(fd, domain);
	if (!error)
		error = size_buffer(fd, use);
	if (!error)
		return fd;
	close(fd);
	return error;
}

int reflector_socket(const struct address *address, enum reflector_use use)
{
	int fd;

	if (address->family == FAMILY_IPV4)
		return open_domain(AF_INET, false, use);
	fd = open_domain(AF_INET6, address->family == FAMILY_NONE, use);
	if (fd == -EAFNOSUPPORT && address->family == FAMILY_NONE)
		fd = open_domain(AF_INET, false, use);
	return fd;
}

static socklen_t any_address(int fd, uint16_t port, struct sockaddr_storage *name)
{
	struct sockaddr_in *ipv4 = (void *)name;
	struct sockaddr_in6 *ipv6 = (void *)name;
	socklen_t length = sizeof(int);
	int domain = AF_INET;

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
	*name = (struct sockaddr_storage){ .ss_family = (sa_family_t)domain };
	if (domain == AF_INET) {
		ipv4->sin_port = htons(port);
		return sizeof(*ipv4);
	}
	ipv6->sin6_port = htons(port);
	return sizeof(*ipv6);
}

int reflector_bind(int fd, const struct address *address, uint16_t port)
{
	struct sockaddr_storage name;
	socklen_t length = address_to_socket(address, port, &name);

	if (length == 0)
		length = any_address(fd, port, &name);
	return bind(fd, (const struct sockaddr *)&name, length) < 0 ? -errno : 0;
}

/* 0.1 us less than recvmmsg() takes for one, which is what a sweep has of each socket. */
static unsigned read_one(struct mmsghdr *header, int fd)
{
	ssize_t length = recvmsg(fd, &header->msg_hdr, MSG_DONTWAIT);

	if (length < 0)
		return 0;
	header->msg_len = (unsigned)length;
	return 1;
}

unsigned inbox_read(struct inbox *inbox, int fd, unsigned most)
{
	int count;

	for (unsigned i = 0; i < most; i++) {
		inbox->parts[i] =
			(struct iovec){ inbox->data[i], sizeof(inbox->data[i]) };
		inbox->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &inbox->from[i],
			.msg_namelen = sizeof(inbox->from[i]),
			.msg_iov = &inbox->parts[i],
			.msg_iovlen = 1,
			.msg_control = inbox->control[i],
			.msg_controllen = sizeof(inbox->control[i]),
		};
	}
	if (most == 1)
		return read_one(&inbox->headers[0], fd);
	count = recvmmsg(fd, inbox->headers, most, MSG_DONTWAIT, NULL);
	return count > 0 ? (unsigned)count : 0;
}

static void take_overflow(const void *data, struct delivery *delivery)
{
	memcpy(&delivery->overflow, data, sizeof(delivery->overflow));
}

/* What a packet to a broadcast address has here answers nobody: the kernel refuses it. */
static void take_ipv4(const void *data, struct delivery *delivery)
{
	struct in_pktinfo info;

	memcpy(&info, data, sizeof(info));
	delivery->to = (struct address){ .family = FAMILY_IPV4 };
	memcpy(delivery->to.bytes, &info.ipi_addr, sizeof(info.ipi_addr));
}

static void take_ipv6(const void *data, struct delivery *delivery)
{
	struct sockaddr_in6 name = { .sin6_family = AF_INET6 };
	struct in6_pktinfo info;

	memcpy(&info, data, sizeof(info));
	memcpy(&name.sin6_addr, &info.ipi6_addr, sizeof(name.sin6_addr));
	address_from_socket((const struct sockaddr *)&name, &delivery->to, NULL);
	delivery->interface = info.ipi6_ifindex;
}

static void take_destination(const void *data, struct delivery *delivery)
{
	struct sockaddr_in name; /* the port stands at the same place in both families */

	memcpy(&name, data, sizeof(name));
	delivery->port = ntohs(name.sin_port);
}

static const struct {
	int level, type;
	void (*take)(const void *data, struct delivery *delivery);
} takers[] = {
	{ SOL_IP, IP_PKTINFO, take_ipv4 },
	{ SOL_IPV6, IPV6_PKTINFO, take_ipv6 },
	{ SOL_SOCKET, SO_RXQ_OVFL, take_overflow },
	{ SOL_IP, IP_ORIGDSTADDR, take_destination },
	{ SOL_IPV6, IPV6_ORIGDSTADDR, take_destination },
};

static void take(const struct cmsghdr *header, struct delivery *delivery)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
		if (header->cmsg_level == takers[i].level &&
			header->cmsg_type == takers[i].type) {
			takers[i].take(CMSG_DATA(header), delivery);
			return;
		}
	}
}

void inbox_open(struct inbox *inbox, unsigned index, struct delivery *ret_delivery)
{
	struct msghdr *message = &inbox->headers[index].msg_hdr;
	struct delivery delivery = {
		.data = inbox->data[index],
		.length = inbox->headers[index].msg_len,
		.from = &inbox->from[index],
	};

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
		header = CMSG_NXTHDR(message, header))
		take(header, &delivery);
	arrival_read(message, &delivery.arrival);
	*ret_delivery = delivery;
}

static void control_add(struct msghdr *message, struct cmsghdr **at, int level, int type,
	const void *data, size_t length)
{
	struct cmsghdr *header = *at ? CMSG_NXTHDR(message, *at) : CMSG_FIRSTHDR(message);

	header->cmsg_level = level;
	header->cmsg_type = type;
	header->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(header), data, length);
	*at = header;
}

/* An interface is named for link-local addresses only: others may go out by another. */
static void control_ipv6(
	struct msghdr *message, struct cmsghdr **at, const struct delivery *delivery)
{
	struct in6_pktinfo info = { 0 };

	memcpy(&info.ipi6_addr, delivery->to.bytes, sizeof(info.ipi6_addr));
	if (address_is_link_local(&delivery->to))
		info.ipi6_ifindex = delivery->interface;
	control_add(message, at, SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

static void control_ipv4(
	struct msghdr *message, struct cmsghdr **at, const struct delivery *delivery)
{
	struct in_pktinfo info = { 0 };

	memcpy(&info.ipi_spec_dst, delivery->to.bytes, sizeof(info.ipi_spec_dst));
	control_add(message, at, SOL_IP, IP_PKTINFO, &info, sizeof(info));
}

void answer_from(struct msghdr *message, union answer_room *room,
	const struct delivery *delivery, int tos)
{
	bool ipv6 = delivery->to.family == FAMILY_IPV6;
	struct cmsghdr *at = NULL;

	*room = (union answer_room){ 0 };
	message->msg_control = room;
	message->msg_controllen = sizeof(*room);
	if (tos >= 0)
		control_add(message, &at, ipv6 ? SOL_IPV6 : SOL_IP,
			ipv6 ? IPV6_TCLASS : IP_TOS, &tos, sizeof(tos));
	if (ipv6)
		control_ipv6(message, &at, delivery);
	else if (delivery->to.family == FAMILY_IPV4)
		control_ipv4(message, &at, delivery);
	message->msg_controllen = at
		? (size_t)((uint8_t *)at - room->octets) + CMSG_ALIGN(at->cmsg_len)
		: 0;
}

int reflector_answer(int fd, const struct delivery *delivery, uint8_t tos)
{
	union answer_room room;
	struct iovec part = { delivery->data, delivery->length };
	struct msghdr message = {
		.msg_name = (void *)(uintptr_t)delivery->from,
		.msg_namelen = delivery->from->ss_family == AF_INET
			? sizeof(struct sockaddr_in)
			: sizeof(struct sockaddr_in6),
		.msg_iov = &part,
		.msg_iovlen = 1,
	};

	answer_from(&message, &room, delivery, tos);
	return sendmsg(fd, &message, MSG_DONTWAIT) < 0 ? -errno : 0;
}
