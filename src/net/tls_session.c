/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <string.h>

#include "base/text.h"
#include "net/evidence.h"
#include "net/tls_parts.h"

/*
 * As much as one call takes from the stream. OpenSSL itself goes on for as long as
 * records without data come (tickets, key updates): whoever floods us with them must not
 * hold the loop.
 */
#define CALL_OCTETS_MAX 65536

static void keep_first(struct tls_session *session, const char *data, size_t length)
{
	size_t room = sizeof(session->first) - session->first_length;

	if (length > room)
		length = room;
	memcpy(session->first + session->first_length, data, length);
	session->first_length += length;
}

static int bio_read(BIO *bio, char *data, int size)
{
	struct tls_session *session = BIO_get_data(bio);
	ssize_t length = -EAGAIN;

	if ((size_t)size > session->allowance)
		size = (int)session->allowance;
	if (size > 0)
		length = stream_read(session->stream, data, (size_t)size);
	BIO_clear_retry_flags(bio);
	if (length > 0) {
		session->allowance -= (size_t)length;
		keep_first(session, data, (size_t)length);
	} else if (length == 0) {
		session->ended = true;
	} else if (length == -EAGAIN) {
		BIO_set_retry_read(bio);
	} else {
		session->error = (int)length;
	}
	return length < 0 ? -1 : (int)length;
}

static int bio_write(BIO *bio, const char *data, int size)
{
	struct tls_session *session = BIO_get_data(bio);
	ssize_t length = stream_write(session->stream, data, (size_t)size);

	BIO_clear_retry_flags(bio);
	if (length >= 0)
		return (int)length;
	if (length == -EAGAIN)
		BIO_set_retry_write(bio);
	else
		session->error = (int)length;
	return -1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
	const struct tls_session *session = BIO_get_data(bio);

	(void)number;
	(void)pointer;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return session->ended;
	default:
		return 0;
	}
}

/*
 * OpenSSL's own socket BIO writes without MSG_NOSIGNAL, and neither keeps errno nor what
 * came before it gave up; both are evidence.
 */
BIO_METHOD *tls_method_new(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "stream");

	if (!method)
		return NULL;
	BIO_meth_set_read(method, bio_read);
	BIO_meth_set_write(method, bio_write);
	BIO_meth_set_ctrl(method, bio_control);
	return method;
}

static bool attach_stream(struct tls_session *session, BIO_METHOD *method)
{
	BIO *bio = BIO_new(method);

	if (!bio)
		return false;
	BIO_set_data(bio, session);
	BIO_set_init(bio, 1);
	SSL_set_bio(session->ssl, bio, bio);
	return true;
}

/* RFC 6066, 3: SNI carries names only, without the dot at the end. */
static bool name_server(SSL *ssl, const char *host)
{
	struct address literal;
	char name[256];
	size_t length;

	if (address_parse(host, &literal) || !text_copy(name, sizeof(name), host))
		return true;
	length = strlen(name);
	if (length > 0 && name[length - 1] == '.')
		name[length - 1] = '\0';
	return *name == '\0' || SSL_set_tlsext_host_name(ssl, name) == 1;
}

bool tls_open(struct tls_session *session, const struct tls_trust *trust,
	struct stream *stream, const char *host, struct finding *ret_finding)
{
	*session = (struct tls_session){ .stream = stream };
	tls_observer_init(&session->observer, trust, host);
	session->ssl = SSL_new(trust->context);
	if (session->ssl && attach_stream(session, trust->method) &&
		tls_observe_session(session->ssl, &session->observer) &&
		name_server(session->ssl, host)) {
		SSL_set_connect_state(session->ssl);
		return true;
	}
	tls_close(session);
	ERR_clear_error();
	*ret_finding = evidence_from_errno(ENOMEM);
	return false;
}

bool tls_offer_only(struct tls_session *session, unsigned version)
{
	int number = TLS1_VERSION + (int)version;
	SSL *ssl = session->ssl;
	bool fine;

	/* OpenSSL 3 has TLS 1.0 and 1.1, SHA-1 and short keys on level 0 only */
	SSL_set_security_level(ssl, 0);
	/* servers that old know no secure renegotiation (RFC 5746) either */
	SSL_set_options(ssl, SSL_OP_LEGACY_SERVER_CONNECT);
	fine = SSL_set_cipher_list(ssl, "ALL:!aNULL:@SECLEVEL=0") == 1 &&
		SSL_set_min_proto_version(ssl, number) == 1 &&
		SSL_set_max_proto_version(ssl, number) == 1;
	ERR_clear_error();
	return fine;
}

/* Whoever does not begin with a record of TLS is somebody else. */
static bool is_stranger(const struct tls_session *session)
{
	const char *name;

	if (session->first_length == 0)
		return false;
	name = recognise(session->first, session->first_length);
	return !name || strcmp(name, "TLS") != 0;
}

static struct finding explain(struct tls_session *session, unsigned long error)
{
	struct finding finding;

	if (is_stranger(session))
		return recognise_stranger(
			session->first, session->first_length, &session->stream->peer);
	if (session->observer.alert < 0 && session->error < 0)
		return stream_trouble(session->stream, session->error);
	/* with or without a close_notify before */
	if (session->observer.alert < 0 &&
		(session->ended ||
			SSL_get_shutdown(session->ssl) & SSL_RECEIVED_SHUTDOWN))
		return finding_of(CAUSE_CLOSED_EARLY);
	finding = tls_refusal(&session->observer, error);
	/* the handshake was fine; what came after it is none of its records */
	if (session->observer.facts.handshaken && session->observer.alert < 0 &&
		finding.cause == CAUSE_TLS_HANDSHAKE_FAILURE)
		finding.cause = CAUSE_GARBAGE;
	return finding;
}

static void begin_call(struct tls_session *session)
{
	session->allowance = CALL_OCTETS_MAX;
	/* SSL_get_error() looks at the whole thread's queue: it must begin empty */
	ERR_clear_error();
}

/* \param result  of a call of OpenSSL that has not succeeded */
static enum tls_progress end_call(
	struct tls_session *session, int result, unsigned *ret_wants)
{
	switch (SSL_get_error(session->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		*ret_wants = LOOP_READ;
		return TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		*ret_wants = LOOP_WRITE;
		return TLS_WANTS_WRITE;
	default:
		session->failed = true;
		session->failure = explain(session, ERR_peek_error());
		ERR_clear_error();
		return TLS_FAILED;
	}
}

enum tls_progress tls_handshake(struct tls_session *session)
{
	int result;

	begin_call(session);
	result = SSL_do_handshake(session->ssl);
	return result == 1 ? TLS_DONE : end_call(session, result, &session->wants);
}

static ssize_t octets_of(struct tls_session *session, int result, unsigned *ret_wants)
{
	if (result > 0)
		return result;
	if (end_call(session, result, ret_wants) != TLS_FAILED)
		return -EAGAIN;
	return session->error < 0 ? session->error : -EPROTO;
}

ssize_t tls_read(struct tls_session *session, void *buffer, size_t size)
{
	int result;

	begin_call(session);
	result = SSL_read(session->ssl, buffer, size < INT_MAX ? (int)size : INT_MAX);
	if (result <= 0 && SSL_get_error(session->ssl, result) == SSL_ERROR_ZERO_RETURN)
		return 0;
	return octets_of(session, result, &session->wants);
}

ssize_t tls_write(struct tls_session *session, const void *data, size_t length)
{
	int result;

	begin_call(session);
	result = SSL_write(session->ssl, data, length < INT_MAX ? (int)length : INT_MAX);
	return octets_of(session, result, &session->write_wants);
}

void tls_close(struct tls_session *session)
{
	if (!session->ssl)
		return;
	/* close_notify belongs to an established session; elsewhere it is an error */
	if (session->observer.facts.handshaken && !session->failed) {
		SSL_shutdown(session->ssl);
		ERR_clear_error();
	}
	SSL_free(session->ssl);
	session->ssl = NULL;
}
