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

/** The first row of the gauge table of every kind that has an exchange. */
#define EXCHANGE_GAUGE_STRAYS 0
#define EXCHANGE_GAUGE_STRAYS_ROW                                                      \
	{                                                                              \
		.name = "stray_datagrams",                                             \
		.help = "Datagrams in the last run that came from another address or " \
			"port than the one asked.",                                    \
	}

typedef void (*exchange_fn)(struct probe_run *run, const struct datagram_answer *answer);

struct exchange {
	struct datagram datagram;
	struct probe_run *run;
	exchange_fn answer;
	int64_t sent_wall_us;
	unsigned strays;
};

/** Opens to the run's target. \retval false  the run has been finished with the reason */
bool exchange_open(struct exchange *exchange, struct probe_run *run, exchange_fn answer);

/** \retval false  the run has been finished with the reason */
bool exchange_send(struct exchange *exchange, const void *data, size_t length);

/**
 * The time of the phase response by the kernel's stamp of this answer, which has no part
 * of our own loop in it. Without a stamp the turn of the loop stands.
 */
void exchange_measure(struct exchange *exchange, const struct datagram_answer *answer);

/** Closes; for stop(), and before a finish. Fine when never opened. */
void exchange_close(struct exchange *exchange);

#endif
