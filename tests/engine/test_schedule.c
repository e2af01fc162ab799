/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules of random shape, hours of them, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/schedule.h"
#include "fake/fake.h"
#include "net/loop.h"

#define ENTRIES_MAX 200
#define GROUPS_MAX  20

struct world {
	struct loop *loop;
	struct schedule *schedule;
	struct schedule_settings settings;
	struct schedule_entry entries[ENTRIES_MAX];
	size_t count, groups;
	struct loop_timer ends[ENTRIES_MAX]; /* of those under way */
	struct ended {
		struct world *world;
		size_t index;
	} ended[ENTRIES_MAX];
	bool under_way[ENTRIES_MAX];
	unsigned starts[ENTRIES_MAX];
	int64_t last_start[ENTRIES_MAX];
	int64_t duration_us; /* of each; 0 = random */
	int64_t again_us;
	unsigned in_flight;
	unsigned in_group[GROUPS_MAX];
	uint64_t random;
};

/* xorshift64: the same worlds on every machine, from the seed a failure prints. */
static uint64_t next_random(struct world *world)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return world->random;
}

static int64_t random_between(struct world *world, int64_t least, int64_t most)
{
	return least + (int64_t)(next_random(world) % (uint64_t)(most - least + 1));
}

static void finish(void *context)
{
	struct ended *ended = context;
	struct world *world = ended->world;

	world->under_way[ended->index] = false;
	world->in_flight--;
	world->in_group[world->entries[ended->index].group]--;
	schedule_finished(world->schedule, ended->index, world->again_us);
}

static void start(void *context, size_t index)
{
	struct world *world = context;
	uint32_t group = world->entries[index].group;
	int64_t duration = world->duration_us;

	assert_false(world->under_way[index]);
	world->under_way[index] = true;
	world->starts[index]++;
	world->last_start[index] = clock_now_us();
	assert_true(++world->in_flight <= world->settings.in_flight_max);
	assert_true(++world->in_group[group] <= world->settings.group_max);
	if (duration == 0)
		duration = random_between(world, 1, 3 * SECOND);
	loop_timer_set(&world->ends[index], duration);
}

static void world_open(struct world *world, uint64_t seed, size_t count, size_t groups)
{
	fake_clock_reset();
	*world = (struct world){ .count = count, .groups = groups, .random = seed };
	assert_int_equal(loop_new(&world->loop), 0);
	world->settings = (struct schedule_settings){
		.loop = world->loop,
		.in_flight_max = 1000,
		.starts_per_turn = 8,
		.group_max = 1000,
		.start = start,
		.context = world,
	};
	for (size_t i = 0; i < count; i++) {
		world->entries[i] = (struct schedule_entry){
			.hash = next_random(world),
			.interval_us = 60 * SECOND,
			.group = (uint32_t)(next_random(world) % groups),
		};
		world->ended[i] = (struct ended){ world, i };
		loop_timer_init(&world->ends[i], world->loop, LOOP_PRIORITY_ANSWER,
			finish, &world->ended[i]);
	}
}

static void world_run(struct world *world)
{
	assert_int_equal(schedule_new(&world->settings, world->entries, world->count,
				 world->groups, &world->schedule),
		0);
	schedule_repeat(world->schedule);
}

static void world_close(struct world *world)
{
	schedule_free(world->schedule);
	for (size_t i = 0; i < world->count; i++)
		loop_timer_done(&world->ends[i]);
	loop_free(world->loop);
}

static void keeps_its_phase(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, 7, 50, 1);
	world.duration_us = MILLISECOND;
	world_run(&world);
	fake_loop_advance(world.loop, 3600 * SECOND);
	for (size_t i = 0; i < world.count; i++) {
		int64_t phase = (int64_t)(world.entries[i].hash % (60 * SECOND));

		assert_int_equal(world.starts[i], 60);
		assert_int_equal(world.last_start[i] % (60 * SECOND), phase);
	}
	assert_int_equal(schedule_statistics(world.schedule).late_skipped, 0);
	world_close(&world);
}

/* An hour is too long to wait for the first word; after it the phase holds. */
static void slow_ones_begin_within_a_minute(void **state)
{
	const int64_t hour = 3600 * SECOND;
	struct world world;

	(void)state;
	world_open(&world, 11, 50, 1);
	world.duration_us = MILLISECOND;
	for (size_t i = 0; i < world.count; i++)
		world.entries[i].interval_us = hour;
	world_run(&world);
	fake_loop_advance(world.loop, 60 * SECOND);
	for (size_t i = 0; i < world.count; i++) {
		assert_in_range(world.starts[i], 1, 2);
		assert_int_equal(world.last_start[i] % (60 * SECOND),
			(int64_t)(world.entries[i].hash % (60 * SECOND)));
	}
	fake_loop_advance(world.loop, 2 * hour);
	for (size_t i = 0; i < world.count; i++) {
		assert_in_range(world.starts[i], 3, 4);
		assert_int_equal(world.last_start[i] % hour,
			(int64_t)(world.entries[i].hash % (uint64_t)hour));
	}
	assert_int_equal(schedule_statistics(world.schedule).late_skipped, 0);
	world_close(&world);
}

/* Whatever the intervals, durations and caps: no cap is broken, nobody is forgotten. */
static void random_worlds(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct world world;

		world_open(&world, seed * UINT64_C(0x9e3779b97f4a7c15), 1 + seed * 3,
			1 + seed % GROUPS_MAX);
		for (size_t i = 0; i < world.count; i++)
			world.entries[i].interval_us =
				random_between(&world, SECOND, 120 * SECOND);
		world.settings.in_flight_max = (unsigned)random_between(&world, 1, 20);
		world.settings.starts_per_turn = (unsigned)random_between(&world, 1, 8);
		world.settings.group_max = (unsigned)random_between(&world, 1, 3);
		world.again_us = random_between(&world, 0, 2) * SECOND;
		world_run(&world);
		fake_loop_advance(world.loop, 3600 * SECOND);
		for (size_t i = 0; i < world.count; i++)
			assert_true(world.starts[i] >= 1);
		world_close(&world);
	}
}

static void late_ticks_are_skipped(void **state)
{
	struct world world;
	struct schedule_statistics statistics;

	(void)state;
	world_open(&world, 11, 1, 1);
	world.duration_us = 150 * SECOND; /* two ticks pass while it runs */
	world_run(&world);
	fake_loop_advance(world.loop, 1800 * SECOND);
	statistics = schedule_statistics(world.schedule);
	assert_in_range(world.starts[0], 9, 10);
	assert_int_equal(
		statistics.late_skipped, 2 * (world.starts[0] - world.in_flight));
	world_close(&world);
}

static void one_at_a_time_to_a_group(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, 13, 100, 1);
	world.settings.group_max = 1;
	world.duration_us = 500 * MILLISECOND;
	world_run(&world);
	fake_loop_advance(world.loop, 600 * SECOND);
	for (size_t i = 0; i < world.count; i++)
		assert_in_range(world.starts[i], 8, 10);
	assert_true(schedule_statistics(world.schedule).deferred > 0);
	world_close(&world);
}

static void confirmation_comes_early_and_keeps_the_phase(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, 17, 1, 1);
	world.duration_us = MILLISECOND;
	world.again_us = 5 * SECOND;
	world_run(&world);
	fake_loop_advance(world.loop, 60 * SECOND);
	assert_in_range(world.starts[0], 1, 12);
	world.again_us = 0;
	fake_loop_advance(world.loop, 120 * SECOND);
	assert_int_equal(world.last_start[0] % (60 * SECOND),
		(int64_t)(world.entries[0].hash % (60 * SECOND)));
	world_close(&world);
}

static void once_is_once(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, 19, 120, 10);
	world.settings.in_flight_max = 7;
	world.settings.group_max = 2;
	world.entries[5].interval_us = 0;
	assert_int_equal(schedule_new(&world.settings, world.entries, world.count,
				 world.groups, &world.schedule),
		0);
	schedule_once(world.schedule);
	fake_loop_advance(world.loop, 3600 * SECOND);
	for (size_t i = 0; i < world.count; i++)
		assert_int_equal(world.starts[i], i != 5);
	assert_int_equal(world.in_flight, 0);
	world_close(&world);
}

/* A callback that holds the loop for 30 ms is seen, and blamed on nobody else. */
static void slowness_is_seen(void **state)
{
	struct world world;
	struct schedule_statistics statistics;

	(void)state;
	world_open(&world, 23, 1, 1);
	world.duration_us = MILLISECOND;
	world_run(&world);
	fake_loop_advance(world.loop, 59 * SECOND);
	fake_clock_advance(fake_loop_next_due(world.loop) - clock_now_us() + 30000);
	fake_loop_settle(world.loop);
	statistics = schedule_statistics(world.schedule);
	assert_int_equal(statistics.lag_max_us, 30000);
	world_close(&world);
}

static void ticks(void **state)
{
	static const struct {
		uint64_t hash;
		int64_t interval, now, expected;
	} rows[] = {
		{ 0, 10, 0, 10 },
		{ 3, 10, 0, 3 },
		{ 3, 10, 3, 13 },
		{ 3, 10, 2, 3 },
		{ 13, 10, 14, 23 },
		{ UINT64_MAX, 1, 5, 6 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			schedule_next_tick(rows[i].hash, rows[i].interval, rows[i].now),
			rows[i].expected);
}

static void nothing_at_all(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, 29, 0, 1);
	world_run(&world);
	assert_int_equal(fake_loop_timers(world.loop), 0);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks),
		cmocka_unit_test(nothing_at_all),
		cmocka_unit_test(keeps_its_phase),
		cmocka_unit_test(slow_ones_begin_within_a_minute),
		cmocka_unit_test(random_worlds),
		cmocka_unit_test(late_ticks_are_skipped),
		cmocka_unit_test(one_at_a_time_to_a_group),
		cmocka_unit_test(confirmation_comes_early_and_keeps_the_phase),
		cmocka_unit_test(once_is_once),
		cmocka_unit_test(slowness_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
