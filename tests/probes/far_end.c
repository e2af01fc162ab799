/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/far_end.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/reflection.h"
#include "net/evidence.h"
#include "net/volley.h"

#define STAY_US 300

struct packet {
	struct loop_timer timer;
	struct packet *next, **link;
	struct volley *volley;
	unsigned number; /* within the stream; 0 = looks for ports */
	uint16_t port;
	uint8_t tos;
	size_t length;
	uint8_t octets[STAMP_LENGTH_MAX];
};

struct volley {
	struct volley_settings settings;
	struct reflection *reflection;
	struct packet *under_way;
	unsigned returned; /* packets of the stream that the reflector answered */
};

static struct {
	struct far_end far;
	struct volley *volley;
	unsigned packets, streamed;
} world;

struct far_end far_end_of(void)
{
	return (struct far_end){
		.there = { .delay_us = 10 * MILLISECOND, .keeps_class = true },
		.back = { .delay_us = 10 * MILLISECOND, .keeps_class = true },
		.pass_first = 1,
		.pass_last = UINT16_MAX,
		.control = true,
		.error = stamp_error(2000, true),
	};
}

void far_end_use(const struct far_end *far)
{
	world.far = *far;
	world.packets = 0;
	world.streamed = 0;
}

unsigned far_end_packets(void)
{
	return world.packets;
}

static bool is_at_nth(unsigned number, unsigned every)
{
	return every > 0 && number > 0 && number % every == 0;
}

static bool is_lost(const struct far_way *way, unsigned number)
{
	return is_at_nth(number, way->lose_every) ||
		(number >= way->lose_from && number <= way->lose_to &&
			way->lose_from > 0 && number > 0);
}

static void packet_free(struct packet *packet)
{
	*packet->link = packet->next;
	if (packet->next)
		packet->next->link = packet->link;
	loop_timer_done(&packet->timer);
	free(packet);
}

static struct packet *packet_new(struct volley *volley, uint16_t port, const void *octets,
	size_t length, loop_timer_fn fire)
{
	struct packet *packet = calloc(1, sizeof(*packet));

	assert_non_null(packet);
	packet->volley = volley;
	packet->port = port;
	packet->length = length;
	memcpy(packet->octets, octets, length);
	packet->next = volley->under_way;
	packet->link = &volley->under_way;
	if (packet->next)
		packet->next->link = &packet->next;
	volley->under_way = packet;
	loop_timer_init(&packet->timer, volley->settings.loop, LOOP_PRIORITY_ANSWER, fire,
		packet);
	return packet;
}

static void packet_go(struct packet *packet, const struct far_way *way, unsigned number)
{
	int64_t delay_us = way->delay_us;

	if (is_at_nth(number, way->hold_every))
		delay_us += way->hold_us;
	if (is_at_nth(number, way->alter_every))
		packet->octets[way->alter_at ? way->alter_at : packet->length - 1] ^=
			0x10;
	if (!way->keeps_class)
		packet->tos = (uint8_t)(way->dscp << 2);
	loop_timer_set(&packet->timer, delay_us);
}

static void came_back(void *context)
{
	struct packet *packet = context;
	struct volley *volley = packet->volley;
	struct volley_answer answer = { .data = packet->octets,
		.length = packet->length,
		.port = packet->port,
		.arrived_ns = clock_wall_ns(),
		.stamped = true,
		.ttl = 60,
		.tos = packet->tos };

	volley->settings.events->answer(volley->settings.context, &answer);
	/* nothing closes the volley from within an answer but a finish */
	if (world.volley == volley)
		packet_free(packet);
}

void far_end_babble(uint16_t port)
{
	const struct volley_settings *settings = &world.volley->settings;
	struct volley_answer answer = { .data = (const uint8_t *)"who is there?",
		.length = 13,
		.port = port,
		.arrived_ns = clock_wall_ns(),
		.tos = -1 };

	settings->events->answer(settings->context, &answer);
}

void far_end_refuse(uint16_t port, enum cause cause)
{
	const struct volley_settings *settings = &world.volley->settings;
	struct finding finding = finding_of(cause);

	settings->events->refused(settings->context, port, &finding);
}

void far_end_fail(int error)
{
	const struct volley_settings *settings = &world.volley->settings;
	struct finding finding = evidence_from_errno(error);

	settings->events->failed(settings->context, &finding);
}

static bool passes(uint16_t port)
{
	if (port == STAMP_PORT)
		return world.far.control;
	return port >= world.far.pass_first && port <= world.far.pass_last;
}

/* The session identifier, of an open packet. */
static void forget_session(struct packet *packet)
{
	if (world.far.plain)
		memset(packet->octets + 14, 0, 2);
}

/* What other reflectors do otherwise; the packet is an open one. */
static void be_another(struct packet *packet, uint32_t sequence)
{
	const uint8_t number[] = { (uint8_t)(sequence >> 24), (uint8_t)(sequence >> 16),
		(uint8_t)(sequence >> 8), (uint8_t)sequence };

	if (world.far.stateless)
		memcpy(packet->octets, number, sizeof(number));
	/* RP of the class of service TLV, which is the first one (RFC 8972, 4.4) */
	if (world.far.refuses_class && packet->number > 0)
		packet->octets[STAMP_OPEN_LENGTH + 5] |= 1;
}

static enum stamp_port_state port_state(void *context, uint16_t port)
{
	(void)context;
	return passes(port) ? STAMP_PORT_HELD : world.far.ports;
}

static struct reflection *reflection_of(const struct far_end *far)
{
	struct reflection_settings settings = { .key = far->key,
		.port_first = 1,
		.port_last = UINT16_MAX,
		.clock_window_us = 60 * MINUTE,
		.port_state = port_state };
	struct reflection *reflection = reflection_new(&settings);

	assert_non_null(reflection);
	return reflection;
}

static bool reflect(struct packet *packet, uint8_t *ret_tos)
{
	const struct far_end *far = &world.far;
	int64_t ahead_us = far->ahead_us;
	struct reflection_arrival arrival = { .port = packet->port,
		.ttl = 60,
		.tos = packet->tos,
		.now_us = clock_now_us(),
		.error = far->error };
	struct stamp_request request = { 0 };

	if (far->step_at > 0 && packet->number >= far->step_at)
		ahead_us += far->step_us;
	assert_true(address_parse("192.0.2.10", &arrival.source.address));
	arrival.source.port = 40000;
	arrival.received_ns = clock_wall_ns() + ahead_us * 1000;
	arrival.sent_ns = arrival.received_ns + STAY_US * 1000;
	forget_session(packet);
	stamp_read_request(packet->octets, packet->length, far->key, &request);
	if (reflection_judge(packet->volley->reflection, packet->octets, packet->length,
		    &arrival, ret_tos) != REFLECTION_ANSWERED)
		return false;
	be_another(packet, request.sequence);
	if (far->refuses_class)
		*ret_tos = 0;
	return true;
}

static void send_back(
	struct volley *volley, const struct packet *packet, uint8_t tos, unsigned number)
{
	struct packet *reply = packet_new(
		volley, packet->port, packet->octets, packet->length, came_back);

	reply->tos = tos;
	packet_go(reply, &world.far.back, number);
	loop_timer_set(
		&reply->timer, STAY_US + loop_timer_due(&reply->timer) - clock_now_us());
}

static void answer_there(struct packet *packet)
{
	const struct far_end *far = &world.far;
	struct volley *volley = packet->volley;
	uint8_t tos = 0;
	unsigned number;

	if (packet->number > 0 && packet->number == far->restart_at) {
		reflection_free(volley->reflection);
		volley->reflection = reflection_of(far);
	}
	if (!reflect(packet, &tos))
		return;
	number = packet->number > 0 ? ++volley->returned : 0;
	if ((far->lose_all_back && packet->port != STAMP_PORT) ||
		is_lost(&far->back, number))
		return;
	send_back(volley, packet, tos, number);
	if (is_at_nth(number, far->back.double_every))
		send_back(volley, packet, tos, 0);
}

static void arrived_there(void *context)
{
	struct packet *packet = context;

	if (passes(packet->port))
		answer_there(packet);
	packet_free(packet);
}

static void was_refused(void *context)
{
	struct packet *packet = context;
	struct volley *volley = packet->volley;

	far_end_refuse(packet->port, world.far.refusal);
	if (world.volley == volley)
		packet_free(packet);
}

struct volley *volley_open(
	const struct volley_settings *settings, struct finding *ret_finding)
{
	struct volley *volley;

	if (world.far.no_socket) {
		*ret_finding = evidence_from_errno(EMFILE);
		return NULL;
	}
	volley = calloc(1, sizeof(*volley));
	assert_non_null(volley);
	volley->settings = *settings;
	volley->reflection = reflection_of(&world.far);
	world.volley = volley;
	return volley;
}

void volley_close(struct volley *volley)
{
	if (!volley)
		return;
	while (volley->under_way)
		packet_free(volley->under_way);
	reflection_free(volley->reflection);
	free(volley);
	world.volley = NULL;
}

static bool is_of_stream(const struct volley_datagram *datagram)
{
	/* who looks for ports asks for nothing */
	return datagram->length > STAMP_KEYED_LENGTH && datagram->port != STAMP_PORT;
}

static void take(struct volley *volley, const struct volley_datagram *datagram,
	unsigned number, unsigned copy)
{
	bool refused = world.far.refusal != CAUSE_NONE &&
		number >= world.far.refuse_from && datagram->port != STAMP_PORT;
	struct packet *packet = packet_new(volley, datagram->port, datagram->data,
		datagram->length, refused ? was_refused : arrived_there);

	packet->number = number;
	packet->tos = (uint8_t)(volley->settings.dscp << 2);
	packet_go(packet, &world.far.there, copy ? 0 : number);
}

size_t volley_send(
	struct volley *volley, const struct volley_datagram *datagrams, size_t count)
{
	const struct far_end *far = &world.far;
	unsigned number = is_of_stream(datagrams) ? world.streamed + 1 : 0;
	bool lost = (far->lose_all_there && datagrams->port != STAMP_PORT) ||
		is_lost(&far->there, number);

	assert_int_equal(count, 1);
	if (far->deaf_from > 0 && number >= far->deaf_from)
		return 0;
	world.packets++;
	world.streamed += number > 0;
	if (lost)
		return 1;
	take(volley, datagrams, number, 0);
	if (is_at_nth(number, far->there.double_every))
		take(volley, datagrams, number, 1);
	return 1;
}

bool volley_local(const struct volley *volley, struct transport_address *ret_local)
{
	(void)volley;
	(void)ret_local;
	return false;
}

uint64_t volley_strays(const struct volley *volley)
{
	(void)volley;
	return 0;
}
