/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of bounded size: each key has eight places to be in, and the one of them that
 * was unused for longest gives way. Keys are keyed_hash() of what they stand for: two
 * that are equal are the same.
 */
#ifndef MEDIA_SLOT_TABLE_H
#define MEDIA_SLOT_TABLE_H

#include <stddef.h>
#include <stdint.h>

/** Stands first in what is kept. */
struct slot {
	uint64_t key; /* 0 = free */
	int64_t used_us;
};

struct slot_table {
	uint8_t *slots;
	size_t size; /* of what is kept */
	size_t sets;
};

#define SLOT_WAYS 8

/** \retval -1  out of memory */
int slot_table_init(struct slot_table *table, size_t size, size_t sets);
void slot_table_done(struct slot_table *table);

/** NULL if it is not there. */
void *slot_find(const struct slot_table *table, uint64_t key);

/** A place for a key that is not there; all of it is zero but its beginning. */
void *slot_take(struct slot_table *table, uint64_t key, int64_t now_us);

/** Those used since then. */
size_t slot_count(const struct slot_table *table, int64_t since_us);

#endif
