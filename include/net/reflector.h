/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A STAMP reflector on many ports: it holds their sockets, takes the kernel's stamps,
 * asks media/reflection.h for a judgement and sends the answer from the address and port
 * that was asked.
 *
 * Ports that another program has are busy, and looked at again and again. Beside a PBX
 * the half of the ports can be left free in turns; or none is held at all, and a program
 * in the kernel hands over what listed sources send (steering).
 */
#ifndef NET_REFLECTOR_H
#define NET_REFLECTOR_H

#include "base/text.h"
#include "net/reflector_settings.h"

struct loop;

/** "held", "busy", … : the values of a label. */
const char *reflector_state_name(enum reflector_state state);

struct reflector;

/** Some ports have changed; for a line in the log, say. */
typedef void (*reflector_fn)(void *context);

/**
 * Makes all that can fail; holds no port yet.
 * \param error  gets a sentence that says what to change
 * \retval 0 or -errno
 */
int reflector_new(struct loop *loop, const struct reflector_settings *settings,
	struct reflector **ret_reflector, struct text *error);

/**
 * Takes what the predecessor has, its sockets and its sessions, and opens the other ports
 * on the next turns of the loop. The predecessor is then to be freed; NULL = there is
 * none. changed is called when a walk over all ports ends that changed some.
 */
void reflector_start(struct reflector *reflector, struct reflector *predecessor,
	reflector_fn changed, void *context);

/** Fine with NULL; closes everything. */
void reflector_free(struct reflector *reflector);

struct reflector_statistics {
	bool keyed, steers, halves; /* as its settings say, and: */
	uint16_t control_port;
	size_t ports[REFLECTOR_STATE_COUNT]; /* the control port included */
	struct reflector_ranges ranges[REFLECTOR_STATE_COUNT];
	int error; /* errno of the first port that FAILED; 0 = none did */
	uint64_t packets[REFLECTION_VERDICT_COUNT];
	uint64_t unsent;   /* answers that the kernel did not take */
	uint64_t overflow; /* packets that came faster than they were read */
	size_t sessions;   /* with a packet in the last seconds */
};

void reflector_count(
	const struct reflector *reflector, struct reflector_statistics *ret_statistics);

/** Packets that the kernel took the answers of. */
uint64_t reflector_answered(const struct reflector_statistics *statistics);

/** Packets without an answer, by reason: "bad-hmac", …, the values of a label. */
struct reflector_drop {
	const char *reason;
	uint64_t packets;
};

/* What the judge says, with two reasons of the sockets' in place of an answer. */
#define REFLECTOR_DROPS (REFLECTION_VERDICT_COUNT + 1)

void reflector_drops(const struct reflector_statistics *statistics,
	struct reflector_drop ret_drops[REFLECTOR_DROPS]);

/** Appends "10000-10003, 10008"; ", …" behind the last one told if there are more. */
void reflector_append_ranges(const struct reflector_ranges *ranges, struct text *text);

/** REFLECTOR_STATE_COUNT for a port that is none of ours. */
enum reflector_state reflector_port(const struct reflector *reflector, uint16_t port);

#endif
