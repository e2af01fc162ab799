/* SPDX-License-Identifier: Apache-2.0 */
/* The parts metrics_write() is made of; for report/ itself only. */
#ifndef REPORT_METRICS_PARTS_H
#define REPORT_METRICS_PARTS_H

#include "report/exposition.h"
#include "report/source.h"

/** A check that applies, with its labels rendered once for all its series. */
struct metrics_row {
	const struct record *record;
	struct series series;
	unsigned kind; /* index of its kind in the table of kinds; > all = none */
};

struct metrics_rows {
	struct metrics_row *items;
	size_t count;
	struct text labels; /* the memory behind all series */
};

/** Requirements, sites and the closed list of causes. */
void metrics_write_requirements(
	struct exposition *exposition, const struct report_source *source);

/** What is common to requirements that are not well. */
void metrics_write_diagnoses(
	struct exposition *exposition, const struct report_source *source);

/** What every check has, whatever its kind. */
void metrics_write_checks(struct exposition *exposition, const struct metrics_rows *rows);

/** What each kind measures, by its gauge table. */
void metrics_write_gauges(struct exposition *exposition, const struct metrics_rows *rows,
	const struct probe_kind *const *kinds);

/** The reflector, where there is one. */
void metrics_write_reflector(
	struct exposition *exposition, const struct report_source *source);

/** The exporter itself and the host it runs on. */
void metrics_write_exporter(
	struct exposition *exposition, const struct report_source *source);

/** process_*, with the names and help texts all Prometheus clients share. */
void metrics_write_process(struct exposition *exposition, int64_t started_wall_us);

/** One sample "1" with the labels rendered; empties them for the next. */
void metrics_write_one(struct exposition *exposition, struct text *labels);

/** A family with one sample and no labels. */
void metrics_write_value(struct exposition *exposition, enum metric_type type,
	const char *name, const char *help, int64_t value);

#endif
