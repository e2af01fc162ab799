/* SPDX-License-Identifier: Apache-2.0 */
#include "web/accept.h"

#include <string.h>
#include <strings.h>

/* Qualities are thousandths: q has at most three decimals (RFC 9110, 12.4.2). */
#define QUALITY_FULL 1000

struct span {
	const char *start;
	size_t length;
};

static struct span span_of(const char *string)
{
	return (struct span){ string, string ? strlen(string) : 0 };
}

static bool is_blank(char character)
{
	return character == ' ' || character == '\t';
}

static struct span span_trim(struct span span)
{
	while (span.length > 0 && is_blank(*span.start)) {
		span.start++;
		span.length--;
	}
	while (span.length > 0 && is_blank(span.start[span.length - 1]))
		span.length--;
	return span;
}

/* Cuts the next part off at a separator that is not within a quoted string. */
static bool span_next(struct span *rest, char separator, struct span *ret_part)
{
	bool quoted = false;
	size_t end = 0;

	if (!rest->start || rest->length == 0)
		return false;
	for (; end < rest->length && (quoted || rest->start[end] != separator); end++) {
		if (rest->start[end] == '"')
			quoted = !quoted;
	}
	*ret_part = span_trim((struct span){ rest->start, end });
	end += end < rest->length;
	rest->start += end;
	rest->length -= end;
	return true;
}

static bool span_is(struct span span, const char *word)
{
	return span.length == strlen(word) &&
		strncasecmp(span.start, word, span.length) == 0;
}

static struct span span_unquote(struct span span)
{
	if (span.length >= 2 && span.start[0] == '"' &&
		span.start[span.length - 1] == '"')
		return (struct span){ span.start + 1, span.length - 2 };
	return span;
}

/* One element of an Accept header: "text/plain;version=0.0.4;q=0.5". */
struct item {
	struct span name;
	struct span parameters;
	int quality;
};

static bool item_parameter(const struct item *item, const char *name, struct span *ret)
{
	struct span rest = item->parameters, part, key;

	while (span_next(&rest, ';', &part)) {
		if (!span_next(&part, '=', &key) || !span_is(key, name))
			continue;
		*ret = span_unquote(span_trim(part));
		return true;
	}
	return false;
}

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

/** \return thousandths, or -1 for what is not a quality: "1", "0.5", "0.125". */
static int quality_parse(struct span text)
{
	int quality, unit = QUALITY_FULL;

	if (text.length == 0 || text.length > 5 || !is_digit(text.start[0]) ||
		(text.length > 1 && text.start[1] != '.'))
		return -1;
	quality = (text.start[0] - '0') * unit;
	for (size_t i = 2; i < text.length; i++) {
		if (!is_digit(text.start[i]))
			return -1;
		unit /= 10;
		quality += (text.start[i] - '0') * unit;
	}
	return quality <= QUALITY_FULL ? quality : -1;
}

/* The next well-formed element; one with a malformed quality is passed over. */
static bool item_next(struct span *rest, struct item *ret_item)
{
	struct span part, quality;

	while (span_next(rest, ',', &part)) {
		if (!span_next(&part, ';', &ret_item->name))
			continue;
		ret_item->parameters = part;
		ret_item->quality = QUALITY_FULL;
		if (item_parameter(ret_item, "q", &quality))
			ret_item->quality = quality_parse(quality);
		if (ret_item->quality >= 0)
			return true;
	}
	return false;
}

static int greater(int left, int right)
{
	return left > right ? left : right;
}

static bool version_is_served(const struct item *item)
{
	struct span version;

	return !item_parameter(item, "version", &version) || span_is(version, "1.0.0") ||
		span_is(version, "0.0.1");
}

/* Text is named by three ranges; the most specific one that was sent counts. */
enum { TEXT_PLAIN, TEXT_ANY, ANY, TEXT_RANGES };

static const char *const text_ranges[TEXT_RANGES] = { "text/plain", "text/*", "*/*" };

struct preference {
	int openmetrics; /* -1 = not named */
	int text[TEXT_RANGES];
	bool escaping; /* the OpenMetrics element that counts names an escaping */
};

static void preference_add(struct preference *preference, const struct item *item)
{
	struct span escaping;

	if (span_is(item->name, "application/openmetrics-text")) {
		if (!version_is_served(item) || item->quality <= preference->openmetrics)
			return;
		preference->openmetrics = item->quality;
		preference->escaping = item_parameter(item, "escaping", &escaping);
		return;
	}
	for (size_t i = 0; i < TEXT_RANGES; i++) {
		if (span_is(item->name, text_ranges[i]))
			preference->text[i] = greater(preference->text[i], item->quality);
	}
}

static int text_quality(const struct preference *preference)
{
	for (size_t i = 0; i < TEXT_RANGES; i++) {
		if (preference->text[i] >= 0)
			return preference->text[i];
	}
	return 0;
}

static struct preference preference_of(const char *accept)
{
	struct preference preference = { -1, { -1, -1, -1 }, false };
	struct span rest = span_of(accept);
	struct item item;

	while (item_next(&rest, &item))
		preference_add(&preference, &item);
	return preference;
}

static bool openmetrics_wins(const struct preference *preference)
{
	return preference->openmetrics > 0 &&
		preference->openmetrics >= text_quality(preference);
}

bool web_accepts_openmetrics(const char *accept)
{
	struct preference preference = preference_of(accept);

	return openmetrics_wins(&preference);
}

const char *web_metrics_type(const char *accept, bool *ret_openmetrics)
{
	struct preference preference = preference_of(accept);

	*ret_openmetrics = openmetrics_wins(&preference);
	if (!*ret_openmetrics)
		return "text/plain; version=0.0.4; charset=utf-8";
	if (preference.escaping)
		return "application/openmetrics-text; version=1.0.0; charset=utf-8; "
		       "escaping=underscores";
	return "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

bool web_accepts_gzip(const char *accept_encoding)
{
	struct span rest = span_of(accept_encoding);
	struct item item;
	int named = -1, any = 0;

	while (item_next(&rest, &item)) {
		if (span_is(item.name, "gzip"))
			named = greater(named, item.quality);
		else if (span_is(item.name, "*"))
			any = item.quality;
	}
	return named >= 0 ? named > 0 : any > 0;
}

static size_t language_index(
	struct span range, const char *const *languages, size_t count)
{
	struct span primary;

	if (!span_next(&range, '-', &primary))
		return count;
	for (size_t i = 0; i < count; i++) {
		if (span_is(primary, languages[i]))
			return i;
	}
	return count;
}

size_t web_choose_language(
	const char *accept_language, const char *const *languages, size_t count)
{
	struct span rest = span_of(accept_language);
	struct item item;
	size_t best = count;
	int best_quality = 0;

	while (item_next(&rest, &item)) {
		size_t index = language_index(item.name, languages, count);

		if (index < count && item.quality > best_quality) {
			best = index;
			best_quality = item.quality;
		}
	}
	return best;
}
