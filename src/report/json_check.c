/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "report/json_parts.h"
#include "report/wording.h"

static json_t *positive(int64_t value)
{
	return value > 0 ? json_integer(value) : json_null();
}

static json_t *phase_times(struct json_writer *writer, const struct outcome *run)
{
	json_t *times = json_object();

	for (enum phase phase = 0; phase < PHASE_COUNT; phase++)
		json_put(writer, times, phase_name(phase),
			run->phase_us[phase] > 0
				? json_real(SECONDS_OF(run->phase_us[phase]))
				: json_null());
	return times;
}

/* A number; of a gauge with a label, the name of the value. */
static json_t *gauge_value(const struct probe_gauge *gauge, double value)
{
	size_t count = 0;
	json_t *number;

	if (gauge->label_values) {
		while (gauge->label_values[count])
			count++;
		return value >= 0 && value < (double)count
			? json_text(gauge->label_values[(size_t)value])
			: json_null();
	}
	number = json_real(value);
	return number ? number : json_null(); /* JSON has no NaN and no infinity */
}

static json_t *object_within(struct json_writer *writer, json_t *values, const char *name)
{
	if (!json_object_get(values, name))
		json_put(writer, values, name, json_object());
	/* asked for again: without memory to put it there, it is gone */
	return json_object_get(values, name);
}

/* A gauge of several rows has a number for each label value: an object of them. */
static void put_value(struct json_writer *writer, json_t *values,
	const struct probe_gauge *gauge, json_t *value)
{
	const char *key = gauge->name;

	if (gauge->label_value) {
		values = object_within(writer, values, key);
		key = gauge->label_value;
	}
	if (gauge->also_value) {
		values = object_within(writer, values, key);
		key = gauge->also_value;
	}
	json_put(writer, values, key, value);
}

static json_t *gauge_values(struct json_writer *writer, const struct probe_kind *kind,
	const struct outcome *run)
{
	json_t *values = json_object();

	for (unsigned i = 0; kind && kind->gauges && kind->gauges[i].name; i++) {
		const struct probe_gauge *gauge = &kind->gauges[i];

		put_value(writer, values, gauge,
			outcome_has_value(run, i) ? gauge_value(gauge, run->values[i])
						  : json_null());
	}
	return values;
}

static json_t *end_text(const struct transport_address *end)
{
	char text[TRANSPORT_ADDRESS_TEXT_MAX];

	if (end->address.family == FAMILY_NONE)
		return json_null();
	return json_text(transport_address_format(end, text, sizeof(text)));
}

static json_t *last_run(struct json_writer *writer, const struct record *record)
{
	const struct outcome *run = &record->last;
	json_t *value;

	if (run->wall_us == 0)
		return json_null();
	value = json_object();
	json_put_time(writer, value, "time", run->wall_us);
	json_put_finding(writer, value, &run->finding);
	json_put_peer(
		writer, value, &(struct transport_address){ run->address, run->port });
	json_put(writer, value, "local", end_text(&run->local));
	json_put(writer, value, "mapped", end_text(&run->mapped));
	json_put(writer, value, "addresses_tested", json_integer(run->addresses_tested));
	json_put(writer, value, "addresses_failed", json_integer(run->addresses_failed));
	json_put(writer, value, "phase", json_text(phase_name(run->phase)));
	json_put(writer, value, "duration_seconds",
		json_real(SECONDS_OF(run->duration_us)));
	json_put(writer, value, "phase_seconds", phase_times(writer, run));
	json_put(writer, value, "values",
		gauge_values(writer, record->check->requirement->kind, run));
	return value;
}

static json_t *failures(struct json_writer *writer, const struct record *record)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < record->failure_count; i++)
		json_put(writer, counts, cause_name(record->failures[i].cause),
			json_integer((json_int_t)record->failures[i].count));
	return counts;
}

static json_t *nonempty(const char *string)
{
	return json_text(*string ? string : NULL);
}

json_t *json_check(struct json_writer *writer, const struct record *record)
{
	const struct check *check = record->check;
	json_t *value = json_object();

	json_put(writer, value, "target", nonempty(check->target));
	json_put(writer, value, "host", nonempty(check->host));
	json_put(writer, value, "port", positive(check->port));
	json_put(writer, value, "family", nonempty(family_name(check->family)));
	json_put(writer, value, "scheduled",
		json_boolean(check->fixed_cause == CAUSE_NONE));
	json_put(writer, value, "verdict", json_text(verdict_name(record->state)));
	json_put(writer, value, "cause", json_text(cause_name(record->state_cause)));
	json_put(writer, value, "sentence",
		json_text(wording_sentence(
			record->state, record->state_cause, writer->language)));
	json_put(writer, value, "hint", json_text(check->hint[writer->language]));
	json_put_time(writer, value, "since", record->state_since_us);
	json_put_time(writer, value, "last_success", record->last_success_us);
	json_put(writer, value, "runs", json_integer((json_int_t)record->runs));
	json_put(writer, value, "failures", failures(writer, record));
	json_put(writer, value, "last_run", last_run(writer, record));
	json_put(writer, value, "ports", json_ports(writer, record));
	return value;
}
