/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing text. It is bounded only by memory: running out is remembered, further
 * appends do nothing, and the owner asks text_failed() once, at the end.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *data; /* NUL terminated once anything was appended */
	size_t length;
	size_t capacity;
	bool failed;
};

void text_append(struct text *text, const char *string);
void text_append_bytes(struct text *text, const char *bytes, size_t length);
void text_append_char(struct text *text, char character);
void text_format(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** HTML character data and attribute values: & < > " ' become entities. */
void text_append_html(struct text *text, const char *string);

/** What text_reserve() does when there is no room; not to be called otherwise. */
void text_grow(struct text *text, size_t more);

/**
 * Makes room for so many more bytes and a NUL, so that the next appends do not allocate.
 */
static inline void text_reserve(struct text *text, size_t more)
{
	if (text->capacity - text->length <= more)
		text_grow(text, more);
}

static inline bool text_failed(const struct text *text)
{
	return text->failed;
}

/** Empties the text and keeps its memory. */
void text_clear(struct text *text);

/** Frees the memory of the text, not the struct; fine on a zeroed or done text. */
void text_done(struct text *text);

/** Hands the memory over to the caller, who frees it; NULL if an append had failed. */
char *text_release(struct text *text, size_t *ret_length);

/** Copies what fits and always terminates. \retval false  the text was cut. */
bool text_copy(char *destination, size_t size, const char *source);

/** For text_join(): a list of texts where it is needed. */
#define TEXT_PARTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/**
 * Copies texts one after the other, NULL ends them, as far as they fit, and terminates.
 * As snprintf() with "%s%s…", which takes 600 instructions for each of them.
 * \return their length; size or more: it was cut
 */
size_t text_join(char *destination, size_t size, const char *const *parts);

/** Room for text_decimal(). */
#define DECIMAL_TEXT_MAX 21

/** \return where in buffer the number begins; it ends with a NUL */
const char *text_decimal(uint64_t number, char buffer[static DECIMAL_TEXT_MAX]);

/**
 * Copies untrusted bytes as printable ASCII: others become \xNN, a backslash doubles.
 * Cut at the last whole character that fits.
 */
void text_copy_printable(
	char *destination, size_t size, const char *bytes, size_t length);

/**
 * Reads "250ms", "30s", "5m", "2h", "1d" or a sum of them ("1m30s") as microseconds.
 * A bare number is refused: its unit would be a guess.
 */
bool duration_parse(const char *text, int64_t *ret_micros);

/** Prints with the largest unit that divides: "90s" for 90 seconds, "5m" for 300. */
const char *duration_format(int64_t micros, char *buffer, size_t size);

/** FNV-1a, 64 bit: the hash behind phases and shards; the same on every machine. */
uint64_t text_hash(const char *string);

#endif
