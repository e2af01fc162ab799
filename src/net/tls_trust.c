/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "net/tls.h"
#include "net/tls_parts.h"

#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

LIST_HEAD(shared_list, tls_trust);

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

/* \param ca_file  NULL = no authorities at all */
static int fill(struct tls_trust *trust, const char *ca_file)
{
	trust->store = X509_STORE_new();
	trust->method = tls_method_new();
	if (!trust->store || !trust->method)
		return -ENOMEM;
	X509_STORE_set_depth(trust->store, TLS_CHAIN_DEPTH_MAX);
	errno = 0;
	if (ca_file && !X509_STORE_load_file(trust->store, ca_file))
		return errno == ENOENT || errno == EACCES ? -errno : -EINVAL;
	if (ca_file && !holds_certificates(trust->store))
		return -EINVAL;
	trust->context = context_new(trust->store);
	return trust->context ? 0 : -ENOMEM;
}

static int trust_make(const char *ca_file, struct tls_trust **ret_trust)
{
	struct tls_trust *trust = calloc(1, sizeof(*trust));
	int error;

	if (!trust)
		return -ENOMEM;
	error = fill(trust, ca_file);
	/* what OpenSSL leaves in its queue would be read as the next handshake's error */
	ERR_clear_error();
	if (error < 0) {
		tls_trust_free(trust);
		return error;
	}
	*ret_trust = trust;
	return 0;
}

int tls_trust_new(const char *ca_file, struct tls_trust **ret_trust)
{
	return trust_make(ca_file ? ca_file : SYSTEM_CA_FILE, ret_trust);
}

int tls_trust_new_pinned(const uint8_t pin[TLS_PIN_OCTETS], struct tls_trust **ret_trust)
{
	int error = trust_make(NULL, ret_trust);

	if (error < 0)
		return error;
	(*ret_trust)->pinned = true;
	memcpy((*ret_trust)->pin, pin, TLS_PIN_OCTETS);
	return 0;
}

static struct shared_list *shared_trusts(void)
{
	static struct shared_list list = LIST_HEAD_INITIALIZER(list);

	return &list;
}

/* A file written anew while the old plan still holds the old one is another one. */
static bool is_of_file(
	const struct tls_trust *trust, const char *path, const struct stat *status)
{
	const struct stat *loaded = &trust->status;

	return strcmp(trust->path, path) == 0 && loaded->st_dev == status->st_dev &&
		loaded->st_ino == status->st_ino && loaded->st_size == status->st_size &&
		loaded->st_mtim.tv_sec == status->st_mtim.tv_sec &&
		loaded->st_mtim.tv_nsec == status->st_mtim.tv_nsec;
}

static int share(
	const char *path, const struct stat *status, struct tls_trust **ret_trust)
{
	struct tls_trust *trust;
	int error = trust_make(path, &trust);

	if (error < 0)
		return error;
	trust->path = strdup(path);
	if (!trust->path) {
		tls_trust_free(trust);
		return -ENOMEM;
	}
	trust->status = *status;
	trust->owners = 1;
	LIST_INSERT_HEAD(shared_trusts(), trust, link);
	*ret_trust = trust;
	return 0;
}

int tls_trust_take(const char *ca_file, struct tls_trust **ret_trust)
{
	struct tls_trust *trust;
	struct stat status;

	if (stat(ca_file, &status) != 0)
		return -errno;
	/* a pipe would hold us until somebody writes into it */
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	LIST_FOREACH (trust, shared_trusts(), link) {
		if (is_of_file(trust, ca_file, &status)) {
			trust->owners++;
			*ret_trust = trust;
			return 0;
		}
	}
	return share(ca_file, &status, ret_trust);
}

void tls_trust_free(struct tls_trust *trust)
{
	if (!trust || (trust->owners > 0 && --trust->owners > 0))
		return;
	if (trust->path)
		LIST_REMOVE(trust, link);
	free(trust->path);
	SSL_CTX_free(trust->context);
	X509_STORE_free(trust->store);
	BIO_meth_free(trust->method);
	free(trust);
}

struct x509_store_st *tls_trust_store(const struct tls_trust *trust)
{
	return trust->store;
}
