/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When each of many repeated things is due, and how many may be under way. Each has a
 * stable phase: it is due at hash % interval + n * interval, so a restart or a reload
 * moves nothing and equal intervals do not bunch. One with an interval beyond a minute is
 * due within a minute of the start as well. Ticks that pass while a thing is not done are
 * skipped and counted, never made up for.
 */
#ifndef ENGINE_SCHEDULE_H
#define ENGINE_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"

struct loop;
struct schedule;

struct schedule_entry {
	uint64_t hash;
	int64_t interval_us; /* 0 = never due by itself */
	uint32_t group;      /* entries of one group share group_max; below group_count */
};

struct schedule_settings {
	struct loop *loop;
	unsigned in_flight_max;
	unsigned starts_per_turn;
	unsigned group_max;
	/** Starts one; schedule_finished() follows, not from within this call. */
	void (*start)(void *context, size_t index);
	void *context;
};

struct schedule_statistics {
	unsigned in_flight;
	uint64_t late_skipped;
	uint64_t deferred; /* starts that waited for a cap */
	struct histogram lag;
	int64_t lag_max_us;
};

/**
 * \param entries  copied; entry i is called by its index
 * \retval 0 or -errno. Nothing is due before schedule_repeat() or schedule_once().
 */
int schedule_new(const struct schedule_settings *settings,
	const struct schedule_entry *entries, size_t count, size_t group_count,
	struct schedule **ret_schedule);
void schedule_free(struct schedule *schedule);

/** Every entry at its phase, for ever. */
void schedule_repeat(struct schedule *schedule);

/** Every entry with an interval once, as soon as the caps allow, in order of the index.
 */
void schedule_once(struct schedule *schedule);

/**
 * What was started is done. \param again_us  0 = at its next tick; else after so long,
 * unless its next tick is nearer (never again after schedule_once())
 */
void schedule_finished(struct schedule *schedule, size_t index, int64_t again_us);

struct schedule_statistics schedule_statistics(const struct schedule *schedule);

/** The first tick after `now`. */
int64_t schedule_next_tick(uint64_t hash, int64_t interval_us, int64_t now_us);

#endif
