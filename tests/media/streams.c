/* SPDX-License-Identifier: Apache-2.0 */
#include "media/streams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t random_state;

static double chance(void)
{
	random_state =
		random_state * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (double)(random_state >> 11) / (double)(UINT64_C(1) << 53);
}

static bool path_loses(struct path *path)
{
	double share = path->losing && path->burst > 0 ? path->burst : path->loss;

	path->losing = chance() < share;
	return path->losing;
}

static int by_arrival(const void *left, const void *right)
{
	const struct transit *one = left, *other = right;

	if (one->arrived_ns != other->arrived_ns)
		return one->arrived_ns > other->arrived_ns ? 1 : -1;
	return one->number > other->number ? 1 : -1;
}

static void pass(
	struct path *path, struct passage *passage, size_t number, int64_t sent_ns)
{
	int copies = chance() < path->copy ? COPIES : 1;

	passage->lost[number] = path_loses(path);
	for (int i = 0; !passage->lost[number] && i < copies; i++) {
		int64_t delay =
			path->delay_ns + (int64_t)(chance() * (double)path->jitter_ns);

		passage->transits[passage->count++] =
			(struct transit){ number, sent_ns, sent_ns + delay };
	}
}

static void reflect(struct world *world)
{
	struct passage *forward = &world->forward;

	qsort(forward->transits, forward->count, sizeof(forward->transits[0]),
		by_arrival);
	world->reflected = forward->count;
	for (size_t i = 0; i < forward->count; i++)
		pass(&world->back, &world->backward, i,
			forward->transits[i].arrived_ns + STAY);
	qsort(world->backward.transits, world->backward.count,
		sizeof(world->backward.transits[0]), by_arrival);
}

static void note_replies(struct world *world)
{
	for (size_t i = 0; i < world->backward.count; i++) {
		const struct transit *back = &world->backward.transits[i];
		const struct transit *there = &world->forward.transits[back->number];
		struct quality_reply reply = { .sequence = (uint32_t)there->number,
			.reflected = (uint32_t)back->number + world->before,
			.reached_ns = there->arrived_ns + AHEAD,
			.left_ns = back->sent_ns + AHEAD,
			.back_ns = back->arrived_ns };

		if (world->stateless)
			reply.reflected = reply.sequence;
		assert_true(quality_log_reply(world->log, &reply));
	}
}

void world_play(struct world *world)
{
	int64_t now_ns = 7 * SPACING;

	world->log = quality_log_new(world->packets + world->closers);
	assert_non_null(world->log);
	for (size_t i = 0; i < world->packets + world->closers; i++) {
		now_ns += i == world->packets ? 50 * SPACING : SPACING;
		quality_log_sent(world->log, now_ns);
		pass(&world->there, &world->forward, i, now_ns);
	}
	reflect(world);
	note_replies(world);
}

static enum quality_numbers numbers_of(const struct world *world)
{
	if (world->stateless)
		return QUALITY_COPIED;
	return world->before > 0 ? QUALITY_COUNTED_ON : QUALITY_COUNTED;
}

struct quality world_measure(struct world *world)
{
	struct quality quality;

	quality_measure(
		world->log, world->packets, numbers_of(world), 40 * MILLI, &quality);
	quality_log_free(world->log);
	return quality;
}

struct world *world_of(size_t packets, size_t closers, uint64_t seed)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	random_state = seed * 977 + 1;
	world->packets = packets;
	world->closers = closers;
	world->there.delay_ns = 11 * MILLI;
	world->back.delay_ns = 7 * MILLI;
	return world;
}
