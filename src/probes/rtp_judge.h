/* SPDX-License-Identifier: Apache-2.0 */
/* What a run over a range of ports comes to. */
#ifndef PROBES_RTP_JUDGE_H
#define PROBES_RTP_JUDGE_H

#include "probes/rtp_talk.h"

/** Sets the gauges and ends the run, with a reflector or without. */
void rtp_judge_finish(struct rtp_talk *talk);
void rtp_judge_finish_icmp(struct rtp_talk *talk);

#endif
