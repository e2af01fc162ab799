/* SPDX-License-Identifier: Apache-2.0 */
#include "program/reflecting.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "config/reflector.h"

/* Beside a busy PBX each of them may be a call. */
#define RANGES_SHOWN 16

bool reflecting_new(struct loop *loop, const struct reflector_plan *plan,
	struct reflector **ret_reflector, struct text *error)
{
	*ret_reflector = NULL;
	return !plan || reflector_new(loop, &plan->settings, ret_reflector, error) == 0;
}

static unsigned range_end(
	const struct reflector *reflector, unsigned first, enum reflector_state state)
{
	while (first < UINT16_MAX &&
		reflector_port(reflector, (uint16_t)(first + 1)) == state)
		first++;
	return first;
}

void reflecting_ports(
	const struct reflector *reflector, enum reflector_state state, struct text *text)
{
	unsigned shown = 0;

	for (unsigned port = 1; port <= UINT16_MAX; port++) {
		unsigned last = port;

		if (reflector_port(reflector, (uint16_t)port) != state)
			continue;
		if (shown++ == RANGES_SHOWN) {
			text_append(text, ", …");
			return;
		}
		last = range_end(reflector, port, state);
		text_format(text, "%s%u", shown > 1 ? ", " : "", port);
		if (last > port)
			text_format(text, "-%u", last);
		port = last;
	}
}

/* As values of a line in the log: counts first, then which ports. */
static void log_state(const struct reflector *reflector,
	const struct reflector_statistics *statistics, enum reflector_state state)
{
	const char *name = reflector_state_name(state);
	struct text ports = { 0 };
	char count[24];

	snprintf(count, sizeof(count), "%zu", statistics->ports[state]);
	reflecting_ports(reflector, state, &ports);
	if (state != REFLECTOR_FAILED)
		log_info("reflector", "state", name, "ports", count, "which",
			ports.data ? ports.data : "");
	else
		log_warn("reflector", "state", name, "ports", count, "which",
			ports.data ? ports.data : "", "error",
			strerrordesc_np(reflector_error(reflector)));
	text_done(&ports);
}

static void ports_changed(void *context)
{
	const struct reflector *reflector = context;
	struct reflector_statistics statistics;

	reflector_count(reflector, &statistics);
	for (enum reflector_state state = 0; state < REFLECTOR_STATE_COUNT; state++) {
		if (statistics.ports[state] > 0)
			log_state(reflector, &statistics, state);
	}
}

void reflecting_start(struct reflector *reflector, struct reflector *predecessor)
{
	if (reflector)
		reflector_start(reflector, predecessor, ports_changed, reflector);
}
