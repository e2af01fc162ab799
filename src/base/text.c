/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY ((size_t)256)

void text_grow(struct text *text, size_t more)
{
	size_t capacity = text->capacity ? text->capacity * 2 : FIRST_CAPACITY;
	char *data;

	if (text->failed)
		return;
	if (capacity <= text->length + more)
		capacity = text->length + more + 1;
	data = realloc(text->data, capacity);
	if (!data) {
		text->failed = true;
		return;
	}
	text->data = data;
	text->capacity = capacity;
}

void text_append_bytes(struct text *text, const char *bytes, size_t length)
{
	text_reserve(text, length);
	if (text->failed)
		return;
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_append(struct text *text, const char *string)
{
	text_append_bytes(text, string, strlen(string));
}

void text_append_char(struct text *text, char character)
{
	text_append_bytes(text, &character, 1);
}

void text_format(struct text *text, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0) {
		text->failed = true;
		return;
	}
	text_reserve(text, (size_t)length);
	if (text->failed)
		return;
	va_start(arguments, format);
	vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	text->length += (size_t)length;
}

static const char *html_entity(char character)
{
	switch (character) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void text_append_html(struct text *text, const char *string)
{
	for (; *string; string++) {
		const char *entity = html_entity(*string);

		if (entity)
			text_append(text, entity);
		else
			text_append_char(text, *string);
	}
}

void text_clear(struct text *text)
{
	text->length = 0;
	text->failed = false;
	if (text->data)
		text->data[0] = '\0';
}

void text_done(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

char *text_release(struct text *text, size_t *ret_length)
{
	char *data;

	text_reserve(text, 1); /* an empty text, too, is a string */
	if (text->failed) {
		text_done(text);
		return NULL;
	}
	data = text->data;
	data[text->length] = '\0';
	if (ret_length)
		*ret_length = text->length;
	*text = (struct text){ 0 };
	return data;
}

bool text_copy(char *destination, size_t size, const char *source)
{
	size_t length = strlen(source);
	bool fits = length < size;

	if (!fits)
		length = size - 1;
	memcpy(destination, source, length);
	destination[length] = '\0';
	return fits;
}

size_t text_join(char *destination, size_t size, const char *const *parts)
{
	size_t length = 0, kept = 0;

	for (; *parts; parts++) {
		size_t more = strlen(*parts), room = size - 1 - kept;

		length += more;
		if (more > room)
			more = room;
		memcpy(destination + kept, *parts, more);
		kept += more;
	}
	destination[kept] = '\0';
	return length;
}

const char *text_decimal(uint64_t number, char buffer[static DECIMAL_TEXT_MAX])
{
	char *at = buffer + DECIMAL_TEXT_MAX - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return at;
}

/* Without printf, which takes 70 ns: a SIP answer has hundreds of such octets. \return
 * the width */
static size_t print_byte(unsigned char byte, char piece[static 4])
{
	static const char digits[] = "0123456789abcdef";

	piece[0] = (char)byte;
	if (byte >= 0x20 && byte < 0x7f && byte != '\\')
		return 1;
	piece[0] = '\\';
	piece[1] = '\\';
	if (byte == '\\')
		return 2;
	piece[1] = 'x';
	piece[2] = digits[byte >> 4];
	piece[3] = digits[byte & 0xf];
	return 4;
}

void text_copy_printable(char *destination, size_t size, const char *bytes, size_t length)
{
	char piece[4];
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		size_t width = print_byte((unsigned char)bytes[i], piece);

		if (used + width >= size)
			break;
		memcpy(destination + used, piece, width);
		used += width;
	}
	destination[used] = '\0';
}

static const struct {
	const char *name;
	int64_t micros;
} units[] = {
	/* longest first: duration_format() takes the first that divides, "5m" for 300 s
	 */
	{ "d", INT64_C(86400) * 1000000 },
	{ "h", INT64_C(3600) * 1000000 },
	{ "m", INT64_C(60) * 1000000 },
	{ "s", 1000000 },
	{ "ms", 1000 },
	{ "us", 1 },
};

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

static int64_t unit_of(const char *name, size_t length)
{
	for (size_t i = 0; i < UNIT_COUNT; i++) {
		if (strlen(units[i].name) == length &&
			memcmp(units[i].name, name, length) == 0)
			return units[i].micros;
	}
	return 0;
}

/* One number and its unit; moves *text behind them. */
static bool duration_term(const char **text, int64_t *total)
{
	const char *name = *text;
	int64_t number = 0;
	int64_t micros;
	size_t length = 0;

	for (; isdigit((unsigned char)*name); name++) {
		if (__builtin_mul_overflow(number, 10, &number) ||
			__builtin_add_overflow(number, *name - '0', &number))
			return false;
	}
	while (isalpha((unsigned char)name[length]))
		length++;
	micros = unit_of(name, length);
	if (name == *text || micros == 0)
		return false;
	*text = name + length;
	return !__builtin_mul_overflow(number, micros, &micros) &&
		!__builtin_add_overflow(*total, micros, total);
}

bool duration_parse(const char *text, int64_t *ret_micros)
{
	int64_t total = 0;

	if (!*text)
		return false;
	while (*text) {
		if (!duration_term(&text, &total))
			return false;
	}
	*ret_micros = total;
	return true;
}

const char *duration_format(int64_t micros, char *buffer, size_t size)
{
	for (size_t i = 0; i < UNIT_COUNT; i++) {
		if (micros % units[i].micros == 0 && micros != 0) {
			snprintf(buffer, size, "%lld%s",
				(long long)(micros / units[i].micros), units[i].name);
			return buffer;
		}
	}
	snprintf(buffer, size, "0s");
	return buffer;
}

uint64_t text_hash(const char *string)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *string; string++) {
		hash ^= (unsigned char)*string;
		hash *= UINT64_C(1099511628211);
	}
	return hash;
}
