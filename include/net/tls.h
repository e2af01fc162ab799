/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS as a measurement: the handshake never stops at a bad certificate; chain, names and
 * dates are collected first and judged apart, so that facts survive an expired leaf, and
 * also a server that aborts afterwards.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "net/recognise.h"
#include "net/stream.h"

struct ssl_st;
struct ssl_ctx_st;
struct x509_store_st;

/**
 * What certificates are verified against: authorities, or one certificate's fingerprint.
 * Loaded once (20 ms for Debian's bundle) and shared by all sessions.
 */
struct tls_trust;

/**
 * \param ca_file  PEM bundle; NULL = the system's
 * \retval 0 or -errno; -EINVAL when the file holds no certificate
 */
int tls_trust_new(const char *ca_file, struct tls_trust **ret_trust);

/** As tls_trust_new(), but who names an unchanged file again gets the same object. */
int tls_trust_take(const char *ca_file, struct tls_trust **ret_trust);

/** Octets of a SHA-256 fingerprint of a certificate's DER. */
#define TLS_PIN_OCTETS 32

/**
 * Trusts this one certificate, whatever its issuer and name; its dates still count.
 * \retval 0 or -ENOMEM
 */
int tls_trust_new_pinned(const uint8_t pin[TLS_PIN_OCTETS], struct tls_trust **ret_trust);

/**
 * Reads a fingerprint as `openssl x509 -fingerprint -sha256` prints it: 64 hexadecimal
 * digits of either case, each octet divided from the next by a colon, or none is.
 * \retval false  something else; ret_pin is untouched
 */
bool tls_pin_parse(const char *text, uint8_t ret_pin[TLS_PIN_OCTETS]);

/** Frees with its last owner; fine with NULL. */
void tls_trust_free(struct tls_trust *trust);
struct x509_store_st *tls_trust_store(const struct tls_trust *trust);

/** What a stapled OCSP response says of the leaf. Names: tls_ocsp_names. */
enum tls_ocsp {
	TLS_OCSP_GOOD,
	TLS_OCSP_REVOKED,
	TLS_OCSP_UNKNOWN, /* to its own authority */
	TLS_OCSP_INVALID, /* outdated, of another certificate, badly signed, garbage */
	TLS_OCSP_NONE,    /* none was sent */
};

/** Room for a name in a certificate; a longer one is cut. */
#define TLS_NAME_MAX 48

/** What was seen, whether or not it is trusted. Dates are Unix seconds. */
struct tls_facts {
	bool handshaken;
	bool certificate_seen;
	bool certificate_wanted;    /* the server asked for one of ours; we have none */
	int version;                /* TLS1_2_VERSION …, 0 = none */
	char cipher[48];            /* the standard name (RFC 8446, B.4) */
	char subject[TLS_NAME_MAX]; /* of the leaf, printable; "" = no certificate */
	char voucher[TLS_NAME_MAX]; /* its issuer */
	int64_t leaf_not_after;
	int64_t chain_not_after;  /* the earliest of leaf and chain */
	int64_t chain_not_before; /* the latest of leaf and chain */
	unsigned key_type;        /* of the leaf, into tls_key_names */
	int key_bits;             /* of the leaf; 0 = a key we cannot read */
	unsigned signature;       /* on the leaf, into tls_signature_names */
	unsigned chain_sent;      /* certificates the server sent */
	uint64_t issuer;          /* text_hash() of who vouches for what was sent */
	bool staple_known;        /* whether one was sent, and what it is worth */
	enum tls_ocsp staple;     /* then: into tls_ocsp_names */
	bool pinned;              /* judged by its fingerprint, not by its issuers */
	struct finding trust;     /* verdict ok, or why it is not trusted */
	struct finding weak;      /* verdict ok, or which key or signature is weak */
};

/**
 * Records what a server shows, in the place of OpenSSL's verification, which would stop
 * at the first error. Owned by who embeds it, beside an SSL or an SSL_CTX of its own.
 */
struct tls_observer {
	const struct tls_trust *trust;
	const char *host; /* the name, or an address literal, the certificate is for */
	struct tls_facts facts;
	int alert; /* the last fatal one the server sent (RFC 8446, 6.2); -1 = none */
};

/** \param host  must outlive the observer */
void tls_observer_init(
	struct tls_observer *observer, const struct tls_trust *trust, const char *host);

/**
 * Watches all handshakes of a context that another library made for one transfer
 * (CURLOPT_SSL_CTX_FUNCTION): facts fill as they come, and no certificate aborts.
 * The observer must outlive the context's use.
 * \retval false  no memory: the transfer must not go on unobserved
 */
bool tls_observe(struct ssl_ctx_st *context, struct tls_observer *observer);

/**
 * Why a handshake failed, from the server's alert or else from OpenSSL's error.
 * \param error  of ERR_peek_error() right after the failure; 0 = not known
 */
struct finding tls_refusal(const struct tls_observer *observer, unsigned long error);

/**
 * The server refused us only for want of a certificate of ours: its own was seen and its
 * key proven, so path and service are.
 */
bool tls_only_wants_certificate(const struct tls_observer *observer);

/**
 * It asked for a certificate of ours and has not refused us yet: with TLS 1.3 that comes
 * after the handshake, and the reset that answers our first words may swallow its alert.
 */
bool tls_may_want_certificate(const struct tls_observer *observer);

enum tls_progress { TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_DONE, TLS_FAILED };

struct tls_session {
	struct ssl_st *ssl;
	struct stream *stream;
	struct tls_observer observer; /* .facts */
	bool failed;                  /* broken for good; nothing is sent any more */
	struct finding failure;       /* then: how */
	unsigned wants;               /* LOOP_READ or LOOP_WRITE: what to wait for */
	unsigned write_wants;         /* the same, of tls_write() */
	int error;                    /* -errno of the stream; 0 = none */
	bool ended;                   /* the peer closed the stream */
	size_t allowance;             /* octets this call may still read */
	size_t first_length;
	uint8_t first[RECOGNISE_MAX]; /* the first octets the peer sent */
};

/**
 * Begins a client session on a connected stream, fresh or in the middle of a conversation
 * (STARTTLS). Whatever the peer said in the clear beyond its consent is no part of the
 * session, and whoever goes on must have refused it (RFC 6120, 5.4.3.3: it may have been
 * slipped in). \param host  for SNI and the name check; an address literal is checked
 * against the certificate's IP addresses, without SNI.
 * \retval false  local trouble, *ret_finding says which
 */
bool tls_open(struct tls_session *session, const struct tls_trust *trust,
	struct stream *stream, const char *host, struct finding *ret_finding);

/**
 * Offers this one version and nothing else, with every cipher suite and key that OpenSSL
 * has left, weak ones too: to learn what a server accepts, not to talk to it. Between
 * tls_open() and the first tls_handshake().
 * \param version  into tls_version_names
 * \retval false  this OpenSSL cannot; nothing is known of the server then
 */
bool tls_offer_only(struct tls_session *session, unsigned version);

/** Goes on with the handshake after the stream became ready. Facts fill as they come. */
enum tls_progress tls_handshake(struct tls_session *session);

/**
 * Reads after TLS_DONE. Octets may lie in OpenSSL where the socket no longer shows them:
 * read until -EAGAIN before waiting for the stream.
 * \retval >0 octets, 0 the peer closed (with or without close_notify), -EAGAIN nothing
 * now: wait for session->wants, other negative: broken, session->failure says how
 */
ssize_t tls_read(struct tls_session *session, void *buffer, size_t size);

/**
 * Writes what fits, after TLS_DONE; a repetition after -EAGAIN must offer the same
 * octets, more may follow them. \retval as tls_read(), never 0; after -EAGAIN wait for
 * session->write_wants
 */
ssize_t tls_write(struct tls_session *session, const void *data, size_t length);

/** Sends close_notify if it may and frees; the stream is the caller's. Fine when zeroed.
 */
void tls_close(struct tls_session *session);

/**
 * Judges what was seen: trust first, then weak keys, then an expiry nearer than
 * `soon_us`. VERDICT_OK when there is nothing to say.
 * \param now_us  wall time
 */
struct finding tls_judge(const struct tls_facts *facts, int64_t now_us, int64_t soon_us);

/*
 * Closed lists behind labels, as static tables of the header because probe kinds put them
 * into their constant gauge tables. The last of those with an open world is "other".
 */
static const char *const tls_version_names[] = { "TLS 1.0", "TLS 1.1", "TLS 1.2",
	"TLS 1.3", "other", NULL };

static const char *const tls_cipher_names[] = { "TLS_AES_128_GCM_SHA256",
	"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
	"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA", "other", NULL };

/* The order of enum tls_ocsp, and of tables in tls_facts.c, is that of these. */
static const char *const tls_key_names[] = { "RSA", "RSA-PSS", "EC", "DSA", "Ed25519",
	"Ed448", "other", NULL };

static const char *const tls_signature_names[] = { "RSA-MD5", "RSA-SHA1", "RSA-SHA256",
	"RSA-SHA384", "RSA-SHA512", "RSA-PSS", "ECDSA-SHA1", "ECDSA-SHA256",
	"ECDSA-SHA384", "ECDSA-SHA512", "Ed25519", "Ed448", "other", NULL };

static const char *const tls_ocsp_names[] = { "good", "revoked", "unknown", "invalid",
	"none", NULL };

/** Index into tls_version_names. */
unsigned tls_version_index(int version);

/** Index into tls_cipher_names. */
unsigned tls_cipher_index(const char *cipher);

#endif
