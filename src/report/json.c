/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json.h"

#include <string.h>

#include "engine/diagnosis.h"
#include "report/json_history.h"
#include "report/json_parts.h"
#include "report/wording.h"

void json_put_requirement(
	struct json_writer *writer, json_t *value, const struct requirement *row)
{
	bool has_port = row->port_first > 0;

	json_put(writer, value, "id", json_text(row->id));
	json_put(writer, value, "feature", json_text(row->feature));
	json_put(writer, value, "direction", json_text(direction_name(row->direction)));
	json_put(writer, value, "severity", json_text(severity_name(row->severity)));
	json_put(writer, value, "host", json_text(row->host));
	json_put(writer, value, "port_first",
		has_port ? json_integer(row->port_first) : json_null());
	json_put(writer, value, "port_last",
		has_port ? json_integer(row->port_last) : json_null());
	json_put(writer, value, "transport", json_text(transport_name(row->transport)));
	json_put(writer, value, "protocol", json_text(row->protocol));
	json_put(writer, value, "source", json_text(row->source));
	json_put(writer, value, "addition", json_boolean(row->addition));
	json_put(writer, value, "breaks", json_text(row->breaks[writer->language]));
}

static json_t *checks(struct json_writer *writer, const struct store *store,
	const struct requirement_state *state)
{
	json_t *list = json_array();

	for (size_t i = 0; i < state->count; i++) {
		const struct record *record = store_record(store, state->first + i);

		if (record->applies &&
			json_array_append_new(list, json_check(writer, record)) != 0)
			writer->failed = true;
	}
	return list;
}

/* A requirement at a site with all its checks. */
static json_t *requirement_value(
	struct json_writer *writer, const struct report_source *source, size_t index)
{
	struct requirement_state row = store_requirement(source->store, index);
	const struct requirement_state *state = &row;
	json_t *value = json_object();

	json_put_requirement(writer, value, state->requirement);
	json_put(writer, value, "verdict", json_text(verdict_name(state->verdict)));
	json_put(writer, value, "cause", json_text(cause_name(state->cause)));
	json_put(writer, value, "sentence",
		json_text(wording_sentence(
			state->verdict, state->cause, writer->language)));
	json_put_evidence(writer, value, wording_evidence(state));
	json_put(writer, value, "hint", json_text(wording_hint(state, writer->language)));
	json_put(writer, value, "tested", json_boolean(state->tested));
	json_put_time(writer, value, "since", state->since_us);
	json_put_cover(writer, value, index);
	json_put(writer, value, "checks", checks(writer, source->store, state));
	return value;
}

/* Rows of one site, a piece at a time. */
static void print_states(struct json_writer *writer, const struct report_source *source,
	const struct site *site, const struct summary *rows)
{
	const char *comma = "";

	text_append(writer->text, "\"requirements\":[");
	for (size_t i = rows->first; i < rows->end; i++) {
		struct requirement_state state = store_requirement(source->store, i);

		if (state.site != site || !state.worst)
			continue;
		text_append(writer->text, comma);
		json_print(writer, requirement_value(writer, source, i), false);
		comma = ",";
	}
	text_append(writer->text, "]");
}

static json_t *site_head(struct json_writer *writer, const struct site *site)
{
	json_t *value = json_object();

	json_put(writer, value, "name", json_text(site->name));
	json_put(writer, value, "vantage", json_text(vantage_name(site->vantage)));
	return value;
}

static void print_sites(struct json_writer *writer, const struct report_source *source,
	const struct summaries *summaries)
{
	const struct plan *plan = store_plan(source->store);

	text_append(writer->text, ",\"sites\":[");
	for (size_t i = 0; i < plan->site_count; i++) {
		json_t *head = site_head(writer, &plan->sites[i]);

		json_put_summary(writer, head, &summaries->sites[i]);
		text_append(writer->text, i > 0 ? ",{" : "{");
		json_print(writer, head, true);
		text_append(writer->text, ",");
		print_states(writer, source, &plan->sites[i], &summaries->sites[i]);
		text_append(writer->text, "}");
	}
	text_append(writer->text, "]}\n");
}

static json_t *status_head(struct json_writer *writer, const struct report_source *source,
	const struct summary *all)
{
	struct text sentence = { 0 };
	json_t *value = json_object();

	json_put_time(writer, value, "generated", source->now_wall_us);
	json_put(writer, value, "version", json_text(source->version));
	json_put(writer, value, "revision", json_text(source->revision));
	json_put_time(writer, value, "started", source->started_wall_us);
	json_put(writer, value, "language", json_text(language_name(writer->language)));
	json_put_summary(writer, value, all);
	wording_summary(all, writer->language, &sentence);
	json_put(writer, value, "sentence",
		text_failed(&sentence) ? NULL : json_text(sentence.data));
	text_done(&sentence);
	json_put_host(writer, value, &source->host);
	json_put_reflector(writer, value, source);
	json_put_common_causes(writer, value, source->store);
	return value;
}

static void print_status(const struct report_source *source, enum language language,
	bool whole, struct text *text)
{
	struct diagnoses diagnoses = { 0 };
	struct summaries summaries = { 0 };
	struct json_writer writer = {
		.text = text,
		.language = language,
		.diagnoses = &diagnoses,
		.whole = whole,
	};

	if (summaries_make(source->store, &summaries) &&
		diagnoses_make(source->store, &source->host, &diagnoses)) {
		text_append(text, "{");
		json_print(&writer, status_head(&writer, source, &summaries.all), true);
		print_sites(&writer, source, &summaries);
	} else {
		writer.failed = true;
	}
	diagnoses_done(&diagnoses);
	summaries_done(&summaries);
	text->failed = text->failed || writer.failed;
}

void json_status(
	const struct report_source *source, enum language language, struct text *text)
{
	print_status(source, language, false, text);
}

void json_status_whole(
	const struct report_source *source, enum language language, struct text *text)
{
	print_status(source, language, true, text);
}

/* One requirement at one site; its runs a piece at a time, for they may be many. */
static void print_place(struct json_writer *writer, const struct report_source *source,
	const struct requirement_state *state, size_t index)
{
	json_t *place = site_head(writer, state->site);

	json_put(writer, place, "requirement", requirement_value(writer, source, index));
	json_put(writer, place, "history", json_history(writer, state->history));
	text_append(writer->text, "{");
	json_print(writer, place, true);
	text_append(writer->text, ",\"failed_runs\":[");
	json_print_failed_runs(writer, source->store, state);
	text_append(writer->text, "]}");
}

static bool is_meant(const struct requirement_state *state, const char *id)
{
	return state->worst && strcmp(state->requirement->id, id) == 0;
}

static void print_places(
	struct json_writer *writer, const struct report_source *source, const char *id)
{
	const char *comma = "";

	for (size_t i = 0; i < store_requirements(source->store); i++) {
		struct requirement_state state = store_requirement(source->store, i);

		if (!is_meant(&state, id))
			continue;
		text_append(writer->text, comma);
		print_place(writer, source, &state, i);
		comma = ",";
	}
}

static bool is_known(const struct store *store, const char *id)
{
	for (size_t i = 0; i < store_requirements(store); i++) {
		struct requirement_state state = store_requirement(store, i);

		if (is_meant(&state, id))
			return true;
	}
	return false;
}

bool json_requirement(const struct report_source *source, const char *id,
	enum language language, struct text *text)
{
	struct diagnoses diagnoses = { 0 };
	struct json_writer writer = {
		.text = text,
		.language = language,
		.diagnoses = &diagnoses,
		.whole = true,
	};
	json_t *head;

	if (!is_known(source->store, id))
		return false;
	if (!diagnoses_make(source->store, &source->host, &diagnoses)) {
		text->failed = true;
		return true;
	}
	head = json_object();
	json_put_time(&writer, head, "generated", source->now_wall_us);
	json_put(&writer, head, "language", json_text(language_name(language)));
	json_put(&writer, head, "id", json_text(id));
	text_append(text, "{");
	json_print(&writer, head, true);
	text_append(text, ",\"sites\":[");
	print_places(&writer, source, id);
	text_append(text, "]}\n");
	diagnoses_done(&diagnoses);
	text->failed = text->failed || writer.failed;
	return true;
}
