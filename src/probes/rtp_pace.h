/* SPDX-License-Identifier: Apache-2.0 */
/* How fast a range is asked, and how often before silence is no loss. */
#ifndef PROBES_RTP_PACE_H
#define PROBES_RTP_PACE_H

#include "probes/rtp_talk.h"

#define RTP_TRIES_LEAST 3

/** Ports asked slowly in a run. */
#define RTP_SLOW_PORTS_MAX 100

/** For the events of the asking. */
bool rtp_pace_again(void *context, unsigned lap, size_t silent, struct asking_pace *pace);

/**
 * Asks what was added. \param tries  0 = as many as it takes to blame a port
 * \param next  once all is settled
 */
void rtp_pace_begin(struct rtp_talk *talk, int64_t wait_us, unsigned tries,
	void (*next)(struct rtp_talk *talk));

/** The same, each once, so slowly that no limit of the rate is met. */
void rtp_pace_begin_slowly(
	struct rtp_talk *talk, int64_t wait_us, void (*next)(struct rtp_talk *talk));

/** Ports that can be asked slowly in the time that is left, less what is kept of it. */
size_t rtp_pace_slow_room(const struct rtp_talk *talk, int64_t kept_us);

#endif
