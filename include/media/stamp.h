/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets of the Simple Two-way Active Measurement Protocol: RFC 8762 (sections 4.2.1,
 * 4.2.2, 4.3.1, 4.3.2) with the session identifier and the TLVs of RFC 8972 (sections 3
 * and 4). Open packets have 44 octets, keyed ones 112 with an HMAC-SHA-256 cut to 16.
 *
 * Time stamps are NTP's 64-bit format on the wire and nanoseconds of UTC here. Lengths
 * count octets of UDP payload. Nothing here allocates but the key.
 */
#ifndef MEDIA_STAMP_H
#define MEDIA_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/stamp_key.h"
#include "media/stamp_report.h"
#include "media/stamp_time.h"

#define STAMP_PORT 862 /* where a reflector is asked about its other ports */

#define STAMP_OPEN_LENGTH  44
#define STAMP_KEYED_LENGTH 112

/** Larger packets are neither sent nor answered: they would be fragmented. */
#define STAMP_LENGTH_MAX 1280

/** What a session's sender asks. */
struct stamp_request {
	uint32_t sequence;
	int64_t sent_ns;
	uint16_t error;  /* stamp_error() */
	uint16_t ssid;   /* of the session (RFC 8972, section 3); 0 = none */
	bool asks_class; /* what DSCP and ECN arrived, and dscp for the reply (4.4) */
	uint8_t dscp;
	uint16_t report_first, report_count; /* ports to be told about; count 0 = none */
	size_t length; /* at least so long, by an Extra Padding TLV (4.1); 0 = as it is */
	uint32_t padding; /* seed of its octets, so that altered ones show; 0 = zeros */
	bool tlvs_good;   /* of one that was read: what it asks by TLVs can be done */
};

/** What the reflector answered. */
struct stamp_reply {
	uint32_t sequence; /* the reflector's own count of this session */
	int64_t sent_ns, received_ns;
	uint16_t error;
	uint16_t ssid;
	uint32_t sender_sequence;
	int64_t sender_sent_ns;
	uint16_t sender_error;
	uint8_t sender_ttl; /* with which our packet arrived there */
	bool class_told;
	bool class_refused;            /* it did not use the DSCP that was asked for */
	uint8_t class_dscp, class_ecn; /* with which it arrived there */
	bool padding_altered;          /* octets came back that were not sent */
	struct stamp_report report;
};

enum stamp_flaw {
	STAMP_GOOD,
	STAMP_SHORT,      /* less than a packet of this mode */
	STAMP_LONG,       /* more than STAMP_LENGTH_MAX */
	STAMP_BAD_HMAC,   /* of the packet */
	STAMP_MALFORMED,  /* TLVs that do not fit, by us or by the other side's flags */
	STAMP_NO_REQUEST, /* octets that must be zero are not: a reply, or no STAMP */
	STAMP_NO_REPLY    /* its time of reception is zero: our own request perhaps */
};

/**
 * \param key  NULL = open mode
 * \return the length written; 0 if it does not fit
 */
size_t stamp_write_request(uint8_t *buffer, size_t size,
	const struct stamp_request *request, const struct stamp_key *key);

/**
 * \param padding    of the request this belongs to, if the caller knows it; else 0
 * \param ret_reply  of STAMP_MALFORMED all but what TLVs tell: the packet itself is good
 */
enum stamp_flaw stamp_read_reply(const uint8_t *data, size_t length,
	const struct stamp_key *key, uint32_t padding, struct stamp_reply *ret_reply);

/**
 * For the reflector. TLVs that do not fit, or fail their HMAC, are no flaw of the packet:
 * it is answered with them flagged (RFC 8972, section 4), and nothing of them is told.
 */
enum stamp_flaw stamp_read_request(const uint8_t *data, size_t length,
	const struct stamp_key *key, struct stamp_request *ret_request);

/** What the reflector puts into its answer. */
struct stamp_answer {
	uint32_t sequence;
	int64_t sent_ns, received_ns;
	uint16_t error;
	uint8_t ttl;                       /* with which the request arrived */
	uint8_t dscp, ecn;                 /* likewise */
	bool tlvs_good;                    /* of the request, by stamp_read_request() */
	const struct stamp_report *report; /* NULL = none was asked for, or is given */
};

/**
 * Makes the reply out of a request that stamp_read_request() found good, in its place and
 * of its length: never longer, so that nobody is flooded by us. Unknown TLVs are flagged
 * (RFC 8972, section 4).
 */
void stamp_make_reply(uint8_t *packet, size_t length, const struct stamp_key *key,
	const struct stamp_answer *answer);

#endif
