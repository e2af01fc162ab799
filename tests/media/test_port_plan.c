/* SPDX-License-Identifier: Apache-2.0 */
/* Which ports are asked: the rotation, the edges, what is asked again. */
#include "media/port_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "network.h"

#define PORTS NETWORK_PORTS

static const struct rotation {
	uint16_t first, last;
	size_t most;
} rotations[] = {
	{ 5004, 5004, 1 },
	{ 5004, 5004, 100 },
	{ 5004, 5005, 1 },
	{ 5004, 5005, 2 },
	{ 1, 3, 2 },
	{ 1, 7, 3 },
	{ 65535, 65535, 1 },
	{ 10000, 20000, 1 },
	{ 10000, 20000, 7 },
	{ 10000, 20000, 100 },
	{ 10000, 20000, 128 },
	{ 10000, 20000, 10000 },
	{ 10000, 20000, 10001 },
	{ 10000, 20000, 20000 },
	{ 1025, 65535, 100 },
	{ 1025, 65535, 255 },
	{ 1025, 65535, 64510 },
	{ 1025, 65535, 64511 },
	{ 0, 65535, 256 },
	{ 100, 199, 10 },
};

/* The stratum of every port of a sample is another one. */
static void assert_strata(const struct port_map *map, const uint16_t *ports, size_t count)
{
	static uint8_t seen[PORTS];
	size_t size = port_map_size(map);

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < count; i++) {
		size_t place = (size_t)ports[i] - port_map_first(map);
		size_t stratum = ((place + 1) * count - 1) / size;

		assert_in_range(ports[i], port_map_first(map), port_map_last(map));
		assert_int_equal(seen[stratum], 0);
		seen[stratum] = 1;
	}
}

static void every_port_comes_once_a_cycle(void **state)
{
	static uint16_t ports[PORTS];
	static uint32_t asked[PORTS];

	(void)state;
	for (size_t i = 0; i < sizeof(rotations) / sizeof(rotations[0]); i++) {
		const struct rotation *row = &rotations[i];
		struct port_map *map = port_map_new(row->first, row->last);
		size_t size = port_map_size(map);
		size_t most = row->most < size ? row->most : size;
		size_t cycle = (size + most - 1) / most;

		memset(asked, 0, sizeof(asked));
		for (uint32_t round = 1; round <= 2 * cycle + 1; round++) {
			assert_int_equal(port_plan_sample(map, ports, row->most), most);
			if (round <= 3)
				assert_strata(map, ports, most);
			for (size_t j = 0; j < most; j++) {
				uint32_t before = asked[ports[j]];

				/* shorter strata come round one sample sooner */
				if (before > 0)
					assert_true(round - before >= size / most);
				asked[ports[j]] = round;
			}
			for (uint32_t port = row->first;
				round >= cycle && port <= row->last; port++)
				assert_true(asked[port] > round - cycle);
		}
		port_map_free(map);
	}
}

static void a_sample_of_none_is_none(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);

	(void)state;
	assert_int_equal(port_plan_sample(map, NULL, 0), 0);
	assert_int_equal(*port_map_cursor(map), 0);
	port_map_free(map);
}

/*
 * A rule for every n-th port is hit by each sample about as often as by chance; a walk
 * in step would meet all of them in one run and none in the next ones.
 */
static void periodic_faults_are_met_by_every_sample(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);
	uint16_t ports[100];

	(void)state;
	for (unsigned round = 0; round < 101; round++) {
		size_t count = port_plan_sample(map, ports, 100);

		for (unsigned period = 2; period <= 10; period++) {
			for (unsigned phase = 0; phase < period; phase++) {
				size_t met = 0;

				for (size_t i = 0; i < count; i++)
					met += ports[i] % period == phase;
				assert_in_range(met, 1, 2 * count / period);
			}
		}
	}
	port_map_free(map);
}

/* Also where a sample is small, a hole is met long before the last of its ports is due.
 */
static void holes_are_met_soon(void **state)
{
	static const struct {
		size_t most;
		uint32_t hole, rounds;
	} rows[] = { { 300, 66, 1 }, { 300, 10, 10 }, { 10, 100, 30 }, { 10, 33, 100 },
		{ 10, 10, 300 } };
	static uint32_t met[PORTS];
	uint16_t ports[300];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct port_map *map = port_map_new(10000, 20000);
		uint32_t run = 0;

		memset(met, 0, sizeof(met));
		for (uint32_t round = 1; round <= rows[i].rounds; round++) {
			size_t count = port_plan_sample(map, ports, rows[i].most);

			for (size_t j = 0; j < count; j++)
				met[ports[j]] = round;
		}
		for (uint32_t port = 10000; port <= 20000; port++) {
			run = met[port] ? 0 : run + 1;
			assert_true(run < rows[i].hole);
		}
		port_map_free(map);
	}
}

/* Ports asked one after the other do not lie side by side. */
static void a_sample_is_no_scan(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);
	uint16_t ports[100];

	(void)state;
	for (unsigned round = 0; round < 101; round++) {
		size_t count = port_plan_sample(map, ports, 100);

		for (size_t i = 1; i < count; i++) {
			int step = ports[i] - ports[i - 1];

			assert_true(step > 1000 || step < -1000);
		}
	}
	port_map_free(map);
}

static enum port_state many_holes(uint32_t port)
{
	return port % 1000 >= 300 && port % 1000 < 500 ? PORT_BLOCKED : PORT_OPEN;
}

static enum port_state holes_at_both_ends(uint32_t port)
{
	return port < 10450 || port > 19444 ? PORT_REFUSED : PORT_CLOSED;
}

static enum port_state only_the_first_passes(uint32_t port)
{
	return port == 10000 ? PORT_OPEN : PORT_LOST;
}

static enum port_state only_the_last_passes(uint32_t port)
{
	return port == 20000 ? PORT_OPEN : PORT_LOST;
}

static enum port_state both_directions(uint32_t port)
{
	if (port < 12000 || port > 16000)
		return PORT_OPEN;
	return port < 14321 ? PORT_LOST : PORT_RETURN;
}

/* A hole whose edges are held by another program: nothing between can be told. */
static enum port_state hole_beside_busy(uint32_t port)
{
	if (port >= 14000 && port < 15000)
		return PORT_LOST;
	return port >= 13990 && port < 14000 ? PORT_BUSY : PORT_OPEN;
}

static const struct {
	network *find;
	size_t stretches;
	struct port_stretch first, last;
	size_t most_asked;
} hole_cases[] = {
	{ network_one_hole, 1, { .first = 12345, .last = 13999, .state = PORT_LOST },
		{ .first = 12345, .last = 13999, .state = PORT_LOST }, 100 + 16 },
	{ many_holes, 10, { .first = 10300, .last = 10499, .state = PORT_BLOCKED },
		{ .first = 19300, .last = 19499, .state = PORT_BLOCKED }, 100 + 160 },
	{ holes_at_both_ends, 2, { .first = 10000, .last = 10449, .state = PORT_REFUSED },
		{ .first = 19445, .last = 20000, .state = PORT_REFUSED }, 100 + 16 },
	{ only_the_first_passes, 1, { .first = 10001, .last = 20000, .state = PORT_LOST },
		{ .first = 10001, .last = 20000, .state = PORT_LOST }, 100 + 9 },
	{ only_the_last_passes, 1, { .first = 10000, .last = 19999, .state = PORT_LOST },
		{ .first = 10000, .last = 19999, .state = PORT_LOST }, 100 + 9 },
	{ both_directions, 2, { .first = 12000, .last = 14320, .state = PORT_LOST },
		{ .first = 14321, .last = 16000, .state = PORT_RETURN }, 100 + 24 },
	{ hole_beside_busy, 1, { .first = 14000, .last = 14999, .state = PORT_LOST },
		{ .first = 14000, .last = 14999, .state = PORT_LOST }, 100 + 40 },
};

static void assert_stretch(
	const struct port_stretch *found, const struct port_stretch *expected)
{
	assert_int_equal(found->first, expected->first);
	assert_int_equal(found->last, expected->last);
	assert_int_equal(found->state, expected->state);
	assert_true(found->blocked > 0);
	assert_true(found->blocked <= (size_t)found->last - found->first + 1);
	assert_true((found->reason != NULL) == (found->state == PORT_REFUSED));
}

static void edges_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hole_cases) / sizeof(hole_cases[0]); i++) {
		struct port_map *map = port_map_new(10000, 20000);
		struct port_stretch stretch, first = { 0 };
		size_t count = 0;

		assert_in_range(network_run(map, hole_cases[i].find, 100, 5), 100,
			hole_cases[i].most_asked);
		for (uint32_t from = 0; port_plan_blocked(map, from, &stretch);
			from = stretch.last + 1U) {
			if (count++ == 0)
				first = stretch;
		}
		assert_int_equal(count, hole_cases[i].stretches);
		assert_stretch(&first, &hole_cases[i].first);
		for (uint32_t from = 0; port_plan_blocked(map, from, &stretch);
			from = stretch.last + 1U)
			first = stretch;
		assert_stretch(&first, &hole_cases[i].last);
		port_map_free(map);
	}
}

static enum port_state alternating(uint32_t port)
{
	return port % 2 == 1 ? PORT_RETURN : PORT_OPEN;
}

/* Nothing is asked twice on the way, and all is known in the end. */
static void interleaved_ports_are_named_one_by_one(void **state)
{
	static network *const rules[] = { network_every_tenth, alternating };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct port_map *map = port_map_new(10000, 20000);

		for (uint32_t round = 1; round <= 101; round++)
			network_run(map, rules[i], 100, round);
		for (uint32_t port = 10000; port <= 20000; port++)
			assert_int_equal(
				port_map_state(map, (uint16_t)port), rules[i](port));
		port_map_free(map);
	}
}

static void edges_keep_to_their_bound(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);
	uint16_t ports[100];

	(void)state;
	network_ask(map, many_holes, ports, port_plan_sample(map, ports, 100), 1);
	assert_int_equal(port_plan_edges(map, 1, ports, 3), 3);
	assert_int_equal(port_plan_edges(map, 1, ports, 0), 0);
	assert_int_equal(port_plan_edges(map, 1, ports, 100), 20);
	/* what was asked before says nothing of now */
	assert_int_equal(port_plan_edges(map, 2, ports, 100), 0);
	port_map_free(map);
}

/* A firewall that refuses, and says so seldom, makes no edges within its own hole. */
static enum port_state seldom_refused(uint32_t port)
{
	if (port < 12000 || port > 16000)
		return PORT_OPEN;
	return port % 3 == 0 ? PORT_REFUSED : PORT_LOST;
}

static void a_limited_refusal_is_one_stretch(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);
	struct port_stretch stretch;

	(void)state;
	assert_in_range(network_run(map, seldom_refused, 100, 1), 100, 116);
	assert_true(port_plan_blocked(map, 0, &stretch));
	assert_int_equal(stretch.first, 12000);
	assert_int_equal(stretch.last, 16000);
	assert_int_equal(stretch.state, PORT_REFUSED);
	assert_int_equal(stretch.reason->cause, CAUSE_ICMP_ADMIN_PROHIBITED);
	assert_false(port_plan_blocked(map, 16001, &stretch));
	port_map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_port_comes_once_a_cycle),
		cmocka_unit_test(a_sample_of_none_is_none),
		cmocka_unit_test(periodic_faults_are_met_by_every_sample),
		cmocka_unit_test(holes_are_met_soon),
		cmocka_unit_test(a_sample_is_no_scan),
		cmocka_unit_test(edges_are_exact),
		cmocka_unit_test(interleaved_ports_are_named_one_by_one),
		cmocka_unit_test(edges_keep_to_their_bound),
		cmocka_unit_test(a_limited_refusal_is_one_stretch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
