/* SPDX-License-Identifier: Apache-2.0 */
#include "plans.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

static const struct requirement *requirement_of(
	struct small_plan *small, const char *id, const struct probe_kind *kind)
{
	size_t count = small->plan.requirement_count;
	struct requirement *requirement = &small->requirements[count];

	if (count > 0 && strcmp(requirement[-1].id, id) == 0)
		return &requirement[-1];
	*requirement = (struct requirement){
		.id = id,
		.feature = "apps",
		.kind = kind,
		.port_first = 443,
		.port_last = 443,
		.interval_us = 60 * SECOND,
		.confirm_interval_us = 5 * SECOND,
		.timeout_us = 3 * SECOND,
		.confirm = 2,
	};
	small->plan.requirement_count++;
	return requirement;
}

void small_plan_make(struct small_plan *small, const struct plan_row *rows,
	const struct probe_kind *kind)
{
	*small = (struct small_plan){ .site = { .name = "hq" } };
	small->plan.requirements = small->requirements;
	small->plan.sites = &small->site;
	small->plan.site_count = 1;
	small->plan.checks = small->checks;
	for (size_t i = 0; rows[i].requirement; i++) {
		snprintf(small->identities[i], sizeof(small->identities[i]),
			"hq/%s/%s:443/%s", rows[i].requirement, rows[i].host,
			family_name(rows[i].family));
		small->checks[i] = (struct check){
			.identity = small->identities[i],
			.hash = text_hash(small->identities[i]),
			.site = &small->site,
			.requirement = requirement_of(small, rows[i].requirement, kind),
			.host = rows[i].host,
			.port = 443,
			.target = rows[i].host,
			.family = rows[i].family,
			.family_optional = rows[i].optional,
			.fixed_cause = rows[i].fixed,
		};
		small->plan.check_count++;
	}
}
