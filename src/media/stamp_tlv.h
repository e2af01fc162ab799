/* SPDX-License-Identifier: Apache-2.0 */
/* The TLVs behind a STAMP packet (RFC 8972, section 4): flags, type, length, value. */
#ifndef MEDIA_STAMP_TLV_H
#define MEDIA_STAMP_TLV_H

#include "media/stamp_key.h"
#include "media/stamp_report.h"

enum stamp_tlv_type {
	TLV_PADDING = 1, /* 4.1 */
	TLV_CLASS = 4,   /* 4.4 */
	TLV_HMAC = 8,    /* 4.8 */
	TLV_REPORT = 251 /* ours, among the experimental ones (5.1) */
};

/* Flags (4): what the reflector thought of it; a sender sets U. */
#define TLV_UNRECOGNISED 0x80U
#define TLV_MALFORMED    0x40U
#define TLV_INTEGRITY    0x20U

#define TLV_HEADER        4
#define TLV_CLASS_LENGTH  4
#define TLV_REPORT_HEADER 8 /* magic, first port, count of ports */

/** A packet whose first `base` octets are STAMP and whose others are TLVs. */
struct stamp_packet {
	const uint8_t *data;
	size_t base, length;
	const struct stamp_key *key; /* NULL = open mode */
	const uint8_t *sequence;     /* four octets, which the HMAC covers */
};

struct stamp_tlv {
	uint8_t flags, type;
	size_t at;     /* of its first octet in the packet */
	size_t length; /* of the value, which begins at + TLV_HEADER */
};

enum stamp_tlv_step { TLV_FOUND, TLV_END, TLV_BAD };

/**
 * The TLV at *at, which is moved behind it. Fewer octets than a header are no TLV and
 * mean nothing. \retval TLV_BAD  malformed; nothing behind it can be told. ret_tlv has
 * its beginning
 */
enum stamp_tlv_step stamp_tlv_next(
	const struct stamp_packet *packet, size_t *at, struct stamp_tlv *ret_tlv);

/**
 * Whether what the TLVs say can be used: none is malformed, and their HMAC stands where
 * it must and fits. In keyed mode it must be there unless there is but padding.
 */
bool stamp_tlvs_good(const struct stamp_packet *packet);

size_t stamp_report_octets(size_t ports);

/** Writes a header with a sender's flags. \return the place of the value */
uint8_t *stamp_tlv_begin(uint8_t *octets, enum stamp_tlv_type type, size_t length);

/** Pseudorandom octets of a seed; zeros of seed 0. */
void stamp_padding_write(uint8_t *octets, size_t length, uint32_t seed);
bool stamp_padding_is(const uint8_t *octets, size_t length, uint32_t seed);

/** What is asked of ports: first and count, behind the magic. */
void stamp_report_ask(uint8_t *value, uint16_t first, uint16_t count);
void stamp_report_write(uint8_t *value, const struct stamp_report *report);
void stamp_report_read(const uint8_t *value, struct stamp_report *ret_report);

/** What a report's value asks for. */
uint16_t stamp_report_first(const uint8_t *value);
uint16_t stamp_report_count(const uint8_t *value);

/** Signs all TLVs before the HMAC's value, which is at `value`. */
void stamp_tlvs_sign(
	const struct stamp_packet *packet, size_t hmac_at, uint8_t *ret_value);

#endif
