/* SPDX-License-Identifier: Apache-2.0 */
#include "report/metrics_parts.h"

static bool is_scheduled(const struct record *record)
{
	return record->check->fixed_cause == CAUSE_NONE;
}

static struct series series_with(
	struct series series, const char *name, const char *value)
{
	series.name = name;
	series.value = value;
	return series;
}

static void write_success(struct exposition *exposition, const struct metrics_row *row)
{
	enum verdict verdict = row->record->last.finding.verdict;

	if (is_scheduled(row->record) && verdict != VERDICT_UNKNOWN)
		exposition_integer(exposition, row->series, verdict != VERDICT_FAILED);
}

/* A row that cannot be run has a cause as well: it says why. */
static void write_cause(struct exposition *exposition, const struct metrics_row *row)
{
	enum cause cause = is_scheduled(row->record) ? row->record->last.finding.cause
						     : row->record->check->fixed_cause;

	if (cause != CAUSE_NONE)
		exposition_integer(exposition,
			series_with(row->series, "cause", cause_name(cause)), 1);
}

static void write_runs(struct exposition *exposition, const struct metrics_row *row)
{
	if (is_scheduled(row->record))
		exposition_integer(exposition, row->series, (int64_t)row->record->runs);
}

static void write_failures(struct exposition *exposition, const struct metrics_row *row)
{
	const struct record *record = row->record;

	for (size_t i = 0; i < record->failure_count; i++) {
		const char *cause = cause_name(record->failures[i].cause);

		exposition_integer(exposition, series_with(row->series, "cause", cause),
			(int64_t)record->failures[i].count);
	}
}

static void write_durations(struct exposition *exposition, const struct metrics_row *row)
{
	if (is_scheduled(row->record))
		exposition_histogram(exposition, row->series, &row->record->durations);
}

static void write_phases(struct exposition *exposition, const struct metrics_row *row)
{
	const int64_t *micros = row->record->last.phase_us;

	for (enum phase phase = 0; phase < PHASE_COUNT; phase++) {
		if (micros[phase] > 0)
			exposition_seconds(exposition,
				series_with(row->series, "phase", phase_name(phase)),
				micros[phase]);
	}
}

static void write_last_run(struct exposition *exposition, const struct metrics_row *row)
{
	if (row->record->last.wall_us > 0)
		exposition_seconds(exposition, row->series, row->record->last.wall_us);
}

static void write_last_success(
	struct exposition *exposition, const struct metrics_row *row)
{
	if (row->record->last_success_us > 0)
		exposition_seconds(exposition, row->series, row->record->last_success_us);
}

static const struct {
	const char *name, *help;
	enum metric_type type;
	void (*write)(struct exposition *exposition, const struct metrics_row *row);
} families[] = {
	{ "starface_check_success",
		"Whether the last run succeeded, degraded included; absent while "
		"unknown.",
		METRIC_GAUGE, write_success },
	{ "starface_check_cause",
		"1 for the cause of what the last run found; absent when nothing is "
		"wrong.",
		METRIC_GAUGE, write_cause },
	{ "starface_check_runs", "Runs of this check, every attempt.", METRIC_COUNTER,
		write_runs },
	{ "starface_check_failures",
		"Runs that were not ok, every attempt, by the cause they found.",
		METRIC_COUNTER, write_failures },
	{ "starface_check_duration_seconds",
		"Duration of whole runs, resolving included.", METRIC_HISTOGRAM,
		write_durations },
	{ "starface_check_phase_seconds", "Duration of each phase the last run entered.",
		METRIC_GAUGE, write_phases },
	{ "starface_check_last_run_timestamp_seconds", "When the last run ended.",
		METRIC_GAUGE, write_last_run },
	{ "starface_check_last_success_timestamp_seconds",
		"When the last run that was ok or degraded ended.", METRIC_GAUGE,
		write_last_success },
};

#define FAMILY_COUNT (sizeof(families) / sizeof(families[0]))

void metrics_write_checks(struct exposition *exposition, const struct metrics_rows *rows)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		exposition_family(
			exposition, families[i].type, families[i].name, families[i].help);
		for (size_t j = 0; j < rows->count; j++)
			families[i].write(exposition, &rows->items[j]);
	}
}
