/* SPDX-License-Identifier: Apache-2.0 */
#include "report/columns.h"

#include <string.h>

#include "base/utf8.h"

/* C0, DEL and C1 (U+0080 to U+009F, which some terminals obey as well). */
static bool is_control(const char *character, size_t length)
{
	unsigned char first = (unsigned char)character[0];

	if (length == 2)
		return first == 0xc2 && (unsigned char)character[1] < 0xa0;
	return length == 1 && (first < ' ' || first == 0x7f);
}

/* One character, made harmless; returns the octets it had. */
static size_t append_character(struct text *text, const char *string)
{
	size_t length = utf8_character(string);

	if (length == 0 || is_control(string, length)) {
		text_append_char(text, '?');
		return length > 0 ? length : 1;
	}
	text_append_bytes(text, string, length);
	return length;
}

static size_t character_length(const char *string)
{
	size_t length = utf8_character(string);

	return length > 0 ? length : 1;
}

static size_t count_columns(const char *string, size_t octets)
{
	size_t columns = 0;

	for (size_t i = 0; i < octets; columns++)
		i += character_length(string + i);
	return columns;
}

size_t columns_cut(struct text *text, const char *string, size_t width)
{
	size_t columns = count_columns(string, strlen(string));
	bool cut = columns > width;
	size_t printed = cut ? width - 1 : columns;

	for (size_t i = 0; i < printed; i++)
		string += append_character(text, string);
	if (cut)
		text_append(text, "…");
	return cut ? width : columns;
}

void columns_fill(struct text *text, const char *string, size_t width)
{
	for (size_t used = columns_cut(text, string, width); used < width; used++)
		text_append_char(text, ' ');
}

static void begin_line(struct text *text, size_t indent)
{
	for (size_t i = 0; i < indent; i++)
		text_append_char(text, ' ');
}

static void append_word(struct text *text, const char *word, size_t octets)
{
	const char *end = word + octets;

	while (word < end)
		word += append_character(text, word);
}

void columns_wrap(struct text *text, const char *string, size_t indent)
{
	size_t column = indent;

	begin_line(text, indent);
	while (*string) {
		size_t octets = strcspn(string, " ");
		size_t columns = count_columns(string, octets);

		if (column > indent && column + 1 + columns > COLUMNS_MAX) {
			text_append_char(text, '\n');
			begin_line(text, indent);
			column = indent;
		} else if (column > indent) {
			text_append_char(text, ' ');
			column++;
		}
		append_word(text, string, octets);
		column += columns;
		string += octets;
		string += strspn(string, " ");
	}
	text_append_char(text, '\n');
}
