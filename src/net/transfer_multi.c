/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer_parts.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"

static void complete(struct transfer *transfer)
{
	TAILQ_REMOVE(&transfer->owner->active, transfer, link);
	TAILQ_INSERT_TAIL(&transfer->owner->complete, transfer, link);
	transfer->place = TRANSFER_COMPLETE;
}

/* The message lives in the multi: its result is copied before remove_handle() frees it.
 */
static void collect(struct transfers *transfers)
{
	CURLMsg *message;
	int waiting;

	while ((message = curl_multi_info_read(transfers->multi, &waiting))) {
		CURLcode code = message->data.result;
		CURL *easy = message->easy_handle;
		struct transfer *transfer = NULL;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
		transfer_judge(transfer, code);
		curl_multi_remove_handle(transfers->multi, easy);
		complete(transfer);
	}
}

/* Callers start and end others from within done: the list is read anew each time. */
static void tell(struct transfers *transfers)
{
	struct transfer *transfer;

	while ((transfer = TAILQ_FIRST(&transfers->complete))) {
		TAILQ_REMOVE(&transfers->complete, transfer, link);
		transfer->place = TRANSFER_TOLD;
		transfer->done(transfer->context, &transfer->result);
	}
}

/* An error of the multi itself: nobody knows what became of the transfers, so all are
 * unknown and a new multi takes the next. */
static void fail_all(struct transfers *transfers, CURLMcode code)
{
	struct transfer *transfer;

	log_error("libcurl failed; all transfers are given up", "error",
		curl_multi_strerror(code));
	while ((transfer = TAILQ_FIRST(&transfers->active))) {
		curl_multi_remove_handle(transfers->multi, transfer->easy);
		transfer->result.finding = finding_of(CAUSE_LOCAL_RESOURCE);
		transfer->result.finding.evidence.kind = EVIDENCE_LOCAL;
		text_copy(transfer->result.finding.evidence.detail, EVIDENCE_DETAIL_MAX,
			curl_multi_strerror(code));
		complete(transfer);
	}
	transfers_close_multi(transfers);
	transfers_open_multi(transfers);
}

static void act(struct transfers *transfers, curl_socket_t fd, int ready)
{
	int running;
	CURLMcode code = curl_multi_socket_action(transfers->multi, fd, ready, &running);

	/* running == 0 is no reason to stop the timer: curl says -1 itself */
	if (code != CURLM_OK)
		fail_all(transfers, code);
	else
		collect(transfers);
	tell(transfers);
}

static void timer_fired(void *context)
{
	act(context, CURL_SOCKET_TIMEOUT, 0);
}

/* Only arms, also for 0 ms: curl must not be called from its own callback. */
static int arm_timer(CURLM *multi, long timeout_ms, void *context)
{
	struct transfers *transfers = context;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_cancel(&transfers->timer);
	else
		loop_timer_set(&transfers->timer, timeout_ms * MILLISECOND);
	return 0;
}

static void socket_ready(void *context, unsigned ready)
{
	struct transfer *transfer = context;
	struct transfer_socket *socket = &transfer->socket;
	int mask = 0;

	if (ready & LOOP_READ)
		mask |= CURL_CSELECT_IN;
	if (ready & LOOP_WRITE)
		mask |= CURL_CSELECT_OUT;
	transfer_heard(transfer);
	act(transfer->owner, socket->fd, mask);
}

/*
 * POLL_REMOVE ends the watch at once: the number may be another's in the next line. The
 * transfer comes with the socket (curl_multi_assign), since curl closes some sockets in
 * the name of an inner handle that is not ours.
 */
static int watch_socket(
	CURL *easy, curl_socket_t fd, int what, void *context, void *assigned)
{
	static const unsigned interests[] = {
		[CURL_POLL_IN] = LOOP_READ,
		[CURL_POLL_OUT] = LOOP_WRITE,
		[CURL_POLL_INOUT] = LOOP_READ | LOOP_WRITE,
		[CURL_POLL_REMOVE] = 0,
	};
	struct transfers *transfers = context;
	struct transfer *transfer = assigned;

	if (!transfer && what != CURL_POLL_REMOVE) {
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
		curl_multi_assign(transfers->multi, fd, transfer);
		loop_watch_init(
			&transfer->socket.watch, transfers->loop, socket_ready, transfer);
	}
	if (transfer)
		loop_watch_set(&transfer->socket.watch, fd, interests[what]);
	return 0;
}

void transfers_init_timer(struct transfers *transfers)
{
	loop_timer_init(&transfers->timer, transfers->loop, LOOP_PRIORITY_ANSWER,
		timer_fired, transfers);
}

int transfers_open_multi(struct transfers *transfers)
{
	CURLM *multi = curl_multi_init();

	if (!multi)
		return -ENOMEM;
	transfers->multi = multi;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, transfers);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, arm_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, transfers);
	/* one request a connection: no transfer waits for another's protocol */
	curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	return 0;
}

/* The callbacks run once more in here: loop and timer must live still. */
void transfers_close_multi(struct transfers *transfers)
{
	if (transfers->multi)
		curl_multi_cleanup(transfers->multi);
	transfers->multi = NULL;
	loop_timer_cancel(&transfers->timer);
}
