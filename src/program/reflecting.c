/* SPDX-License-Identifier: Apache-2.0 */
#include "program/reflecting.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "config/reflector.h"
#include "program/instruments.h"

/*
 * The configuration was held against the hard limit; but systemd's filter may forbid to
 * go up to it, and LimitNOFILE=1024:65536 then leaves 1024.
 */
static bool has_descriptors(const struct reflector_plan *plan, struct text *error)
{
	size_t limit = descriptors_raise();

	if (plan->descriptors <= limit)
		return true;
	text_format(error,
		"reflector: its ports need %zu descriptors, and this process may have "
		"%zu and not raise that; write LimitNOFILE=65536 into its unit or steer "
		"= true, or name fewer ports",
		plan->descriptors, limit);
	return false;
}

bool reflecting_new(struct loop *loop, const struct reflector_plan *plan,
	struct reflector **ret_reflector, struct text *error)
{
	*ret_reflector = NULL;
	if (!plan)
		return true;
	return has_descriptors(plan, error) &&
		reflector_new(loop, &plan->settings, ret_reflector, error) == 0;
}

/* As values of a line in the log: counts first, then which ports. */
static void log_state(
	const struct reflector_statistics *statistics, enum reflector_state state)
{
	const char *name = reflector_state_name(state);
	struct text ports = { 0 };
	char count[24];

	snprintf(count, sizeof(count), "%zu", statistics->ports[state]);
	reflector_append_ranges(&statistics->ranges[state], &ports);
	if (state != REFLECTOR_FAILED)
		log_info("reflector", "state", name, "ports", count, "which",
			ports.data ? ports.data : "");
	else
		log_warn("reflector", "state", name, "ports", count, "which",
			ports.data ? ports.data : "", "error",
			strerrordesc_np(statistics->error));
	text_done(&ports);
}

static void ports_changed(void *context)
{
	struct reflector_statistics statistics;

	reflector_count(context, &statistics);
	for (enum reflector_state state = 0; state < REFLECTOR_STATE_COUNT; state++) {
		if (statistics.ports[state] > 0)
			log_state(&statistics, state);
	}
}

void reflecting_start(struct reflector *reflector, struct reflector *predecessor)
{
	if (reflector)
		reflector_start(reflector, predecessor, ports_changed, reflector);
}
