/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets of the reflector, in a network of its own. */
#include "net/reflector.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/reflectors.h"

#define SKIPPED 77

static const struct {
	const char *own, *asked;
} ways[] = {
	{ "127.0.0.1", "127.0.0.1" },
	{ "127.0.0.5", "127.0.0.9" }, /* not the address it would choose by itself */
	{ "::1", "::1" },
};

/* From the address and port that was asked, by one socket for both families. */
static void answers_from_where_it_was_asked(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .sequence = 5, .ssid = 9 };

	world_start(world);
	assert_int_equal(world_ports(world, REFLECTOR_HELD), 10);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int fd = sender_open(ways[i].own);
		uint16_t port = (uint16_t)(FIRST + 2 * i);
		struct address asked;
		struct echo echo;

		address_parse(ways[i].asked, &asked);
		assert_true(ask(world, fd, ways[i].asked, port, &request, &echo));
		assert_true(address_equal(&echo.from, &asked));
		assert_int_equal(echo.port, port);
		assert_int_equal(echo.ttl, 255);
		assert_int_equal(echo.tos, 46 << 2);
		assert_int_equal(echo.reply.sender_ttl, 77);
		assert_int_equal(echo.reply.sender_sequence, 5);
		assert_int_equal(echo.reply.ssid, 9);
		assert_int_equal(echo.length, STAMP_OPEN_LENGTH);
		close(fd);
	}
}

/* Ours, the kernel's at its arrival, ours at the leave: in this order, and apart. */
static void stamps_are_apart(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	struct echo echo;
	int fd = sender_open("127.0.0.1");

	world_start(world);
	assert_true(ask(world, fd, "127.0.0.1", FIRST, &request, &echo));
	assert_true(echo.reply.sender_sent_ns < echo.reply.received_ns);
	assert_true(echo.reply.received_ns < echo.reply.sent_ns);
	assert_true(echo.reply.sent_ns < clock_wall_ns());
	/* a clock that nobody has set in this network is not called synchronised */
	assert_true(stamp_error_us(echo.reply.error) > 0);
	close(fd);
}

static void class_of_service(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .asks_class = true, .dscp = 10 };
	struct echo echo;

	world_start(world);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int fd = sender_open(ways[i].own);

		assert_true(ask(world, fd, ways[i].asked, FIRST, &request, &echo));
		assert_int_equal(echo.tos, 10 << 2);
		assert_true(echo.reply.class_told);
		assert_int_equal(echo.reply.class_dscp, 46);
		close(fd);
	}
}

static bool one_is_busy(struct world *world)
{
	return world_ports(world, REFLECTOR_BUSY) == 1;
}

static bool none_is_busy(struct world *world)
{
	return world_ports(world, REFLECTOR_BUSY) == 0;
}

static void expect_ranges(
	struct world *world, enum reflector_state state, const char *expected)
{
	struct reflector_statistics statistics;
	struct text text = { 0 };

	reflector_count(world->reflector, &statistics);
	reflector_append_ranges(&statistics.ranges[state], &text);
	assert_string_equal(text.data ? text.data : "", expected);
	text_done(&text);
}

static void busy_ports_are_found_again(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = {
		.ssid = 9, .report_first = FIRST, .report_count = 10
	};
	int other = occupy(FIRST + 3);
	int fd = sender_open("127.0.0.1");
	struct echo echo;

	world_start(world);
	assert_true(one_is_busy(world));
	expect_ranges(world, REFLECTOR_HELD, "10000-10002, 10004-10009");
	expect_ranges(world, REFLECTOR_BUSY, "10003");
	expect_ranges(world, REFLECTOR_FAILED, "");
	assert_int_equal(reflector_port(world->reflector, FIRST + 3), REFLECTOR_BUSY);
	assert_true(ask(world, fd, "127.0.0.1", FIRST, &request, &echo));
	assert_int_equal(echo.reply.report.count, 10);
	for (unsigned i = 0; i < 10; i++) {
		unsigned expected = i == 3 ? STAMP_PORT_BUSY : STAMP_PORT_HELD;

		if (i == 0)
			expected |= STAMP_PORT_ARRIVED;
		assert_int_equal(echo.reply.report.ports[i], expected);
	}
	world_turn(world, 3 * world->settings.retry_us);
	assert_true(one_is_busy(world)); /* it was tried, and is so still */
	close(other);
	world_until(world, none_is_busy);
	assert_int_equal(world_ports(world, REFLECTOR_HELD), 10);
	assert_true(ask(world, fd, "127.0.0.1", FIRST + 3, &request, &echo));
	close(fd);
}

/* Of each pair both or neither, and never all pairs at once. */
static unsigned held_half(struct world *world)
{
	unsigned half = reflector_port(world->reflector, FIRST) == REFLECTOR_HELD ? 0 : 1;

	for (unsigned port = FIRST; port <= LAST; port++) {
		bool held = reflector_port(world->reflector, (uint16_t)port) ==
			REFLECTOR_HELD;

		assert_int_equal(held, ((port - FIRST) / 2) % 2 == half);
	}
	return half;
}

static bool has_changed_again(struct world *world)
{
	return world->changes > 1;
}

/* More ranges than are told: that there are more is. */
static void ranges_of_halves(void **state)
{
	struct world *world = *state;

	world->range = (struct reflector_range){ FIRST, FIRST + 79 };
	world->settings.halves = true;
	world_start(world);
	expect_ranges(world, REFLECTOR_HELD,
		"10000-10001, 10004-10005, 10008-10009, 10012-10013, 10016-10017, "
		"10020-10021, 10024-10025, 10028-10029, 10032-10033, 10036-10037, "
		"10040-10041, 10044-10045, 10048-10049, 10052-10053, 10056-10057, "
		"10060-10061, …");
}

static void halves_take_turns(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	int fd = sender_open("127.0.0.1");
	unsigned half;
	struct echo echo;

	world->settings.halves = true;
	world->settings.turn_us = 50 * MILLISECOND;
	world->settings.control_port = 9000;
	world_start(world);
	half = held_half(world);
	close(occupy((uint16_t)(FIRST + 2 - 2 * half))); /* is free for a call */
	assert_int_equal(world_ports(world, REFLECTOR_RESTING), half == 0 ? 4 : 6);
	assert_true(ask(world, fd, "127.0.0.1", 9000, &request, &echo));
	world_until(world, has_changed_again);
	assert_int_not_equal(held_half(world), half);
	assert_true(ask(world, fd, "127.0.0.1", 9000, &request, &echo));
	assert_int_equal(echo.reply.sequence, 1);
	close(fd);
}

static size_t descriptors(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 2000; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Ports that stay keep socket and sessions; those that leave are free at once. */
static void replaced(void **state)
{
	struct world *world = *state;
	struct reflector_range other = { FIRST + 5, LAST + 10 };
	const struct stamp_request request = { .ssid = 9 };
	int fd = sender_open("127.0.0.1");
	size_t before;
	struct echo echo;

	world_start(world);
	before = descriptors();
	assert_true(ask(world, fd, "127.0.0.1", FIRST + 5, &request, &echo));
	assert_int_equal(echo.reply.sequence, 0);
	world->settings.ranges = &other;
	world_replace(world);
	/* before the walk: what came in the meantime is answered */
	assert_true(ask(world, fd, "127.0.0.1", FIRST + 6, &request, &echo));
	assert_int_equal(echo.reply.sequence, 1);
	world_until(world, world_changed);
	assert_int_equal(world_ports(world, REFLECTOR_HELD), 15);
	assert_int_equal(descriptors(), before + 5);
	close(occupy(FIRST + 4));
	world->settings.address =
		(struct address){ .family = FAMILY_IPV4, .bytes = { 127, 0, 0, 1 } };
	world_replace(world);
	world_until(world, world_changed);
	assert_int_equal(world_ports(world, REFLECTOR_HELD), 15);
	assert_int_equal(descriptors(), before + 5);
	assert_true(ask(world, fd, "127.0.0.1", LAST + 10, &request, &echo));
	assert_int_equal(echo.reply.sequence, 2);
	assert_true(ask_in_vain(world, fd, "127.0.0.2", LAST + 10, &request));
	close(fd);
}

static void keyed(void **state)
{
	static const uint8_t secret[STAMP_SECRET_MIN] = { 1, 2, 3 };
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	struct reflector_statistics statistics;
	struct stamp_key *key;
	int fd = sender_open("::1");
	struct echo echo;

	assert_int_equal(stamp_key_new(secret, sizeof(secret), &world->key), 0);
	world->settings.key = world->key;
	world_start(world);
	assert_true(ask(world, fd, "::1", FIRST, &request, &echo));
	assert_int_equal(echo.length, STAMP_KEYED_LENGTH);
	key = world->key;
	world->key = NULL;
	assert_true(ask_in_vain(world, fd, "::1", FIRST, &request));
	world->key = key;
	reflector_count(world->reflector, &statistics);
	assert_int_equal(statistics.packets[REFLECTION_ANSWERED], 1);
	assert_int_equal(statistics.packets[REFLECTION_SHORT], 1);
	assert_int_equal(statistics.sessions, 1);
	assert_int_equal(statistics.unsent, 0);
	close(fd);
}

/* Until none came in a turn. */
static void serve_all(struct world *world)
{
	struct reflector_statistics before, after;

	reflector_count(world->reflector, &after);
	do {
		before = after;
		world_turn(world, 5 * MILLISECOND);
		reflector_count(world->reflector, &after);
	} while (after.packets[REFLECTION_ANSWERED] !=
		before.packets[REFLECTION_ANSWERED]);
}

/* A thousand packets to one port do not hold up one to another. */
static void flood_of_one_port(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	struct reflector_statistics statistics;
	struct sockaddr_in name = { .sin_family = AF_INET,
		.sin_port = htons(FIRST),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int flood = sender_open("127.0.0.1"), fd = sender_open("127.0.0.1");
	uint8_t packet[STAMP_OPEN_LENGTH];
	struct echo echo;

	world_start(world);
	stamp_write_request(packet, sizeof(packet), &request, NULL);
	for (unsigned i = 0; i < 1000; i++)
		sendto(flood, packet, sizeof(packet), 0, (const struct sockaddr *)&name,
			sizeof(name));
	assert_true(ask(world, fd, "127.0.0.1", FIRST + 1, &request, &echo));
	/* the first in its session: the port was served before the flood was over */
	assert_true(echo.reply.sequence < 20);
	serve_all(world);
	assert_true(ask(world, fd, "127.0.0.1", FIRST, &request, &echo));
	reflector_count(world->reflector, &statistics);
	assert_true(statistics.packets[REFLECTION_ANSWERED] < 1000);
	assert_int_equal(
		statistics.packets[REFLECTION_ANSWERED] + statistics.overflow, 1002);
	close(flood);
	close(fd);
}

static void statistics_of_refused_ports(void **state)
{
	struct world *world = *state;

	/* an address that this host does not have */
	world->settings.address =
		(struct address){ .family = FAMILY_IPV4, .bytes = { 192, 0, 2, 1 } };
	world_start(world);
	assert_int_equal(world_ports(world, REFLECTOR_FAILED), 10);
	assert_int_equal(world_error(world), EADDRNOTAVAIL);
	assert_int_equal(
		reflector_port(world->reflector, LAST + 1), REFLECTOR_STATE_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			answers_from_where_it_was_asked, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			stamps_are_apart, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			class_of_service, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			busy_ports_are_found_again, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			halves_take_turns, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			ranges_of_halves, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(replaced, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(keyed, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			flood_of_one_port, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			statistics_of_refused_ports, world_setup, world_teardown),
	};

	if (!leave_network())
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
