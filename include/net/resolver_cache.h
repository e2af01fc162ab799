/* SPDX-License-Identifier: Apache-2.0 */
/* What names led to, each until its time is over; bounded, nearest expiry goes first. */
#ifndef NET_RESOLVER_CACHE_H
#define NET_RESOLVER_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/dns_name.h"
#include "net/resolution.h"

/** Names held at most, both families counted: about 2 MB when full. */
#define RESOLVER_CACHE_MAX 4096

/** For entries that are never too old. */
#define RESOLVER_CACHE_FOREVER INT64_MAX

struct resolver_cache;

/** What is asked: a canonical name, and the family as its first character. */
struct resolver_key {
	char text[1 + DNS_NAME_SIZE];
};

struct resolver_key resolver_key_of(const char *canonical, enum family family);

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
