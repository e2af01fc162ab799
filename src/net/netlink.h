/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to the kernel's tables of routes, links and neighbours (rtnetlink(7)). The
 * kernel answers within the call that asks, so nothing here ever waits.
 */
#ifndef NET_NETLINK_H
#define NET_NETLINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

struct netlink {
	int fd; /* -1 = closed */
	uint32_t sequence;
};

/** Which way a packet to an address would go now. */
struct netlink_route {
	bool is_unicast; /* false: to this host itself, a broadcast, a multicast group */
	unsigned interface;
	struct address gateway; /* FAMILY_NONE = the address is on our own link */
};

struct netlink_link {
	bool is_loopback;
	bool is_up; /* switched on and with carrier */
	char name[IF_NAMESIZE];
};

/** \retval 0 or -errno: a sandbox may refuse the family */
int netlink_open(struct netlink *netlink);
void netlink_close(struct netlink *netlink);

/** \retval 0, -ENETUNREACH and the like without a route, other -errno without an answer
 */
int netlink_route(struct netlink *netlink, const struct address *address,
	struct netlink_route *ret_route);

int netlink_link(
	struct netlink *netlink, unsigned interface, struct netlink_link *ret_link);

/** Whether any link but the loopback is up. */
int netlink_any_link_up(struct netlink *netlink, bool *ret_up);

/**
 * Whether the kernel asked for the neighbour (ARP, neighbour discovery) and had no
 * answer. \retval 0, -ENOENT when it does not know the neighbour, other -errno without an
 * answer
 */
int netlink_neighbour_silent(struct netlink *netlink, unsigned interface,
	const struct address *address, bool *ret_silent);

/** What kernels say for "no route", unreachable, blackhole and prohibit routes. */
bool netlink_means_no_route(int error);

#endif
