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

bool summaries_make(const struct store *store, struct summaries *ret_summaries)
{
	const struct plan *plan = store_plan(store);
	struct summaries made = { 0 };

	made.sites = calloc(plan->site_count + 1, sizeof(*made.sites));
	if (!made.sites)
		return false;
	for (size_t i = 0; i < store_requirements(store); i++) {
		struct requirement_state state = store_requirement(store, i);

		summary_add(&made.all, &state);
		summary_add(&made.sites[state.site - plan->sites], &state);
	}
	*ret_summaries = made;
	return true;
}

const struct summary *summaries_site(const struct summaries *summaries,
	const struct store *store, const struct site *site)
{
	return &summaries->sites[site - store_plan(store)->sites];
}

void summaries_done(struct summaries *summaries)
{
	free(summaries->sites);
	*summaries = (struct summaries){ 0 };
}
