/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a TLS server shows, after OpenSSL has taken it apart: a certificate as leaf and as
 * issuer, alone or with a stapled response behind it; and what a person pins.
 */
#include <assert.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "net/tls_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void detail_is_printable(const struct finding *finding)
{
	const char *detail = finding->evidence.detail;

	assert(memchr(detail, '\0', sizeof(finding->evidence.detail)));
	for (; *detail; detail++)
		assert(*detail >= ' ' && *detail <= '~');
}

static void facts_are_sound(const struct tls_facts *facts)
{
	assert(facts->certificate_seen);
	assert(facts->key_type < sizeof(tls_key_names) / sizeof(tls_key_names[0]) - 1);
	assert(facts->signature <
		sizeof(tls_signature_names) / sizeof(tls_signature_names[0]) - 1);
	assert(facts->key_bits >= 0);
	/* nobody is trusted here */
	assert(facts->trust.verdict != VERDICT_OK);
	detail_is_printable(&facts->trust);
	detail_is_printable(&facts->weak);
}

static void collect(X509 *leaf)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *verification = X509_STORE_CTX_new();
	STACK_OF(X509) *sent = sk_X509_new_null();
	struct tls_observer observer = { .host = "pbx.test", .alert = -1 };

	assert(store && verification && sent && sk_X509_push(sent, leaf) > 0);
	X509_STORE_set_depth(store, TLS_CHAIN_DEPTH_MAX);
	assert(X509_STORE_CTX_init(verification, store, leaf, sent) == 1);
	tls_collect(&observer, verification);
	facts_are_sound(&observer.facts);
	X509_STORE_CTX_free(verification);
	sk_X509_free(sent);
	X509_STORE_free(store);
}

static void read_pin(const uint8_t *data, size_t length)
{
	char *text = malloc(length + 1);
	uint8_t pin[TLS_PIN_OCTETS];

	assert(text);
	memcpy(text, data, length);
	text[length] = '\0';
	if (tls_pin_parse(text, pin))
		assert(strspn(text, "0123456789abcdefABCDEF:") == strlen(text));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	const uint8_t *place = data;
	X509 *leaf = d2i_X509(NULL, &place, (long)length);
	struct tls_staple staple;

	read_pin(data, length);
	if (leaf) {
		collect(leaf);
		ERR_clear_error();
		staple = tls_staple_read(
			place, length - (size_t)(place - data), leaf, leaf, 1800000000);
		assert(staple.status < TLS_OCSP_NONE);
		assert(ERR_peek_error() == 0);
	}
	X509_free(leaf);
	ERR_clear_error();
	return 0;
}
