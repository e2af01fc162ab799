/* SPDX-License-Identifier: Apache-2.0 */
#include "report/metrics.h"

#include <stdlib.h>

#include "report/metrics_parts.h"

static unsigned kind_index(
	const struct probe_kind *const *kinds, const struct probe_kind *kind)
{
	unsigned index = 0;

	while (kinds[index] && kinds[index] != kind)
		index++;
	return index;
}

static void append_check_labels(struct text *labels, const struct check *check)
{
	labels_append(labels, "site", check->site->name);
	labels_append(labels, "requirement", check->requirement->id);
	labels_append(labels, "target", check->target);
	labels_append(labels, "family", family_name(check->family));
}

/*
 * The text moves while it grows: only lengths are noted in the first pass, and the
 * pointers follow in resolve_labels().
 */
static void collect_rows(const struct report_source *source, struct metrics_rows *rows)
{
	size_t size = store_size(source->store);

	for (size_t i = 0; i < size; i++) {
		const struct record *record = store_record(source->store, i);
		struct metrics_row *row = &rows->items[rows->count];
		size_t before = rows->labels.length;

		if (!record->applies)
			continue;
		append_check_labels(&rows->labels, record->check);
		row->record = record;
		row->series.length = rows->labels.length - before;
		row->kind = kind_index(source->kinds, record->check->requirement->kind);
		text_append_char(&rows->labels, '\n');
		rows->count++;
	}
}

static void resolve_labels(struct metrics_rows *rows)
{
	const char *labels = rows->labels.data;

	for (size_t i = 0; i < rows->count; i++) {
		rows->items[i].series.labels = labels;
		labels += rows->items[i].series.length + 1;
	}
}

/* \retval false  out of memory */
static bool rows_make(const struct report_source *source, struct metrics_rows *rows)
{
	size_t size = store_size(source->store);

	rows->items = calloc(size + 1, sizeof(*rows->items));
	if (!rows->items)
		return false;
	collect_rows(source, rows);
	if (text_failed(&rows->labels))
		return false;
	resolve_labels(rows);
	return true;
}

void metrics_write_value(struct exposition *exposition, enum metric_type type,
	const char *name, const char *help, int64_t value)
{
	exposition_family(exposition, type, name, help);
	exposition_integer(exposition, (struct series){ 0 }, value);
}

void metrics_write(const struct report_source *source, enum exposition_format format,
	struct text *text)
{
	struct metrics_rows rows = { 0 };
	struct exposition exposition;

	exposition_begin(&exposition, format, text);
	if (rows_make(source, &rows)) {
		metrics_write_requirements(&exposition, source);
		metrics_write_diagnoses(&exposition, source);
		metrics_write_checks(&exposition, &rows);
		metrics_write_gauges(&exposition, &rows, source->kinds);
		metrics_write_reflector(&exposition, source);
		metrics_write_exporter(&exposition, source);
		metrics_write_process(&exposition, source->started_wall_us);
	} else {
		/* Half a page would look like series that ceased: say it failed. */
		text->failed = true;
	}
	exposition_end(&exposition);
	text_done(&rows.labels);
	free(rows.items);
}
