/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reflector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"
#include "net/own_clock.h"
#include "net/reflector_ports.h"
#include "net/reflector_socket.h"
#include "net/reflector_steering.h"

/*
 * Of one turn of the loop: so many sockets, and so many datagrams of all of them. Who
 * floods one port waits for a turn of all others. In a sweep every socket has one packet;
 * to look for a second one costs as much as the answer's headers (0.2 us), so that is
 * done only while few are ready.
 */
#define SOCKETS_PER_TURN 32
#define READS_PER_TURN   32

/* Sockets opened or closed in one turn, at 10 us each; ports looked at, at 2 ns. */
#define TRIES_PER_TURN  128
#define VISITS_PER_TURN 16384

/* The kernel's error grows by 500 us a second while no time server is heard. */
#define CLOCK_PERIOD (10 * SECOND)

struct reflector {
	struct loop *loop;
	struct reflector_settings settings;
	struct reflection *reflection;
	struct port_table *ports;
	struct steering steering; /* all -1 unless settings.steers */
	struct loop_watch ready, steered;
	struct loop_timer walk, retry, turn, clock;
	unsigned half;
	uint32_t next;    /* port that the walk visits next */
	unsigned changes; /* by the walk so far */
	uint32_t overflow_steered;
	uint64_t unsent, overflow;
	uint16_t error; /* of our clock */
	reflector_fn changed;
	void *context;
	struct inbox inbox;
};

enum reflector_state reflector_port(const struct reflector *reflector, uint16_t port)
{
	return (enum reflector_state)reflector->ports->slots[port].state;
}

static enum stamp_port_state told_state(void *context, uint16_t port)
{
	static const enum stamp_port_state states[REFLECTOR_STATE_COUNT + 1] = {
		[REFLECTOR_HELD] = STAMP_PORT_HELD,
		[REFLECTOR_BUSY] = STAMP_PORT_BUSY,
		[REFLECTOR_RESTING] = STAMP_PORT_RESTING,
		[REFLECTOR_FAILED] = STAMP_PORT_UNHELD,
		[REFLECTOR_STATE_COUNT] = STAMP_PORT_UNHELD,
	};

	return states[reflector_port(context, port)];
}

/* What a delivery's socket needs to answer it. */
struct desk {
	struct reflector *reflector;
	int fd;
	uint16_t port;      /* 0 = steered: the delivery says it */
	uint32_t *overflow; /* of the socket */
	int64_t now_us;
};

static void note_overflow(struct desk *desk, const struct delivery *delivery)
{
	if (delivery->overflow == 0)
		return;
	desk->reflector->overflow += delivery->overflow - *desk->overflow;
	*desk->overflow = delivery->overflow;
}

static int send_answer(
	const struct desk *desk, const struct delivery *delivery, uint8_t tos)
{
	if (desk->port == 0)
		return steering_answer(&desk->reflector->steering, delivery, tos);
	return reflector_answer(desk->fd, delivery, tos);
}

static void answer(struct desk *desk, struct delivery *delivery)
{
	struct reflector *reflector = desk->reflector;
	struct reflection_arrival arrival = {
		.port = desk->port ? desk->port : delivery->port,
		.ttl = (uint8_t)delivery->arrival.ttl,
		.tos = (uint8_t)delivery->arrival.tos,
		.received_ns = delivery->arrival.ns,
		.now_us = desk->now_us,
		.error = reflector->error,
	};
	uint8_t tos = 0;

	note_overflow(desk, delivery);
	address_from_socket((const struct sockaddr *)delivery->from,
		&arrival.source.address, &arrival.source.port);
	/* last of all; the clock may have been stepped back since the packet came */
	arrival.sent_ns = clock_wall_ns();
	if (arrival.sent_ns < arrival.received_ns)
		arrival.sent_ns = arrival.received_ns;
	if (reflection_judge(reflector->reflection, delivery->data, delivery->length,
		    &arrival, &tos) == REFLECTION_ANSWERED &&
		send_answer(desk, delivery, tos) < 0)
		reflector->unsent++;
}

static void serve(struct desk *desk, unsigned most)
{
	struct inbox *inbox = &desk->reflector->inbox;
	unsigned count = inbox_read(inbox, desk->fd, most);

	for (unsigned i = 0; i < count; i++) {
		struct delivery delivery;

		inbox_open(inbox, i, &delivery);
		answer(desk, &delivery);
	}
}

/* All of a turn are served: the kernel puts them behind those that were not among them.
 */
static void ports_ready(void *context, unsigned ready)
{
	struct reflector *reflector = context;
	struct port_table *ports = reflector->ports;
	struct epoll_event events[SOCKETS_PER_TURN];
	int count = epoll_wait(ports->poll, events, SOCKETS_PER_TURN, 0);
	struct desk desk = { .reflector = reflector, .now_us = clock_now_us() };
	unsigned most = count > 0 ? READS_PER_TURN / (unsigned)count : 0;

	(void)ready;
	for (int i = 0; i < count; i++) {
		struct port_slot *slot = &ports->slots[events[i].data.u32];

		desk.fd = slot->fd;
		desk.port = (uint16_t)events[i].data.u32;
		desk.overflow = &slot->overflow;
		serve(&desk, most);
	}
}

static void steered_ready(void *context, unsigned ready)
{
	struct reflector *reflector = context;
	struct desk desk = {
		.reflector = reflector,
		.fd = reflector->steering.fd,
		.overflow = &reflector->overflow_steered,
		.now_us = clock_now_us(),
	};

	(void)ready;
	serve(&desk, INBOX_MAX);
}

static void walk_begin(struct reflector *reflector)
{
	reflector->next = 0;
	loop_timer_set(&reflector->walk, 0);
}

static void walk_end(struct reflector *reflector)
{
	const size_t *counts = reflector->ports->counts;

	if (counts[REFLECTOR_BUSY] + counts[REFLECTOR_FAILED] > 0)
		loop_timer_set(&reflector->retry, reflector->settings.retry_us);
	if (reflector->changes > 0 && reflector->changed)
		reflector->changed(reflector->context);
	reflector->changes = 0;
}

/* A part of the walk over all ports, so that nobody waits for the whole of it. */
static void walk_on(void *context)
{
	struct reflector *reflector = context;
	struct port_visit visit = { .settings = &reflector->settings,
		.half = reflector->half };
	uint32_t end = reflector->next + VISITS_PER_TURN;

	while (reflector->next < PORTS && reflector->next < end &&
		visit.tries < TRIES_PER_TURN)
		port_table_visit(reflector->ports, (uint16_t)reflector->next++, &visit);
	reflector->changes += visit.changes;
	if (reflector->next < PORTS)
		loop_timer_set(&reflector->walk, 0);
	else
		walk_end(reflector);
}

static void retry(void *context)
{
	walk_begin(context);
}

static void take_turns(void *context)
{
	struct reflector *reflector = context;

	reflector->half ^= 1U;
	loop_timer_set(&reflector->turn, reflector->settings.turn_us);
	walk_begin(reflector);
}

static void read_clock(void *context)
{
	struct reflector *reflector = context;

	reflector->error = own_clock_estimate();
	loop_timer_set(&reflector->clock, CLOCK_PERIOD);
}

/* Reports may be about any port: which are ours is told by their state. */
static struct reflection *judge_new(struct reflector *reflector)
{
	const struct reflector_settings *settings = &reflector->settings;
	const struct reflection_settings judge = {
		.key = settings->key,
		.port_first = 1,
		.port_last = UINT16_MAX,
		.sources = settings->sources,
		.source_count = settings->source_count,
		.source_rate = settings->source_rate,
		.global_rate = settings->rate,
		.clock_window_us = REFLECTION_CLOCK_WINDOW,
		.port_state = told_state,
		.context = reflector,
	};

	return reflection_new(&judge);
}

static int make_parts(struct reflector *reflector, struct text *error)
{
	int result = port_table_new(&reflector->ports);

	if (result == 0) {
		reflector->reflection = judge_new(reflector);
		result = reflector->reflection ? 0 : -ENOMEM;
	}
	if (result < 0)
		text_format(error, "reflector: %s", strerrordesc_np(-result));
	else if (reflector->settings.steers)
		result = steering_open(&reflector->settings, &reflector->steering, error);
	return result;
}

int reflector_new(struct loop *loop, const struct reflector_settings *settings,
	struct reflector **ret_reflector, struct text *error)
{
	struct reflector *reflector = calloc(1, sizeof(*reflector));
	int result;

	if (!reflector) {
		text_append(error, "reflector: out of memory");
		return -ENOMEM;
	}
	reflector->loop = loop;
	reflector->settings = *settings;
	reflector->steering = (struct steering){ { -1, -1 }, -1, -1, -1 };
	loop_watch_init(&reflector->ready, loop, ports_ready, reflector);
	loop_watch_init(&reflector->steered, loop, steered_ready, reflector);
	loop_timer_init(&reflector->walk, loop, LOOP_PRIORITY_START, walk_on, reflector);
	loop_timer_init(&reflector->retry, loop, LOOP_PRIORITY_START, retry, reflector);
	loop_timer_init(
		&reflector->turn, loop, LOOP_PRIORITY_START, take_turns, reflector);
	loop_timer_init(
		&reflector->clock, loop, LOOP_PRIORITY_ANSWER, read_clock, reflector);
	result = make_parts(reflector, error);
	if (result < 0) {
		reflector_free(reflector);
		return result;
	}
	*ret_reflector = reflector;
	return 0;
}

/* Sockets of the same address serve on, whatever else has changed. */
static void inherit(struct reflector *reflector, struct reflector *predecessor)
{
	struct port_table *ports = reflector->ports;

	loop_watch_done(&predecessor->ready);
	loop_timer_cancel(&predecessor->walk);
	reflector->half = predecessor->half;
	reflector->unsent = predecessor->unsent;
	reflector->overflow = predecessor->overflow;
	reflection_inherit(reflector->reflection, predecessor->reflection);
	if (!address_equal(&reflector->settings.address, &predecessor->settings.address))
		return;
	reflector->ports = predecessor->ports;
	predecessor->ports = ports;
}

void reflector_start(struct reflector *reflector, struct reflector *predecessor,
	reflector_fn changed, void *context)
{
	if (predecessor)
		inherit(reflector, predecessor);
	reflector->changed = changed;
	reflector->context = context;
	port_table_assign(reflector->ports, &reflector->settings);
	loop_watch_set(&reflector->ready, reflector->ports->poll, LOOP_READ);
	if (reflector->settings.steers)
		loop_watch_set(&reflector->steered, reflector->steering.fd, LOOP_READ);
	if (reflector->settings.halves && !reflector->settings.steers)
		loop_timer_set(&reflector->turn, reflector->settings.turn_us);
	read_clock(reflector);
	walk_begin(reflector);
}

void reflector_free(struct reflector *reflector)
{
	if (!reflector)
		return;
	loop_watch_done(&reflector->ready);
	loop_watch_done(&reflector->steered);
	loop_timer_done(&reflector->walk);
	loop_timer_done(&reflector->retry);
	loop_timer_done(&reflector->turn);
	loop_timer_done(&reflector->clock);
	steering_close(&reflector->steering);
	port_table_free(reflector->ports);
	reflection_free(reflector->reflection);
	free(reflector);
}

void reflector_count(
	const struct reflector *reflector, struct reflector_statistics *ret_statistics)
{
	const struct reflector_settings *settings = &reflector->settings;
	struct reflector_statistics statistics = {
		.keyed = settings->key != NULL,
		.steers = settings->steers,
		.halves = settings->halves,
		.control_port = settings->control_port,
		.error = reflector->ports->error,
		.unsent = reflector->unsent,
		.overflow = reflector->overflow,
		.sessions = reflection_sessions(reflector->reflection, clock_now_us()),
	};

	memcpy(statistics.ports, reflector->ports->counts, sizeof(statistics.ports));
	port_table_tell(reflector->ports, statistics.ranges);
	for (unsigned verdict = 0; verdict < REFLECTION_VERDICT_COUNT; verdict++)
		statistics.packets[verdict] = reflection_count(
			reflector->reflection, (enum reflection_verdict)verdict);
	*ret_statistics = statistics;
}
