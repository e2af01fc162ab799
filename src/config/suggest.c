/* SPDX-License-Identifier: Apache-2.0 */
#include "config/suggest.h"

#include <string.h>

#define WORD_MAX 64

static unsigned least(unsigned left, unsigned right)
{
	return left < right ? left : right;
}

/* One row of the table from the two before it. */
static void distance_row(unsigned rows[3][WORD_MAX + 1], const char *left, size_t i,
	const char *right, size_t right_length)
{
	unsigned *before = rows[(i + 1) % 3], *above = rows[(i + 2) % 3];
	unsigned *row = rows[i % 3];

	row[0] = (unsigned)i;
	for (size_t j = 1; j <= right_length; j++) {
		bool same = left[i - 1] == right[j - 1];

		row[j] = least(above[j], row[j - 1]) + 1;
		row[j] = least(row[j], above[j - 1] + (same ? 0 : 1));
		if (i > 1 && j > 1 && left[i - 1] == right[j - 2] &&
			left[i - 2] == right[j - 1])
			row[j] = least(row[j], before[j - 2] + 1);
	}
}

unsigned edit_distance(const char *left, const char *right)
{
	size_t left_length = strlen(left), right_length = strlen(right);
	unsigned rows[3][WORD_MAX + 1];

	if (left_length > WORD_MAX || right_length > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= right_length; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= left_length; i++)
		distance_row(rows, left, i, right, right_length);
	return rows[left_length % 3][right_length];
}

void suggestion_offer(struct suggestion *suggestion, const char *word)
{
	unsigned distance = edit_distance(suggestion->wrong, word);
	unsigned bearable = ((unsigned)strlen(suggestion->wrong) + 1) / 3;

	text_format(&suggestion->known, "%s%s", suggestion->known.length > 0 ? ", " : "",
		word);
	if (distance > bearable || (suggestion->best && distance >= suggestion->distance))
		return;
	suggestion->best = word;
	suggestion->distance = distance;
}

void suggestion_done(struct suggestion *suggestion)
{
	text_done(&suggestion->known);
}
