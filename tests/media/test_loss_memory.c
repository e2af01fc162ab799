/* SPDX-License-Identifier: Apache-2.0 */
/* A path at the bound keeps its verdict, and one that is not gets the right one soon. */
#include "media/loss_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BOUND 0.05
#define RUNS  2000

/* The same numbers in every test. */
static uint64_t dice;

static double chance(void)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (double)(dice >> 33) / (double)(UINT64_C(1) << 31);
}

static size_t lost_of(size_t sent, double share)
{
	size_t lost = 0;

	for (size_t i = 0; i < sent; i++)
		lost += chance() < share;
	return lost;
}

static bool run(struct loss_memory *memory, size_t sent, double share)
{
	return loss_memory_judge(memory, sent, lost_of(sent, share), BOUND);
}

/* By its own word a run at the bound is beyond it every other time. */
static void a_path_at_the_bound_keeps_its_verdict(void **state)
{
	static const size_t sizes[] = { 60, 300, 600 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct loss_memory memory = { 0 };
		bool before, now;
		unsigned changes = 0, alone = 0;

		dice = 7;
		before = run(&memory, sizes[i], BOUND);
		for (unsigned runs = 0; runs < RUNS; runs++) {
			size_t lost = lost_of(sizes[i], BOUND);

			now = loss_memory_judge(&memory, sizes[i], lost, BOUND);
			alone += ((double)lost >= (double)sizes[i] * BOUND) != before;
			changes += now != before;
			before = now;
		}
		assert_true(alone > RUNS / 3);
		assert_true(changes <= 4);
	}
}

/* \return runs until the judgement is this one */
static unsigned runs_until(
	struct loss_memory *memory, size_t sent, double share, bool wanted)
{
	unsigned runs = 1;

	while (run(memory, sent, share) != wanted && runs < RUNS)
		runs++;
	return runs;
}

static void what_is_clear_is_told_soon(void **state)
{
	static const struct {
		size_t sent;
		double before, after;
		unsigned most; /* runs */
	} rows[] = {
		{ 300, 0, 0.2, 1 },
		{ 300, 0.2, 0, 1 },
		{ 300, 0.01, 0.1, 5 },
		{ 300, 0.1, 0.02, 20 },
		{ 300, 0, 0.075, 40 },
		{ 60, 0, 0.3, 1 },
		{ 60, 0.3, 0, 35 },
		{ 10001, 0, 0.06, 1 },
		{ 10001, 0.06, 0.04, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct loss_memory memory = { 0 };
		bool beyond = rows[i].before > BOUND;
		unsigned took;

		dice = 11;
		for (unsigned runs = 0; runs < 30; runs++)
			run(&memory, rows[i].sent, rows[i].before);
		assert_int_equal(memory.judgement, beyond ? LOSS_BEYOND : LOSS_BORNE);
		took = runs_until(&memory, rows[i].sent, rows[i].after, !beyond);
		if (took > rows[i].most)
			fail_msg("%zu of %g after %g: %u runs", rows[i].sent,
				rows[i].after, rows[i].before, took);
	}
}

/* The only one there is, of a command that asks once. */
static void the_first_run_is_taken_by_its_word(void **state)
{
	struct loss_memory memory = { 0 };

	(void)state;
	assert_false(loss_memory_judge(&memory, 0, 0, BOUND));
	assert_int_equal(memory.judgement, LOSS_UNJUDGED);
	assert_true(loss_memory_judge(&memory, 100, 5, BOUND));
	assert_true(loss_memory_judge(&memory, 0, 0, BOUND));
	assert_true(loss_memory_judge(&memory, 100, 4, BOUND));
	assert_true(
		loss_memory_share(&memory) > 0.044 && loss_memory_share(&memory) < 0.05);

	memory = (struct loss_memory){ 0 };
	assert_false(loss_memory_judge(&memory, 100, 4, BOUND));
	assert_false(loss_memory_judge(&memory, 100, 6, BOUND));
	assert_true(loss_memory_share(&(struct loss_memory){ 0 }) == 0);
}

/* All or nothing leaves chance no room. */
static void bounds_at_the_end(void **state)
{
	struct loss_memory memory = { 0 };

	(void)state;
	assert_false(loss_memory_judge(&memory, 100, 99, 1));
	assert_true(loss_memory_judge(&memory, 100, 100, 1));
	memory = (struct loss_memory){ 0 };
	assert_true(loss_memory_judge(&memory, 100, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_at_the_bound_keeps_its_verdict),
		cmocka_unit_test(what_is_clear_is_told_soon),
		cmocka_unit_test(the_first_run_is_taken_by_its_word),
		cmocka_unit_test(bounds_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
