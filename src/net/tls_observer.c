/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/tls_parts.h"

/* An observer hangs on the SSL, or on its SSL_CTX when libcurl made both. */
static int session_index(void)
{
	static int index = -1;

	if (index < 0)
		index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	return index;
}

static int context_index(void)
{
	static int index = -1;

	if (index < 0)
		index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	return index;
}

static struct tls_observer *observer_of(const SSL *ssl)
{
	struct tls_observer *observer = SSL_get_ex_data(ssl, session_index());

	if (observer)
		return observer;
	return SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index());
}

static void note_session(
	struct tls_facts *facts, const SSL *ssl, const SSL_CIPHER *cipher)
{
	const char *name = cipher ? SSL_CIPHER_standard_name(cipher) : NULL;

	facts->version = SSL_version(ssl);
	if (name)
		text_copy(facts->cipher, sizeof(facts->cipher), name);
}

/* Takes the place of X509_verify_cert(). \return 1: go on with the handshake, always */
static int on_certificate(X509_STORE_CTX *verification, void *unused)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(
		verification, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_observer *observer = observer_of(ssl);

	(void)unused;
	note_session(&observer->facts, ssl, SSL_get_pending_cipher(ssl));
	tls_collect(observer, verification);
	X509_STORE_CTX_set_error(verification, X509_V_OK);
	/* errors of a bad chain are facts, not errors of this handshake */
	ERR_clear_error();
	return 1;
}

/* \return 1: go on with the handshake, always */
static int on_staple(SSL *ssl, void *unused)
{
	struct tls_observer *observer = observer_of(ssl);

	(void)unused;
	tls_collect_staple(&observer->facts, ssl, clock_wall_us() / SECOND);
	return 1;
}

static int on_certificate_wanted(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	(void)certificate;
	(void)key;
	observer_of(ssl)->facts.certificate_wanted = true;
	return 0; /* none to show; the server decides what that means */
}

/*
 * A warning ends nothing: old servers send `unrecognized_name` and go on. TLS 1.3 knows
 * no levels (RFC 8446, 6): there all but these two are errors.
 */
static bool alert_is_fatal(const SSL *ssl, int value)
{
	int description = value & 0xff;
	/* SSL_version() alone names the highest we offer until the server has chosen */
	bool is_tls13 = SSL_get_pending_cipher(ssl) && SSL_version(ssl) == TLS1_3_VERSION;

	if (description == SSL3_AD_CLOSE_NOTIFY || description == TLS1_AD_USER_CANCELLED)
		return false;
	return value >> 8 == SSL3_AL_FATAL || is_tls13;
}

static void on_event(const SSL *ssl, int where, int value)
{
	struct tls_observer *observer = observer_of(ssl);

	if (where == SSL_CB_READ_ALERT && alert_is_fatal(ssl, value))
		observer->alert = value & 0xff;
	if (where & SSL_CB_HANDSHAKE_DONE) {
		observer->facts.handshaken = true;
		note_session(&observer->facts, ssl, SSL_get_current_cipher(ssl));
	}
}

void tls_observe_sessions(SSL_CTX *context)
{
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context, on_certificate, NULL);
	SSL_CTX_set_client_cert_cb(context, on_certificate_wanted);
	SSL_CTX_set_info_callback(context, on_event);
	SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
	SSL_CTX_set_tlsext_status_cb(context, on_staple);
}

bool tls_observe_session(SSL *ssl, struct tls_observer *observer)
{
	return SSL_set_ex_data(ssl, session_index(), observer) == 1;
}

bool tls_observe(struct ssl_ctx_st *context, struct tls_observer *observer)
{
	if (!SSL_CTX_set_ex_data(context, context_index(), observer))
		return false;
	tls_observe_sessions(context);
	return true;
}

void tls_observer_init(
	struct tls_observer *observer, const struct tls_trust *trust, const char *host)
{
	*observer = (struct tls_observer){ .trust = trust, .host = host, .alert = -1 };
}

bool tls_only_wants_certificate(const struct tls_observer *observer)
{
	static const int alerts[] = { SSL3_AD_HANDSHAKE_FAILURE, SSL3_AD_NO_CERTIFICATE,
		SSL3_AD_BAD_CERTIFICATE, SSL3_AD_UNSUPPORTED_CERTIFICATE,
		SSL3_AD_CERTIFICATE_UNKNOWN, TLS1_AD_ACCESS_DENIED,
		TLS13_AD_CERTIFICATE_REQUIRED };

	if (!observer->facts.certificate_wanted || !observer->facts.certificate_seen)
		return false;
	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
		if (observer->alert == alerts[i])
			return true;
	}
	return false;
}

bool tls_may_want_certificate(const struct tls_observer *observer)
{
	const struct tls_facts *facts = &observer->facts;

	return facts->certificate_wanted && facts->handshaken &&
		facts->version == TLS1_3_VERSION;
}

static struct finding refusal_of_alert(int alert)
{
	struct finding finding = finding_of(alert == TLS1_AD_PROTOCOL_VERSION
			? CAUSE_TLS_PROTOCOL_VERSION
			: CAUSE_TLS_HANDSHAKE_FAILURE);

	finding.evidence.kind = EVIDENCE_TLS_ALERT;
	finding.evidence.code = alert;
	text_copy(finding.evidence.detail, sizeof(finding.evidence.detail),
		SSL_alert_desc_string_long(alert));
	return finding;
}

static enum cause cause_of_reason(unsigned long error)
{
	switch (ERR_GET_REASON(error)) {
	case ERR_R_MALLOC_FAILURE:
		return CAUSE_LOCAL_RESOURCE;
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_WRONG_SSL_VERSION:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_VERSION_TOO_HIGH:
		return CAUSE_TLS_PROTOCOL_VERSION;
	default:
		return CAUSE_TLS_HANDSHAKE_FAILURE;
	}
}

struct finding tls_refusal(const struct tls_observer *observer, unsigned long error)
{
	const char *reason = ERR_reason_error_string(error);
	struct finding finding;

	if (observer->alert >= 0)
		return refusal_of_alert(observer->alert);
	finding = finding_of(cause_of_reason(error));
	if (reason) {
		finding.evidence.kind = finding.cause == CAUSE_LOCAL_RESOURCE
			? EVIDENCE_LOCAL
			: EVIDENCE_PEER;
		text_copy(
			finding.evidence.detail, sizeof(finding.evidence.detail), reason);
	}
	return finding;
}
