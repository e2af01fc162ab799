/* SPDX-License-Identifier: Apache-2.0 */
/* What a reflector remembers of its sessions: how much was answered, and at which ports.
 */
#ifndef MEDIA_REFLECTION_SESSIONS_H
#define MEDIA_REFLECTION_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "media/slot_table.h"

struct reflection_session {
	struct slot slot;
	uint32_t replies;
	uint32_t highest;    /* number of its sender's packets */
	uint16_t first_port; /* of the range, where its first packet came; 0 = none */
	uint8_t arrivals;    /* which of those of all ports, from 1; 0 = none */
};

struct reflection_sessions;

/** \retval NULL  out of memory */
struct reflection_sessions *reflection_sessions_new(
	uint16_t port_first, uint16_t port_last);
void reflection_sessions_free(struct reflection_sessions *sessions);

/** The session of this key; NULL if there is none, or it ended for lack of use. */
struct reflection_session *reflection_sessions_find(
	const struct reflection_sessions *sessions, uint64_t key, int64_t now_us);

struct reflection_session *reflection_sessions_begin(
	struct reflection_sessions *sessions, uint64_t key, int64_t now_us);

/**
 * The packet that is answered now. One that counts from the beginning after a silence is
 * of another run, which has chosen the same number by chance: all is then forgotten.
 */
void reflection_sessions_arrival(struct reflection_sessions *sessions,
	struct reflection_session *session, uint16_t port, uint32_t number,
	int64_t now_us);

/** Whether all arrivals are known: none of them went to another session. */
bool reflection_sessions_know(const struct reflection_sessions *sessions,
	const struct reflection_session *session);

bool reflection_sessions_arrived(const struct reflection_sessions *sessions,
	const struct reflection_session *session, uint16_t port);

size_t reflection_sessions_count(
	const struct reflection_sessions *sessions, int64_t since_us);

#endif
