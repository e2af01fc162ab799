/* SPDX-License-Identifier: Apache-2.0 */
/* How wrong this host's clock may be, as its kernel has it from its own time servers. */
#ifndef NET_OWN_CLOCK_H
#define NET_OWN_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct own_clock {
	bool known; /* false: a sandbox refuses adjtimex(2) */
	bool synchronised;
	int64_t error_us; /* at the most; grows while no time server is heard */
};

struct own_clock own_clock_examine(void);

/** The same as the error estimate of media/stamp.h; costs a system call. */
uint16_t own_clock_estimate(void);

#endif
