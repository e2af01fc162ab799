/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer_parts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A handle is 15 to 27 KB: never one a check, and few are kept when a burst is over. */
#define IDLE_MAX 16

/* A kept body beyond this is given back with its transfer. */
#define BODY_KEPT_MAX 16384

void transfer_enter(struct transfer *transfer, enum phase phase)
{
	if (phase <= transfer->result.phase)
		return;
	transfer->result.phase = phase;
	if (transfer->entered)
		transfer->entered(transfer->context, phase);
}

static struct transfer *transfer_new(struct transfers *transfers)
{
	struct transfer *transfer = calloc(1, sizeof(*transfer));

	if (!transfer)
		return NULL;
	transfer->easy = curl_easy_init();
	if (!transfer->easy) {
		free(transfer);
		return NULL;
	}
	transfer->owner = transfers;
	return transfer;
}

static void transfer_free(struct transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	text_done(&transfer->body);
	free(transfer);
}

static struct transfer *transfer_take(struct transfers *transfers)
{
	struct transfer *transfer = TAILQ_FIRST(&transfers->idle);

	if (!transfer)
		return transfer_new(transfers);
	TAILQ_REMOVE(&transfers->idle, transfer, link);
	transfers->idle_count--;
	return transfer;
}

/* curl_easy_reset() leaves the last errno, and it would explain the next failure. */
static bool is_stained(const struct transfer *transfer)
{
	long error = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
	return error != 0;
}

/* What the last transfer knew is forgotten here: nothing is carried over. */
static void transfer_put(struct transfer *transfer)
{
	struct transfers *transfers = transfer->owner;
	struct text body = transfer->body;
	CURL *easy = transfer->easy;

	if (transfers->idle_count >= IDLE_MAX || is_stained(transfer)) {
		transfer_free(transfer);
		return;
	}
	curl_easy_reset(easy);
	if (body.capacity > BODY_KEPT_MAX)
		text_done(&body);
	text_clear(&body);
	memset(transfer, 0, sizeof(*transfer));
	transfer->owner = transfers;
	transfer->easy = easy;
	transfer->body = body;
	TAILQ_INSERT_HEAD(&transfers->idle, transfer, link);
	transfers->idle_count++;
}

static bool set_headers(struct transfer *transfer)
{
	const char *const *texts = transfer->request.headers;
	size_t count = 0;

	if (!texts)
		return true;
	for (; texts[count]; count++) {
		assert(count < TRANSFER_HEADERS_MAX);
		transfer->headers[count].data = (char *)texts[count];
		transfer->headers[count].next = NULL;
		if (count > 0)
			transfer->headers[count - 1].next = &transfer->headers[count];
	}
	return count == 0 ||
		curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers) ==
		CURLE_OK;
}

static bool set_all(struct transfer *transfer)
{
	CURL *easy = transfer->easy;

	return curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_URL, transfer->request.url) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error) ==
		CURLE_OK &&
		transfer_set_socket(transfer) && transfer_set_receive(transfer) &&
		transfer_set_tls(transfer) && set_headers(transfer);
}

struct transfer *transfer_start(struct transfers *transfers,
	const struct transfer_request *request, transfer_fn done, void *context)
{
	struct transfer *transfer;

	if (!transfers->multi && transfers_open_multi(transfers) < 0)
		return NULL;
	transfer = transfer_take(transfers);
	if (!transfer)
		return NULL;
	transfer->request = *request;
	transfer->done = done;
	transfer->context = context;
	transfer->socket.fd = -1;
	transfer->result.phase = PHASE_CONNECT;
	if (!set_all(transfer) ||
		curl_multi_add_handle(transfers->multi, transfer->easy) != CURLM_OK) {
		transfer_put(transfer);
		return NULL;
	}
	transfer->place = TRANSFER_ACTIVE;
	TAILQ_INSERT_TAIL(&transfers->active, transfer, link);
	return transfer;
}

void transfer_watch_phase(
	struct transfer *transfer, void (*entered)(void *context, enum phase phase))
{
	transfer->entered = entered;
}

static int see_talk(
	CURL *easy, curl_infotype type, char *data, size_t length, void *context)
{
	struct transfer *transfer = context;

	(void)easy;
	if (type == CURLINFO_HEADER_OUT)
		transfer->said(transfer->context, TRANSFER_HEAD_SENT, data, length);
	else if (type == CURLINFO_HEADER_IN)
		transfer->said(transfer->context, TRANSFER_HEAD_RECEIVED, data, length);
	else if (type == CURLINFO_DATA_IN)
		transfer->said(transfer->context, TRANSFER_BODY_RECEIVED, data, length);
	return 0;
}

/* Without memory for it nobody hears of it, which is no trouble of the transfer. */
void transfer_watch_talk(struct transfer *transfer,
	void (*said)(
		void *context, enum transfer_part part, const char *data, size_t length))
{
	CURL *easy = transfer->easy;

	transfer->said = said;
	if (curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, see_talk) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transfer) == CURLE_OK)
		curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}

const struct tls_facts *transfer_tls_facts(const struct transfer *transfer)
{
	return &transfer->tls.observer.facts;
}

void transfer_end(struct transfer *transfer)
{
	struct transfers *transfers;

	if (!transfer)
		return;
	transfers = transfer->owner;
	/* what a conversation that is being torn down says concerns nobody */
	transfer->entered = NULL;
	curl_easy_setopt(transfer->easy, CURLOPT_VERBOSE, 0L);
	if (transfer->place == TRANSFER_ACTIVE) {
		curl_multi_remove_handle(transfers->multi, transfer->easy);
		TAILQ_REMOVE(&transfers->active, transfer, link);
	} else if (transfer->place == TRANSFER_COMPLETE) {
		TAILQ_REMOVE(&transfers->complete, transfer, link);
	}
	transfer_put(transfer);
}

int transfers_new(struct loop *loop, const struct tls_trust *trust,
	struct transfers **ret_transfers)
{
	struct transfers *transfers;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
	transfers = calloc(1, sizeof(*transfers));
	if (!transfers) {
		curl_global_cleanup();
		return -ENOMEM;
	}
	transfers->loop = loop;
	transfers->trust = trust;
	TAILQ_INIT(&transfers->active);
	TAILQ_INIT(&transfers->complete);
	TAILQ_INIT(&transfers->idle);
	transfers_init_timer(transfers);
	if (transfers_open_multi(transfers) < 0) {
		transfers_free(transfers);
		return -ENOMEM;
	}
	*ret_transfers = transfers;
	return 0;
}

/* The order is curl's: handles, then the multi, then what its callbacks touch. */
void transfers_free(struct transfers *transfers)
{
	struct transfer *transfer;

	if (!transfers)
		return;
	assert(TAILQ_EMPTY(&transfers->active) && TAILQ_EMPTY(&transfers->complete));
	while ((transfer = TAILQ_FIRST(&transfers->idle))) {
		TAILQ_REMOVE(&transfers->idle, transfer, link);
		transfer_free(transfer);
	}
	transfers_close_multi(transfers);
	loop_timer_done(&transfers->timer);
	free(transfers);
	curl_global_cleanup();
}
