/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share; for engine/ itself only. */
#ifndef ENGINE_STORE_PARTS_H
#define ENGINE_STORE_PARTS_H

#include "engine/history.h"

struct plan;
struct record;

struct group {
	size_t first, count;
	struct history history;
};

struct store {
	const struct plan *plan;
	unsigned confirm_at_most;
	bool remembers_all; /* runs, not only those that were not ok */
	bool translated;    /* a run was seen under another address than its own */
	struct record *records;
	struct group *groups; /* a requirement at a site: neighbours in the plan */
	size_t group_count;
	struct conversations conversations;
};

#endif
