/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/tls_policy.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

static bool refuse_word(const struct tls_policy *policy, char *why, size_t why_size)
{
	char quoted[80];

	text_copy_printable(quoted, sizeof(quoted), policy->trust, strlen(policy->trust));
	snprintf(why, why_size,
		"trust \"%s\" is not known; write \"system\", \"report\", \"any\", "
		"\"pin:\" with the certificate's SHA-256 fingerprint or \"ca:\" with a "
		"PEM file",
		quoted);
	return false;
}

static bool prepare_pin(
	struct tls_policy *policy, const char *text, char *why, size_t why_size)
{
	uint8_t pin[TLS_PIN_OCTETS];

	policy->manner = TLS_TRUST_PIN;
	if (!tls_pin_parse(text, pin)) {
		snprintf(why, why_size,
			"trust: after \"pin:\" stand the 64 hexadecimal digits of the "
			"certificate's SHA-256 fingerprint, with or without colons, as "
			"openssl x509 -noout -fingerprint -sha256 prints them");
		return false;
	}
	if (tls_trust_new_pinned(pin, &policy->own) == 0)
		return true;
	snprintf(why, why_size, "trust: out of memory");
	return false;
}

static bool prepare_file(
	struct tls_policy *policy, const char *path, char *why, size_t why_size)
{
	char quoted[160];
	int error;

	policy->manner = TLS_TRUST_FILE;
	if (*path != '/') {
		snprintf(why, why_size,
			"trust: after \"ca:\" stands the whole path of a PEM file, from "
			"the first slash on");
		return false;
	}
	error = tls_trust_take(path, &policy->own);
	if (error == 0)
		return true;
	text_copy_printable(quoted, sizeof(quoted), path, strlen(path));
	snprintf(why, why_size, "trust: %s %s; write a PEM file with the authorities",
		quoted,
		error == -EINVAL ? "holds no certificate" : strerrordesc_np(-error));
	return false;
}

bool tls_policy_prepare(struct tls_policy *policy, char *why, size_t why_size)
{
	static const struct {
		const char *word;
		enum tls_policy_manner manner;
	} words[] = {
		{ "system", TLS_TRUST_SYSTEM },
		{ "report", TLS_TRUST_REPORT },
		{ "any", TLS_TRUST_ANY },
	};
	const char *trust = policy->trust;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(trust, words[i].word) == 0) {
			policy->manner = words[i].manner;
			return true;
		}
	}
	if (strncmp(trust, "pin:", 4) == 0)
		return prepare_pin(policy, trust + 4, why, why_size);
	if (strncmp(trust, "ca:", 3) == 0)
		return prepare_file(policy, trust + 3, why, why_size);
	return refuse_word(policy, why, why_size);
}

void tls_policy_release(struct tls_policy *policy)
{
	tls_trust_free(policy->own);
	policy->own = NULL;
}

const struct tls_trust *tls_policy_trust(
	const struct tls_policy *policy, const struct probe_services *services)
{
	return policy->own ? policy->own : services->trust;
}

struct finding tls_policy_judge(
	const struct tls_policy *policy, const struct tls_facts *facts)
{
	struct finding finding =
		tls_judge(facts, clock_wall_us(), policy->expire_soon_us);

	assert(policy->manner != TLS_TRUST_UNPREPARED);
	if (policy->manner == TLS_TRUST_ANY)
		return finding_of(CAUSE_NONE);
	if (policy->manner == TLS_TRUST_REPORT && finding.verdict == VERDICT_FAILED)
		finding.verdict = VERDICT_DEGRADED;
	return finding;
}
