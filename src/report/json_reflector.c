/* SPDX-License-Identifier: Apache-2.0 */
/* The exporter's own reflector, as JSON. */
#include <string.h>

#include "report/json_parts.h"

static json_t *range_value(
	struct json_writer *writer, const struct reflector_range *range)
{
	json_t *value = json_object();

	json_put(writer, value, "first", json_integer(range->first));
	json_put(writer, value, "last", json_integer(range->last));
	return value;
}

static json_t *state_value(
	struct json_writer *writer, size_t count, const struct reflector_ranges *ranges)
{
	json_t *value = json_object(), *told = json_array();

	for (size_t i = 0; i < ranges->count && i < REFLECTOR_RANGES_TOLD; i++)
		if (json_array_append_new(told, range_value(writer, &ranges->told[i])) !=
			0)
			writer->failed = true;
	json_put(writer, value, "ports", json_integer((json_int_t)count));
	json_put(writer, value, "ranges_total", json_integer((json_int_t)ranges->count));
	json_put(writer, value, "ranges", told);
	return value;
}

static json_t *drops_value(
	struct json_writer *writer, const struct reflector_statistics *reflector)
{
	struct reflector_drop drops[REFLECTOR_DROPS];
	json_t *value = json_object();

	reflector_drops(reflector, drops);
	for (size_t i = 0; i < REFLECTOR_DROPS; i++)
		json_put(writer, value, drops[i].reason,
			json_integer((json_int_t)drops[i].packets));
	return value;
}

/* The control port may be 0, which is none; an error may be one that is over. */
static json_t *reflector_value(
	struct json_writer *writer, const struct reflector_statistics *reflector)
{
	bool failed = reflector->ports[REFLECTOR_FAILED] > 0;
	json_t *value = json_object();

	json_put(writer, value, "keyed", json_boolean(reflector->keyed));
	json_put(writer, value, "steered", json_boolean(reflector->steers));
	json_put(writer, value, "share", json_text(reflector->halves ? "half" : "all"));
	json_put(writer, value, "control_port",
		reflector->control_port ? json_integer(reflector->control_port)
					: json_null());
	for (enum reflector_state state = 0; state < REFLECTOR_STATE_COUNT; state++)
		json_put(writer, value, reflector_state_name(state),
			state_value(writer, reflector->ports[state],
				&reflector->ranges[state]));
	json_put(writer, value, "error",
		json_text(failed ? strerrordesc_np(reflector->error) : NULL));
	json_put(writer, value, "answered",
		json_integer((json_int_t)reflector_answered(reflector)));
	json_put(writer, value, "dropped", drops_value(writer, reflector));
	json_put(
		writer, value, "sessions", json_integer((json_int_t)reflector->sessions));
	return value;
}

void json_put_reflector(
	struct json_writer *writer, json_t *object, const struct report_source *source)
{
	json_put(writer, object, "reflector",
		source->reflects ? reflector_value(writer, &source->reflector)
				 : json_null());
}
