/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How large a packet may be on the way to somebody: what the kernel knows of it, and
 * sockets that send in one piece or not at all, so that a path is measured and not what
 * the kernel makes of it (RFC 8899, 4.1).
 */
#ifndef NET_PATH_MTU_H
#define NET_PATH_MTU_H

#include <stddef.h>

#include "base/address.h"

/**
 * The largest packet, in octets with its IP header, that the kernel takes to pass: the
 * interface's MTU, or what a router has told since ("fragmentation needed", "packet too
 * big"), which it remembers for ten minutes. Sends nothing. \retval 0  not known
 */
size_t path_mtu(const struct address *to);

/**
 * Packets of this UDP socket leave whole, with DF set, up to the interface's MTU,
 * whatever the kernel has heard of the path. A kernel that refuses leaves it as it was.
 */
void path_mtu_whole(int fd, enum family family);

/** As sockets are from the start: what is too large is cut into fragments here. */
void path_mtu_usual(int fd, enum family family);

/** What the headers before a UDP payload take of a packet. */
size_t path_mtu_udp_header(enum family family);

#endif
