/* SPDX-License-Identifier: Apache-2.0 */
#include "media/stamp_key.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_LENGTH 32

/*
 * The context is begun anew for each packet. That costs 0.3 us for 96 octets; a copy of
 * it 0.8 us, fetching the algorithm each time, as HMAC() does, 1.8 us (OpenSSL 3.0).
 */
struct stamp_key {
	EVP_MAC_CTX *context;
};

static EVP_MAC_CTX *prepare(const void *secret, size_t length)
{
	char digest[] = "SHA256";
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;

	EVP_MAC_free(algorithm);
	if (context && EVP_MAC_init(context, secret, length, parameters) == 1)
		return context;
	EVP_MAC_CTX_free(context);
	return NULL;
}

int stamp_key_new(const void *secret, size_t length, struct stamp_key **ret_key)
{
	struct stamp_key *key;

	if (length < STAMP_SECRET_MIN)
		return -EINVAL;
	key = calloc(1, sizeof(*key));
	if (key)
		key->context = prepare(secret, length);
	if (!key || !key->context) {
		stamp_key_free(key);
		return -ENOMEM;
	}
	*ret_key = key;
	return 0;
}

void stamp_key_free(struct stamp_key *key)
{
	if (!key)
		return;
	EVP_MAC_CTX_free(key->context);
	free(key);
}

bool stamp_key_sign(const struct stamp_key *key, struct stamp_text first,
	struct stamp_text second, uint8_t ret_tag[static STAMP_TAG_LENGTH])
{
	uint8_t digest[DIGEST_LENGTH];
	size_t length;
	bool done = EVP_MAC_init(key->context, NULL, 0, NULL) == 1 &&
		EVP_MAC_update(key->context, first.data, first.length) == 1 &&
		EVP_MAC_update(key->context, second.data, second.length) == 1 &&
		EVP_MAC_final(key->context, digest, &length, sizeof(digest)) == 1;

	if (!done)
		memset(digest, 0, sizeof(digest));
	memcpy(ret_tag, digest, STAMP_TAG_LENGTH);
	return done;
}

bool stamp_key_verify(const struct stamp_key *key, struct stamp_text first,
	struct stamp_text second, const uint8_t tag[static STAMP_TAG_LENGTH])
{
	uint8_t own[STAMP_TAG_LENGTH];

	return stamp_key_sign(key, first, second, own) &&
		CRYPTO_memcmp(own, tag, sizeof(own)) == 0;
}
