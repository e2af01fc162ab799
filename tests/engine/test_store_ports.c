/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of ports in the store: for whom they are made, and what a reload keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/probe.h"
#include "engine/store.h"
#include "fake/memory.h"
#include "media/port_map.h"
#include "plans.h"

static const struct probe_kind plain_kind = { .name = "plain" };
static const struct probe_kind range_kind = { .name = "range", .keeps_ports = true };

static const struct plan_row rows[] = { { "rtp", "a", FAMILY_IPV4, false, 0 },
	{ "rtp", "a", FAMILY_IPV6, true, 0 },
	{ "out", "b", FAMILY_IPV4, false, CAUSE_NOT_CONFIGURED },
	{ NULL, NULL, 0, false, 0 } };

static void plan_range(struct small_plan *small, const struct probe_kind *kind,
	uint16_t first, uint16_t last)
{
	small_plan_make(small, rows, kind);
	for (size_t i = 0; i < small->plan.requirement_count; i++) {
		small->requirements[i].port_first = first;
		small->requirements[i].port_last = last;
	}
	for (size_t i = 0; i < small->plan.check_count; i++)
		small->checks[i].port = first;
}

static void only_kinds_that_keep_ports_have_maps(void **state)
{
	struct small_plan small;
	struct store *store;

	(void)state;
	plan_range(&small, &range_kind, 10000, 20000);
	store = store_new(&small.plan, 0);
	assert_int_equal(port_map_first(store_ports(store, 0)), 10000);
	assert_int_equal(port_map_last(store_ports(store, 1)), 20000);
	assert_ptr_not_equal(store_ports(store, 0), store_ports(store, 1));
	assert_ptr_equal(store_ports(store, 0), store_record(store, 0)->ports);
	/* a row that cannot be run asks no port */
	assert_null(store_ports(store, 2));
	store_free(store);

	plan_range(&small, &plain_kind, 10000, 20000);
	store = store_new(&small.plan, 0);
	for (size_t i = 0; i < store_size(store); i++)
		assert_null(store_ports(store, i));
	store_free(store);
}

/* A site that names one port of the range is asked for this one alone. */
static void a_port_of_the_site_is_no_range(void **state)
{
	struct small_plan small;
	struct store *store;

	(void)state;
	plan_range(&small, &range_kind, 10000, 20000);
	small.checks[0].port = 5004;
	store = store_new(&small.plan, 0);
	assert_int_equal(port_map_size(store_ports(store, 0)), 1);
	assert_int_equal(port_map_first(store_ports(store, 0)), 5004);
	store_free(store);
}

static const struct {
	uint16_t first, last;
	enum port_state kept;
} reloads[] = {
	{ 10000, 20000, PORT_LOST },
	{ 10000, 20001, PORT_UNASKED },
	{ 9999, 20000, PORT_UNASKED },
};

static void a_reload_keeps_the_map_of_the_same_range(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(reloads) / sizeof(reloads[0]); i++) {
		struct small_plan before, after;
		struct store *older, *newer;

		plan_range(&before, &range_kind, 10000, 20000);
		plan_range(&after, &range_kind, reloads[i].first, reloads[i].last);
		older = store_new(&before.plan, 0);
		newer = store_new(&after.plan, 0);
		port_map_note(store_ports(older, 0), 12345, PORT_LOST, NULL, 7);
		assert_int_equal(store_inherit(newer, older), 0);
		/* until the older one ends it may still be run */
		assert_ptr_not_equal(store_ports(newer, 0), store_ports(older, 0));
		assert_int_equal(
			port_map_state(store_ports(newer, 0), 12345), PORT_UNASKED);
		assert_int_equal(port_map_state(store_ports(older, 0), 12345), PORT_LOST);
		store_remember(newer, older);
		store_free(older);
		assert_int_equal(
			port_map_state(store_ports(newer, 0), 12345), reloads[i].kept);
		assert_int_equal(
			port_map_state(store_ports(newer, 1), 12345), PORT_UNASKED);
		store_free(newer);
	}
}

/* The row is asked otherwise now, or not at all: nothing of the old map is left. */
static void a_map_does_not_move_to_another_kind(void **state)
{
	struct small_plan before, after;
	struct store *older, *newer;

	(void)state;
	plan_range(&before, &range_kind, 10000, 20000);
	plan_range(&after, &plain_kind, 10000, 20000);
	older = store_new(&before.plan, 0);
	newer = store_new(&after.plan, 0);
	assert_int_equal(store_inherit(newer, older), 0);
	store_remember(newer, older);
	store_free(older);
	assert_null(store_ports(newer, 0));

	/* and back: it begins anew */
	older = newer;
	newer = store_new(&before.plan, 0);
	assert_int_equal(store_inherit(newer, older), 0);
	store_remember(newer, older);
	store_free(older);
	assert_int_equal(port_map_state(store_ports(newer, 0), 12345), PORT_UNASKED);
	store_free(newer);
}

static void no_memory_leaves_no_half_store(void **state)
{
	struct small_plan small;
	struct store *store = NULL;
	long allowed = 0;

	(void)state;
	plan_range(&small, &range_kind, 10000, 20000);
	for (; !store; allowed++) {
		memory_limit(allowed);
		store = store_new(&small.plan, 0);
		memory_limit(-1);
	}
	/* the store, its records and groups, and two maps */
	assert_int_equal(allowed, 6);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_kinds_that_keep_ports_have_maps),
		cmocka_unit_test(a_port_of_the_site_is_no_range),
		cmocka_unit_test(a_reload_keeps_the_map_of_the_same_range),
		cmocka_unit_test(a_map_does_not_move_to_another_kind),
		cmocka_unit_test(no_memory_leaves_no_half_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
