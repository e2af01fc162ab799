/* SPDX-License-Identifier: Apache-2.0 */
/* Many requirements in few numbers: of each site, and over all of them. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "engine/store.h"

struct summary {
	size_t rows;   /* requirements that apply */
	size_t tested; /* of these, proven or disproven by a run */
	size_t counts[VERDICT_COUNT];
	enum verdict verdict; /* the worst, see summary_add() */
	bool decided;         /* by a row that is not merely informational */
	size_t first, end;    /* all its rows stand here in the store, others may too */
};

struct summaries {
	struct summary all;
	struct summary *sites; /* in the plan's order */
};

/** Zero the summary to begin. Rows of severity info count, but decide only alone. */
void summary_add(struct summary *summary, const struct requirement_state *state);

/** Rows tested / rows that apply; 0 without rows. */
double summary_completeness(const struct summary *summary);

/**
 * One walk over the store, whatever the number of sites. \retval false  out of memory
 */
bool summaries_make(const struct store *store, struct summaries *ret_summaries);

void summaries_done(struct summaries *summaries);

#endif
