/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reflector_steering.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#define TTL_SENT 255

/*
 * IPPROTO_RAW sockets take whole packets and are given none: one of IPPROTO_UDP would get
 * a copy of every datagram that reaches this host.
 */
static int raw_open(int domain)
{
	int fd = socket(domain, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);

	return fd < 0 ? -errno : fd;
}

/*
 * Loopback's, so that it is no port of this host for others. Mapped to IPv6 it is a
 * socket of both families, which ::1 would not be.
 */
static int receiver_open(void)
{
	const struct address any = { .family = FAMILY_NONE };
	struct sockaddr_in6 name = { .sin6_family = AF_INET6 };
	struct sockaddr_in ipv4 = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = reflector_socket(&any, USE_STEERING);
	int domain = AF_INET;
	socklen_t length = sizeof(domain);
	int error;

	if (fd < 0)
		return fd;
	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
	name.sin6_addr.s6_addr[10] = name.sin6_addr.s6_addr[11] = 0xff;
	memcpy(name.sin6_addr.s6_addr + 12, &ipv4.sin_addr, sizeof(ipv4.sin_addr));
	if (domain == AF_INET)
		error = bind(fd, (const struct sockaddr *)&ipv4, sizeof(ipv4));
	else
		error = bind(fd, (const struct sockaddr *)&name, sizeof(name));
	if (error == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static void explain(int error, const char *what, struct text *text)
{
	if (error == -EPERM || error == -EACCES)
		text_format(text,
			"steering: %s: the right is missing; give the process CAP_BPF, "
			"CAP_NET_ADMIN and CAP_NET_RAW, as systemd's unit shows, or "
			"write steer = false",
			what);
	else
		text_format(text,
			"steering: %s: %s; it needs Linux 5.9 with BPF, write steer = "
			"false without",
			what, strerrordesc_np(-error));
}

int steering_open(const struct reflector_settings *settings,
	struct steering *ret_steering, struct text *error)
{
	struct steering steering = { { -1, -1 }, -1, -1, -1 };
	const char *what = "the program in the kernel";
	int result = reflector_program_load(settings, &steering.program);

	if (result == 0) {
		what = "its socket";
		steering.fd = receiver_open();
		result = steering.fd;
	}
	if (result >= 0) {
		what = "the raw socket of answers";
		steering.ipv6 = raw_open(AF_INET6);
		steering.ipv4 = raw_open(AF_INET);
		result = steering.ipv4;
	}
	if (result >= 0) {
		what = "handing packets to its socket";
		result = reflector_program_aim(&steering.program, steering.fd);
	}
	if (result >= 0) {
		*ret_steering = steering;
		return 0;
	}
	explain(result, what, error);
	steering_close(&steering);
	return result;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void steering_close(struct steering *steering)
{
	reflector_program_unload(&steering->program);
	close_fd(&steering->fd);
	close_fd(&steering->ipv4);
	close_fd(&steering->ipv6);
}

/* The Internet checksum (RFC 1071) of what is added piece by piece, even ones first. */
static uint32_t sum_of(uint32_t sum, const void *data, size_t length)
{
	const uint8_t *octets = data;

	for (size_t i = 0; i < length; i++)
		sum += i % 2 == 0 ? (uint32_t)octets[i] << 8 : octets[i];
	return sum;
}

static uint16_t checksum_of(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(~sum & 0xffff);
}

struct envelope {
	struct udphdr udp;
	union {
		struct ip ipv4;
		struct ip6_hdr ipv6;
	};
	size_t length; /* of the header of IP */
	struct sockaddr_storage to;
	socklen_t to_length;
};

static void fill_udp(struct envelope *envelope, const struct delivery *delivery,
	const struct transport_address *to)
{
	size_t octets = to->address.family == FAMILY_IPV4 ? 4 : 16;
	size_t length = sizeof(envelope->udp) + delivery->length;
	uint32_t sum = (uint32_t)(IPPROTO_UDP + length);
	uint16_t checksum;

	envelope->udp = (struct udphdr){ .uh_sport = htons(delivery->port),
		.uh_dport = htons(to->port),
		.uh_ulen = htons((uint16_t)length) };
	sum = sum_of(sum, delivery->to.bytes, octets);
	sum = sum_of(sum, to->address.bytes, octets);
	sum = sum_of(sum, &envelope->udp, sizeof(envelope->udp));
	checksum = checksum_of(sum_of(sum, delivery->data, delivery->length));
	/* 0 would say that there is none (RFC 768) */
	envelope->udp.uh_sum = htons(checksum == 0 ? 0xffff : checksum);
}

/* Length and header checksum of IPv4 are the kernel's to fill in (raw(7)). */
static void fill_ipv4(struct envelope *envelope, const struct delivery *delivery,
	const struct transport_address *to, uint8_t tos)
{
	envelope->ipv4 = (struct ip){ .ip_v = 4,
		.ip_hl = sizeof(struct ip) / 4,
		.ip_tos = tos,
		.ip_ttl = TTL_SENT,
		.ip_p = IPPROTO_UDP };
	memcpy(&envelope->ipv4.ip_src, delivery->to.bytes, 4);
	memcpy(&envelope->ipv4.ip_dst, to->address.bytes, 4);
	envelope->length = sizeof(envelope->ipv4);
}

static void fill_ipv6(struct envelope *envelope, const struct delivery *delivery,
	const struct transport_address *to, uint8_t tos)
{
	envelope->ipv6 = (struct ip6_hdr){
		.ip6_flow = htonl(0x60000000U | (uint32_t)tos << 20),
		.ip6_plen = envelope->udp.uh_ulen,
		.ip6_nxt = IPPROTO_UDP,
		.ip6_hlim = TTL_SENT,
	};
	memcpy(&envelope->ipv6.ip6_src, delivery->to.bytes, 16);
	memcpy(&envelope->ipv6.ip6_dst, to->address.bytes, 16);
	envelope->length = sizeof(envelope->ipv6);
}

int steering_answer(
	const struct steering *steering, const struct delivery *delivery, uint8_t tos)
{
	struct transport_address to;
	struct envelope envelope = { .length = 0 };
	union answer_room room;
	struct iovec parts[] = { { &envelope.ipv4, 0 },
		{ &envelope.udp, sizeof(envelope.udp) },
		{ delivery->data, delivery->length } };
	struct msghdr message = {
		.msg_name = &envelope.to, .msg_iov = parts, .msg_iovlen = 3
	};
	bool ipv4;

	address_from_socket(
		(const struct sockaddr *)delivery->from, &to.address, &to.port);
	ipv4 = to.address.family == FAMILY_IPV4;
	fill_udp(&envelope, delivery, &to);
	if (ipv4)
		fill_ipv4(&envelope, delivery, &to, tos);
	else
		fill_ipv6(&envelope, delivery, &to, tos);
	parts[0].iov_len = envelope.length;
	/* a raw socket has no ports: IPv6 takes any other number for a protocol */
	message.msg_namelen = address_to_socket(&to.address, 0, &envelope.to);
	answer_from(&message, &room, delivery, -1);
	return sendmsg(ipv4 ? steering->ipv4 : steering->ipv6, &message, MSG_DONTWAIT) < 0
		? -errno
		: 0;
}
