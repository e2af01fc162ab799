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

#define STAMP_PORT 862 /* where a reflector is asked about its other ports */

#define STAMP_OPEN_LENGTH  44
#define STAMP_KEYED_LENGTH 112

/** Larger packets are neither sent nor answered: they would be fragmented. */
#define STAMP_LENGTH_MAX 1280

/** Least length of a secret: that of HMAC-SHA-256 (RFC 2104, section 3). */
#define STAMP_SECRET_MIN 32

struct stamp_key;

/** \retval 0, -EINVAL for a secret that is too short, or -ENOMEM */
int stamp_key_new(const void *secret, size_t length, struct stamp_key **ret_key);
void stamp_key_free(struct stamp_key *key);

/**
 * An honest error estimate of a clock (RFC 4656, section 4.1.2): the least one that is
 * not below the error. \param error_us  0 = not known, which is told as the largest
 */
uint16_t stamp_error(int64_t error_us, bool synchronised);

/** What an estimate of the other side promises; INT64_MAX when it promises nothing. */
int64_t stamp_error_us(uint16_t estimate);

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
