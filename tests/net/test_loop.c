/* SPDX-License-Identifier: Apache-2.0 */
/* The loop when libevent or the kernel has no memory for what is set: nothing is lost. */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/loop.h"

#define TIMERS  200
#define HIGH_FD 300 /* beyond the table that libevent begins with */

static struct loop *loop;
static bool memory_fails, epoll_fails, timerfd_fails;

static void *poor_malloc(size_t size)
{
	return memory_fails ? NULL : malloc(size);
}

static void *poor_realloc(void *block, size_t size)
{
	return memory_fails ? NULL : realloc(block, size);
}

/* libevent calls this one: a program's own symbols come before a library's. */
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	if (epoll_fails && operation == EPOLL_CTL_ADD) {
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
}

int __real_timerfd_create(clockid_t clock, int flags);
int __wrap_timerfd_create(clockid_t clock, int flags);

int __wrap_timerfd_create(clockid_t clock, int flags)
{
	if (timerfd_fails) {
		errno = EMFILE;
		return -1;
	}
	return __real_timerfd_create(clock, flags);
}

static int begin(void **state)
{
	(void)state;
	return loop_new(&loop);
}

static int end(void **state)
{
	(void)state;
	memory_fails = epoll_fails = false;
	loop_free(loop);
	return 0;
}

struct alarm {
	struct loop_timer timer;
	int64_t fired_us;
	unsigned *left; /* the last one stops the loop */
	struct alarm *victim;
};

static void alarm_fired(void *context)
{
	struct alarm *alarm = context;

	alarm->fired_us = clock_now_us();
	if (alarm->victim)
		loop_timer_cancel(&alarm->victim->timer);
	if (--*alarm->left == 0)
		loop_stop(loop);
}

static void alarm_set(struct alarm *alarm, int64_t delay_us, unsigned *left)
{
	*alarm = (struct alarm){ .left = left };
	++*left;
	loop_timer_init(&alarm->timer, loop, LOOP_PRIORITY_ANSWER, alarm_fired, alarm);
	loop_timer_set(&alarm->timer, delay_us);
	assert_true(loop_timer_pending(&alarm->timer));
}

static void alarm_check(const struct alarm *alarm)
{
	assert_false(loop_timer_pending(&alarm->timer));
	assert_in_range(alarm->fired_us - loop_timer_due(&alarm->timer), 0,
		4 * LOOP_STARVED_LATENESS);
}

static void timers_fire_without_memory(void **state)
{
	static struct alarm alarms[TIMERS];
	unsigned left = 0, starved = 0;

	(void)state;
	memory_fails = true;
	for (size_t i = 0; i < TIMERS; i++) {
		alarm_set(&alarms[i], (int64_t)(i % 100) * MILLISECOND, &left);
		starved += alarms[i].timer.starved.link != NULL;
	}
	assert_in_range(starved, TIMERS / 2, TIMERS);
	assert_int_equal(loop_run(loop), 0);
	for (size_t i = 0; i < TIMERS; i++)
		alarm_check(&alarms[i]);
}

/* Whoever fires first cancels the other, wherever that one stands. */
static void starved_timers_cancel_each_other(void **state)
{
	static struct alarm alarms[TIMERS];
	unsigned left = 0, fired = 0;

	(void)state;
	memory_fails = true;
	for (size_t i = 0; i < TIMERS; i++)
		alarm_set(&alarms[i], 1, &left);
	for (size_t i = 0; i < TIMERS; i++)
		alarms[i].victim = &alarms[i ^ 1];
	left = TIMERS / 2;
	assert_int_equal(loop_run(loop), 0);
	for (size_t i = 0; i < TIMERS; i++) {
		fired += alarms[i].fired_us != 0;
		assert_false(loop_timer_pending(&alarms[i].timer));
	}
	assert_int_equal(fired, TIMERS / 2);
}

static void timers_find_room_again(void **state)
{
	static struct alarm alarms[TIMERS];
	unsigned left = 0;
	struct alarm first;

	(void)state;
	memory_fails = true;
	for (size_t i = 0; i < TIMERS; i++)
		alarm_set(&alarms[i], 300 * MILLISECOND, &left);
	left = 1;
	memory_fails = false;
	first = (struct alarm){ .left = &left };
	loop_timer_init(&first.timer, loop, LOOP_PRIORITY_ANSWER, alarm_fired, &first);
	loop_timer_set(&first.timer, 3 * LOOP_STARVED_LATENESS);
	assert_int_equal(loop_run(loop), 0);
	for (size_t i = 0; i < TIMERS; i++) {
		assert_null(alarms[i].timer.starved.link);
		assert_true(loop_timer_pending(&alarms[i].timer));
		loop_timer_done(&alarms[i].timer);
	}
}

struct ear {
	struct loop_watch watch;
	unsigned heard;
	unsigned ready;
};

static void ear_heard(void *context, unsigned ready)
{
	struct ear *ear = context;
	char octet;

	ear->ready = ready;
	ear->heard++;
	if (ready & LOOP_READ && read(ear->watch.fd, &octet, 1) != 1)
		loop_watch_set(&ear->watch, -1, 0);
	loop_stop(loop);
}

/* A pipe of high numbers, its reading end watched. */
static void ear_open(struct ear *ear, int ends[2])
{
	int low[2];

	assert_int_equal(pipe2(low, O_NONBLOCK | O_CLOEXEC), 0);
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, HIGH_FD);
		assert_true(ends[i] >= HIGH_FD);
		close(low[i]);
	}
	*ear = (struct ear){ 0 };
	loop_watch_init(&ear->watch, loop, ear_heard, ear);
	loop_watch_set(&ear->watch, ends[0], LOOP_READ);
	assert_non_null(ear->watch.starved.link);
}

static void hear_once(struct ear *ear, int from)
{
	unsigned before = ear->heard;

	assert_int_equal(write(from, "x", 1), 1);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(ear->heard, before + 1);
	assert_int_equal(ear->ready, LOOP_READ);
}

static void watches_hear_while(bool *trouble)
{
	struct ear ear;
	int ends[2];

	*trouble = true;
	ear_open(&ear, ends);
	hear_once(&ear, ends[1]);
	hear_once(&ear, ends[1]);
	assert_non_null(ear.watch.starved.link);
	*trouble = false;
	hear_once(&ear, ends[1]);
	assert_null(ear.watch.starved.link);
	hear_once(&ear, ends[1]);
	close(ends[1]);
	assert_int_equal(loop_run(loop), 0); /* its end is heard as well */
	assert_int_equal(ear.watch.fd, -1);
	loop_watch_done(&ear.watch);
	close(ends[0]);
}

static void watches_hear_without_memory(void **state)
{
	(void)state;
	watches_hear_while(&memory_fails);
}

static void watches_hear_without_room_in_the_poll_set(void **state)
{
	(void)state;
	watches_hear_while(&epoll_fails);
}

static void starved_watches_hear_hangups_and_go(void **state)
{
	struct ear ear;
	int ends[2];

	(void)state;
	epoll_fails = true;
	ear_open(&ear, ends);
	close(ends[1]);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(ear.heard, 1);
	assert_null(ear.watch.starved.link);
	loop_watch_set(&ear.watch, ends[0], LOOP_READ | LOOP_WRITE);
	loop_watch_done(&ear.watch);
	assert_null(ear.watch.starved.link);
	close(ends[0]);
}

static void no_loop_without_its_ticker(void **state)
{
	struct loop *none = NULL;

	(void)state;
	timerfd_fails = true;
	assert_int_equal(loop_new(&none), -EMFILE);
	timerfd_fails = false;
	epoll_fails = true;
	assert_true(loop_new(&none) < 0);
	epoll_fails = false;
	memory_fails = true;
	assert_true(loop_new(&none) < 0);
	memory_fails = false;
	assert_null(none);
}

static struct {
	struct loop_timer first, second, moved, cancelled;
	bool returned, seen;
} soon;

static void first_fired(void *context)
{
	(void)context;
	loop_timer_soon(&soon.second);
	assert_true(loop_timer_pending(&soon.second));
	loop_timer_soon(&soon.moved);
	loop_timer_set(&soon.moved, 5 * MILLISECOND);
	loop_timer_soon(&soon.cancelled);
	loop_timer_cancel(&soon.cancelled);
	assert_false(loop_timer_pending(&soon.cancelled));
	soon.returned = true;
}

static void second_fired(void *context)
{
	(void)context;
	soon.seen = soon.returned;
	assert_false(loop_timer_pending(&soon.second));
}

static void moved_fired(void *context)
{
	(void)context;
	assert_true(soon.seen);
	assert_true(clock_now_us() >= loop_timer_due(&soon.moved));
	loop_stop(loop);
}

/* After the callback that asked for it, unless it is put off or cancelled. */
static void soon_comes_after_the_callback(void **state)
{
	static const struct {
		struct loop_timer *timer;
		loop_timer_fn fire;
	} rows[] = {
		{ &soon.first, first_fired },
		{ &soon.second, second_fired },
		{ &soon.moved, moved_fired },
		{ &soon.cancelled, alarm_fired },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		loop_timer_init(
			rows[i].timer, loop, LOOP_PRIORITY_ANSWER, rows[i].fire, NULL);
	loop_timer_set(&soon.first, 0);
	assert_int_equal(loop_run(loop), 0);
}

static void stopped_before_it_runs(void **state)
{
	(void)state;
	loop_stop(loop);
	assert_int_equal(loop_run(loop), 0); /* or the test hangs */
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(soon_comes_after_the_callback),
		UNIT(timers_fire_without_memory),
		UNIT(starved_timers_cancel_each_other),
		UNIT(timers_find_room_again),
		UNIT(watches_hear_without_memory),
		UNIT(watches_hear_without_room_in_the_poll_set),
		UNIT(starved_watches_hear_hangups_and_go),
		UNIT(stopped_before_it_runs),
		cmocka_unit_test(no_loop_without_its_ticker),
	};

	event_set_mem_functions(poor_malloc, poor_realloc, free);
	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
