/* SPDX-License-Identifier: Apache-2.0 */
/* The kind rtp with a partner at a range of ports, in virtual time. */
#ifndef TESTS_PROBES_RTP_WORLD_H
#define TESTS_PROBES_RTP_WORLD_H

#include "media/port_map.h"
#include "probes/harness.h"
#include "probes/range_partner.h"

#define PORTS 300

struct world {
	struct harness harness;
	struct range_partner partner;
	struct port_map *map;
	struct outcome outcome;
};

/** \param key  of the reflector; NULL = open */
void world_open_keyed(struct world *world, const struct stamp_key *key);
void world_open(struct world *world);
void world_close(struct world *world);

/** One run with this option; NULL = with none but the control port. */
const struct outcome *run_with(struct world *world, const char *name, const char *value);

/** One run that asks a fifth of the ports, so that edges must be looked for. */
const struct outcome *run(struct world *world);
const struct outcome *sweep(struct world *world);

enum port_state state_at(const struct world *world, int index);

/** A gauge, which must be set. */
double value(const struct world *world, unsigned row);
void assert_ok(const struct outcome *outcome);
void assert_found(const struct world *world, enum verdict verdict, enum cause cause);

#endif
