/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/versions_parts.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define TLS_1_3 3

/*
 * A version that is switched off is answered with protocol_version, by OpenSSL 3.0, by
 * nginx and by Java 17 alike (measured 2026-11-22). With handshake_failure they answer
 * whom they share no cipher with, and what we offer lacks RC4 and 3DES, which Debian's
 * OpenSSL no longer has: that leaves the version in doubt. TLS 1.3 has ciphers of its
 * own, so there whoever does not know it finds none (RFC 8446, B.4). An OpenSSL 3.0
 * that has TLS 1.0 switched on and a security level that forbids it answers every offer
 * with internal_error; so does one that is in trouble, which lasts.
 */
static enum settled settle_by_alert(int alert, unsigned version)
{
	if (alert == TLS1_AD_PROTOCOL_VERSION)
		return SETTLED_REFUSED;
	if (alert == SSL3_AD_HANDSHAKE_FAILURE && version == TLS_1_3)
		return SETTLED_REFUSED;
	return alert == TLS1_AD_INTERNAL_ERROR ? SETTLED_CUT : SETTLED_NOT;
}

bool versions_is_own_refusal(const struct tls_session *session)
{
	return session->first_length == 0 && !session->ended && session->error == 0;
}

static enum settled settle_by_cause(enum cause cause)
{
	switch (cause) {
	case CAUSE_TLS_PROTOCOL_VERSION: /* another one was chosen than was offered */
		return SETTLED_REFUSED;
	case CAUSE_CLOSED_EARLY:
	case CAUSE_RESET:
		return SETTLED_CUT;
	case CAUSE_TLS_HANDSHAKE_FAILURE:
		return SETTLED_NOT;
	default:
		return SETTLED_NEVER;
	}
}

enum settled versions_settle(const struct tls_session *session, unsigned version)
{
	const struct tls_observer *observer = &session->observer;

	/* who shows a certificate has agreed to the version, whatever it dislikes then */
	if (observer->facts.certificate_seen || observer->facts.handshaken)
		return SETTLED_ACCEPTED;
	if (observer->alert >= 0)
		return settle_by_alert(observer->alert, version);
	if (versions_is_own_refusal(session))
		return SETTLED_NOT;
	return settle_by_cause(session->failure.cause);
}

void versions_note(struct versions_ledger *ledger, unsigned version, enum settled settled,
	const struct finding *finding)
{
	unsigned bit = 1U << version;

	if (settled == SETTLED_ACCEPTED)
		ledger->accepted |= bit;
	else if (settled == SETTLED_REFUSED)
		ledger->refused |= bit;
	else if (settled == SETTLED_CUT)
		ledger->cut |= bit;
	ledger->findings[version] = *finding;
}

bool versions_need_proof(const struct versions_ledger *ledger, unsigned *ret_version)
{
	if (ledger->cut == 0 || ledger->accepted == 0)
		return false;
	for (unsigned i = 0; i < VERSIONS_OFFERED; i++) {
		if (ledger->accepted >> i & 1U)
			*ret_version = i;
	}
	return true;
}

void versions_prove(struct versions_ledger *ledger)
{
	ledger->refused |= ledger->cut;
}

static struct finding finding_of_forbidden(unsigned forbidden, const struct address *peer)
{
	struct finding finding = finding_of(CAUSE_TLS_OLD_VERSION_ACCEPTED);
	struct evidence *evidence = &finding.evidence;
	size_t used = 0;

	evidence->kind = EVIDENCE_PEER;
	evidence->offender = *peer;
	for (unsigned i = 0; i < VERSIONS_OFFERED; i++) {
		if (forbidden >> i & 1U)
			used += (size_t)snprintf(evidence->detail + used,
				sizeof(evidence->detail) - used, "%s%s", used ? ", " : "",
				tls_version_names[i]);
	}
	return finding;
}

/*
 * Of the first attempt that settled nothing, for those after it may not even have been;
 * or of the newest version if all are settled.
 */
static struct finding finding_of_trouble(const struct versions_ledger *ledger)
{
	unsigned settled = ledger->accepted | ledger->refused;

	for (unsigned version = VERSIONS_OFFERED; version-- > 0;) {
		if (!(settled >> version & 1U))
			return ledger->findings[version];
	}
	return ledger->findings[VERSIONS_OFFERED - 1];
}

struct finding versions_judge(const struct versions_ledger *ledger, unsigned forbidden,
	const struct address *peer)
{
	unsigned settled = ledger->accepted | ledger->refused;
	struct finding trouble = finding_of_trouble(ledger);

	/* one version refused and the other lost on the way is no refusal of all */
	if (ledger->accepted == 0)
		return trouble;
	if (ledger->accepted & forbidden)
		return finding_of_forbidden(ledger->accepted & forbidden, peer);
	if (!(forbidden & ~settled))
		return finding_of(CAUSE_NONE);
	/* whoever is to refuse and says nothing has not refused */
	trouble.verdict = VERDICT_UNKNOWN;
	return trouble;
}

static bool refuse(const char *text, char *why, size_t why_size)
{
	char quoted[64];

	text_copy_printable(quoted, sizeof(quoted), text, strlen(text));
	snprintf(why, why_size,
		"forbid \"%s\" is no list of versions; write some of 1.0, 1.1, 1.2 and "
		"1.3, such as \"1.0,1.1\"",
		quoted);
	return false;
}

bool versions_parse(const char *text, unsigned *ret_forbidden, char *why, size_t why_size)
{
	const char *rest = text;
	unsigned forbidden = 0;

	while (*rest) {
		size_t blanks = strspn(rest, ", ");
		size_t length = strcspn(rest + blanks, ", ");

		rest += blanks;
		if (length == 0)
			break;
		if (length != 3 || memcmp(rest, "1.", 2) != 0 || rest[2] < '0' ||
			rest[2] > '3')
			return refuse(text, why, why_size);
		forbidden |= 1U << (rest[2] - '0');
		rest += length;
	}
	*ret_forbidden = forbidden;
	return true;
}
