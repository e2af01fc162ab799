/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "report/metrics_parts.h"

/* More kinds than there will be; the design names eleven. */
#define KINDS_MAX 32

#define NO_GAUGE OUTCOME_VALUES_MAX

/* A gauge of one name, over all kinds that have it. */
struct gauge_family {
	const struct probe_gauge *gauge;
	const struct probe_kind *const *kinds;
	unsigned index[KINDS_MAX + 1]; /* in the table of each kind, or NO_GAUGE */
	size_t label_count;
};

static unsigned gauge_index(const struct probe_kind *kind, const char *name)
{
	for (unsigned i = 0; kind->gauges && kind->gauges[i].name; i++) {
		if (strcmp(kind->gauges[i].name, name) == 0)
			return i;
	}
	return NO_GAUGE;
}

static struct gauge_family family_of(
	const struct probe_kind *const *kinds, const struct probe_gauge *gauge)
{
	struct gauge_family family = { .gauge = gauge, .kinds = kinds };
	unsigned kind = 0;

	for (; kinds[kind]; kind++) {
		assert(kind < KINDS_MAX);
		family.index[kind] = gauge_index(kinds[kind], gauge->name);
	}
	family.index[kind] = NO_GAUGE; /* of rows without a kind */
	while (gauge->label_values && gauge->label_values[family.label_count])
		family.label_count++;
	return family;
}

static void write_labelled(struct exposition *exposition,
	const struct gauge_family *family, struct series series, double value)
{
	if (!(value >= 0 && value < (double)family->label_count))
		return;
	series.name = family->gauge->label;
	series.value = family->gauge->label_values[(size_t)value];
	exposition_integer(exposition, series, 1);
}

/* The rows of one name, each with its own label value. */
static void write_each(struct exposition *exposition, const struct gauge_family *family,
	const struct metrics_row *row)
{
	const struct outcome *last = &row->record->last;
	const struct probe_gauge *gauges = family->kinds[row->kind]->gauges;
	struct series series = row->series;

	series.name = family->gauge->label;
	for (unsigned i = family->index[row->kind]; gauges[i].name; i++) {
		if (strcmp(gauges[i].name, family->gauge->name) != 0)
			break;
		series.value = gauges[i].label_value;
		series.also_name = gauges[i].also_label;
		series.also_value = gauges[i].also_value;
		if (outcome_has_value(last, i))
			exposition_number(exposition, series, last->values[i]);
	}
}

static void write_row(struct exposition *exposition, const struct gauge_family *family,
	const struct metrics_row *row)
{
	const struct outcome *last = &row->record->last;
	unsigned index = family->index[row->kind];

	if (index == NO_GAUGE)
		return;
	if (family->gauge->label_value)
		write_each(exposition, family, row);
	else if (!outcome_has_value(last, index))
		return;
	else if (family->gauge->label)
		write_labelled(exposition, family, row->series, last->values[index]);
	else
		exposition_number(exposition, row->series, last->values[index]);
}

/* Labelled gauges called …_info are of the type info, which adds the suffix itself. */
static void begin_family(struct exposition *exposition, const struct probe_gauge *gauge)
{
	static const char suffix[] = "_info";
	char name[METRIC_NAME_MAX];
	int length = snprintf(name, sizeof(name), "starface_%s", gauge->name);
	int stem = length - (int)strlen(suffix);

	assert(length > 0 && (size_t)length < sizeof(name));
	if (gauge->label && stem > 0 && strcmp(name + stem, suffix) == 0) {
		name[stem] = '\0';
		exposition_family(exposition, METRIC_INFO, name, gauge->help);
		return;
	}
	exposition_family(exposition, METRIC_GAUGE, name, gauge->help);
}

/* Of all rows of this name, over all kinds. */
static bool is_first(const struct probe_kind *const *kinds, size_t kind,
	const struct probe_gauge *gauge)
{
	for (size_t earlier = 0; earlier < kind; earlier++) {
		if (gauge_index(kinds[earlier], gauge->name) != NO_GAUGE)
			return false;
	}
	return &kinds[kind]->gauges[gauge_index(kinds[kind], gauge->name)] == gauge;
}

static void write_family(struct exposition *exposition, const struct metrics_rows *rows,
	const struct gauge_family *family)
{
	begin_family(exposition, family->gauge);
	for (size_t i = 0; i < rows->count; i++)
		write_row(exposition, family, &rows->items[i]);
}

void metrics_write_gauges(struct exposition *exposition, const struct metrics_rows *rows,
	const struct probe_kind *const *kinds)
{
	for (size_t kind = 0; kinds[kind]; kind++) {
		const struct probe_gauge *gauge = kinds[kind]->gauges;

		for (; gauge && gauge->name; gauge++) {
			struct gauge_family family = family_of(kinds, gauge);

			if (is_first(kinds, kind, gauge))
				write_family(exposition, rows, &family);
		}
	}
}
