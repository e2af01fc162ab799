/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was said in a run, for people: readable octets as they are, all others as a dump
 * of hexadecimal rows. The same lines on the terminal and on the page; JSON has the same
 * division.
 */
#ifndef REPORT_CONVERSATION_H
#define REPORT_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cause.h"
#include "base/text.h"
#include "base/transcript.h"

/**
 * Can be shown as it is: well-formed UTF-8 whose only control characters are tabs and
 * line ends, and nothing that turns the direction of writing or takes no room. An end
 * that was cut within a character does not count against it. \param cut  there was more
 * \return how much of it is whole characters; 0 if it is no text
 */
size_t conversation_readable(const uint8_t *octets, size_t length, bool cut);

/** An entry as conversation_readable() takes it. */
size_t conversation_readable_entry(
	const struct transcript *transcript, const struct transcript_entry *entry);

/** A note of ours in the reader's language, as far as it is known; printable ASCII. */
void conversation_write_note(
	const uint8_t *note, size_t length, enum language language, struct text *text);

/**
 * Lines from column `indent` on, each with a line end: when, which way, and what. Only
 * printable ASCII and UTF-8; the caller escapes it for HTML.
 */
void conversation_write(const struct transcript *transcript, enum language language,
	size_t indent, struct text *text);

#endif
