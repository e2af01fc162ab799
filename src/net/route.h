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

/** Whether it is an address of this host. */
bool address_is_own(const struct address *address);

#endif
