/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out on command: with fake_memory every allocation of ours, not of the
 * libraries', after the n-th fails.
 */
#ifndef TESTS_FAKE_MEMORY_H
#define TESTS_FAKE_MEMORY_H

#include <stdbool.h>

/** \param allowed  allocations that still succeed; negative = no end */
void memory_limit(long allowed);

/** The allocation after so many fails, those after it succeed again. */
void memory_fail_once(long allowed);

/** Whether the allocation that was to fail has failed. */
bool memory_has_failed(void);

#endif
