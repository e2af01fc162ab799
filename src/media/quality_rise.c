/* SPDX-License-Identifier: Apache-2.0 */
/* The longest run of answers whose numbers rise (Schensted 1961), to find those that do
 * not belong. */
#include <string.h>

#include "media/quality_parts.h"

/* What the search keeps, in memory that later parts of the measure need for their own. */
struct rise {
	const struct quality_entry *entries;
	int64_t *ends; /* by length: the entry with the least number that ends such a run
			*/
	struct quality_arrival *before; /* sent_ns: the entry before each, or -1 */
	size_t length;
};

static uint32_t number_at(const struct rise *rise, int64_t entry)
{
	return rise->entries[entry].reply.reflected;
}

/* The first length whose end is not below this number. */
static size_t place_of(const struct rise *rise, uint32_t number)
{
	size_t low = 0, high = rise->length;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (number_at(rise, rise->ends[middle]) < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add(struct rise *rise, size_t entry)
{
	size_t place = place_of(rise, number_at(rise, (int64_t)entry));

	rise->before[entry].sent_ns = place > 0 ? rise->ends[place - 1] : -1;
	rise->ends[place] = (int64_t)entry;
	if (place == rise->length)
		rise->length++;
}

size_t quality_mark_rise(struct quality_log *log, size_t count)
{
	struct rise rise = {
		.entries = log->replies, .ends = log->times, .before = log->arrivals
	};
	int64_t at;

	memset(log->fates, 0, log->capacity);
	for (size_t i = 0; i < count; i++)
		add(&rise, i);
	at = rise.length > 0 ? rise.ends[rise.length - 1] : -1;
	for (; at >= 0; at = rise.before[at].sent_ns)
		log->fates[at] = 1;
	return rise.length;
}
