/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel tells of a datagram beside its octets. */
#ifndef NET_ARRIVAL_H
#define NET_ARRIVAL_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/address.h"

struct arrival {
	int64_t ns;   /* wall time */
	bool stamped; /* by the kernel; false: read off now */
	int ttl, tos; /* of the IP header; -1 = the kernel did not say */
};

/** Room for the control messages of one datagram. */
#define ARRIVAL_CONTROL_MAX 128

/** Asks for time stamps; what is refused is missing from the arrivals, no more. */
void arrival_stamp(int fd);

/** Asks for TTL and TOS as well, or what IPv6 calls them. */
void arrival_collect(int fd, enum family family);

/** Of a message that has just been received. */
void arrival_read(struct msghdr *message, struct arrival *ret_arrival);

#endif
