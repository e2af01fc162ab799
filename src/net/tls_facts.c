/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/tls_parts.h"

/* Below these a key counts as weak (BSI TR-02102-1; NIST SP 800-57, 112 bits). */
#define RSA_BITS_LEAST 2048
#define EC_BITS_LEAST  224

/* In the order of tls_key_names. */
static const int key_types[] = { EVP_PKEY_RSA, EVP_PKEY_RSA_PSS, EVP_PKEY_EC,
	EVP_PKEY_DSA, EVP_PKEY_ED25519, EVP_PKEY_ED448 };

/* In the order of tls_signature_names. */
static const int signatures[] = { NID_md5WithRSAEncryption, NID_sha1WithRSAEncryption,
	NID_sha256WithRSAEncryption, NID_sha384WithRSAEncryption,
	NID_sha512WithRSAEncryption, NID_rsassaPss, NID_ecdsa_with_SHA1,
	NID_ecdsa_with_SHA256, NID_ecdsa_with_SHA384, NID_ecdsa_with_SHA512, NID_ED25519,
	NID_ED448 };

/* \return its place, or the count: "other" */
static unsigned place_of(int number, const int *numbers, size_t count)
{
	unsigned place = 0;

	while (place < count && numbers[place] != number)
		place++;
	return place;
}

static bool has_weak_key(X509 *certificate)
{
	const EVP_PKEY *key = X509_get0_pubkey(certificate);
	int type = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;

	if (type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS || type == EVP_PKEY_DSA)
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

	tls_subject_format(certificate, name, sizeof(name));
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

static bool is_weak(X509 *certificate, bool leaf, bool pinned)
{
	/* nobody relies on the issuers of a pinned certificate */
	if (pinned)
		return leaf && has_weak_key(certificate);
	return has_weak_key(certificate) || has_weak_signature(certificate);
}

static void read_leaf(struct tls_facts *facts, X509 *leaf)
{
	const EVP_PKEY *key = X509_get0_pubkey(leaf);

	tls_subject_format(leaf, facts->subject, sizeof(facts->subject));
	tls_name_format(
		X509_get_issuer_name(leaf), facts->voucher, sizeof(facts->voucher));
	facts->leaf_not_after = tls_seconds(X509_get0_notAfter(leaf));
	facts->key_type = place_of(key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE,
		key_types, sizeof(key_types) / sizeof(key_types[0]));
	facts->key_bits = key ? EVP_PKEY_get_bits(key) : 0;
	facts->signature = place_of(X509_get_signature_nid(leaf), signatures,
		sizeof(signatures) / sizeof(signatures[0]));
}

static void read_certificate(struct tls_facts *facts, X509 *certificate, bool leaf)
{
	int64_t not_after = tls_seconds(X509_get0_notAfter(certificate));
	int64_t not_before = tls_seconds(X509_get0_notBefore(certificate));

	if (leaf)
		read_leaf(facts, certificate);
	if (leaf || not_after < facts->chain_not_after)
		facts->chain_not_after = not_after;
	if (leaf || not_before > facts->chain_not_before)
		facts->chain_not_before = not_before;
	if (facts->weak.verdict == VERDICT_OK &&
		is_weak(certificate, leaf, facts->pinned))
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

static X509 *sent_issuer(const STACK_OF(X509) * sent, X509 *certificate)
{
	const X509_NAME *name = X509_get_issuer_name(certificate);

	for (int i = 0; i < sk_X509_num(sent); i++) {
		X509 *other = sk_X509_value(sent, i);

		if (other != certificate &&
			X509_NAME_cmp(X509_get_subject_name(other), name) == 0)
			return other;
	}
	return NULL;
}

/*
 * The name of the authority behind the last certificate that was sent: the same for all
 * that one firewall shows in the place of others.
 */
static uint64_t voucher_of(X509 *leaf, const STACK_OF(X509) * sent)
{
	X509 *last = leaf, *next;
	char name[256];

	for (unsigned i = 0; i < TLS_CHAIN_DEPTH_MAX; i++) {
		next = sent_issuer(sent, last);
		if (!next)
			break;
		last = next;
	}
	if (!X509_NAME_oneline(X509_get_issuer_name(last), name, sizeof(name)))
		return 0;
	return text_hash(name);
}

static void read_sent(struct tls_facts *facts, X509_STORE_CTX *verification)
{
	const STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(verification);
	X509 *leaf = X509_STORE_CTX_get0_cert(verification);

	/* no list at all where one certificate is verified alone, as in tests */
	facts->chain_sent = sent ? (unsigned)sk_X509_num(sent) : 1;
	facts->issuer = voucher_of(leaf, sent);
}

void tls_collect(struct tls_observer *observer, X509_STORE_CTX *verification)
{
	struct tls_facts *facts = &observer->facts;

	/* first: it builds the chain */
	facts->trust = tls_verify(observer, verification, clock_wall_us() / SECOND);
	facts->pinned = observer->trust && observer->trust->pinned;
	facts->certificate_seen = true;
	read_chain(facts, verification);
	read_sent(facts, verification);
}
