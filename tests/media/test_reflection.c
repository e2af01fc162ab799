/* SPDX-License-Identifier: Apache-2.0 */
/* What a reflector answers, and what it tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "media/keyed_hash.h"
#include "media/scene.h"

static void requests_are_answered(void **state)
{
	struct scene scene;

	(void)state;
	for (int keyed = 0; keyed < 2; keyed++) {
		scene_open(&scene, keyed);
		assert_answered(&scene, 0);
		assert_int_equal(scene.reply.sender_sequence, 0);
		assert_int_equal(scene.reply.sender_ttl, 60);
		assert_int_equal(scene.reply.received_ns, NOW_NS);
		assert_int_equal(scene.reply.sent_ns, NOW_NS + 1000);
		assert_int_equal(scene.reply.ssid, 77);
		assert_int_equal(scene.tos, 46 << 2); /* ECN is the network's */
		scene.request.asks_class = true;
		scene.request.dscp = 10;
		assert_answered(&scene, 1);
		assert_int_equal(scene.tos, 10 << 2);
		assert_int_equal(scene.reply.class_dscp, 46);
		assert_int_equal(scene.reply.class_ecn, 1);
		assert_int_equal(
			reflection_count(scene.reflection, REFLECTION_ANSWERED), 2);
		assert_int_equal(reflection_sessions(scene.reflection, NOW_US), 1);
		assert_int_equal(
			reflection_sessions(scene.reflection, NOW_US + 11 * SECONDS), 0);
		scene_close(&scene);
	}
	reflection_free(NULL);
}

/* A clock that is set back between two looks at it. */
static void no_reply_leaves_before_its_request_came(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, false);
	write_request(&scene);
	scene.arrival.sent_ns = NOW_NS - 1;
	assert_int_equal(reflection_judge(scene.reflection, scene.packet, scene.length,
				 &scene.arrival, &scene.tos),
		REFLECTION_ANSWERED);
	assert_int_equal(
		stamp_read_reply(scene.packet, scene.length, NULL, 0, &scene.reply),
		STAMP_GOOD);
	assert_int_equal(scene.reply.sent_ns, NOW_NS);
	scene_close(&scene);
}

/* A session is its source and SSID over all ports; without SSID the four. */
static void sessions_are_counted_apart(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, false);
	assert_answered(&scene, 0);
	scene.arrival.source.port++;
	scene.arrival.port++;
	assert_answered(&scene, 1);
	scene.request.ssid = 78;
	assert_answered(&scene, 0);
	scene.arrival.source.address = address_of("192.0.2.8");
	assert_answered(&scene, 0);
	scene.request.ssid = 0;
	assert_answered(&scene, 0);
	assert_answered(&scene, 1);
	scene.arrival.port++;
	assert_answered(&scene, 0);
	scene.arrival.source.port++;
	assert_answered(&scene, 0);
	advance(&scene, 899 * SECONDS);
	assert_answered(&scene, 1);
	advance(&scene, 901 * SECONDS);
	assert_answered(&scene, 0);
	scene_close(&scene);
}

static bool told_arrived(struct scene *scene, uint16_t port)
{
	scene->request.report_first = port;
	scene->request.report_count = 1;
	assert_int_equal(send_one(scene), REFLECTION_ANSWERED);
	scene->request.report_count = 0;
	assert_int_equal(scene->reply.report.count, 1);
	return (scene->reply.report.ports[0] & STAMP_PORT_ARRIVED) != 0;
}

/* Another run that chose the number of an older one is not told what came of that. */
static void another_run_of_the_same_number(void **state)
{
	struct scene scene;

	(void)state;
	for (int keyed = 0; keyed < 2; keyed++) {
		scene_open(&scene, keyed);
		for (uint32_t i = 0; i < 50; i++) {
			scene.arrival.port = (uint16_t)(FIRST + i);
			assert_answered(&scene, i);
		}
		advance(&scene, 20 * SECONDS);
		scene.request.sequence = 0;
		scene.arrival.port = FIRST + 7;
		assert_answered(&scene, 0);
		assert_false(told_arrived(&scene, FIRST + 8));
		assert_true(told_arrived(&scene, FIRST + 7));
		scene.arrival.port = FIRST + 9;
		assert_answered(&scene, 3);
		assert_true(told_arrived(&scene, FIRST + 9));
		assert_false(told_arrived(&scene, FIRST + 10));
		scene_close(&scene);
	}
}

/* A long pause alone, packets that overtake each other, and numbers that begin again at
 * their end are of the same run. */
static void a_run_goes_on(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, false);
	scene.request.sequence = UINT32_MAX - 3;
	assert_answered(&scene, 0);
	scene.request.sequence = UINT32_MAX - 8;
	assert_answered(&scene, 1);
	advance(&scene, 60 * SECONDS);
	scene.request.sequence = UINT32_MAX - 1;
	assert_answered(&scene, 2);
	advance(&scene, 60 * SECONDS);
	scene.request.sequence = 3;
	assert_answered(&scene, 3);
	advance(&scene, 60 * SECONDS);
	/* who never counts */
	scene.request.sequence = 3;
	assert_answered(&scene, 4);
	scene_close(&scene);
}

static void only_listed_sources_are_answered(void **state)
{
	static const struct {
		const char *address;
		bool allowed;
	} rows[] = {
		{ "192.0.2.7", true }, { "192.0.2.255", true }, { "192.0.3.0", false },
		{ "198.51.100.8", true }, { "198.51.100.9", false },
		{ "203.0.113.127", true }, { "203.0.113.128", false },
		{ "2001:db8:1:2:3::", true }, { "2001:db8:1:3::", false },
		{ "c000:207::", false }, /* begins as 192.0.2.7 does */
	};
	const struct reflection_source sources[] = {
		{ address_of("192.0.2.0"), 24 },
		{ address_of("198.51.100.8"), 32 },
		{ address_of("203.0.113.0"), 25 },
		{ address_of("2001:db8:1:2::"), 64 },
	};
	struct reflection_settings settings = scene_settings(NULL);
	struct scene scene;

	(void)state;
	settings.sources = sources;
	settings.source_count = sizeof(sources) / sizeof(sources[0]);
	scene_open_with(&scene, &settings);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		scene.arrival.source.address = address_of(rows[i].address);
		assert_int_equal(send_one(&scene),
			rows[i].allowed ? REFLECTION_ANSWERED : REFLECTION_NOT_ALLOWED);
	}
	scene_close(&scene);
}

static size_t answered_of(struct scene *scene, size_t packets)
{
	size_t answered = 0;

	while (packets-- > 0)
		answered += send_one(scene) == REFLECTION_ANSWERED;
	return answered;
}

static void rates_are_limited(void **state)
{
	struct reflection_settings settings = scene_settings(NULL);
	struct scene scene;

	(void)state;
	settings.source_rate = (struct reflection_rate){ 10, 20 };
	settings.global_rate = (struct reflection_rate){ 100, 50 };
	scene_open_with(&scene, &settings);
	assert_int_equal(answered_of(&scene, 100), 20);
	advance(&scene, SECONDS);
	assert_int_equal(answered_of(&scene, 100), 10);
	advance(&scene, 3600 * SECONDS);
	assert_int_equal(answered_of(&scene, 100), 20);
	assert_int_equal(send_one(&scene), REFLECTION_SOURCE_RATE);
	/* All addresses of an IPv6 network are one source. */
	for (uint8_t i = 0; i < 25; i++) {
		scene.arrival.source.address = address_of("2001:db8::");
		scene.arrival.source.address.bytes[15] = i;
		assert_int_equal(send_one(&scene),
			i < 20 ? REFLECTION_ANSWERED : REFLECTION_SOURCE_RATE);
	}
	scene.arrival.source.address = address_of("2001:db8:0:1::");
	assert_int_equal(answered_of(&scene, 10), 10);
	assert_int_equal(send_one(&scene), REFLECTION_GLOBAL_RATE);
	scene_close(&scene);
}

static void assert_reported(struct scene *scene, uint16_t port, bool arrived)
{
	scene->request.report_first = port;
	scene->request.report_count = 1;
	scene->arrival.port = STAMP_PORT;
	assert_int_equal(send_one(scene), REFLECTION_ANSWERED);
	assert_int_equal(scene->reply.report.count, 1);
	assert_int_equal(scene->reply.report.first, port);
	assert_int_equal(scene->reply.report.ports[0],
		port % 4 | (arrived ? STAMP_PORT_ARRIVED : 0));
	scene->request.report_count = 0;
}

static void arrive_at(struct scene *scene, uint16_t port)
{
	scene->arrival.port = port;
	assert_int_equal(send_one(scene), REFLECTION_ANSWERED);
}

static void arrivals_are_reported(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, true);
	assert_reported(&scene, FIRST, false);
	assert_reported(&scene, 1, false);
	arrive_at(&scene, 15003);
	assert_reported(&scene, 15003, true);
	assert_reported(&scene, 15004, false);
	arrive_at(&scene, FIRST);
	arrive_at(&scene, LAST);
	assert_reported(&scene, FIRST, true);
	assert_reported(&scene, 15003, true);
	assert_reported(&scene, LAST, true);
	assert_reported(&scene, LAST - 1, false);
	assert_reported(&scene, LAST + 1, false);
	/* Not to another session, and another one's are not ours. */
	scene.request.ssid++;
	assert_reported(&scene, 15003, false);
	scene_close(&scene);
}

/* More sweeps at once than are remembered: the oldest one is told nothing. */
static void forgotten_arrivals_are_not_reported(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, false);
	for (uint16_t i = 0; i < 65; i++) {
		scene.request.ssid = (uint16_t)(100 + i);
		advance(&scene, 1000);
		arrive_at(&scene, FIRST);
		arrive_at(&scene, LAST);
	}
	assert_reported(&scene, LAST, true);
	scene.request.ssid = 101;
	assert_reported(&scene, LAST, true);
	scene.request.ssid = 100;
	scene.request.report_first = FIRST;
	scene.request.report_count = 3;
	assert_int_equal(send_one(&scene), REFLECTION_ANSWERED);
	assert_int_equal(scene.reply.report.count, 0);
	assert_int_equal(scene.reply.sequence, 2);
	arrive_at(&scene, FIRST + 1);
	assert_int_equal(send_one(&scene), REFLECTION_ANSWERED);
	assert_int_equal(scene.reply.report.count, 0);
	scene_close(&scene);
}

static void verdicts_have_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < REFLECTION_VERDICT_COUNT; i++)
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(
				reflection_verdict_name(i), reflection_verdict_name(j));
}

static unsigned callocs_left;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	if (callocs_left > 0 && --callocs_left == 0)
		return NULL;
	return __real_calloc(count, size);
}

static void lack_of_memory_is_told(void **state)
{
	struct reflection_settings settings;
	struct reflection *reflection = NULL;
	struct scene scene;

	(void)state;
	scene_open(&scene, true);
	settings = scene_settings(scene.key);
	for (unsigned left = 1; !reflection; left++) {
		callocs_left = left;
		reflection = reflection_new(&settings);
		assert_true(left < 10);
	}
	callocs_left = 0;
	reflection_free(reflection);
	scene_close(&scene);
}

/* Of the paper, appendix A. */
static void the_hash_is_siphash(void **state)
{
	uint8_t octets[16];

	(void)state;
	for (uint8_t i = 0; i < 16; i++)
		octets[i] = i;
	assert_true(keyed_hash(octets, octets, 15) == UINT64_C(0xa129ca6149be45e5));
	assert_true(keyed_hash(octets, octets, 0) == UINT64_C(0x726fdb47dd0e0e31));
	assert_true(keyed_hash(octets, octets, 8) == UINT64_C(0x93f5f5799a932462));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_answered),
		cmocka_unit_test(no_reply_leaves_before_its_request_came),
		cmocka_unit_test(sessions_are_counted_apart),
		cmocka_unit_test(another_run_of_the_same_number),
		cmocka_unit_test(a_run_goes_on),
		cmocka_unit_test(only_listed_sources_are_answered),
		cmocka_unit_test(rates_are_limited),
		cmocka_unit_test(arrivals_are_reported),
		cmocka_unit_test(forgotten_arrivals_are_not_reported),
		cmocka_unit_test(verdicts_have_names),
		cmocka_unit_test(lack_of_memory_is_told),
		cmocka_unit_test(the_hash_is_siphash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
