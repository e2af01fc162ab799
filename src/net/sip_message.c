/* SPDX-License-Identifier: Apache-2.0 */
#include "net/sip_message.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* libre's headers take these from its own build, not from the compiler. [measured] */
#define HAVE_INTTYPES_H
#define HAVE_STDBOOL_H
#include <re.h>

#include "base/text.h"
#include "net/sip_echo.h"
#include "net/sip_frame.h"
#include "net/sip_value.h"

#define HEAD_END    "\r\n\r\n"
#define SIP_VERSION "SIP/2.0"

#define LENGTH_UNKNOWN SIZE_MAX

static struct sip_span span_of(const struct pl *part)
{
	return (struct sip_span){ part->p, part->l };
}

static void copy_part(char *destination, size_t size, const struct pl *part)
{
	sip_value_copy(destination, size, span_of(part));
}

/* What is being read: the octets, and where to put what they say. */
struct reader {
	const uint8_t *data;
	size_t length;
	size_t blank; /* line ends before the message */
	size_t head;  /* octets of it, blank included; 0 = not whole yet */
	enum sip_framing framing;
	struct sip_answer *answer;
};

static enum sip_reading garbage(struct sip_answer *answer, const char *words)
{
	text_copy(answer->words, sizeof(answer->words), words);
	return SIP_GARBAGE;
}

/*
 * Trap: libre numbers headers by a hash of 12 bits ("aael" has that of Call-ID), and so
 * takes the one for the other. Its own fields and its search by number are left alone;
 * the list of lines, compared by name, is right.
 */
static const struct sip_hdr *next_header(
	const struct le *le, const char *name, char compact)
{
	for (; le; le = le->next) {
		const struct sip_hdr *header = le->data;

		if (pl_strcasecmp(&header->name, name) == 0 ||
			(header->name.l == 1 && (header->name.p[0] | 0x20) == compact))
			return header;
	}
	return NULL;
}

static const struct sip_hdr *find_header(
	const struct sip_msg *message, const char *name, char compact)
{
	return next_header(list_head(&message->hdrl), name, compact);
}

static unsigned count_headers(
	const struct sip_msg *message, const char *name, char compact)
{
	const struct sip_hdr *header = find_header(message, name, compact);
	unsigned count = 0;

	for (; header; header = next_header(header->le.next, name, compact))
		count++;
	return count;
}

/* Where the request came from, as the server saw it (RFC 3581, 4). */
static struct transport_address origin(struct sip_span received, struct sip_span rport)
{
	struct transport_address seen = { .port = 0 };
	char text[ADDRESS_TEXT_MAX];
	unsigned long port;

	if (received.length > 0 && received.length < sizeof(text)) {
		memcpy(text, received.start, received.length);
		text[received.length] = '\0';
		if (!address_parse(text, &seen.address))
			seen.address.family = FAMILY_NONE;
	}
	if (sip_value_number(rport, UINT16_MAX, &port))
		seen.port = (uint16_t)port;
	return seen;
}

static struct transport_address read_origin(const struct sip_via *via)
{
	struct pl received = pl_null, rport = pl_null;

	msg_param_decode(&via->params, "received", &received);
	msg_param_decode(&via->params, "rport", &rport);
	return origin(span_of(&received), span_of(&rport));
}

/* What stands before the sender in "SIP/2.0/UDP 192.0.2.7", which libre has checked. */
static struct pl transport_before(const char *sender)
{
	struct pl transport = { sender, 0 };

	while (sip_value_is_space(transport.p[-1]))
		transport.p--;
	while (transport.p[-1] != '/' && !sip_value_is_space(transport.p[-1])) {
		transport.p--;
		transport.l++;
	}
	return transport;
}

/*
 * What libre has decoded on its way is taken if it is of this header. \retval false  it
 * is no Via
 */
static bool decode_via(
	const struct sip_msg *message, const struct pl *value, struct sip_via *ret_via)
{
	if (message->via.val.p == value->p) {
		*ret_via = message->via;
		return true;
	}
	return sip_via_decode(ret_via, value) == 0;
}

static bool decode_from(
	const struct sip_msg *message, const struct pl *value, struct sip_taddr *ret_from)
{
	if (message->from.val.p == value->p) {
		*ret_from = message->from;
		return true;
	}
	if (sip_addr_decode((struct sip_addr *)ret_from, value) != 0)
		return false;
	if (msg_param_decode(&ret_from->params, "tag", &ret_from->tag) != 0)
		ret_from->tag.l = 0;
	return true;
}

static const char *read_via(const struct sip_msg *message, struct sip_answer *answer)
{
	const struct sip_hdr *header = find_header(message, "Via", 'v');
	struct sip_via via = { 0 };
	struct pl transport;

	if (!header)
		return "no Via";
	if (!decode_via(message, &header->val, &via))
		return "a malformed Via";
	transport = transport_before(via.sentby.p);
	copy_part(answer->identity.transport, sizeof(answer->identity.transport),
		&transport);
	copy_part(
		answer->identity.sent_by, sizeof(answer->identity.sent_by), &via.sentby);
	copy_part(answer->identity.branch, sizeof(answer->identity.branch), &via.branch);
	answer->seen = read_origin(&via);
	snprintf(answer->vias, sizeof(answer->vias), "%u",
		count_headers(message, "Via", 'v'));
	return NULL;
}

static const char *read_from(const struct sip_msg *message, struct sip_answer *answer)
{
	const struct sip_hdr *header = find_header(message, "From", 'f');
	struct sip_taddr from = { 0 };

	if (!header)
		return "no From";
	if (!decode_from(message, &header->val, &from))
		return "a malformed From";
	copy_part(answer->identity.from, sizeof(answer->identity.from), &from.auri);
	copy_part(answer->identity.tag, sizeof(answer->identity.tag), &from.tag);
	return NULL;
}

/* The headers that every answer has (RFC 3261, 8.2.6.2). \retval NULL  they are there */
static const char *read_identity(const struct sip_msg *message, struct sip_answer *answer)
{
	const struct sip_hdr *call_id = find_header(message, "Call-ID", 'i');
	const struct sip_hdr *cseq = find_header(message, "CSeq", '\0');
	const char *wrong = read_via(message, answer);

	if (!wrong)
		wrong = read_from(message, answer);
	if (!wrong && !call_id)
		wrong = "no Call-ID";
	if (!wrong && !cseq)
		wrong = "no CSeq";
	if (wrong)
		return wrong;
	copy_part(answer->identity.call_id, sizeof(answer->identity.call_id),
		&call_id->val);
	copy_part(answer->identity.cseq, sizeof(answer->identity.cseq), &cseq->val);
	return NULL;
}

static void read_facts(const struct sip_msg *message, struct sip_answer *answer)
{
	const struct sip_hdr *header = find_header(message, "Server", '\0');

	if (!header)
		header = find_header(message, "User-Agent", '\0');
	if (header)
		copy_part(answer->server, sizeof(answer->server), &header->val);
	header = find_header(message, "Allow", '\0');
	for (; header; header = next_header(header->le.next, "Allow", '\0')) {
		answer->methods_listed = true;
		answer->methods += sip_value_words(span_of(&header->val));
	}
}

/* \retval false  it is no number, or two that differ */
static bool read_content_length(const struct sip_msg *message, size_t *ret_length)
{
	const struct sip_hdr *header = find_header(message, "Content-Length", 'l');
	size_t length = LENGTH_UNKNOWN;
	unsigned long number;

	while (header) {
		if (!sip_value_number(span_of(&header->val), INT32_MAX, &number) ||
			(length != LENGTH_UNKNOWN && length != number))
			return false;
		length = number;
		header = next_header(header->le.next, "Content-Length", 'l');
	}
	*ret_length = length;
	return true;
}

/* Padding at the end of a datagram; some send a keep-alive in one piece with it. */
static bool is_blank(const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (data[i] != '\r' && data[i] != '\n')
			return false;
	}
	return true;
}

static bool body_fits(const struct reader *reader, size_t announced, size_t came)
{
	const uint8_t *body = reader->data + reader->head;

	if (reader->framing == SIP_DATAGRAM_CUT || came == announced)
		return true;
	return came > announced && is_blank(body + announced, came - announced);
}

/* \retval SIP_RESPONSE  its body is whole, or as whole as it will get */
static enum sip_reading measure_body(struct reader *reader, size_t announced)
{
	struct sip_answer *answer = reader->answer;
	size_t came = reader->length - reader->head;

	if (reader->framing == SIP_STREAM) {
		if (announced == LENGTH_UNKNOWN) /* none (RFC 3261, 18.3) */
			announced = 0;
		answer->length = reader->head + announced;
		return came < announced ? SIP_INCOMPLETE : SIP_RESPONSE;
	}
	if (announced != LENGTH_UNKNOWN && !body_fits(reader, announced, came)) {
		snprintf(answer->announced, sizeof(answer->announced), "%zu octets",
			announced);
		snprintf(answer->came, sizeof(answer->came), "%zu octets", came);
	}
	return SIP_RESPONSE;
}

static bool same(const char *sent, const char *heard)
{
	return strcasecmp(sent, heard) == 0;
}

static void note_change(
	struct sip_answer *answer, const char *what, const char *sent, const char *heard)
{
	if (!same(sent, heard))
		answer->changes[answer->change_count++] =
			(struct sip_change){ what, sent, heard };
}

static void compare(const struct sip_request *request, struct sip_answer *answer)
{
	const struct sip_identity *sent = &request->identity, *heard = &answer->identity;
	unsigned secrets = 0;

	secrets += same(sent->branch, heard->branch);
	secrets += same(sent->tag, heard->tag);
	secrets += strncasecmp(sent->call_id, heard->call_id, SIP_SECRET_LENGTH) == 0;
	answer->ours = secrets > SIP_SECRETS / 2;
	if (!answer->ours)
		return;
	note_change(answer, "Via transport", sent->transport, heard->transport);
	note_change(answer, "Via", sent->sent_by, heard->sent_by);
	note_change(answer, "branch", sent->branch, heard->branch);
	note_change(answer, "From", sent->from, heard->from);
	note_change(answer, "From tag", sent->tag, heard->tag);
	note_change(answer, "Call-ID", sent->call_id, heard->call_id);
	note_change(answer, "CSeq", sent->cseq, heard->cseq);
	note_change(answer, "number of Via", "1", answer->vias);
	/* alone it is a sloppy server or a lost end: nothing of ours was changed */
	if (answer->change_count > 0)
		note_change(answer, "Content-Length", answer->announced, answer->came);
}

static enum sip_reading take_response(
	struct reader *reader, const struct sip_request *request, struct sip_msg *message)
{
	struct sip_answer *answer = reader->answer;
	enum sip_reading reading;
	size_t announced = 0;
	const char *wrong;

	if (message->scode < 100 || message->scode > 699)
		return garbage(answer, "a status that is none");
	if (!read_content_length(message, &announced))
		return garbage(answer, "a Content-Length that is none");
	wrong = read_identity(message, answer);
	if (wrong)
		return garbage(answer, wrong);
	answer->status = message->scode;
	answer->headed = true;
	copy_part(answer->words, sizeof(answer->words), &message->reason);
	read_facts(message, answer);
	reading = measure_body(reader, announced);
	compare(request, answer);
	return reading;
}

static enum sip_reading take_request(struct reader *reader, struct sip_msg *message)
{
	size_t announced = 0;
	struct pl line = { message->met.p,
		(size_t)(message->ver.p + message->ver.l - message->met.p) };

	if (!read_content_length(message, &announced))
		return garbage(reader->answer, "a Content-Length that is none");
	copy_part(reader->answer->words, sizeof(reader->answer->words), &line);
	return measure_body(reader, announced) == SIP_INCOMPLETE ? SIP_INCOMPLETE
								 : SIP_REQUEST;
}

/* Trap: 65736 is a status of 200 to libre. */
static bool status_is_short(const struct sip_msg *message)
{
	return message->ver.p + sizeof(SIP_VERSION " 200") == message->reason.p;
}

static enum sip_reading take(
	struct reader *reader, const struct sip_request *request, struct sip_msg *message)
{
	reader->answer->length = reader->length;
	if (message->req)
		return take_request(reader, message);
	if (!status_is_short(message))
		return garbage(reader->answer, "a malformed status line");
	return take_response(reader, request, message);
}

/* The header alone: libre needs no body, and copies what it is given. */
static enum sip_reading decode(struct reader *reader, const struct sip_request *request)
{
	size_t size = reader->head - reader->blank;
	const char *wrong = sip_frame_refuse(reader->data + reader->blank, size);
	struct sip_msg *message = NULL;
	enum sip_reading reading;
	struct mbuf *buffer;
	int error = ENOMEM;

	if (wrong)
		return garbage(reader->answer, wrong);
	buffer = mbuf_alloc(size);
	if (buffer && mbuf_write_mem(buffer, reader->data + reader->blank, size) == 0) {
		buffer->pos = 0;
		error = sip_msg_decode(&message, buffer);
	}
	if (error == ENOMEM)
		reading = SIP_NO_MEMORY;
	else if (error != 0 || buffer->pos != buffer->end)
		reading = garbage(reader->answer, "a malformed header");
	else
		reading = take(reader, request, message);
	mem_deref(message);
	mem_deref(buffer);
	return reading;
}

static void take_facts(const struct sip_echo *echo, struct sip_answer *answer)
{
	answer->status = echo->status;
	sip_value_copy(answer->words, sizeof(answer->words), echo->reason);
	sip_value_copy(answer->server, sizeof(answer->server),
		echo->server.start ? echo->server : echo->agent);
	answer->methods_listed = echo->allow.start;
	answer->methods = sip_value_words(echo->allow);
}

/* \retval false  it is to be decoded */
static bool take_echo(struct reader *reader, const struct sip_request *request,
	enum sip_reading *ret_reading)
{
	struct sip_answer *answer = reader->answer;
	size_t announced = LENGTH_UNKNOWN;
	unsigned long number;
	struct sip_echo echo;

	if (!sip_echo_read(request, reader->data + reader->blank,
		    reader->head - reader->blank, &echo))
		return false;
	if (echo.length.start) {
		if (!sip_value_number(echo.length, INT32_MAX, &number))
			return false;
		announced = number;
	}
	take_facts(&echo, answer);
	answer->seen = origin(echo.received, echo.port);
	answer->identity = request->identity;
	text_copy(answer->vias, sizeof(answer->vias), "1");
	answer->headed = true;
	answer->ours = true;
	*ret_reading = measure_body(reader, announced);
	return true;
}

static size_t count_blank(const uint8_t *data, size_t length)
{
	size_t blank = 0;

	while (blank < length && is_blank(data + blank, 1))
		blank++;
	return blank;
}

enum sip_reading sip_answer_read(const struct sip_request *request, const uint8_t *data,
	size_t length, enum sip_framing framing, struct sip_answer *ret_answer)
{
	struct reader reader = { .data = data,
		.length = length,
		.blank = count_blank(data, length),
		.framing = framing,
		.answer = ret_answer };
	const uint8_t *start = data + reader.blank, *end;
	enum sip_reading reading;

	memset(ret_answer, 0, sizeof(*ret_answer));
	ret_answer->length = length;
	if (reader.blank == length)
		return SIP_BLANK;
	if (!sip_frame_begins(start, length - reader.blank))
		return SIP_STRANGER;
	end = memmem(start, length - reader.blank, HEAD_END, strlen(HEAD_END));
	if (!end)
		return framing == SIP_STREAM
			? SIP_INCOMPLETE
			: garbage(ret_answer, "no end of its header");
	reader.head = (size_t)(end + strlen(HEAD_END) - data);
	ret_answer->head = reader.head;
	if (take_echo(&reader, request, &reading))
		return reading;
	return decode(&reader, request);
}
