/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two text formats that Prometheus scrapes: 0.0.4 and OpenMetrics 1.0 (RFC-style text
 * at prometheus/OpenMetrics, specification/OpenMetrics.md). The same series in both; only
 * metadata, order and the last line differ.
 */
#ifndef REPORT_EXPOSITION_H
#define REPORT_EXPOSITION_H

#include <stdint.h>

#include "base/histogram.h"
#include "base/text.h"

enum exposition_format { EXPOSITION_TEXT, EXPOSITION_OPENMETRICS };

enum metric_type {
	METRIC_UNKNOWN,
	METRIC_GAUGE,
	METRIC_COUNTER,
	METRIC_HISTOGRAM,
	METRIC_INFO,
	METRIC_STATESET,
	METRIC_TYPE_COUNT
};

/** Longest name of a family, its NUL included. */
#define METRIC_NAME_MAX 128

/** One output being written. exposition_end() must follow exposition_begin(). */
struct exposition {
	struct text *text;
	enum exposition_format format;
	enum metric_type type;        /* of the present family */
	char sample[METRIC_NAME_MAX]; /* name of its samples: with _total, _info */
	size_t sample_length;
	struct text families; /* those begun, "\nname\nname\n" */
};

/**
 * The labels of a sample: `labels` rendered by labels_append(), opening brace included,
 * and one more label from a closed list. All zero = no labels.
 */
struct series {
	const char *labels;
	size_t length;
	const char *name, *value;           /* NULL = no further label */
	const char *also_name, *also_value; /* NULL = and none behind it */
};

/**
 * Appends name="value", escaped; a text that is empty or ends a line gets the brace
 * first. Rendering once and printing often is what makes an exposition cheap.
 */
void labels_append(struct text *labels, const char *name, const char *value);

void exposition_begin(
	struct exposition *exposition, enum exposition_format format, struct text *text);

/** Ends the output ("# EOF"). Running out of memory anywhere leaves text_failed(text). */
void exposition_end(struct exposition *exposition);

/**
 * Begins a family; its samples must follow at once. \param name  without _total or _info,
 * which the type adds; the unit is its last word when that is seconds, bytes or ratio.
 * A family that may not begin is our bug and asserted.
 */
void exposition_family(struct exposition *exposition, enum metric_type type,
	const char *name, const char *help);

/**
 * Whether samples of this family could be taken for those of one begun before: the same
 * name, or one that differs by a suffix OpenMetrics reserves (_total, _count, …).
 */
bool exposition_may_begin(const struct exposition *exposition, const char *name);

/** Samples of the present family. */
void exposition_integer(
	struct exposition *exposition, struct series series, int64_t value);
void exposition_number(struct exposition *exposition, struct series series, double value);
/** Microseconds, printed as seconds. */
void exposition_seconds(
	struct exposition *exposition, struct series series, int64_t micros);
void exposition_histogram(struct exposition *exposition, struct series series,
	const struct histogram *histogram);

#endif
