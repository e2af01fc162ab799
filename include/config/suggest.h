/* SPDX-License-Identifier: Apache-2.0 */
/* "did you mean": the known word nearest to a mistyped one. */
#ifndef CONFIG_SUGGEST_H
#define CONFIG_SUGGEST_H

#include <stddef.h>

#include "base/text.h"

/** Words are offered one by one; the nearest stays, and all of them are listed. */
struct suggestion {
	const char *wrong;
	const char *best;  /* NULL = nothing is near */
	unsigned distance; /* of best */
	struct text known; /* "a, b, c"; suggestion_done() frees it */
};

void suggestion_offer(struct suggestion *suggestion, const char *word);
void suggestion_done(struct suggestion *suggestion);

/**
 * Insertions, deletions, replacements and swaps of neighbours between two words: the
 * optimal string alignment distance.
 */
unsigned edit_distance(const char *left, const char *right);

#endif
