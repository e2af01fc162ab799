/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of checks: when each is due, what one run of it is (resolve, every address,
 * outcome), and where its result goes. All of it on the loop's one thread.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/histogram.h"
#include "engine/probe.h"
#include "engine/store.h"

struct engine;
struct host;

/** What a reload may change. */
struct engine_limits {
	unsigned in_flight_max;   /* runs at a time, at least 1 */
	unsigned starts_per_turn; /* of the loop, so that a burst delays no answer */
	unsigned per_host_max;    /* runs at a time against one host, 1 by default */
};

struct engine_settings {
	const struct probe_services *services;
	struct host *host; /* NULL: the own host is never asked */
	struct engine_limits limits;
	unsigned confirm_at_most; /* see store_new() */
	bool remembers_all;       /* see store_remember_all() */

	/** After every run; may be NULL. */
	void (*on_outcome)(void *context, const struct record *record);
	/** When a confirmed state changes; may be NULL. */
	void (*on_change)(void *context, const struct record *record,
		const struct store_change *change);
	void *context;
};

struct engine_statistics {
	unsigned in_flight;
	uint64_t late_skipped; /* ticks that passed while their check was not done */
	uint64_t deferred;     /* starts that waited for a cap */
	struct histogram lag;  /* how late the loop served the schedule */
	int64_t lag_max_us;    /* since start */
	struct resolver_statistics resolver;
};

/** \param plan  must outlive the engine or the next engine_adopt() \retval 0 or -errno */
int engine_new(const struct engine_settings *settings, const struct plan *plan,
	struct engine **ret_engine);

/** Ends all runs first; nothing is called back after. */
void engine_free(struct engine *engine);

/** Runs every check at its phase, for ever. */
void engine_start(struct engine *engine);

/** Runs every check once, as soon as the caps allow, then calls done. */
void engine_run_once(struct engine *engine, void (*done)(void *context), void *context);

/**
 * Goes over to another plan: checks of the same identity keep their results and phase,
 * runs in flight are ended. \retval 0, or -errno with the old plan still in force
 */
int engine_adopt(struct engine *engine, const struct plan *plan,
	const struct engine_limits *limits);

const struct store *engine_store(const struct engine *engine);
struct engine_statistics engine_statistics(const struct engine *engine);

#endif
