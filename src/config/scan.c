/* SPDX-License-Identifier: Apache-2.0 */
#include "config/scan.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static void scan_fault(struct scan *scan, const char *sentence)
{
	faults_add(scan->faults, scan->file, scan->line, "", "%s", sentence);
}

static bool scan_sees(const struct scan *scan, const char *prefix)
{
	size_t length = strlen(prefix);

	return (size_t)(scan->end - scan->at) >= length &&
		memcmp(scan->at, prefix, length) == 0;
}

/* What comes next is no text, and its faults would be noise: the rest is not read. */
static void scan_stop(struct scan *scan, const char *sentence)
{
	scan_fault(scan, sentence);
	scan->out->stopped = true;
	scan->at = scan->end;
}

/* Hands one character on: NUL would end the text for libconfig, so it never gets one. */
static void scan_character(struct scan *scan)
{
	size_t length = utf8_length(scan->at, (size_t)(scan->end - scan->at));

	if (*scan->at == '\0') {
		scan_stop(scan, "a NUL octet stands here; remove it");
		return;
	}
	if (length == 0) {
		scan_stop(scan, "this is not UTF-8; save the file in UTF-8");
		return;
	}
	text_append_bytes(&scan->out->text, scan->at, length);
	if (*scan->at == '\n') {
		scan->line++;
		scan->out->lines++;
	}
	scan->at += length;
}

/* A fault unless the text was cut short here, which has been said. */
static void never_ends(struct scan *scan, unsigned began, const char *sentence)
{
	if (!scan->out->stopped)
		faults_add(scan->faults, scan->file, began, "", "%s", sentence);
}

static void scan_line_comment(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\n')
		scan_character(scan);
}

/* libconfig takes the rest of the file as comment and says nothing. */
static void scan_block_comment(struct scan *scan)
{
	unsigned began = scan->line;

	scan_character(scan);
	scan_character(scan);
	while (scan->at < scan->end) {
		if (scan_sees(scan, "*/")) {
			scan_character(scan);
			scan_character(scan);
			return;
		}
		scan_character(scan);
	}
	never_ends(scan, began, "this comment never ends; write */ where it does");
	text_append(&scan->out->text, "*/");
}

static bool hex_pair(const struct scan *scan)
{
	return scan->end - scan->at > 3 && isxdigit((unsigned char)scan->at[2]) &&
		isxdigit((unsigned char)scan->at[3]);
}

/* libconfig keeps unknown escapes as they stand, and cuts the string at \x00. */
static void scan_escape(struct scan *scan)
{
	char escaped = scan->end - scan->at > 1 ? scan->at[1] : '\0';

	if (escaped == 'x' && hex_pair(scan)) {
		if (scan->at[2] == '0' && scan->at[3] == '0')
			scan_fault(scan, "\\x00 would cut the string here; remove it");
		else if (scan->at[2] > '7')
			scan_fault(scan,
				"\\x80 to \\xff are not characters by "
				"themselves; write the character in UTF-8");
	} else if (!escaped || !strchr("nrtf\\\"", escaped)) {
		scan_fault(scan,
			"this escape is not known; write \\\\ for a backslash, "
			"or one of \\n \\r \\t \\f \\\" \\x41");
	}
	scan_character(scan);
	if (scan->at < scan->end)
		scan_character(scan);
}

/*
 * libconfig joins strings that follow each other. In a group that divides a long
 * sentence; in a list a comma is missing, and "a" "b" would quietly be the one name "ab".
 */
static void scan_string(struct scan *scan)
{
	unsigned began = scan->line;

	if (scan->out->after_string && scan->out->lists & 1)
		scan_fault(scan, "a comma is missing before this string; write ( A, B )");
	scan->out->after_string = true;
	scan_character(scan);
	while (scan->at < scan->end) {
		if (*scan->at == '\\') {
			scan_escape(scan);
		} else if (*scan->at == '"') {
			scan_character(scan);
			return;
		} else {
			scan_character(scan);
		}
	}
	never_ends(scan, began, "this string never ends; write \" where it does");
	text_append_char(&scan->out->text, '"');
}

static bool in_word(char character)
{
	return isalnum((unsigned char)character) || strchr("_*-", character);
}

/* A name or true, false; its digits are no number. */
static void scan_word(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\0' && in_word(*scan->at))
		scan_character(scan);
}

/*
 * libconfig cuts an integer without "L" to 32 bit: 5000000000 becomes 705032704, which
 * may even lie in range. So it gets its L here, and the range of its key says the rest;
 * what exceeds 64 bit becomes the largest number for the same end.
 */
static void emit_integer(struct scan *scan, const char *token, size_t length)
{
	bool hex = length > 2 && (token[1] == 'x' || token[1] == 'X');
	char digits[64] = "";
	long long value;

	if (length >= sizeof(digits)) {
		text_append(&scan->out->text, "9223372036854775807L");
		return;
	}
	memcpy(digits, token, length);
	errno = 0;
	value = strtoll(digits, NULL, hex ? 16 : 10);
	if (errno == ERANGE)
		text_format(&scan->out->text, "%lldL", value);
	else if (value > INT32_MAX || value < INT32_MIN)
		text_format(&scan->out->text, "%sL", digits);
	else
		text_append(&scan->out->text, digits);
}

static size_t number_length(const struct scan *scan)
{
	size_t length = 0, left = (size_t)(scan->end - scan->at);
	bool hex;

	if (*scan->at == '-' || *scan->at == '+')
		length++;
	hex = scan_sees(scan, "0x") || scan_sees(scan, "0X");
	if (hex)
		length += 2;
	while (length < left &&
		(hex ? isxdigit((unsigned char)scan->at[length])
		     : isdigit((unsigned char)scan->at[length])))
		length++;
	return length;
}

/* A float is no integer and goes out as it stands. */
static void scan_float(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\0' &&
		(isalnum((unsigned char)*scan->at) || strchr(".+-", *scan->at)))
		scan_character(scan);
}

/* The L that was written, once: libconfig does not care for a second one. */
static void scan_suffix(struct scan *scan)
{
	const struct text *text = &scan->out->text;

	for (; scan->at < scan->end && *scan->at == 'L'; scan->at++) {
		if (text->length > 0 && text->data[text->length - 1] != 'L')
			text_append_char(&scan->out->text, 'L');
	}
}

static void scan_number(struct scan *scan)
{
	size_t length = number_length(scan);
	const char *after = scan->at + length;

	if (after < scan->end && *after != '\0' && strchr(".eE", *after)) {
		scan_float(scan);
		return;
	}
	emit_integer(scan, scan->at, length);
	scan->at = after;
	scan_suffix(scan);
}

static bool number_begins(const struct scan *scan)
{
	const char *digit = scan->at;

	if (*digit == '-' || *digit == '+')
		digit++;
	return digit < scan->end && isdigit((unsigned char)*digit);
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* The opening quote of @include "FILE", or NULL: at a line's beginning only. */
static const char *include_quote(const struct scan *scan)
{
	static const char word[] = "@include";
	const size_t length = sizeof(word) - 1;
	const char *at = skip_blanks(scan->at, scan->end);
	const char *quote;

	if ((size_t)(scan->end - at) <= length || memcmp(at, word, length) != 0)
		return NULL;
	quote = skip_blanks(at + length, scan->end);
	return quote > at + length && quote < scan->end && *quote == '"' ? quote : NULL;
}

static bool scan_include(struct scan *scan)
{
	char name[PATH_MAX] = "";
	const char *at = include_quote(scan);
	size_t length = 0;

	if (!at)
		return false;
	for (at++; at < scan->end && *at != '"' && *at != '\n'; at++) {
		if (*at == '\\' && at + 1 < scan->end)
			at++;
		if (length < sizeof(name) - 1)
			name[length++] = *at;
	}
	scan->at = at;
	if (at == scan->end || *at == '\n') {
		scan_fault(scan, "the file name never ends; write @include \"FILE\"");
	} else {
		scan->at++;
		scan->include(scan, name);
	}
	return true;
}

/* White space, or what stands between values. */
static void scan_mark(struct scan *scan)
{
	struct scan_out *out = scan->out;
	char mark = *scan->at;

	if (mark == '(' || mark == '[')
		out->lists = out->lists << 1 | 1;
	else if (mark == '{')
		out->lists <<= 1;
	else if (mark == ')' || mark == ']' || mark == '}')
		out->lists >>= 1;
	if (!isspace((unsigned char)mark))
		out->after_string = false;
	scan_character(scan);
}

static void scan_token(struct scan *scan)
{
	if (*scan->at == '"')
		scan_string(scan);
	else if (*scan->at == '#' || scan_sees(scan, "//"))
		scan_line_comment(scan);
	else if (scan_sees(scan, "/*"))
		scan_block_comment(scan);
	else if (number_begins(scan))
		scan_number(scan);
	else if (*scan->at != '\0' && in_word(*scan->at))
		scan_word(scan);
	else
		scan_mark(scan);
}

void scan_run(struct scan *scan)
{
	bool line_begins = true;

	if (scan_sees(scan, "\xef\xbb\xbf")) {
		scan_fault(scan, "a byte order mark stands before the text; remove it");
		scan->at += 3;
	}
	while (scan->at < scan->end && !scan->out->stopped &&
		!text_failed(&scan->out->text)) {
		if (!line_begins || !scan_include(scan))
			scan_token(scan);
		line_begins = scan->at[-1] == '\n';
	}
}
