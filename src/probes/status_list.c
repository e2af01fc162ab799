/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/status_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_spaces(const char *text)
{
	return text + strspn(text, " ");
}

/* Reads "404" or "200-399" into the next range; moves *text behind it. */
static bool read_range(const char **text, int most, struct status_list *list)
{
	char *end;
	int first = (int)strtoul(skip_spaces(*text), &end, 10);
	int last = first;

	end = (char *)skip_spaces(end);
	if (*end == '-')
		last = (int)strtoul(skip_spaces(end + 1), &end, 10);
	*text = skip_spaces(end);
	if (first < 100 || last > most || last < first)
		return false;
	list->ranges[list->count].first = first;
	list->ranges[list->count].last = last;
	list->count++;
	return true;
}

bool status_list_parse(const char *text, int most, struct status_list *ret_list,
	const char *option, char *why, size_t why_size)
{
	ret_list->count = 0;
	while (text && ret_list->count < STATUS_RANGES_MAX) {
		if (!read_range(&text, most, ret_list))
			break;
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			break;
	}
	if (!text)
		return true;
	snprintf(why, why_size,
		"%s: write up to %d statuses or ranges between 100 and %d, such as "
		"\"200-399,401\"",
		option, STATUS_RANGES_MAX, most);
	return false;
}

bool status_list_holds(const struct status_list *list, int status)
{
	for (size_t i = 0; i < list->count; i++) {
		if (status >= list->ranges[i].first && status <= list->ranges[i].last)
			return true;
	}
	return false;
}
