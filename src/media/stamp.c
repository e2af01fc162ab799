/* SPDX-License-Identifier: Apache-2.0 */
#include "media/stamp.h"

#include <assert.h>
#include <string.h>

#include "media/stamp_octets.h"
#include "media/stamp_tlv.h"

/* Where the fields of both directions stand (RFC 8762, figures 2, 5, 6 and 8). */
struct layout {
	size_t length;
	size_t sent, error, ssid;
	size_t received, sender_sequence, sender_sent, sender_error, sender_ttl;
	size_t zero_end; /* a request is zero from behind the SSID to here */
};

static const struct layout layouts[] = {
	{ STAMP_OPEN_LENGTH, 4, 12, 14, 16, 24, 28, 36, 40, STAMP_OPEN_LENGTH },
	{ STAMP_KEYED_LENGTH, 16, 24, 26, 32, 48, 64, 72, 80, 96 },
};

static const struct layout *layout_of(const struct stamp_key *key)
{
	return &layouts[key != NULL];
}

/* The HMAC of the packet covers all before it (RFC 8762, section 4.4). */
static struct stamp_text covered(const uint8_t *packet)
{
	return (struct stamp_text){ packet, STAMP_KEYED_LENGTH - STAMP_TAG_LENGTH };
}

static bool sign(uint8_t *packet, const struct stamp_key *key)
{
	return !key ||
		stamp_key_sign(key, covered(packet), (struct stamp_text){ packet, 0 },
			packet + STAMP_KEYED_LENGTH - STAMP_TAG_LENGTH);
}

static bool is_signed(const uint8_t *packet, const struct stamp_key *key)
{
	return !key ||
		stamp_key_verify(key, covered(packet), (struct stamp_text){ packet, 0 },
			packet + STAMP_KEYED_LENGTH - STAMP_TAG_LENGTH);
}

static struct stamp_packet packet_of(
	const uint8_t *data, size_t length, const struct stamp_key *key)
{
	return (struct stamp_packet){ data, layout_of(key)->length, length, key, data };
}

static bool is_zero(const uint8_t *octets, size_t length)
{
	uint8_t any = 0;

	for (size_t i = 0; i < length; i++)
		any |= octets[i];
	return any == 0;
}

/* What follows the packet itself, without padding. */
static size_t tlvs_length(
	const struct stamp_request *request, const struct stamp_key *key)
{
	size_t length = 0;

	if (request->asks_class)
		length += TLV_HEADER + TLV_CLASS_LENGTH;
	if (request->report_count)
		length += TLV_HEADER + stamp_report_octets(request->report_count);
	if (key && length)
		length += TLV_HEADER + STAMP_TAG_LENGTH;
	return length;
}

static size_t padding_length(const struct stamp_request *request, size_t length)
{
	if (request->length <= length)
		return 0;
	if (request->length < length + TLV_HEADER)
		return TLV_HEADER;
	return request->length - length;
}

/* The padding stands last, outside of what the HMAC covers: altered octets of it show. */
static void write_tlvs(uint8_t *packet, size_t end, const struct stamp_request *request,
	const struct stamp_key *key)
{
	const struct stamp_packet whole = packet_of(packet, end, key);
	uint8_t *at = packet + whole.base;

	if (request->asks_class) {
		at = stamp_tlv_begin(at, TLV_CLASS, TLV_CLASS_LENGTH);
		put_32(at, (uint32_t)request->dscp << 26);
		at += TLV_CLASS_LENGTH;
	}
	if (request->report_count) {
		at = stamp_tlv_begin(
			at, TLV_REPORT, stamp_report_octets(request->report_count));
		stamp_report_ask(at, request->report_first, request->report_count);
		at += stamp_report_octets(request->report_count);
	}
	if (key && at > packet + whole.base) {
		size_t hmac_at = (size_t)(at - packet);

		at = stamp_tlv_begin(at, TLV_HMAC, STAMP_TAG_LENGTH);
		stamp_tlvs_sign(&whole, hmac_at, at);
		at += STAMP_TAG_LENGTH;
	}
	if (at < packet + end) {
		size_t rest = (size_t)(packet + end - at) - TLV_HEADER;

		at = stamp_tlv_begin(at, TLV_PADDING, rest);
		stamp_padding_write(at, rest, request->padding);
	}
}

size_t stamp_write_request(uint8_t *buffer, size_t size,
	const struct stamp_request *request, const struct stamp_key *key)
{
	const struct layout *layout = layout_of(key);
	size_t length = layout->length + tlvs_length(request, key);

	assert(request->dscp < 64 && request->report_count <= STAMP_REPORT_PORTS &&
		request->report_first + request->report_count <= 0x10000);
	length += padding_length(request, length);
	if (length > size || length > STAMP_LENGTH_MAX)
		return 0;
	memset(buffer, 0, layout->length);
	put_32(buffer, request->sequence);
	stamp_put_time(buffer + layout->sent, request->sent_ns);
	put_16(buffer + layout->error, request->error);
	put_16(buffer + layout->ssid, request->ssid);
	if (!sign(buffer, key))
		return 0;
	write_tlvs(buffer, length, request, key);
	return length;
}

static enum stamp_flaw judge_length(size_t length, const struct stamp_key *key)
{
	if (length < layout_of(key)->length)
		return STAMP_SHORT;
	return length > STAMP_LENGTH_MAX ? STAMP_LONG : STAMP_GOOD;
}

static void request_tlv(
	const uint8_t *value, const struct stamp_tlv *tlv, struct stamp_request *request)
{
	if (tlv->type == TLV_CLASS && !request->asks_class) {
		request->asks_class = true;
		request->dscp = value[0] >> 2;
	} else if (tlv->type == TLV_REPORT && !request->report_count) {
		request->report_first = stamp_report_first(value);
		request->report_count = stamp_report_count(value);
	}
}

enum stamp_flaw stamp_read_request(const uint8_t *data, size_t length,
	const struct stamp_key *key, struct stamp_request *ret_request)
{
	const struct layout *layout = layout_of(key);
	const struct stamp_packet whole = packet_of(data, length, key);
	struct stamp_request request = { .length = length };
	enum stamp_flaw flaw = judge_length(length, key);
	struct stamp_tlv tlv;
	size_t at = whole.base;

	if (flaw != STAMP_GOOD)
		return flaw;
	/*
	 * RFC 8762 would have these octets ignored. A reply has its time of reception in
	 * them, so two reflectors that do look cannot answer each other for ever.
	 */
	if (!is_zero(data + layout->ssid + 2, layout->zero_end - layout->ssid - 2))
		return STAMP_NO_REQUEST;
	if (!is_signed(data, key))
		return STAMP_BAD_HMAC;
	request.sequence = get_32(data);
	request.error = get_16(data + layout->error);
	request.ssid = get_16(data + layout->ssid);
	request.sent_ns = stamp_get_time(data + layout->sent, request.error);
	request.tlvs_good = stamp_tlvs_good(&whole);
	while (request.tlvs_good && stamp_tlv_next(&whole, &at, &tlv) == TLV_FOUND)
		request_tlv(data + tlv.at + TLV_HEADER, &tlv, &request);
	*ret_request = request;
	return STAMP_GOOD;
}

/* DSCP1 (6), DSCP2 (6), ECN (2), RP (2), reserved (16): RFC 8972, figure 15. */
static void fill_class(uint8_t *value, const struct stamp_answer *answer)
{
	uint16_t asked = get_16(value) & 0xfc00U;

	put_16(value, (uint16_t)(asked | answer->dscp << 4 | answer->ecn << 2));
	put_16(value + 2, 0);
}

static bool fill_report(uint8_t *value, const struct stamp_report *report, bool *done)
{
	if (!report || *done)
		return false;
	assert(report->first == stamp_report_first(value) &&
		report->count == stamp_report_count(value));
	stamp_report_write(value, report);
	*done = true;
	return true;
}

/* \return the flags of the TLV in the reply */
static uint8_t fill_tlv(uint8_t *value, const struct stamp_tlv *tlv,
	const struct stamp_answer *answer, bool *reported)
{
	switch (tlv->type) {
	case TLV_CLASS:
		fill_class(value, answer);
		return 0;
	case TLV_REPORT:
		return fill_report(value, answer->report, reported) ? 0
								    : TLV_UNRECOGNISED;
	case TLV_PADDING:
	case TLV_HMAC:
		return 0;
	default:
		return TLV_UNRECOGNISED;
	}
}

static void answer_tlvs(uint8_t *packet, const struct stamp_packet *whole,
	const struct stamp_answer *answer)
{
	size_t at = whole->base;
	struct stamp_tlv tlv;
	bool reported = false;

	while (stamp_tlv_next(whole, &at, &tlv) == TLV_FOUND) {
		uint8_t *value = packet + tlv.at + TLV_HEADER;

		packet[tlv.at] = fill_tlv(value, &tlv, answer, &reported);
		if (tlv.type == TLV_HMAC)
			stamp_tlvs_sign(whole, tlv.at, value);
	}
}

/* The malformed one gets M; where none is, all failed their HMAC and get I (4, 4.8). */
static void refuse_tlvs(uint8_t *packet, const struct stamp_packet *whole)
{
	size_t at = whole->base;
	struct stamp_tlv tlv;
	enum stamp_tlv_step step;

	while ((step = stamp_tlv_next(whole, &at, &tlv)) == TLV_FOUND)
		packet[tlv.at] = 0;
	if (step == TLV_BAD) {
		packet[tlv.at] = TLV_MALFORMED;
		return;
	}
	at = whole->base;
	while (stamp_tlv_next(whole, &at, &tlv) == TLV_FOUND)
		packet[tlv.at] = TLV_INTEGRITY;
}

void stamp_make_reply(uint8_t *packet, size_t length, const struct stamp_key *key,
	const struct stamp_answer *answer)
{
	const struct layout *layout = layout_of(key);
	const struct stamp_packet whole = packet_of(packet, length, key);

	memcpy(packet + layout->sender_sequence, packet, 4);
	memcpy(packet + layout->sender_sent, packet + layout->sent, 8);
	memcpy(packet + layout->sender_error, packet + layout->error, 2);
	packet[layout->sender_ttl] = answer->ttl;
	memset(packet + 4, 0, layout->sent - 4);
	put_32(packet, answer->sequence);
	stamp_put_time(packet + layout->sent, answer->sent_ns);
	put_16(packet + layout->error, answer->error);
	stamp_put_time(packet + layout->received, answer->received_ns);
	sign(packet, key);
	if (answer->tlvs_good)
		answer_tlvs(packet, &whole, answer);
	else
		refuse_tlvs(packet, &whole);
}

static void read_base(
	const uint8_t *data, const struct layout *layout, struct stamp_reply *reply)
{
	reply->sequence = get_32(data);
	reply->error = get_16(data + layout->error);
	reply->ssid = get_16(data + layout->ssid);
	reply->sent_ns = stamp_get_time(data + layout->sent, reply->error);
	reply->received_ns = stamp_get_time(data + layout->received, reply->error);
	reply->sender_sequence = get_32(data + layout->sender_sequence);
	reply->sender_error = get_16(data + layout->sender_error);
	reply->sender_sent_ns =
		stamp_get_time(data + layout->sender_sent, reply->sender_error);
	reply->sender_ttl = data[layout->sender_ttl];
	reply->class_told = false;
	reply->class_refused = false;
	reply->class_dscp = 0;
	reply->class_ecn = 0;
	reply->padding_altered = false;
	reply->report.first = 0;
	reply->report.count = 0;
}

static void read_tlv(const uint8_t *value, const struct stamp_tlv *tlv, uint32_t padding,
	struct stamp_reply *reply)
{
	uint16_t class;

	switch (tlv->type) {
	case TLV_CLASS:
		class = get_16(value);
		reply->class_told = true;
		reply->class_dscp = class >> 4 & 0x3f;
		reply->class_ecn = class >> 2 & 0x3;
		reply->class_refused = (class & 0x3) != 0;
		break;
	case TLV_REPORT:
		stamp_report_read(value, &reply->report);
		break;
	case TLV_PADDING:
		if (padding && !stamp_padding_is(value, tlv->length, padding))
			reply->padding_altered = true;
		break;
	}
}

static bool any_refused(const struct stamp_packet *whole)
{
	size_t at = whole->base;
	struct stamp_tlv tlv;

	while (stamp_tlv_next(whole, &at, &tlv) == TLV_FOUND)
		if (tlv.flags & (TLV_MALFORMED | TLV_INTEGRITY))
			return true;
	return false;
}

enum stamp_flaw stamp_read_reply(const uint8_t *data, size_t length,
	const struct stamp_key *key, uint32_t padding, struct stamp_reply *ret_reply)
{
	const struct layout *layout = layout_of(key);
	const struct stamp_packet whole = packet_of(data, length, key);
	enum stamp_flaw flaw = judge_length(length, key);
	struct stamp_tlv tlv;
	size_t at = whole.base;

	if (flaw != STAMP_GOOD)
		return flaw;
	if (is_zero(data + layout->received, 8))
		return STAMP_NO_REPLY;
	if (!is_signed(data, key))
		return STAMP_BAD_HMAC;
	read_base(data, layout, ret_reply);
	if (!stamp_tlvs_good(&whole) || any_refused(&whole))
		return STAMP_MALFORMED;
	while (stamp_tlv_next(&whole, &at, &tlv) == TLV_FOUND)
		if (!(tlv.flags & TLV_UNRECOGNISED))
			read_tlv(data + tlv.at + TLV_HEADER, &tlv, padding, ret_reply);
	return STAMP_GOOD;
}
