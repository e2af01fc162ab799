/* SPDX-License-Identifier: Apache-2.0 */
/* A range of ports asked with a reflector at the other end. */
#ifndef PROBES_RTP_STAMP_H
#define PROBES_RTP_STAMP_H

#include "probes/rtp_talk.h"

/** Ports asked in a run unless the configuration says otherwise. */
#define RTP_STAMP_PORTS 300

/** \retval NULL  the run has been finished with the reason */
struct rtp_talk *rtp_stamp_start(struct probe_run *run);

#endif
