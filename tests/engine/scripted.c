/* SPDX-License-Identifier: Apache-2.0 */
#include "scripted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake/fake.h"
#include "net/host.h"
#include "net/loop.h"

static struct script the_script;

struct script *script(void)
{
	return &the_script;
}

struct resolver {
	struct loop *loop;
	struct loop_timer timer;
	struct lookup *waiting;
	const struct resolution *answer;
};

struct run_state {
	struct loop_timer timer;
	struct probe_run *run;
};

static void tell_waiter(void *context)
{
	struct resolver *resolver = context;
	struct lookup *lookup = resolver->waiting;

	resolver->waiting = NULL;
	if (lookup)
		lookup->resolved(lookup->context, resolver->answer);
}

int resolver_new(struct loop *loop, const struct resolver_server *servers, size_t count,
	struct resolver **ret_resolver)
{
	static struct resolver resolver;

	(void)servers;
	(void)count;
	resolver = (struct resolver){ .loop = loop };
	loop_timer_init(
		&resolver.timer, loop, LOOP_PRIORITY_ANSWER, tell_waiter, &resolver);
	*ret_resolver = &resolver;
	return 0;
}

void resolver_free(struct resolver *resolver)
{
	if (resolver)
		loop_timer_done(&resolver->timer);
}

/* One waiter at a time: the tests look up one name at a time. */
void resolver_lookup(struct resolver *resolver, const char *name, enum family family,
	struct lookup *lookup, resolver_fn resolved, void *context)
{
	(void)name;
	assert_null(resolver->waiting);
	lookup->resolved = resolved;
	lookup->context = context;
	resolver->answer =
		family == FAMILY_IPV6 ? &the_script.names_ipv6 : &the_script.names;
	if (the_script.resolver_silent)
		return;
	resolver->waiting = lookup;
	loop_timer_set(&resolver->timer, 0);
}

void lookup_cancel(struct lookup *lookup)
{
	(void)lookup;
}

size_t resolver_servers(
	const struct resolver *resolver, const struct resolver_server **ret_servers)
{
	static const struct resolver_server servers[2];

	(void)resolver;
	*ret_servers = servers;
	return 2;
}

struct resolver_statistics resolver_statistics(const struct resolver *resolver)
{
	(void)resolver;
	return (struct resolver_statistics){ .queries = 1 };
}

bool host_has_route(struct host *host, const struct address *address)
{
	(void)host;
	(void)address;
	return the_script.route;
}

bool host_blames_itself(
	struct host *host, const struct address *address, struct finding *ret_finding)
{
	(void)host;
	(void)address;
	if (the_script.own_trouble)
		*ret_finding = finding_of(the_script.server_dead ? CAUSE_ARP_FAILED
								 : CAUSE_LOCAL_LINK_DOWN);
	return the_script.own_trouble;
}

/* \retval true  it says nothing after the connection */
static bool stalls(const struct probe_run *run)
{
	switch (run->target.address.bytes[3]) {
	case STALLS:
		return true;
	case STALLS_WHEN_LARGE:
		return run->segment_max == 0;
	case STALLS_ONCE:
		return the_script.starts == 1;
	case STALLS_BY_PATTERN:
		return (the_script.pattern >> (the_script.starts - 1) & 1) != 0;
	default:
		return false;
	}
}

static void behave(void *context)
{
	const struct finding reset = { VERDICT_FAILED, CAUSE_RESET,
		{ .kind = EVIDENCE_TCP_RESET } };
	struct probe_run *run = context;

	if (stalls(run))
		probe_enter(run, PHASE_TLS, CAUSE_NO_ANSWER);
	else if (run->target.address.bytes[3] == ANSWERS ||
		run->target.address.bytes[3] >= STALLS)
		probe_finish_ok(run);
	else if (run->target.address.bytes[3] == REFUSES)
		probe_finish_cause(run, CAUSE_REFUSED);
	else if (run->target.address.bytes[3] == OWN_FAULT)
		probe_finish_cause(run, CAUSE_LOCAL_RESOURCE);
	else if (run->target.address.bytes[3] == HAS_EXPIRED)
		probe_finish_cause(run, CAUSE_TLS_EXPIRED);
	else if (run->target.address.bytes[3] == IS_RESET)
		probe_finish(run, &reset);
}

static void scripted_start(struct probe_run *run)
{
	struct run_state *state = run->state;

	the_script.starts++;
	the_script.small_starts += run->segment_max > 0;
	state->run = run;
	loop_timer_init(
		&state->timer, run->services->loop, LOOP_PRIORITY_ANSWER, behave, run);
	probe_enter(run, PHASE_CONNECT, CAUSE_TIMEOUT);
	if (the_script.clock_compared && strcmp(run->target.host, "time") == 0)
		probe_clock_offset(run, the_script.clock_offset_us);
	if (run->target.address.bytes[3] == FINISHES_AT_ONCE)
		probe_finish_ok(run);
	else
		loop_timer_set(&state->timer, 10 * MILLISECOND);
}

static void scripted_stop(struct probe_run *run)
{
	struct run_state *state = run->state;

	the_script.stops++;
	loop_timer_done(&state->timer);
}

static const struct probe_kind kind = {
	.name = "scripted",
	.run_size = sizeof(struct run_state),
	.start = scripted_start,
	.stop = scripted_stop,
};

static void count_change(
	void *context, const struct record *record, const struct store_change *change)
{
	(void)context;
	(void)record;
	the_script.changes++;
	the_script.last_change = *change;
}

static struct resolution names_of(const enum behaviour *behaviours, size_t count)
{
	struct resolution names = {
		.finding = finding_of(CAUSE_NONE), .count = count, .total = count
	};

	for (size_t i = 0; i < count; i++) {
		names.addresses[i] = (struct address){ .family = FAMILY_IPV4,
			.bytes = { 192, 0, 2, (uint8_t)behaviours[i] } };
	}
	return names;
}

/* Any pointer does: the host is scripted. */
static struct host *some_host(void)
{
	return (struct host *)(void *)&the_script;
}

void world_open(struct world *world, const struct plan_row *rows,
	const enum behaviour *behaviours, size_t count)
{
	struct engine_settings settings;

	fake_clock_reset();
	the_script = (struct script){ .route = true };
	the_script.names = names_of(behaviours, count);
	the_script.names_ipv6 = the_script.names;
	*world = (struct world){ 0 };
	assert_int_equal(loop_new(&world->loop), 0);
	world->services.loop = world->loop;
	small_plan_make(&world->small, rows, &kind);
	settings = (struct engine_settings){
		.services = &world->services,
		.host = some_host(),
		.limits = { 4, 8, 1 },
		.on_change = count_change,
	};
	assert_int_equal(engine_new(&settings, &world->small.plan, &world->engine), 0);
}

void world_close(struct world *world)
{
	engine_free(world->engine);
	loop_free(world->loop);
	assert_int_equal(the_script.starts, the_script.stops);
}

const struct record *first_record(const struct world *world)
{
	return store_record(engine_store(world->engine), 0);
}

const struct probe_kind *scripted_kind(void)
{
	return &kind;
}
