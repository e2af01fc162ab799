/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer_parts.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#include "net/evidence.h"

static void note_record(struct transfer *transfer, const uint8_t *octets, size_t length)
{
	struct transfer_tls *tls = &transfer->tls;

	if (tls->record_length > 0 || length > sizeof(tls->record))
		return;
	memcpy(tls->record, octets, length);
	tls->record_length = length;
	/* the same phase, yet silence from now on means something else */
	if (transfer->entered)
		transfer->entered(transfer->context, PHASE_TLS);
}

/*
 * Sees each record before OpenSSL judges it. From TLS 1.3 on the outer type says
 * application data for everything, session tickets too, so the inner one counts.
 */
static void see_message(int sent, int version, int type, const void *data, size_t length,
	SSL *ssl, void *context)
{
	struct transfer *transfer = context;
	const uint8_t *octets = data;

	(void)version;
	if (sent || length == 0)
		return;
	if (type == SSL3_RT_HEADER)
		note_record(transfer, octets, length);
	if (octets[0] == SSL3_RT_APPLICATION_DATA &&
		transfer->result.phase == PHASE_REQUEST &&
		(type == SSL3_RT_INNER_CONTENT_TYPE ||
			(type == SSL3_RT_HEADER && SSL_version(ssl) < TLS1_3_VERSION)))
		transfer_enter(transfer, PHASE_RESPONSE);
}

/* curl takes OpenSSL's error off the queue and keeps a sentence: peek at it before. */
static void see_progress(const SSL *ssl, int where, int result)
{
	struct transfer *transfer = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	struct transfer_tls *tls = &transfer->tls;

	tls->observe(ssl, where, result);
	if ((where & SSL_CB_EXIT) && result <= 0 && tls->error == 0)
		tls->error = ERR_peek_error();
}

/*
 * The handshake goes on past a bad certificate, so that its facts are known; tls_judge()
 * gives the verdict. They are taken as they come: when curl reports the end, connection
 * and SSL are gone.
 */
static CURLcode prepare_tls(CURL *easy, void *ssl_context, void *context)
{
	struct transfer *transfer = context;
	SSL_CTX *ctx = ssl_context;

	(void)easy;
	transfer_connected(transfer);
	transfer_enter(transfer, PHASE_TLS);
	if (!SSL_CTX_set_app_data(ctx, transfer) ||
		!tls_observe(ctx, &transfer->tls.observer))
		return CURLE_OUT_OF_MEMORY;
	/* curl itself allows 1.0; both kinds that speak TLS have one lower bound */
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set1_cert_store(ctx, tls_trust_store(transfer->tls.observer.trust));
	transfer->tls.observe = SSL_CTX_get_info_callback(ctx);
	SSL_CTX_set_info_callback(ctx, see_progress);
	SSL_CTX_set_msg_callback(ctx, see_message);
	SSL_CTX_set_msg_callback_arg(ctx, transfer);
	/* many servers end with a bare FIN; what is missing then HTTP's framing tells */
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	return CURLE_OK;
}

/*
 * Trust is ours: verified by the observer against the shared store. With curl's own, and
 * Debian's default CApath, the bundle would be loaded anew for each transfer: 21 ms.
 */
bool transfer_set_tls(struct transfer *transfer)
{
	const struct transfer_request *request = &transfer->request;
	CURL *easy = transfer->easy;

	tls_observer_init(&transfer->tls.observer,
		request->trust ? request->trust : transfer->owner->trust, request->host);
	return curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare_tls) ==
		CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_CAINFO, NULL) == CURLE_OK;
}

static bool is_tls_record(const struct transfer_tls *tls)
{
	return tls->record_length > 1 && tls->record[0] >= SSL3_RT_CHANGE_CIPHER_SPEC &&
		tls->record[0] <= SSL3_RT_APPLICATION_DATA &&
		tls->record[1] == SSL3_VERSION_MAJOR;
}

static struct finding judge_alert(const struct transfer *transfer)
{
	const struct tls_observer *observer = &transfer->tls.observer;
	struct finding finding = tls_refusal(observer, 0);

	finding.evidence.offender = transfer->request.address;
	if (tls_only_wants_certificate(observer)) {
		/* that proves path and service as a 401 does */
		finding.cause = CAUSE_NONE;
		finding.verdict = VERDICT_OK;
	}
	return finding;
}

struct finding transfer_judge_tls(const struct transfer *transfer, int os_error)
{
	const struct transfer_tls *tls = &transfer->tls;
	const struct address *peer = &transfer->request.address;

	if (tls->observer.alert >= 0)
		return judge_alert(transfer);
	if (tls->record_length > 0 && !is_tls_record(tls))
		return recognise_stranger(tls->record, tls->record_length, peer);
	if (os_error != 0)
		return evidence_of_socket(-1, os_error, peer);
	if (tls->error != 0)
		return tls_refusal(&tls->observer, tls->error);
	return finding_of(CAUSE_CLOSED_EARLY);
}
