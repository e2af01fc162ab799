/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/evidence.h"
#include "net/tls_parts.h"

/* What can be wrong with a chain, in the order in which it is said: without trust a date
 * means little, and without either a name does. */
enum flaw {
	FLAW_SELF_SIGNED,
	FLAW_ISSUER_MISSING,
	FLAW_UNTRUSTED,
	FLAW_EXPIRED,
	FLAW_NOT_YET_VALID,
	FLAW_WRONG_HOST,
	FLAW_COUNT
};

/* The first occurrence of each flaw. */
struct flaws {
	bool found[FLAW_COUNT];
	int code[FLAW_COUNT]; /* X509_V_ERR_… */
	const X509 *certificate[FLAW_COUNT];
	int depth[FLAW_COUNT];
};

static enum flaw flaw_of(int code)
{
	switch (code) {
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return FLAW_SELF_SIGNED;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return FLAW_ISSUER_MISSING;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return FLAW_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return FLAW_NOT_YET_VALID;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return FLAW_COUNT; /* weakness is judged apart from trust */
	default:
		return FLAW_UNTRUSTED;
	}
}

static void note_flaw(
	struct flaws *flaws, enum flaw flaw, int code, const X509 *certificate, int depth)
{
	if (flaw == FLAW_COUNT || flaws->found[flaw])
		return;
	flaws->found[flaw] = true;
	flaws->code[flaw] = code;
	flaws->certificate[flaw] = certificate;
	flaws->depth[flaw] = depth;
}

/* \return 1: look for further flaws, always */
static int on_verified(int fine, X509_STORE_CTX *verification)
{
	struct flaws *flaws = X509_STORE_CTX_get_app_data(verification);
	const X509 *certificate = X509_STORE_CTX_get_current_cert(verification);
	int code = X509_STORE_CTX_get_error(verification);

	/* some errors, of policies for instance, are of no certificate alone */
	if (!certificate)
		certificate = X509_STORE_CTX_get0_cert(verification);
	if (!fine)
		note_flaw(flaws, flaw_of(code), code, certificate,
			X509_STORE_CTX_get_error_depth(verification));
	return 1;
}

static bool matches_host(X509 *leaf, const char *host)
{
	struct address literal;
	size_t length = strlen(host);

	if (address_parse(host, &literal))
		return X509_check_ip(leaf, literal.bytes,
			       literal.family == FAMILY_IPV6 ? 16 : 4, 0) == 1;
	if (length > 0 && host[length - 1] == '.')
		length--;
	return X509_check_host(leaf, host, length, 0, NULL) == 1;
}

static bool same_organisation(const X509_NAME *left, const X509_NAME *right)
{
	int here = X509_NAME_get_index_by_NID(left, NID_organizationName, -1);
	int there = X509_NAME_get_index_by_NID(right, NID_organizationName, -1);

	if (here < 0 || there < 0)
		return false;
	return ASN1_STRING_cmp(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(left, here)),
		       X509_NAME_ENTRY_get_data(X509_NAME_get_entry(right, there))) == 0;
}

static bool is_known_organisation(X509_STORE *store, const X509_NAME *issuer)
{
	const STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);

	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		const X509 *root =
			X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));

		if (root && same_organisation(issuer, X509_get_subject_name(root)))
			return true;
	}
	return false;
}

static bool tells_where_its_issuer_is(const X509 *certificate)
{
	return X509_get_ext_by_NID(certificate, NID_info_access, -1) >= 0;
}

/*
 * A chain that ends without a known issuer lacks an intermediate, or hangs on an unknown
 * root that was not sent. It is called incomplete where something speaks for the first:
 * the issuer is an organisation we trust, or a leaf came alone and says where its issuer
 * can be fetched, which those of public authorities do.
 */
static enum cause cause_of_missing_issuer(
	const struct flaws *flaws, X509_STORE_CTX *verification)
{
	const X509 *last = flaws->certificate[FLAW_ISSUER_MISSING];
	X509_STORE *store = X509_STORE_CTX_get0_store(verification);

	if (is_known_organisation(store, X509_get_issuer_name(last)))
		return CAUSE_TLS_INCOMPLETE_CHAIN;
	if (flaws->depth[FLAW_ISSUER_MISSING] == 0 && tells_where_its_issuer_is(last))
		return CAUSE_TLS_INCOMPLETE_CHAIN;
	return CAUSE_TLS_UNTRUSTED;
}

static enum cause cause_of_flaw(
	enum flaw flaw, const struct flaws *flaws, X509_STORE_CTX *verification)
{
	static const enum cause causes[FLAW_COUNT] = {
		[FLAW_SELF_SIGNED] = CAUSE_TLS_SELF_SIGNED,
		[FLAW_UNTRUSTED] = CAUSE_TLS_UNTRUSTED,
		[FLAW_EXPIRED] = CAUSE_TLS_EXPIRED,
		[FLAW_NOT_YET_VALID] = CAUSE_TLS_NOT_YET_VALID,
		[FLAW_WRONG_HOST] = CAUSE_TLS_WRONG_HOST,
	};

	if (flaw == FLAW_ISSUER_MISSING)
		return cause_of_missing_issuer(flaws, verification);
	return causes[flaw];
}

/* What a person must know of this flaw, without the flaw's own name. */
static void describe(enum flaw flaw, const struct flaws *flaws, char *detail, size_t size)
{
	const X509 *certificate = flaws->certificate[flaw];
	char name[64], date[16];

	tls_subject_format(certificate, name, sizeof(name));
	switch (flaw) {
	case FLAW_ISSUER_MISSING:
		snprintf(detail, size, "%s, issuer ", name);
		tls_name_format(X509_get_issuer_name(certificate),
			detail + strlen(detail), size - strlen(detail));
		break;
	case FLAW_EXPIRED:
		tls_date_format(
			tls_seconds(X509_get0_notAfter(certificate)), date, sizeof(date));
		snprintf(detail, size, "%s, expired %s", name, date);
		break;
	case FLAW_NOT_YET_VALID:
		tls_date_format(tls_seconds(X509_get0_notBefore(certificate)), date,
			sizeof(date));
		snprintf(detail, size, "%s, valid from %s", name, date);
		break;
	case FLAW_UNTRUSTED:
		snprintf(detail, size, "%s: %s", name,
			X509_verify_cert_error_string(flaws->code[flaw]));
		break;
	default:
		text_copy(detail, size, name);
		break;
	}
}

/* The flaws behind the first, by name, so that none is a surprise after the first one is
 * mended. */
static void mention_others(enum flaw first, const struct flaws *flaws,
	X509_STORE_CTX *verification, char *detail, size_t size)
{
	for (enum flaw flaw = first + 1; flaw < FLAW_COUNT; flaw++) {
		size_t used = strlen(detail);
		enum cause cause;

		if (!flaws->found[flaw])
			continue;
		cause = cause_of_flaw(flaw, flaws, verification);
		snprintf(detail + used, size - used, "; %s", cause_name(cause));
	}
}

static struct finding finding_of_flaws(
	const struct flaws *flaws, X509_STORE_CTX *verification)
{
	struct finding finding = finding_of(CAUSE_NONE);
	struct evidence *evidence = &finding.evidence;
	enum flaw first = 0;

	while (first < FLAW_COUNT && !flaws->found[first])
		first++;
	if (first == FLAW_COUNT)
		return finding;
	finding = finding_of(cause_of_flaw(first, flaws, verification));
	evidence->kind = EVIDENCE_CERTIFICATE;
	evidence->code = flaws->code[first];
	if (first == FLAW_WRONG_HOST)
		tls_alternatives_format(X509_STORE_CTX_get0_cert(verification),
			evidence->detail, sizeof(evidence->detail));
	else
		describe(first, flaws, evidence->detail, sizeof(evidence->detail));
	mention_others(
		first, flaws, verification, evidence->detail, sizeof(evidence->detail));
	return finding;
}

/*
 * The leaf's dates. OpenSSL looks at them too, but not where the issuer is missing: then
 * it stops at that, and an expired certificate would be called untrusted only.
 */
static void note_dates(struct flaws *flaws, X509 *leaf, int64_t now)
{
	int64_t not_after = tls_seconds(X509_get0_notAfter(leaf));
	int64_t not_before = tls_seconds(X509_get0_notBefore(leaf));

	if (not_after == 0)
		note_flaw(flaws, FLAW_UNTRUSTED, X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD,
			leaf, 0);
	else if (not_after < now)
		note_flaw(flaws, FLAW_EXPIRED, X509_V_ERR_CERT_HAS_EXPIRED, leaf, 0);
	if (not_before == 0)
		note_flaw(flaws, FLAW_UNTRUSTED,
			X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, leaf, 0);
	else if (not_before > now)
		note_flaw(flaws, FLAW_NOT_YET_VALID, X509_V_ERR_CERT_NOT_YET_VALID, leaf,
			0);
}

static bool has_fingerprint(const X509 *leaf, const uint8_t pin[TLS_PIN_OCTETS],
	uint8_t ret_seen[TLS_PIN_OCTETS])
{
	unsigned length = 0;

	return X509_digest(leaf, EVP_sha256(), ret_seen, &length) == 1 &&
		length == TLS_PIN_OCTETS && memcmp(ret_seen, pin, TLS_PIN_OCTETS) == 0;
}

/* Another certificate than the pinned one: its fingerprint is what one would pin. */
static struct finding finding_of_other(X509 *leaf, const uint8_t seen[TLS_PIN_OCTETS])
{
	struct finding finding = finding_of(CAUSE_TLS_UNTRUSTED);
	struct evidence *evidence = &finding.evidence;
	char name[64];
	size_t used;

	evidence->kind = EVIDENCE_CERTIFICATE;
	evidence->code = X509_V_ERR_CERT_UNTRUSTED;
	used = (size_t)snprintf(evidence->detail, sizeof(evidence->detail), "SHA-256 ");
	for (size_t i = 0; i < TLS_PIN_OCTETS; i++)
		used += (size_t)snprintf(evidence->detail + used,
			sizeof(evidence->detail) - used, "%02x", seen[i]);
	tls_subject_format(leaf, name, sizeof(name));
	snprintf(evidence->detail + used, sizeof(evidence->detail) - used, ", %s", name);
	return finding;
}

static struct finding judge_pinned(
	const struct tls_trust *trust, X509_STORE_CTX *verification, int64_t now)
{
	X509 *leaf = X509_STORE_CTX_get0_cert(verification);
	uint8_t seen[TLS_PIN_OCTETS] = { 0 };
	struct flaws flaws = { 0 };

	if (!has_fingerprint(leaf, trust->pin, seen))
		return finding_of_other(leaf, seen);
	note_dates(&flaws, leaf, now);
	return finding_of_flaws(&flaws, verification);
}

/* Every flaw was passed over, and still it failed: by us, or by a key that is none. */
static bool lacked_memory(const X509_STORE_CTX *verification)
{
	return X509_STORE_CTX_get_error(verification) == X509_V_ERR_OUT_OF_MEM ||
		ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
}

struct finding tls_verify(
	const struct tls_observer *observer, X509_STORE_CTX *verification, int64_t now)
{
	X509 *leaf = X509_STORE_CTX_get0_cert(verification);
	struct flaws flaws = { 0 };
	int result;

	X509_STORE_CTX_set_app_data(verification, &flaws);
	X509_STORE_CTX_set_verify_cb(verification, on_verified);
	/* our clock, not the library's: there is one reader of time */
	X509_STORE_CTX_set_time(verification, 0, (time_t)now);
	result = X509_verify_cert(verification);
	X509_STORE_CTX_set_app_data(verification, NULL);
	if (result != 1 && lacked_memory(verification))
		return evidence_from_errno(ENOMEM);
	if (result != 1)
		note_flaw(&flaws, FLAW_UNTRUSTED, X509_V_ERR_UNSPECIFIED, leaf, 0);
	if (observer->trust && observer->trust->pinned)
		return judge_pinned(observer->trust, verification, now);
	note_dates(&flaws, leaf, now);
	if (!matches_host(leaf, observer->host))
		note_flaw(&flaws, FLAW_WRONG_HOST, X509_V_ERR_HOSTNAME_MISMATCH, leaf, 0);
	return finding_of_flaws(&flaws, verification);
}
