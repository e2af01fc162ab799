/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/rtp_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake/fake.h"
#include "probes/probe_kinds.h"

void world_open_keyed(struct world *world, const struct stamp_key *key)
{
	memset(world, 0, sizeof(*world));
	fake_clock_reset();
	harness_open(&world->harness);
	range_partner_open(&world->partner, world->harness.loop, PORTS, key);
	world->map = port_map_new(
		world->partner.first, (uint16_t)(world->partner.first + PORTS - 1));
	assert_non_null(world->map);
}

void world_open(struct world *world)
{
	world_open_keyed(world, NULL);
}

void world_close(struct world *world)
{
	range_partner_close(&world->partner);
	harness_close(&world->harness);
	port_map_free(world->map);
}

const struct outcome *run_with(struct world *world, const char *name, const char *value)
{
	char control[8];
	const char *options[] = { "control_port", control, name, value, NULL };
	struct trial trial = { .kind = probe_rtp(),
		.address = world->partner.address,
		.port = world->partner.first,
		.port_last = (uint16_t)(world->partner.first + PORTS - 1),
		.ports = world->map,
		.options = options,
		.timeout_us = 18 * SECOND };

	/* the map counts in seconds: a run is not its predecessor */
	fake_clock_advance(5 * SECOND);
	snprintf(control, sizeof(control), "%u", world->partner.control_port);
	world->outcome = harness_run(&world->harness, &trial);
	return &world->outcome;
}

const struct outcome *run(struct world *world)
{
	return run_with(world, "ports_per_run", "60");
}

const struct outcome *sweep(struct world *world)
{
	world->harness.services.sweeps = true;
	return run_with(world, "window", "24h");
}

enum port_state state_at(const struct world *world, int index)
{
	return port_map_state(world->map, (uint16_t)(world->partner.first + index));
}

double value(const struct world *world, unsigned row)
{
	assert_true(outcome_has_value(&world->outcome, row));
	return world->outcome.values[row];
}

void assert_ok(const struct outcome *outcome)
{
	if (outcome->finding.verdict != VERDICT_OK)
		fail_msg("%s: %s", cause_name(outcome->finding.cause),
			outcome->finding.evidence.detail);
}

void assert_found(const struct world *world, enum verdict verdict, enum cause cause)
{
	const struct finding *finding = &world->outcome.finding;

	if (finding->verdict != verdict || finding->cause != cause)
		fail_msg("%s %s: %s", verdict_name(finding->verdict),
			cause_name(finding->cause), finding->evidence.detail);
}
