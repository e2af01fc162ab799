/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream by a path that is played, so that the truth is known: what was lost, where,
 * and how long each packet took.
 */
#ifndef TESTS_MEDIA_STREAMS_H
#define TESTS_MEDIA_STREAMS_H

#include "media/quality.h"

#define MILLI   INT64_C(1000000)
#define SPACING (20 * MILLI)
#define MOST    4000
#define COPIES  2

/* The reflector's clock is so far ahead, and it takes so long to answer. */
#define AHEAD (-1234567 * MILLI)
#define STAY  (3 * MILLI)

/* One way, as it was injected. */
struct path {
	double loss;  /* share of packets */
	double burst; /* chance that a loss is followed by another one; 0 = by loss */
	double copy;  /* share of packets that come twice */
	int64_t delay_ns, jitter_ns;
	bool losing; /* the packet before was lost */
};

struct transit {
	size_t number;
	int64_t sent_ns, arrived_ns;
};

/* What came of a way, in order of arrival; fates by number. */
struct passage {
	struct transit transits[MOST * COPIES];
	size_t count;
	bool lost[MOST];
};

/* The stream, the reflector's numbering and the way back. */
struct world {
	size_t packets, closers;
	struct path there, back;
	bool stateless;
	uint32_t before; /* packets that the reflector has counted already */
	struct passage forward, backward;
	struct quality_log *log;
	size_t reflected;
};

/** A stream over two quiet paths, to be changed before it is played; free() it. */
struct world *world_of(size_t packets, size_t closers, uint64_t seed);

void world_play(struct world *world);

/** Frees the log. */
struct quality world_measure(struct world *world);

#endif
