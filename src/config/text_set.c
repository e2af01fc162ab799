/* SPDX-License-Identifier: Apache-2.0 */
#include "config/text_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool text_set_init(struct text_set *set, size_t count)
{
	/* half empty at the most, so that each search ends soon */
	*set = (struct text_set){ .room = 2 };
	while (set->room < 2 * count)
		set->room *= 2;
	set->slots = calloc(set->room, sizeof(*set->slots));
	return set->slots != NULL;
}

bool text_set_add(struct text_set *set, const char *text)
{
	size_t place = text_hash(text) & (set->room - 1);

	while (set->slots[place]) {
		if (strcmp(set->slots[place], text) == 0)
			return false;
		place = (place + 1) & (set->room - 1);
	}
	set->slots[place] = text;
	return true;
}

void text_set_done(struct text_set *set)
{
	free(set->slots);
	*set = (struct text_set){ 0 };
}
