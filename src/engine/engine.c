/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/doubt.h"
#include "engine/flight.h"
#include "engine/schedule.h"
#include "net/loop.h"
#include "net/resolver.h"

/* Everything that belongs to one plan; a reload builds a second one and swaps. */
struct realm {
	const struct plan *plan;
	struct store *store;
	struct schedule *schedule;
	struct resolver **resolvers; /* by site; sites with equal servers share one */
	struct flight **flights;     /* in_flight_max of them */
	struct flight **idle;        /* those not under way */
	size_t flight_count, idle_count;
};

struct engine {
	struct engine_settings settings;
	struct engine_statistics before; /* of realms that a reload has ended */
	struct flight_settings flight_settings;
	struct realm realm;
	bool repeats;
	size_t remaining; /* of engine_run_once() */
	void (*all_done)(void *context);
	void *all_done_context;
};

static bool is_run(const struct check *check)
{
	return check->fixed_cause == CAUSE_NONE;
}

static bool same_servers(const struct site *left, const struct site *right)
{
	if (left->name_server_count != right->name_server_count)
		return false;
	for (size_t i = 0; i < left->name_server_count; i++) {
		const struct resolver_server *a = &left->name_servers[i];
		const struct resolver_server *b = &right->name_servers[i];

		if (a->port != b->port || !address_equal(&a->address, &b->address))
			return false;
	}
	return true;
}

/* The first site with the same name servers; the site itself if it is the first. */
static size_t site_with_same_servers(const struct plan *plan, size_t index)
{
	size_t twin = 0;

	while (twin < index && !same_servers(&plan->sites[twin], &plan->sites[index]))
		twin++;
	return twin;
}

static bool shares_resolver(const struct realm *realm, size_t index)
{
	return site_with_same_servers(realm->plan, index) < index;
}

static size_t largest_run(const struct plan *plan)
{
	size_t largest = 0;

	for (size_t i = 0; i < plan->requirement_count; i++) {
		const struct probe_kind *kind = plan->requirements[i].kind;

		if (kind && kind->run_size > largest)
			largest = kind->run_size;
	}
	return largest;
}

static bool is_apart(const struct check *check)
{
	return is_run(check) && check->requirement->kind->apart;
}

static int compare_host(const void *left, const void *right)
{
	const struct check *const *a = left;
	const struct check *const *b = right;
	int host = strcmp((*a)->host, (*b)->host);

	return host != 0 ? host : is_apart(*a) - is_apart(*b);
}

static bool same_host(const struct check *left, const struct check *right)
{
	return strcmp(left->host, right->host) == 0 && !is_apart(left) &&
		!is_apart(right);
}

/* Checks of one host make a group, whatever their site and port; and who is apart, one
 * of its own. */
static int fill_entries(
	const struct plan *plan, struct schedule_entry *entries, size_t *ret_groups)
{
	const struct check **sorted = calloc(plan->check_count + 1, sizeof(*sorted));
	uint32_t group = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < plan->check_count; i++)
		sorted[i] = &plan->checks[i];
	qsort(sorted, plan->check_count, sizeof(*sorted), compare_host);
	for (size_t i = 0; i < plan->check_count; i++) {
		const struct check *check = sorted[i];

		if (i > 0 && !same_host(check, sorted[i - 1]))
			group++;
		entries[check - plan->checks] = (struct schedule_entry){
			.hash = check->hash,
			.interval_us =
				is_run(check) ? check->requirement->interval_us : 0,
			.group = group,
		};
	}
	free(sorted);
	*ret_groups = (size_t)group + 1;
	return 0;
}

static size_t check_index(const struct realm *realm, const struct check *check)
{
	return (size_t)(check - realm->plan->checks);
}

/* A row that is asked seldom and fails is asked sooner: its end is news as well. */
#define FAILED_INTERVAL (5 * MINUTE)

/* \return 0 = until its next tick */
static int64_t wait_after(
	const struct requirement *requirement, const struct store_change *change)
{
	bool served = change->after == VERDICT_OK || change->after == VERDICT_DEGRADED;

	if (change->unconfirmed)
		return requirement->confirm_interval_us;
	return served ? 0 : FAILED_INTERVAL;
}

/*
 * What a run was good for: the wait before it is repeated, 0 = until its next tick. A
 * check that does not apply says nothing, nor does a lookup that failed before it ever
 * did.
 */
static int64_t take_outcome(struct engine *engine, const struct check *check,
	const struct outcome *outcome, const struct transcript *transcript, bool applies)
{
	struct store *store = engine->realm.store;
	size_t index = check_index(&engine->realm, check);
	const struct record *record = store_record(store, index);
	struct outcome judged = *outcome;
	struct store_change change;

	if (applies && !record->applies && outcome->phase == PHASE_RESOLVE)
		applies = false;
	store_applies(store, index, applies);
	if (!applies)
		return 0;
	doubt_outcome(store, index, &judged);
	change = store_outcome(store, index, &judged, transcript);
	if (engine->settings.on_outcome)
		engine->settings.on_outcome(engine->settings.context, record);
	if (change.changed && engine->settings.on_change)
		engine->settings.on_change(engine->settings.context, record, &change);
	return wait_after(check->requirement, &change);
}

/*
 * What is run once is told together at the end: the first of two witnesses was judged
 * before there was a second.
 */
static void reconsider(struct engine *engine)
{
	struct store *store = engine->realm.store;

	for (size_t i = 0; i < store_size(store); i++) {
		const struct record *record = store_record(store, i);
		struct outcome judged = record->last;

		if (!record->applies || judged.wall_us == 0)
			continue;
		doubt_outcome(store, i, &judged);
		if (judged.finding.cause != record->last.finding.cause)
			store_rejudge(store, i, &judged.finding);
	}
}

static void flight_done(void *context, struct flight *flight, const struct check *check,
	const struct outcome *outcome, bool applies)
{
	struct engine *engine = context;
	struct realm *realm = &engine->realm;
	int64_t again =
		take_outcome(engine, check, outcome, flight_transcript(flight), applies);

	realm->idle[realm->idle_count++] = flight;
	schedule_finished(realm->schedule, check_index(realm, check), again);
	if (engine->repeats || --engine->remaining > 0)
		return;
	reconsider(engine);
	engine->all_done(engine->all_done_context);
}

static void start_check(void *context, size_t index)
{
	struct engine *engine = context;
	struct realm *realm = &engine->realm;
	const struct check *check = &realm->plan->checks[index];
	struct flight *flight = realm->idle[--realm->idle_count];

	flight_start(flight, check, realm->resolvers[check->site - realm->plan->sites],
		store_ports(realm->store, index));
}

static void realm_done(struct realm *realm)
{
	size_t sites = realm->plan ? realm->plan->site_count : 0;

	for (size_t i = 0; i < realm->flight_count; i++)
		flight_free(realm->flights[i]);
	for (size_t i = 0; realm->resolvers && i < sites; i++) {
		if (!shares_resolver(realm, i))
			resolver_free(realm->resolvers[i]);
	}
	schedule_free(realm->schedule);
	store_free(realm->store);
	free(realm->resolvers);
	free(realm->flights);
	free(realm->idle);
	*realm = (struct realm){ 0 };
}

static int make_resolvers(struct engine *engine, struct realm *realm)
{
	const struct plan *plan = realm->plan;

	realm->resolvers = calloc(plan->site_count + 1, sizeof(struct resolver *));
	if (!realm->resolvers)
		return -ENOMEM;
	for (size_t i = 0; i < plan->site_count; i++) {
		const struct site *site = &plan->sites[i];
		size_t twin = site_with_same_servers(plan, i);
		int error = 0;

		if (twin < i)
			realm->resolvers[i] = realm->resolvers[twin];
		else
			error = resolver_new(engine->settings.services->loop,
				site->name_servers, site->name_server_count,
				&realm->resolvers[i]);
		if (error)
			return error;
	}
	return 0;
}

/* All of them now: a run then never fails for want of memory of our own. */
static int make_flights(
	struct engine *engine, const struct engine_limits *limits, struct realm *realm)
{
	size_t most = limits->in_flight_max;

	realm->flights = calloc(most, sizeof(struct flight *));
	realm->idle = calloc(most, sizeof(struct flight *));
	if (!realm->flights || !realm->idle)
		return -ENOMEM;
	while (realm->flight_count < most) {
		struct flight *flight =
			flight_new(&engine->flight_settings, largest_run(realm->plan));

		if (!flight)
			return -ENOMEM;
		realm->flights[realm->flight_count++] = flight;
		realm->idle[realm->idle_count++] = flight;
	}
	return 0;
}

static int make_schedule(
	struct engine *engine, const struct engine_limits *limits, struct realm *realm)
{
	struct schedule_settings settings = {
		.loop = engine->settings.services->loop,
		.in_flight_max = limits->in_flight_max,
		.starts_per_turn = limits->starts_per_turn,
		.group_max = limits->per_host_max,
		.start = start_check,
		.context = engine,
	};
	size_t count = realm->plan->check_count;
	struct schedule_entry *entries = calloc(count + 1, sizeof(*entries));
	int error = -ENOMEM;

	if (entries) {
		size_t groups = 0;

		error = fill_entries(realm->plan, entries, &groups);
		if (!error)
			error = schedule_new(
				&settings, entries, count, groups, &realm->schedule);
	}
	free(entries);
	return error;
}

/* \param older  whose results are taken over; NULL at the start */
static int realm_init(struct engine *engine, const struct plan *plan,
	const struct engine_limits *limits, const struct store *older,
	struct realm *realm)
{
	int error;

	*realm = (struct realm){ .plan = plan };
	realm->store = store_new(plan, engine->settings.confirm_at_most);
	error = realm->store ? 0 : -ENOMEM;
	if (!error && engine->settings.remembers_all)
		store_remember_all(realm->store);
	if (!error && older)
		error = store_inherit(realm->store, older);
	if (!error)
		error = make_resolvers(engine, realm);
	if (!error)
		error = make_flights(engine, limits, realm);
	if (!error)
		error = make_schedule(engine, limits, realm);
	if (error)
		realm_done(realm);
	return error;
}

int engine_new(const struct engine_settings *settings, const struct plan *plan,
	struct engine **ret_engine)
{
	struct engine *engine = calloc(1, sizeof(*engine));
	int error;

	if (!engine)
		return -ENOMEM;
	engine->settings = *settings;
	engine->flight_settings = (struct flight_settings){
		.services = settings->services,
		.host = settings->host,
		.done = flight_done,
		.context = engine,
	};
	error = realm_init(engine, plan, &settings->limits, NULL, &engine->realm);
	if (error) {
		free(engine);
		return error;
	}
	*ret_engine = engine;
	return 0;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	realm_done(&engine->realm);
	free(engine);
}

void engine_start(struct engine *engine)
{
	engine->repeats = true;
	schedule_repeat(engine->realm.schedule);
}

void engine_run_once(struct engine *engine, void (*done)(void *context), void *context)
{
	const struct plan *plan = engine->realm.plan;

	engine->all_done = done;
	engine->all_done_context = context;
	for (size_t i = 0; i < plan->check_count; i++)
		engine->remaining += is_run(&plan->checks[i]);
	if (engine->remaining == 0)
		done(context);
	schedule_once(engine->realm.schedule);
}

int engine_adopt(struct engine *engine, const struct plan *plan,
	const struct engine_limits *limits)
{
	struct realm realm;
	int error = realm_init(engine, plan, limits, engine->realm.store, &realm);

	if (error)
		return error;
	engine->before = engine_statistics(engine);
	store_remember(realm.store, engine->realm.store);
	realm_done(&engine->realm);
	engine->realm = realm;
	if (engine->repeats)
		schedule_repeat(realm.schedule);
	return 0;
}

const struct store *engine_store(const struct engine *engine)
{
	return engine->realm.store;
}

static void add_resolver(struct resolver_statistics *sum, const struct resolver *resolver)
{
	struct resolver_statistics one = resolver_statistics(resolver);

	sum->queries += one.queries;
	sum->cache_hits += one.cache_hits;
	sum->coalesced += one.coalesced;
	sum->failures += one.failures;
}

struct engine_statistics engine_statistics(const struct engine *engine)
{
	const struct realm *realm = &engine->realm;
	struct schedule_statistics schedule = schedule_statistics(realm->schedule);
	struct engine_statistics sum = engine->before;

	sum.in_flight = schedule.in_flight;
	sum.late_skipped += schedule.late_skipped;
	sum.deferred += schedule.deferred;
	histogram_add(&sum.lag, &schedule.lag);
	if (schedule.lag_max_us > sum.lag_max_us)
		sum.lag_max_us = schedule.lag_max_us;
	for (size_t i = 0; i < realm->plan->site_count; i++) {
		if (!shares_resolver(realm, i))
			add_resolver(&sum.resolver, realm->resolvers[i]);
	}
	return sum;
}
