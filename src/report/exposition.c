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

static char *end_of(struct text *text)
{
	return text->data + text->length;
}

/*
 * Into room reserved before: a line is a dozen pieces, and one check of the room costs
 * half as much as twelve (measured: 20,000 checks, 500,000 lines).
 */
static void put(struct text *text, const char *bytes, size_t length)
{
	memcpy(end_of(text), bytes, length);
	text->length += length;
}

void labels_append(struct text *labels, const char *name, const char *value)
{
	bool first = labels->length == 0 || labels->data[labels->length - 1] != '"';
	size_t name_length = strlen(name);
	size_t plain = plain_length(value);

	text_reserve(labels, name_length + plain + 4);
	if (text_failed(labels))
		return;
	put(labels, first ? "{" : ",", 1);
	put(labels, name, name_length);
	put(labels, "=\"", 2);
	put(labels, value, plain);
	if (value[plain])
		append_escaped(labels, value + plain, true);
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

static bool has_labels(struct series series)
{
	return series.length > 0 || series.name;
}

/*
 * Name and labels, the brace still open; LINE_ROOM is left for the rest.
 * \retval false  no memory
 */
static bool put_series(
	struct exposition *exposition, const char *suffix, struct series series)
{
	struct text *text = exposition->text;

	text_reserve(text, exposition->sample_length + series.length + LINE_ROOM);
	if (text_failed(text))
		return false;
	put(text, exposition->sample, exposition->sample_length);
	if (*suffix)
		put(text, suffix, strlen(suffix));
	if (series.length > 0)
		put(text, series.labels, series.length);
	if (series.name) {
		labels_append(text, series.name, series.value);
		if (series.also_name)
			labels_append(text, series.also_name, series.also_value);
		text_reserve(text, LINE_ROOM);
	}
	return !text_failed(text);
}

static bool line_begin(
	struct exposition *exposition, const char *suffix, struct series series)
{
	if (!put_series(exposition, suffix, series))
		return false;
	if (has_labels(series))
		put(exposition->text, "} ", 2);
	else
		put(exposition->text, " ", 1);
	return true;
}

static void line_end(struct text *text, size_t number_length)
{
	text->length += number_length;
	put(text, "\n", 2);
	text->length--; /* the NUL terminates and does not count */
}

static void append_integer(struct exposition *exposition, const char *suffix,
	struct series series, int64_t value)
{
	struct text *text = exposition->text;

	if (line_begin(exposition, suffix, series))
		line_end(text, number_integer(end_of(text), value));
}

static void append_seconds(struct exposition *exposition, const char *suffix,
	struct series series, int64_t micros)
{
	struct text *text = exposition->text;

	if (line_begin(exposition, suffix, series))
		line_end(text, number_seconds(end_of(text), micros));
}

void exposition_integer(
	struct exposition *exposition, struct series series, int64_t value)
{
	append_integer(exposition, "", series, value);
}

void exposition_number(struct exposition *exposition, struct series series, double value)
{
	struct text *text = exposition->text;

	if (line_begin(exposition, "", series))
		line_end(text, number_double(end_of(text), value));
}

void exposition_seconds(
	struct exposition *exposition, struct series series, int64_t micros)
{
	append_seconds(exposition, "", series, micros);
}

/* What the lines of all buckets begin with: it is rendered once and copied. */
struct bucket_head {
	size_t start, length; /* within the text */
};

static void put_bucket(
	struct text *text, struct bucket_head head, const char *bound, int64_t count)
{
	if (text->length != head.start + head.length)
		put(text, text->data + head.start, head.length);
	put(text, bound, strlen(bound));
	put(text, "\"} ", 3);
	line_end(text, number_integer(end_of(text), count));
}

/* \return the sum of all buckets */
static int64_t append_buckets(struct exposition *exposition, struct series series,
	const struct histogram *histogram)
{
	struct text *text = exposition->text;
	struct bucket_head head = { .start = text->length };
	int64_t total = 0;

	if (!put_series(exposition, "_bucket", series))
		return 0;
	put(text, has_labels(series) ? ",le=\"" : "{le=\"", 5);
	head.length = text->length - head.start;
	text_reserve(text, (HISTOGRAM_BUCKETS + 1) * (head.length + LINE_ROOM));
	if (text_failed(text))
		return 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		total += histogram->counts[i];
		put_bucket(text, head, histogram_bound_text(i), total);
	}
	total += histogram->counts[HISTOGRAM_BUCKETS];
	put_bucket(text, head, "+Inf", total);
	return total;
}

void exposition_histogram(struct exposition *exposition, struct series series,
	const struct histogram *histogram)
{
	int64_t total = append_buckets(exposition, series, histogram);

	append_seconds(exposition, "_sum", series, histogram->sum_us);
	append_integer(exposition, "_count", series, total);
}
