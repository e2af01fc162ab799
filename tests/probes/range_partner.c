/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/range_partner.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/random.h"
#include "fake/fake.h"
#include "net/udp_socket.h"

#define DESCRIPTORS_MAX 1024

/* A stateless reflector numbers its answers as their questions, and answers 44 octets. */
static void copy_number(uint8_t *packet)
{
	memcpy(packet, packet + 24, 4);
}

static void answer(struct range_partner *partner, int index, uint8_t *packet,
	size_t length, const struct sockaddr_storage *from)
{
	struct reflection_arrival arrival = { .port = (uint16_t)(partner->first + index),
		.ttl = 64,
		.received_ns = clock_wall_ns() + partner->clock_off_us * 1000,
		.sent_ns = clock_wall_ns() + partner->clock_off_us * 1000,
		.now_us = clock_now_us() };
	int fd = index < 0 ? partner->control_fd : partner->fds[index];
	uint8_t tos;

	if (index < 0)
		arrival.port = partner->control_port;
	address_from_socket((const struct sockaddr *)from, &arrival.source.address,
		&arrival.source.port);
	if (reflection_judge(partner->reflection, packet, length, &arrival, &tos) !=
		REFLECTION_ANSWERED)
		return;
	if (partner->path && !partner->path(partner, RANGE_BACKWARD, index))
		return;
	if (partner->copies_number)
		copy_number(packet);
	if (partner->alters)
		packet[length - 1] ^= 1;
	if (partner->rewrites)
		fd = partner->fds[(index + 1) % partner->count];
	sendto(fd, packet, length, 0, (const struct sockaddr *)from,
		sizeof(struct sockaddr_in));
}

static void note(struct range_partner *partner, int index)
{
	size_t most = sizeof(partner->times_us) / sizeof(partner->times_us[0]);

	partner->heard[index]++;
	if (partner->heard_total < most)
		partner->times_us[partner->heard_total] = clock_now_us();
	partner->heard_total++;
}

static void hear(struct range_partner *partner, int index)
{
	int fd = index < 0 ? partner->control_fd : partner->fds[index];
	struct sockaddr_storage from;
	socklen_t from_length = sizeof(from);
	uint8_t packet[2048];
	ssize_t length = recvfrom(fd, packet, sizeof(packet), MSG_DONTWAIT,
		(struct sockaddr *)&from, &from_length);

	if (length < 0 || (index < 0 && partner->mute))
		return;
	if (index >= 0)
		note(partner, index);
	if (partner->echoes)
		sendto(fd, packet, (size_t)length, 0, (const struct sockaddr *)&from,
			from_length);
	else if (!partner->deaf &&
		(!partner->path || partner->path(partner, RANGE_FORWARD, index)))
		answer(partner, index, packet, (size_t)length, &from);
}

/* Whoever watches a descriptor on the fake loop is told of it. \retval false  nobody is
 */
static bool tell_watchers(struct loop *loop)
{
	bool told = false;

	for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };

		if (fake_loop_interest(loop, fd) == 0)
			continue;
		while (fake_loop_interest(loop, fd) != 0 && poll(&ready, 1, 0) == 1)
			told |= fake_loop_ready(loop, fd, LOOP_READ);
	}
	return told;
}

/* Where nothing is under way, nothing will be until the next timer fires. */
static int64_t pause_us(const struct range_partner *partner, bool idle)
{
	int64_t wait_us = fake_loop_next_due(partner->loop) - clock_now_us();

	return partner->latency_us + (idle && wait_us > 0 ? wait_us : 0);
}

static void pump(void *context)
{
	struct range_partner *partner = context;
	struct epoll_event events[64];
	bool idle = true;
	int count;

	do {
		count = epoll_wait(partner->epoll, events, 64, 0);
		for (int i = 0; i < count; i++)
			hear(partner, events[i].data.fd);
		idle &= count == 0;
	} while (count > 0);
	idle &= !tell_watchers(partner->loop);
	loop_timer_set(&partner->pump, pause_us(partner, idle));
}

static enum stamp_port_state port_state(void *context, uint16_t port)
{
	const struct range_partner *partner = context;

	return partner->states[port - partner->first];
}

static void choose_address(struct range_partner *partner)
{
	unsigned process = (unsigned)getpid();

	snprintf(partner->address, sizeof(partner->address), "127.%u.%u.%u",
		100 + process / 10000 % 100, 100 + process / 100 % 100,
		100 + process % 100);
}

/* \retval -1  another has it */
static int bind_at(const struct range_partner *partner, uint16_t port)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, partner->address, &name.sin_addr), 1);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool bind_range(struct range_partner *partner, uint16_t first, int count)
{
	for (int i = 0; i < count; i++) {
		partner->fds[i] = bind_at(partner, (uint16_t)(first + i));
		if (partner->fds[i] >= 0)
			continue;
		while (i-- > 0)
			close(partner->fds[i]);
		return false;
	}
	partner->first = first;
	partner->count = count;
	return true;
}

static void listen_at(struct range_partner *partner, int fd, int index)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = index };

	assert_int_equal(epoll_ctl(partner->epoll, EPOLL_CTL_ADD, fd, &event), 0);
}

void range_partner_restart(struct range_partner *partner)
{
	reflection_free(partner->reflection);
	partner->reflection = reflection_new(&partner->settings);
	assert_non_null(partner->reflection);
}

void range_partner_open(struct range_partner *partner, struct loop *loop, int count,
	const struct stamp_key *key)
{
	struct transport_address control;
	uint16_t first;

	memset(partner, 0, sizeof(*partner));
	choose_address(partner);
	do {
		random_fill(&first, sizeof(first));
		first = (uint16_t)(10000 + first % 20000);
	} while (!bind_range(partner, first, count));
	partner->epoll = epoll_create1(EPOLL_CLOEXEC);
	assert_true(partner->epoll >= 0);
	partner->control_fd = udp_socket(partner->address, &control);
	partner->control_port = control.port;
	listen_at(partner, partner->control_fd, -1);
	for (int i = 0; i < count; i++) {
		partner->states[i] = STAMP_PORT_HELD;
		listen_at(partner, partner->fds[i], i);
	}
	partner->settings = (struct reflection_settings){ .key = key,
		.port_first = first,
		.port_last = (uint16_t)(first + count - 1),
		.port_state = port_state,
		.clock_window_us = REFLECTION_CLOCK_WINDOW,
		.context = partner };
	range_partner_restart(partner);
	partner->loop = loop;
	partner->latency_us = 200 * MICROSECOND;
	loop_timer_init(&partner->pump, loop, LOOP_PRIORITY_ANSWER, pump, partner);
	loop_timer_set(&partner->pump, 0);
}

void range_partner_shut(struct range_partner *partner, int index)
{
	int *fd = index < 0 ? &partner->control_fd : &partner->fds[index];

	close(*fd);
	*fd = -1;
}

void range_partner_reopen(struct range_partner *partner, int index)
{
	partner->fds[index] = bind_at(partner, (uint16_t)(partner->first + index));
	assert_true(partner->fds[index] >= 0);
	listen_at(partner, partner->fds[index], index);
}

void range_partner_close(struct range_partner *partner)
{
	loop_timer_done(&partner->pump);
	reflection_free(partner->reflection);
	for (int i = -1; i < partner->count; i++) {
		int fd = i < 0 ? partner->control_fd : partner->fds[i];

		if (fd >= 0)
			close(fd);
	}
	close(partner->epoll);
}
