/* SPDX-License-Identifier: Apache-2.0 */
#include "net/own_clock.h"

#include <sys/timex.h>

#include "media/stamp.h"

struct own_clock own_clock_examine(void)
{
	struct timex kernel = { .modes = 0 };
	struct own_clock clock = { .known = adjtimex(&kernel) >= 0 };

	if (clock.known) {
		clock.synchronised = (kernel.status & STA_UNSYNC) == 0;
		clock.error_us = kernel.maxerror;
	}
	return clock;
}

uint16_t own_clock_estimate(void)
{
	struct own_clock clock = own_clock_examine();

	return stamp_error(clock.error_us, clock.synchronised);
}
