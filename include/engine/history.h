/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store remembers beyond the present: how the confirmed verdict of a requirement
 * changed, and the last runs of a check that were not ok, with what was said in them. For
 * people who come when it is over. Memory that runs out loses a memory, never a result.
 */
#ifndef ENGINE_HISTORY_H
#define ENGINE_HISTORY_H

#include <sys/queue.h>

#include "base/outcome.h"
#include "base/transcript.h"

/** Changes of a requirement at a site that are remembered. */
#define HISTORY_CHANGES_MAX 16

/** Runs of a check that are remembered. */
#define HISTORY_RUNS_MAX 3

/**
 * Memory of all kept conversations together. A network that is down fails every check at
 * once: then the oldest conversations are given up for the newest ones.
 */
#define HISTORY_CONVERSATIONS_MAX ((size_t)256 * 1024)

/** The confirmed verdict of a requirement at a site became another. */
struct history_change {
	int64_t wall_us;
	enum verdict before, after;
	enum cause cause; /* of the check that decided */
	enum family family;
	struct evidence evidence;
	char target[]; /* that was asked; the plan may no longer know it */
};

/** Zeroed to begin. */
struct history {
	struct history_change **changes; /* oldest first */
	unsigned used, room;
};

/** A run that was not ok, confirmed or not. */
struct history_run {
	int64_t wall_us, duration_us;
	struct finding finding;
	enum phase phase;              /* the one it ended in */
	struct transport_address peer; /* FAMILY_NONE when nobody could be asked */
	struct transcript *transcript; /* NULL = not kept, or given up since */
	TAILQ_ENTRY(history_run) neighbours;
};

/** Of a check. Zeroed to begin. */
struct history_runs {
	struct history_run *items[HISTORY_RUNS_MAX]; /* newest first, then NULL */
};

TAILQ_HEAD(history_queue, history_run);

/** All runs of a store whose conversations are kept. */
struct conversations {
	struct history_queue queue; /* oldest first */
	size_t octets;
};

/**
 * \param change  its target is not looked at
 * \param target  copied
 */
void history_add(
	struct history *history, const struct history_change *change, const char *target);

/** What the requirement was last known to be; unknown if nothing is remembered. */
enum verdict history_verdict(const struct history *history);

void history_done(struct history *history);

void conversations_init(struct conversations *conversations);

/** Takes all of another one over, which is then empty. Only for an empty one. */
void conversations_move(struct conversations *to, struct conversations *from);

/** \param transcript  copied; NULL = nothing is known of it */
void history_runs_add(struct history_runs *runs, struct conversations *conversations,
	const struct outcome *outcome, const struct transcript *transcript);

void history_runs_done(struct history_runs *runs, struct conversations *conversations);

#endif
