/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds that stand apart from the others of their host, and ranges of ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "fake/fake.h"
#include "media/port_map.h"
#include "net/loop.h"
#include "plans.h"

enum sort { USUAL, APART, SORT_COUNT };

/* How many of each sort are under way, and were at most. */
static struct {
	unsigned now[SORT_COUNT], most[SORT_COUNT], together_most;
	unsigned stops;
	uint16_t port_last;
	const struct port_map *ports;
	int64_t timeout_us, began_us, took_us;
} seen;

static enum sort sort_of(const struct probe_run *run)
{
	return run->kind->apart ? APART : USUAL;
}

/* Silent until the deadline. */
static void start(struct probe_run *run)
{
	enum sort sort = sort_of(run);
	unsigned together;

	if (++seen.now[sort] > seen.most[sort])
		seen.most[sort] = seen.now[sort];
	together = seen.now[USUAL] + seen.now[APART];
	if (together > seen.together_most)
		seen.together_most = together;
	if (sort == APART) {
		seen.port_last = run->target.port_last;
		seen.ports = run->ports;
		seen.timeout_us = run->timeout_us;
		seen.began_us = clock_now_us();
	}
	probe_enter(run, PHASE_RESPONSE, CAUSE_TIMEOUT);
}

static void stop(struct probe_run *run)
{
	seen.now[sort_of(run)]--;
	if (sort_of(run) == APART)
		seen.took_us = clock_now_us() - seen.began_us;
	seen.stops++;
}

static const struct probe_kind usual = { .name = "usual", .start = start, .stop = stop };
static const struct probe_kind apart = { .name = "apart",
	.takes_ranges = true,
	.keeps_ports = true,
	.apart = true,
	.start = start,
	.stop = stop };

/* Every check of one host. */
static const struct plan_row rows[] = {
	{ "one", "192.0.2.1", FAMILY_IPV4, false, 0 },
	{ "two", "192.0.2.1", FAMILY_IPV4, false, 0 },
	{ "range", "192.0.2.1", FAMILY_IPV4, false, 0 },
	{ "other-range", "192.0.2.1", FAMILY_IPV4, false, 0 },
	{ "three", "192.0.2.1", FAMILY_IPV4, false, 0 },
	{ NULL, NULL, 0, false, 0 },
};

static void make_ranges(struct small_plan *small)
{
	/* over TCP a silence would be looked at again */
	for (size_t i = 0; i < small->plan.requirement_count; i++)
		small->requirements[i].transport = TRANSPORT_UDP;
	for (size_t i = 2; i < 4; i++) {
		small->requirements[i].kind = &apart;
		small->requirements[i].port_first = 443;
		small->requirements[i].port_last = 2000;
	}
}

static void all_done(void *context)
{
	loop_stop(context);
}

static void run_once(bool sweeps)
{
	struct probe_services services = { .sweeps = sweeps };
	struct engine_settings settings = { .services = &services,
		.limits = { 16, 8, 1 } };
	struct small_plan small;
	struct engine *engine;

	fake_clock_reset();
	seen = (typeof(seen)){ .stops = 0 };
	assert_int_equal(loop_new(&services.loop), 0);
	small_plan_make(&small, rows, &usual);
	make_ranges(&small);
	assert_int_equal(engine_new(&settings, &small.plan, &engine), 0);
	engine_run_once(engine, all_done, services.loop);
	assert_int_equal(loop_run(services.loop), 0);
	assert_int_equal(seen.stops, 5);
	engine_free(engine);
	loop_free(services.loop);
}

/* One conversation at a time with a host, and each that stands apart beside it. */
static void apart_is_not_counted(void **state)
{
	(void)state;
	run_once(false);
	assert_int_equal(seen.most[USUAL], 1);
	assert_int_equal(seen.most[APART], 2);
	assert_int_equal(seen.together_most, 3);
}

static void a_run_has_its_range(void **state)
{
	(void)state;
	run_once(false);
	assert_int_equal(seen.port_last, 2000);
	assert_non_null(seen.ports);
	assert_int_equal(seen.timeout_us, 3 * SECOND);
	assert_int_equal(seen.took_us, 3 * SECOND);
}

/* A whole range takes longer than the sample for which its row has time. */
static void a_sweep_has_more_time(void **state)
{
	(void)state;
	run_once(true);
	assert_int_equal(seen.timeout_us, 5 * MINUTE);
	assert_int_equal(seen.took_us, 5 * MINUTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(apart_is_not_counted),
		cmocka_unit_test(a_run_has_its_range),
		cmocka_unit_test(a_sweep_has_more_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
