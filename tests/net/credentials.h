/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of every sort for tests, made at run time, and servers that show them. */
#ifndef TESTS_NET_CREDENTIALS_H
#define TESTS_NET_CREDENTIALS_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct credential {
	X509 *certificate;
	EVP_PKEY *key;
};

struct credential_spec {
	const char *name;         /* common name */
	const char *organisation; /* NULL = none */
	const char *alternatives; /* "DNS:pbx.test,IP:127.0.0.1"; NULL = none */
	const char *issuer_url;   /* of authority information access; NULL = none */
	bool authority;
	int rsa_bits;        /* 0 = an EC key on P-256 */
	const char *key;     /* "P-384", "RSA-PSS", "ED25519" …; NULL = as above */
	bool sha1;           /* signed with SHA-1 instead of SHA-256 */
	const char *digest;  /* "SHA384" …; NULL = as above; of Ed… keys ignored */
	const char *purpose; /* extended key usage, "OCSPSigning"; NULL = none */
	int from_days;       /* from now; 0 = since yesterday */
	int to_days;         /* from now; 0 = for 90 days */
};

/** \param issuer  NULL = signs itself */
struct credential credential_make(
	const struct credential_spec *spec, const struct credential *issuer);
void credential_free(struct credential *credential);

/** A folder of its own below the temporary one; removed with what is in it. */
void credentials_folder(char path[64]);
void credentials_remove(const char *path);

/** Writes certificate and key as one PEM file; appends if it is there. */
void credential_write(const struct credential *credential, const char *path, bool key);

/** Runs a program in the folder, unheard. \retval false  there is none, or it failed */
bool credentials_run(const char *folder, const char *const *argv);

/** A real server: `openssl s_server` on an ephemeral port of 127.0.0.1. */
struct tls_server {
	pid_t pid;
	uint16_t port;
	int output;
};

/**
 * \param arguments  further ones, NULL terminated: "-cert", path, …
 * \retval false  there is no openssl program here
 */
bool tls_server_start(struct tls_server *server, const char *const *arguments);
void tls_server_stop(struct tls_server *server);

#endif
