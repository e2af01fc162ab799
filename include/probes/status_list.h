/* SPDX-License-Identifier: Apache-2.0 */
/* The statuses that a person accepts, as HTTP and SIP have them: "200-399,401". */
#ifndef PROBES_STATUS_LIST_H
#define PROBES_STATUS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#define STATUS_RANGES_MAX 16

struct status_list {
	struct {
		int first, last;
	} ranges[STATUS_RANGES_MAX];
	size_t count; /* 0 = nothing was said */
};

/**
 * \param text  NULL = nothing said
 * \param most  the largest status there is; the least is 100
 * \param option  its name, for why
 * \retval false  *why says what to write; *ret_list is undefined
 */
bool status_list_parse(const char *text, int most, struct status_list *ret_list,
	const char *option, char *why, size_t why_size);

bool status_list_holds(const struct status_list *list, int status);

#endif
