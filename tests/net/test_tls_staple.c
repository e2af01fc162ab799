/* SPDX-License-Identifier: Apache-2.0 */
/* Stapled responses of every sort, made here as no honest responder would make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "net/credentials.h"
#include "net/tls_parts.h"

#define DAY 86400L

/* Room for the largest response that is made here. */
#define RESPONSE_MAX 40000

enum signer { SIGNER_ISSUER, SIGNER_DELEGATE, SIGNER_LAYMAN, SIGNER_STRANGER };

static struct world {
	struct credential issuer, leaf, other, stranger;
	struct credential signers[4];
} world;

struct row {
	const char *what;
	enum signer signer;
	int status;       /* V_OCSP_CERTSTATUS_… */
	int reason;       /* -1 = none */
	long from, until; /* seconds from now; until 0 = for 3 days, -1 = no end */
	bool sha256;      /* certificates named by SHA-256 */
	bool other;       /* about another certificate */
	unsigned before;  /* answers about others before ours */
	bool bare;        /* without the signer's certificate */
	enum tls_ocsp expected;
};

static const struct row rows[] = {
	{ .what = "good", .from = -DAY, .expected = TLS_OCSP_GOOD },
	{ .what = "good, SHA-256",
		.from = -DAY,
		.sha256 = true,
		.expected = TLS_OCSP_GOOD },
	{ .what = "good, without certificates",
		.from = -DAY,
		.bare = true,
		.expected = TLS_OCSP_GOOD },
	{ .what = "good, without end",
		.from = -DAY,
		.until = -1,
		.expected = TLS_OCSP_GOOD },
	{ .what = "good, a minute ahead", .from = 60, .expected = TLS_OCSP_GOOD },
	{ .what = "good, after others",
		.from = -DAY,
		.before = 15,
		.expected = TLS_OCSP_GOOD },
	{ .what = "good, by a delegate",
		.signer = SIGNER_DELEGATE,
		.from = -DAY,
		.expected = TLS_OCSP_GOOD },
	{ .what = "revoked",
		.status = V_OCSP_CERTSTATUS_REVOKED,
		.reason = OCSP_REVOKED_STATUS_KEYCOMPROMISE,
		.from = -DAY,
		.expected = TLS_OCSP_REVOKED },
	{ .what = "unknown",
		.status = V_OCSP_CERTSTATUS_UNKNOWN,
		.from = -DAY,
		.expected = TLS_OCSP_UNKNOWN },
	{ .what = "outdated",
		.from = -5 * DAY,
		.until = -2 * DAY,
		.expected = TLS_OCSP_INVALID },
	{ .what = "revoked, outdated",
		.status = V_OCSP_CERTSTATUS_REVOKED,
		.from = -5 * DAY,
		.until = -2 * DAY,
		.expected = TLS_OCSP_INVALID },
	{ .what = "of tomorrow", .from = DAY, .expected = TLS_OCSP_INVALID },
	{ .what = "of another",
		.from = -DAY,
		.other = true,
		.expected = TLS_OCSP_INVALID },
	{ .what = "too far behind others",
		.from = -DAY,
		.before = 16,
		.expected = TLS_OCSP_INVALID },
	{ .what = "by one without the right",
		.signer = SIGNER_LAYMAN,
		.from = -DAY,
		.expected = TLS_OCSP_INVALID },
	{ .what = "by a stranger",
		.signer = SIGNER_STRANGER,
		.from = -DAY,
		.expected = TLS_OCSP_INVALID },
};

static int set_up(void **state)
{
	static const struct credential_spec specs[] = {
		{ .name = "issuer", .authority = true },
		{ .name = "stranger", .authority = true },
		{ .name = "leaf" },
		{ .name = "other" },
		{ .name = "delegate", .purpose = "OCSPSigning" },
		{ .name = "layman" },
	};

	(void)state;
	world.issuer = credential_make(&specs[0], NULL);
	world.stranger = credential_make(&specs[1], NULL);
	world.leaf = credential_make(&specs[2], &world.issuer);
	world.other = credential_make(&specs[3], &world.issuer);
	world.signers[SIGNER_ISSUER] = world.issuer;
	world.signers[SIGNER_DELEGATE] = credential_make(&specs[4], &world.issuer);
	world.signers[SIGNER_LAYMAN] = credential_make(&specs[5], &world.issuer);
	world.signers[SIGNER_STRANGER] = world.stranger;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	credential_free(&world.issuer);
	credential_free(&world.stranger);
	credential_free(&world.leaf);
	credential_free(&world.other);
	credential_free(&world.signers[SIGNER_DELEGATE]);
	credential_free(&world.signers[SIGNER_LAYMAN]);
	return 0;
}

static void add_answer(
	OCSP_BASICRESP *basic, const struct row *row, const X509 *certificate, time_t now)
{
	const EVP_MD *digest = row->sha256 ? EVP_sha256() : EVP_sha1();
	OCSP_CERTID *id = OCSP_cert_to_id(digest, certificate, world.issuer.certificate);
	ASN1_TIME *from = ASN1_TIME_set(NULL, now + row->from);
	ASN1_TIME *until = row->until == -1
		? NULL
		: ASN1_TIME_set(NULL, now + (row->until ? row->until : 3 * DAY));
	ASN1_TIME *revoked = ASN1_TIME_set(NULL, now - 10 * DAY);

	assert_non_null(OCSP_basic_add1_status(
		basic, id, row->status, row->reason, revoked, from, until));
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	ASN1_TIME_free(revoked);
	OCSP_CERTID_free(id);
}

static size_t make(const struct row *row, time_t now, uint8_t response[RESPONSE_MAX])
{
	const struct credential *signer = &world.signers[row->signer];
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_RESPONSE *whole;
	int length;

	for (unsigned i = 0; i < row->before; i++)
		add_answer(basic, row, world.other.certificate, now);
	add_answer(basic, row,
		row->other ? world.other.certificate : world.leaf.certificate, now);
	assert_int_equal(OCSP_basic_sign(basic, signer->certificate, signer->key,
				 EVP_sha256(), NULL, row->bare ? OCSP_NOCERTS : 0),
		1);
	whole = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	length = i2d_OCSP_RESPONSE(whole, NULL);
	assert_true(length > 0 && length <= RESPONSE_MAX);
	i2d_OCSP_RESPONSE(whole, &response);
	OCSP_RESPONSE_free(whole);
	OCSP_BASICRESP_free(basic);
	return (size_t)length;
}

static enum tls_ocsp status_of(const uint8_t *response, size_t length, time_t now)
{
	struct tls_staple staple = tls_staple_read(
		response, length, world.leaf.certificate, world.issuer.certificate, now);

	/* it would be taken for an error of the handshake */
	assert_int_equal(ERR_peek_error(), 0);
	return staple.status;
}

static void responses_are_told_apart(void **state)
{
	static uint8_t response[RESPONSE_MAX];
	time_t now = time(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t length = make(&rows[i], now, response);
		enum tls_ocsp status = status_of(response, length, now);

		if (status != rows[i].expected)
			fail_msg("%s: %s", rows[i].what, tls_ocsp_names[status]);
	}
}

static void a_revocation_has_its_time_and_reason(void **state)
{
	static uint8_t response[RESPONSE_MAX];
	struct row row = { .status = V_OCSP_CERTSTATUS_REVOKED, .from = -DAY };
	time_t now = time(NULL);

	(void)state;
	for (row.reason = -1; row.reason <= OCSP_REVOKED_STATUS_SUPERSEDED;
		row.reason++) {
		size_t length = make(&row, now, response);
		struct tls_staple staple = tls_staple_read(response, length,
			world.leaf.certificate, world.issuer.certificate, now);

		assert_int_equal(staple.reason, row.reason);
		assert_int_equal(staple.revoked, now - 10 * DAY);
	}
}

/* The signature covers all of it, but for certificates that are sent along. */
static void a_changed_response_is_worth_nothing(void **state)
{
	static uint8_t response[RESPONSE_MAX], changed[RESPONSE_MAX];
	const struct row bare = { .from = -DAY, .bare = true };
	time_t now = time(NULL);
	size_t length = make(&bare, now, response);

	(void)state;
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(status_of(response, cut, now), TLS_OCSP_INVALID);
	for (size_t i = 0; i < length; i++) {
		memcpy(changed, response, length);
		changed[i] ^= 0x01;
		assert_int_equal(status_of(changed, length, now), TLS_OCSP_INVALID);
	}
}

static void what_is_no_response_is_invalid(void **state)
{
	static const uint8_t later[] = { 0x30, 0x03, 0x0a, 0x01, 0x03 };
	static uint8_t response[RESPONSE_MAX];
	struct row row = rows[0];
	time_t now = time(NULL);
	size_t length;

	(void)state;
	assert_int_equal(status_of((const uint8_t *)"", 0, now), TLS_OCSP_INVALID);
	assert_int_equal(
		status_of((const uint8_t *)"HTTP/1.1", 8, now), TLS_OCSP_INVALID);
	/* tryLater: an answer, and none about the certificate */
	assert_int_equal(status_of(later, sizeof(later), now), TLS_OCSP_INVALID);
	row.before = 200;
	length = make(&row, now, response);
	assert_true(length > 16384);
	assert_int_equal(status_of(response, length, now), TLS_OCSP_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses_are_told_apart),
		cmocka_unit_test(a_revocation_has_its_time_and_reason),
		cmocka_unit_test(a_changed_response_is_worth_nothing),
		cmocka_unit_test(what_is_no_response_is_invalid),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
