/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <stdbool.h>

/* The rows of RFC 3629's grammar: first octet, bounds of the second, octets in all. */
static const struct {
	unsigned char first_least, first_most, second_least, second_most, length;
} rows[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 }, /* no surrogates */
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static bool within(unsigned char octet, unsigned char least, unsigned char most)
{
	return octet >= least && octet <= most;
}

static size_t length_by_row(const unsigned char *octets, size_t left, size_t row)
{
	size_t length = rows[row].length;

	if (length > left)
		return 0;
	if (length > 1 &&
		!within(octets[1], rows[row].second_least, rows[row].second_most))
		return 0;
	for (size_t i = 2; i < length; i++) {
		if (!within(octets[i], 0x80, 0xbf))
			return 0;
	}
	return length;
}

size_t utf8_length(const char *text, size_t left)
{
	const unsigned char *octets = (const unsigned char *)text;

	for (size_t row = 0; row < ROW_COUNT; row++) {
		if (within(octets[0], rows[row].first_least, rows[row].first_most))
			return length_by_row(octets, left, row);
	}
	return 0;
}

/* Octets from here that are well-formed. */
static size_t good_length(const char *string)
{
	size_t good = 0;

	while (string[good]) {
		size_t length = utf8_character(string + good);

		if (length == 0)
			break;
		good += length;
	}
	return good;
}

void utf8_append(struct text *text, const char *string)
{
	for (;;) {
		size_t good = good_length(string);

		text_append_bytes(text, string, good);
		string += good;
		if (!*string)
			return;
		text_append(text, UTF8_REPLACEMENT);
		string++;
	}
}

void utf8_append_html(struct text *text, const char *string)
{
	struct text repaired = { 0 };

	if (!string[good_length(string)]) {
		text_append_html(text, string);
		return;
	}
	utf8_append(&repaired, string);
	if (text_failed(&repaired))
		text->failed = true;
	else
		text_append_html(text, repaired.data);
	text_done(&repaired);
}
