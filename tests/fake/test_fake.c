/* SPDX-License-Identifier: Apache-2.0 */
/* The fakes keep the promises of the pages they play, or no test built on them counts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake/fake.h"
#include "net/loop.h"

#define TIMERS 500

struct probe {
	struct loop_timer timer;
	struct loop *loop;
	int64_t fired_at;
	int fires;
	int64_t again_us; /* >= 0: sets itself again */
	int order;
};

static int fired_in_order;

static void fire(void *context)
{
	struct probe *probe = context;

	probe->fires++;
	probe->fired_at = clock_now_us();
	probe->order = ++fired_in_order;
	if (probe->again_us >= 0 && probe->fires < 3)
		loop_timer_set(&probe->timer, probe->again_us);
	else if (probe->again_us < -1)
		loop_stop(probe->loop);
}

static struct loop *begin(void)
{
	struct loop *loop;

	fake_clock_reset();
	fired_in_order = 0;
	assert_int_equal(loop_new(&loop), 0);
	return loop;
}

static void arm(struct probe *probe, struct loop *loop, enum loop_priority priority,
	int64_t delay_us)
{
	*probe = (struct probe){ .loop = loop, .again_us = -1 };
	loop_timer_init(&probe->timer, loop, priority, fire, probe);
	loop_timer_set(&probe->timer, delay_us);
}

static void test_clock(void **state)
{
	(void)state;
	fake_clock_reset();
	assert_int_equal(clock_now_us(), FAKE_CLOCK_START);
	fake_clock_advance(5);
	fake_clock_step_wall(-SECOND);
	assert_int_equal(clock_now_us(), FAKE_CLOCK_START + 5);
	assert_int_equal(clock_wall_us(), FAKE_CLOCK_WALL + 5 - SECOND);
}

static void test_random_timers_fire_on_time(void **state)
{
	static struct probe probes[TIMERS];
	struct loop *loop = begin();
	int64_t last = 0;

	(void)state;
	srandom(1);
	for (int i = 0; i < TIMERS; i++)
		arm(&probes[i], loop, LOOP_PRIORITY_START, random() % SECOND);
	for (int i = 0; i < TIMERS; i += 3)
		loop_timer_cancel(&probes[i].timer);
	for (int i = 0; i < TIMERS; i += 5)
		loop_timer_set(&probes[i].timer, random() % SECOND);
	while (fake_loop_timers(loop) > 0) {
		int64_t due = fake_loop_next_due(loop);

		assert_true(due >= last);
		assert_true(fake_loop_step(loop));
		assert_int_equal(clock_now_us(), due);
		last = due;
	}
	for (int i = 0; i < TIMERS; i++) {
		assert_int_equal(probes[i].fires, i % 3 != 0 || i % 5 == 0);
		if (probes[i].fires > 0)
			assert_int_equal(
				probes[i].fired_at, loop_timer_due(&probes[i].timer));
	}
	assert_false(fake_loop_step(loop));
	loop_free(loop);
}

static void test_equal_times_go_by_priority_then_order(void **state)
{
	struct loop *loop = begin();
	struct probe first, second, answer;

	(void)state;
	arm(&first, loop, LOOP_PRIORITY_START, 10);
	arm(&second, loop, LOOP_PRIORITY_START, 10);
	arm(&answer, loop, LOOP_PRIORITY_ANSWER, 10);
	assert_int_equal(fake_loop_advance(loop, 9), 0);
	assert_int_equal(fake_loop_advance(loop, 1), 3);
	assert_int_equal(answer.order, 1);
	assert_int_equal(first.order, 2);
	assert_int_equal(second.order, 3);
	loop_free(loop);
}

static void test_set_again_on_the_way(void **state)
{
	struct loop *loop = begin();
	struct probe probe;

	(void)state;
	arm(&probe, loop, LOOP_PRIORITY_START, 10);
	probe.again_us = 10;
	assert_int_equal(fake_loop_advance(loop, 25), 2);
	assert_int_equal(clock_now_us(), FAKE_CLOCK_START + 25);
	assert_true(loop_timer_pending(&probe.timer));
	probe.again_us = 0;
	assert_int_equal(fake_loop_advance(loop, 5), 1);
	assert_int_equal(fake_loop_settle(loop), 0);
	loop_free(loop);
}

static void test_run_ends_when_stopped(void **state)
{
	struct loop *loop = begin();
	struct probe probe, later;

	(void)state;
	arm(&probe, loop, LOOP_PRIORITY_START, MINUTE);
	arm(&later, loop, LOOP_PRIORITY_START, 2 * MINUTE);
	probe.again_us = -2;
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(clock_now_us(), FAKE_CLOCK_START + MINUTE);
	assert_int_equal(loop_run(loop), -EIO);
	assert_int_equal(later.fires, 1);
	loop_free(loop);
}

static void note_ready(void *context, unsigned ready)
{
	*(unsigned *)context = ready;
}

static void test_watches_fire_only_when_told(void **state)
{
	struct loop *loop = begin();
	struct loop_watch watch, other;
	unsigned seen = 0, other_seen = 0;

	(void)state;
	loop_watch_init(&watch, loop, note_ready, &seen);
	loop_watch_init(&other, loop, note_ready, &other_seen);
	loop_watch_set(&watch, 7, LOOP_READ);
	loop_watch_set(&other, 8, LOOP_READ | LOOP_WRITE);
	fake_loop_advance(loop, MINUTE);
	assert_int_equal(seen, 0);
	assert_int_equal(fake_loop_interest(loop, 7), LOOP_READ);
	assert_false(fake_loop_ready(loop, 7, LOOP_WRITE));
	assert_true(fake_loop_ready(loop, 7, LOOP_READ));
	assert_int_equal(seen, LOOP_READ);
	loop_watch_set(&watch, 7, 0);
	assert_false(fake_loop_ready(loop, 7, LOOP_READ));
	loop_watch_done(&watch);
	loop_watch_done(&other);
	assert_int_equal(other_seen, 0);
	loop_free(loop);
}

static void echo(void *context, unsigned ready)
{
	struct loop_watch *watch = context;
	char octet;

	if (ready & LOOP_READ)
		assert_int_equal(read(watch->fd, &octet, 1), 1);
	if (ready & LOOP_WRITE)
		assert_int_equal(write(watch->fd, "x", 1), 1);
	loop_watch_set(watch, watch->fd, ready & LOOP_READ ? LOOP_WRITE : LOOP_READ);
}

/* Two that answer each other for ever: no time passes, and the timers have their turn. */
static void test_sockets_are_heard_before_time_moves(void **state)
{
	struct loop *loop = begin();
	struct loop_watch ends[2];
	struct probe now, never;
	int sockets[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
	for (int i = 0; i < 2; i++) {
		loop_watch_init(&ends[i], loop, echo, &ends[i]);
		loop_watch_set(&ends[i], sockets[i], i == 0 ? LOOP_READ : LOOP_WRITE);
	}
	fake_loop_hear_sockets(loop);
	arm(&now, loop, LOOP_PRIORITY_START, 0);
	now.again_us = 0;
	arm(&never, loop, LOOP_PRIORITY_START, 1);
	for (int i = 0; i < 100; i++)
		assert_true(fake_loop_step(loop));
	assert_int_equal(now.fires, 3);
	assert_int_equal(never.fires, 0);
	assert_int_equal(clock_now_us(), FAKE_CLOCK_START);
	/* silence, so that it moves */
	loop_watch_done(&ends[0]);
	while (never.fires == 0)
		assert_true(fake_loop_step(loop));
	assert_int_equal(clock_now_us(), FAKE_CLOCK_START + 1);
	loop_watch_done(&ends[1]);
	close(sockets[0]);
	close(sockets[1]);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_random_timers_fire_on_time),
		cmocka_unit_test(test_equal_times_go_by_priority_then_order),
		cmocka_unit_test(test_set_again_on_the_way),
		cmocka_unit_test(test_run_ends_when_stopped),
		cmocka_unit_test(test_watches_fire_only_when_told),
		cmocka_unit_test(test_sockets_are_heard_before_time_moves),
	};

	return cmocka_run_group_tests_name("fakes", tests, NULL, NULL);
}
