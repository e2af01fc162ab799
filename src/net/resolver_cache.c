/* SPDX-License-Identifier: Apache-2.0 */
#include "net/resolver_cache.h"

#include <stdlib.h>
#include <string.h>

/* uthash ends the process when memory is short unless told that the caller copes. */
#define HASH_NONFATAL_OOM         1
#define uthash_nonfatal_oom(item) ((item)->hashed = false)
#include <uthash.h>

struct cache_entry {
	UT_hash_handle hh;
	struct resolver_key key;
	struct resolution resolution;
	int64_t expires_us;
	bool hashed; /* false: no memory for its place in the table */
};

struct resolver_cache {
	struct cache_entry *entries;
};

struct resolver_cache *resolver_cache_new(void)
{
	return calloc(1, sizeof(struct resolver_cache));
}

static void entry_remove(struct resolver_cache *cache, struct cache_entry *entry)
{
	HASH_DEL(cache->entries, entry);
	free(entry);
}

void resolver_cache_free(struct resolver_cache *cache)
{
	struct cache_entry *entry, *next;

	if (!cache)
		return;
	HASH_ITER (hh, cache->entries, entry, next)
		entry_remove(cache, entry);
	free(cache);
}

static struct cache_entry *entry_find(
	struct resolver_cache *cache, const struct resolver_key *key)
{
	struct cache_entry *entry;

	HASH_FIND_STR(cache->entries, key->text, entry);
	return entry;
}

const struct resolution *resolver_cache_find(
	struct resolver_cache *cache, const struct resolver_key *key, int64_t now_us)
{
	struct cache_entry *entry = entry_find(cache, key);

	if (entry && entry->expires_us <= now_us) {
		entry_remove(cache, entry);
		entry = NULL;
	}
	return entry ? &entry->resolution : NULL;
}

static struct cache_entry *entry_new(
	struct resolver_cache *cache, const struct resolver_key *key)
{
	struct cache_entry *entry;

	if (resolver_cache_size(cache) >= RESOLVER_CACHE_MAX)
		entry_remove(cache, cache->entries);
	entry = calloc(1, sizeof(*entry));
	if (entry)
		entry->key = *key;
	return entry;
}

/* uthash keeps the order of adding: the first of the table is the one put longest ago. */
void resolver_cache_put(struct resolver_cache *cache, const struct resolver_key *key,
	const struct resolution *resolution, int64_t expires_us)
{
	struct cache_entry *entry = entry_find(cache, key);

	if (entry)
		HASH_DEL(cache->entries, entry);
	else
		entry = entry_new(cache, key);
	if (!entry)
		return;
	entry->resolution = *resolution;
	entry->expires_us = expires_us;
	entry->hashed = true;
	HASH_ADD_STR(cache->entries, key.text, entry);
	if (!entry->hashed)
		free(entry);
}

size_t resolver_cache_size(const struct resolver_cache *cache)
{
	return HASH_COUNT(cache->entries);
}
