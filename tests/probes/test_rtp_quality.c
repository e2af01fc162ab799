/* SPDX-License-Identifier: Apache-2.0 */
/* Loss that is no block, ports that are not held, and reflectors of all sorts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/rtp_rows.h"
#include "probes/rtp_world.h"

/* The same numbers in every test. */
static uint32_t dice;

static bool one_in(unsigned sides)
{
	dice = dice * 1664525U + 1013904223U;
	return (dice >> 8) % sides == 0;
}

static bool path_loses_forward(
	struct range_partner *partner, enum range_way way, int index)
{
	(void)partner;
	(void)index;
	return way == RANGE_BACKWARD || !one_in(10);
}

static bool path_loses_both(struct range_partner *partner, enum range_way way, int index)
{
	(void)partner;
	(void)index;
	return !one_in(way == RANGE_FORWARD ? 20 : 8);
}

static bool path_loses_little(
	struct range_partner *partner, enum range_way way, int index)
{
	(void)partner;
	(void)way;
	(void)index;
	return !one_in(100);
}

/* What is lost is told apart from what is blocked, and by direction. */
static void test_loss_blames_no_port(void **state)
{
	static const struct {
		range_path_fn path;
		double forward, backward;
	} rows[] = {
		{ path_loses_forward, 0.1, 0 },
		{ path_loses_both, 0.05, 0.125 },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		double forward = 0, backward = 0;
		struct world world;

		dice = 1;
		world_open(&world);
		world.partner.path = rows[i].path;
		for (int runs = 0; runs < 10; runs++) {
			run_with(&world, "ports_per_run", "300");
			assert_found(&world, VERDICT_DEGRADED, CAUSE_LOSS);
			assert_true(value(&world, RTP_ROW_PORTS + PORT_OPEN) == PORTS);
			forward += value(&world, RTP_ROW_FORWARD) / 10;
			backward += value(&world, RTP_ROW_BACKWARD) / 10;
		}
		/* 3,000 packets: two standard errors and a bit */
		assert_true(fabs(forward - rows[i].forward) < 0.013);
		assert_true(fabs(backward - rows[i].backward) < 0.015);
		assert_true(value(&world, RTP_ROW_RETRANSMISSIONS) > 0);
		world_close(&world);
	}
}

static void test_little_loss_is_borne(void **state)
{
	struct world world;

	(void)state;
	dice = 1;
	world_open(&world);
	world.partner.path = path_loses_little;
	assert_ok(run_with(&world, "ports_per_run", "300"));
	assert_true(value(&world, RTP_ROW_FIRST_TRIES) > 0);
	world_close(&world);
}

/* Every fifth port of the range is blocked as well. */
static bool path_loses_and_blocks(
	struct range_partner *partner, enum range_way way, int index)
{
	if (index >= 0 && index % 5 == 2)
		return way == RANGE_FORWARD && index % 2 == 0;
	return path_loses_both(partner, way, index);
}

static void test_loss_beside_blocks(void **state)
{
	struct world world;

	(void)state;
	dice = 1;
	world_open(&world);
	world.partner.path = path_loses_and_blocks;
	sweep(&world);
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	for (int i = 0; i < PORTS; i++) {
		enum port_state wanted = i % 5 != 2 ? PORT_OPEN
			: i % 2 == 0                ? PORT_RETURN
						    : PORT_LOST;

		if (state_at(&world, i) != wanted)
			fail_msg(
				"port %d is %s", i, port_state_name(state_at(&world, i)));
	}
	assert_true(fabs(value(&world, RTP_ROW_FORWARD) - 0.05) < 0.04);
	assert_true(fabs(value(&world, RTP_ROW_BACKWARD) - 0.125) < 0.06);
	world_close(&world);
}

/* A policer: sixty a second, and ten at once. */
static double tokens;
static int64_t filled_us;

static bool path_limits(struct range_partner *partner, enum range_way way, int index)
{
	int64_t now_us = clock_now_us();

	(void)partner;
	(void)index;
	if (way == RANGE_BACKWARD)
		return true;
	tokens = fmin(10, tokens + SECONDS_OF(now_us - filled_us) * 60);
	filled_us = now_us;
	if (tokens < 1)
		return false;
	tokens -= 1;
	return true;
}

static void test_rate_limit(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	world.partner.path = path_limits;
	run_with(&world, "ports_per_run", "100");
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RATE_LIMIT);
	assert_true(value(&world, RTP_ROW_PORTS + PORT_OPEN) == 100);
	world_close(&world);
}

/* The pace is what was asked for: no second has more. */
static void test_pace(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	run_with(&world, "packets_per_second", "50");
	assert_int_equal(world.partner.heard_total, PORTS);
	for (unsigned i = 0; i + 55 < world.partner.heard_total; i++)
		assert_true(world.partner.times_us[i + 55] - world.partner.times_us[i] >=
			SECOND);
	assert_in_range(world.partner.times_us[PORTS - 1] - world.partner.times_us[0],
		5 * SECOND, 7 * SECOND);
	world_close(&world);
}

static void test_busy_ports_are_let_alone(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	for (int i = 0; i < PORTS; i++) {
		if (i % 3 == 0)
			world.partner.states[i] = STAMP_PORT_BUSY;
		if (i % 3 == 1)
			world.partner.states[i] = STAMP_PORT_UNHELD;
	}
	sweep(&world);
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
	for (int i = 0; i < PORTS; i++) {
		static const enum port_state wanted[] = { PORT_BUSY, PORT_UNHELD,
			PORT_OPEN };

		assert_int_equal(state_at(&world, i), wanted[i % 3]);
		assert_int_equal(world.partner.heard[i], i % 3 == 2);
	}
	world_close(&world);
}

/* A reflector that holds each half in turn is asked whole, and nothing is forgotten. */
static void test_halves(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	for (int runs = 0; runs < 25; runs++) {
		for (int i = 0; i < PORTS; i++)
			world.partner.states[i] = i / 2 % 2 == runs / 3 % 2
				? STAMP_PORT_HELD
				: STAMP_PORT_RESTING;
		assert_ok(run(&world));
	}
	assert_true(value(&world, RTP_ROW_PORTS + PORT_OPEN) == PORTS);
	world_close(&world);
}

static void test_none_is_held(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	for (int i = 0; i < PORTS; i++)
		world.partner.states[i] = STAMP_PORT_BUSY;
	run(&world);
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
	assert_string_equal(world.outcome.finding.evidence.detail,
		"the reflector holds none of 300 ports now (busy 300, resting 0, not its "
		"own 0)");
	assert_int_equal(world.partner.heard_total, 0);
	world_close(&world);
}

static bool path_blocks_half(struct range_partner *partner, enum range_way way, int index)
{
	(void)partner;
	return way == RANGE_BACKWARD || index < PORTS / 2;
}

/* The control port is blocked: a port that answers tells as well. */
static void test_mute_control_port(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	world.partner.mute = true;
	world.partner.path = path_blocks_half;
	for (int runs = 0; runs < 2; runs++) {
		run(&world);
		assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
		assert_int_equal(state_at(&world, PORTS / 2), PORT_LOST);
		assert_int_equal(state_at(&world, PORTS / 2 - 1), PORT_OPEN);
	}
	/* the second run knew whom to ask */
	assert_true(value(&world, RTP_ROW_FORWARD) == 0);
	world_close(&world);
}

/* Who copies numbers and knows no reports: which way is blocked stays unknown. */
static void test_stateless_reflector(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	world.partner.mute = true;
	world.partner.copies_number = true;
	assert_ok(run(&world));
	world_close(&world);
}

static void test_keys(void **state)
{
	static const uint8_t secret[STAMP_SECRET_MIN] = { 1, 2, 3 };
	struct stamp_key *key;
	struct world world;

	(void)state;
	assert_int_equal(stamp_key_new(secret, sizeof(secret), &key), 0);
	world_open_keyed(&world, key);
	run(&world);
	assert_found(&world, VERDICT_FAILED, CAUSE_RTP_ALL_BLOCKED);
	world_close(&world);
	stamp_key_free(key);
}

static void test_altered_octets(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	world.partner.alters = true;
	run(&world);
	assert_found(&world, VERDICT_DEGRADED, CAUSE_CORRUPTION);
	assert_true(value(&world, RTP_ROW_CORRUPTED) > 0);
	world_close(&world);
}

/* A NAT that gives answers another port: nothing of it counts as the port asked. */
static void test_answers_from_other_ports(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	world.partner.rewrites = true;
	run(&world);
	assert_found(&world, VERDICT_FAILED, CAUSE_RTP_ALL_BLOCKED);
	assert_non_null(strstr(world.outcome.finding.evidence.detail, "other ports"));
	assert_true(value(&world, RTP_ROW_STRAYS) > 0);
	world_close(&world);
}

/* Repaired, the range is well again in the next run, and all of it known soon. */
static void test_repair(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	world.partner.path = path_blocks_half;
	sweep(&world);
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	world.harness.services.sweeps = false;
	world.partner.path = NULL;
	assert_ok(run(&world));
	assert_true(value(&world, RTP_ROW_PORTS + PORT_LOST) == 0);
	world_close(&world);
}

/* One blocked port stays the verdict of each run that follows. */
static bool path_blocks_one(struct range_partner *partner, enum range_way way, int index)
{
	(void)partner;
	return way == RANGE_BACKWARD || index != 137;
}

static void test_a_block_is_asked_again(void **state)
{
	struct world world;
	unsigned found = 0;

	(void)state;
	world_open(&world);
	world.partner.path = path_blocks_one;
	for (int runs = 0; runs < 8; runs++) {
		if (run(&world)->finding.cause == CAUSE_RTP_PARTIAL)
			found++;
		else
			assert_int_equal(found, 0);
	}
	/* at the latest in the fifth run, which ends the rotation */
	assert_true(found >= 4);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loss_blames_no_port),
		cmocka_unit_test(test_little_loss_is_borne),
		cmocka_unit_test(test_loss_beside_blocks),
		cmocka_unit_test(test_rate_limit),
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_busy_ports_are_let_alone),
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_none_is_held),
		cmocka_unit_test(test_mute_control_port),
		cmocka_unit_test(test_stateless_reflector),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_altered_octets),
		cmocka_unit_test(test_answers_from_other_ports),
		cmocka_unit_test(test_repair),
		cmocka_unit_test(test_a_block_is_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
