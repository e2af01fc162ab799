/* SPDX-License-Identifier: Apache-2.0 */
/* A reflector that changes within a run, or stands behind our own firewall: what cannot
 * be told is neither well nor blocked. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake/fake.h"
#include "probes/probe_kinds.h"
#include "probes/rtp_rows.h"
#include "probes/rtp_world.h"

/* What happens to the reflector once so many packets came to its range. */
static struct {
	int left; /* packets to ports of the range */
	void (*happen)(struct range_partner *partner);
	int blocked_first, blocked_last; /* at all times */
	bool is_gone;
} play;

static void begin(struct world *world, int left, void (*happen)(struct range_partner *))
{
	world_open(world);
	play.left = left;
	play.happen = happen;
	play.blocked_first = -2;
	play.blocked_last = -2;
	play.is_gone = false;
}

static bool played_path(struct range_partner *partner, enum range_way way, int index)
{
	if (way == RANGE_FORWARD && index >= 0 && play.left-- == 0)
		play.happen(partner);
	if (play.is_gone || (index >= 0 && partner->states[index] != STAMP_PORT_HELD))
		return false;
	return index < play.blocked_first || index > play.blocked_last;
}

static void hold_half(struct range_partner *partner, int half)
{
	for (int i = 0; i < partner->count; i++)
		partner->states[i] =
			i / 2 % 2 == half ? STAMP_PORT_HELD : STAMP_PORT_RESTING;
}

static void turn(struct range_partner *partner)
{
	hold_half(partner, 1);
}

static void nothing_happens(struct range_partner *partner)
{
	(void)partner;
}

static void must_say(const struct world *world, const char *words)
{
	if (!strstr(world->outcome.finding.evidence.detail, words))
		fail_msg("%s", world->outcome.finding.evidence.detail);
}

static size_t count_state(const struct world *world, enum port_state wanted)
{
	size_t count = 0;

	for (int i = 0; i < PORTS; i++)
		count += state_at(world, i) == wanted;
	return count;
}

/* Whose half ended before they answered: no block, no loss, and no "all is well". */
static void test_turn_within_a_run(void **state)
{
	struct world world;

	(void)state;
	for (int left = 5; left < 60; left += 18) {
		begin(&world, left, turn);
		world.partner.path = played_path;
		hold_half(&world.partner, 0);
		run(&world);
		assert_found(&world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
		must_say(&world, "let go of");
		assert_true(value(&world, RTP_ROW_PORTS + PORT_RESTING) > 0);
		for (int i = 0; i < PORTS; i++)
			assert_int_not_equal(port_state_class(state_at(&world, i)),
				PORT_CLASS_BLOCKED);
		/* no edges are looked for where there is no block */
		assert_true(world.partner.heard_total < 60 * 6);
		assert_ok(run(&world));
		world_close(&world);
	}
}

/* A turn hides no block that was seen before it, nor makes one of it that was not. */
static void test_block_beside_a_turn(void **state)
{
	struct world world;

	(void)state;
	begin(&world, 40, turn);
	world.partner.path = played_path;
	play.blocked_first = 100;
	play.blocked_last = 199;
	hold_half(&world.partner, 0);
	run_with(&world, "ports_per_run", "300");
	assert_int_not_equal(world.outcome.finding.verdict, VERDICT_OK);
	for (int i = 0; i < PORTS; i++) {
		if (port_state_class(state_at(&world, i)) == PORT_CLASS_BLOCKED)
			assert_in_range(i, 100, 199);
	}
	run_with(&world, "ports_per_run", "300");
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	assert_int_equal(count_state(&world, PORT_LOST), 50);
	world_close(&world);
}

/* One port alone: while its half rests it is not forgotten, and then asked at once. */
static void test_a_block_that_rests(void **state)
{
	char words[64];
	struct world world;

	(void)state;
	begin(&world, INT_MAX, nothing_happens);
	world.partner.path = played_path;
	play.blocked_first = 137;
	play.blocked_last = 137;
	hold_half(&world.partner, 0);
	run_with(&world, "ports_per_run", "300");
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	for (int runs = 0; runs < 20; runs++) {
		hold_half(&world.partner, runs / 5 % 2 == 0);
		run(&world);
		assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
		snprintf(words, sizeof(words), "blocked: %d forward%s",
			world.partner.first + 137,
			runs / 5 % 2 == 0 ? "; not held now" : "");
		assert_string_equal(world.outcome.finding.evidence.detail, words);
		assert_int_equal(state_at(&world, 137), PORT_LOST);
	}
	/* repaired while it rests: known with its next turn */
	play.blocked_first = play.blocked_last = -2;
	hold_half(&world.partner, 1);
	run(&world);
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	hold_half(&world.partner, 0);
	assert_ok(run(&world));
	/* whom nobody will hold again is not remembered for ever */
	play.blocked_first = 137;
	play.blocked_last = 137;
	run_with(&world, "ports_per_run", "300");
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	world.partner.states[137] = STAMP_PORT_UNHELD;
	assert_ok(run(&world));
	assert_int_equal(state_at(&world, 137), PORT_UNHELD);
	world_close(&world);
}

/* A block of many is repaired while half of it rests: that is seen at once. */
static void test_repair_beside_resting_ports(void **state)
{
	struct world world;

	(void)state;
	begin(&world, INT_MAX, nothing_happens);
	world.partner.path = played_path;
	play.blocked_first = 100;
	play.blocked_last = 199;
	for (int half = 0; half < 2; half++) {
		hold_half(&world.partner, half);
		run_with(&world, "ports_per_run", "300");
	}
	assert_int_equal(count_state(&world, PORT_LOST), 100);
	play.blocked_first = play.blocked_last = -2;
	assert_ok(run(&world));
	assert_int_equal(count_state(&world, PORT_LOST), 0);
	world_close(&world);
}

static void go_down(struct range_partner *partner)
{
	(void)partner;
	play.is_gone = true;
}

/* The port 137 alone is blocked, and then something happens while it is asked again. */
static void begin_known_block(struct world *world, void (*happen)(struct range_partner *))
{
	begin(world, INT_MAX, happen);
	world->partner.path = played_path;
	play.blocked_first = 137;
	play.blocked_last = 137;
	hold_half(&world->partner, 0);
	run_with(world, "ports_per_run", "300");
	assert_found(world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	assert_int_equal(state_at(world, 137), PORT_LOST);
	play.left = 40;
	run(world);
	assert_found(world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
	assert_int_equal(state_at(world, 137), PORT_LOST);
}

/* What was silent while nobody held it, or was there, is not repaired by that. */
static void test_a_known_block_and_a_change(void **state)
{
	struct world world;

	(void)state;
	begin_known_block(&world, turn);
	run(&world);
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	must_say(&world, "not held now");
	world_close(&world);

	begin_known_block(&world, go_down);
	play.is_gone = false;
	run(&world);
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	must_say(&world, " forward");
	world_close(&world);
}

static void come_up(struct range_partner *partner)
{
	for (int i = 0; i < partner->count; i++)
		partner->states[i] = STAMP_PORT_HELD;
	partner->mute = false;
}

/* Nobody is there when the ports are asked, and somebody when it comes to the last words:
 * what was silent meanwhile proves nothing. */
static void test_reflector_comes_up(void **state)
{
	static const int lefts[] = { 65, 130, 181 };

	(void)state;
	for (size_t i = 0; i < sizeof(lefts) / sizeof(lefts[0]); i++) {
		struct world world;

		begin(&world, lefts[i], come_up);
		world.partner.path = played_path;
		world.partner.mute = true;
		for (int port = 0; port < PORTS; port++)
			world.partner.states[port] = STAMP_PORT_UNHELD;
		run(&world);
		if (world.outcome.finding.verdict != VERDICT_OK) {
			assert_found(&world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
			must_say(&world, "was started meanwhile");
		}
		for (int port = 0; port < PORTS; port++)
			assert_int_not_equal(port_state_class(state_at(&world, port)),
				PORT_CLASS_BLOCKED);
		assert_ok(run(&world));
		world_close(&world);
	}
}

/* It was there, and is not when it is asked for the last time. */
static void test_reflector_goes_down(void **state)
{
	struct world world;

	(void)state;
	for (int left = 5; left < 60; left += 18) {
		begin(&world, left, go_down);
		world.partner.path = played_path;
		run(&world);
		assert_found(&world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
		must_say(&world, "fell silent");
		for (int i = 0; i < PORTS; i++)
			assert_int_not_equal(port_state_class(state_at(&world, i)),
				PORT_CLASS_BLOCKED);
		run(&world);
		assert_found(&world, VERDICT_FAILED, CAUSE_RTP_ALL_BLOCKED);
		world_close(&world);
	}
}

/* What was silent while no reflector was there was never seen blocked: that it rests when
 * one comes back makes it no block. */
static void test_absence_is_not_remembered(void **state)
{
	struct world world;

	(void)state;
	begin(&world, INT_MAX, nothing_happens);
	world.partner.path = played_path;
	play.is_gone = true;
	run(&world);
	assert_found(&world, VERDICT_FAILED, CAUSE_RTP_ALL_BLOCKED);
	play.is_gone = false;
	hold_half(&world.partner, 0);
	assert_ok(run(&world));
	world_close(&world);
}

/* Sockets that are opened within the run: their host called them closed before. */
static void open_late(struct range_partner *partner)
{
	range_partner_reopen(partner, 60);
	partner->mute = false;
}

static void test_closed_before_it_was_held(void **state)
{
	struct world world;

	(void)state;
	begin(&world, PORTS - 2, open_late);
	world.partner.path = played_path;
	world.partner.mute = true;
	range_partner_shut(&world.partner, 60);
	run_with(&world, "ports_per_run", "300");
	assert_ok(&world.outcome);
	assert_int_equal(state_at(&world, 60), PORT_OPEN);
	world_close(&world);

	/* and a rule on the host is one all the same, whoever told of the ports, and when
	 */
	begin(&world, INT_MAX, nothing_happens);
	world.partner.mute = true;
	range_partner_shut(&world.partner, 60);
	run_with(&world, "ports_per_run", "300");
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	assert_int_equal(state_at(&world, 60), PORT_REFUSED);
	world_close(&world);
}

/* Of half of the ports nothing can be told, and who sweeps asks about all of them. */
static void test_sweep_of_a_half(void **state)
{
	struct world world;

	(void)state;
	begin(&world, INT_MAX, nothing_happens);
	hold_half(&world.partner, 0);
	sweep(&world);
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
	assert_string_equal(world.outcome.finding.evidence.detail,
		"150 of 300 ports told, all pass (busy 0, resting 150, not its own 0)");
	assert_true(value(&world, RTP_ROW_PORTS + PORT_RESTING) == 150);
	world_close(&world);

	begin(&world, INT_MAX, nothing_happens);
	world.partner.path = played_path;
	play.blocked_first = 0;
	play.blocked_last = 1;
	hold_half(&world.partner, 0);
	sweep(&world);
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	must_say(&world, " forward; 150 of 300 ports cannot be told");
	world_close(&world);

	/* a few that calls hold: the rest speaks for the range */
	begin(&world, INT_MAX, nothing_happens);
	for (int i = 0; i < PORTS / 10; i++)
		world.partner.states[i * 7] = STAMP_PORT_BUSY;
	assert_ok(sweep(&world));
	world.partner.states[1] = STAMP_PORT_BUSY;
	sweep(&world);
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
	world_close(&world);
}

/* Of four ports the first try, and the report that is asked for after the last one. */
static bool path_loses_the_report(
	struct range_partner *partner, enum range_way way, int index)
{
	if (way == RANGE_BACKWARD)
		return true;
	if (index < 0)
		return play.left-- != 1;
	return index != 137 && (partner->heard[index] > 1 || index % 75 != 10);
}

/* More is lost after the last lap than when it was found to be the last: that makes its
 * tries no fewer. */
static void test_loss_after_the_last_lap(void **state)
{
	struct world world;

	(void)state;
	begin(&world, 2, nothing_happens);
	world.partner.path = path_loses_the_report;
	run_with(&world, "ports_per_run", "300");
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	assert_int_equal(state_at(&world, 137), PORT_LOST);
	assert_int_equal(world.partner.heard[137], 3);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turn_within_a_run),
		cmocka_unit_test(test_block_beside_a_turn),
		cmocka_unit_test(test_a_block_that_rests),
		cmocka_unit_test(test_repair_beside_resting_ports),
		cmocka_unit_test(test_a_known_block_and_a_change),
		cmocka_unit_test(test_reflector_comes_up),
		cmocka_unit_test(test_reflector_goes_down),
		cmocka_unit_test(test_absence_is_not_remembered),
		cmocka_unit_test(test_closed_before_it_was_held),
		cmocka_unit_test(test_sweep_of_a_half),
		cmocka_unit_test(test_loss_after_the_last_lap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
