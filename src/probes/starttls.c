/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/starttls.h"

#include <string.h>

#include "base/text.h"
#include "net/ldap_message.h"
#include "net/recognise.h"

#define LDAP_PORT 389
#define XMPP_PORT 5222

/* A connection asks once. */
#define LDAP_ID 1

static enum starttls_next refuse(
	enum cause cause, const char *detail, struct finding *ret_finding)
{
	*ret_finding = finding_of(cause);
	ret_finding->evidence.kind = EVIDENCE_PEER;
	text_copy(ret_finding->evidence.detail, sizeof(ret_finding->evidence.detail),
		detail);
	return STARTTLS_REFUSED;
}

static enum starttls_next lack_memory(struct finding *ret_finding)
{
	*ret_finding = finding_of(CAUSE_LOCAL_RESOURCE);
	return STARTTLS_REFUSED;
}

enum starttls_protocol starttls_by_port(enum starttls_protocol protocol, uint16_t port)
{
	if (protocol != STARTTLS_AUTO)
		return protocol;
	return port == LDAP_PORT    ? STARTTLS_LDAP
		: port == XMPP_PORT ? STARTTLS_XMPP
				    : STARTTLS_NONE;
}

static bool begin_xmpp(struct starttls *starttls, const char *domain, const char *host)
{
	starttls->xmpp = xmpp_stream_new();
	if (!xmpp_domain_choose(&starttls->domain, domain, host))
		return false;
	starttls->request_length = xmpp_opening_write(starttls->domain.name,
		(char *)starttls->request, sizeof(starttls->request));
	return starttls->xmpp && starttls->request_length > 0;
}

static bool begin_ldap(struct starttls *starttls)
{
	starttls->request_length =
		ldap_request_write(LDAP_REQUEST_STARTTLS, LDAP_ID, 0, starttls->request);
	return starttls->request_length > 0;
}

enum starttls_next starttls_begin(struct starttls *starttls,
	enum starttls_protocol protocol, const char *domain, const char *host,
	struct finding *ret_finding)
{
	starttls->protocol = protocol;
	starttls->asked = false;
	starttls->length = 0;
	if (protocol == STARTTLS_NONE)
		return STARTTLS_SECURE;
	if (protocol == STARTTLS_XMPP ? begin_xmpp(starttls, domain, host)
				      : begin_ldap(starttls))
		return STARTTLS_SAY;
	return lack_memory(ret_finding);
}

static enum starttls_next refuse_broken(const struct starttls *starttls,
	const char *phrase, const struct address *peer, struct finding *ret_finding)
{
	const char *name = recognise(starttls->heard, starttls->length);

	if (name && strcmp(name, "XMPP") == 0)
		return refuse(CAUSE_GARBAGE, phrase, ret_finding);
	*ret_finding = recognise_stranger(starttls->heard, starttls->length, peer);
	return STARTTLS_REFUSED;
}

static enum starttls_next ask_xmpp(struct starttls *starttls)
{
	if (starttls->asked)
		return STARTTLS_WAIT;
	starttls->asked = true;
	starttls->request_length = strlen(XMPP_STARTTLS);
	memcpy(starttls->request, XMPP_STARTTLS, starttls->request_length);
	return STARTTLS_SAY;
}

static enum starttls_next judge_xmpp(struct starttls *starttls,
	const struct xmpp_facts *facts, struct finding *ret_finding)
{
	if (facts->failure)
		return refuse(CAUSE_XMPP_STARTTLS_FAILURE, "", ret_finding);
	if (facts->closed)
		return refuse(CAUSE_CLOSED_EARLY, "", ret_finding);
	if (facts->proceed && !starttls->asked)
		return refuse(
			CAUSE_GARBAGE, "<proceed/> that nobody asked for", ret_finding);
	if (facts->proceed)
		return STARTTLS_SECURE;
	if (!facts->features)
		return STARTTLS_WAIT;
	if (!facts->starttls)
		return refuse(CAUSE_XMPP_NO_STARTTLS, "", ret_finding);
	return ask_xmpp(starttls);
}

static enum starttls_next hear_xmpp(struct starttls *starttls, size_t more,
	const struct address *peer, struct finding *ret_finding)
{
	const uint8_t *data = starttls->heard + starttls->length - more;
	size_t taken = xmpp_stream_feed(starttls->xmpp, data, more);
	const struct xmpp_facts *facts = xmpp_stream_facts(starttls->xmpp);

	if (facts->no_memory)
		return lack_memory(ret_finding);
	if (facts->broken)
		return refuse_broken(starttls, facts->broken, peer, ret_finding);
	/* slipped in before the encryption, to pass for encrypted */
	if (taken < more)
		return refuse(CAUSE_GARBAGE, "octets in the clear before the handshake",
			ret_finding);
	if (facts->error) {
		*ret_finding = xmpp_domain_refusal(&starttls->domain, facts, peer);
		return STARTTLS_REFUSED;
	}
	return judge_xmpp(starttls, facts, ret_finding);
}

static enum starttls_next hear_ldap(struct starttls *starttls, const struct address *peer,
	struct finding *ret_finding)
{
	switch (ldap_consent(starttls->heard, starttls->length, LDAP_ID)) {
	case LDAP_CONSENT_WAIT:
		return STARTTLS_WAIT;
	case LDAP_CONSENT_GIVEN:
		return STARTTLS_SECURE;
	default:
		break;
	}
	if (starttls->heard[0] == 0x30)
		return refuse(CAUSE_LDAP_RESULT, "no consent to TLS", ret_finding);
	*ret_finding = recognise_stranger(starttls->heard, starttls->length, peer);
	return STARTTLS_REFUSED;
}

enum starttls_next starttls_hear(struct starttls *starttls, size_t more,
	const struct address *peer, struct finding *ret_finding)
{
	enum starttls_next next = starttls->protocol == STARTTLS_XMPP
		? hear_xmpp(starttls, more, peer, ret_finding)
		: hear_ldap(starttls, peer, ret_finding);

	if (next == STARTTLS_WAIT && starttls->length == sizeof(starttls->heard))
		next = refuse(CAUSE_GARBAGE, "a message without an end", ret_finding);
	if (next == STARTTLS_REFUSED && ret_finding->cause != CAUSE_LOCAL_RESOURCE)
		ret_finding->evidence.offender = *peer;
	return next;
}

void starttls_done(struct starttls *starttls)
{
	xmpp_stream_free(starttls->xmpp);
	starttls->xmpp = NULL;
}
