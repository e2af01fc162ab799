/* SPDX-License-Identifier: Apache-2.0 */
#include "net/arrival.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static void ask(int fd, int level, int name)
{
	int on = 1;

	setsockopt(fd, level, name, &on, sizeof(on));
}

void arrival_stamp(int fd)
{
	ask(fd, SOL_SOCKET, SO_TIMESTAMPNS);
}

void arrival_collect(int fd, enum family family)
{
	arrival_stamp(fd);
	if (family == FAMILY_IPV6) {
		ask(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
		ask(fd, IPPROTO_IPV6, IPV6_RECVTCLASS);
	} else {
		ask(fd, IPPROTO_IP, IP_RECVTTL);
		ask(fd, IPPROTO_IP, IP_RECVTOS);
	}
}

static void take_stamp(const struct cmsghdr *header, struct arrival *arrival)
{
	struct timespec stamp;

	memcpy(&stamp, CMSG_DATA(header), sizeof(stamp));
	arrival->ns = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
	arrival->stamped = true;
}

static const struct {
	int level, type;
	bool octet; /* of IPv4 alone the TOS is one octet (ip(7)), all else an int */
	size_t offset;
} fields[] = {
	{ IPPROTO_IP, IP_TTL, false, offsetof(struct arrival, ttl) },
	{ IPPROTO_IP, IP_TOS, true, offsetof(struct arrival, tos) },
	{ IPPROTO_IPV6, IPV6_HOPLIMIT, false, offsetof(struct arrival, ttl) },
	{ IPPROTO_IPV6, IPV6_TCLASS, false, offsetof(struct arrival, tos) },
};

static void take_field(const struct cmsghdr *header, struct arrival *arrival)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		int value;

		if (header->cmsg_level != fields[i].level ||
			header->cmsg_type != fields[i].type)
			continue;
		if (fields[i].octet)
			value = *CMSG_DATA(header);
		else
			memcpy(&value, CMSG_DATA(header), sizeof(value));
		memcpy((unsigned char *)arrival + fields[i].offset, &value,
			sizeof(value));
	}
}

static void take(const struct cmsghdr *header, struct arrival *arrival)
{
	if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS)
		take_stamp(header, arrival);
	else
		take_field(header, arrival);
}

void arrival_read(struct msghdr *message, struct arrival *ret_arrival)
{
	struct arrival arrival = { .ttl = -1, .tos = -1 };

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
		header = CMSG_NXTHDR(message, header))
		take(header, &arrival);
	if (!arrival.stamped)
		arrival.ns = clock_wall_ns();
	*ret_arrival = arrival;
}
