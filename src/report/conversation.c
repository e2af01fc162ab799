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

static bool is_control(const uint8_t *octets, size_t length)
{
	if (length == 1)
		return (octets[0] < ' ' && octets[0] != '\t' && octets[0] != '\n' &&
			       octets[0] != '\r') ||
			octets[0] == 0x7f;
	if (length == 2)
		return octets[0] == 0xc2 && octets[1] < 0xa0; /* C1 */
	/* U+2000 to U+206F: blanks of no width, and what turns the direction of writing
	 */
	return length == 3 &&
		((octets[0] == 0xe2 && (octets[1] == 0x80 || octets[1] == 0x81) &&
			 octets[2] < 0xb0) ||
			(octets[0] == 0xef && octets[1] == 0xbb && octets[2] == 0xbf));
}

size_t conversation_readable(const uint8_t *octets, size_t length, bool cut)
{
	size_t at = 0;

	while (at < length) {
		size_t whole = utf8_length((const char *)octets + at, length - at);

		if (whole == 0)
			return cut && length - at < 4 && octets[at] >= 0xc2 ? at : 0;
		if (is_control(octets + at, whole))
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

static void append_readable_character(
	struct text *text, const uint8_t *octets, size_t length)
{
	if (*octets == '\t')
		text_append_char(text, ' ');
	else
		text_append_bytes(text, (const char *)octets, length);
}

/* Lines as they came, but for those that end it; what is too long goes on in the next. */
static void append_readable(
	struct text *text, const uint8_t *octets, size_t length, size_t indent)
{
	size_t column = 0;

	while (length > 0 && (octets[length - 1] == '\n' || octets[length - 1] == '\r'))
		length--;
	for (size_t at = 0, whole; at < length; at += whole) {
		whole = utf8_length((const char *)octets + at, length - at);
		if (octets[at] == '\r')
			continue;
		if (octets[at] == '\n' || column == COLUMNS_MAX - indent) {
			text_append_char(text, '\n');
			column = 0;
		}
		if (octets[at] == '\n')
			continue;
		if (column++ == 0)
			append_blanks(text, indent);
		append_readable_character(text, octets + at, whole);
	}
	if (length > 0)
		text_append_char(text, '\n');
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
