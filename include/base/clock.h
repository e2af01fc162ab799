/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two clocks of the program, in microseconds. Nothing else reads time; tests link
 * tests/fake/clock.c in its place and turn the hands themselves.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define MICROSECOND        INT64_C(1)
#define MILLISECOND        INT64_C(1000)
#define SECOND             INT64_C(1000000)
#define MINUTE             (60 * SECOND)
#define SECONDS_OF(micros) ((double)(micros) / 1e6)

/** Monotonic time: for durations, deadlines and schedules; never stepped. */
int64_t clock_now_us(void);

/** Time since 1970-01-01 UTC: for time stamps that people and Prometheus read. */
int64_t clock_wall_us(void);

/** By how much the wall clock is ahead of the monotonic one: more or less once set. */
int64_t clock_ahead_us(void);

/** Wall time in nanoseconds, as the kernel stamps packets: for media/stamp.h. */
int64_t clock_wall_ns(void);

#endif
