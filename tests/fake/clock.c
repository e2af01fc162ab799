/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "fake/fake.h"

static struct {
	int64_t monotonic;
	int64_t wall;
} hands = { FAKE_CLOCK_START, FAKE_CLOCK_WALL };

int64_t clock_now_us(void)
{
	return hands.monotonic;
}

int64_t clock_wall_us(void)
{
	return hands.wall;
}

int64_t clock_wall_ns(void)
{
	return hands.wall * 1000;
}

void fake_clock_reset(void)
{
	hands.monotonic = FAKE_CLOCK_START;
	hands.wall = FAKE_CLOCK_WALL;
}

void fake_clock_advance(int64_t micros)
{
	hands.monotonic += micros;
	hands.wall += micros;
}

void fake_clock_step_wall(int64_t micros)
{
	hands.wall += micros;
}
