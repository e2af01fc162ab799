/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as only an attacker makes them: whatever they say, it ends and is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

#include "net/credentials.h"
#include "net/tls_parts.h"

#define HOST "pbx.test"

/* More certificates than any chain has, and than OpenSSL's default depth follows. */
#define DEEP 120

static void sign(struct credential *credential, const struct credential *issuer)
{
	assert_true(X509_sign(credential->certificate, issuer->key, EVP_sha256()) > 0);
}

static struct tls_facts collect(X509 *leaf, STACK_OF(X509) * sent)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *verification = X509_STORE_CTX_new();
	struct tls_observer observer;

	X509_STORE_set_depth(store, TLS_CHAIN_DEPTH_MAX);
	tls_observer_init(&observer, NULL, HOST);
	assert_int_equal(X509_STORE_CTX_init(verification, store, leaf, sent), 1);
	tls_collect(&observer, verification);
	X509_STORE_CTX_free(verification);
	X509_STORE_free(store);
	for (const char *c = observer.facts.trust.evidence.detail; *c; c++)
		assert_true(*c >= ' ' && *c <= '~');
	return observer.facts;
}

static void add_text(X509_NAME *name, int nid, int type, const char *text, int length)
{
	X509_NAME_ENTRY *entry = X509_NAME_ENTRY_create_by_NID(
		NULL, nid, type, (const unsigned char *)text, length);

	assert_non_null(entry);
	assert_int_equal(X509_NAME_add_entry(name, entry, -1, 0), 1);
	X509_NAME_ENTRY_free(entry);
}

static void set_alternatives(X509 *certificate, GENERAL_NAMES *names)
{
	assert_int_equal(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0,
				 X509V3_ADD_DEFAULT),
		1);
	GENERAL_NAMES_free(names);
}

static void add_alternative(GENERAL_NAMES *names, const char *text, int length)
{
	GENERAL_NAME *name = GENERAL_NAME_new();

	name->type = GEN_DNS;
	name->d.dNSName = ASN1_IA5STRING_new();
	assert_int_equal(ASN1_STRING_set(name->d.dNSName, text, length), 1);
	assert_true(sk_GENERAL_NAME_push(names, name) > 0);
}

static void a_nul_does_not_end_a_name(void **state)
{
	static const struct credential_spec spec = { .name = "outer" };
	struct credential made = credential_make(&spec, NULL);
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	struct tls_facts facts;

	(void)state;
	add_alternative(names, HOST "\0.evil.test", sizeof(HOST ".evil.test"));
	set_alternatives(made.certificate, names);
	sign(&made, &made);
	facts = collect(made.certificate, NULL);
	assert_int_equal(facts.trust.cause, CAUSE_TLS_SELF_SIGNED);
	assert_non_null(strstr(facts.trust.evidence.detail, "tls-wrong-host"));
	credential_free(&made);
}

static void names_of_any_length_are_cut(void **state)
{
	static const struct credential_spec spec = { .name = "x" };
	struct credential made = credential_make(&spec, NULL);
	X509_NAME *name = X509_NAME_new();
	char *text = calloc(1, 10000);
	struct tls_facts facts;

	(void)state;
	memset(text, '\x1b', 10000);
	/* UTF8String carries what PrintableString would refuse */
	add_text(name, NID_organizationName, V_ASN1_UTF8STRING, text, 10000);
	add_text(name, NID_commonName, V_ASN1_UTF8STRING, text, 10000);
	X509_set_subject_name(made.certificate, name);
	X509_set_issuer_name(made.certificate, name);
	sign(&made, &made);
	facts = collect(made.certificate, NULL);
	assert_int_equal(facts.trust.cause, CAUSE_TLS_SELF_SIGNED);
	assert_non_null(strstr(facts.trust.evidence.detail, "\\x1b\\x1b"));
	assert_true(facts.issuer != 0);
	X509_NAME_free(name);
	free(text);
	credential_free(&made);
}

static void a_name_may_be_missing(void **state)
{
	static const struct credential_spec spec = { .name = "x" };
	struct credential made = credential_make(&spec, NULL);
	X509_NAME *name = X509_NAME_new();
	struct tls_facts facts;

	(void)state;
	X509_set_subject_name(made.certificate, name);
	X509_set_issuer_name(made.certificate, name);
	sign(&made, &made);
	facts = collect(made.certificate, NULL);
	assert_int_equal(facts.trust.cause, CAUSE_TLS_SELF_SIGNED);
	assert_non_null(strstr(facts.trust.evidence.detail, "without a name"));
	X509_NAME_free(name);
	credential_free(&made);
}

static void thousands_of_names_are_searched_and_few_said(void **state)
{
	static const struct credential_spec spec = { .name = "many" };
	struct credential made = credential_make(&spec, NULL);

	(void)state;
	for (unsigned with_ours = 0; with_ours <= 1; with_ours++) {
		GENERAL_NAMES *names = GENERAL_NAMES_new();
		struct tls_facts facts;
		char text[64];

		for (unsigned i = 0; i < 3000; i++) {
			snprintf(text, sizeof(text), "host-%u.example.test", i);
			add_alternative(names, text, (int)strlen(text));
		}
		if (with_ours)
			add_alternative(names, HOST, sizeof(HOST) - 1);
		X509_EXTENSION_free(X509_delete_ext(made.certificate,
			X509_get_ext_by_NID(made.certificate, NID_subject_alt_name, -1)));
		set_alternatives(made.certificate, names);
		sign(&made, &made);
		facts = collect(made.certificate, NULL);
		assert_int_equal(facts.trust.cause, CAUSE_TLS_SELF_SIGNED);
		assert_int_equal(
			strstr(facts.trust.evidence.detail, "tls-wrong-host") != NULL,
			!with_ours);
	}
	credential_free(&made);
}

static void set_dates(X509 *certificate, int type, const char *from, const char *until)
{
	ASN1_TIME *times[2] = { ASN1_STRING_type_new(type), ASN1_STRING_type_new(type) };

	ASN1_STRING_set(times[0], from, -1);
	ASN1_STRING_set(times[1], until, -1);
	X509_set1_notBefore(certificate, times[0]);
	X509_set1_notAfter(certificate, times[1]);
	ASN1_STRING_free(times[0]);
	ASN1_STRING_free(times[1]);
}

static void absurd_dates_are_no_dates(void **state)
{
	static const struct {
		int type;
		const char *from, *until;
		int64_t not_after;
		const char *detail; /* NULL = nothing of the dates */
	} rows[] = {
		{ V_ASN1_GENERALIZEDTIME, "20200101000000Z", "99991231235959Z",
			253402300799, NULL },
		{ V_ASN1_GENERALIZEDTIME, "00000101000000Z", "00010101000000Z",
			-62135596800, "tls-expired" },
		{ V_ASN1_GENERALIZEDTIME, "99990101000000Z", "99991231235959Z",
			253402300799, "tls-not-yet-valid" },
		{ V_ASN1_UTCTIME, "200101000000Z", "991332000000Z", 0, "tls-untrusted" },
		{ V_ASN1_UTCTIME, "200101000000Z", "", 0, "tls-untrusted" },
		{ V_ASN1_UTCTIME, "\xff\xff", "AAAAAAAAAAAAZ", 0, "tls-untrusted" },
	};
	static const struct credential_spec spec = { .name = "times",
		.alternatives = "DNS:" HOST };
	struct credential made = credential_make(&spec, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tls_facts facts;
		const char *detail = facts.trust.evidence.detail;

		set_dates(made.certificate, rows[i].type, rows[i].from, rows[i].until);
		sign(&made, &made);
		facts = collect(made.certificate, NULL);
		assert_int_equal(facts.leaf_not_after, rows[i].not_after);
		assert_int_equal(facts.trust.cause, CAUSE_TLS_SELF_SIGNED);
		if (rows[i].detail ? !strstr(detail, rows[i].detail)
				   : strchr(detail, ';') != NULL)
			fail_msg("row %zu: %s", i, detail);
	}
	credential_free(&made);
}

/* Each signs the one before; none is known. */
static void a_deep_chain_is_not_followed_to_its_end(void **state)
{
	struct credential made[DEEP];
	STACK_OF(X509) *sent = sk_X509_new_null();
	struct tls_facts facts;

	(void)state;
	for (unsigned i = DEEP; i-- > 0;) {
		char name[16];
		struct credential_spec spec = {
			.name = name, .authority = i > 0, .alternatives = "DNS:" HOST
		};

		snprintf(name, sizeof(name), "link %u", i);
		made[i] = credential_make(&spec, i + 1 < DEEP ? &made[i + 1] : NULL);
	}
	for (unsigned i = 0; i < DEEP; i++)
		sk_X509_push(sent, made[i].certificate);
	facts = collect(made[0].certificate, sent);
	assert_int_equal(facts.chain_sent, DEEP);
	assert_non_null(strstr(facts.trust.evidence.detail, "link 17, issuer link 18"));
	assert_int_equal(facts.trust.verdict, VERDICT_FAILED);
	assert_true(facts.issuer != 0);
	sk_X509_free(sent);
	for (unsigned i = 0; i < DEEP; i++)
		credential_free(&made[i]);
}

/* Two that name each other as their issuer, and one that was sent a hundred times. */
static void rings_and_repetitions_end(void **state)
{
	static const struct credential_spec specs[] = { { .name = "left",
								.authority = true },
		{ .name = "right", .authority = true } };
	struct credential left = credential_make(&specs[0], NULL);
	struct credential right = credential_make(&specs[1], &left);
	STACK_OF(X509) *sent = sk_X509_new_null();
	struct tls_facts facts;

	(void)state;
	X509_set_issuer_name(left.certificate, X509_get_subject_name(right.certificate));
	sign(&left, &right);
	for (unsigned i = 0; i < 100; i++) {
		sk_X509_push(sent, left.certificate);
		sk_X509_push(sent, right.certificate);
	}
	facts = collect(left.certificate, sent);
	assert_int_equal(facts.chain_sent, 200);
	assert_int_equal(facts.trust.verdict, VERDICT_FAILED);
	assert_true(facts.issuer != 0);
	sk_X509_free(sent);
	credential_free(&left);
	credential_free(&right);
}

/* A key nobody can read is a fact as well. */
static void a_key_may_be_unreadable(void **state)
{
	static const struct credential_spec spec = { .name = "key" };
	struct credential made = credential_make(&spec, NULL), read = made;
	unsigned char *octets = NULL;
	const unsigned char *place;
	int length = i2d_X509(made.certificate, &octets);
	struct tls_facts facts;

	(void)state;
	assert_true(length > 0);
	/* the curve's name: 1.2.840.10045.3.1.7 becomes one that nobody has */
	place = memmem(octets, (size_t)length, "\x2a\x86\x48\xce\x3d\x03\x01\x07", 8);
	assert_non_null(place);
	octets[place - octets + 7] = 0x7f;
	place = octets;
	read.certificate = d2i_X509(NULL, &place, length);
	assert_non_null(read.certificate);
	facts = collect(read.certificate, NULL);
	assert_int_equal(facts.key_bits, 0);
	assert_string_equal(tls_key_names[facts.key_type], "other");
	assert_int_equal(facts.trust.verdict, VERDICT_FAILED);
	X509_free(read.certificate);
	OPENSSL_free(octets);
	credential_free(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nul_does_not_end_a_name),
		cmocka_unit_test(names_of_any_length_are_cut),
		cmocka_unit_test(a_name_may_be_missing),
		cmocka_unit_test(thousands_of_names_are_searched_and_few_said),
		cmocka_unit_test(absurd_dates_are_no_dates),
		cmocka_unit_test(a_deep_chain_is_not_followed_to_its_end),
		cmocka_unit_test(rings_and_repetitions_end),
		cmocka_unit_test(a_key_may_be_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
