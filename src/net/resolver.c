/* SPDX-License-Identifier: Apache-2.0 */
#include "net/resolver.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* uthash ends the process when memory is short unless told that the caller copes. */
#define HASH_NONFATAL_OOM         1
#define uthash_nonfatal_oom(item) ((item)->hashed = false)
#include <uthash.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/hosts_file.h"
#include "net/loop.h"
#include "net/resolver_answer.h"
#include "net/resolver_cache.h"
#include "net/resolver_channel.h"
#include "net/resolver_heard.h"

#define HOSTS_FILE "/etc/hosts"

/* A TTL of 0 must not make a query of every check, nor a long one outlive a move. */
#define TTL_FLOOR   (5 * SECOND)
#define TTL_CEILING (60 * MINUTE)

/*
 * A question in flight, or a result on its way to those who wait. In flight it stands in
 * the table; with a result it stands in the list of answered ones until the next turn.
 */
struct resolver_query {
	UT_hash_handle hh;
	struct resolver_query *next;
	struct resolver *resolver;
	struct lookup *waiters;
	struct resolver_key key;
	struct dns_question question; /* its id is known once it is sent */
	bool hashed;
	bool sent;
	struct resolver_heard heard;
	struct resolution resolution;
};

struct resolver {
	struct resolver_channel *channel;
	struct resolver_cache *cache;
	struct resolver_cache *hosts; /* NULL when the servers are given */
	struct resolver_query *in_flight;
	struct resolver_query *answered, **answered_end;
	struct resolver_query starved; /* the result for whom there was no memory */
	struct loop_timer deliver;
	struct resolver_statistics statistics;
	bool going;
};

static struct resolver_query *query_find(
	struct resolver *resolver, const struct resolver_key *key)
{
	struct resolver_query *query;

	HASH_FIND_STR(resolver->in_flight, key->text, query);
	return query;
}

static void query_add_waiter(struct resolver_query *query, struct lookup *lookup)
{
	lookup->query = query;
	lookup->next = query->waiters;
	query->waiters = lookup;
}

/* Each waiter is unlinked before it is told: it may ask again, or make others leave. */
static void tell_waiters(struct resolver_query *query)
{
	while (query->waiters) {
		struct lookup *lookup = query->waiters;

		query->waiters = lookup->next;
		lookup->next = NULL;
		lookup->query = NULL;
		lookup->resolved(lookup->context, &query->resolution);
	}
}

static void deliver(void *context)
{
	struct resolver *resolver = context;
	struct resolver_query *query = resolver->answered;

	/* what is answered from here on belongs to the next turn */
	resolver->answered = NULL;
	resolver->answered_end = &resolver->answered;
	while (query) {
		struct resolver_query *next = query->next;

		tell_waiters(query);
		free(query);
		query = next;
	}
	tell_waiters(&resolver->starved);
}

static void query_answered(struct resolver_query *query)
{
	struct resolver *resolver = query->resolver;

	if (query->hashed)
		HASH_DEL(resolver->in_flight, query);
	query->hashed = false;
	query->next = NULL;
	*resolver->answered_end = query;
	resolver->answered_end = &query->next;
	loop_timer_set(&resolver->deliver, 0);
}

static int64_t clamp_ttl(uint32_t seconds)
{
	int64_t ttl = seconds * SECOND;

	if (ttl < TTL_FLOOR)
		return TTL_FLOOR;
	return ttl > TTL_CEILING ? TTL_CEILING : ttl;
}

static void channel_done(
	void *context, enum channel_status status, const uint8_t *data, size_t length)
{
	struct resolver_query *query = context;
	struct resolver *resolver = query->resolver;
	struct resolution *resolution = &query->resolution;
	uint32_t seconds;

	if (status == CHANNEL_ANSWER)
		resolver_answer_read(data, length, &query->question,
			resolver_channel_speaker(resolver->channel), resolution,
			&seconds);
	else
		resolution->finding =
			resolver_heard_finding(&query->heard, status, resolver->channel);
	/*
	 * Failures are never kept: the repetition that confirms one must be a new
	 * question, and a name that is back must be seen. Who asks at once waits for the
	 * same answer anyway.
	 */
	if (resolution->finding.verdict == VERDICT_OK)
		resolver_cache_put(resolver->cache, &query->key, resolution,
			clock_now_us() + clamp_ttl(seconds));
	else
		resolver->statistics.failures++;
	query_answered(query);
}

static struct resolver_query *query_of_head(
	struct resolver *resolver, const struct dns_head *head)
{
	struct resolver_key key;

	return resolver_key_of_question(&head->question, &key)
		? query_find(resolver, &key)
		: NULL;
}

/* c-ares chooses the id itself; it is learned from the datagram. */
static void datagram_sent(void *context, const uint8_t *data, size_t length)
{
	struct resolver_query *query;
	struct dns_head head;

	if (!dns_head_read(data, length, &head))
		return;
	query = query_of_head(context, &head);
	if (query) {
		query->question.id = head.question.id;
		query->sent = true;
	}
}

/*
 * c-ares drops what does not fit and waits on, as it must, but does not tell. Undecodable
 * octets name no question, so all that wait are marked; it counts only if nothing better
 * comes until their end.
 */
static void message_came(void *context, const uint8_t *data, size_t length)
{
	struct resolver *resolver = context;
	const struct address *speaker = resolver_channel_speaker(resolver->channel);
	struct resolver_query *query, *next;
	struct dns_head head;

	if (!dns_head_read(data, length, &head) || !head.is_answer) {
		HASH_ITER (hh, resolver->in_flight, query, next)
			resolver_heard_stray(&query->heard, CAUSE_DNS_GARBAGE, speaker);
		return;
	}
	query = query_of_head(resolver, &head);
	if (query && query->sent && query->question.id != head.question.id)
		resolver_heard_stray(&query->heard, CAUSE_DNS_BAD_ID, speaker);
	else if (query)
		resolver_heard_answer(&query->heard, &head, speaker);
}

static const struct resolver_channel_events channel_events = {
	.sent = datagram_sent,
	.came = message_came,
};

static int hosts_new(struct resolver *resolver)
{
	resolver->hosts = resolver_cache_new();
	if (!resolver->hosts)
		return -ENOMEM;
	/* without the file there are simply no names in it */
	hosts_file_read(HOSTS_FILE, resolver->hosts);
	return 0;
}

static int resolver_fill(struct resolver *resolver, struct loop *loop,
	const struct resolver_server *servers, size_t count)
{
	int result = count == 0 ? hosts_new(resolver) : 0;

	if (result < 0)
		return result;
	resolver->cache = resolver_cache_new();
	if (!resolver->cache)
		return -ENOMEM;
	return resolver_channel_new(
		loop, servers, count, &channel_events, resolver, &resolver->channel);
}

int resolver_new(struct loop *loop, const struct resolver_server *servers, size_t count,
	struct resolver **ret_resolver)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	int result;

	if (!resolver)
		return -ENOMEM;
	resolver->answered_end = &resolver->answered;
	resolver->starved.resolver = resolver;
	resolver->starved.resolution.finding = finding_of(CAUSE_LOCAL_RESOURCE);
	loop_timer_init(
		&resolver->deliver, loop, LOOP_PRIORITY_ANSWER, deliver, resolver);
	result = resolver_fill(resolver, loop, servers, count);
	if (result < 0) {
		resolver_free(resolver);
		return result;
	}
	*ret_resolver = resolver;
	return 0;
}

void resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	resolver->going = true;
	resolver_channel_free(resolver->channel); /* ends all queries in flight */
	deliver(resolver);
	loop_timer_done(&resolver->deliver);
	resolver_cache_free(resolver->cache);
	resolver_cache_free(resolver->hosts);
	free(resolver);
}

static struct resolver_query *query_new(
	struct resolver *resolver, const struct resolver_key *key)
{
	struct resolver_query *query = calloc(1, sizeof(*query));

	if (!query)
		return NULL;
	query->resolver = resolver;
	query->key = *key;
	return query;
}

static void tell_starved(struct resolver *resolver, struct lookup *lookup)
{
	query_add_waiter(&resolver->starved, lookup);
	loop_timer_set(&resolver->deliver, 0);
}

/* Gives a result that is known already, on a later turn like all others. */
static void answer_known(struct resolver *resolver, const struct resolver_key *key,
	const struct resolution *resolution, struct lookup *lookup)
{
	struct resolver_query *query = query_new(resolver, key);

	if (!query) {
		tell_starved(resolver, lookup);
		return;
	}
	query->resolution = *resolution;
	query->resolution.known = true;
	query_add_waiter(query, lookup);
	query_answered(query);
}

/* "fe80::1%eth0" while there is no eth0: our link is missing, not the name. */
static struct finding link_is_missing(const char *literal)
{
	struct finding finding = finding_of(CAUSE_LOCAL_LINK_DOWN);

	finding.evidence.kind = EVIDENCE_LOCAL;
	finding.evidence.code = ENODEV;
	text_copy_printable(
		finding.evidence.detail, EVIDENCE_DETAIL_MAX, literal, strlen(literal));
	return finding;
}

/*
 * Literals never reach c-ares: "127.0.0.1" with AF_UNSPEC makes it ask its server. A
 * literal of the other family, too, is an answer: it has no address of this kind.
 */
static bool read_literal(
	const char *name, enum family family, struct resolution *ret_resolution)
{
	struct resolution resolution = { 0 };
	struct address address;

	if (!address_is_literal(name, &address))
		return false;
	if (address.family != family) {
		resolution.finding = finding_of(CAUSE_DNS_NODATA);
	} else if (!address_parse(name, &resolution.addresses[0])) {
		resolution.finding = link_is_missing(name);
	} else {
		resolution.finding = finding_of(CAUSE_NONE);
		resolution.count = resolution.total = 1;
	}
	*ret_resolution = resolution;
	return true;
}

static const struct resolution *find_known(
	struct resolver *resolver, const struct resolver_key *key)
{
	const struct resolution *known = NULL;

	if (resolver->hosts)
		known = resolver_cache_find(resolver->hosts, key, clock_now_us());
	if (!known)
		known = resolver_cache_find(resolver->cache, key, clock_now_us());
	return known;
}

static void ask(
	struct resolver *resolver, const struct resolver_key *key, struct lookup *lookup)
{
	struct resolver_query *query = query_new(resolver, key);

	if (!query) {
		tell_starved(resolver, lookup);
		return;
	}
	query->question = resolver_key_question(key);
	query->hashed = true;
	HASH_ADD_STR(resolver->in_flight, key.text, query);
	if (!query->hashed) {
		free(query);
		tell_starved(resolver, lookup);
		return;
	}
	resolver->statistics.queries++;
	query_add_waiter(query, lookup);
	/* the callback may run inside this call: nothing may be left to do after it */
	resolver_channel_ask(resolver->channel, resolver_key_name(&query->key),
		query->question.type, channel_done, query);
}

void resolver_lookup(struct resolver *resolver, const char *name, enum family family,
	struct lookup *lookup, resolver_fn resolved, void *context)
{
	const struct resolution *known;
	struct resolver_query *query;
	struct resolution resolution;
	struct resolver_key key = { "" };

	assert(!resolver->going && !lookup->query);
	*lookup = (struct lookup){ .resolved = resolved, .context = context };
	if (read_literal(name, family, &resolution)) {
		answer_known(resolver, &key, &resolution, lookup);
		return;
	}
	if (!resolver_key_of(name, family, &key)) {
		resolution = (struct resolution){ .finding = resolver_no_such_name() };
		answer_known(resolver, &key, &resolution, lookup);
		return;
	}
	known = find_known(resolver, &key);
	query = query_find(resolver, &key);
	if (known) {
		resolver->statistics.cache_hits++;
		answer_known(resolver, &key, known, lookup);
	} else if (query) {
		resolver->statistics.coalesced++;
		query_add_waiter(query, lookup);
	} else {
		ask(resolver, &key, lookup);
	}
}

void lookup_cancel(struct lookup *lookup)
{
	struct lookup **link;

	if (!lookup->query)
		return;
	link = &lookup->query->waiters;
	while (*link != lookup)
		link = &(*link)->next;
	*link = lookup->next;
	lookup->query = NULL;
	lookup->next = NULL;
}

size_t resolver_servers(
	const struct resolver *resolver, const struct resolver_server **ret_servers)
{
	return resolver_channel_servers(resolver->channel, ret_servers);
}

struct resolver_statistics resolver_statistics(const struct resolver *resolver)
{
	return resolver->statistics;
}
