/* SPDX-License-Identifier: Apache-2.0 */
#include "report/metrics_parts.h"

static void write_ports(
	struct exposition *exposition, const struct reflector_statistics *reflector)
{
	exposition_family(exposition, METRIC_GAUGE, "starface_reflector_ports",
		"Ports of the reflector by what it has of them, the control port "
		"included.");
	for (enum reflector_state state = 0; state < REFLECTOR_STATE_COUNT; state++)
		exposition_integer(exposition,
			(struct series){
				.name = "state", .value = reflector_state_name(state) },
			(int64_t)reflector->ports[state]);
}

static void write_drops(
	struct exposition *exposition, const struct reflector_statistics *reflector)
{
	struct reflector_drop drops[REFLECTOR_DROPS];

	exposition_family(exposition, METRIC_COUNTER, "starface_reflector_dropped",
		"Packets that the reflector did not answer, by reason.");
	reflector_drops(reflector, drops);
	for (size_t i = 0; i < REFLECTOR_DROPS; i++)
		exposition_integer(exposition,
			(struct series){ .name = "reason", .value = drops[i].reason },
			(int64_t)drops[i].packets);
}

void metrics_write_reflector(
	struct exposition *exposition, const struct report_source *source)
{
	const struct reflector_statistics *reflector = &source->reflector;

	if (!source->reflects)
		return;
	write_ports(exposition, reflector);
	metrics_write_value(exposition, METRIC_COUNTER, "starface_reflector_packets",
		"Packets that the reflector answered.",
		(int64_t)reflector_answered(reflector));
	write_drops(exposition, reflector);
	metrics_write_value(exposition, METRIC_GAUGE, "starface_reflector_sessions",
		"Senders that the reflector heard in the last ten seconds.",
		(int64_t)reflector->sessions);
}
