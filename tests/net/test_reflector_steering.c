/* SPDX-License-Identifier: Apache-2.0 */
/* Steering: all ports by a program in the kernel, without holding any of them. */
#include "net/reflector.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/reflectors.h"
#include "net/volley.h"

#define SKIPPED 77

static struct reflection_source source_of(const char *text, unsigned length)
{
	struct reflection_source source = { .length = length };

	assert_true(address_parse(text, &source.prefix));
	return source;
}

static int steering_setup(void **state)
{
	static struct reflection_source sources[5];
	struct world *world;

	world_setup(state);
	world = *state;
	sources[0] = source_of("192.0.2.0", 24);
	sources[1] = source_of("127.0.0.4", 30);
	sources[2] = source_of("2001:db8:0:4000::", 50);
	sources[3] = source_of("::1", 128);
	sources[4] = source_of("127.1.0.1", 32);
	world->settings.steers = true;
	world->settings.sources = sources;
	world->settings.source_count = 5;
	return 0;
}

/* From the right port and address, with the stamps and the DSCP of any other answer. */
static void answers_of_ports_it_does_not_hold(void **state)
{
	static const char *const ways[][2] = { { "127.0.0.6", "127.0.0.9" },
		{ "127.1.0.1", "127.0.0.1" }, { "::1", "::1" } };
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9, .sequence = 3 };
	const struct stamp_request classy = { .asks_class = true, .dscp = 12 };

	world_start(world);
	assert_int_equal(world_ports(world, REFLECTOR_HELD), 10);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int fd = sender_open(ways[i][0]);
		struct address asked;
		struct echo echo;

		address_parse(ways[i][1], &asked);
		assert_true(ask(world, fd, ways[i][1], FIRST, &request, &echo));
		assert_true(address_equal(&echo.from, &asked));
		assert_int_equal(echo.port, FIRST);
		assert_int_equal(echo.ttl, 255);
		assert_int_equal(echo.tos, 46 << 2);
		assert_int_equal(echo.reply.sender_ttl, 77);
		assert_int_equal(echo.reply.sender_sequence, 3);
		assert_true(echo.reply.sender_sent_ns < echo.reply.received_ns);
		assert_true(echo.reply.received_ns < echo.reply.sent_ns);
		assert_true(ask(world, fd, ways[i][1], LAST, &classy, &echo));
		assert_int_equal(echo.port, LAST);
		assert_int_equal(echo.tos, 12 << 2);
		close(fd);
	}
}

/* Who holds the port keeps it: what others send goes to it, and it can be opened. */
static void takes_nothing_from_others(void **state)
{
	static const char *const strangers[] = { "127.0.0.3", "127.0.0.8", "127.1.0.2" };
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	int holder, fd;
	struct echo echo;
	char octets[2000];

	world_start(world);
	holder = occupy(FIRST);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		fd = sender_open(strangers[i]);
		assert_true(ask_in_vain(world, fd, "127.0.0.1", FIRST, &request));
		assert_int_equal(recv(holder, octets, sizeof(octets), MSG_DONTWAIT),
			STAMP_OPEN_LENGTH);
		close(fd);
	}
	fd = sender_open("127.0.0.7");
	assert_true(ask(world, fd, "127.0.0.1", FIRST, &request, &echo));
	assert_int_equal(recv(holder, octets, sizeof(octets), MSG_DONTWAIT), -1);
	/* outside of the range nothing is taken from anybody */
	assert_true(ask_in_vain(world, fd, "127.0.0.1", LAST + 1, &request));
	assert_true(ask_in_vain(world, fd, "127.0.0.1", FIRST - 1, &request));
	close(fd);
	close(holder);
}

/*
 * With no more descriptors than for ten of them. The sender is none of the sources as the
 * answers see it: their own ports would be steered as well.
 */
static void all_ports(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	int fd = sender_open("127.0.0.7");
	struct echo echo;

	world->range = (struct reflector_range){ 1025, 65535 };
	world->settings.control_port = 862;
	world_start(world);
	assert_int_equal(world_ports(world, REFLECTOR_HELD), 64512);
	for (unsigned port = 1025; port <= 65535; port += 1201)
		assert_true(ask(world, fd, "127.0.0.1", (uint16_t)port, &request, &echo));
	assert_true(ask(world, fd, "127.0.0.1", 65535, &request, &echo));
	assert_true(ask(world, fd, "127.0.0.1", 862, &request, &echo));
	close(fd);
}

static void heard(void *context, const struct volley_answer *answer)
{
	unsigned *answers = context;

	(void)answer;
	(*answers)++;
}

static void ignored(void *context, uint16_t port, const struct finding *finding)
{
	(void)context;
	(void)port;
	(void)finding;
}

static void troubled(void *context, const struct finding *finding)
{
	(void)context;
	(void)finding;
	fail();
}

/* \return how many answers came from a port of the peer, an echo */
static unsigned echoes(struct world *world, const char *peer, bool claims)
{
	static const struct volley_events events = { heard, ignored, troubled };
	const struct volley_datagram datagram = { 800, "01234567", 8 };
	unsigned answers = 0;
	struct volley_settings settings = { .loop = world->loop,
		.claims = claims,
		.events = &events,
		.context = &answers };
	struct sockaddr_storage from;
	socklen_t length;
	struct volley *volley;
	struct finding finding;
	char octets[16];
	int fd;

	assert_true(address_parse(peer, &settings.address));
	fd = socket(settings.address.family == FAMILY_IPV4 ? AF_INET : AF_INET6,
		SOCK_DGRAM | SOCK_CLOEXEC, 0);
	length = address_to_socket(&settings.address, 800, &from);
	assert_int_equal(bind(fd, (const struct sockaddr *)&from, length), 0);
	volley = volley_open(&settings, &finding);
	assert_non_null(volley);
	assert_int_equal(volley_send(volley, &datagram, 1), 1);
	assert_int_equal(recvfrom(fd, octets, sizeof(octets), 0, (struct sockaddr *)&from,
				 &length),
		8);
	sendto(fd, octets, 8, 0, (const struct sockaddr *)&from, length);
	world_turn(world, 20 * MILLISECOND);
	volley_close(volley);
	close(fd);
	return answers;
}

/* Who sends from the range to one of the sources: its answers would be taken for theirs.
 */
static void answers_to_our_own_senders(void **state)
{
	struct world *world = *state;

	world->range = (struct reflector_range){ 1025, 65535 };
	world_start(world);
	assert_int_equal(echoes(world, "127.0.0.7", false), 0);
	assert_int_equal(echoes(world, "127.0.0.7", true), 1);
	assert_int_equal(echoes(world, "::1", false), 0);
	assert_int_equal(echoes(world, "::1", true), 1);
	assert_int_equal(echoes(world, "127.0.0.8", false), 1);
}

/* Over to sockets and back, each time with the sessions. */
static void replaced(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	int fd = sender_open("127.0.0.7");
	struct echo echo;

	world_start(world);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(ask(world, fd, "127.0.0.1", LAST, &request, &echo));
		assert_int_equal(echo.reply.sequence, i);
		world->settings.steers = !world->settings.steers;
		world_replace(world);
		world_turn(world, 20 * MILLISECOND);
	}
	reflector_free(world->reflector);
	world->reflector = NULL;
	assert_true(ask_in_vain(world, fd, "127.0.0.1", LAST, &request));
	close(fd);
}

/* Only where the reflector is to answer. */
static void one_address(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	int fd = sender_open("127.0.0.7");
	struct echo echo;

	assert_true(address_parse("127.0.0.9", &world->settings.address));
	world_start(world);
	assert_true(ask(world, fd, "127.0.0.9", FIRST, &request, &echo));
	assert_true(ask_in_vain(world, fd, "127.0.0.1", FIRST, &request));
	close(fd);
}

/* The largest program there can be is loaded. */
static void many_sources(void **state)
{
	static struct reflection_source sources[REFLECTOR_SOURCES_MAX];
	static struct reflector_range ranges[REFLECTOR_RANGES_MAX];
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	int fd = sender_open("::1");
	struct echo echo;

	for (unsigned i = 0; i < REFLECTOR_SOURCES_MAX; i++) {
		sources[i] = source_of("2001:db8::", 128);
		sources[i].prefix.bytes[15] = (uint8_t)i;
	}
	for (unsigned i = 0; i < REFLECTOR_RANGES_MAX; i++)
		ranges[i] = (struct reflector_range){ (uint16_t)(2000 + 10 * i),
			(uint16_t)(2005 + 10 * i) };
	sources[REFLECTOR_SOURCES_MAX - 1] = source_of("::1", 128);
	world->settings.sources = sources;
	world->settings.source_count = REFLECTOR_SOURCES_MAX;
	world->settings.ranges = ranges;
	world->settings.range_count = REFLECTOR_RANGES_MAX;
	assert_true(address_parse("::1", &world->settings.address));
	world_start(world);
	assert_true(ask(world, fd, "::1", 2635, &request, &echo));
	assert_true(ask_in_vain(world, fd, "::1", 2636, &request));
	close(fd);
}

static bool is_possible(void)
{
	struct world *world;
	void *state;
	struct text error = { 0 };
	struct reflector *reflector = NULL;
	int result;

	steering_setup(&state);
	world = state;
	result = reflector_new(world->loop, &world->settings, &reflector, &error);
	if (result < 0)
		print_message("%s\n", error.data);
	reflector_free(reflector);
	world_teardown(&state);
	text_done(&error);
	return result == 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, steering_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_of_ports_it_does_not_hold),
		TEST(takes_nothing_from_others),
		TEST(all_ports),
		TEST(answers_to_our_own_senders),
		TEST(replaced),
		TEST(one_address),
		TEST(many_sources),
	};

	if (!leave_network() || !is_possible())
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
