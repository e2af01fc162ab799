/* SPDX-License-Identifier: Apache-2.0 */
/* Small plans for tests of the engine floor: one site, one requirement a check row. */
#ifndef ENGINE_PLANS_H
#define ENGINE_PLANS_H

#include "engine/requirement.h"

#define PLAN_CHECKS_MAX 16

struct plan_row {
	const char *requirement; /* rows of the same one must be neighbours */
	const char *host;
	enum family family;
	bool optional;
	enum cause fixed;
};

struct small_plan {
	struct plan plan;
	struct site site;
	struct requirement requirements[PLAN_CHECKS_MAX];
	struct check checks[PLAN_CHECKS_MAX];
	char identities[PLAN_CHECKS_MAX][96];
};

/** Interval 60 s, confirm 2 after 5 s, timeout 3 s, port 443; rows end with a NULL. */
void small_plan_make(struct small_plan *small, const struct plan_row *rows,
	const struct probe_kind *kind);

#endif
