/* SPDX-License-Identifier: Apache-2.0 */
/* What names led to, each until its time is over; bounded, the oldest goes first. */
#ifndef NET_RESOLVER_CACHE_H
#define NET_RESOLVER_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/resolution.h"
#include "net/resolver_key.h"

/** Names held at most, both families counted: about 2 MB when full. */
#define RESOLVER_CACHE_MAX 4096

/** For entries that are never too old. */
#define RESOLVER_CACHE_FOREVER INT64_MAX

struct resolver_cache;

/** \retval NULL  out of memory */
struct resolver_cache *resolver_cache_new(void);
void resolver_cache_free(struct resolver_cache *cache);

/** \retval NULL  not there, or not any more. Valid until the next call that changes. */
const struct resolution *resolver_cache_find(
	struct resolver_cache *cache, const struct resolver_key *key, int64_t now_us);

/** Without memory the entry is simply not kept: a cache owes nothing. */
void resolver_cache_put(struct resolver_cache *cache, const struct resolver_key *key,
	const struct resolution *resolution, int64_t expires_us);

size_t resolver_cache_size(const struct resolver_cache *cache);

#endif
