/* SPDX-License-Identifier: Apache-2.0 */
/* Gauges that the kinds for RTP have in common: one name, one meaning. */
#ifndef PROBES_RTP_GAUGES_H
#define PROBES_RTP_GAUGES_H

#include "engine/probe.h"

/** Values of the label `direction`: from us to the reflector, and back. */
#define RTP_FORWARD  "forward"
#define RTP_BACKWARD "backward"

/** \param way  RTP_FORWARD or RTP_BACKWARD */
#define RTP_GAUGE_LOSS(way)                                                            \
	{                                                                              \
		.name = "rtp_loss_ratio",                                              \
		.help = "Packets lost, of those sent this way.", .label = "direction", \
		.label_value = way                                                     \
	}

#define RTP_GAUGE_ROUND_TRIP                                                             \
	{                                                                                \
		.name = "rtp_round_trip_seconds",                                        \
		.help = "Round trip without the time spent in the reflector, median of " \
			"the run."                                                       \
	}

#endif
