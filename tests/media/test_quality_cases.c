/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of which little came back, or what came back is strange. */
#include "media/quality.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/streams.h"

static void a_whole_stream_has_no_flaw(void **state)
{
	struct world *world = world_of(500, 1, 1);
	struct quality quality;
	const struct quality_way *forward = &quality.ways[QUALITY_FORWARD];
	int64_t delay;

	(void)state;
	world_play(world);
	quality = world_measure(world);
	free(world);
	assert_true(quality.told);
	assert_int_equal(quality.answered, 500);
	assert_int_equal(quality.round_least_ns, 18 * MILLI);
	assert_int_equal(quality.round_median_ns, 18 * MILLI);
	assert_int_equal(quality.round_most_ns, 18 * MILLI);
	assert_int_equal(forward->lost + forward->duplicates + forward->reordered, 0);
	assert_int_equal(forward->jitter_ns, 0);
	assert_true(forward->burst <= 0);
	assert_true(quality_gone(forward) <= 0);
	/* its clock is twenty minutes behind: nothing can be said one way */
	assert_false(quality_one_way(forward, 50 * MILLI, &delay));
}

static void one_way_needs_clocks_that_agree(void **state)
{
	struct quality_way way = { .arrived = 1, .delay_ns = 12 * MILLI };
	int64_t delay = 0;

	(void)state;
	assert_true(quality_one_way(&way, 11 * MILLI, &delay));
	assert_int_equal(delay, 12 * MILLI);
	assert_false(quality_one_way(&way, 12 * MILLI, &delay));
	assert_false(quality_one_way(&way, INT64_MAX, &delay));
	way.arrived = 0;
	assert_false(quality_one_way(&way, 0, &delay));
}

/* What the clocks differ in shows both ways, and then both estimates were wrong. */
static void nothing_arrives_before_it_was_sent(void **state)
{
	struct quality quality = { 0 };

	(void)state;
	assert_true(quality_error_holds(&quality, 0));
	quality.ways[QUALITY_FORWARD].delay_ns = 60 * MILLI;
	quality.ways[QUALITY_BACKWARD].delay_ns = -40 * MILLI;
	assert_false(quality_error_holds(&quality, 39 * MILLI));
	assert_true(quality_error_holds(&quality, 40 * MILLI));
}

/* Without a word from behind the end, what is lost there is of no known direction. */
static void the_end_of_an_open_window_is_not_told(void **state)
{
	struct world *world = world_of(100, 0, 1);
	struct quality quality;

	(void)state;
	world->log = quality_log_new(100);
	for (uint32_t i = 0; i < 100; i++) {
		struct quality_reply reply = { .sequence = i,
			.reflected = i,
			.reached_ns = i,
			.left_ns = i,
			.back_ns = i };

		quality_log_sent(world->log, i);
		if (i < 70)
			assert_true(quality_log_reply(world->log, &reply));
	}
	quality = world_measure(world);
	free(world);
	assert_true(quality.told);
	assert_int_equal(quality.ways[QUALITY_FORWARD].sent, 70);
	assert_int_equal(quality.ways[QUALITY_FORWARD].lost, 0);
	assert_int_equal(quality.ways[QUALITY_BACKWARD].lost, 0);
	assert_int_equal(quality.both.sent, 100);
	assert_int_equal(quality.both.lost, 30);
	assert_int_equal(quality.both.longest_run, 30);
}

static void a_reflector_that_copies_numbers_tells_no_direction(void **state)
{
	(void)state;
	for (int lossy = 0; lossy < 2; lossy++) {
		struct world *world = world_of(300, 1, 3);
		struct quality quality;

		world->stateless = true;
		world->there.loss = 0.05 * lossy;
		world->there.jitter_ns = 50 * MILLI;
		world_play(world);
		quality = world_measure(world);
		assert_int_equal(quality.told, !lossy);
		assert_int_equal(quality.both.lost, 300 - quality.answered);
		/* order and times are told all the same */
		assert_true(quality.ways[QUALITY_FORWARD].reordered > 50);
		assert_true(quality.ways[QUALITY_FORWARD].jitter_ns > 10 * MILLI);
		assert_int_equal(quality.ways[QUALITY_BACKWARD].reordered, 0);
		free(world);
	}
}

static void add(
	struct quality_log *log, uint32_t sequence, uint32_t reflected, int64_t left_ns)
{
	struct quality_reply reply = { sequence, reflected, left_ns, left_ns, left_ns };

	assert_true(quality_log_reply(log, &reply));
}

/* Its process was started anew: from then on it counts from 0 again. */
static void a_count_that_begins_anew_tells_no_direction(void **state)
{
	struct quality_log *log = quality_log_new(8);
	struct quality quality;

	(void)state;
	for (int i = 0; i < 8; i++)
		quality_log_sent(log, i);
	add(log, 0, 0, 10);
	add(log, 1, 1, 11);
	add(log, 2, 2, 12);
	add(log, 6, 1, 16);
	add(log, 7, 2, 17);
	quality_measure(log, 8, QUALITY_COUNTED, MILLI, &quality);
	quality_log_free(log);
	assert_false(quality.told);
	assert_int_equal(quality.both.lost, 3);
}

/* Without its first packet: were those lost, or had others been counted? */
static void a_count_that_began_before_needs_the_first_packet(void **state)
{
	(void)state;
	for (uint32_t first = 0; first < 2; first++) {
		struct quality_log *log = quality_log_new(8);
		struct quality quality;

		for (uint32_t i = 0; i < 8; i++) {
			quality_log_sent(log, i);
			if (i >= first && i != 4)
				add(log, i, 5 + i, i);
		}
		quality_measure(log, 8, QUALITY_COUNTED_ON, MILLI, &quality);
		quality_log_free(log);
		assert_int_equal(quality.told, first == 0);
		assert_int_equal(quality.both.lost, 1 + first);
		if (quality.told) {
			assert_int_equal(quality.ways[QUALITY_FORWARD].lost, 0);
			assert_int_equal(quality.ways[QUALITY_BACKWARD].lost, 1);
			assert_int_equal(quality.ways[QUALITY_BACKWARD].sent, 8);
		}
	}
}

/* Three packets in a row did not arrive, and elsewhere two answers did not. */
static void a_loss_stays_where_it_was(void **state)
{
	struct quality_log *log = quality_log_new(20);
	struct quality quality;
	uint32_t reflected = 0;

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		bool arrives = i < 2 || i > 4;

		quality_log_sent(log, i);
		if (arrives && i != 10 && i != 11)
			add(log, i, reflected, i);
		reflected += arrives;
	}
	quality_measure(log, 20, QUALITY_COUNTED, MILLI, &quality);
	quality_log_free(log);
	assert_int_equal(quality.ways[QUALITY_FORWARD].lost, 3);
	assert_int_equal(quality.ways[QUALITY_FORWARD].longest_run, 3);
	assert_int_equal(quality.ways[QUALITY_FORWARD].runs, 1);
	assert_int_equal(quality.ways[QUALITY_BACKWARD].lost, 2);
	assert_int_equal(quality.ways[QUALITY_BACKWARD].longest_run, 2);
	assert_int_equal(quality.ways[QUALITY_BACKWARD].sent, 17);
}

/* One octet of an answer without a key was changed, and its checksum mended. */
static void altered_numbers_are_left_out(void **state)
{
	struct quality_log *log = quality_log_new(200);
	struct quality quality;

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		quality_log_sent(log, i);
		add(log, i, i == 70 ? i ^ 1U : i == 120 ? i ^ 64U : i, i);
	}
	quality_measure(log, 200, QUALITY_COUNTED, MILLI, &quality);
	quality_log_free(log);
	assert_true(quality.told);
	assert_int_equal(quality.strange, 2);
	assert_int_equal(quality.answered, 198);
	assert_int_equal(quality.ways[QUALITY_FORWARD].lost, 0);
	assert_int_equal(quality.ways[QUALITY_BACKWARD].lost, 2);
}

static void impossible_times_are_refused(void **state)
{
	static const struct {
		int64_t reached, left, back;
		bool fine;
	} rows[] = {
		{ 0, 0, 10, true },
		{ 0, 10, 10, true },
		{ -100 * MILLI, 9 - 100 * MILLI, 10, true },
		{ 0, 2 * MILLI, 10, false },
		{ 1, 0, 10, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct quality_log *log = quality_log_new(1);
		struct quality_reply reply = { .reached_ns = rows[i].reached,
			.left_ns = rows[i].left,
			.back_ns = rows[i].back };

		quality_log_sent(log, 0);
		assert_int_equal(quality_log_reply(log, &reply), rows[i].fine);
		quality_log_free(log);
	}
}

static void strange_answers_are_refused(void **state)
{
	struct quality_log *log = quality_log_new(2);
	struct quality_reply reply = { .sequence = 0 };
	struct quality quality;

	(void)state;
	assert_false(quality_log_reply(log, &reply));
	quality_log_sent(log, 5);
	assert_int_equal(quality_log_count(log), 1);
	assert_int_equal(quality_log_sent_ns(log, 0), 5);
	reply.reflected = 1000000;
	assert_false(quality_log_reply(log, &reply));
	reply.reflected = 0;
	reply.sequence = 1;
	assert_false(quality_log_reply(log, &reply));
	reply.sequence = 0;
	for (int i = 0; i < 1000; i++)
		assert_true(quality_log_reply(log, &reply));
	quality_measure(log, 1, QUALITY_COUNTED, MILLI, &quality);
	assert_int_equal(quality.answered, 1);
	assert_int_equal(quality.ways[QUALITY_BACKWARD].duplicates, 999);
	quality_log_free(log);
	quality_log_free(NULL);
}

static unsigned allocations_left = UINT_MAX;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	if (allocations_left == 0)
		return NULL;
	allocations_left--;
	return __real_calloc(count, size);
}

static void no_memory_is_no_log(void **state)
{
	struct quality_log *log = NULL;
	unsigned most;

	(void)state;
	for (most = 0; !log; most++) {
		assert_true(most < 20);
		allocations_left = most;
		log = quality_log_new(3);
	}
	allocations_left = UINT_MAX;
	quality_log_free(log);
	assert_true(most > 5);
}

static void nothing_heard_is_all_lost(void **state)
{
	struct quality_log *log = quality_log_new(3);
	struct quality quality;

	(void)state;
	for (int i = 0; i < 3; i++)
		quality_log_sent(log, i);
	quality_measure(log, 3, QUALITY_COUNTED, MILLI, &quality);
	quality_log_free(log);
	assert_false(quality.told);
	assert_int_equal(quality.answered, 0);
	assert_int_equal(quality.both.lost, 3);
	assert_int_equal(quality.both.longest_run, 3);
	assert_true(quality_gone(&quality.both) >= 1);
	assert_true(quality.both.burst <= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_stream_has_no_flaw),
		cmocka_unit_test(one_way_needs_clocks_that_agree),
		cmocka_unit_test(nothing_arrives_before_it_was_sent),
		cmocka_unit_test(the_end_of_an_open_window_is_not_told),
		cmocka_unit_test(a_reflector_that_copies_numbers_tells_no_direction),
		cmocka_unit_test(a_count_that_begins_anew_tells_no_direction),
		cmocka_unit_test(a_count_that_began_before_needs_the_first_packet),
		cmocka_unit_test(a_loss_stays_where_it_was),
		cmocka_unit_test(altered_numbers_are_left_out),
		cmocka_unit_test(impossible_times_are_refused),
		cmocka_unit_test(strange_answers_are_refused),
		cmocka_unit_test(no_memory_is_no_log),
		cmocka_unit_test(nothing_heard_is_all_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
