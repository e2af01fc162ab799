/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sentences that are made while a run is on, when nobody knows who will read them: in
 * English. Here they become German by their shape; what has none stays as it is.
 */
#ifndef REPORT_PHRASE_H
#define REPORT_PHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/** "%" stands for what differs; the same number of them, in the same order, on both. */
struct phrase {
	const char *english, *german;
};

/** The first that fits counts. \retval false  none does, and nothing was appended */
bool phrase_translate(const struct phrase *phrases, size_t count, const char *english,
	struct text *text);

#endif
