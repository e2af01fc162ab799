/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that strangers cannot guess: ids, cookies and tags of what we ask. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>

/**
 * Fills data from the kernel, which is asked for 256 octets at a time; a child has others
 * than its parent. Never waits: in the first moments after power-on, when the kernel has
 * nothing yet, the clock stands in, which differs from run to run.
 */
void random_fill(void *data, size_t length);

#endif
