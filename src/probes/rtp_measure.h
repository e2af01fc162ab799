/* SPDX-License-Identifier: Apache-2.0 */
/* What a run over a range of ports has measured, as numbers. */
#ifndef PROBES_RTP_MEASURE_H
#define PROBES_RTP_MEASURE_H

#include "probes/rtp_talk.h"

/**
 * Whether a packet was a first try of the sample, and not before the first that was
 * answered: what went to a reflector that was not there yet is no loss.
 */
bool rtp_measure_counts(const struct rtp_talk *talk, uint32_t number);

/** Counts the first tries of the ports that pass, and those of them that were lost. */
void rtp_measure_first_tries(struct rtp_talk *talk);

/** The share of them that was lost. */
double rtp_measure_first_loss(const struct rtp_tally *tally);

/** Whether that is more than is borne, by this run and those before it. */
bool rtp_measure_loses(const struct rtp_talk *talk);

/** From when on, by the clock of the map, what was asked still counts. */
uint32_t rtp_measure_window(const struct rtp_talk *talk);

/** Counts all and sets the gauges, with a reflector or without. */
void rtp_measure_finish(struct rtp_talk *talk);
void rtp_measure_finish_icmp(struct rtp_talk *talk);

#endif
