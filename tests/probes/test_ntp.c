/* SPDX-License-Identifier: Apache-2.0 */
/* What no real time server does on command; those are in test_chrony.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/ntp_message.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/udp_partner.h"
#include "probes/virtual_time.h"

#define SHORTLY (250 * MILLISECOND)

enum {
	GAUGE_STRAYS,
	GAUGE_RETRANSMISSIONS,
	GAUGE_OFFSET,
	GAUGE_DELAY,
	GAUGE_STRATUM,
	GAUGE_LEAP,
	GAUGE_ROOT_DELAY,
	GAUGE_ROOT_DISPERSION,
	GAUGE_STAMPED,
};

/* How an answer departs from that of a good server of stratum 2. */
struct reply {
	unsigned flags;   /* 0 = leap 0, version 4, mode 4 */
	unsigned stratum; /* 0 = 2, 99 = really 0 */
	const char *reference;
	uint32_t root_delay, root_dispersion; /* 16.16 */
	int64_t ahead_us;
	bool foreign_origin, zero_transmit, zero_receive, from_elsewhere;
	size_t length; /* 0 = 48 */
};

struct scene {
	const char *what;
	const char *options[5];
	unsigned deaf; /* requests left without an answer */
	struct reply replies[2];
	unsigned reply_count;
	enum verdict verdict;
	enum cause cause;
	unsigned requests;
	const char *detail;
};

static const struct scene scenes[] = {
	{ "a good answer", { NULL }, 0, { { 0 } }, 1, VERDICT_OK, CAUSE_NONE, 1, "" },
	{ "version 3", { NULL }, 0, { { .flags = 0x1c } }, 1, VERDICT_OK, CAUSE_NONE, 1,
		"" },
	{ "a MAC after it", { NULL }, 0, { { .length = 68 } }, 1, VERDICT_OK, CAUSE_NONE,
		1, "" },
	{ "silence", { "repeat_after", "20ms", NULL }, 9, { { 0 } }, 1, VERDICT_FAILED,
		CAUSE_TIMEOUT, 4, "" },
	{ "silence, asked once", { "repeat_after", "0s", NULL }, 9, { { 0 } }, 1,
		VERDICT_FAILED, CAUSE_TIMEOUT, 1, "" },
	{ "the second request is answered", { "repeat_after", "20ms", NULL }, 1,
		{ { 0 } }, 1, VERDICT_OK, CAUSE_NONE, 2, "" },
	{ "the fourth request is answered", { "repeat_after", "20ms", NULL }, 3,
		{ { 0 } }, 1, VERDICT_OK, CAUSE_NONE, 4, "" },
	{ "an answer to nobody's request", { NULL }, 0, { { .foreign_origin = true } }, 1,
		VERDICT_FAILED, CAUSE_NTP_BAD_ORIGIN, 1, "" },
	{ "a forged answer, then the right one", { NULL }, 0,
		{ { .foreign_origin = true }, { 0 } }, 2, VERDICT_OK, CAUSE_NONE, 1, "" },
	{ "an answer from elsewhere", { NULL }, 0, { { .from_elsewhere = true } }, 1,
		VERDICT_FAILED, CAUSE_WRONG_SOURCE, 1, NULL },
	{ "leap 3", { NULL }, 0, { { .flags = 0xe4 } }, 1, VERDICT_FAILED,
		CAUSE_NTP_UNSYNCHRONISED, 1, "" },
	{ "stratum 16", { NULL }, 0, { { .stratum = 16 } }, 1, VERDICT_FAILED,
		CAUSE_NTP_UNSYNCHRONISED, 1, "" },
	{ "stratum 15", { NULL }, 0, { { .stratum = 15 } }, 1, VERDICT_OK, CAUSE_NONE, 1,
		"" },
	{ "root distance", { NULL }, 0,
		{ { .root_delay = 2 << 16, .root_dispersion = 5 << 15 } }, 1,
		VERDICT_FAILED, CAUSE_NTP_UNSYNCHRONISED, 1, "root distance 3.500 s" },
	{ "a kiss of death", { NULL }, 0, { { .stratum = 99, .reference = "RATE" } }, 1,
		VERDICT_FAILED, CAUSE_NTP_KOD, 1, "RATE" },
	{ "a short kiss of death", { NULL }, 0,
		{ { .stratum = 99, .flags = 0xe4, .reference = "ABC\0" } }, 1,
		VERDICT_FAILED, CAUSE_NTP_KOD, 1, "ABC" },
	{ "stratum 0 without a kiss", { NULL }, 0,
		{ { .stratum = 99, .reference = "\0\0\0\0" } }, 1, VERDICT_FAILED,
		CAUSE_NTP_UNSYNCHRONISED, 1, "" },
	{ "stratum 0 with an address", { NULL }, 0,
		{ { .stratum = 99, .reference = "A\0B\0" } }, 1, VERDICT_FAILED,
		CAUSE_NTP_UNSYNCHRONISED, 1, "" },
	{ "a forged kiss of death", { NULL }, 0,
		{ { .stratum = 99, .reference = "DENY", .foreign_origin = true } }, 1,
		VERDICT_FAILED, CAUSE_NTP_BAD_ORIGIN, 1, "" },
	{ "no time in it", { NULL }, 0, { { .zero_transmit = true } }, 1, VERDICT_FAILED,
		CAUSE_GARBAGE, 1, "a time stamp is zero" },
	{ "no time of our arrival", { NULL }, 0, { { .zero_receive = true } }, 1,
		VERDICT_FAILED, CAUSE_GARBAGE, 1, "a time stamp is zero" },
	{ "our own request", { NULL }, 0, { { .flags = 0x23 } }, 1, VERDICT_FAILED,
		CAUSE_GARBAGE, 1, NULL },
	{ "version 7", { NULL }, 0, { { .flags = 0x3c } }, 1, VERDICT_FAILED,
		CAUSE_GARBAGE, 1, NULL },
	{ "a reserved stratum", { NULL }, 0, { { .stratum = 17 } }, 1, VERDICT_FAILED,
		CAUSE_GARBAGE, 1, NULL },
	{ "an octet short", { NULL }, 0, { { .length = 47 } }, 1, VERDICT_FAILED,
		CAUSE_GARBAGE, 1, NULL },
	{ "an octet more", { NULL }, 0, { { .length = 49 } }, 1, VERDICT_FAILED,
		CAUSE_GARBAGE, 1, NULL },
	{ "a minute ahead", { NULL }, 0, { { .ahead_us = MINUTE } }, 1, VERDICT_DEGRADED,
		CAUSE_NTP_OFFSET, 1, NULL },
	{ "a minute behind", { NULL }, 0, { { .ahead_us = -MINUTE } }, 1,
		VERDICT_DEGRADED, CAUSE_NTP_OFFSET, 1, NULL },
	{ "a minute ahead where that is good enough", { "offset_max", "2m", NULL }, 0,
		{ { .ahead_us = MINUTE } }, 1, VERDICT_OK, CAUSE_NONE, 1, "" },
};

static void put(uint8_t *octets, uint64_t value, int count)
{
	while (count-- > 0) {
		octets[count] = (uint8_t)value;
		value >>= 8;
	}
}

static void answer(
	struct udp_partner *partner, const struct reply *reply, const uint8_t *question)
{
	uint64_t now = ntp_of_wall(clock_wall_us() + reply->ahead_us);
	size_t length = reply->length ? reply->length : NTP_MESSAGE_LENGTH;
	uint8_t packet[80] = { 0 };

	packet[0] = (uint8_t)(reply->flags ? reply->flags : 0x24);
	packet[1] = (uint8_t)(reply->stratum == 99 ? 0
			: reply->stratum           ? reply->stratum
						   : 2);
	put(packet + 4, reply->root_delay, 4);
	put(packet + 8, reply->root_dispersion, 4);
	if (reply->reference)
		memcpy(packet + 12, reply->reference, 4);
	memcpy(packet + 24, question + 40, 8);
	if (reply->foreign_origin)
		packet[24] ^= 1;
	if (!reply->zero_receive)
		put(packet + 32, now, 8);
	if (!reply->zero_transmit)
		put(packet + 40, now, 8);
	if (reply->from_elsewhere)
		partner_says_from_elsewhere(partner, packet, length);
	else
		partner_says(partner, packet, length);
}

/* Nothing but the random stamp may be told of us. */
static void assert_request(const uint8_t *question, size_t length)
{
	static const uint8_t zero[39];

	assert_int_equal(length, NTP_MESSAGE_LENGTH);
	assert_int_equal(question[0], 0x23);
	assert_memory_equal(question + 1, zero, sizeof(zero));
	assert_memory_not_equal(question + 40, zero, 8);
}

static void play_replies(
	struct udp_partner *partner, const uint8_t *question, size_t length)
{
	const struct scene *scene = partner->script;

	assert_request(question, length);
	if (partner->questions <= scene->deaf)
		return;
	for (unsigned i = 0; i < scene->reply_count; i++)
		answer(partner, &scene->replies[i], question);
}

static struct outcome play(struct harness *harness, const struct scene *scene)
{
	unsigned questions;
	struct outcome outcome = udp_partner_asked(harness, play_replies, scene,
		(struct trial){ .kind = probe_ntp(),
			.options = scene->options,
			.timeout_us = SHORTLY },
		&questions);

	assert_int_equal(questions, scene->requests);
	harness_found(scene->what, &outcome, scene->verdict, scene->cause, scene->detail);
	return outcome;
}

static void test_scenes(void **state)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		const struct scene *scene = &scenes[i];
		struct outcome outcome;

		print_message("%s\n", scene->what);
		outcome = play(*state, scene);
		assert_true(outcome.values[GAUGE_RETRANSMISSIONS] == scene->requests - 1);
		/* what a kiss, a forgery or nobody said is not the server's time */
		if (scene->verdict == VERDICT_FAILED)
			assert_false(outcome_has_value(&outcome, GAUGE_OFFSET));
	}
}

static void assert_near(double value, double expected, double tolerance)
{
	print_message("%.6f, expected %.6f\n", value, expected);
	assert_true(value > expected - tolerance && value < expected + tolerance);
}

static void test_gauges(void **state)
{
	static const struct scene scene = { "half a second behind, stratum 3", { NULL },
		0,
		{ { .flags = 0x64,
			.stratum = 3,
			.root_delay = 1 << 15,
			.root_dispersion = 1 << 14,
			.ahead_us = -SECOND / 2 } },
		1, VERDICT_OK, CAUSE_NONE, 1, "" };
	struct outcome outcome = play(*state, &scene);

	assert_near(outcome.values[GAUGE_OFFSET], -0.5, 1e-6);
	assert_near(outcome.values[GAUGE_DELAY], 0, 1e-6);
	assert_true(outcome.values[GAUGE_STRATUM] == 3);
	assert_true(outcome.values[GAUGE_LEAP] == 1);
	assert_true(outcome.values[GAUGE_ROOT_DELAY] == 0.5);
	assert_true(outcome.values[GAUGE_ROOT_DISPERSION] == 0.25);
	assert_true(outcome.values[GAUGE_STAMPED] == 0);
	assert_true(outcome.values[GAUGE_STRAYS] == 0);
}

static void test_closed_port(void **state)
{
	udp_refusal_is_told(*state, probe_ntp());
}

/* Stopped while the repetition is still to come. */
static void test_abandoned(void **state)
{
	unsigned questions;

	udp_partner_asked(*state, NULL, NULL,
		(struct trial){
			.kind = probe_ntp(), .timeout_us = SHORTLY, .abandon = true },
		&questions);
	assert_int_equal(questions, 1);
}

/* RFC 5905 figure 4: the epochs; and across the end of the era. */
static void test_stamps(void **state)
{
	uint64_t end_of_era = UINT64_C(0xffffffff) << 32;

	(void)state;
	assert_true(ntp_of_wall(0) == UINT64_C(2208988800) << 32);
	assert_true(ntp_of_wall(SECOND / 2) == (UINT64_C(2208988800) << 32 | 1U << 31));
	/* 2036-02-07 06:28:16, as the RFC has it: 0 again */
	assert_true(ntp_of_wall(INT64_C(2085978496) * SECOND) == 0);
	assert_near(ntp_seconds_between(end_of_era, UINT64_C(2) << 32), 3, 1e-9);
	assert_near(ntp_seconds_between(UINT64_C(2) << 32, end_of_era), -3, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_gauges),
		cmocka_unit_test(test_closed_port),
		cmocka_unit_test(test_abandoned),
		cmocka_unit_test(test_stamps),
	};

	return cmocka_run_group_tests(tests, virtual_set_up, harness_tear_down);
}
