/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked again, so that a repair is seen, and what is doubted then. */
#include "media/port_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "network.h"

static enum port_state all_open(uint32_t port)
{
	(void)port;
	return PORT_OPEN;
}

static size_t count_blocked(const struct port_map *map)
{
	struct port_stretch stretch;
	size_t count = 0;

	for (uint32_t from = 0; port_plan_blocked(map, from, &stretch);
		from = stretch.last + 1U)
		count += stretch.blocked;
	return count;
}

/* A hole that was known port by port is gone after one run, not after a rotation. */
static void a_repair_is_seen_in_one_run(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);

	(void)state;
	for (uint32_t port = 10000; port <= 20000; port++)
		port_map_note(map, (uint16_t)port, network_one_hole(port), NULL, 1);
	assert_int_equal(count_blocked(map), 13999 - 12345 + 1);
	network_run(map, all_open, 100, 2);
	assert_int_equal(count_blocked(map), 0);
	assert_int_equal(port_map_state(map, 12500), PORT_UNASKED);
	assert_int_equal(port_map_asked(map, 12500), 0);
	assert_int_equal(port_map_state(map, 19999), PORT_OPEN);
	port_map_free(map);
}

static enum port_state lower_half_of_the_hole(uint32_t port)
{
	return port >= 12345 && port <= 13000 ? PORT_LOST : PORT_OPEN;
}

static void half_a_repair_has_its_edge(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);
	struct port_stretch stretch;

	(void)state;
	for (uint32_t port = 10000; port <= 20000; port++)
		port_map_note(map, (uint16_t)port, network_one_hole(port), NULL, 1);
	network_run(map, lower_half_of_the_hole, 100, 2);
	assert_true(port_plan_blocked(map, 0, &stretch));
	assert_int_equal(stretch.first, 12345);
	assert_int_equal(stretch.last, 13000);
	assert_false(port_plan_blocked(map, 13001, &stretch));
	port_map_free(map);
}

/* The hole stays, and nothing of it is forgotten. */
static void what_stays_blocked_is_not_doubted(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);

	(void)state;
	for (uint32_t port = 10000; port <= 20000; port++)
		port_map_note(map, (uint16_t)port, network_one_hole(port), NULL, 1);
	for (uint32_t now_s = 2; now_s < 105; now_s++) {
		assert_in_range(network_run(map, network_one_hole, 100, now_s), 100, 103);
		assert_int_equal(count_blocked(map), 13999 - 12345 + 1);
	}
	port_map_free(map);
}

/* More stretches than a run asks again: all of them in turn. */
static void many_repairs_are_asked_in_turn(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);
	uint16_t ports[100];
	size_t runs = 0;

	(void)state;
	for (uint32_t port = 10000; port <= 20000; port++)
		port_map_note(map, (uint16_t)port, network_every_tenth(port), NULL, 1);
	for (uint32_t now_s = 2; count_blocked(map) > 0; now_s++, runs++) {
		size_t count = port_plan_again(map, now_s, ports, 100);

		for (size_t i = 0; i < count; i++)
			assert_int_equal(ports[i] % 10, 0);
		assert_in_range(count, 1, 100);
		network_ask(map, all_open, ports, count, now_s);
		port_plan_doubt(map, now_s, ports, count);
		network_ask(
			map, all_open, ports, port_plan_sample(map, ports, 100), now_s);
		assert_true(runs < 20);
	}
	port_map_free(map);
}

/* 11 ports lost in a row, and one open behind them. */
static struct port_map *map_of_a_stretch(void)
{
	struct port_map *map = port_map_new(10000, 20000);

	for (uint16_t port = 12000; port <= 12010; port++)
		port_map_note(map, port, PORT_LOST, NULL, 1);
	port_map_note(map, 13000, PORT_OPEN, NULL, 1);
	return map;
}

static void again_asks_the_ends_and_the_middle(void **state)
{
	struct port_map *map = map_of_a_stretch();
	uint16_t ports[10];

	(void)state;
	port_map_note(map, 14000, PORT_RETURN, NULL, 1);
	assert_int_equal(port_plan_again(map, 2, ports, 10), 4);
	assert_int_equal(ports[0], 12000);
	assert_int_equal(ports[1], 12010);
	assert_int_equal(ports[2], 12005);
	assert_int_equal(ports[3], 14000);
	assert_int_equal(port_plan_again(map, 1, ports, 10), 0);
	*port_map_cursor(map) = 1;
	assert_int_equal(port_plan_again(map, 2, ports, 3), 3);
	assert_int_equal(ports[0], 14000);
	assert_int_equal(ports[1], 12000);
	assert_int_equal(ports[2], 12010);
	port_map_free(map);
}

/* Whom nobody can answer for is not asked, and what is known of it stays. */
static void hidden_ports_are_passed_by(void **state)
{
	static const uint16_t hidden[] = { 12000, 12001, 12005, 12010, 14000 };
	struct port_map *map = map_of_a_stretch();
	uint16_t ports[10];

	(void)state;
	port_map_note(map, 14000, PORT_LOST, NULL, 1);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		port_map_hide(map, hidden[i], true);
	assert_int_equal(port_plan_again(map, 2, ports, 10), 3);
	assert_int_equal(ports[0], 12002);
	assert_int_equal(ports[1], 12009);
	assert_int_equal(ports[2], 12006);
	assert_int_equal(port_map_state(map, 14000), PORT_LOST);
	port_map_hide(map, 14000, false);
	assert_int_equal(port_plan_again(map, 2, ports, 10), 4);
	assert_int_equal(ports[3], 14000);
	port_map_free(map);
}

/* Every other pair, as a reflector leaves them: edges are narrowed down to those left. */
static void edges_are_looked_for_beside_hidden_ports(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);
	uint16_t ports[10];
	struct port_stretch stretch;
	size_t count, asked = 0;

	(void)state;
	for (uint32_t port = 10000; port <= 20000; port++)
		port_map_hide(map, (uint16_t)port, port / 2 % 2 == 0);
	network_ask(
		map, network_one_hole, (const uint16_t[]){ 11002, 13002, 17002 }, 3, 1);
	while ((count = port_plan_edges(map, 1, ports, 10)) > 0) {
		for (size_t i = 0; i < count; i++)
			assert_false(port_map_is_hidden(map, ports[i]));
		network_ask(map, network_one_hole, ports, count, 1);
		asked += count;
		assert_true(asked < 40);
	}
	assert_true(port_plan_blocked(map, 0, &stretch));
	assert_int_equal(stretch.first, 12346);
	assert_int_equal(stretch.last, 13999);
	port_map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repair_is_seen_in_one_run),
		cmocka_unit_test(half_a_repair_has_its_edge),
		cmocka_unit_test(what_stays_blocked_is_not_doubted),
		cmocka_unit_test(many_repairs_are_asked_in_turn),
		cmocka_unit_test(again_asks_the_ends_and_the_middle),
		cmocka_unit_test(hidden_ports_are_passed_by),
		cmocka_unit_test(edges_are_looked_for_beside_hidden_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
