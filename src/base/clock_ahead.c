/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

/* A busy machine may leave us standing between two readings, for milliseconds. */
#define CLOSE_US 50
#define TRIES    20

int64_t clock_ahead_us(void)
{
	int64_t closest_us = INT64_MAX, ahead_us = 0;

	for (int i = 0; i < TRIES && closest_us > CLOSE_US; i++) {
		int64_t before_us = clock_now_us(), wall_us = clock_wall_us();
		int64_t apart_us = clock_now_us() - before_us;

		if (apart_us < closest_us) {
			closest_us = apart_us;
			ahead_us = wall_us - before_us - apart_us / 2;
		}
	}
	return ahead_us;
}
