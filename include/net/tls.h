/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS as a measurement: the handshake never stops at a bad certificate; chain, names and
 * dates are collected first and judged apart, so that facts survive an expired leaf.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "net/stream.h"

struct ssl_st;
struct ssl_ctx_st;
struct x509_store_st;

/** The trust store, loaded once (20 ms for Debian's bundle) and shared by all sessions.
 */
struct tls_trust;

/**
 * \param ca_file  PEM bundle; NULL = the system's
 * \retval 0 or -errno; -EINVAL when the file holds no certificate
 */
int tls_trust_new(const char *ca_file, struct tls_trust **ret_trust);
void tls_trust_free(struct tls_trust *trust);
struct x509_store_st *tls_trust_store(const struct tls_trust *trust);
/** The file the store was loaded from, for libcurl's CAINFO. */
const char *tls_trust_file(const struct tls_trust *trust);

/** What was seen, whether or not it is trusted. Dates are Unix seconds. */
struct tls_facts {
	bool handshaken;
	bool certificate_seen;
	int version;     /* TLS1_2_VERSION …, 0 = none */
	char cipher[48]; /* OpenSSL's standard name */
	int64_t leaf_not_after;
	int64_t chain_not_after; /* the earliest of leaf and chain */
	int key_bits;            /* security bits of the leaf's key */
	struct finding trust;    /* verdict ok, or why it is not trusted */
};

enum tls_progress { TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_DONE, TLS_FAILED };

struct tls_session {
	struct ssl_st *ssl;
	struct tls_facts facts;
	struct finding failure; /* of TLS_FAILED */
	const char *host;
};

/**
 * Begins a client session on a connected stream. \param host  for SNI and the name check;
 * an address literal is checked against the certificate's IP addresses, without SNI.
 * \retval false  local trouble, *ret_finding says which
 */
bool tls_open(struct tls_session *session, const struct tls_trust *trust,
	struct stream *stream, const char *host, struct finding *ret_finding);

/** Goes on with the handshake after the stream became ready. Facts fill as they come. */
enum tls_progress tls_handshake(struct tls_session *session);

/** As stream_read() and stream_write(), through the session once it is DONE. */
ssize_t tls_read(struct tls_session *session, void *buffer, size_t size);
ssize_t tls_write(struct tls_session *session, const void *data, size_t length);

/** Sends close_notify if it may and frees; the stream is the caller's. Fine when zeroed.
 */
void tls_close(struct tls_session *session);

/**
 * Judges a finished handshake: trust first, then weak keys, then an expiry nearer than
 * `soon_us`. VERDICT_OK when there is nothing to say.
 */
struct finding tls_judge(const struct tls_facts *facts, int64_t now_us, int64_t soon_us);

/** Fills facts from an SSL another library drives (libcurl's), after its handshake. */
void tls_facts_of(struct ssl_st *ssl, const char *host, struct tls_facts *ret_facts);

/*
 * Closed lists behind the labels `version` and `cipher`, as static tables of the header
 * because probe kinds put them into their constant gauge tables. The last is "other".
 */
static const char *const tls_version_names[] = { "TLS 1.0", "TLS 1.1", "TLS 1.2",
	"TLS 1.3", "other", NULL };

/** Index into tls_version_names. */
unsigned tls_version_index(int version);

#endif
