/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out on command: link with -Wl,--wrap=malloc,--wrap=calloc,
 * --wrap=realloc and every allocation after the n-th fails.
 */
#ifndef TESTS_REPORT_MEMORY_H
#define TESTS_REPORT_MEMORY_H

/** \param allowed  allocations that still succeed; negative = no end */
void memory_limit(long allowed);

#endif
