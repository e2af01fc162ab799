/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random streams, and their measure against a slow one that is written down from the
 * definitions.
 */
#include "media/quality.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/streams.h"

/* The slow measure: everything from its definition, with no regard to cost. */

static uint32_t slow_reordered(const struct transit *transits, size_t count)
{
	uint32_t reordered = 0;

	for (size_t i = 0; i < count; i++) {
		bool late = false;

		for (size_t j = 0; j < i; j++)
			late |= transits[j].number > transits[i].number;
		reordered += late;
	}
	return reordered;
}

static int64_t transit_time(const struct transit *transit)
{
	return transit->arrived_ns - transit->sent_ns;
}

static double slow_jitter(const struct transit *transits, size_t count)
{
	double jitter = 0;

	for (size_t i = 1; i < count; i++) {
		double change =
			(double)((transits[i].arrived_ns - transits[i - 1].arrived_ns) -
				(transits[i].sent_ns - transits[i - 1].sent_ns));

		jitter = jitter + (fabs(change) - jitter) / 16;
	}
	return jitter;
}

static int64_t slow_share(const struct transit *transits, size_t count, double share)
{
	int64_t found = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		size_t below = 0;

		for (size_t j = 0; j < count; j++)
			below += transit_time(&transits[j]) <= transit_time(&transits[i]);
		if ((double)below >= share * (double)count &&
			transit_time(&transits[i]) < found)
			found = transit_time(&transits[i]);
	}
	return found;
}

static size_t without_copies(struct transit *transits, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		bool seen = false;

		for (size_t j = 0; j < kept; j++)
			seen |= transits[j].number == transits[i].number;
		if (!seen)
			transits[kept++] = transits[i];
	}
	return kept;
}

static void assert_times(const struct quality_way *way, struct transit *transits,
	size_t count, int64_t buffer_ns, int64_t clock_ns)
{
	static const double shares[] = { 0.5, 0.95, 0.99 };
	size_t kept = without_copies(transits, count);
	int64_t least = slow_share(transits, kept, 0);
	uint32_t discarded = 0;

	for (size_t i = 0; i < kept; i++)
		discarded += transit_time(&transits[i]) > least + buffer_ns;
	assert_int_equal(way->arrived, kept);
	assert_int_equal(way->duplicates, count - kept);
	assert_int_equal(way->reordered, slow_reordered(transits, kept));
	assert_true(fabs((double)way->jitter_ns - slow_jitter(transits, kept)) < 2);
	assert_int_equal(way->discarded, discarded);
	for (int i = 0; i < QUALITY_SHARE_COUNT; i++)
		assert_int_equal(way->variation_ns[i],
			slow_share(transits, kept, shares[i]) - least);
	assert_int_equal(way->delay_ns, slow_share(transits, kept, 0.5) + clock_ns);
}

/* Those of the stream whose answers came back: of others no time is known. */
static size_t known_forward(const struct world *world, struct transit *ret_transits)
{
	size_t count = 0;

	for (size_t i = 0; i < world->forward.count; i++) {
		if (!world->backward.lost[i] &&
			world->forward.transits[i].number < world->packets)
			ret_transits[count++] = world->forward.transits[i];
	}
	return count;
}

static size_t known_backward(const struct world *world, struct transit *ret_transits)
{
	size_t count = 0;

	for (size_t i = 0; i < world->backward.count; i++) {
		size_t number = world->backward.transits[i].number;

		if (world->forward.transits[number].number < world->packets)
			ret_transits[count++] = world->backward.transits[i];
	}
	return count;
}

static uint32_t lost_of(const bool *lost, size_t count, uint32_t *ret_longest)
{
	uint32_t total = 0, run = 0;

	*ret_longest = 0;
	for (size_t i = 0; i < count; i++) {
		run = lost[i] ? run + 1 : 0;
		total += lost[i];
		*ret_longest = run > *ret_longest ? run : *ret_longest;
	}
	return total;
}

static void assert_world(struct world *world)
{
	static struct transit known[MOST * COPIES];
	struct quality quality;
	const struct quality_way *forward = &quality.ways[QUALITY_FORWARD];
	const struct quality_way *backward = &quality.ways[QUALITY_BACKWARD];
	uint32_t longest, lost = lost_of(world->forward.lost, world->packets, &longest);

	quality = world_measure(world);
	assert_true(quality.told);
	assert_int_equal(forward->sent, world->packets);
	assert_int_equal(forward->lost, lost);
	if (world->back.loss <= 0)
		assert_int_equal(forward->longest_run, longest);
	assert_int_equal(backward->sent, world->packets - lost + forward->duplicates);
	assert_int_equal(
		backward->lost, lost_of(world->backward.lost, backward->sent, &longest));
	assert_int_equal(backward->longest_run, longest);
	assert_times(forward, known, known_forward(world, known), 40 * MILLI, AHEAD);
	assert_times(backward, known, known_backward(world, known), 40 * MILLI, -AHEAD);
	free(world);
}

/* The closer itself must come through; and where the count began before, the first. */
static bool can_be_told(const struct world *world)
{
	const struct passage *forward = &world->forward, *backward = &world->backward;

	if (forward->lost[world->packets] || backward->lost[world->reflected - 1])
		return false;
	return world->before == 0 ||
		(!forward->lost[0] && !backward->lost[0] &&
			forward->transits[0].number == 0);
}

/* \return it for each n-th stream, else 0 */
static double each(uint64_t n, uint64_t seed, double value)
{
	return seed % n == 0 ? value : 0;
}

static struct world *world_of_seed(uint64_t seed)
{
	struct world *world = world_of(40 + seed * 7, 1, seed);

	world->there.loss = seed % 3 == 0 ? 0 : 0.002 * (double)(seed % 50);
	world->back.loss = seed % 4 == 0 ? 0 : 0.003 * (double)(seed % 40);
	world->there.burst = each(5, seed, 0.7);
	world->back.burst = each(7, seed, 0.5);
	world->there.jitter_ns = (int64_t)(seed % 6) * 25 * MILLI;
	world->back.jitter_ns = (int64_t)(seed % 8) * 11 * MILLI;
	/* a copy whose answer is lost cannot be told from a packet */
	world->there.copy = each(4, seed, 0.03) + each(20, seed, 1);
	world->back.copy = each(3, seed, 0.04) + each(20, seed, 1);
	world->before = (uint32_t)each(9, seed, (double)seed);
	return world;
}

static void random_streams_are_measured_as_by_the_definitions(void **state)
{
	unsigned told = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct world *world = world_of_seed(seed);

		world_play(world);
		if (!can_be_told(world)) {
			quality_log_free(world->log);
			free(world);
			continue;
		}
		assert_world(world);
		told++;
	}
	assert_true(told > 40);
}

/* Losses by chance have BurstR 1 on the mean; those of a chain with P(loss after loss)
 * = r have mean runs of 1 / (1 - r). */
static void bursts_show_as_bursts(void **state)
{
	static const struct {
		double loss, burst, expected;
	} rows[] = { { 0.05, 0, 1 }, { 0.2, 0, 1 }, { 0.01, 0.75, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double sum = 0, expected = rows[i].expected;
		double share = rows[i].loss;
		int streams = 40;

		for (int seed = 0; seed < streams; seed++) {
			struct world *world = world_of(3000, 1, (uint64_t)seed);

			world->there.loss = rows[i].loss;
			world->there.burst = rows[i].burst;
			world_play(world);
			sum += world_measure(world).ways[QUALITY_FORWARD].burst;
			free(world);
		}
		if (rows[i].burst > 0) {
			/* the chain's share of losses: p / (p + 1 - r) */
			share = share / (share + 1 - rows[i].burst);
			expected = (1 - share) / (1 - rows[i].burst);
		}
		assert_true(fabs(sum / streams - expected) < 0.05 * expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_streams_are_measured_as_by_the_definitions),
		cmocka_unit_test(bursts_show_as_bursts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
