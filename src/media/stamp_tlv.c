/* SPDX-License-Identifier: Apache-2.0 */
#include "media/stamp_tlv.h"

#include <string.h>

#include "media/stamp_octets.h"

static const uint8_t magic[4] = { 'S', 'F', 'X', 'P' };

size_t stamp_report_octets(size_t ports)
{
	return TLV_REPORT_HEADER + (ports + 1) / 2;
}

uint16_t stamp_report_first(const uint8_t *value)
{
	return get_16(value + 4);
}

uint16_t stamp_report_count(const uint8_t *value)
{
	return get_16(value + 6);
}

static bool report_fits(const uint8_t *value, size_t length)
{
	uint32_t first, count;

	if (length < TLV_REPORT_HEADER || memcmp(value, magic, sizeof(magic)) != 0)
		return false;
	first = stamp_report_first(value);
	count = stamp_report_count(value);
	return count > 0 && count <= STAMP_REPORT_PORTS && first + count <= 0x10000 &&
		length == stamp_report_octets(count);
}

static bool value_fits(uint8_t type, const uint8_t *value, size_t length)
{
	switch (type) {
	case TLV_CLASS:
		return length == TLV_CLASS_LENGTH;
	case TLV_HMAC:
		return length == STAMP_TAG_LENGTH;
	case TLV_REPORT:
		return report_fits(value, length);
	default:
		return true;
	}
}

enum stamp_tlv_step stamp_tlv_next(
	const struct stamp_packet *packet, size_t *at, struct stamp_tlv *ret_tlv)
{
	const uint8_t *octets = packet->data + *at;
	size_t left = packet->length - *at;

	if (left < TLV_HEADER)
		return TLV_END;
	ret_tlv->flags = octets[0];
	ret_tlv->type = octets[1];
	ret_tlv->at = *at;
	ret_tlv->length = get_16(octets + 2);
	if (ret_tlv->length > left - TLV_HEADER ||
		!value_fits(ret_tlv->type, octets + TLV_HEADER, ret_tlv->length))
		return TLV_BAD;
	*at += TLV_HEADER + ret_tlv->length;
	return TLV_FOUND;
}

/* Over the sequence number and all TLVs before (4.8). */
static struct stamp_text sequence_of(const struct stamp_packet *packet)
{
	return (struct stamp_text){ packet->sequence, 4 };
}

static struct stamp_text before(const struct stamp_packet *packet, size_t hmac_at)
{
	return (struct stamp_text){ packet->data + packet->base, hmac_at - packet->base };
}

static bool hmac_fits(const struct stamp_packet *packet, size_t hmac_at)
{
	return packet->key &&
		stamp_key_verify(packet->key, sequence_of(packet),
			before(packet, hmac_at), packet->data + hmac_at + TLV_HEADER);
}

void stamp_tlvs_sign(
	const struct stamp_packet *packet, size_t hmac_at, uint8_t *ret_value)
{
	stamp_key_sign(
		packet->key, sequence_of(packet), before(packet, hmac_at), ret_value);
}

bool stamp_tlvs_good(const struct stamp_packet *packet)
{
	enum stamp_tlv_step step;
	struct stamp_tlv tlv;
	size_t hmac_at = 0, at = packet->base;
	bool told = false;

	while ((step = stamp_tlv_next(packet, &at, &tlv)) == TLV_FOUND) {
		if (tlv.type == TLV_PADDING)
			continue;
		/* Only padding may follow the HMAC (4.8). */
		if (hmac_at)
			return false;
		if (tlv.type == TLV_HMAC)
			hmac_at = tlv.at;
		else
			told = true;
	}
	if (step == TLV_BAD)
		return false;
	return hmac_at ? hmac_fits(packet, hmac_at) : !packet->key || !told;
}

uint8_t *stamp_tlv_begin(uint8_t *octets, enum stamp_tlv_type type, size_t length)
{
	octets[0] = TLV_UNRECOGNISED;
	octets[1] = (uint8_t)type;
	put_16(octets + 2, (uint16_t)length);
	return octets + TLV_HEADER;
}

/* Marsaglia's xorshift: four octets a step. */
static uint32_t step(uint32_t state)
{
	state ^= state << 13;
	state ^= state >> 17;
	return state ^ state << 5;
}

static uint8_t padding_octet(size_t place, uint32_t *state)
{
	if (place % 4 == 0)
		*state = step(*state);
	return (uint8_t)(*state >> place % 4 * 8);
}

void stamp_padding_write(uint8_t *octets, size_t length, uint32_t seed)
{
	for (size_t i = 0; i < length; i++)
		octets[i] = padding_octet(i, &seed);
}

bool stamp_padding_is(const uint8_t *octets, size_t length, uint32_t seed)
{
	for (size_t i = 0; i < length; i++)
		if (octets[i] != padding_octet(i, &seed))
			return false;
	return true;
}

void stamp_report_ask(uint8_t *value, uint16_t first, uint16_t count)
{
	memset(value, 0, stamp_report_octets(count));
	memcpy(value, magic, sizeof(magic));
	put_16(value + 4, first);
	put_16(value + 6, count);
}

void stamp_report_write(uint8_t *value, const struct stamp_report *report)
{
	uint8_t *ports = value + TLV_REPORT_HEADER;

	stamp_report_ask(value, report->first, report->count);
	for (size_t i = 0; i < report->count; i++)
		ports[i / 2] |= (uint8_t)((report->ports[i] & 0xfU) << (i % 2 ? 0 : 4));
}

void stamp_report_read(const uint8_t *value, struct stamp_report *ret_report)
{
	const uint8_t *ports = value + TLV_REPORT_HEADER;

	ret_report->first = stamp_report_first(value);
	ret_report->count = stamp_report_count(value);
	for (size_t i = 0; i < ret_report->count; i++)
		ret_report->ports[i] = ports[i / 2] >> (i % 2 ? 0 : 4) & 0xfU;
}
