/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/schedule.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/loop.h"

#define NOBODY UINT32_MAX

/* First in, first out, linked through struct slot by index. */
struct queue {
	uint32_t head, tail;
};

/* After a start or a reload, whatever the interval. */
#define FIRST_WITHIN_US MINUTE

struct slot {
	struct schedule_entry entry;
	int64_t due_us;
	uint32_t next; /* in the queue it waits in */
};

struct group {
	struct queue waiting;
	unsigned admitted; /* ready or under way */
};

struct schedule {
	struct schedule_settings settings;
	struct loop_timer timer;
	struct slot *slots;
	struct group *groups;
	uint32_t *heap; /* of slots, the earliest due first; those under way are not in it
			 */
	size_t count, heap_count;
	struct queue ready; /* due and within their group's cap */
	bool repeats;
	struct schedule_statistics statistics;
};

int64_t schedule_next_tick(uint64_t hash, int64_t interval_us, int64_t now_us)
{
	int64_t phase = (int64_t)(hash % (uint64_t)interval_us);
	int64_t since_tick = (now_us - phase) % interval_us;

	if (since_tick < 0)
		since_tick += interval_us;
	return now_us - since_tick + interval_us;
}

static void queue_push(struct schedule *schedule, struct queue *queue, uint32_t index)
{
	schedule->slots[index].next = NOBODY;
	if (queue->head == NOBODY)
		queue->head = index;
	else
		schedule->slots[queue->tail].next = index;
	queue->tail = index;
}

static uint32_t queue_pop(struct schedule *schedule, struct queue *queue)
{
	uint32_t index = queue->head;

	if (index != NOBODY)
		queue->head = schedule->slots[index].next;
	return index;
}

static int64_t heap_due(const struct schedule *schedule, size_t place)
{
	return schedule->slots[schedule->heap[place]].due_us;
}

static void heap_swap(struct schedule *schedule, size_t left, size_t right)
{
	uint32_t index = schedule->heap[left];

	schedule->heap[left] = schedule->heap[right];
	schedule->heap[right] = index;
}

static void heap_push(struct schedule *schedule, uint32_t index)
{
	size_t place = schedule->heap_count++;

	schedule->heap[place] = index;
	while (place > 0) {
		size_t parent = (place - 1) / 2;

		if (heap_due(schedule, parent) <= heap_due(schedule, place))
			break;
		heap_swap(schedule, parent, place);
		place = parent;
	}
}

static size_t earliest_child(const struct schedule *schedule, size_t place)
{
	size_t left = 2 * place + 1;
	size_t right = left + 1;

	if (right < schedule->heap_count &&
		heap_due(schedule, right) < heap_due(schedule, left))
		return right;
	return left;
}

static uint32_t heap_pop(struct schedule *schedule)
{
	uint32_t first = schedule->heap[0];
	size_t place = 0;

	schedule->heap[0] = schedule->heap[--schedule->heap_count];
	while (2 * place + 1 < schedule->heap_count) {
		size_t child = earliest_child(schedule, place);

		if (heap_due(schedule, place) <= heap_due(schedule, child))
			break;
		heap_swap(schedule, place, child);
		place = child;
	}
	return first;
}

static bool may_start(const struct schedule *schedule)
{
	return schedule->ready.head != NOBODY &&
		schedule->statistics.in_flight < schedule->settings.in_flight_max;
}

/* Sleeps until the next is due, or not at all while somebody could start now. */
static void arm(struct schedule *schedule)
{
	if (may_start(schedule))
		loop_timer_set(&schedule->timer, 0);
	else if (schedule->heap_count > 0)
		loop_timer_set(&schedule->timer, heap_due(schedule, 0) - clock_now_us());
	else
		loop_timer_cancel(&schedule->timer);
}

static void admit(struct schedule *schedule, uint32_t index)
{
	struct group *group = &schedule->groups[schedule->slots[index].entry.group];
	bool busy = group->admitted >= schedule->settings.group_max;

	if (busy || schedule->statistics.in_flight >= schedule->settings.in_flight_max)
		schedule->statistics.deferred++;
	if (busy) {
		queue_push(schedule, &group->waiting, index);
		return;
	}
	group->admitted++;
	queue_push(schedule, &schedule->ready, index);
}

/* How long what is due by now has had to wait for the loop. */
static void observe_lag(struct schedule *schedule, int64_t now_us)
{
	int64_t lag;

	if (schedule->heap_count == 0 || heap_due(schedule, 0) > now_us)
		return;
	lag = now_us - heap_due(schedule, 0);
	histogram_observe(&schedule->statistics.lag, lag);
	if (lag > schedule->statistics.lag_max_us)
		schedule->statistics.lag_max_us = lag;
}

static void serve(void *context)
{
	struct schedule *schedule = context;
	int64_t now = clock_now_us();

	observe_lag(schedule, now);
	while (schedule->heap_count > 0 && heap_due(schedule, 0) <= now)
		admit(schedule, heap_pop(schedule));
	for (unsigned i = 0; i < schedule->settings.starts_per_turn; i++) {
		if (!may_start(schedule))
			break;
		schedule->statistics.in_flight++;
		schedule->settings.start(schedule->settings.context,
			queue_pop(schedule, &schedule->ready));
	}
	arm(schedule);
}

static void allocate(struct schedule *schedule, size_t group_count)
{
	/* one more each, so that nothing at all is no special case */
	schedule->slots = calloc(schedule->count + 1, sizeof(*schedule->slots));
	schedule->heap = calloc(schedule->count + 1, sizeof(*schedule->heap));
	schedule->groups = calloc(group_count + 1, sizeof(*schedule->groups));
}

int schedule_new(const struct schedule_settings *settings,
	const struct schedule_entry *entries, size_t count, size_t group_count,
	struct schedule **ret_schedule)
{
	struct schedule *schedule = calloc(1, sizeof(*schedule));

	if (!schedule)
		return -ENOMEM;
	assert(count < NOBODY);
	schedule->settings = *settings;
	schedule->count = count;
	schedule->ready.head = NOBODY;
	allocate(schedule, group_count);
	if (!schedule->slots || !schedule->heap || !schedule->groups) {
		schedule_free(schedule);
		return -ENOMEM;
	}
	for (size_t i = 0; i < group_count; i++)
		schedule->groups[i].waiting.head = NOBODY;
	for (size_t i = 0; i < count; i++)
		schedule->slots[i].entry = entries[i];
	loop_timer_init(
		&schedule->timer, settings->loop, LOOP_PRIORITY_START, serve, schedule);
	*ret_schedule = schedule;
	return 0;
}

void schedule_free(struct schedule *schedule)
{
	if (!schedule)
		return;
	loop_timer_done(&schedule->timer);
	free(schedule->slots);
	free(schedule->groups);
	free(schedule->heap);
	free(schedule);
}

/*
 * What is asked once an hour would stay unknown for as long after a start: its first time
 * is as near as if it were asked once a minute, and as evenly spread.
 */
static int64_t first_due(const struct schedule_entry *entry, int64_t now)
{
	int64_t soon = entry->interval_us < FIRST_WITHIN_US ? entry->interval_us
							    : FIRST_WITHIN_US;

	return schedule_next_tick(entry->hash, soon, now);
}

void schedule_repeat(struct schedule *schedule)
{
	int64_t now = clock_now_us();

	schedule->repeats = true;
	for (uint32_t i = 0; i < schedule->count; i++) {
		struct slot *slot = &schedule->slots[i];

		if (slot->entry.interval_us == 0)
			continue;
		slot->due_us = first_due(&slot->entry, now);
		heap_push(schedule, i);
	}
	arm(schedule);
}

void schedule_once(struct schedule *schedule)
{
	for (uint32_t i = 0; i < schedule->count; i++) {
		if (schedule->slots[i].entry.interval_us > 0)
			admit(schedule, i);
	}
	arm(schedule);
}

/* When it is due after a run that was due at slot->due_us; counts the ticks between. */
static int64_t next_due(struct schedule *schedule, struct slot *slot, int64_t again_us)
{
	int64_t interval = slot->entry.interval_us;
	int64_t now = clock_now_us();
	int64_t tick = schedule_next_tick(slot->entry.hash, interval, now);
	int64_t missed = (tick - slot->due_us - 1) / interval;

	if (missed > 0)
		schedule->statistics.late_skipped += (uint64_t)missed;
	if (again_us > 0 && now + again_us < tick)
		return now + again_us;
	return tick;
}

void schedule_finished(struct schedule *schedule, size_t index, int64_t again_us)
{
	struct slot *slot = &schedule->slots[index];
	struct group *group = &schedule->groups[slot->entry.group];
	uint32_t waiting;

	schedule->statistics.in_flight--;
	group->admitted--;
	waiting = queue_pop(schedule, &group->waiting);
	if (waiting != NOBODY) {
		group->admitted++;
		queue_push(schedule, &schedule->ready, waiting);
	}
	if (schedule->repeats) {
		slot->due_us = next_due(schedule, slot, again_us);
		heap_push(schedule, (uint32_t)index);
	}
	arm(schedule);
}

struct schedule_statistics schedule_statistics(const struct schedule *schedule)
{
	return schedule->statistics;
}
