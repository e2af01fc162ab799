/* SPDX-License-Identifier: Apache-2.0 */
#include "media/reflection_sessions.h"

#include <stdlib.h>
#include <string.h>

#define SESSION_SETS 512

/* Sessions that send to more than one port: sweeps, not calls. */
#define ARRIVALS 64

/* REFWAIT of TWAMP (RFC 5357, section 3.1): so long a silence ends a session. */
#define SESSION_END (INT64_C(900) * 1000000)

/*
 * Who counts anew after so long a silence is another run: a daemon makes one in 20
 * seconds, and of the 65,535 numbers the 90 of its last 15 minutes would be told as each
 * other's in three runs of a thousand; those behind one NAT likewise. No packet is late
 * by so much.
 */
#define RUN_END (INT64_C(5) * 1000000)

struct arrivals {
	uint64_t owner;
	int64_t used_us;
	uint8_t *ports; /* a bit each */
};

struct reflection_sessions {
	struct slot_table table;
	uint16_t port_first, port_last;
	struct arrivals arrivals[ARRIVALS];
	size_t octets; /* of the ports of one session */
	uint8_t ports[];
};

struct reflection_sessions *reflection_sessions_new(
	uint16_t port_first, uint16_t port_last)
{
	size_t octets = ((size_t)port_last - port_first) / 8 + 1;
	struct reflection_sessions *sessions =
		calloc(1, sizeof(*sessions) + ARRIVALS * octets);

	if (!sessions)
		return NULL;
	sessions->port_first = port_first;
	sessions->port_last = port_last;
	sessions->octets = octets;
	for (size_t i = 0; i < ARRIVALS; i++)
		sessions->arrivals[i].ports = sessions->ports + i * octets;
	if (slot_table_init(&sessions->table, sizeof(struct reflection_session),
		    SESSION_SETS) == 0)
		return sessions;
	free(sessions);
	return NULL;
}

void reflection_sessions_free(struct reflection_sessions *sessions)
{
	if (!sessions)
		return;
	slot_table_done(&sessions->table);
	free(sessions);
}

struct reflection_session *reflection_sessions_find(
	const struct reflection_sessions *sessions, uint64_t key, int64_t now_us)
{
	struct reflection_session *session = slot_find(&sessions->table, key);

	if (!session || now_us - session->slot.used_us < SESSION_END)
		return session;
	session->slot.key = 0;
	return NULL;
}

struct reflection_session *reflection_sessions_begin(
	struct reflection_sessions *sessions, uint64_t key, int64_t now_us)
{
	return slot_take(&sessions->table, key, now_us);
}

static struct arrivals *arrivals_take(
	struct reflection_sessions *sessions, struct reflection_session *session)
{
	struct arrivals *oldest = &sessions->arrivals[0];

	for (size_t i = 1; i < ARRIVALS; i++)
		if (sessions->arrivals[i].used_us < oldest->used_us)
			oldest = &sessions->arrivals[i];
	memset(oldest->ports, 0, sessions->octets);
	oldest->owner = session->slot.key;
	session->arrivals = (uint8_t)(oldest - sessions->arrivals + 1);
	return oldest;
}

static const struct arrivals *arrivals_of(const struct reflection_sessions *sessions,
	const struct reflection_session *session)
{
	return &sessions->arrivals[session->arrivals - 1];
}

static void set(const struct reflection_sessions *sessions, struct arrivals *arrivals,
	uint16_t port)
{
	size_t bit = (size_t)port - sessions->port_first;

	arrivals->ports[bit / 8] |= (uint8_t)(1U << bit % 8);
}

static void forget(
	struct reflection_sessions *sessions, struct reflection_session *session)
{
	if (session->arrivals)
		sessions->arrivals[session->arrivals - 1].used_us =
			0; /* the next taken */
	*session = (struct reflection_session){ .slot = session->slot };
}

static void count(struct reflection_sessions *sessions,
	struct reflection_session *session, uint32_t number, int64_t now_us)
{
	bool behind = (int32_t)(number - session->highest) < 0; /* it may wrap */

	if (behind && now_us - session->slot.used_us >= RUN_END)
		forget(sessions, session);
	if (!behind || session->replies == 0)
		session->highest = number;
	session->slot.used_us = now_us;
}

void reflection_sessions_arrival(struct reflection_sessions *sessions,
	struct reflection_session *session, uint16_t port, uint32_t number,
	int64_t now_us)
{
	struct arrivals *arrivals;

	count(sessions, session, number, now_us);
	if (port < sessions->port_first || port > sessions->port_last)
		return;
	if (!session->first_port)
		session->first_port = port;
	if (!session->arrivals && session->first_port == port)
		return;
	if (!session->arrivals)
		set(sessions, arrivals_take(sessions, session), session->first_port);
	arrivals = &sessions->arrivals[session->arrivals - 1];
	if (arrivals->owner != session->slot.key)
		return;
	arrivals->used_us = now_us;
	set(sessions, arrivals, port);
}

bool reflection_sessions_know(const struct reflection_sessions *sessions,
	const struct reflection_session *session)
{
	return !session->arrivals ||
		arrivals_of(sessions, session)->owner == session->slot.key;
}

bool reflection_sessions_arrived(const struct reflection_sessions *sessions,
	const struct reflection_session *session, uint16_t port)
{
	size_t bit = (size_t)port - sessions->port_first;

	if (port < sessions->port_first || port > sessions->port_last)
		return false;
	if (!session->arrivals)
		return session->first_port == port;
	return (arrivals_of(sessions, session)->ports[bit / 8] >> bit % 8 & 1U) != 0;
}

size_t reflection_sessions_count(
	const struct reflection_sessions *sessions, int64_t since_us)
{
	return slot_count(&sessions->table, since_us);
}
