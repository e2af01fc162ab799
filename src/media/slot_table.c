/* SPDX-License-Identifier: Apache-2.0 */
#include "media/slot_table.h"

#include <stdlib.h>
#include <string.h>

int slot_table_init(struct slot_table *table, size_t size, size_t sets)
{
	table->slots = calloc(sets * SLOT_WAYS, size);
	table->size = size;
	table->sets = sets;
	return table->slots ? 0 : -1;
}

void slot_table_done(struct slot_table *table)
{
	free(table->slots);
	table->slots = NULL;
}

static struct slot *at(const struct slot_table *table, size_t index)
{
	return (struct slot *)(void *)(table->slots + index * table->size);
}

static size_t set_of(const struct slot_table *table, uint64_t key)
{
	return (size_t)(key % table->sets) * SLOT_WAYS;
}

void *slot_find(const struct slot_table *table, uint64_t key)
{
	size_t first = set_of(table, key);

	for (size_t i = first; i < first + SLOT_WAYS; i++)
		if (at(table, i)->key == key)
			return at(table, i);
	return NULL;
}

void *slot_take(struct slot_table *table, uint64_t key, int64_t now_us)
{
	size_t first = set_of(table, key);
	struct slot *oldest = at(table, first);

	for (size_t i = first + 1; i < first + SLOT_WAYS && oldest->key != 0; i++) {
		struct slot *slot = at(table, i);

		if (slot->key == 0 || slot->used_us < oldest->used_us)
			oldest = slot;
	}
	memset(oldest, 0, table->size);
	oldest->key = key;
	oldest->used_us = now_us;
	return oldest;
}

size_t slot_count(const struct slot_table *table, int64_t since_us)
{
	size_t count = 0;

	for (size_t i = 0; i < table->sets * SLOT_WAYS; i++)
		count += at(table, i)->key != 0 && at(table, i)->used_us >= since_us;
	return count;
}
