/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of a reflector: which are its own, which it holds now, and their sockets. */
#ifndef NET_REFLECTOR_PORTS_H
#define NET_REFLECTOR_PORTS_H

#include "net/reflector_settings.h"

#define PORTS 65536U

enum port_role { ROLE_NONE, ROLE_RANGE, ROLE_CONTROL };

struct port_slot {
	int fd;            /* -1 = not held, or steered */
	uint32_t overflow; /* of the socket, as told last */
	uint8_t state;     /* REFLECTOR_STATE_COUNT = not looked at yet, or not ours */
	uint8_t role;
};

struct port_table {
	int poll; /* an epoll set of all sockets, each with its port: one watch for all */
	int spare; /* a socket whose port was busy: good for the next attempt */
	int error; /* errno of the first port that failed since they were assigned */
	size_t counts[REFLECTOR_STATE_COUNT];
	struct port_slot slots[PORTS];
};

/** \retval 0 or -errno */
int port_table_new(struct port_table **ret_table);
void port_table_free(struct port_table *table);

/** Which ports are to be held from now on; those held stay so until they are visited. */
void port_table_assign(
	struct port_table *table, const struct reflector_settings *settings);

/** Which ports have which state. */
void port_table_tell(const struct port_table *table,
	struct reflector_ranges ret_ranges[REFLECTOR_STATE_COUNT]);

struct port_visit {
	const struct reflector_settings *settings;
	unsigned half;  /* whose pairs are held, 0 or 1, if they take turns */
	unsigned tries; /* sockets opened or closed so far */
	unsigned changes;
};

/** Opens or closes the port as it should be now, and notes what came of it. */
void port_table_visit(struct port_table *table, uint16_t port, struct port_visit *visit);

#endif
