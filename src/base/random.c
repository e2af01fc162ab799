/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <stdint.h>
#include <sys/random.h>

#include "base/clock.h"

/* A multiplicative hash of the clock: its high octets differ even a microsecond later. */
static void fill_by_clock(uint8_t *octets, size_t length)
{
	uint64_t state = (uint64_t)clock_now_us() ^ (uintptr_t)octets;

	while (length-- > 0) {
		state = state * UINT64_C(6364136223846793005) + 1;
		*octets++ = (uint8_t)(state >> 56);
	}
}

void random_fill(void *data, size_t length)
{
	if (getrandom(data, length, GRND_NONBLOCK) != (ssize_t)length)
		fill_by_clock(data, length);
}
