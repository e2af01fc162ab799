/* SPDX-License-Identifier: Apache-2.0 */
/* net/loop.h in virtual time: a heap of timers and a list of watches. */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "fake/fake.h"

/* More at one moment of virtual time than any sane program fires: a timer that sets
 * itself again for now, for ever. */
#define FIRES_AT_ONCE_MAX 1000000

#define SOCKETS_MAX 64

/* Of real time: loopback delivers at once, unless the kernel has put it off. */
#define UNDER_WAY_MS 20

/* Lives in the storage of a struct loop_event. */
struct timer_mark {
	size_t place; /* in the heap, from 1; 0 = not pending */
	uint64_t turn;
	enum loop_priority priority;
};

struct watch_mark {
	struct loop_watch *next;
};

_Static_assert(sizeof(struct timer_mark) <= sizeof(struct loop_event), "no room");
_Static_assert(sizeof(struct watch_mark) <= sizeof(struct loop_event), "no room");

struct loop {
	struct loop_timer **heap; /* [1] is due first */
	size_t count;
	size_t capacity;
	uint64_t turns; /* how often a timer was set: the order of equals */
	struct loop_watch *watches;
	bool stopped;
	bool hears_sockets;
};

static struct timer_mark *mark_of(const struct loop_timer *timer)
{
	return (struct timer_mark *)(void *)timer->event.storage;
}

static struct watch_mark *watch_mark_of(const struct loop_watch *watch)
{
	return (struct watch_mark *)(void *)watch->event.storage;
}

static bool is_before(const struct loop_timer *left, const struct loop_timer *right)
{
	const struct timer_mark *a = mark_of(left), *b = mark_of(right);

	if (left->due_us != right->due_us)
		return left->due_us < right->due_us;
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->turn < b->turn;
}

static void heap_put(struct loop *loop, size_t place, struct loop_timer *timer)
{
	loop->heap[place] = timer;
	mark_of(timer)->place = place;
}

static void heap_rise(struct loop *loop, size_t place, struct loop_timer *timer)
{
	for (; place > 1 && is_before(timer, loop->heap[place / 2]); place /= 2)
		heap_put(loop, place, loop->heap[place / 2]);
	heap_put(loop, place, timer);
}

static void heap_sink(struct loop *loop, size_t place, struct loop_timer *timer)
{
	while (2 * place <= loop->count) {
		size_t child = 2 * place;

		if (child < loop->count &&
			is_before(loop->heap[child + 1], loop->heap[child]))
			child++;
		if (!is_before(loop->heap[child], timer))
			break;
		heap_put(loop, place, loop->heap[child]);
		place = child;
	}
	heap_put(loop, place, timer);
}

static void heap_remove(struct loop *loop, struct loop_timer *timer)
{
	size_t place = mark_of(timer)->place;
	struct loop_timer *last = loop->heap[loop->count--];

	mark_of(timer)->place = 0;
	if (last == timer)
		return;
	if (place > 1 && is_before(last, loop->heap[place / 2]))
		heap_rise(loop, place, last);
	else
		heap_sink(loop, place, last);
}

static void heap_insert(struct loop *loop, struct loop_timer *timer)
{
	if (loop->count + 1 >= loop->capacity) {
		loop->capacity = loop->capacity ? 2 * loop->capacity : 64;
		loop->heap =
			realloc(loop->heap, loop->capacity * sizeof(struct loop_timer *));
		assert(loop->heap);
	}
	loop->count++;
	heap_rise(loop, loop->count, timer);
}

int loop_new(struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return -ENOMEM;
	*ret_loop = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	assert(loop->count == 0 && "a timer was not done");
	assert(!loop->watches && "a watch was not done");
	free(loop->heap);
	free(loop);
}

/* -EIO when nothing is left that could ever happen. */
int loop_run(struct loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped) {
		if (!fake_loop_step(loop))
			return -EIO;
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

void loop_timer_init(struct loop_timer *timer, struct loop *loop,
	enum loop_priority priority, loop_timer_fn fire, void *context)
{
	*timer = (struct loop_timer){ .fire = fire, .context = context, .loop = loop };
	mark_of(timer)->priority = priority;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_us)
{
	loop_timer_cancel(timer);
	timer->due_us = clock_now_us() + (delay_us > 0 ? delay_us : 0);
	mark_of(timer)->turn = ++timer->loop->turns;
	heap_insert(timer->loop, timer);
}

void loop_timer_soon(struct loop_timer *timer)
{
	loop_timer_set(timer, 0);
}

void loop_timer_cancel(struct loop_timer *timer)
{
	if (loop_timer_pending(timer))
		heap_remove(timer->loop, timer);
}

bool loop_timer_pending(const struct loop_timer *timer)
{
	return mark_of(timer)->place != 0;
}

void loop_timer_done(struct loop_timer *timer)
{
	loop_timer_cancel(timer);
}

void loop_watch_init(
	struct loop_watch *watch, struct loop *loop, loop_watch_fn ready, void *context)
{
	*watch = (struct loop_watch){
		.ready = ready, .context = context, .loop = loop, .fd = -1
	};
}

static void watch_unlink(struct loop_watch *watch)
{
	struct loop_watch **link = &watch->loop->watches;

	while (*link && *link != watch)
		link = &watch_mark_of(*link)->next;
	if (*link)
		*link = watch_mark_of(watch)->next;
}

void loop_watch_set(struct loop_watch *watch, int fd, unsigned interest)
{
	watch_unlink(watch);
	watch->fd = interest ? fd : -1;
	watch->interest = interest;
	if (!interest)
		return;
	assert(fd >= 0);
	watch_mark_of(watch)->next = watch->loop->watches;
	watch->loop->watches = watch;
}

void loop_watch_done(struct loop_watch *watch)
{
	if (watch->loop)
		loop_watch_set(watch, -1, 0);
}

/* Signals never come in virtual time. */
void loop_signal_init(struct loop_signal *signal, struct loop *loop, int number,
	loop_signal_fn caught, void *context)
{
	(void)loop;
	(void)number;
	signal->caught = caught;
	signal->context = context;
}

void loop_signal_done(struct loop_signal *signal)
{
	signal->caught = NULL;
}

static struct loop_watch *watch_find(const struct loop *loop, int fd, unsigned events)
{
	struct loop_watch *watch = loop->watches;

	while (watch && (watch->fd != fd || (watch->interest & events) == 0))
		watch = watch_mark_of(watch)->next;
	return watch;
}

bool fake_loop_ready(struct loop *loop, int fd, unsigned events)
{
	struct loop_watch *watch = watch_find(loop, fd, events);

	if (!watch)
		return false;
	watch->ready(watch->context, watch->interest & events);
	return true;
}

unsigned fake_loop_interest(const struct loop *loop, int fd)
{
	const struct loop_watch *watch = watch_find(loop, fd, LOOP_READ | LOOP_WRITE);

	return watch ? watch->interest : 0;
}

void fake_loop_hear_sockets(struct loop *loop)
{
	loop->hears_sockets = true;
}

static size_t list_sockets(const struct loop *loop, struct pollfd sockets[SOCKETS_MAX])
{
	size_t count = 0;

	for (struct loop_watch *watch = loop->watches; watch;
		watch = watch_mark_of(watch)->next) {
		bool reads = watch->interest & LOOP_READ;
		bool writes = watch->interest & LOOP_WRITE;

		assert(count < SOCKETS_MAX);
		sockets[count++] = (struct pollfd){ watch->fd,
			(short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), 0 };
	}
	return count;
}

/* Asked anew, for the one before may have changed what is watched. */
static bool tell_socket(struct loop *loop, struct pollfd *asked)
{
	unsigned ready = 0;

	if (poll(asked, 1, 0) != 1 || asked->revents & POLLNVAL)
		return false;
	if (asked->revents & (POLLIN | POLLERR | POLLHUP))
		ready |= LOOP_READ;
	if (asked->revents & (POLLOUT | POLLERR | POLLHUP))
		ready |= LOOP_WRITE;
	return fake_loop_ready(loop, asked->fd, ready);
}

/* \retval false  nothing came within so many milliseconds of real time */
static bool tell_sockets(struct loop *loop, int wait_ms)
{
	struct pollfd sockets[SOCKETS_MAX];
	size_t count = list_sockets(loop, sockets);
	bool told = false;

	if (count == 0 || poll(sockets, count, wait_ms) <= 0)
		return false;
	for (size_t i = 0; i < count && !loop->stopped; i++)
		told |= tell_socket(loop, &sockets[i]);
	return told;
}

static bool is_due(const struct loop *loop)
{
	return loop->count > 0 && loop->heap[1]->due_us <= clock_now_us();
}

bool fake_loop_step(struct loop *loop)
{
	struct loop_timer *timer;

	/* as libevent does: what came is told before the timers that are due */
	if (loop->hears_sockets && tell_sockets(loop, is_due(loop) ? 0 : UNDER_WAY_MS) &&
		(loop->stopped || !is_due(loop)))
		return true;
	if (loop->count == 0)
		return false;
	timer = loop->heap[1];
	if (timer->due_us > clock_now_us())
		fake_clock_advance(timer->due_us - clock_now_us());
	heap_remove(loop, timer);
	timer->fire(timer->context);
	return true;
}

static size_t fire_until(struct loop *loop, int64_t until)
{
	int64_t moment = clock_now_us();
	size_t fired = 0;
	unsigned at_once = 0;

	while (loop->count > 0 && loop->heap[1]->due_us <= until) {
		fake_loop_step(loop);
		fired++;
		at_once = clock_now_us() == moment ? at_once + 1 : 0;
		moment = clock_now_us();
		assert(at_once < FIRES_AT_ONCE_MAX && "a timer sets itself for ever");
	}
	return fired;
}

size_t fake_loop_advance(struct loop *loop, int64_t micros)
{
	int64_t until = clock_now_us() + micros;
	size_t fired = fire_until(loop, until);

	if (clock_now_us() < until)
		fake_clock_advance(until - clock_now_us());
	return fired;
}

size_t fake_loop_settle(struct loop *loop)
{
	return fire_until(loop, clock_now_us());
}

size_t fake_loop_timers(const struct loop *loop)
{
	return loop->count;
}

int64_t fake_loop_next_due(const struct loop *loop)
{
	return loop->count > 0 ? loop->heap[1]->due_us : 0;
}
