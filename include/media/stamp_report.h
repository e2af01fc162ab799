/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reflector tells of its ports, in a TLV of ours (type 251, experimental: RFC
 * 8972, section 5.1; one for private use must begin with a number that IANA gave to its
 * owner; ours begins with "SFXP"): which it holds, and at which of them a packet of this
 * session has arrived. That tells the two directions of a silent port apart. Four bits a
 * port.
 *
 * The reflector remembers arrivals as long as the session. If the sequence number of the
 * reply that brings the report is less than the number of replies received before, it has
 * begun the session anew, and a bit that is not set proves nothing.
 */
#ifndef MEDIA_STAMP_REPORT_H
#define MEDIA_STAMP_REPORT_H

#include <stdint.h>

enum stamp_port_state {
	STAMP_PORT_UNHELD, /* it does not listen there */
	STAMP_PORT_HELD,
	STAMP_PORT_BUSY,    /* another program has it */
	STAMP_PORT_RESTING, /* left free for others for now */
	STAMP_PORT_STATE_COUNT
};

/** Ports of one report: its packet is then 44 + 4 + 8 + 512 octets, or 112 + … */
#define STAMP_REPORT_PORTS 1024

struct stamp_report {
	uint16_t first;
	uint16_t count; /* up to STAMP_REPORT_PORTS; 0 = none was asked for, or came */
	uint8_t ports[STAMP_REPORT_PORTS]; /* state | STAMP_PORT_ARRIVED */
};

#define STAMP_PORT_STATE_MASK 0x3U
#define STAMP_PORT_ARRIVED    0x4U

#endif
