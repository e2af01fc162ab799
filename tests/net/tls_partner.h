/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TLS server in a thread of the test's own, one connection after the other, for what no
 * real server does on command.
 */
#ifndef TESTS_NET_TLS_PARTNER_H
#define TESTS_NET_TLS_PARTNER_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdint.h>

#include "net/credentials.h"

struct tls_partner {
	/* The test's, before the start; the context is the partner's own. */
	SSL_CTX *context;
	void (*talk)(SSL *ssl); /* after the handshake; NULL = waits for the end */
	const char *consent; /* said in the clear after the first octets; NULL = none */
	/* Talks in the clear before the handshake; false = there will be none. NULL =
	 * says the consent */
	bool (*agree)(const struct tls_partner *partner, int fd);
	/* As talk, for a test with a script. */
	void (*talk_by)(const struct tls_partner *partner, SSL *ssl);
	const void *script; /* the test's own, for both */
	bool rude;          /* ends without close_notify */

	uint16_t port;
	int listener;
	int quiet; /* readable once it waits for the other side's end */
	pthread_t thread;
};

/** Zeroes and makes a context that shows this certificate. */
void tls_partner_init(struct tls_partner *partner, const struct credential *shown);
void tls_partner_start(struct tls_partner *partner);
void tls_partner_stop(struct tls_partner *partner);

/** Says no more and reads until the other side ends. \param ssl  NULL = in the clear */
void tls_partner_await_end(const struct tls_partner *partner, int fd, SSL *ssl);

/** Writes each of `count` equal pieces as a record of its own, all in one segment. */
void tls_partner_say_records(SSL *ssl, const char *piece, int length, unsigned count);

#endif
