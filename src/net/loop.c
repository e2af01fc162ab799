/* SPDX-License-Identifier: Apache-2.0 */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/log.h"

_Static_assert(sizeof(struct event) <= sizeof(struct loop_event),
	"enlarge struct loop_event: libevent's struct event has grown");

#define PRIORITIES (LOOP_PRIORITY_START + 1)

struct loop {
	struct event_base *base;
};

static struct event *event_of(struct loop_event *event)
{
	return (struct event *)(void *)event->storage;
}

static void log_libevent(int severity, const char *message)
{
	if (severity >= EVENT_LOG_WARN)
		log_warn(message, "library", "libevent");
}

/*
 * PRECISE_TIMER: without it libevent rounds to milliseconds of its poll call, and a 20 ms
 * period showed a p99 error of 4.2 ms instead of 69 us.
 */
static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (!config)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

int loop_new(struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return -ENOMEM;
	event_set_log_callback(log_libevent);
	loop->base = base_new();
	if (!loop->base || event_base_priority_init(loop->base, PRIORITIES) < 0) {
		loop_free(loop);
		return -EMFILE;
	}
	*ret_loop = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->base)
		event_base_free(loop->base);
	free(loop);
}

int loop_run(struct loop *loop)
{
	return event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY) < 0 ? -EIO : 0;
}

void loop_stop(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
	struct loop_timer *timer = context;

	(void)fd;
	(void)what;
	timer->fire(timer->context);
}

void loop_timer_init(struct loop_timer *timer, struct loop *loop,
	enum loop_priority priority, loop_timer_fn fire, void *context)
{
	*timer = (struct loop_timer){ .fire = fire, .context = context, .loop = loop };
	event_assign(event_of(&timer->event), loop->base, -1, 0, timer_fired, timer);
	event_priority_set(event_of(&timer->event), (int)priority);
}

/*
 * libevent counts from the time it cached at the start of the turn; after a long callback
 * a deadline would come early (290 of 300 ms were seen), so the cache is renewed first.
 */
void loop_timer_set(struct loop_timer *timer, int64_t delay_us)
{
	struct timeval delay = { 0 };

	timer->due_us = clock_now_us() + (delay_us > 0 ? delay_us : 0);
	if (delay_us > 0) {
		event_base_update_cache_time(timer->loop->base);
		delay.tv_sec = (time_t)(delay_us / SECOND);
		delay.tv_usec = (suseconds_t)(delay_us % SECOND);
	}
	event_add(event_of(&timer->event), &delay);
}

void loop_timer_cancel(struct loop_timer *timer)
{
	event_del(event_of(&timer->event));
}

bool loop_timer_pending(const struct loop_timer *timer)
{
	const struct event *event = (const void *)timer->event.storage;

	return event_pending(event, EV_TIMEOUT, NULL) != 0;
}

void loop_timer_done(struct loop_timer *timer)
{
	if (timer->loop)
		loop_timer_cancel(timer);
}

static void watch_ready(evutil_socket_t fd, short what, void *context)
{
	struct loop_watch *watch = context;
	unsigned ready = 0;

	(void)fd;
	if (what & EV_READ)
		ready |= LOOP_READ;
	if (what & EV_WRITE)
		ready |= LOOP_WRITE;
	watch->ready(watch->context, ready);
}

void loop_watch_init(
	struct loop_watch *watch, struct loop *loop, loop_watch_fn ready, void *context)
{
	*watch = (struct loop_watch){
		.ready = ready, .context = context, .loop = loop, .fd = -1
	};
}

void loop_watch_set(struct loop_watch *watch, int fd, unsigned interest)
{
	short what = EV_PERSIST;

	if (fd == watch->fd && interest == watch->interest)
		return;
	if (watch->fd >= 0)
		event_del(event_of(&watch->event));
	watch->fd = interest ? fd : -1;
	watch->interest = interest;
	if (!interest)
		return;
	assert(fd >= 0);
	if (interest & LOOP_READ)
		what |= EV_READ;
	if (interest & LOOP_WRITE)
		what |= EV_WRITE;
	event_assign(
		event_of(&watch->event), watch->loop->base, fd, what, watch_ready, watch);
	event_priority_set(event_of(&watch->event), LOOP_PRIORITY_ANSWER);
	event_add(event_of(&watch->event), NULL);
}

void loop_watch_done(struct loop_watch *watch)
{
	if (watch->loop)
		loop_watch_set(watch, -1, 0);
}

static void signal_caught(evutil_socket_t number, short what, void *context)
{
	struct loop_signal *signal = context;

	(void)what;
	signal->caught(signal->context, (int)number);
}

void loop_signal_init(struct loop_signal *signal, struct loop *loop, int number,
	loop_signal_fn caught, void *context)
{
	signal->caught = caught;
	signal->context = context;
	event_assign(event_of(&signal->event), loop->base, number, EV_SIGNAL | EV_PERSIST,
		signal_caught, signal);
	event_add(event_of(&signal->event), NULL);
}

void loop_signal_done(struct loop_signal *signal)
{
	if (signal->caught)
		event_del(event_of(&signal->event));
}
