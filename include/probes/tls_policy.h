/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate is held to, one definition for every kind that speaks TLS. */
#ifndef PROBES_TLS_POLICY_H
#define PROBES_TLS_POLICY_H

#include "engine/probe.h"
#include "net/tls.h"

enum tls_policy_trust { TLS_TRUST_SYSTEM, TLS_TRUST_REPORT, TLS_TRUST_ANY };

struct tls_policy {
	int64_t expire_soon_us;
	int trust; /* enum tls_policy_trust */
};

static const char *const tls_policy_trusts[] = { "system", "report", "any", NULL };

/** Rows of an option table; `type` has a struct tls_policy named `policy`. */
#define TLS_POLICY_OPTIONS(kind_options)                                                \
	{ .name = "expire_soon",                                                        \
		.type = PROBE_OPTION_DURATION,                                          \
		.offset = offsetof(kind_options, policy.expire_soon_us),                \
		.fallback = "14d",                                                      \
		.least = 0,                                                             \
		.most = INT64_C(365) * 24 * 3600 * 1000000,                             \
		.help = "A certificate that expires within this time degrades the "     \
			"result." },                                                    \
	{                                                                               \
		.name = "trust", .type = PROBE_OPTION_CHOICE,                           \
		.offset = offsetof(kind_options, policy.trust), .fallback = "system",   \
		.choices = tls_policy_trusts,                                           \
		.help = "system: a certificate that does not verify against the "       \
			"system's authorities fails the check; report: it degrades it;" \
			" any: it is only measured."                                    \
	}

/** Judges what was seen of a certificate now, as the policy has it. */
struct finding tls_policy_judge(
	const struct tls_policy *policy, const struct tls_facts *facts);

#endif
