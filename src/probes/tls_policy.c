/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/tls_policy.h"

#include "base/clock.h"

struct finding tls_policy_judge(
	const struct tls_policy *policy, const struct tls_facts *facts)
{
	struct finding finding =
		tls_judge(facts, clock_wall_us(), policy->expire_soon_us);

	if (policy->trust == TLS_TRUST_ANY)
		return finding_of(CAUSE_NONE);
	if (policy->trust == TLS_TRUST_REPORT && finding.verdict == VERDICT_FAILED)
		finding.verdict = VERDICT_DEGRADED;
	return finding;
}
