/* SPDX-License-Identifier: Apache-2.0 */
/* What the reflector tells of its ports: asked for, and what follows for one of them. */
#ifndef PROBES_RTP_TOLD_H
#define PROBES_RTP_TOLD_H

#include "probes/rtp_talk.h"

/** Adds the question for one block of the range, from this port on. */
void rtp_told_add(struct rtp_talk *talk, uint16_t block);

/**
 * Adds those for the blocks in which a port was silent, of the questions from `from` on;
 * more than there is room for are left out. \return how many
 */
size_t rtp_told_add_silent(struct rtp_talk *talk, size_t from);

/** Room that they may need at the end of a run. */
size_t rtp_told_room(const struct rtp_talk *talk);

/** Asks what was added. \param next  once all is settled */
void rtp_told_ask(
	struct rtp_talk *talk, unsigned tries, void (*next)(struct rtp_talk *talk));

/** Who does not tell is taken to hold all. */
bool rtp_told_held(const struct rtp_talk *talk, uint16_t port);

/** One of the marks of rtp_talk.h. */
bool rtp_told_is(const struct rtp_talk *talk, uint16_t port, unsigned mark);

/** How many ports of the range are said to be in each state. */
void rtp_told_count(
	const struct rtp_talk *talk, size_t ret_counts[STAMP_PORT_STATE_COUNT]);

/** Notes why it cannot be told now. */
void rtp_told_note(struct rtp_talk *talk, uint16_t port);

/**
 * Of a port of the sample that is not held now: what was told of it while it was, within
 * the window, is known still.
 */
void rtp_told_pass(struct rtp_talk *talk, uint16_t port);

/**
 * Forgets blocks of ports that are not held now and that nobody will hold again, or has
 * not for a window, or of which nobody told the way: while a reflector is absent all
 * ports are silent.
 */
void rtp_told_forget(struct rtp_talk *talk);

#endif
