/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world in virtual time whose resolver, host and probe kind do as the script says. The
 * last octet of an address is its behaviour.
 */
#ifndef ENGINE_SCRIPTED_H
#define ENGINE_SCRIPTED_H

#include "engine/engine.h"
#include "net/resolver.h"
#include "plans.h"

enum behaviour {
	ANSWERS = 1,
	REFUSES,
	STAYS_SILENT,
	FINISHES_AT_ONCE,
	OWN_FAULT,
	HAS_EXPIRED,
	IS_RESET,
	STALLS,            /* in the TLS phase, whatever the segments */
	STALLS_WHEN_LARGE, /* unless the segments are small */
	STALLS_ONCE,       /* and answers ever after */
	STALLS_BY_PATTERN, /* at each start whose bit is set in the script's pattern */
};

/* What the scripted world counts and says. */
struct script {
	unsigned starts, stops, changes;
	unsigned small_starts; /* with segments of a bounded size */
	bool route;
	bool own_trouble;
	bool server_dead;        /* on our link: own_trouble is its trouble */
	struct resolution names; /* of every name and family */
	struct resolution names_ipv6;
	unsigned pattern; /* of STALLS_BY_PATTERN: bit 0 is the first start */
	bool resolver_silent;
	bool clock_compared;
	int64_t clock_offset_us;
	struct store_change last_change;
};

struct script *script(void);

const struct probe_kind *scripted_kind(void);

struct world {
	struct loop *loop;
	struct probe_services services;
	struct small_plan small;
	struct engine *engine;
	bool all_done;
};

/** Addresses of these behaviours stand behind every name. */
void world_open(struct world *world, const struct plan_row *rows,
	const enum behaviour *behaviours, size_t count);

/** Asserts that every run that was started was stopped. */
void world_close(struct world *world);

const struct record *first_record(const struct world *world);

#endif
