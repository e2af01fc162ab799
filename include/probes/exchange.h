/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kinds that speak UDP share: a datagram conversation tied to a run. Answers
 * from elsewhere are counted, named and waited past; an ICMP error or local trouble ends
 * the run; nothing reaches the kind after its run has finished.
 */
#ifndef PROBES_EXCHANGE_H
#define PROBES_EXCHANGE_H

#include "base/clock.h"
#include "engine/probe.h"
#include "net/datagram.h"

/** Rows of the gauge table of every kind that has an exchange, its first ones unless
 * first_gauge says where. */
#define EXCHANGE_GAUGES                                                                 \
	{ .name = "stray_datagrams",                                                    \
		.help = "Datagrams in the last run that came from another address or "  \
			"port than the one asked." },                                   \
	{                                                                               \
		.name = "retransmissions",                                              \
		.help = "How often the question of the last run had to be sent again.", \
	}

/** A row of the option table of a kind that persists; its field is repeat_after_us. */
#define EXCHANGE_REPEAT_OPTION(options, wait)                                         \
	{                                                                             \
		.name = "repeat_after", .type = PROBE_OPTION_DURATION,                \
		.offset = offsetof(options, repeat_after_us), .fallback = (wait),     \
		.least = 0, .most = MINUTE,                                           \
		.help = "How long to wait for an answer before the question is sent " \
			"again, then twice as long; 0s = it is sent once.",           \
	}

enum exchange_gauge {
	EXCHANGE_GAUGE_STRAYS,
	EXCHANGE_GAUGE_RETRANSMISSIONS,
	EXCHANGE_GAUGE_COUNT
};

typedef void (*exchange_fn)(struct probe_run *run, const struct datagram_answer *answer);

/** Sends by exchange_send() what cannot be sent twice as it is. */
typedef void (*exchange_again_fn)(struct probe_run *run);

/** The peer that was turned to cannot be asked; the run goes on. */
typedef void (*exchange_failed_fn)(struct probe_run *run, const struct finding *finding);

struct exchange {
	struct datagram datagram;
	struct probe_run *run;
	exchange_fn answer;
	exchange_failed_fn failed; /* NULL = the run's own target is asked */
	unsigned first_gauge; /* set before exchange_open() by who has others before */
	int64_t sent_wall_us;
	unsigned strays, retransmissions;

	/* Of exchange_persist(). */
	struct loop_timer timer;
	exchange_again_fn again; /* NULL = the octets below */
	const void *data;
	size_t length;
	int64_t wait_us, most_wait_us;
};

/** Opens to the run's target. \retval false  the run has been finished with the reason */
bool exchange_open(struct exchange *exchange, struct probe_run *run, exchange_fn answer);

/** \retval false  the run has been finished with the reason */
bool exchange_send(struct exchange *exchange, const void *data, size_t length);

/**
 * Sends the last datagram again after first_wait_us without an answer, and then after
 * twice the time, but never more than most_wait_us, until exchange_settle(), a finish or
 * the deadline: a path that loses one packet of twenty would else be called dead each
 * hour. The octets are sent unchanged from where they lie, so they must stay.
 * first_wait_us 0 = not at all.
 */
void exchange_persist(struct exchange *exchange, const void *data, size_t length,
	int64_t first_wait_us, int64_t most_wait_us);

/** The same where each repetition is made anew: with a time stamp, say. */
void exchange_persist_by(struct exchange *exchange, exchange_again_fn again,
	int64_t first_wait_us, int64_t most_wait_us);

/**
 * Asks another peer of the same family from the same socket from now on, for what the
 * two tell together. Nothing that happens there speaks of the run's target: what fails
 * goes to `failed`, and strangers are neither counted nor named.
 */
void exchange_turn(struct exchange *exchange, const struct transport_address *peer,
	exchange_failed_fn failed);

/** No more repetitions: an answer is there, if only a provisional one. */
void exchange_settle(struct exchange *exchange);

/**
 * The time of the phase response by the kernel's stamp of this answer, which has no part
 * of our own loop in it; from the first send on, for which of several equal ones was
 * answered nobody knows. Without a stamp the turn of the loop stands.
 */
void exchange_measure(struct exchange *exchange, const struct datagram_answer *answer);

/** Closes; for stop(), and before a finish. Fine when never opened. */
void exchange_close(struct exchange *exchange);

#endif
