/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer_parts.h"

#include <string.h>

/* An answer's head beyond this is no answer of a service; browsers bear 256 KiB. */
#define HEAD_OCTETS_MAX 65536
#define HEAD_LINES_MAX  256

/* With fewer octets no protocol can be told from another. */
#define FOREIGN_ENOUGH 8

static bool is_blank_line(const char *line, size_t length)
{
	return (length == 2 && line[0] == '\r') || (length == 1 && line[0] == '\n');
}

/* Status lines, fields, trailers and the blank lines between, one a call. */
static size_t receive_head(char *line, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	struct transfer_reception *reception = &transfer->reception;
	size_t length = size * count;
	long status = 0;

	transfer_enter(transfer, PHASE_RESPONSE);
	reception->head_octets += length;
	reception->head_lines++;
	if (reception->head_octets > HEAD_OCTETS_MAX ||
		reception->head_lines > HEAD_LINES_MAX) {
		reception->head_overflow = true;
		return 0;
	}
	if (is_blank_line(line, length)) {
		curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
		/* 1xx answers have heads as well and end nothing (RFC 9110, 15.2) */
		reception->head_ended |= status >= 200;
	}
	return length;
}

/* \retval false  enough to say who speaks: a stranger's first octets may drip */
static bool keep_foreign(
	struct transfer_reception *reception, const char *data, size_t length)
{
	size_t room = sizeof(reception->foreign) - reception->foreign_length;
	size_t kept = length < room ? length : room;

	memcpy(reception->foreign + reception->foreign_length, data, kept);
	reception->foreign_length += kept;
	return kept == length && reception->foreign_length < FOREIGN_ENOUGH;
}

static bool keep_body(struct transfer *transfer, const char *data, size_t length)
{
	size_t room = transfer->request.body_keep - transfer->body.length;

	if (room > 0)
		text_append_bytes(&transfer->body, data, length < room ? length : room);
	transfer->reception.no_memory = text_failed(&transfer->body);
	return !transfer->reception.no_memory;
}

/*
 * MAXFILESIZE does not bound a chunked body, so the count is here; returning short is the
 * only way to say "enough", and curl reports it as CURLE_WRITE_ERROR.
 */
static size_t receive_body(char *data, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	struct transfer_reception *reception = &transfer->reception;
	size_t length = size * count;
	uint64_t room = transfer->request.body_limit - reception->body_length;

	transfer_enter(transfer, PHASE_RESPONSE);
	if (reception->head_lines == 0) {
		/* No status line: curl calls it HTTP/0.9, we look who it is. */
		return keep_foreign(reception, data, length) ? length : 0;
	}
	if (length > room) {
		length = (size_t)room;
		reception->enough = true;
	}
	reception->body_length += length;
	if (!keep_body(transfer, data, length) || reception->enough)
		return 0;
	return length;
}

bool transfer_set_receive(struct transfer *transfer)
{
	CURL *easy = transfer->easy;
	bool head = strcmp(transfer->request.method, "HEAD") == 0;

	return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_head) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
		/* without it the octets of a stranger are refused before we see them */
		curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 1L) == CURLE_OK &&
		curl_easy_setopt(easy, head ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1L) ==
		CURLE_OK;
}
