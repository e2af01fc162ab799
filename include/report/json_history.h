/* SPDX-License-Identifier: Apache-2.0 */
/* What the store remembers, as JSON: state changes, and runs with their conversations. */
#ifndef REPORT_JSON_HISTORY_H
#define REPORT_JSON_HISTORY_H

#include "report/json_parts.h"

/** State changes of a requirement, newest first. */
json_t *json_history(struct json_writer *writer, const struct history *history);

/** Prints the last runs of its checks that were not ok, newest first, with commas. */
void json_print_failed_runs(struct json_writer *writer, const struct store *store,
	const struct requirement_state *state);

#endif
