/* SPDX-License-Identifier: Apache-2.0 */
#include "report/advice.h"

#include <string.h>

#include "engine/probe.h"
#include "report/ports.h"
#include "report/wording.h"

struct row {
	bool rule;
	const char *texts[LANGUAGE_COUNT];
};

#define ADVICE_ROW(identifier, rule, en, de) [ADVICE_##identifier] = { rule, { en, de } },

static const struct row rows[ADVICE_COUNT] = { [ADVICE_MISSING] = { false, { "", "" } },
	ADVICE_LIST(ADVICE_ROW) };

/* What is different for what the PBX is asked stands in the second column. */
static const enum advice by_cause[CAUSE_COUNT][2] = {
	[CAUSE_NONE] = { ADVICE_NOTHING },
	[CAUSE_TIMEOUT] = { ADVICE_DROPS_OUT, ADVICE_DROPS_IN },
	[CAUSE_REFUSED] = { ADVICE_NOBODY_LISTENS_OUT, ADVICE_NOBODY_LISTENS_IN },
	[CAUSE_RESET] = { ADVICE_CUT_OFF },
	[CAUSE_CLOSED_EARLY] = { ADVICE_CUT_OFF },
	[CAUSE_NO_ANSWER] = { ADVICE_CUT_OFF },
	[CAUSE_ICMP_NET_UNREACHABLE] = { ADVICE_ROUTE },
	[CAUSE_ICMP_HOST_UNREACHABLE] = { ADVICE_LAST_ROUTER },
	[CAUSE_ICMP_PROTO_UNREACHABLE] = { ADVICE_PROHIBITS },
	[CAUSE_ICMP_PORT_UNREACHABLE] = { ADVICE_NOBODY_LISTENS_OUT,
		ADVICE_NOBODY_LISTENS_IN },
	[CAUSE_ICMP_NET_PROHIBITED] = { ADVICE_PROHIBITS },
	[CAUSE_ICMP_HOST_PROHIBITED] = { ADVICE_PROHIBITS },
	[CAUSE_ICMP_ADMIN_PROHIBITED] = { ADVICE_PROHIBITS },
	[CAUSE_ICMP6_NO_ROUTE] = { ADVICE_ROUTE },
	[CAUSE_ICMP6_ADMIN_PROHIBITED] = { ADVICE_PROHIBITS },
	[CAUSE_ICMP6_ADDR_UNREACHABLE] = { ADVICE_LAST_ROUTER },
	[CAUSE_ICMP6_PORT_UNREACHABLE] = { ADVICE_NOBODY_LISTENS_OUT,
		ADVICE_NOBODY_LISTENS_IN },
	[CAUSE_ICMP6_POLICY_FAIL] = { ADVICE_PROHIBITS },
	[CAUSE_ICMP6_REJECT_ROUTE] = { ADVICE_ROUTE },
	[CAUSE_TTL_EXCEEDED] = { ADVICE_LOOP },
	[CAUSE_MTU_BLACKHOLE] = { ADVICE_MTU },
	[CAUSE_FLAPPING] = { ADVICE_FLAPPING },
	[CAUSE_ADDRESS_PARTIAL] = { ADVICE_PARTIAL },
	[CAUSE_ARP_FAILED] = { ADVICE_HOST_GONE },
	[CAUSE_WRONG_SOURCE] = { ADVICE_WRONG_SOURCE },
	[CAUSE_NAT_REWRITE] = { ADVICE_NAT },
	[CAUSE_NAT_SYMMETRIC] = { ADVICE_NAT },
	[CAUSE_LOCAL_NO_ROUTE] = { ADVICE_OWN_ROUTE },
	[CAUSE_LOCAL_ARP_FAILED] = { ADVICE_OWN_GATEWAY },
	[CAUSE_LOCAL_LINK_DOWN] = { ADVICE_OWN_LINK },
	[CAUSE_LOCAL_RESOURCE] = { ADVICE_OWN_RESOURCES },
	[CAUSE_LOCAL_DENIED] = { ADVICE_OWN_FIREWALL },
	[CAUSE_LOCAL_CLOCK] = { ADVICE_OWN_CLOCK },
	[CAUSE_DNS_NXDOMAIN] = { ADVICE_DNS_NAME },
	[CAUSE_DNS_NODATA] = { ADVICE_DNS_FAMILY },
	[CAUSE_DNS_SERVFAIL] = { ADVICE_DNS_SERVER },
	[CAUSE_DNS_REFUSED] = { ADVICE_DNS_SERVER },
	[CAUSE_DNS_TIMEOUT] = { ADVICE_DNS_SILENT },
	[CAUSE_DNS_UNREACHABLE] = { ADVICE_DNS_SILENT },
	[CAUSE_DNS_TRUNCATED_NO_TCP] = { ADVICE_DNS_TCP },
	[CAUSE_DNS_WRONG_ADDRESS] = { ADVICE_DNS_WRONG },
	[CAUSE_DNS_GARBAGE] = { ADVICE_DNS_FORGED },
	[CAUSE_DNS_BAD_ID] = { ADVICE_DNS_FORGED },
	[CAUSE_DNS_CNAME_LOOP] = { ADVICE_DNS_ALIASES },
	[CAUSE_TLS_EXPIRED] = { ADVICE_TLS_RENEW },
	[CAUSE_TLS_NOT_YET_VALID] = { ADVICE_TLS_CLOCK },
	[CAUSE_TLS_WRONG_HOST] = { ADVICE_TLS_NAME },
	[CAUSE_TLS_SELF_SIGNED] = { ADVICE_TLS_OWN_AUTHORITY },
	[CAUSE_TLS_UNTRUSTED] = { ADVICE_TLS_OWN_AUTHORITY },
	[CAUSE_TLS_INCOMPLETE_CHAIN] = { ADVICE_TLS_CHAIN },
	[CAUSE_TLS_PROTOCOL_VERSION] = { ADVICE_TLS_VERSION },
	[CAUSE_TLS_OLD_VERSION_ACCEPTED] = { ADVICE_TLS_OLD },
	[CAUSE_TLS_WEAK_KEY] = { ADVICE_TLS_WEAK },
	[CAUSE_TLS_EXPIRING_SOON] = { ADVICE_TLS_SOON },
	[CAUSE_TLS_HANDSHAKE_FAILURE] = { ADVICE_TLS_HANDSHAKE },
	[CAUSE_TLS_INTERCEPTED] = { ADVICE_TLS_INTERCEPTED },
	[CAUSE_HTTP_STATUS] = { ADVICE_HTTP_STATUS },
	[CAUSE_HTTP_REDIRECT] = { ADVICE_HTTP_REDIRECT },
	[CAUSE_HTTP_REDIRECT_LOOP] = { ADVICE_HTTP_REDIRECT },
	[CAUSE_CAPTIVE_PORTAL] = { ADVICE_PORTAL },
	[CAUSE_HTTP_EMPTY_REPLY] = { ADVICE_HTTP_BROKEN },
	[CAUSE_HTTP_TRUNCATED] = { ADVICE_HTTP_BROKEN },
	[CAUSE_HTTP_BAD_FRAMING] = { ADVICE_HTTP_BROKEN },
	[CAUSE_HTTP_TIMEOUT] = { ADVICE_HTTP_BROKEN },
	[CAUSE_GARBAGE] = { ADVICE_STRANGER },
	[CAUSE_WRONG_PROTOCOL] = { ADVICE_STRANGER },
	[CAUSE_SLOW] = { ADVICE_SLOW },
	[CAUSE_NTP_UNSYNCHRONISED] = { ADVICE_NTP_SOURCE },
	[CAUSE_NTP_KOD] = { ADVICE_NTP_KISS },
	[CAUSE_NTP_OFFSET] = { ADVICE_NTP_OFFSET },
	[CAUSE_NTP_BAD_ORIGIN] = { ADVICE_NTP_FORGED },
	[CAUSE_LDAP_BIND_REFUSED] = { ADVICE_LDAP_BIND },
	[CAUSE_LDAP_RESULT] = { ADVICE_LDAP_RESULT },
	[CAUSE_SIP_STATUS] = { ADVICE_SIP_STATUS },
	[CAUSE_SIP_NO_FINAL] = { ADVICE_SIP_UNFINISHED },
	[CAUSE_SIP_MISMATCH] = { ADVICE_SIP_MISMATCH },
	[CAUSE_SIP_ALG] = { ADVICE_SIP_ALG },
	[CAUSE_XMPP_NO_STARTTLS] = { ADVICE_XMPP_STARTTLS },
	[CAUSE_XMPP_STREAM_ERROR] = { ADVICE_XMPP_STREAM },
	[CAUSE_XMPP_SEE_OTHER_HOST] = { ADVICE_XMPP_ELSEWHERE },
	[CAUSE_XMPP_STARTTLS_FAILURE] = { ADVICE_XMPP_STARTTLS },
	[CAUSE_STUN_MISMATCH] = { ADVICE_STUN_MISMATCH },
	[CAUSE_STUN_ERROR] = { ADVICE_STUN_ERROR },
	[CAUSE_RTP_ALL_BLOCKED] = { ADVICE_RTP_RANGE },
	[CAUSE_RTP_PARTIAL] = { ADVICE_RTP_SOME },
	[CAUSE_LOSS] = { ADVICE_RTP_QUALITY },
	[CAUSE_JITTER] = { ADVICE_RTP_QUALITY },
	[CAUSE_DELAY] = { ADVICE_RTP_DELAY },
	[CAUSE_REORDER] = { ADVICE_RTP_ORDER },
	[CAUSE_DUPLICATE] = { ADVICE_RTP_ORDER },
	[CAUSE_CORRUPTION] = { ADVICE_RTP_ALTERED },
	[CAUSE_RATE_LIMIT] = { ADVICE_RTP_RATE },
	[CAUSE_RTP_UNTOLD] = { ADVICE_RTP_UNTOLD },
	[CAUSE_NOT_CONFIGURED] = { ADVICE_SET_UP },
	[CAUSE_NOT_TESTABLE_HERE] = { ADVICE_GO_ELSEWHERE },
};

bool advice_is_inbound(const struct requirement *requirement)
{
	if (requirement->direction == DIRECTION_BOTH)
		return strcmp(requirement->host, "$pbx") == 0;
	return requirement->direction == DIRECTION_INBOUND;
}

/* It measures how something answers; that it does, another row has to prove. */
static bool is_measuring(const struct requirement *requirement)
{
	static const char *const kinds[] = { "sip-size", "tls-versions" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (requirement->kind && strcmp(requirement->kind->name, kinds[i]) == 0)
			return true;
	}
	return false;
}

/* Of what is not known yet, or by a cause that is a failure elsewhere. */
static enum advice advice_of_unknown(
	const struct requirement *requirement, enum cause cause)
{
	if (cause == CAUSE_NONE)
		return ADVICE_WAIT;
	if (is_measuring(requirement) && cause_verdict(cause) == VERDICT_FAILED)
		return ADVICE_UNMEASURED;
	/* where an answer is owed, silence has failed; here it is only unknown */
	return cause == CAUSE_TIMEOUT ? ADVICE_SILENCE : ADVICE_MISSING;
}

enum advice advice_of(
	const struct requirement *requirement, enum verdict verdict, enum cause cause)
{
	const enum advice *advices = by_cause[cause];
	enum advice advice = ADVICE_MISSING;

	if (verdict == VERDICT_UNKNOWN)
		advice = advice_of_unknown(requirement, cause);
	else if (cause == CAUSE_MTU_BLACKHOLE && requirement->transport == TRANSPORT_UDP)
		advice = ADVICE_MTU_DATAGRAM;
	if (advice == ADVICE_MISSING && advice_is_inbound(requirement))
		advice = advices[1];
	return advice != ADVICE_MISSING ? advice : advices[0];
}

/*
 * Nothing came from where a reflector should be. It drops what is signed with another key
 * or an hour off, and what is not signed at all if it has a key, so none of that can be
 * told from a firewall. A single word of it, or a device that says no, rules it out.
 */
static enum advice advice_on_silence(const struct requirement_state *state)
{
	const struct evidence *evidence = wording_evidence(state);

	if (!evidence || evidence->kind != EVIDENCE_COMPARISON ||
		state->worst->last.phase != PHASE_REQUEST)
		return ADVICE_RTP_RANGE;
	return strstr(evidence->detail, " key") ? ADVICE_RTP_KEYED : ADVICE_RTP_SILENT;
}

enum advice advice_for(const struct requirement_state *state)
{
	enum advice advice = advice_of(state->requirement, state->verdict, state->cause);

	return advice == ADVICE_RTP_RANGE ? advice_on_silence(state) : advice;
}

bool advice_needs_rule(enum advice advice)
{
	return rows[advice].rule;
}

static void append_way(
	const struct requirement_state *state, enum language language, struct text *text)
{
	static const char *const ways[2][LANGUAGE_COUNT] = {
		{ "from the PBX", "von der Telefonanlage aus" },
		{ "to the PBX", "zur Telefonanlage" },
	};

	text_append(text, ways[advice_is_inbound(state->requirement)][language]);
}

static void append_device(
	const struct requirement_state *state, enum language language, struct text *text)
{
	static const char *const nobody[LANGUAGE_COUNT] = {
		"the device that answers",
		"dem Gerät, das antwortet",
	};
	const struct evidence *evidence = wording_evidence(state);
	char address[ADDRESS_TEXT_MAX];

	if (evidence && evidence->offender.family != FAMILY_NONE)
		text_append(text,
			address_format(&evidence->offender, address, sizeof(address)));
	else
		text_append(text, nobody[language]);
}

static void append_target(
	const struct requirement_state *state, enum language language, struct text *text)
{
	(void)language;
	wording_target(state, text);
}

static void append_host(
	const struct requirement_state *state, enum language language, struct text *text)
{
	const char *host = state->worst ? state->worst->check->host : "";

	(void)language;
	text_append(text, *host ? host : state->requirement->host);
}

/* Of the check that decides; without them all that it asks. */
static void append_blocked(
	const struct requirement_state *state, enum language language, struct text *text)
{
	struct ports_view view;

	if (state->worst && ports_view_make(state->worst, &view) && view.stretches > 0) {
		text_format(text, "%s ", transport_name(state->requirement->transport));
		ports_append_blocked(&view, 8, language, text);
	} else {
		append_target(state, language, text);
	}
}

static const struct {
	const char *name;
	void (*append)(const struct requirement_state *state, enum language language,
		struct text *text);
} names[] = {
	{ "{target}", append_target },
	{ "{host}", append_host },
	{ "{device}", append_device },
	{ "{way}", append_way },
	{ "{blocked}", append_blocked },
};

/* \return octets of the name that stands here; 1 for any other character */
static size_t append_name_or_character(const char *at,
	const struct requirement_state *state, enum language language, struct text *text)
{
	for (size_t i = 0; *at == '{' && i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i].name);

		if (strncmp(at, names[i].name, length) == 0) {
			names[i].append(state, language, text);
			return length;
		}
	}
	text_append_char(text, *at);
	return 1;
}

void advice_write(enum advice advice, const struct requirement_state *state,
	enum language language, struct text *text)
{
	const char *at = rows[advice].texts[language];

	while (*at)
		at += append_name_or_character(at, state, language, text);
}
