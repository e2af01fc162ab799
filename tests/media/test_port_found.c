/* SPDX-License-Identifier: Apache-2.0 */
/* What the ports asked say of the range: ranges, coverage, the bound. */
#include "media/port_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void note_many(struct port_map *map, uint32_t first, uint32_t last,
	enum port_state found, uint32_t now_s)
{
	for (uint32_t port = first; port <= last; port++)
		port_map_note(map, (uint16_t)port, found, NULL, now_s);
}

/* Likewise, as ports of a sample. */
static void draw_many(struct port_map *map, uint32_t first, uint32_t last,
	enum port_state found, uint32_t now_s)
{
	note_many(map, first, last, found, now_s);
	for (uint32_t port = first; port <= last; port++)
		port_map_draw(map, (uint16_t)port);
}

static void refuse(struct port_map *map, uint16_t port, uint8_t device)
{
	struct finding why = finding_of(CAUSE_ICMP_ADMIN_PROHIBITED);

	why.evidence.offender.family = FAMILY_IPV4;
	why.evidence.offender.bytes[3] = device;
	port_map_note(map, port, PORT_REFUSED, &why, 1);
}

static void ranges_are_of_one_state_and_reason(void **state)
{
	static const struct {
		uint16_t first, last;
		enum port_state state;
		uint8_t device;
	} expected[] = {
		{ 100, 104, PORT_UNASKED, 0 },
		{ 105, 109, PORT_OPEN, 0 },
		{ 110, 111, PORT_REFUSED, 1 },
		{ 112, 112, PORT_REFUSED, 2 },
		{ 113, 113, PORT_UNASKED, 0 },
		{ 114, 119, PORT_REFUSED, 1 },
	};
	struct port_map *map = port_map_new(100, 119);
	struct port_range range;
	uint32_t from = 100;

	(void)state;
	note_many(map, 105, 109, PORT_OPEN, 1);
	refuse(map, 110, 1);
	refuse(map, 111, 1);
	refuse(map, 112, 2);
	for (uint16_t port = 114; port < 120; port++)
		refuse(map, port, 1);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_true(port_plan_range(map, from, &range));
		assert_int_equal(range.first, expected[i].first);
		assert_int_equal(range.last, expected[i].last);
		assert_int_equal(range.state, expected[i].state);
		assert_int_equal(range.reason != NULL, expected[i].device != 0);
		if (range.reason)
			assert_int_equal(range.reason->evidence.offender.bytes[3],
				expected[i].device);
		from = range.last + 1U;
	}
	assert_false(port_plan_range(map, from, &range));
	port_map_free(map);
}

static void a_range_ends_with_the_last_port_there_is(void **state)
{
	struct port_map *map = port_map_new(65530, 65535);
	struct port_range range;
	struct port_stretch stretch;

	(void)state;
	note_many(map, 65533, 65535, PORT_LOST, 1);
	assert_true(port_plan_range(map, 65533, &range));
	assert_int_equal(range.last, 65535);
	assert_false(port_plan_range(map, 65536, &range));
	assert_true(port_plan_blocked(map, 0, &stretch));
	assert_int_equal(stretch.last, 65535);
	assert_false(port_plan_blocked(map, 65536, &stretch));
	port_map_free(map);
}

/* Two devices, two directions: four stretches; what is not known joins, and is told. */
static void stretches_keep_directions_and_devices_apart(void **state)
{
	static const struct {
		uint16_t first, last;
		size_t blocked;
		enum port_state state;
	} expected[] = {
		{ 110, 119, 2, PORT_LOST },
		{ 121, 129, 3, PORT_BLOCKED },
		{ 140, 140, 1, PORT_RETURN },
		{ 141, 145, 3, PORT_REFUSED },
		{ 146, 146, 1, PORT_REFUSED },
	};
	struct port_map *map = port_map_new(100, 199);
	struct port_stretch stretch;
	uint32_t from = 0;

	(void)state;
	note_many(map, 110, 110, PORT_LOST, 1);
	note_many(map, 115, 115, PORT_BUSY, 1);
	note_many(map, 119, 119, PORT_LOST, 1);
	note_many(map, 120, 120, PORT_CLOSED, 1);
	note_many(map, 121, 122, PORT_LOST, 1);
	note_many(map, 129, 129, PORT_BLOCKED, 1);
	note_many(map, 140, 140, PORT_RETURN, 1);
	note_many(map, 141, 141, PORT_LOST, 1);
	refuse(map, 142, 1);
	note_many(map, 145, 145, PORT_LOST, 1);
	refuse(map, 146, 2);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_true(port_plan_blocked(map, from, &stretch));
		assert_int_equal(stretch.first, expected[i].first);
		assert_int_equal(stretch.last, expected[i].last);
		assert_int_equal(stretch.blocked, expected[i].blocked);
		assert_int_equal(stretch.state, expected[i].state);
		from = stretch.last + 1U;
	}
	assert_false(port_plan_blocked(map, from, &stretch));
	port_map_free(map);
}

/* Only what was asked within the window counts, and only if it could be told. */
static void coverage_is_of_the_window(void **state)
{
	struct port_map *map = port_map_new(1, 100);

	(void)state;
	assert_true(port_plan_coverage(map, 0) == 0);
	note_many(map, 1, 10, PORT_OPEN, 5);
	note_many(map, 11, 20, PORT_LOST, 10);
	note_many(map, 21, 30, PORT_BUSY, 10);
	note_many(map, 31, 40, PORT_SILENT, 10);
	note_many(map, 41, 50, PORT_UNHELD, 10);
	assert_true(port_plan_coverage(map, 0) == 0.2);
	assert_true(port_plan_coverage(map, 5) == 0.2);
	assert_true(port_plan_coverage(map, 6) == 0.1);
	assert_true(port_plan_coverage(map, 11) == 0);
	port_map_free(map);
}

/*
 * The largest count of blocked ports of a range of which a sample of `known` holds no
 * more than `blocked` with a chance above 1/20: counted with Python's integers, as
 * 20 * sum(comb(K, i) * comb(range - K, known - i)) > comb(range, known).
 */
static const struct {
	size_t range, known, blocked, bound;
} bounds[] = {
	{ 1, 1, 0, 0 },
	{ 1, 1, 1, 1 },
	{ 2, 1, 0, 1 },
	{ 2, 1, 1, 2 },
	{ 10, 5, 0, 3 },
	{ 10, 9, 0, 1 },
	{ 10, 9, 1, 2 },
	{ 10, 3, 3, 10 },
	{ 100, 10, 0, 24 },
	{ 100, 50, 5, 17 },
	{ 100, 50, 45, 94 },
	{ 1000, 30, 0, 93 },
	{ 10001, 0, 0, 10001 },
	{ 10001, 1, 0, 9500 },
	{ 10001, 1, 1, 10001 },
	{ 10001, 50, 0, 580 },
	{ 10001, 50, 1, 912 },
	{ 10001, 100, 10, 1634 },
	{ 10001, 100, 0, 293 },
	{ 10001, 1000, 3, 74 },
	{ 10001, 5000, 0, 4 },
	{ 10001, 5000, 4000, 8066 },
	{ 10001, 5000, 1, 7 },
	{ 10001, 9999, 0, 0 },
	{ 10001, 10000, 0, 0 },
	{ 10001, 10001, 0, 0 },
	{ 10001, 10001, 5001, 5001 },
	{ 64511, 200, 0, 957 },
	{ 64511, 2000, 200, 7195 },
	{ 64511, 40000, 2, 7 },
	{ 64511, 64000, 30000, 30258 },
	{ 65535, 100, 99, 65501 },
};

static void the_bound_is_that_of_whole_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		uint32_t known = (uint32_t)bounds[i].known;
		uint32_t blocked = (uint32_t)bounds[i].blocked;
		struct port_map *map = port_map_new(1, (uint16_t)bounds[i].range);
		double bound = (double)bounds[i].bound / (double)bounds[i].range;

		draw_many(map, 1, blocked, PORT_LOST, 7);
		draw_many(map, blocked + 1, known, PORT_OPEN, 7);
		assert_true(port_plan_blocked_bound(map, 7) == bound);
		assert_true(port_plan_blocked_bound(map, 8) == 1);
		port_map_free(map);
	}
}

/* The more ports pass, the less can be hidden; one more blocked port means more. */
static void the_bound_is_monotone(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);
	double before = port_plan_blocked_bound(map, 0);

	(void)state;
	assert_true(before == 1);
	for (uint32_t port = 10000; port <= 20000; port += 50) {
		double bound;

		draw_many(map, port, port + (port < 20000 ? 49 : 0), PORT_OPEN, 1);
		bound = port_plan_blocked_bound(map, 0);
		assert_true(bound <= before);
		assert_true(bound < before || port >= 11000);
		before = bound;
	}
	assert_true(before == 0);
	for (uint32_t port = 10000; port <= 20000; port += 100) {
		double bound;

		draw_many(map, port, port, PORT_LOST, 1);
		bound = port_plan_blocked_bound(map, 0);
		assert_true(bound > before);
		before = bound;
	}
	port_map_free(map);
}

/* Nine tenths are blocked; islands that pass were bisected, half of each edge passes. */
static void edges_are_no_sample(void **state)
{
	struct port_map *map = port_map_new(1, 1000);
	double bound;

	(void)state;
	draw_many(map, 1, 90, PORT_LOST, 1);
	draw_many(map, 91, 100, PORT_OPEN, 1);
	bound = port_plan_blocked_bound(map, 1);
	assert_true(bound > 0.9);
	note_many(map, 101, 150, PORT_OPEN, 1);
	note_many(map, 151, 200, PORT_LOST, 1);
	assert_true(port_plan_blocked_bound(map, 1) > 0.9);
	assert_true(port_plan_blocked_bound(map, 1) <= bound);
	assert_true(port_plan_coverage(map, 1) == 0.2);
	/* and what is known to pass cannot be blocked: all but sixty do, in the end */
	note_many(map, 201, 1000, PORT_OPEN, 1);
	note_many(map, 1, 60, PORT_OPEN, 1);
	assert_true(port_plan_blocked_bound(map, 1) == 0.08);
	port_map_free(map);
}

/* What became unasked is not part of a sample when an edge asks it again. */
static void a_forgotten_port_is_not_drawn(void **state)
{
	struct port_map *map = port_map_new(1, 1000);

	(void)state;
	draw_many(map, 1, 10, PORT_LOST, 1);
	assert_true(port_map_is_drawn(map, 10));
	note_many(map, 1, 10, PORT_UNASKED, 0);
	note_many(map, 1, 10, PORT_OPEN, 2);
	assert_false(port_map_is_drawn(map, 10));
	assert_true(port_plan_blocked_bound(map, 1) == 0.99);
	port_map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_of_one_state_and_reason),
		cmocka_unit_test(a_range_ends_with_the_last_port_there_is),
		cmocka_unit_test(stretches_keep_directions_and_devices_apart),
		cmocka_unit_test(coverage_is_of_the_window),
		cmocka_unit_test(the_bound_is_that_of_whole_numbers),
		cmocka_unit_test(the_bound_is_monotone),
		cmocka_unit_test(edges_are_no_sample),
		cmocka_unit_test(a_forgotten_port_is_not_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
