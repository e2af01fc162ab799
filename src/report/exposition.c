/* SPDX-License-Identifier: Apache-2.0 */
#include "report/exposition.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "report/number.h"

/* Suffixes that samples of some type get: "a" and "a_count" may not both be families. */
static const char *const reserved[] = { "_total", "_created", "_bucket", "_count", "_sum",
	"_gcount", "_gsum", "_info" };

#define RESERVED_COUNT (sizeof(reserved) / sizeof(reserved[0]))

static const char *const units[] = { "seconds", "bytes", "ratio" };

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

/* Text 0.0.4 knows neither info nor state sets: both are gauges there. */
static const struct {
	const char *openmetrics, *text, *suffix;
} types[METRIC_TYPE_COUNT] = {
	[METRIC_UNKNOWN] = { "unknown", "untyped", "" },
	[METRIC_GAUGE] = { "gauge", "gauge", "" },
	[METRIC_COUNTER] = { "counter", "counter", "_total" },
	[METRIC_HISTOGRAM] = { "histogram", "histogram", "" },
	[METRIC_INFO] = { "info", "gauge", "_info" },
	[METRIC_STATESET] = { "stateset", "gauge", "" },
};

/* Octets from here that need no second look: printable ASCII but \ and ". */
static size_t plain_length(const char *string)
{
	size_t length = 0;

	while (string[length] >= ' ' && string[length] < 0x7f && string[length] != '\\' &&
		string[length] != '"')
		length++;
	return length;
}

/* One character that is not plain; returns the octets of it. */
static size_t append_special(struct text *text, const char *string, bool quotes)
{
	size_t length = utf8_character(string);

	if (length == 0) {
		text_append(text, UTF8_REPLACEMENT);
		return 1;
	}
	if (*string == '\n')
		text_append(text, "\\n");
	else if (*string == '\\')
		text_append(text, "\\\\");
	else if (*string == '"' && quotes)
		text_append(text, "\\\"");
	else
		text_append_bytes(text, string, length);
	return length;
}

static void append_escaped(struct text *text, const char *string, bool quotes)
{
	for (;;) {
		size_t length = plain_length(string);

		text_append_bytes(text, string, length);
		string += length;
		if (!*string)
			return;
		string += append_special(text, string, quotes);
	}
}

void labels_append(struct text *labels, const char *name, const char *value)
{
	bool first = labels->length == 0 || labels->data[labels->length - 1] != '"';

	text_append_char(labels, first ? '{' : ',');
	text_append(labels, name);
	text_append_bytes(labels, "=\"", 2);
	append_escaped(labels, value, true);
	text_append_char(labels, '"');
}

void exposition_begin(
	struct exposition *exposition, enum exposition_format format, struct text *text)
{
	*exposition = (struct exposition){ .text = text, .format = format };
	text_append_char(&exposition->families, '\n');
}

void exposition_end(struct exposition *exposition)
{
	if (exposition->format == EXPOSITION_OPENMETRICS)
		text_append(exposition->text, "# EOF\n");
	if (text_failed(&exposition->families))
		exposition->text->failed = true;
	text_done(&exposition->families);
}

static bool has_begun(const struct exposition *exposition, const char *name,
	size_t length, const char *more)
{
	char line[METRIC_NAME_MAX + 16];

	snprintf(line, sizeof(line), "\n%.*s%s\n", (int)length, name, more);
	return exposition->families.data && strstr(exposition->families.data, line);
}

static bool ends_with(const char *name, size_t length, const char *suffix)
{
	size_t suffix_length = strlen(suffix);

	return length > suffix_length &&
		strcmp(name + length - suffix_length, suffix) == 0;
}

bool exposition_may_begin(const struct exposition *exposition, const char *name)
{
	size_t length = strlen(name);

	if (has_begun(exposition, name, length, ""))
		return false;
	for (size_t i = 0; i < RESERVED_COUNT; i++) {
		size_t stem = length - strlen(reserved[i]);

		if (has_begun(exposition, name, length, reserved[i]))
			return false;
		if (ends_with(name, length, reserved[i]) &&
			has_begun(exposition, name, stem, ""))
			return false;
	}
	return true;
}

/* The unit is the last word of the name, so the two cannot disagree. */
static const char *unit_of(enum metric_type type, const char *name)
{
	const char *word = strrchr(name, '_');

	if (!word || type == METRIC_INFO || type == METRIC_STATESET)
		return NULL;
	for (size_t i = 0; i < UNIT_COUNT; i++) {
		if (strcmp(word + 1, units[i]) == 0)
			return units[i];
	}
	return NULL;
}

/* OpenMetrics wants TYPE, UNIT, HELP, named without the suffix of the samples. */
static void append_openmetrics_head(
	struct exposition *exposition, const char *name, const char *help)
{
	struct text *text = exposition->text;
	const char *unit = unit_of(exposition->type, name);

	text_format(text, "# TYPE %s %s\n", name, types[exposition->type].openmetrics);
	if (unit)
		text_format(text, "# UNIT %s %s\n", name, unit);
	text_format(text, "# HELP %s ", name);
	append_escaped(text, help, true);
	text_append_char(text, '\n');
}

/* Text 0.0.4 names the sample itself and escapes no quotes in its help. */
static void append_text_head(struct exposition *exposition, const char *help)
{
	struct text *text = exposition->text;

	text_format(text, "# HELP %s ", exposition->sample);
	append_escaped(text, help, false);
	text_format(text, "\n# TYPE %s %s\n", exposition->sample,
		types[exposition->type].text);
}

void exposition_family(struct exposition *exposition, enum metric_type type,
	const char *name, const char *help)
{
	int length = snprintf(exposition->sample, sizeof(exposition->sample), "%s%s",
		name, types[type].suffix);

	assert(length > 0 && (size_t)length < sizeof(exposition->sample));
	assert(exposition_may_begin(exposition, name));
	exposition->type = type;
	exposition->sample_length = (size_t)length;
	text_format(&exposition->families, "%s\n", name);
	if (exposition->format == EXPOSITION_OPENMETRICS)
		append_openmetrics_head(exposition, name, help);
	else
		append_text_head(exposition, help);
}

/* Octets of a line beside the name, the labels and the further label. */
#define LINE_ROOM (NUMBER_TEXT_MAX + 40)

/* Into room reserved before: a line is a dozen pieces, and one check of the room costs
 * half as much as twelve (measured: 20,000 checks, 500,000 lines).
 */
static void put(struct text *text, const char *bytes, size_t length)
{
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
}

/* Name and labels, the brace still open. \retval false  no memory, nothing written */
static bool put_line_head(
	struct exposition *exposition, const char *suffix, struct series series)
{
	struct text *text = exposition->text;

	text_reserve(text, exposition->sample_length + series.length + LINE_ROOM);
	if (text_failed(text))
		return false;
	put(text, exposition->sample, exposition->sample_length);
	put(text, suffix, strlen(suffix));
	if (series.length > 0)
		put(text, series.labels, series.length);
	if (!series.name)
		return true;
	labels_append(text, series.name, series.value);
	text_reserve(text, LINE_ROOM);
	return !text_failed(text);
}

static void put_line_end(
	struct exposition *exposition, bool labelled, const char *number, size_t length)
{
	struct text *text = exposition->text;

	put(text, "} ", labelled ? 2 : 0);
	put(text, " ", labelled ? 0 : 1);
	put(text, number, length);
	put(text, "\n", 2);
	text->length--; /* the NUL terminates and does not count */
}

static void append_line(struct exposition *exposition, const char *suffix,
	struct series series, const char *number, size_t length)
{
	if (put_line_head(exposition, suffix, series))
		put_line_end(
			exposition, series.length > 0 || series.name, number, length);
}

void exposition_integer(
	struct exposition *exposition, struct series series, int64_t value)
{
	char number[NUMBER_TEXT_MAX];

	append_line(exposition, "", series, number, number_integer(number, value));
}

void exposition_number(struct exposition *exposition, struct series series, double value)
{
	char number[NUMBER_TEXT_MAX];

	append_line(exposition, "", series, number, number_double(number, value));
}

void exposition_seconds(
	struct exposition *exposition, struct series series, int64_t micros)
{
	char number[NUMBER_TEXT_MAX];

	append_line(exposition, "", series, number, number_seconds(number, micros));
}

static void append_bucket(struct exposition *exposition, struct series series,
	const char *bound, int64_t count)
{
	struct text *text = exposition->text;
	char number[NUMBER_TEXT_MAX];

	if (!put_line_head(exposition, "_bucket", series))
		return;
	if (series.length > 0 || series.name)
		put(text, ",le=\"", 5);
	else
		put(text, "{le=\"", 5);
	put(text, bound, strlen(bound));
	put(text, "\"", 1);
	put_line_end(exposition, true, number, number_integer(number, count));
}

void exposition_histogram(struct exposition *exposition, struct series series,
	const struct histogram *histogram)
{
	char number[NUMBER_TEXT_MAX];
	int64_t total = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		total += histogram->counts[i];
		append_bucket(exposition, series, histogram_bound_text(i), total);
	}
	total += histogram->counts[HISTOGRAM_BUCKETS];
	append_bucket(exposition, series, "+Inf", total);
	append_line(exposition, "_sum", series, number,
		number_seconds(number, histogram->sum_us));
	append_line(exposition, "_count", series, number, number_integer(number, total));
}
