/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kind of the tests' own on the frame of those that speak TCP. Its protocol is lines:
 * OK ends well, NO ends ill, GO begins TLS, SKIP is skipped.
 */
#ifndef TESTS_PROBES_LINES_H
#define TESTS_PROBES_LINES_H

#include "probes/tls_world.h"

#define LINES_BUFFER 64
#define LINES_LARGE  (8U << 20)

/* How the kind behaves; the others' defaults are 0. */
struct lines_script {
	bool secure;          /* by TLS from the start */
	bool bears_end;       /* has a callback for the peer's end */
	bool deaf;            /* awaits nothing: connected is enough */
	size_t heard_max;     /* 0 = only the buffer bounds */
	size_t asks;          /* octets of the first words */
	const char *protocol; /* as recognise() names it */
	const char *parting;  /* last words */
};

/* What stop() found. */
struct lines_end {
	unsigned ends, secured;
	bool unsent;
	unsigned longest; /* calls of heard() without a turn in between */
};

const struct probe_kind *lines_kind(void);

/** What the octet at this place of the first words is: none repeats soon. */
static inline char lines_octet(size_t place)
{
	return (char)(place * 2654435761U >> 24);
}

/** How the next run behaves; NULL = stays as it is. \return of the last run */
struct lines_end lines_behave(const struct lines_script *script);

/** Said by a test's own timer: another turn of the loop. */
void lines_turn(void);

/** Sets this timer to the next turn when a run starts; NULL = none. */
void lines_at_start(struct loop_timer *timer);

/** One run with this script, whatever the certificate; 0 = as long as it takes. */
struct verdict_of_trial lines_ask(struct tls_world *world,
	const struct lines_script *script, uint16_t port, int64_t timeout_us);

/** For cmocka: a struct tls_world, for tls_world_tear_down(). */
int lines_set_up(void **state);

#endif
