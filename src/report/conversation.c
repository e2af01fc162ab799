/* SPDX-License-Identifier: Apache-2.0 */
#include "report/conversation.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "report/columns.h"
#include "report/moment.h"

/* Octets of a row of a dump, and its rows: what was kept beyond them tells no more. */
#define DUMP_WIDTH    16
#define DUMP_ROWS_MAX 20

/* Columns of the time in front. */
#define TIME_WIDTH 9

/*
 * Characters that are no text here: C0 but for tabs and line ends, DEL and C1, and of
 * Unicode those that have no width or turn the direction of writing.
 */
static const struct {
	char first[4], last[4];
} refused[] = {
	{ "\x00", "\x08" }, { "\x0b", "\x0c" }, { "\x0e", "\x1f" }, { "\x7f", "\x7f" },
	{ "\xc2\x80", "\xc2\x9f" },
	{ "\xe2\x80\x8b", "\xe2\x80\x8f" }, /* U+200B to U+200F */
	{ "\xe2\x80\xa8", "\xe2\x80\xae" }, /* U+2028 to U+202E */
	{ "\xe2\x81\xa0", "\xe2\x81\xaf" }, /* U+2060 to U+206F */
	{ "\xef\xbb\xbf", "\xef\xbb\xbf" }, /* U+FEFF */
};

#define REFUSED_COUNT (sizeof(refused) / sizeof(refused[0]))

/* Of two characters in UTF-8 the greater number is the greater string. */
static bool is_refused(const uint8_t *octets, size_t length)
{
	for (size_t i = 0; i < REFUSED_COUNT; i++) {
		if (memcmp(octets, refused[i].first, length) >= 0 &&
			memcmp(octets, refused[i].last, length) <= 0)
			return true;
	}
	return false;
}

size_t conversation_readable(const uint8_t *octets, size_t length, bool cut)
{
	size_t at = 0;

	while (at < length) {
		size_t whole = utf8_length((const char *)octets + at, length - at);

		if (whole == 0)
			return cut && length - at < 4 && octets[at] >= 0xc2 ? at : 0;
		if (is_refused(octets + at, whole))
			return 0;
		at += whole;
	}
	return at;
}

size_t conversation_readable_entry(
	const struct transcript *transcript, const struct transcript_entry *entry)
{
	return conversation_readable(transcript->octets + entry->begin, entry->kept,
		entry->kept < entry->length);
}

static void append_blanks(struct text *text, size_t count)
{
	while (count-- > 0)
		text_append_char(text, ' ');
}

/* One line; what is too long for it goes on in the next. */
static void append_line(
	struct text *text, const uint8_t *octets, size_t length, size_t indent)
{
	size_t column = 0;

	for (size_t at = 0, whole; at < length; at += whole) {
		whole = utf8_length((const char *)octets + at, length - at);
		if (octets[at] == '\r')
			continue;
		if (column == COLUMNS_MAX - indent) {
			text_append_char(text, '\n');
			column = 0;
		}
		if (column++ == 0)
			append_blanks(text, indent);
		if (octets[at] == '\t')
			text_append_char(text, ' ');
		else
			text_append_bytes(text, (const char *)octets + at, whole);
	}
	text_append_char(text, '\n');
}

/* All lines but the empty ones at the end. */
static void append_readable(
	struct text *text, const uint8_t *octets, size_t length, size_t indent)
{
	const uint8_t *end = octets + length;

	while (end > octets && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	while (octets < end) {
		const uint8_t *line_end = memchr(octets, '\n', (size_t)(end - octets));

		if (!line_end)
			line_end = end;
		append_line(text, octets, (size_t)(line_end - octets), indent);
		octets = line_end < end ? line_end + 1 : end;
	}
}

static void append_dump_row(
	struct text *text, const uint8_t *octets, size_t offset, size_t count)
{
	text_format(text, "%04zx ", offset);
	for (size_t i = 0; i < DUMP_WIDTH; i++) {
		if (i < count)
			text_format(text, " %02x", octets[offset + i]);
		else
			text_append(text, "   ");
	}
	text_append(text, "  ");
	for (size_t i = 0; i < count; i++) {
		uint8_t octet = octets[offset + i];

		text_append_char(text, octet >= ' ' && octet < 0x7f ? (char)octet : '.');
	}
	text_append_char(text, '\n');
}

static void append_dump(
	struct text *text, const uint8_t *octets, size_t length, size_t indent)
{
	for (size_t row = 0; row < DUMP_ROWS_MAX && row * DUMP_WIDTH < length; row++) {
		size_t offset = row * DUMP_WIDTH;
		size_t left = length - offset;

		append_blanks(text, indent);
		append_dump_row(
			text, octets, offset, left < DUMP_WIDTH ? left : DUMP_WIDTH);
	}
}

static void append_heading(
	const struct transcript_entry *entry, enum language language, struct text *text)
{
	static const char *const words[2][LANGUAGE_COUNT] = {
		[TRANSCRIPT_SENT] = { "sent", "gesendet" },
		[TRANSCRIPT_RECEIVED] = { "received", "empfangen" },
	};
	static const char *const units[LANGUAGE_COUNT] = { "bytes", "Bytes" };
	static const char *const cut[LANGUAGE_COUNT] = {
		", here the first ",
		", hier die ersten ",
	};

	text_append(text, words[entry->side][language]);
	text_format(text, ", %" PRIu32 " %s", entry->length, units[language]);
	if (entry->kept < entry->length)
		text_format(text, "%s%u", cut[language], entry->kept);
	text_append_char(text, '\n');
}

static void append_octets(const struct transcript *transcript,
	const struct transcript_entry *entry, size_t indent, struct text *text)
{
	const uint8_t *octets = transcript->octets + entry->begin;
	size_t readable = conversation_readable_entry(transcript, entry);

	if (readable > 0)
		append_readable(text, octets, readable, indent);
	else
		append_dump(text, octets, entry->kept, indent);
}

/* Wrapped beside its time, which stands where the paragraph is indented. */
static void append_note(const struct transcript *transcript,
	const struct transcript_entry *entry, enum language language, size_t indent,
	struct text *text)
{
	struct text note = { 0 }, lines = { 0 };

	conversation_write_note(
		transcript->octets + entry->begin, entry->kept, language, &note);
	if (!text_failed(&note) && note.data)
		columns_wrap(&lines, note.data, indent);
	if (text_failed(&note) || text_failed(&lines))
		text->failed = true;
	else if (lines.length > indent)
		text_append(text, lines.data + indent);
	text_done(&note);
	text_done(&lines);
}

static void append_entry(const struct transcript *transcript,
	const struct transcript_entry *entry, enum language language, size_t indent,
	struct text *text)
{
	char after[MOMENT_TEXT_MAX];

	append_blanks(text, indent);
	columns_fill(text,
		moment_duration(entry->after_us, language, after, sizeof(after)),
		TIME_WIDTH);
	indent += TIME_WIDTH;
	if (entry->side == TRANSCRIPT_NOTE) {
		append_note(transcript, entry, language, indent, text);
		return;
	}
	append_heading(entry, language, text);
	append_octets(transcript, entry, indent + 2, text);
}

void conversation_write(const struct transcript *transcript, enum language language,
	size_t indent, struct text *text)
{
	static const char *const left_out[LANGUAGE_COUNT] = {
		"more was said than was kept",
		"es wurde mehr gesagt, als aufgehoben ist",
	};

	for (unsigned i = 0; i < transcript->entries_used; i++)
		append_entry(transcript, &transcript->entries[i], language, indent, text);
	if (transcript->left_out > 0) {
		append_blanks(text, indent + TIME_WIDTH);
		text_format(text, "%s (%" PRIu32 ")\n", left_out[language],
			transcript->left_out);
	}
}
