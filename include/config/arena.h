/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is freed all at once: what one configuration consists of. Running out is
 * remembered, so that a loader asks once at its end instead of at each string.
 */
#ifndef CONFIG_ARENA_H
#define CONFIG_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

/** Zero it to begin; arena_done() frees what it holds. */
struct arena {
	struct arena_block *blocks; /* the newest first */
	bool failed;                /* an allocation found no memory */
};

/** \return zeroed memory, aligned for any type; NULL and arena->failed if there is none.
 */
void *arena_alloc(struct arena *arena, size_t size);

/** As arena_alloc() for an array; never wraps. A count of 0 is one element. */
void *arena_array(struct arena *arena, size_t count, size_t size);

char *arena_copy(struct arena *arena, const char *string);
char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void arena_done(struct arena *arena);

#endif
