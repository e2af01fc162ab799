/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How well one stream of packets went to a reflector and back, each way by itself. What
 * is needed of a packet is when it was sent, and of an answer the reflector's own count
 * of its answers, its two time stamps and when it came back (RFC 8762).
 *
 * - Loss: with N packets sent, M that the reflector counted and K answers, N - M were
 *   lost on the way there and M - K on the way back. Only what lies before the last
 *   packet known to have arrived is counted so: of what comes after, nobody knows which
 *   way it was lost. A stateless reflector copies our number; then no direction is told.
 *   One that knows no session identifier (RFC 8972) may have counted others before; then
 *   the first packet's number is where the stream begins, or no direction is told.
 * - Reordered: arrived with a number below one that was there before (RFC 4737).
 * - Duplicate: arrived again (RFC 5560).
 * - Jitter: RFC 3550, 6.4.1 and A.8, with the sending times in it, so that a gap is none.
 * - Delay variation: over the least delay of the stream (RFC 5481, form 2).
 * - Discarded: arrived later than the least delay and the de-jitter buffer together.
 *
 * None of these needs clocks that agree; a one-way delay does. Pure; time stamps are
 * nanoseconds, and nothing allocates but quality_log_new().
 */
#ifndef MEDIA_QUALITY_H
#define MEDIA_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quality_log;

/** \param packets  most that are ever sent \retval NULL  out of memory */
struct quality_log *quality_log_new(size_t packets);

/** Fine with NULL. */
void quality_log_free(struct quality_log *log);

/** Notes that the next packet was sent; the first one has the sequence 0. */
void quality_log_sent(struct quality_log *log, int64_t sent_ns);

/** How many were sent. */
size_t quality_log_count(const struct quality_log *log);

/** When a packet was sent. */
int64_t quality_log_sent_ns(const struct quality_log *log, uint32_t sequence);

struct quality_reply {
	uint32_t sequence;           /* of the packet it answers */
	uint32_t reflected;          /* the reflector's own count, from 0 */
	int64_t reached_ns, left_ns; /* by the reflector's clock */
	int64_t back_ns;
};

/**
 * Notes an answer, in the order in which they arrive, or that it is a copy.
 * \retval false  nothing was sent with this sequence, the count cannot be one, or the
 *                time in the reflector is none
 */
bool quality_log_reply(struct quality_log *log, const struct quality_reply *reply);

enum quality_direction { QUALITY_FORWARD, QUALITY_BACKWARD, QUALITY_DIRECTION_COUNT };

enum quality_share { QUALITY_P50, QUALITY_P95, QUALITY_P99, QUALITY_SHARE_COUNT };

/** One way, or both together. */
struct quality_way {
	uint32_t sent, lost;
	uint32_t runs, longest_run; /* of lost packets, one after another */
	uint32_t discarded;         /* of those that arrived */
	/* BurstR of G.107: the mean run of packets lost or discarded, by the run that
	 * chance would make of as many; 0 = there are none */
	double burst;

	/* Of those whose time is known; the rest only if there are any. */
	uint32_t arrived, reordered, duplicates;
	int64_t jitter_ns; /* with two or more */
	int64_t variation_ns[QUALITY_SHARE_COUNT];
	int64_t delay_ns; /* median; includes what the clocks differ */
};

struct quality {
	uint32_t answered; /* of the stream, without copies */
	uint32_t strange;  /* answers left out: their numbers do not fit the others' */
	/* Whether sent, lost, runs and burst of the ways are known. */
	bool told;
	struct quality_way ways[QUALITY_DIRECTION_COUNT];
	/* All packets, there and back: sent, lost, runs, discarded, burst. */
	struct quality_way both;
	/* There and back, without the time spent in the reflector. */
	int64_t round_least_ns, round_median_ns, round_most_ns;
};

/** What the reflector's numbers are. */
enum quality_numbers {
	QUALITY_COPIED,    /* ours */
	QUALITY_COUNTED,   /* its own, of the stream alone */
	QUALITY_COUNTED_ON /* its own, and packets before the stream have some */
};

/**
 * Measures what was noted, once: copies are dropped on the way.
 * \param packets    how many of those sent are the stream; later ones only close its
 *                   window, so that losses at its end are told, too
 * \param buffer_ns  of the de-jitter buffer
 */
void quality_measure(struct quality_log *log, size_t packets,
	enum quality_numbers numbers, int64_t buffer_ns, struct quality *ret_quality);

/**
 * The one-way delay, if the clocks agree well enough to tell.
 * \param error_ns  by how much the two clocks may differ, both errors together
 * \retval false    it cannot be told apart from the clocks' error
 */
bool quality_one_way(
	const struct quality_way *way, int64_t error_ns, int64_t *ret_delay_ns);

/** Whether the clocks can differ by no more than that: nothing arrives before it was
 * sent.
 */
bool quality_error_holds(const struct quality *quality, int64_t error_ns);

/**
 * Whether one of the two clocks was moved within the stream: then one way looks slower
 * and the other faster by as much, and the round trip shows nothing of it.
 */
bool quality_clock_moved(const struct quality *quality);

/** Share of packets of a way that nobody could hear: lost and discarded. */
double quality_gone(const struct quality_way *way);

#endif
