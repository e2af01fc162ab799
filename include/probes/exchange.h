/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kinds that speak UDP share: a datagram conversation tied to a run. Answers
 * from elsewhere are counted, named and waited past; an ICMP error or local trouble ends
 * the run; nothing reaches the kind after its run has finished.
 */
#ifndef PROBES_EXCHANGE_H
#define PROBES_EXCHANGE_H

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

enum exchange_gauge {
	EXCHANGE_GAUGE_STRAYS,
	EXCHANGE_GAUGE_RETRANSMISSIONS,
	EXCHANGE_GAUGE_COUNT
};

typedef void (*exchange_fn)(struct probe_run *run, const struct datagram_answer *answer);

struct exchange {
	struct datagram datagram;
	struct probe_run *run;
	exchange_fn answer;
	unsigned first_gauge; /* set before exchange_open() by who has others before */
	int64_t sent_wall_us;
	unsigned strays, retransmissions;

	/* Of exchange_persist(). */
	struct loop_timer timer;
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
 */
void exchange_persist(struct exchange *exchange, const void *data, size_t length,
	int64_t first_wait_us, int64_t most_wait_us);

/** No more repetitions: an answer is there, if only a provisional one. */
void exchange_settle(struct exchange *exchange);

/**
 * The time of the phase response by the kernel's stamp of this answer, which has no part
 * of our own loop in it. Without a stamp the turn of the loop stands.
 */
void exchange_measure(struct exchange *exchange, const struct datagram_answer *answer);

/** Closes; for stop(), and before a finish. Fine when never opened. */
void exchange_close(struct exchange *exchange);

#endif
