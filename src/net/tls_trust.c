/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "net/tls.h"
#include "net/tls_parts.h"

#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

static SSL_CTX *context_new(X509_STORE *store)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context)
		return NULL;
	/* said here, since a distribution's openssl.cnf may say something else */
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set1_cert_store(context, store);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	/* OpenSSL 3 calls an end without close_notify an error; we know it by ourselves
	 */
	SSL_CTX_set_options(context,
		SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_TICKET |
			SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(context,
		SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			SSL_MODE_RELEASE_BUFFERS);
	/* whole segments at a time: fewer reads, and enough octets to name a stranger */
	SSL_CTX_set_read_ahead(context, 1);
	tls_observe_sessions(context);
	return context;
}

static bool holds_certificates(X509_STORE *store)
{
	return sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) > 0;
}

static int load(struct tls_trust *trust, const char *ca_file)
{
	trust->store = X509_STORE_new();
	trust->method = tls_method_new();
	if (!trust->store || !trust->method)
		return -ENOMEM;
	errno = 0;
	if (!X509_STORE_load_file(trust->store, ca_file))
		return errno == ENOENT || errno == EACCES ? -errno : -EINVAL;
	if (!holds_certificates(trust->store))
		return -EINVAL;
	trust->context = context_new(trust->store);
	return trust->context ? 0 : -ENOMEM;
}

int tls_trust_new(const char *ca_file, struct tls_trust **ret_trust)
{
	struct tls_trust *trust = calloc(1, sizeof(*trust));
	int error;

	if (!trust)
		return -ENOMEM;
	error = load(trust, ca_file ? ca_file : SYSTEM_CA_FILE);
	/* what OpenSSL leaves in its queue would be read as the next handshake's error */
	ERR_clear_error();
	if (error < 0) {
		tls_trust_free(trust);
		return error;
	}
	*ret_trust = trust;
	return 0;
}

void tls_trust_free(struct tls_trust *trust)
{
	if (!trust)
		return;
	SSL_CTX_free(trust->context);
	X509_STORE_free(trust->store);
	BIO_meth_free(trust->method);
	free(trust);
}

struct x509_store_st *tls_trust_store(const struct tls_trust *trust)
{
	return trust->store;
}
