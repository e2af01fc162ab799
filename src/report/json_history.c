/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_history.h"

#include "base/clock.h"
#include "report/conversation.h"
#include "report/wording.h"

static void append(struct json_writer *writer, json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) != 0)
		writer->failed = true;
}

static json_t *change_value(
	struct json_writer *writer, const struct history_change *change)
{
	json_t *value = json_object();

	json_put_time(writer, value, "time", change->wall_us);
	json_put(writer, value, "before", json_text(verdict_name(change->before)));
	json_put(writer, value, "after", json_text(verdict_name(change->after)));
	json_put(writer, value, "cause", json_text(cause_name(change->cause)));
	json_put(writer, value, "sentence",
		json_text(wording_sentence(
			change->after, change->cause, writer->language)));
	json_put_evidence(writer, value, &change->evidence);
	json_put(writer, value, "target",
		json_text(*change->target ? change->target : NULL));
	json_put(writer, value, "family",
		json_text(change->family == FAMILY_NONE ? NULL
							: family_name(change->family)));
	return value;
}

json_t *json_history(struct json_writer *writer, const struct history *history)
{
	json_t *list = json_array();

	for (unsigned i = history->used; i > 0; i--)
		append(writer, list, change_value(writer, history->changes[i - 1]));
	return list;
}

static json_t *hex_value(const uint8_t *octets, size_t length)
{
	struct text text = { 0 };
	json_t *value;

	for (size_t i = 0; i < length; i++)
		text_format(&text, "%02x", octets[i]);
	value = text_failed(&text) ? NULL : json_stringn(text.data, text.length);
	text_done(&text);
	return value;
}

/* One of the two: octets that can be read, or all of them in hexadecimal digits. */
static void put_octets(struct json_writer *writer, json_t *value,
	const struct transcript *transcript, const struct transcript_entry *entry)
{
	const uint8_t *octets = transcript->octets + entry->begin;
	size_t readable = conversation_readable_entry(transcript, entry);
	bool dumped = readable == 0 && entry->kept > 0;

	json_put(writer, value, "text",
		readable > 0 ? json_stringn((const char *)octets, readable)
			     : json_null());
	json_put(writer, value, "hex",
		dumped ? hex_value(octets, entry->kept) : json_null());
}

static json_t *entry_value(struct json_writer *writer,
	const struct transcript *transcript, const struct transcript_entry *entry)
{
	json_t *value = json_object();

	json_put(writer, value, "after_seconds", json_real(SECONDS_OF(entry->after_us)));
	json_put(writer, value, "side", json_text(transcript_side_name(entry->side)));
	json_put(writer, value, "length", json_integer(entry->length));
	put_octets(writer, value, transcript, entry);
	return value;
}

static json_t *conversation(
	struct json_writer *writer, const struct transcript *transcript)
{
	json_t *list;

	if (!transcript)
		return json_null();
	list = json_array();
	for (unsigned i = 0; i < transcript->entries_used; i++)
		append(writer, list,
			entry_value(writer, transcript, &transcript->entries[i]));
	return list;
}

static json_t *run_value(struct json_writer *writer, const struct check *check,
	const struct history_run *run)
{
	const struct transcript *transcript = run->transcript;
	json_t *value = json_object();

	json_put(writer, value, "target", json_text(check->target));
	json_put(writer, value, "family", json_text(family_name(check->family)));
	json_put_time(writer, value, "time", run->wall_us);
	json_put_finding(writer, value, &run->finding);
	json_put_peer(writer, value, &run->peer);
	json_put(writer, value, "phase", json_text(phase_name(run->phase)));
	json_put(writer, value, "duration_seconds",
		json_real(SECONDS_OF(run->duration_us)));
	json_put(writer, value, "conversation", conversation(writer, transcript));
	json_put(writer, value, "left_out",
		transcript ? json_integer(transcript->left_out) : json_null());
	return value;
}

void json_print_failed_runs(struct json_writer *writer, const struct store *store,
	const struct requirement_state *state)
{
	const char *comma = "";

	for (size_t i = 0; i < state->count; i++) {
		const struct record *record = store_record(store, state->first + i);
		struct history_run *const *runs = record->remembered.items;

		for (size_t run = 0; run < HISTORY_RUNS_MAX && runs[run]; run++) {
			text_append(writer->text, comma);
			json_print(writer, run_value(writer, record->check, runs[run]),
				false);
			comma = ",";
		}
	}
}
