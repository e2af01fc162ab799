/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the ports of a range, as JSON. */
#include "report/json_parts.h"
#include "report/ports.h"

/* An answer about one requirement may be long; the status holds many of them. */
#define RANGES_MAX    4096
#define STRETCHES_MAX 256
#define STATUS_MAX    16

/* Characters of the map: more would be finer than a screen shows it. */
#define MAP_COLUMNS 400

static json_t *states_of(struct json_writer *writer, const struct ports_view *view)
{
	json_t *states = json_object();

	for (enum port_state state = 0; state < PORT_STATE_COUNT; state++)
		json_put(writer, states, port_state_name(state),
			json_integer((json_int_t)view->counts[state]));
	return states;
}

static json_t *ratio(double value)
{
	return value >= 0 ? json_real(value) : json_null();
}

static void append(struct json_writer *writer, json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) != 0)
		writer->failed = true;
}

static json_t *range_value(struct json_writer *writer, const struct port_range *range)
{
	json_t *value = json_object();

	json_put(writer, value, "first", json_integer(range->first));
	json_put(writer, value, "last", json_integer(range->last));
	json_put(writer, value, "state", json_text(port_state_name(range->state)));
	json_put(writer, value, "cause",
		json_text(range->reason ? cause_name(range->reason->cause) : NULL));
	json_put_evidence(writer, value, range->reason ? &range->reason->evidence : NULL);
	return value;
}

static json_t *stretch_value(
	struct json_writer *writer, const struct port_stretch *stretch)
{
	struct port_range range = { stretch->first, stretch->last, stretch->state,
		stretch->reason };
	json_t *value = range_value(writer, &range);
	struct text sentence = { 0 };

	json_put(writer, value, "blocked", json_integer((json_int_t)stretch->blocked));
	ports_append_stretch(stretch, writer->language, &sentence);
	json_put(writer, value, "sentence",
		text_failed(&sentence) ? NULL : json_text(sentence.data));
	text_done(&sentence);
	return value;
}

static void put_stretches(
	struct json_writer *writer, json_t *object, const struct ports_view *view)
{
	size_t most = writer->whole ? STRETCHES_MAX : STATUS_MAX;
	json_t *list = json_array();
	struct port_stretch stretch;

	for (uint32_t from = 0; json_array_size(list) < most &&
		port_plan_blocked(view->map, from, &stretch) && !writer->failed;
		from = stretch.last + 1U)
		append(writer, list, stretch_value(writer, &stretch));
	json_put(writer, object, "blocked", list);
	json_put(writer, object, "blocked_total",
		json_integer((json_int_t)view->stretches));
}

static void put_ranges(
	struct json_writer *writer, json_t *object, const struct ports_view *view)
{
	size_t most = writer->whole ? RANGES_MAX : STATUS_MAX;
	json_t *list = json_array();
	struct port_range range;
	size_t total = 0;

	for (uint32_t from = port_map_first(view->map);
		port_plan_range(view->map, from, &range); from = range.last + 1U) {
		if (range.state == PORT_UNASKED)
			continue;
		if (total++ < most && !writer->failed)
			append(writer, list, range_value(writer, &range));
	}
	json_put(writer, object, "ranges", list);
	json_put(writer, object, "ranges_total", json_integer((json_int_t)total));
}

static json_t *map_of(const struct ports_view *view)
{
	size_t columns = ports_columns(view, MAP_COLUMNS);
	char letters[MAP_COLUMNS + 1];

	for (size_t i = 0; i < columns; i++)
		letters[i] = port_mark_letter(ports_column(view, i, columns));
	letters[columns] = '\0';
	return json_string(letters);
}

json_t *json_ports(struct json_writer *writer, const struct record *record)
{
	struct ports_view view;
	json_t *value;

	if (!ports_view_make(record, &view))
		return json_null();
	value = json_object();
	json_put(writer, value, "first", json_integer(port_map_first(view.map)));
	json_put(writer, value, "last", json_integer(port_map_last(view.map)));
	json_put(writer, value, "asked", json_integer((json_int_t)view.asked));
	json_put(writer, value, "states", states_of(writer, &view));
	json_put(writer, value, "coverage_ratio", ratio(view.coverage));
	json_put(writer, value, "blocked_ratio_upper_bound", ratio(view.bound));
	put_stretches(writer, value, &view);
	put_ranges(writer, value, &view);
	json_put(writer, value, "map", map_of(&view));
	return value;
}
