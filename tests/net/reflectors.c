/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reflectors.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#define SENDER_TTL 77
#define SENDER_TOS (46 << 2)

bool leave_network(void)
{
	struct ifreq loopback = { .ifr_name = "lo" };
	int fd;
	bool up;

	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	loopback.ifr_flags = IFF_UP;
	up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &loopback) == 0;
	close(fd);
	return up;
}

static void stop(void *context)
{
	loop_stop(context);
}

int world_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	assert_int_equal(loop_new(&world->loop), 0);
	loop_timer_init(
		&world->stopper, world->loop, LOOP_PRIORITY_START, stop, world->loop);
	world->range = (struct reflector_range){ FIRST, LAST };
	world->settings = (struct reflector_settings){
		.ranges = &world->range,
		.range_count = 1,
		.turn_us = 10 * SECOND,
		.retry_us = 20 * MILLISECOND,
	};
	*state = world;
	return 0;
}

int world_teardown(void **state)
{
	struct world *world = *state;

	reflector_free(world->reflector);
	loop_timer_done(&world->stopper);
	loop_free(world->loop);
	stamp_key_free(world->key);
	free(world);
	return 0;
}

static void changed(void *context)
{
	struct world *world = context;

	world->changes++;
}

bool world_changed(struct world *world)
{
	return world->changes > 0;
}

void world_replace(struct world *world)
{
	struct text error = { 0 };
	struct reflector *next = NULL;

	if (reflector_new(world->loop, &world->settings, &next, &error) < 0)
		fail_msg("%s", error.data);
	world->changes = 0;
	reflector_start(next, world->reflector, changed, world);
	reflector_free(world->reflector);
	world->reflector = next;
}

void world_start(struct world *world)
{
	world_replace(world);
	world_until(world, world_changed);
}

void world_turn(struct world *world, int64_t micros)
{
	loop_timer_set(&world->stopper, micros);
	assert_int_equal(loop_run(world->loop), 0);
}

void world_until(struct world *world, bool (*holds)(struct world *world))
{
	int64_t deadline = clock_now_us() + 5 * SECOND;

	while (!holds(world)) {
		if (clock_now_us() > deadline)
			fail_msg("it did not come to that");
		world_turn(world, MILLISECOND);
	}
}

size_t world_ports(struct world *world, enum reflector_state state)
{
	struct reflector_statistics statistics;

	reflector_count(world->reflector, &statistics);
	return statistics.ports[state];
}

int world_error(struct world *world)
{
	struct reflector_statistics statistics;

	reflector_count(world->reflector, &statistics);
	return statistics.error;
}

static socklen_t name_of(const char *text, uint16_t port, struct sockaddr_storage *name)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return address_to_socket(&address, port, name);
}

int sender_open(const char *address)
{
	struct sockaddr_storage name;
	socklen_t length = name_of(address, 0, &name);
	bool ipv6 = name.ss_family == AF_INET6;
	int fd = socket(name.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int level = ipv6 ? SOL_IPV6 : SOL_IP;
	int ttl = SENDER_TTL, tos = SENDER_TOS, on = 1;

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&name, length), 0);
	assert_int_equal(setsockopt(fd, level, ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, &ttl,
				 sizeof(ttl)),
		0);
	assert_int_equal(
		setsockopt(fd, level, ipv6 ? IPV6_TCLASS : IP_TOS, &tos, sizeof(tos)), 0);
	assert_int_equal(setsockopt(fd, level, ipv6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, &on,
				 sizeof(on)),
		0);
	assert_int_equal(setsockopt(fd, level, ipv6 ? IPV6_RECVTCLASS : IP_RECVTOS, &on,
				 sizeof(on)),
		0);
	return fd;
}

static void take_control(struct msghdr *message, struct echo *echo)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
		header = CMSG_NXTHDR(message, header)) {
		bool ipv6 = header->cmsg_level == SOL_IPV6;
		const uint8_t *data = CMSG_DATA(header);

		if (header->cmsg_type == (ipv6 ? IPV6_HOPLIMIT : IP_TTL))
			echo->ttl = *data;
		else if (header->cmsg_type == (ipv6 ? IPV6_TCLASS : IP_TOS))
			echo->tos = *data;
	}
}

static bool receive(int fd, uint8_t *data, size_t size, struct echo *echo)
{
	struct sockaddr_storage from;
	_Alignas(struct cmsghdr) uint8_t control[128];
	struct iovec part = { data, size };
	struct msghdr message = { .msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);

	if (length < 0)
		return false;
	echo->length = (size_t)length;
	address_from_socket((const struct sockaddr *)&from, &echo->from, &echo->port);
	take_control(&message, echo);
	return true;
}

static bool ask_for(struct world *world, int64_t micros, int fd, const char *address,
	uint16_t port, const struct stamp_request *request, struct echo *ret_echo)
{
	uint8_t packet[STAMP_LENGTH_MAX];
	struct stamp_request own = *request;
	struct sockaddr_storage name;
	socklen_t length = name_of(address, port, &name);
	int64_t deadline = clock_now_us() + micros;
	size_t written;

	own.sent_ns = clock_wall_ns();
	written = stamp_write_request(packet, sizeof(packet), &own, world->key);
	assert_true(written > 0);
	assert_int_equal(
		sendto(fd, packet, written, 0, (const struct sockaddr *)&name, length),
		written);
	while (!receive(fd, packet, sizeof(packet), ret_echo)) {
		if (clock_now_us() > deadline)
			return false;
		world_turn(world, MILLISECOND);
	}
	assert_int_equal(ret_echo->length, written);
	assert_int_equal(stamp_read_reply(packet, ret_echo->length, world->key, 0,
				 &ret_echo->reply),
		STAMP_GOOD);
	return true;
}

bool ask(struct world *world, int fd, const char *address, uint16_t port,
	const struct stamp_request *request, struct echo *ret_echo)
{
	return ask_for(world, 5 * SECOND, fd, address, port, request, ret_echo);
}

bool ask_in_vain(struct world *world, int fd, const char *address, uint16_t port,
	const struct stamp_request *request)
{
	struct echo echo;

	return !ask_for(world, SECOND / 3, fd, address, port, request, &echo);
}

int occupy(uint16_t port)
{
	struct sockaddr_storage name;
	socklen_t length = name_of("127.0.0.1", port, &name);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&name, length), 0);
	return fd;
}
