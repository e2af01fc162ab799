/* SPDX-License-Identifier: Apache-2.0 */
/* What a stapled OCSP response says of a certificate (RFC 6066, 8; RFC 6960). */
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "net/tls_parts.h"

/* Responses of public authorities have 500 to 2,500 octets. */
#define STAPLE_OCTETS_MAX 16384

/* Answers about other certificates that a response may hold before ours. */
#define STAPLE_SINGLES_MAX 16

/* Clocks of responders and ours differ. */
#define STAPLE_SKEW_SECONDS 300

static OCSP_BASICRESP *basic_of(const uint8_t *octets, size_t length)
{
	OCSP_RESPONSE *response = NULL;
	OCSP_BASICRESP *basic = NULL;

	if (length <= STAPLE_OCTETS_MAX)
		response = d2i_OCSP_RESPONSE(NULL, &octets, (long)length);
	if (response && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(response);
	OCSP_RESPONSE_free(response);
	return basic;
}

/*
 * Signed by the issuer, or by whom the issuer lets answer (RFC 6960, 4.2.2.2). The issuer
 * is taken for trusted here: whether it is one of ours is another question, and the
 * answer of an untrusted one about its own certificate is a fact all the same.
 */
static bool is_signed_by(OCSP_BASICRESP *basic, X509 *issuer, int64_t now)
{
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *helpers = sk_X509_new_null();
	bool is_signed = store && helpers && sk_X509_push(helpers, issuer) > 0 &&
		X509_STORE_add_cert(store, issuer) == 1;

	if (is_signed) {
		X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)now);
		is_signed =
			OCSP_basic_verify(basic, helpers, store, OCSP_PARTIAL_CHAIN) == 1;
	}
	sk_X509_free(helpers);
	X509_STORE_free(store);
	return is_signed;
}

/* Each answer names its certificate by hashes of its own choice. */
static bool is_about(OCSP_SINGLERESP *single, const X509 *leaf, const X509 *issuer)
{
	/* a pointer to const in OpenSSL 3, and yet OCSP_id_get0_info() takes none */
	OCSP_CERTID *id = (OCSP_CERTID *)OCSP_SINGLERESP_get0_id(single);
	ASN1_OBJECT *algorithm = NULL;
	const EVP_MD *digest;
	OCSP_CERTID *own;
	bool is_same;

	if (OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, id) != 1)
		return false;
	digest = EVP_get_digestbyobj(algorithm);
	own = digest ? OCSP_cert_to_id(digest, leaf, issuer) : NULL;
	is_same = own && OCSP_id_cmp(own, id) == 0;
	OCSP_CERTID_free(own);
	return is_same;
}

static OCSP_SINGLERESP *single_about(
	OCSP_BASICRESP *basic, const X509 *leaf, const X509 *issuer)
{
	for (int i = 0; i < OCSP_resp_count(basic) && i < STAPLE_SINGLES_MAX; i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);

		if (is_about(single, leaf, issuer))
			return single;
	}
	return NULL;
}

static struct tls_staple read_single(OCSP_SINGLERESP *single, int64_t now)
{
	struct tls_staple staple = { .status = TLS_OCSP_INVALID };
	ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *until = NULL;
	int status =
		OCSP_single_get0_status(single, &staple.reason, &revoked, &from, &until);

	/* without an end it is as new as can be had */
	if (!from || tls_seconds(from) > now + STAPLE_SKEW_SECONDS ||
		(until && tls_seconds(until) < now - STAPLE_SKEW_SECONDS))
		return staple;
	if (status == V_OCSP_CERTSTATUS_GOOD)
		staple.status = TLS_OCSP_GOOD;
	else if (status == V_OCSP_CERTSTATUS_UNKNOWN)
		staple.status = TLS_OCSP_UNKNOWN;
	else if (status == V_OCSP_CERTSTATUS_REVOKED)
		staple.status = TLS_OCSP_REVOKED;
	if (revoked)
		staple.revoked = tls_seconds(revoked);
	return staple;
}

struct tls_staple tls_staple_read(
	const uint8_t *octets, size_t length, X509 *leaf, X509 *issuer, int64_t now)
{
	struct tls_staple staple = { .status = TLS_OCSP_INVALID };
	OCSP_BASICRESP *basic = basic_of(octets, length);
	OCSP_SINGLERESP *single = NULL;

	if (basic && is_signed_by(basic, issuer, now))
		single = single_about(basic, leaf, issuer);
	if (single)
		staple = read_single(single, now);
	OCSP_BASICRESP_free(basic);
	/* what is wrong with a staple is no error of the handshake it came in */
	ERR_clear_error();
	return staple;
}

/* \retval NULL  not known, so that nobody can tell what its word is worth */
static X509 *issuer_of(const STACK_OF(X509) * chain)
{
	X509 *leaf = sk_X509_value(chain, 0);

	if (sk_X509_num(chain) > 1)
		return sk_X509_value(chain, 1);
	return leaf && X509_check_issued(leaf, leaf) == X509_V_OK ? leaf : NULL;
}

static void distrust(struct tls_facts *facts, X509 *leaf, const struct tls_staple *staple)
{
	struct finding *trust = &facts->trust;
	enum cause before = trust->cause;
	struct evidence *evidence = &trust->evidence;
	char name[64], date[16];
	size_t used;

	*trust = finding_of(CAUSE_TLS_UNTRUSTED);
	evidence->kind = EVIDENCE_CERTIFICATE;
	evidence->code = X509_V_ERR_CERT_REVOKED;
	tls_subject_format(leaf, name, sizeof(name));
	tls_date_format(staple->revoked, date, sizeof(date));
	used = (size_t)snprintf(
		evidence->detail, sizeof(evidence->detail), "%s, revoked %s", name, date);
	if (staple->reason >= 0)
		used += (size_t)snprintf(evidence->detail + used,
			sizeof(evidence->detail) - used, " (%s)",
			OCSP_crl_reason_str(staple->reason));
	if (before != CAUSE_NONE && used < sizeof(evidence->detail))
		snprintf(evidence->detail + used, sizeof(evidence->detail) - used, "; %s",
			cause_name(before));
}

void tls_collect_staple(struct tls_facts *facts, SSL *ssl, int64_t now)
{
	const STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
	X509 *leaf = sk_X509_value(chain, 0), *issuer = issuer_of(chain);
	const uint8_t *octets = NULL;
	long length = SSL_get_tlsext_status_ocsp_resp(ssl, &octets);
	struct tls_staple staple = { .status = TLS_OCSP_NONE };

	if (length > 0 && !issuer)
		return;
	if (length > 0)
		staple = tls_staple_read(octets, (size_t)length, leaf, issuer, now);
	facts->staple_known = true;
	facts->staple = staple.status;
	if (staple.status == TLS_OCSP_REVOKED)
		distrust(facts, leaf, &staple);
}
