/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reflector_ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "net/reflector_socket.h"

int port_table_new(struct port_table **ret_table)
{
	struct port_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	table->spare = -1;
	for (unsigned port = 0; port < PORTS; port++) {
		table->slots[port].fd = -1;
		table->slots[port].state = REFLECTOR_STATE_COUNT;
	}
	table->poll = epoll_create1(EPOLL_CLOEXEC);
	if (table->poll < 0) {
		int error = -errno;

		free(table);
		return error;
	}
	*ret_table = table;
	return 0;
}

void port_table_free(struct port_table *table)
{
	if (!table)
		return;
	/* first: 10,001 sockets are then closed without being looked for in it */
	close(table->poll);
	if (table->spare >= 0)
		close(table->spare);
	for (unsigned port = 0; port < PORTS; port++) {
		if (table->slots[port].fd >= 0)
			close(table->slots[port].fd);
	}
	free(table);
}

void port_table_assign(
	struct port_table *table, const struct reflector_settings *settings)
{
	for (unsigned port = 0; port < PORTS; port++)
		table->slots[port].role = ROLE_NONE;
	for (size_t i = 0; i < settings->range_count; i++) {
		for (unsigned port = settings->ranges[i].first;
			port <= settings->ranges[i].last; port++)
			table->slots[port].role = ROLE_RANGE;
	}
	if (settings->control_port)
		table->slots[settings->control_port].role = ROLE_CONTROL;
	table->error = 0;
	if (table->spare >= 0)
		close(table->spare); /* it may be of another address */
	table->spare = -1;
}

static void tell(struct reflector_ranges *ranges, unsigned first, unsigned last)
{
	if (ranges->count < REFLECTOR_RANGES_TOLD)
		ranges->told[ranges->count] =
			(struct reflector_range){ (uint16_t)first, (uint16_t)last };
	ranges->count++;
}

void port_table_tell(const struct port_table *table,
	struct reflector_ranges ret_ranges[REFLECTOR_STATE_COUNT])
{
	const struct port_slot *slots = table->slots;
	unsigned first = 0;

	for (unsigned state = 0; state < REFLECTOR_STATE_COUNT; state++)
		ret_ranges[state].count = 0;
	for (unsigned port = 0; port < PORTS; port++) {
		if (port + 1 < PORTS && slots[port + 1].state == slots[port].state)
			continue;
		if (slots[port].state < REFLECTOR_STATE_COUNT)
			tell(&ret_ranges[slots[port].state], first, port);
		first = port + 1;
	}
}

static void set_state(
	struct port_table *table, uint16_t port, uint8_t state, struct port_visit *visit)
{
	struct port_slot *slot = &table->slots[port];

	if (slot->state == state)
		return;
	if (slot->state < REFLECTOR_STATE_COUNT)
		table->counts[slot->state]--;
	if (state < REFLECTOR_STATE_COUNT)
		table->counts[state]++;
	slot->state = state;
	visit->changes++;
}

static int take_spare(struct port_table *table, const struct port_visit *visit)
{
	int fd = table->spare;

	table->spare = -1;
	if (fd < 0)
		fd = reflector_socket(&visit->settings->address, USE_PORT);
	return fd;
}

static int open_socket(struct port_table *table, uint16_t port, struct port_visit *visit)
{
	if (table->slots[port].role == ROLE_CONTROL)
		return reflector_socket(&visit->settings->address, USE_CONTROL);
	return take_spare(table, visit);
}

/* \retval 0 or -errno */
static int acquire(struct port_table *table, uint16_t port, struct port_visit *visit)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = port };
	struct port_slot *slot = &table->slots[port];
	int fd = open_socket(table, port, visit);
	int error;

	if (fd < 0)
		return fd;
	error = reflector_bind(fd, &visit->settings->address, port);
	if (error == -EADDRINUSE && slot->role == ROLE_RANGE) {
		table->spare = fd;
		return error;
	}
	if (!error && epoll_ctl(table->poll, EPOLL_CTL_ADD, fd, &event) < 0)
		error = -errno;
	if (error) {
		close(fd);
		return error;
	}
	slot->fd = fd;
	slot->overflow = 0;
	return 0;
}

/*
 * A closed descriptor would leave the epoll set by itself, but for the child that tries a
 * new configuration: it has copies of all, and packets to one that only it has open would
 * wake us without end, and nothing of less priority would have its turn.
 */
static void release(
	struct port_table *table, struct port_slot *slot, struct port_visit *visit)
{
	if (slot->fd < 0)
		return;
	epoll_ctl(table->poll, EPOLL_CTL_DEL, slot->fd, NULL);
	close(slot->fd);
	slot->fd = -1;
	visit->tries++;
}

/*
 * The RTP port of a call is even, and the odd one after it its RTCP: both are left free
 * or neither, and every other pair, so that who looks for a free one finds it next door.
 */
static bool rests(const struct port_visit *visit, uint16_t port)
{
	return visit->settings->halves && ((port >> 1) & 1U) != visit->half;
}

static void hold(struct port_table *table, uint16_t port, struct port_visit *visit)
{
	enum reflector_state state = REFLECTOR_HELD;
	int error;

	if (table->slots[port].fd >= 0)
		return;
	visit->tries++;
	error = acquire(table, port, visit);
	if (error == -EADDRINUSE)
		state = REFLECTOR_BUSY;
	else if (error)
		state = REFLECTOR_FAILED;
	if (state == REFLECTOR_FAILED && table->error == 0)
		table->error = -error;
	set_state(table, port, (uint8_t)state, visit);
}

void port_table_visit(struct port_table *table, uint16_t port, struct port_visit *visit)
{
	struct port_slot *slot = &table->slots[port];
	bool ranged = slot->role == ROLE_RANGE;

	if (slot->role == ROLE_NONE) {
		release(table, slot, visit);
		set_state(table, port, REFLECTOR_STATE_COUNT, visit);
	} else if (ranged && visit->settings->steers) {
		release(table, slot, visit);
		set_state(table, port, REFLECTOR_HELD, visit);
	} else if (ranged && rests(visit, port)) {
		release(table, slot, visit);
		set_state(table, port, REFLECTOR_RESTING, visit);
	} else {
		hold(table, port, visit);
	}
}
