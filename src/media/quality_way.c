/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured of one direction, whichever it is. */
#include <math.h>
#include <stdlib.h>

#include "media/quality_parts.h"

static int by_time(const void *left, const void *right)
{
	int64_t one = *(const int64_t *)left, other = *(const int64_t *)right;

	return (one > other) - (one < other);
}

/* The nearest rank, of sorted times. */
static int64_t share_of(const int64_t *times, size_t count, double share)
{
	double rank = ceil(share * (double)count);

	return times[rank >= 1 ? (size_t)rank - 1 : 0];
}

int64_t quality_sorted_median(int64_t *times, size_t count)
{
	qsort(times, count, sizeof(times[0]), by_time);
	return share_of(times, count, 0.5);
}

/*
 * RFC 3550, A.8, in order of arrival. The transit times hold the sending times, so that
 * a gap, a late burst of our own or a reordered packet is no jitter by itself.
 */
static int64_t jitter_of(const int64_t *transits, size_t count)
{
	double jitter = 0;

	for (size_t i = 1; i < count; i++) {
		double change = (double)(transits[i] - transits[i - 1]);

		jitter += (fabs(change) - jitter) / 16;
	}
	return (int64_t)jitter;
}

static uint32_t reordered_of(const struct quality_arrival *arrivals, size_t count)
{
	uint32_t reordered = 0, most = 0;

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && arrivals[i].sequence < most)
			reordered++;
		else
			most = arrivals[i].sequence;
	}
	return reordered;
}

static void play(struct quality_way *way, const struct quality_arrival *arrivals,
	size_t count, int64_t latest_ns, uint8_t *fates)
{
	for (size_t i = 0; i < count; i++) {
		const struct quality_arrival *arrival = &arrivals[i];
		bool late = arrival->arrived_ns - arrival->sent_ns > latest_ns;

		fates[arrival->sequence] = late ? QUALITY_DISCARDED : QUALITY_PLAYED;
		way->discarded += late;
	}
}

void quality_way_times(struct quality_way *way, const struct quality_arrival *arrivals,
	size_t count, int64_t buffer_ns, uint8_t *fates, int64_t *times)
{
	static const double shares[QUALITY_SHARE_COUNT] = { 0.5, 0.95, 0.99 };

	way->arrived = (uint32_t)count;
	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		times[i] = arrivals[i].arrived_ns - arrivals[i].sent_ns;
	way->jitter_ns = jitter_of(times, count);
	way->reordered = reordered_of(arrivals, count);
	way->delay_ns = quality_sorted_median(times, count);
	for (int i = 0; i < QUALITY_SHARE_COUNT; i++)
		way->variation_ns[i] = share_of(times, count, shares[i]) - times[0];
	play(way, arrivals, count, times[0] + buffer_ns, fates);
}

struct runs {
	uint32_t count, longest, present;
	size_t packets;
};

static void run_add(struct runs *runs, bool hit)
{
	if (!hit) {
		runs->present = 0;
		return;
	}
	runs->packets++;
	if (runs->present++ == 0)
		runs->count++;
	if (runs->present > runs->longest)
		runs->longest = runs->present;
}

void quality_way_losses(struct quality_way *way, const uint8_t *fates, size_t sent)
{
	struct runs lost = { 0 }, gone = { 0 };

	for (size_t i = 0; i < sent; i++) {
		run_add(&lost, fates[i] == QUALITY_LOST);
		run_add(&gone, fates[i] == QUALITY_LOST || fates[i] == QUALITY_DISCARDED);
	}
	way->sent = (uint32_t)sent;
	way->lost = (uint32_t)lost.packets;
	way->runs = lost.count;
	way->longest_run = lost.longest;
	/* by chance a run would be 1 / (1 - p) long */
	if (gone.count > 0)
		way->burst = (double)gone.packets / gone.count *
			(1 - (double)gone.packets / (double)sent);
}

bool quality_one_way(
	const struct quality_way *way, int64_t error_ns, int64_t *ret_delay_ns)
{
	if (way->arrived == 0 || way->delay_ns <= error_ns)
		return false;
	*ret_delay_ns = way->delay_ns;
	return true;
}

bool quality_error_holds(const struct quality *quality, int64_t error_ns)
{
	for (int i = 0; i < QUALITY_DIRECTION_COUNT; i++) {
		if (quality->ways[i].delay_ns < -error_ns)
			return false;
	}
	return true;
}

/* Less could be the jitter of both ways that met by chance. */
#define MOVED_LEAST_NS INT64_C(5000000)

bool quality_clock_moved(const struct quality *quality)
{
	int64_t seen_ns = 2 * quality->both.variation_ns[QUALITY_P99] + MOVED_LEAST_NS;

	return quality->ways[QUALITY_FORWARD].variation_ns[QUALITY_P99] > seen_ns &&
		quality->ways[QUALITY_BACKWARD].variation_ns[QUALITY_P99] > seen_ns;
}

double quality_gone(const struct quality_way *way)
{
	if (way->sent == 0)
		return 0;
	return (double)(way->lost + way->discarded) / way->sent;
}
