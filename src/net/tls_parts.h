/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of TLS share with each other and with nobody else. */
#ifndef NET_TLS_PARTS_H
#define NET_TLS_PARTS_H

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include "net/tls.h"

/*
 * Longer chains than this are not followed: public ones have four certificates, and each
 * further one costs a hostile server's client a signature.
 */
#define TLS_CHAIN_DEPTH_MAX 16

struct tls_trust {
	X509_STORE *store;
	SSL_CTX *context; /* of all sessions; says nothing of one of them */
	BIO_METHOD *method;
	bool pinned; /* to the one certificate of this fingerprint */
	uint8_t pin[TLS_PIN_OCTETS];

	/* Of tls_trust_take() alone. */
	LIST_ENTRY(tls_trust) link;
	unsigned owners; /* 0 = not shared */
	char *path;
	struct stat status; /* of the file as it was loaded */
};

/** A BIO over a stream that keeps the first octets and the stream's errors. */
BIO_METHOD *tls_method_new(void);

/** Callbacks of a context whose SSLs carry an observer each. */
void tls_observe_sessions(SSL_CTX *context);
bool tls_observe_session(SSL *ssl, struct tls_observer *observer);

/** Verifies and reads what the server showed. The store context is OpenSSL's own. */
void tls_collect(struct tls_observer *observer, X509_STORE_CTX *verification);

/**
 * Builds the chain and looks for every flaw, past each of them.
 * \param now  Unix seconds
 */
struct finding tls_verify(
	const struct tls_observer *observer, X509_STORE_CTX *verification, int64_t now);

/* tls_staple.c */

struct tls_staple {
	enum tls_ocsp status;
	int64_t revoked; /* Unix seconds, of TLS_OCSP_REVOKED */
	int reason;      /* RFC 5280, 5.3.1; -1 = not said */
};

/** Judges a response; never TLS_OCSP_NONE. */
struct tls_staple tls_staple_read(
	const uint8_t *octets, size_t length, X509 *leaf, X509 *issuer, int64_t now);

/** After the server's certificate and what it stapled: a revoked one is not trusted. */
void tls_collect_staple(struct tls_facts *facts, SSL *ssl, int64_t now);

/* tls_names.c: what certificates say, for people; all of it made printable */

/** Unix seconds; 0 = not a date. */
int64_t tls_seconds(const ASN1_TIME *time);

/** "2026-10-01" \return buffer */
const char *tls_date_format(int64_t seconds, char *buffer, size_t size);

/** The common name, or else the unit or the organisation. \return buffer */
const char *tls_name_format(const X509_NAME *name, char *buffer, size_t size);
const char *tls_subject_format(const X509 *certificate, char *buffer, size_t size);

/** The names a certificate is for, as many as there is room for. */
void tls_alternatives_format(X509 *leaf, char *buffer, size_t size);

#endif
