/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names to addresses over c-ares on the loop: the site's own name servers, a cache by
 * TTL, one query for many waiters, and a cause for each way a name can fail.
 */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include <stddef.h>
#include <stdint.h>

#include "net/resolution.h"

struct loop;
struct resolver;

typedef void (*resolver_fn)(void *context, const struct resolution *resolution);

/** A waiter; owned by who embeds it. Zeroed = not waiting. */
struct lookup {
	struct lookup *next;
	struct resolver_query *query;
	resolver_fn resolved;
	void *context;
};

/**
 * \param count  0 = the host's own: /etc/resolv.conf and, before it, /etc/hosts, both as
 *               they are now (a change needs a new resolver). With servers of its own a
 *               site is asked of them alone: they stand for what its PBX sees, and this
 *               host's /etc/hosts does not.
 * \retval 0 or -errno
 *
 * Nothing is searched: names are taken as fully qualified, with or without a last dot.
 * A dead first server costs at most 0.3 s; that all are dead is known after 4.5 s.
 */
int resolver_new(struct loop *loop, const struct resolver_server *servers, size_t count,
	struct resolver **ret_resolver);

/** Waiters are told UNKNOWN/local-resource before it goes; they must not ask again. */
void resolver_free(struct resolver *resolver);

/**
 * Asks for the addresses of one family. Literals and cached names are answered on a later
 * turn as well, never from within this call.
 * \param lookup  not waiting; stays where it is until resolved() or lookup_cancel()
 */
void resolver_lookup(struct resolver *resolver, const char *name, enum family family,
	struct lookup *lookup, resolver_fn resolved, void *context);

/** Leaves; the query goes on alone and fills the cache. Fine when not waiting. */
void lookup_cancel(struct lookup *lookup);

/**
 * Who is asked, in order: given servers or the host's own. \return how many
 * \param ret_servers  as long as the resolver lives
 */
size_t resolver_servers(
	const struct resolver *resolver, const struct resolver_server **ret_servers);

/** Counters for the exporter's own metrics. */
struct resolver_statistics {
	uint64_t queries;    /* asked of name servers */
	uint64_t cache_hits; /* known already, or in /etc/hosts */
	uint64_t coalesced;  /* joined a question on its way */
	uint64_t failures;   /* queries that led to no address */
};
struct resolver_statistics resolver_statistics(const struct resolver *resolver);

#endif
