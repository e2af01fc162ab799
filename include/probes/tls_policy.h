/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate is held to, one definition for every kind that speaks TLS. Such a
 * kind calls tls_policy_prepare() in its validate(), tls_policy_release() in its
 * release(), opens sessions and transfers with tls_policy_trust() and judges with
 * tls_policy_judge().
 */
#ifndef PROBES_TLS_POLICY_H
#define PROBES_TLS_POLICY_H

#include "engine/probe.h"
#include "net/tls.h"

enum tls_policy_manner {
	TLS_TRUST_UNPREPARED,
	TLS_TRUST_SYSTEM,
	TLS_TRUST_REPORT,
	TLS_TRUST_ANY,
	TLS_TRUST_PIN,
	TLS_TRUST_FILE,
};

struct tls_policy {
	const char *trust;
	int64_t expire_soon_us;

	/* By tls_policy_prepare(). */
	enum tls_policy_manner manner;
	struct tls_trust *own; /* of "pin:" and "ca:"; NULL = the services' */
};

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
		.name = "trust", .type = PROBE_OPTION_STRING,                           \
		.offset = offsetof(kind_options, policy.trust), .fallback = "system",   \
		.help = "\"system\": a certificate that does not verify against the "   \
			"system's authorities fails the check; \"report\": it degrades" \
			" it; \"any\": it is only measured; \"ca:/path.pem\": verified" \
			" against the authorities in this file instead; "               \
			"\"pin:SHA256\": only the certificate with this fingerprint "   \
			"(openssl x509 -fingerprint -sha256) is trusted, whatever its " \
			"issuer and name; its dates still count."                       \
	}

/** \retval false  *why says what to write instead; nothing is held */
bool tls_policy_prepare(struct tls_policy *policy, char *why, size_t why_size);

/** Fine when not prepared. */
void tls_policy_release(struct tls_policy *policy);

/** Against what a session of this policy is verified. */
const struct tls_trust *tls_policy_trust(
	const struct tls_policy *policy, const struct probe_services *services);

/** Judges what was seen of a certificate now, as the policy has it. */
struct finding tls_policy_judge(
	const struct tls_policy *policy, const struct tls_facts *facts);

#endif
