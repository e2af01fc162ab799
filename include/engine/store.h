/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The results, in memory: one record per check of the plan, in the plan's order. Reports
 * read it and nothing else; the engine writes it through one door, store_outcome(), and
 * mends what it wrote by store_rejudge().
 */
#ifndef ENGINE_STORE_H
#define ENGINE_STORE_H

#include "base/histogram.h"
#include "base/outcome.h"
#include "engine/flapping.h"
#include "engine/history.h"
#include "engine/requirement.h"

struct port_map;
struct store;

struct cause_count {
	enum cause cause;
	uint64_t count;
};

struct record {
	const struct check *check;
	struct outcome last;    /* the last run; wall_us 0 = none yet */
	bool applies;           /* false: IPv6 "auto" without AAAA or route */
	enum verdict state;     /* confirmed; UNKNOWN until then */
	enum cause state_cause; /* of the run that confirmed it */
	int64_t state_since_us; /* wall; 0 = never confirmed */
	enum verdict pending;   /* verdict waiting for confirmation … */
	unsigned agreed;        /* … and how many runs agree on it */
	struct flapping flapping;
	int64_t last_success_us; /* wall, last ok or degraded; 0 = never */
	int64_t last_silence_us; /* wall, last time an address was silent; 0 = never */
	uint64_t runs;
	struct cause_count *failures; /* every attempt that was not ok, by cause */
	size_t failure_count;
	struct histogram durations;
	struct history_runs remembered; /* the last that were not ok */
	struct port_map *ports;         /* of a range whose kind keeps them; else NULL */
};

/** The confirmed verdict of a requirement at a site, over its checks. */
struct requirement_state {
	const struct site *site;
	const struct requirement *requirement;
	enum verdict verdict;
	enum cause cause;           /* of the check that decides the verdict */
	const struct record *worst; /* that check; NULL if none applies */
	int64_t since_us;           /* wall; 0 = never confirmed */
	bool tested;                /* a run proved or disproved it: counts as complete */
	size_t first, count;        /* its records in the store */
	const struct history *history;
};

/**
 * \param confirm_at_most  bounds every requirement's `confirm`; 0 = as configured, 1 =
 * one run decides (the command `check`) \retval NULL  out of memory
 */
struct store *store_new(const struct plan *plan, unsigned confirm_at_most);

/**
 * Takes the results of checks of the same identity and probe kind over from an older
 * store. \retval 0, or -ENOMEM with nothing or only some of it taken
 */
int store_inherit(struct store *store, const struct store *older);

/** What a run of this check may note of its ports; NULL unless its kind keeps them. */
struct port_map *store_ports(struct store *store, size_t index);

/**
 * Takes the memory of the same requirements at the same sites, and of the same checks,
 * over from a store that ends now. Without memory for it some is lost.
 */
void store_remember(struct store *store, struct store *older);
void store_free(struct store *store);

const struct plan *store_plan(const struct store *store);
size_t store_size(const struct store *store);
const struct record *store_record(const struct store *store, size_t index);

/** Requirements at sites that have a check, in the plan's order. */
size_t store_requirements(const struct store *store);
struct requirement_state store_requirement(const struct store *store, size_t index);

/** What store_outcome() did, so that the caller schedules and logs. */
struct store_change {
	bool unconfirmed; /* run again after confirm_interval */
	bool changed;     /* the confirmed state is another now */
	enum verdict before, after;
};

/** \param transcript  what was said in the run, copied if it was not ok; may be NULL */
struct store_change store_outcome(struct store *store, size_t index,
	const struct outcome *outcome, const struct transcript *transcript);

/**
 * The last run of a check is judged anew, by what others have found since: another
 * finding of the same run. It takes the place of the first one, and nothing is counted
 * twice. What that run confirmed is confirmed with it.
 */
void store_rejudge(struct store *store, size_t index, const struct finding *finding);

/** Whether anybody was ever seen under another address than its own, for want of news. */
bool store_translated(const struct store *store);

/** Remembers runs that were ok as well, for who is asked what was said. */
void store_remember_all(struct store *store);

/** IPv6 "auto" turned out not to apply, or to apply again. */
void store_applies(struct store *store, size_t index, bool applies);

#endif
