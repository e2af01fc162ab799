/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel would do with a datagram to an address; none is sent. */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "base/address.h"

/**
 * The source address the kernel would choose; works in sandboxes without netlink as well.
 * \retval 0 or -errno: there is no way there, or no socket to ask with
 */
int route_source(const struct address *to, struct address *ret_source);

/** The same where the port may matter, as it does to rules of policy routing. */
int route_source_to(const struct address *to, uint16_t port, struct address *ret_source);

/**
 * The same by a socket that is there; it is connected then. \param ret_source  with the
 * port of the socket
 */
int route_source_of(int fd, const struct address *to, uint16_t port,
	struct transport_address *ret_source);

/** Whether it is an address of this host. */
bool address_is_own(const struct address *address);

#endif
