/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/doubt.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

static bool is_date(enum cause cause)
{
	return cause == CAUSE_TLS_EXPIRED || cause == CAUSE_TLS_NOT_YET_VALID;
}

/* The offset that is best for our clock. \retval false  no time server was heard */
static bool least_offset(const struct store *store, int64_t *ret_offset_us)
{
	bool heard = false;

	for (size_t i = 0; i < store_size(store); i++) {
		const struct outcome *last = &store_record(store, i)->last;

		if (!last->clock_compared ||
			(heard && llabs(last->clock_offset_us) >= llabs(*ret_offset_us)))
			continue;
		*ret_offset_us = last->clock_offset_us;
		heard = true;
	}
	return heard;
}

void doubt_dates(const struct store *store, struct finding *finding)
{
	int64_t offset_us = 0;

	if (!is_date(finding->cause) || !least_offset(store, &offset_us) ||
		llabs(offset_us) < CLOCK_WRONG)
		return;
	*finding = finding_of(CAUSE_LOCAL_CLOCK);
	finding->evidence.kind = EVIDENCE_LOCAL;
	snprintf(finding->evidence.detail, sizeof(finding->evidence.detail),
		"time servers say it is %.0f s %s", SECONDS_OF(llabs(offset_us)),
		offset_us > 0 ? "behind" : "ahead");
}

struct finding doubt_of_lag(int64_t late_us)
{
	struct finding finding = finding_of(CAUSE_LOCAL_RESOURCE);

	finding.evidence.kind = EVIDENCE_LOCAL;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		"the loop was held up for %lld ms", (long long)(late_us / MILLISECOND));
	return finding;
}
