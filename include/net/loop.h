/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one event loop. Only src/net/loop.c knows libevent; everybody else watches
 * descriptors and sets timers through this page, and tests/fake/loop.c plays the same
 * page in virtual time.
 *
 * Timers and watches are owned by who embeds them: init once, set and cancel at will,
 * done before the memory goes. Initialising allocates nothing. Within a callback its own
 * timer or watch may be cancelled, set again or done.
 *
 * Setting cannot fail: what libevent or the kernel has no memory for is served by hand,
 * up to LOOP_STARVED_LATENESS late, until it has. A lost deadline would keep a run for
 * ever, and a lost watch would turn an answer into the target's silence.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

struct loop;

#define LOOP_STARVED_LATENESS (50 * MILLISECOND)

#define LOOP_READ  1U
#define LOOP_WRITE 2U

/** What is finished goes before what begins, so that a burst of starts delays no answer.
 */
enum loop_priority { LOOP_PRIORITY_ANSWER, LOOP_PRIORITY_START };

/* Room for libevent's struct event, checked in loop.c; nobody else looks inside. */
struct loop_event {
	alignas(max_align_t) unsigned char storage[160];
};

/* Links those that are served by hand; link NULL = not one of them. */
struct loop_starved {
	struct loop_starved *next, **link;
	void (*serve)(struct loop_starved *starved);
};

typedef void (*loop_timer_fn)(void *context);
typedef void (*loop_watch_fn)(void *context, unsigned ready);
typedef void (*loop_signal_fn)(void *context, int number);

struct loop_timer {
	struct loop_event event;
	loop_timer_fn fire;
	void *context;
	struct loop *loop;
	int64_t due_us;
	struct loop_starved starved;
};

struct loop_watch {
	struct loop_event event;
	loop_watch_fn ready;
	void *context;
	struct loop *loop;
	int fd; /* -1 = watches nothing */
	unsigned interest;
	struct loop_starved starved;
};

struct loop_signal {
	struct loop_event event;
	loop_signal_fn caught;
	void *context;
};

/** \retval 0, or -errno when the kernel gives no poll set or no timer. */
int loop_new(struct loop **ret_loop);

/** All timers, watches and signals must be done before. */
void loop_free(struct loop *loop);

/** Turns until loop_stop(), not at all if that was said before. \retval 0, or -errno. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

void loop_timer_init(struct loop_timer *timer, struct loop *loop,
	enum loop_priority priority, loop_timer_fn fire, void *context);

/**
 * Fires once, so many microseconds from the clock's now (not from the start of this
 * turn); 0 or less = on the next turn. Setting again moves it.
 */
void loop_timer_set(struct loop_timer *timer, int64_t delay_us);

/**
 * Fires once, right after the callback that is running has returned: a turn less than
 * loop_timer_set() with 0, which asks the kernel first. Only for what comes to an end:
 * a timer of ANSWER that always sets itself again this way would starve everybody else.
 */
void loop_timer_soon(struct loop_timer *timer);
void loop_timer_cancel(struct loop_timer *timer);

/** By when it must fire, on clock_now_us(); meaningful while pending. */
static inline int64_t loop_timer_due(const struct loop_timer *timer)
{
	return timer->due_us;
}

bool loop_timer_pending(const struct loop_timer *timer);
void loop_timer_done(struct loop_timer *timer);

void loop_watch_init(
	struct loop_watch *watch, struct loop *loop, loop_watch_fn ready, void *context);

/**
 * Watches fd until told otherwise (level triggered). interest 0 stops watching; must be
 * said before fd is closed, else the kernel's next holder of the number is watched.
 */
void loop_watch_set(struct loop_watch *watch, int fd, unsigned interest);
void loop_watch_done(struct loop_watch *watch);

void loop_signal_init(struct loop_signal *signal, struct loop *loop, int number,
	loop_signal_fn caught, void *context);
void loop_signal_done(struct loop_signal *signal);

#endif
