/* SPDX-License-Identifier: Apache-2.0 */
#include "doubts.h"

#include "engine/doubt.h"

void sound_site_make(struct small_site *small, const struct site_row *rows)
{
	small_site_make(small, rows);
	small_site_tell_all(small, CAUSE_NONE);
}

struct outcome of(
	const struct small_site *small, const char *requirement, enum cause cause)
{
	struct outcome outcome =
		small_site_outcome(small, small_site_row(small, requirement), cause);

	outcome.phase = PHASE_RESPONSE;
	outcome.address =
		address_of(small->rows[small_site_row(small, requirement)].address);
	outcome.finding.verdict = cause_verdict(cause);
	return outcome;
}

void put(struct small_site *small, const char *requirement, const struct outcome *outcome)
{
	small_site_put(small, small_site_row(small, requirement), outcome);
}

void doubt(
	const struct small_site *small, const char *requirement, struct outcome *outcome)
{
	doubt_outcome(small->store, small_site_row(small, requirement), outcome);
}
