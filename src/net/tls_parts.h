/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of TLS share with each other and with nobody else. */
#ifndef NET_TLS_PARTS_H
#define NET_TLS_PARTS_H

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

struct tls_observer;

struct tls_trust {
	X509_STORE *store;
	SSL_CTX *context; /* of all sessions; says nothing of one of them */
	BIO_METHOD *method;
};

/** A BIO over a stream that keeps the first octets and the stream's errors. */
BIO_METHOD *tls_method_new(void);

/** Callbacks of a context whose SSLs carry an observer each. */
void tls_observe_sessions(SSL_CTX *context);
bool tls_observe_session(SSL *ssl, struct tls_observer *observer);

/** Verifies and reads what the server showed. The store context is OpenSSL's own. */
void tls_collect(struct tls_observer *observer, X509_STORE_CTX *verification);

/** "2026-10-01" \return buffer */
const char *tls_date_format(int64_t seconds, char *buffer, size_t size);

#endif
