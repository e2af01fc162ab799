/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the gauge table of the kind rtp. */
#ifndef PROBES_RTP_ROWS_H
#define PROBES_RTP_ROWS_H

#include "media/port_map.h"

enum rtp_row {
	RTP_ROW_STRAYS,
	RTP_ROW_RETRANSMISSIONS,
	RTP_ROW_PORTS, /* one a state, in the order of enum port_state */
	RTP_ROW_ASKED = RTP_ROW_PORTS + PORT_STATE_COUNT,
	RTP_ROW_COVERAGE,
	RTP_ROW_BOUND,
	RTP_ROW_ROUND_TRIP,
	RTP_ROW_FORWARD,
	RTP_ROW_BACKWARD,
	RTP_ROW_FIRST_TRIES,
	RTP_ROW_CORRUPTED,
	RTP_ROW_FOREIGN,
	RTP_ROW_COUNT
};

#endif
