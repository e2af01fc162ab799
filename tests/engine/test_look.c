/* SPDX-License-Identifier: Apache-2.0 */
/* The second and third look at a conversation that stalls, in the scripted world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "fake/fake.h"
#include "scripted.h"

static const struct plan_row one_check[] = { { "web", "pbx", FAMILY_IPV4, false, 0 },
	{ NULL, NULL, 0, false, 0 } };

static const struct look_row {
	enum behaviour addresses[2];
	size_t count;
	enum transport transport;
	enum verdict verdict;
	enum cause cause;
	unsigned starts, small_starts;
} look_rows[] = {
	{ { ANSWERS }, 1, TRANSPORT_TCP, VERDICT_OK, CAUSE_NONE, 1, 0 },
	/* silent before the connection: segments of data have no part in it */
	{ { STAYS_SILENT }, 1, TRANSPORT_TCP, VERDICT_FAILED, CAUSE_TIMEOUT, 1, 0 },
	{ { STALLS }, 1, TRANSPORT_TCP, VERDICT_FAILED, CAUSE_NO_ANSWER, 2, 1 },
	{ { STALLS }, 1, TRANSPORT_UDP, VERDICT_FAILED, CAUSE_NO_ANSWER, 1, 0 },
	{ { STALLS_WHEN_LARGE }, 1, TRANSPORT_TCP, VERDICT_FAILED, CAUSE_MTU_BLACKHOLE, 5,
		2 },
	/* it works again: the segments were not to blame, and the failure was one */
	{ { STALLS_ONCE }, 1, TRANSPORT_TCP, VERDICT_FAILED, CAUSE_NO_ANSWER, 3, 1 },
	{ { STALLS_WHEN_LARGE, ANSWERS }, 2, TRANSPORT_TCP, VERDICT_DEGRADED,
		CAUSE_ADDRESS_PARTIAL, 6, 2 },
	{ { STALLS, REFUSES }, 2, TRANSPORT_TCP, VERDICT_FAILED, CAUSE_NO_ANSWER, 3, 1 },
};

static void note_done(void *context)
{
	struct world *world = context;

	world->all_done = true;
}

static void looks_as_often_as_it_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(look_rows) / sizeof(look_rows[0]); i++) {
		const struct look_row *row = &look_rows[i];
		struct world world;
		const struct outcome *last;

		world_open(&world, one_check, row->addresses, row->count);
		world.small.requirements[0].transport = row->transport;
		engine_run_once(world.engine, note_done, &world);
		while (!world.all_done)
			assert_true(fake_loop_step(world.loop));
		last = &first_record(&world)->last;
		assert_int_equal(last->finding.verdict, row->verdict);
		assert_int_equal(last->finding.cause, row->cause);
		assert_int_equal(script()->starts, row->starts);
		assert_int_equal(script()->small_starts, row->small_starts);
		assert_int_equal(last->addresses_tested, row->count);
		world_close(&world);
	}
}

/*
 * A server that stalls at random: of all the ways five looks can go only one passes for a
 * hole, which is 1 run of 32 where half of the looks stall, and 1 of 29 where three in
 * five do, the worst.
 */
static void a_server_that_stalls_at_random_is_seldom_a_hole(void **state)
{
	static const enum behaviour behaviours[] = { STALLS_BY_PATTERN };
	unsigned holes = 0;

	(void)state;
	for (unsigned pattern = 0; pattern < 1U << 5; pattern++) {
		struct world world;
		const struct outcome *last;

		world_open(&world, one_check, behaviours, 1);
		script()->pattern = pattern;
		engine_run_once(world.engine, note_done, &world);
		while (!world.all_done)
			assert_true(fake_loop_step(world.loop));
		last = &first_record(&world)->last;
		if (last->finding.cause == CAUSE_MTU_BLACKHOLE)
			holes++;
		else
			assert_int_equal(last->finding.cause,
				pattern & 1 ? CAUSE_NO_ANSWER : CAUSE_NONE);
		world_close(&world);
	}
	assert_int_equal(holes, 1);
}

static void the_black_hole_says_how_it_was_proved(void **state)
{
	static const enum behaviour behaviours[] = { STALLS_WHEN_LARGE };
	struct world world;
	const struct outcome *last;

	(void)state;
	world_open(&world, one_check, behaviours, 1);
	engine_run_once(world.engine, note_done, &world);
	while (!world.all_done)
		assert_true(fake_loop_step(world.loop));
	last = &first_record(&world)->last;
	assert_non_null(strstr(last->finding.evidence.detail, "536 octets"));
	/* the times and the phase are those of the first look, which is the measure */
	assert_int_equal(last->phase, PHASE_TLS);
	world_close(&world);
}

/* A reload in the second look: what was begun is stopped, and nothing is left. */
static void ends_between_looks(void **state)
{
	static const enum behaviour behaviours[] = { STALLS };
	struct world world;

	(void)state;
	world_open(&world, one_check, behaviours, 1);
	engine_run_once(world.engine, note_done, &world);
	while (script()->small_starts == 0)
		assert_true(fake_loop_step(world.loop));
	assert_int_equal(script()->stops, 1);
	world_close(&world);
}

/* The address is known to be wrong before anything is sent to it. */
static void a_wrong_address_is_not_asked(void **state)
{
	static const struct plan_row cloud[] = { { "web", "license.starface.de",
							 FAMILY_IPV4, false, 0 },
		{ NULL, NULL, 0, false, 0 } };
	static const enum behaviour behaviours[] = { ANSWERS, ANSWERS };
	static const struct {
		size_t wrong; /* of the two addresses */
		enum verdict verdict;
		enum cause cause;
	} cases[] = { { 0, VERDICT_OK, CAUSE_NONE },
		{ 1, VERDICT_DEGRADED, CAUSE_ADDRESS_PARTIAL },
		{ 2, VERDICT_FAILED, CAUSE_DNS_WRONG_ADDRESS } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world world;
		const struct outcome *last;

		world_open(&world, cloud, behaviours, 2);
		world.small.requirements[0].host = "license.starface.de";
		for (size_t a = 0; a < cases[i].wrong; a++)
			script()->names.addresses[a].bytes[0] = 10;
		engine_run_once(world.engine, note_done, &world);
		while (!world.all_done)
			assert_true(fake_loop_step(world.loop));
		last = &first_record(&world)->last;
		assert_int_equal(last->finding.verdict, cases[i].verdict);
		assert_int_equal(last->finding.cause, cases[i].cause);
		assert_int_equal(script()->starts, 2 - cases[i].wrong);
		assert_int_equal(last->addresses_failed, cases[i].wrong);
		world_close(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_as_often_as_it_takes),
		cmocka_unit_test(a_server_that_stalls_at_random_is_seldom_a_hole),
		cmocka_unit_test(the_black_hole_says_how_it_was_proved),
		cmocka_unit_test(ends_between_looks),
		cmocka_unit_test(a_wrong_address_is_not_asked),
	};

	return cmocka_run_group_tests_name("look", tests, NULL, NULL);
}
