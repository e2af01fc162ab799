/* SPDX-License-Identifier: Apache-2.0 */
/* A range with nobody at the other end: what the kernel's ICMP errors prove. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/rtp_rows.h"
#include "probes/rtp_world.h"

static void open_shut(struct world *world, int first, int last)
{
	world_open(world);
	world->partner.deaf = true;
	world->partner.latency_us = 5 * MILLISECOND; /* runs are long */
	for (int i = first; i <= last; i++)
		range_partner_shut(&world->partner, i);
}

static void test_closed_ports_prove_the_way(void **state)
{
	struct world world;

	(void)state;
	open_shut(&world, 0, PORTS - 1);
	assert_ok(run_with(&world, "mode", "icmp"));
	assert_true(value(&world, RTP_ROW_PORTS + PORT_CLOSED) == 10);
	assert_false(outcome_has_value(&world.outcome, RTP_ROW_FORWARD));
	assert_true(value(&world, RTP_ROW_BOUND) > 0.2);
	for (int runs = 0; runs < 29; runs++)
		assert_ok(run_with(&world, "mode", "icmp"));
	/* thirty times ten of three hundred */
	assert_true(value(&world, RTP_ROW_PORTS + PORT_CLOSED) == PORTS);
	assert_true(value(&world, RTP_ROW_BOUND) == 0);
	world_close(&world);
}

static void test_silence_proves_nothing(void **state)
{
	struct world world;

	(void)state;
	open_shut(&world, 0, -1);
	for (int runs = 0; runs < 5; runs++) {
		run_with(&world, "mode", "icmp");
		assert_found(&world, VERDICT_UNKNOWN, CAUSE_TIMEOUT);
	}
	assert_true(value(&world, RTP_ROW_PORTS + PORT_SILENT) > 0);
	assert_true(value(&world, RTP_ROW_COVERAGE) == 0);
	assert_true(value(&world, RTP_ROW_BOUND) == 1);
	world_close(&world);
}

/* Half of the range is silent: what is closed does not speak for it. */
static void test_half_is_silent(void **state)
{
	struct world world;

	(void)state;
	open_shut(&world, 0, PORTS / 2);
	run_with(&world, "mode", "icmp");
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_TIMEOUT);
	assert_non_null(strstr(world.outcome.finding.evidence.detail, "silent"));
	world_close(&world);
}

/* What was told yesterday does not make a run well that is told nothing. */
static void test_host_is_gone(void **state)
{
	struct world world;

	(void)state;
	open_shut(&world, 0, PORTS / 2);
	for (int i = 0; i < PORTS; i++) {
		port_map_note(world.map, (uint16_t)(world.partner.first + i), PORT_CLOSED,
			NULL, 1000);
	}
	assert_ok(run_with(&world, "mode", "icmp"));
	assert_int_equal(world.outcome.phase, PHASE_RESPONSE);
	world_close(&world);

	open_shut(&world, 0, -1);
	for (int i = 0; i < PORTS; i++) {
		port_map_note(world.map, (uint16_t)(world.partner.first + i), PORT_CLOSED,
			NULL, 1000);
	}
	run_with(&world, "mode", "icmp");
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_TIMEOUT);
	assert_int_equal(world.outcome.phase, PHASE_REQUEST);
	world_close(&world);
}

/* A few calls hold ports; those that were silent are asked again later. */
static void test_calls_hold_ports(void **state)
{
	struct world world;
	unsigned silent = 0;

	(void)state;
	open_shut(&world, 0, PORTS - 1 - 9);
	for (int runs = 0; runs < 30; runs++)
		run_with(&world, "mode", "icmp");
	assert_ok(&world.outcome);
	silent = (unsigned)value(&world, RTP_ROW_PORTS + PORT_SILENT);
	assert_int_equal(silent, 9);
	for (int i = PORTS - 9; i < PORTS; i++)
		range_partner_shut(&world.partner, i);
	for (int runs = 0; runs < 3; runs++)
		assert_ok(run_with(&world, "mode", "icmp"));
	assert_true(value(&world, RTP_ROW_PORTS + PORT_SILENT) == 0);
	world_close(&world);
}

/* Six ICMP errors at once and one a second: that is all a Linux host sends to a peer. */
static void test_pace_of_icmp(void **state)
{
	struct world world;
	unsigned count;

	(void)state;
	open_shut(&world, 0, -1);
	run_with(&world, "mode", "icmp");
	count = world.partner.heard_total;
	assert_int_equal(count, 10);
	for (unsigned from = 0; from < count; from++) {
		for (unsigned to = from + 6; to < count; to++) {
			int64_t seconds = (world.partner.times_us[to] -
						  world.partner.times_us[from]) /
				SECOND;

			assert_true(to - from + 1 <= 6 + seconds);
		}
	}
	world_close(&world);
}

static void test_answers_pass(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	world.partner.echoes = true;
	assert_ok(run_with(&world, "mode", "icmp"));
	assert_true(value(&world, RTP_ROW_PORTS + PORT_OPEN) == 10);
	world_close(&world);
}

/* No reflector where one should be: the way is open, and that is all. */
static void test_no_reflector(void **state)
{
	struct world world;

	(void)state;
	open_shut(&world, -1, PORTS - 1);
	run(&world);
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_ICMP_PORT_UNREACHABLE);
	assert_non_null(strstr(world.outcome.finding.evidence.detail, "no reflector"));
	world_close(&world);
}

/* The reflector says that it holds a port, and its host that nobody does: a rule there.
 */
static void test_rule_on_the_host(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	range_partner_shut(&world.partner, 60);
	sweep(&world);
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	assert_int_equal(world.outcome.finding.evidence.kind, EVIDENCE_ICMP);
	assert_int_equal(state_at(&world, 60), PORT_REFUSED);
	assert_int_equal(state_at(&world, 59), PORT_OPEN);
	world_close(&world);
}

/* Without a reflector nobody can ask all ports at once, and ten do not speak for all. */
static void test_sweep_says_how_few_it_asks(void **state)
{
	struct world world;

	(void)state;
	open_shut(&world, 0, PORTS - 1);
	world.harness.services.sweeps = true;
	run_with(&world, "mode", "icmp");
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
	assert_string_equal(world.outcome.finding.evidence.detail,
		"10 of 300 ports asked: without a reflector all of them take hours");
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed_ports_prove_the_way),
		cmocka_unit_test(test_silence_proves_nothing),
		cmocka_unit_test(test_half_is_silent),
		cmocka_unit_test(test_host_is_gone),
		cmocka_unit_test(test_calls_hold_ports),
		cmocka_unit_test(test_pace_of_icmp),
		cmocka_unit_test(test_answers_pass),
		cmocka_unit_test(test_sweep_says_how_few_it_asks),
		cmocka_unit_test(test_no_reflector),
		cmocka_unit_test(test_rule_on_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
