/* SPDX-License-Identifier: Apache-2.0 */
#include "report/summary.h"

#include <stdlib.h>

/* The worst so far among rows that decide; info rows speak while there are no others. */
static void summary_judge(struct summary *summary, const struct requirement_state *state)
{
	bool decides = state->requirement->severity != SEVERITY_INFO;
	bool first = summary->rows == 0 || (decides && !summary->decided);

	if (!decides && summary->decided)
		return;
	summary->decided = decides;
	summary->verdict =
		first ? state->verdict : verdict_worse(summary->verdict, state->verdict);
}

void summary_add(struct summary *summary, const struct requirement_state *state)
{
	if (!state->worst)
		return; /* nothing of it applies here */
	summary_judge(summary, state);
	summary->rows++;
	summary->tested += state->tested;
	summary->counts[state->verdict]++;
}

double summary_completeness(const struct summary *summary)
{
	return summary->rows > 0 ? (double)summary->tested / (double)summary->rows : 0;
}

static void summary_add_at(
	struct summary *summary, const struct requirement_state *state, size_t index)
{
	if (summary->end == 0)
		summary->first = index;
	summary->end = index + 1;
	summary_add(summary, state);
}

bool summaries_make(const struct store *store, struct summaries *ret_summaries)
{
	const struct plan *plan = store_plan(store);
	struct summaries made = { 0 };

	made.sites = calloc(plan->site_count + 1, sizeof(*made.sites));
	if (!made.sites)
		return false;
	for (size_t i = 0; i < store_requirements(store); i++) {
		struct requirement_state state = store_requirement(store, i);

		summary_add_at(&made.all, &state, i);
		summary_add_at(&made.sites[state.site - plan->sites], &state, i);
	}
	*ret_summaries = made;
	return true;
}

void summaries_done(struct summaries *summaries)
{
	free(summaries->sites);
	*summaries = (struct summaries){ 0 };
}
