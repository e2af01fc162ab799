/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a reflector does not answer: packets that are short, forged, recorded, too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "media/scene.h"

/* A reply of ours, sent back to us by whoever forged the address of a reflector. */
static void replies_are_not_answered(void **state)
{
	struct scene scene;

	(void)state;
	for (int keyed = 0; keyed < 2; keyed++) {
		scene_open(&scene, keyed);
		assert_answered(&scene, 0);
		assert_int_equal(judge(&scene), REFLECTION_NO_REQUEST);
		assert_int_equal(judge(&scene), REFLECTION_NO_REQUEST);
		scene_close(&scene);
	}
}

static void other_lengths_are_not_answered(void **state)
{
	struct scene scene;

	(void)state;
	for (int keyed = 0; keyed < 2; keyed++) {
		scene_open(&scene, keyed);
		scene.request.length = STAMP_LENGTH_MAX;
		write_request(&scene);
		for (scene.length = 0; scene.length < (keyed ? 112 : 44); scene.length++)
			assert_int_equal(judge(&scene), REFLECTION_SHORT);
		for (scene.length = STAMP_LENGTH_MAX + 1;
			scene.length <= 2 * STAMP_LENGTH_MAX; scene.length++)
			assert_int_equal(judge(&scene), REFLECTION_LONG);
		scene_close(&scene);
	}
}

/* Whatever is answered, the octets behind the packet stay as they were. */
static void no_reply_is_longer_than_its_request(void **state)
{
	struct scene scene;

	(void)state;
	for (int keyed = 0; keyed < 2; keyed++) {
		scene_open(&scene, keyed);
		scene.request.asks_class = true;
		scene.request.report_first = FIRST;
		scene.request.report_count = 100;
		for (size_t length = 44; length <= STAMP_LENGTH_MAX; length++) {
			scene.request.length = STAMP_LENGTH_MAX;
			write_request(&scene);
			memset(scene.packet + length, 0x5a, 64);
			scene.length = length;
			judge(&scene);
			for (size_t i = length; i < length + 64; i++)
				assert_int_equal(scene.packet[i], 0x5a);
		}
		scene_close(&scene);
	}
}

static void a_wrong_key_is_not_answered(void **state)
{
	struct scene scene;
	struct stamp_key *own, *other;

	(void)state;
	scene_open(&scene, true);
	own = scene.key;
	assert_int_equal(
		stamp_key_new("ffffffffffffffffffffffffffffffff", 32, &other), 0);
	scene.key = other;
	write_request(&scene);
	assert_int_equal(judge(&scene), REFLECTION_BAD_HMAC);
	scene.key = NULL;
	scene.request.length = 200;
	write_request(&scene);
	assert_true(judge(&scene) != REFLECTION_ANSWERED);
	assert_int_equal(reflection_count(scene.reflection, REFLECTION_ANSWERED), 0);
	scene.key = own;
	stamp_key_free(other);
	scene_close(&scene);
}

static void recorded_packets_are_not_answered(void **state)
{
	uint8_t recorded[STAMP_KEYED_LENGTH];
	struct scene scene;

	(void)state;
	scene_open(&scene, true);
	write_request(&scene);
	memcpy(recorded, scene.packet, sizeof(recorded));
	assert_int_equal(judge(&scene), REFLECTION_ANSWERED);
	/* From another address, or another port, at once. */
	memcpy(scene.packet, recorded, sizeof(recorded));
	scene.arrival.source.address = address_of("203.0.113.1");
	assert_int_equal(judge(&scene), REFLECTION_REPLAYED);
	scene.arrival.source.address = address_of("192.0.2.7");
	scene.arrival.source.port++;
	assert_int_equal(judge(&scene), REFLECTION_REPLAYED);
	scene.arrival.source.port--;
	/* Copies that the network makes are answered, but not for ever. */
	for (int i = 0; i < 3; i++) {
		memcpy(scene.packet, recorded, sizeof(recorded));
		assert_int_equal(judge(&scene), REFLECTION_ANSWERED);
	}
	memcpy(scene.packet, recorded, sizeof(recorded));
	assert_int_equal(judge(&scene), REFLECTION_REPLAYED);
	assert_answered(&scene, 4);
	/* Later, by half an hour, and by more than our patience. */
	write_request(&scene);
	memcpy(recorded, scene.packet, sizeof(recorded));
	assert_int_equal(judge(&scene), REFLECTION_ANSWERED);
	memcpy(scene.packet, recorded, sizeof(recorded));
	advance(&scene, 1001 * INT64_C(1000));
	assert_int_equal(judge(&scene), REFLECTION_REPLAYED);
	advance(&scene, 1800 * SECONDS);
	assert_int_equal(judge(&scene), REFLECTION_REPLAYED);
	advance(&scene, 1800 * SECONDS);
	assert_int_equal(judge(&scene), REFLECTION_STALE);
	scene_close(&scene);
}

static void clocks_may_be_wrong_by_so_much(void **state)
{
	static const struct {
		int64_t off_us;
		enum reflection_verdict verdict;
	} rows[] = {
		{ -3599 * SECONDS, REFLECTION_ANSWERED },
		{ 3599 * SECONDS, REFLECTION_ANSWERED },
		{ -3601 * SECONDS, REFLECTION_STALE },
		{ 3601 * SECONDS, REFLECTION_STALE },
	};
	struct scene scene;

	(void)state;
	scene_open(&scene, true);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		scene.arrival.received_ns = NOW_NS + rows[i].off_us * 1000;
		write_request(&scene);
		scene.arrival.received_ns = NOW_NS;
		assert_int_equal(judge(&scene), rows[i].verdict);
	}
	scene_close(&scene);
}

/* What was forgotten for lack of room is stale to who has no session. */
static void a_flood_does_not_make_replays_new(void **state)
{
	uint8_t recorded[STAMP_KEYED_LENGTH];
	struct scene scene;

	(void)state;
	scene_open(&scene, true);
	write_request(&scene);
	memcpy(recorded, scene.packet, sizeof(recorded));
	assert_int_equal(judge(&scene), REFLECTION_ANSWERED);
	for (int i = 0; i < 250000; i++) {
		advance(&scene, 10);
		assert_int_equal(send_one(&scene), REFLECTION_ANSWERED);
	}
	memcpy(scene.packet, recorded, sizeof(recorded));
	scene.arrival.source.address = address_of("203.0.113.1");
	assert_int_equal(judge(&scene), REFLECTION_STALE);
	/* A new sender whose clock is right is heard, and an old one whose clock is not.
	 */
	assert_answered(&scene, 0);
	scene.arrival.source.address = address_of("192.0.2.7");
	scene.arrival.received_ns -= INT64_C(5000000000);
	write_request(&scene);
	scene.arrival.received_ns += INT64_C(5000000000);
	assert_int_equal(judge(&scene), REFLECTION_ANSWERED);
	scene_close(&scene);
}

/* As many TLVs as fit, of every type there is. */
static void packets_full_of_tlvs_are_borne(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, false);
	for (unsigned type = 0; type < 256; type++) {
		scene.request.length = 0;
		write_request(&scene);
		for (size_t at = 44; at < STAMP_LENGTH_MAX; at += 4) {
			const uint8_t tlv[] = { 0x80, (uint8_t)type, 0, 0 };

			memcpy(scene.packet + at, tlv, sizeof(tlv));
		}
		scene.length = STAMP_LENGTH_MAX;
		assert_int_equal(judge(&scene), REFLECTION_ANSWERED);
	}
	scene_close(&scene);
}

/* As many sessions as anybody likes; those in use stay. */
static void sessions_are_bounded(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, false);
	for (uint32_t i = 0; i < 50000; i++) {
		scene.request.ssid = (uint16_t)(1000 + i);
		advance(&scene, 1);
		assert_answered(&scene, 0);
		if (i % 64 == 0) {
			scene.request.ssid = 77;
			assert_answered(&scene, i / 64);
		}
	}
	assert_in_range(
		reflection_sessions(scene.reflection, scene.arrival.now_us), 3000, 4096);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_not_answered),
		cmocka_unit_test(other_lengths_are_not_answered),
		cmocka_unit_test(no_reply_is_longer_than_its_request),
		cmocka_unit_test(a_wrong_key_is_not_answered),
		cmocka_unit_test(recorded_packets_are_not_answered),
		cmocka_unit_test(clocks_may_be_wrong_by_so_much),
		cmocka_unit_test(a_flood_does_not_make_replays_new),
		cmocka_unit_test(packets_full_of_tlvs_are_borne),
		cmocka_unit_test(sessions_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
