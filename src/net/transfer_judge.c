/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer_parts.h"

#include <errno.h>
#include <string.h>

#include "net/evidence.h"

/* curl's bound of one header line, CURL_MAX_HTTP_HEADER. */
#define HEAD_LINE_MAX 102400

static struct finding with_detail(enum cause cause, const char *detail)
{
	struct finding finding = finding_of(cause);

	finding.evidence.kind =
		cause_layer(cause) == LAYER_LOCAL ? EVIDENCE_LOCAL : EVIDENCE_PEER;
	/* curl quotes the peer in some of its sentences */
	text_copy_printable(
		finding.evidence.detail, EVIDENCE_DETAIL_MAX, detail, strlen(detail));
	return finding;
}

/* Connecting, sending or receiving failed in the kernel. */
static struct finding judge_socket(const struct transfer *transfer, int error)
{
	const struct transfer_socket *socket = &transfer->socket;

	if (socket->trouble != 0)
		return evidence_from_errno(socket->trouble);
	if (socket->icmp_seen)
		return socket->icmp;
	/* EPIPE is our kernel's word after their FIN: closed before it answered */
	if (error == EPIPE)
		return finding_of(CAUSE_HTTP_EMPTY_REPLY);
	/* the queue is gone with the socket: -1, and only the error is read */
	return evidence_of_socket(-1, error, &transfer->request.address);
}

/* A receive error without errno is curl's own: chunks, or the sum of all headers. */
static struct finding judge_receive(const struct transfer *transfer, int error)
{
	if (transfer->tls.observer.alert >= 0)
		return transfer_judge_tls(transfer, error);
	if (error == 0)
		return with_detail(CAUSE_HTTP_BAD_FRAMING, transfer->error);
	return judge_socket(transfer, error);
}

static struct finding judge_refusal(const struct transfer *transfer)
{
	const struct transfer_reception *reception = &transfer->reception;

	if (reception->enough)
		return finding_of(CAUSE_NONE);
	if (reception->head_overflow)
		return with_detail(CAUSE_HTTP_BAD_FRAMING, "endless headers");
	return finding_of(CAUSE_LOCAL_RESOURCE);
}

/*
 * curl says "out of memory" of a header line beyond its bound as well; what the kernel
 * counted on the connection tells the two apart.
 */
static struct finding judge_memory(const struct transfer *transfer)
{
	if (!transfer->reception.head_ended &&
		transfer->socket.octets_arrived >= HEAD_LINE_MAX)
		return with_detail(CAUSE_HTTP_BAD_FRAMING, "endless header line");
	return finding_of(CAUSE_LOCAL_RESOURCE);
}

/* Our belt: what the silence means depends on how far the conversation was. */
static struct finding judge_silence(const struct transfer *transfer)
{
	static const enum cause causes[PHASE_COUNT] = {
		[PHASE_RESOLVE] = CAUSE_TIMEOUT,
		[PHASE_CONNECT] = CAUSE_TIMEOUT,
		[PHASE_TLS] = CAUSE_NO_ANSWER,
		[PHASE_REQUEST] = CAUSE_NO_ANSWER,
		[PHASE_RESPONSE] = CAUSE_HTTP_TIMEOUT,
	};

	if (transfer->result.phase == PHASE_TLS && transfer->tls.record_length > 0)
		return finding_of(CAUSE_TIMEOUT);
	return finding_of(causes[transfer->result.phase]);
}

/* curl takes a head that breaks off after its status line as a whole answer. */
static struct finding judge_end(const struct transfer *transfer)
{
	return finding_of(
		transfer->reception.head_ended ? CAUSE_NONE : CAUSE_HTTP_TRUNCATED);
}

static struct finding judge_code(
	const struct transfer *transfer, CURLcode code, int error)
{
	switch (code) {
	case CURLE_OK:
		return judge_end(transfer);
	case CURLE_WRITE_ERROR:
		return judge_refusal(transfer);
	case CURLE_COULDNT_CONNECT:
	case CURLE_SEND_ERROR:
		return judge_socket(transfer, error);
	case CURLE_RECV_ERROR:
		return judge_receive(transfer, error);
	case CURLE_SSL_CONNECT_ERROR:
		return transfer_judge_tls(transfer, error);
	case CURLE_OPERATION_TIMEDOUT:
		return judge_silence(transfer);
	case CURLE_OUT_OF_MEMORY:
		return judge_memory(transfer);
	default:
		return with_detail(CAUSE_LOCAL_RESOURCE, curl_easy_strerror(code));
	}
}

/* Codes that mean one thing only. */
static const struct {
	CURLcode code;
	enum cause cause;
} plain_rows[] = {
	{ CURLE_GOT_NOTHING, CAUSE_HTTP_EMPTY_REPLY },
	{ CURLE_PARTIAL_FILE, CAUSE_HTTP_TRUNCATED },
	{ CURLE_WEIRD_SERVER_REPLY, CAUSE_HTTP_BAD_FRAMING },
	{ CURLE_UNSUPPORTED_PROTOCOL, CAUSE_HTTP_BAD_FRAMING },
	{ CURLE_BAD_CONTENT_ENCODING, CAUSE_HTTP_BAD_FRAMING },
	{ CURLE_FILESIZE_EXCEEDED, CAUSE_HTTP_BAD_FRAMING },
};

static struct finding judge(const struct transfer *transfer, CURLcode code, int error)
{
	const struct transfer_reception *reception = &transfer->reception;

	if (reception->foreign_length > 0)
		return recognise_stranger(reception->foreign, reception->foreign_length,
			&transfer->request.address);
	if (code == CURLE_GOT_NOTHING && reception->head_lines > 0)
		return with_detail(CAUSE_HTTP_TRUNCATED, "only an interim answer came");
	for (size_t i = 0; i < sizeof(plain_rows) / sizeof(plain_rows[0]); i++) {
		if (plain_rows[i].code == code)
			return with_detail(plain_rows[i].cause, transfer->error);
	}
	return judge_code(transfer, code, error);
}

/*
 * curl's own marks, from the start of the transfer; TOTAL closes the phase that was
 * reached. The loop's turns would add their lag.
 */
static void measure_phases(struct transfer *transfer)
{
	static const CURLINFO marks[] = { CURLINFO_NAMELOOKUP_TIME_T,
		CURLINFO_CONNECT_TIME_T, CURLINFO_APPCONNECT_TIME_T,
		CURLINFO_STARTTRANSFER_TIME_T, CURLINFO_TOTAL_TIME_T };
	struct transfer_result *result = &transfer->result;
	curl_off_t before = 0;

	for (unsigned phase = PHASE_CONNECT; phase <= result->phase; phase++) {
		curl_off_t at = 0;

		curl_easy_getinfo(transfer->easy,
			phase == result->phase ? CURLINFO_TOTAL_TIME_T : marks[phase],
			&at);
		if (at <= before)
			continue;
		result->phase_us[phase] = at - before;
		before = at;
	}
}

static void read_answer(struct transfer *transfer)
{
	struct transfer_result *result = &transfer->result;
	long status = 0, version = 0;
	char *location = NULL;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
	curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &location);
	result->status = (int)status;
	result->http_version = version == CURL_HTTP_VERSION_1_0 ? 10
		: version == CURL_HTTP_VERSION_1_1              ? 11
								: 0;
	result->location = location;
	result->body_length = transfer->reception.body_length;
	result->body = transfer->body.data ? transfer->body.data : "";
	result->body_kept = transfer->body.length;
}

void transfer_judge(struct transfer *transfer, CURLcode code)
{
	long error = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
	if (transfer->reception.head_lines > 0)
		read_answer(transfer);
	measure_phases(transfer);
	transfer->result.tls = transfer->tls.observer.facts;
	transfer->result.finding = judge(transfer, code, (int)error);
}
