/* SPDX-License-Identifier: Apache-2.0 */
/* A reflector in a network of its own, and a sender in the same process. */
#ifndef TESTS_NET_REFLECTORS_H
#define TESTS_NET_REFLECTORS_H

#include "net/loop.h"
#include "net/reflector.h"

#define FIRST 10000
#define LAST  10009

struct world {
	struct loop *loop;
	struct loop_timer stopper;
	struct reflector *reflector;
	struct reflector_range range;
	struct reflector_settings settings;
	struct stamp_key *key;
	unsigned changes; /* walks that changed some port */
};

/** What came back to a sender. */
struct echo {
	struct stamp_reply reply;
	struct address from;
	uint16_t port;
	uint8_t tos, ttl;
	size_t length;
};

/** Leaves the network of the host for an empty one. \retval false  no right to */
bool leave_network(void);

/** A loop, and settings of FIRST to LAST for all addresses, open; nothing runs yet. */
int world_setup(void **state);
int world_teardown(void **state);

/** Makes the reflector of the settings and lets it take all its ports. */
void world_start(struct world *world);

/** The same in place of the present one, as a reload does. */
void world_replace(struct world *world);

/** Turns the loop until the condition holds; fails the test after five seconds. */
void world_until(struct world *world, bool (*holds)(struct world *world));

/** A walk has ended since then that changed some port. */
bool world_changed(struct world *world);

/** Turns it for so long. */
void world_turn(struct world *world, int64_t micros);

size_t world_ports(struct world *world, enum reflector_state state);

/** errno of the first port that failed. */
int world_error(struct world *world);

/** A socket of a sender at this address, with TTL 77 and DSCP 46. */
int sender_open(const char *address);

/** Asks and turns until the answer comes. \retval false  none within five seconds */
bool ask(struct world *world, int fd, const char *address, uint16_t port,
	const struct stamp_request *request, struct echo *ret_echo);

/** Asks and turns for a third of a second. \retval false  an answer came */
bool ask_in_vain(struct world *world, int fd, const char *address, uint16_t port,
	const struct stamp_request *request);

/** A socket that has the port, as another program would. */
int occupy(uint16_t port);

#endif
