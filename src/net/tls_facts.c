/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/evidence.h"
#include "net/tls.h"
#include "net/tls_parts.h"

/* Below these a key counts as weak (BSI TR-02102-1; NIST SP 800-57, 112 bits). */
#define RSA_BITS_LEAST 2048
#define EC_BITS_LEAST  224

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

static int64_t seconds_of(const ASN1_TIME *time)
{
	struct tm parts;

	if (!ASN1_TIME_to_tm(time, &parts))
		return 0;
	return timegm(&parts);
}

const char *tls_date_format(int64_t seconds, char *buffer, size_t size)
{
	time_t time = (time_t)seconds;
	struct tm parts = { 0 };

	gmtime_r(&time, &parts);
	strftime(buffer, size, "%Y-%m-%d", &parts);
	return buffer;
}

/* The common name, or else the organisation; names from the network, made printable. */
static const char *format_name(const X509_NAME *name, char *buffer, size_t size)
{
	static const int parts[] = { NID_commonName, NID_organizationalUnitName,
		NID_organizationName };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int index = X509_NAME_get_index_by_NID(name, parts[i], -1);
		const ASN1_STRING *value;

		if (index < 0)
			continue;
		value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
		text_copy_printable(buffer, size,
			(const char *)ASN1_STRING_get0_data(value),
			(size_t)ASN1_STRING_length(value));
		return buffer;
	}
	text_copy(buffer, size, "a certificate without a name");
	return buffer;
}

static const char *format_subject(const X509 *certificate, char *buffer, size_t size)
{
	return format_name(X509_get_subject_name(certificate), buffer, size);
}

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

/* The names a certificate is for, as many as there is room for. */
static void format_alternatives(X509 *leaf, char *buffer, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	size_t used = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && used + 4 < size; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS)
			continue;
		if (used > 0)
			used += (size_t)snprintf(buffer + used, size - used, ", ");
		text_copy_printable(buffer + used, size - used,
			(const char *)ASN1_STRING_get0_data(name->d.dNSName),
			(size_t)ASN1_STRING_length(name->d.dNSName));
		used += strlen(buffer + used);
	}
	GENERAL_NAMES_free(names);
	if (used == 0)
		format_subject(leaf, buffer, size);
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

	format_subject(certificate, name, sizeof(name));
	switch (flaw) {
	case FLAW_ISSUER_MISSING:
		snprintf(detail, size, "%s, issuer ", name);
		format_name(X509_get_issuer_name(certificate), detail + strlen(detail),
			size - strlen(detail));
		break;
	case FLAW_EXPIRED:
		tls_date_format(
			seconds_of(X509_get0_notAfter(certificate)), date, sizeof(date));
		snprintf(detail, size, "%s, expired %s", name, date);
		break;
	case FLAW_NOT_YET_VALID:
		tls_date_format(
			seconds_of(X509_get0_notBefore(certificate)), date, sizeof(date));
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
		format_alternatives(X509_STORE_CTX_get0_cert(verification),
			evidence->detail, sizeof(evidence->detail));
	else
		describe(first, flaws, evidence->detail, sizeof(evidence->detail));
	mention_others(
		first, flaws, verification, evidence->detail, sizeof(evidence->detail));
	return finding;
}

static bool has_weak_key(X509 *certificate)
{
	const EVP_PKEY *key = X509_get0_pubkey(certificate);
	int type = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;

	if (type == EVP_PKEY_RSA || type == EVP_PKEY_DSA)
		return EVP_PKEY_get_bits(key) < RSA_BITS_LEAST;
	return type == EVP_PKEY_EC && EVP_PKEY_get_bits(key) < EC_BITS_LEAST;
}

/* A root is trusted by itself; how it signed itself matters to nobody. */
static bool has_weak_signature(X509 *certificate)
{
	int digest;

	if (X509_get_extension_flags(certificate) & EXFLAG_SS)
		return false;
	if (!X509_get_signature_info(certificate, &digest, NULL, NULL, NULL))
		return false;
	return digest == NID_md5 || digest == NID_sha1 || digest == NID_md4 ||
		digest == NID_md2;
}

static struct finding weakness_of(X509 *certificate)
{
	const EVP_PKEY *key = X509_get0_pubkey(certificate);
	struct finding finding = finding_of(CAUSE_TLS_WEAK_KEY);
	struct evidence *evidence = &finding.evidence;
	char name[64];

	format_subject(certificate, name, sizeof(name));
	evidence->kind = EVIDENCE_CERTIFICATE;
	if (has_weak_key(certificate)) {
		snprintf(evidence->detail, sizeof(evidence->detail), "%s, %s %d", name,
			OBJ_nid2sn(EVP_PKEY_get_base_id(key)), EVP_PKEY_get_bits(key));
		evidence->code = X509_V_ERR_EE_KEY_TOO_SMALL;
	} else {
		snprintf(evidence->detail, sizeof(evidence->detail), "%s, signed with %s",
			name, OBJ_nid2sn(X509_get_signature_nid(certificate)));
		evidence->code = X509_V_ERR_CA_MD_TOO_WEAK;
	}
	return finding;
}

static void read_certificate(struct tls_facts *facts, X509 *certificate, bool leaf)
{
	int64_t not_after = seconds_of(X509_get0_notAfter(certificate));
	int64_t not_before = seconds_of(X509_get0_notBefore(certificate));

	if (leaf) {
		const EVP_PKEY *key = X509_get0_pubkey(certificate);

		facts->leaf_not_after = not_after;
		facts->key_bits = key ? EVP_PKEY_get_security_bits(key) : 0;
	}
	if (leaf || not_after < facts->chain_not_after)
		facts->chain_not_after = not_after;
	if (leaf || not_before > facts->chain_not_before)
		facts->chain_not_before = not_before;
	if (facts->weak.verdict == VERDICT_OK &&
		(has_weak_key(certificate) || has_weak_signature(certificate)))
		facts->weak = weakness_of(certificate);
}

/* The chain as it was built, the root included: an expired root ends it as well. */
static void read_chain(struct tls_facts *facts, X509_STORE_CTX *verification)
{
	const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(verification);

	facts->weak = finding_of(CAUSE_NONE);
	read_certificate(facts, X509_STORE_CTX_get0_cert(verification), true);
	for (int i = 1; i < sk_X509_num(chain); i++)
		read_certificate(facts, sk_X509_value(chain, i), false);
}

void tls_collect(struct tls_observer *observer, X509_STORE_CTX *verification)
{
	struct tls_facts *facts = &observer->facts;
	X509 *leaf = X509_STORE_CTX_get0_cert(verification);
	struct flaws flaws = { 0 };
	int result;

	X509_STORE_CTX_set_app_data(verification, &flaws);
	X509_STORE_CTX_set_verify_cb(verification, on_verified);
	/* our clock, not the library's: there is one reader of time */
	X509_STORE_CTX_set_time(verification, 0, (time_t)(clock_wall_us() / SECOND));
	result = X509_verify_cert(verification);
	facts->certificate_seen = true;
	read_chain(facts, verification);
	if (!matches_host(leaf, observer->host))
		note_flaw(&flaws, FLAW_WRONG_HOST, X509_V_ERR_HOSTNAME_MISMATCH, leaf, 0);
	/* not 1 although every flaw was passed over: no memory, or our own misuse */
	facts->trust = result == 1 ? finding_of_flaws(&flaws, verification)
				   : evidence_from_errno(ENOMEM);
	X509_STORE_CTX_set_app_data(verification, NULL);
}
