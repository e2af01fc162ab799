/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hands of the fake clock and the fake loop. A test lists fake_clock, or fake_clock
 * and fake_loop (tests/meson.build), among its sources; as they define every function of
 * base/clock.h and net/loop.h, the linker leaves the real members in their archives.
 *
 * Time stands still unless a test moves it: a whole day of schedules takes milliseconds.
 */
#ifndef FAKE_FAKE_H
#define FAKE_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

/** Where the monotonic hand stands before a test moves it; never 0, as in life. */
#define FAKE_CLOCK_START INT64_C(1000000000)

/** The wall hand then: 2026-01-01 00:00:00 UTC. */
#define FAKE_CLOCK_WALL INT64_C(1767225600000000)

/** Both hands back to the start. */
void fake_clock_reset(void);

/** Moves both hands; fires nothing: inside a callback it plays a slow callback. */
void fake_clock_advance(int64_t micros);

/** Steps the wall hand alone, as an administrator or NTP does. */
void fake_clock_step_wall(int64_t micros);

/**
 * Moves the clock on from timer to timer and fires each at its due time, those it sets
 * on the way included; equal times go by priority, then by the order in which they were
 * set. \return how many fired
 */
size_t fake_loop_advance(struct loop *loop, int64_t micros);

/** Fires what is due at this moment, what that sets for now included; time stands. */
size_t fake_loop_settle(struct loop *loop);

/** Moves the clock to the next timer and fires that one. \retval false  none pending */
bool fake_loop_step(struct loop *loop);

/** How many timers are pending, and when the first is due (0 without any). */
size_t fake_loop_timers(const struct loop *loop);
int64_t fake_loop_next_due(const struct loop *loop);

/**
 * From now on the watches are told of their sockets as in life, while time stands still;
 * it moves on to the next timer only when nothing more arrives. For partners on this
 * loop, not in threads: those need real time.
 */
void fake_loop_hear_sockets(struct loop *loop);

/** Tells the watch of fd that it is ready. \retval false  nobody waits for these events
 */
bool fake_loop_ready(struct loop *loop, int fd, unsigned events);

/** What is wanted of fd now; 0 = it is not watched. */
unsigned fake_loop_interest(const struct loop *loop, int fd);

#endif
