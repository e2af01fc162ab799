/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers send to a reflector, and what a reflector sends to us. The first octet
 * chooses: bit 0 the side, bit 1 keyed mode, bits 2 and 3 whether the packet and its TLVs
 * are signed for the fuzzer, who cannot guess an HMAC.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "media/reflection.h"
#include "media/stamp_tlv.h"

#define NOW_NS INT64_C(1764000000000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static enum stamp_port_state port_state(void *context, uint16_t port)
{
	(void)context;
	return port % STAMP_PORT_STATE_COUNT;
}

static struct stamp_key *shared_key(void)
{
	static struct stamp_key *key;

	if (!key)
		assert(stamp_key_new("0123456789abcdef0123456789abcdef", 32, &key) == 0);
	return key;
}

/* As long as the fuzzer runs: its sessions are what later packets meet. */
static struct reflection *shared_reflection(bool keyed)
{
	static struct reflection *reflections[2];
	const struct reflection_settings settings = {
		.key = keyed ? shared_key() : NULL,
		.port_first = 10000,
		.port_last = 20000,
		.clock_window_us = INT64_MAX / 4000,
		.port_state = port_state,
	};

	if (!reflections[keyed])
		reflections[keyed] = reflection_new(&settings);
	assert(reflections[keyed]);
	return reflections[keyed];
}

static void sign_tlvs(uint8_t *packet, size_t length)
{
	const struct stamp_packet whole = { packet, STAMP_KEYED_LENGTH, length,
		shared_key(), packet };
	struct stamp_tlv tlv;
	size_t at = whole.base;

	while (stamp_tlv_next(&whole, &at, &tlv) == TLV_FOUND)
		if (tlv.type == TLV_HMAC)
			stamp_tlvs_sign(&whole, tlv.at, packet + tlv.at + TLV_HEADER);
}

static void sign(uint8_t *packet, size_t length, unsigned how)
{
	size_t text = STAMP_KEYED_LENGTH - STAMP_TAG_LENGTH;

	if (length < STAMP_KEYED_LENGTH)
		return;
	if (how & 1)
		stamp_key_sign(shared_key(), (struct stamp_text){ packet, text },
			(struct stamp_text){ packet, 0 }, packet + text);
	if (how & 2)
		sign_tlvs(packet, length);
}

static void reflect(uint8_t *packet, size_t length, bool keyed)
{
	struct reflection *reflection = shared_reflection(keyed);
	struct reflection_arrival arrival = {
		.source = { { .family = FAMILY_IPV4, .bytes = { 192, 0, 2, 1 } }, 4000 },
		.port = 10000,
		.tos = 0xb8,
		.received_ns = NOW_NS,
		.sent_ns = NOW_NS,
		.now_us = 1000000,
	};
	struct stamp_reply reply;
	enum stamp_flaw flaw;
	uint8_t tos;

	if (length > 0)
		arrival.port = (uint16_t)(arrival.port + packet[length - 1]);
	if (reflection_judge(reflection, packet, length, &arrival, &tos) !=
		REFLECTION_ANSWERED)
		return;
	flaw = stamp_read_reply(packet, length, keyed ? shared_key() : NULL, 0, &reply);
	assert(flaw == STAMP_GOOD || flaw == STAMP_MALFORMED);
	assert(reply.received_ns == NOW_NS);
	assert(reflection_judge(reflection, packet, length, &arrival, &tos) ==
		REFLECTION_NO_REQUEST);
}

static void read_reply(const uint8_t *packet, size_t length, bool keyed)
{
	struct stamp_reply reply;

	if (stamp_read_reply(packet, length, keyed ? shared_key() : NULL, 7, &reply) !=
		STAMP_GOOD)
		return;
	assert(reply.report.count <= STAMP_REPORT_PORTS);
	assert(reply.report.first + reply.report.count <= 0x10000);
	for (unsigned i = 0; i < reply.report.count; i++)
		assert(reply.report.ports[i] < 16);
	assert(reply.class_dscp < 64 && reply.class_ecn < 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	uint8_t *packet;
	bool keyed;

	if (length == 0)
		return 0;
	packet = malloc(length);
	assert(packet);
	keyed = data[0] & 2;
	memcpy(packet, data + 1, length - 1);
	if (keyed)
		sign(packet, length - 1, data[0] >> 2);
	if (data[0] & 1)
		read_reply(packet, length - 1, keyed);
	else
		reflect(packet, length - 1, keyed);
	free(packet);
	return 0;
}
