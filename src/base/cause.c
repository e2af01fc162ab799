/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cause.h"

#include <string.h>

struct cause_row {
	const char *name;
	enum layer layer;
	enum verdict verdict;
	const char *sentences[LANGUAGE_COUNT];
};

#define CAUSE_ROW(identifier, name, layer, verdict, en, de) \
	[CAUSE_##identifier] = { name, LAYER_##layer, VERDICT_##verdict, { en, de } },

static const struct cause_row causes[CAUSE_COUNT] = { CAUSE_LIST(CAUSE_ROW) };

const char *cause_name(enum cause cause)
{
	return causes[cause].name;
}

enum layer cause_layer(enum cause cause)
{
	return causes[cause].layer;
}

enum verdict cause_verdict(enum cause cause)
{
	return causes[cause].verdict;
}

const char *cause_sentence(enum cause cause, enum language language)
{
	return causes[cause].sentences[language];
}

bool cause_by_name(const char *name, enum cause *ret_cause)
{
	for (enum cause cause = 0; cause < CAUSE_COUNT; cause++) {
		if (strcmp(causes[cause].name, name) == 0) {
			*ret_cause = cause;
			return true;
		}
	}
	return false;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[VERDICT_COUNT] = {
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_OK] = "ok",
		[VERDICT_DEGRADED] = "degraded",
		[VERDICT_FAILED] = "failed",
	};

	return names[verdict];
}

enum verdict verdict_worse(enum verdict left, enum verdict right)
{
	static const int rank[VERDICT_COUNT] = {
		[VERDICT_OK] = 0,
		[VERDICT_UNKNOWN] = 1,
		[VERDICT_DEGRADED] = 2,
		[VERDICT_FAILED] = 3,
	};

	return rank[left] >= rank[right] ? left : right;
}

enum verdict verdict_of_ways(unsigned seen)
{
	bool ok = seen & 1U << VERDICT_OK;
	bool degraded = seen & 1U << VERDICT_DEGRADED;
	bool failed = seen & 1U << VERDICT_FAILED;

	if (seen == 1U << VERDICT_FAILED)
		return VERDICT_FAILED;
	if (failed || degraded)
		return VERDICT_DEGRADED;
	return ok ? VERDICT_OK : VERDICT_UNKNOWN;
}

const char *layer_name(enum layer layer)
{
	static const char *const names[LAYER_COUNT] = {
		[LAYER_NONE] = "none",
		[LAYER_PATH] = "path",
		[LAYER_LOCAL] = "own host",
		[LAYER_DNS] = "dns",
		[LAYER_TLS] = "tls",
		[LAYER_HTTP] = "http",
		[LAYER_PROTOCOL] = "any protocol",
		[LAYER_NTP] = "ntp",
		[LAYER_LDAP] = "ldap",
		[LAYER_SIP] = "sip",
		[LAYER_XMPP] = "xmpp",
		[LAYER_STUN] = "stun",
		[LAYER_RTP] = "rtp",
		[LAYER_ROW] = "row",
	};

	return names[layer];
}

const char *phase_name(enum phase phase)
{
	static const char *const names[PHASE_COUNT] = {
		[PHASE_RESOLVE] = "resolve",
		[PHASE_CONNECT] = "connect",
		[PHASE_TLS] = "tls",
		[PHASE_REQUEST] = "request",
		[PHASE_RESPONSE] = "response",
	};

	return names[phase];
}

const char *const *language_names(void)
{
	static const char *const names[LANGUAGE_COUNT + 1] = {
		[LANGUAGE_EN] = "en",
		[LANGUAGE_DE] = "de",
	};

	return names;
}

const char *language_name(enum language language)
{
	return language_names()[language];
}
