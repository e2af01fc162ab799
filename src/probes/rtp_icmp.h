/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A range of ports asked with nobody at the other end: the host's own ICMP error that a
 * port is closed proves the way to it, another one names who refuses, silence proves
 * nothing.
 *
 * A Linux host sends six ICMP errors at once and then one a second to each peer
 * (icmp_ratelimit, icmp(7)); beyond that its silence would be our own doing. A run asks
 * five at once and then four in five seconds, so that others have some left.
 */
#ifndef PROBES_RTP_ICMP_H
#define PROBES_RTP_ICMP_H

#include "probes/rtp_talk.h"

/** Ports asked in a run unless the configuration says otherwise. */
#define RTP_ICMP_PORTS 10

/** \retval NULL  the run has been finished with the reason */
struct rtp_talk *rtp_icmp_start(struct probe_run *run);

#endif
