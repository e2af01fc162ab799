/* SPDX-License-Identifier: Apache-2.0 */
/* Rows × sites × targets × families: the checks. */
#ifndef CONFIG_PLAN_H
#define CONFIG_PLAN_H

#include "config/settings.h"

struct plan_input {
	struct arena *arena; /* of the plan */
	const struct settings *settings;
	const struct catalogue *catalogue; /* with kinds and options built */
	const struct site_list *sites;
	const char *requirement;  /* only this one; NULL = all */
	bool ipv6, ipv6_optional; /* IPv6 checks at all; only where there is IPv6 */
	const char *resolv_conf;  /* the host's own name servers */
};

/** Faults go to the documents'. On arena->failed the plan is not whole. */
void plan_build(const struct plan_input *input, struct plan *ret_plan);

#endif
