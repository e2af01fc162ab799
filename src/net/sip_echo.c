/* SPDX-License-Identifier: Apache-2.0 */
#include "net/sip_echo.h"

#include <stddef.h>
#include <string.h>

#include "net/sip_frame.h"

#define STATUS_LINE "SIP/2.0 200 "

/* What is being compared, and which of the lines that must be there were. */
struct comparison {
	const struct sip_request *request;
	struct sip_echo *echo;
	unsigned seen; /* bit 1 << SIP_ECHO_x */
};

/*
 * Headers whose value libre does not look into, as it does into Content-Type. Each counts
 * by its very name only: libre numbers names by a hash and takes some unknown ones for
 * others.
 */
static const struct header {
	const char *name;
	int place; /* in struct sip_echo; -1 = nothing of it is told */
} headers[] = {
	{ "Accept", -1 },
	{ "Accept-Encoding", -1 },
	{ "Accept-Language", -1 },
	{ "Allow", offsetof(struct sip_echo, allow) },
	{ "Allow-Events", -1 },
	{ "Contact", -1 },
	{ "Content-Length", offsetof(struct sip_echo, length) },
	{ "Date", -1 },
	{ "Retry-After", -1 },
	{ "Server", offsetof(struct sip_echo, server) },
	{ "Supported", -1 },
	{ "User-Agent", offsetof(struct sip_echo, agent) },
	{ "Warning", -1 },
};

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

static bool is_blank(char character)
{
	return character == ' ' || character == '\t';
}

static bool all_of(struct sip_span span, const char *characters)
{
	for (size_t i = 0; i < span.length; i++) {
		if (span.start[i] == '\0' || !strchr(characters, span.start[i]))
			return false;
	}
	return span.length > 0;
}

static bool equals(struct sip_span span, const char *text)
{
	return span.length == strlen(text) && memcmp(span.start, text, span.length) == 0;
}

/* Cuts a beginning off. \retval false  it does not begin so */
static bool skip(struct sip_span *span, const char *text, size_t length)
{
	if (span->length < length || memcmp(span->start, text, length) != 0)
		return false;
	span->start += length;
	span->length -= length;
	return true;
}

static bool skip_word(struct sip_span *span, const char *word)
{
	return skip(span, word, strlen(word));
}

/* One that is there already makes it an unusual answer. */
static bool put_once(struct sip_span *place, struct sip_span value)
{
	if (place->start)
		return false;
	*place = value;
	return true;
}

/* "branch=…", "rport", "rport=5060", "received=192.0.2.7" */
static bool take_parameter(struct comparison *comparison, struct sip_span parameter)
{
	static const char address[] = "0123456789abcdefABCDEF.:[]";
	struct sip_echo *echo = comparison->echo;

	if (skip_word(&parameter, "branch=")) {
		if (comparison->seen & 1U << SIP_ECHO_BRANCH)
			return false;
		comparison->seen |= 1U << SIP_ECHO_BRANCH;
		return equals(parameter, comparison->request->identity.branch);
	}
	if (skip_word(&parameter, "received="))
		return all_of(parameter, address) && put_once(&echo->received, parameter);
	if (equals(parameter, "rport"))
		return put_once(&echo->port, (struct sip_span){ parameter.start, 0 });
	return skip_word(&parameter, "rport=") && all_of(parameter, "0123456789") &&
		put_once(&echo->port, parameter);
}

static bool take_parameters(struct comparison *comparison, struct sip_span rest)
{
	while (rest.length > 0) {
		struct sip_span parameter;
		const char *end;

		if (!skip(&rest, ";", 1))
			return false;
		end = memchr(rest.start, ';', rest.length);
		parameter = rest;
		if (end)
			parameter.length = (size_t)(end - rest.start);
		if (!take_parameter(comparison, parameter))
			return false;
		rest.start += parameter.length;
		rest.length -= parameter.length;
	}
	return true;
}

static bool is_tag(struct sip_span rest)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-.!%*_+`'~";

	return rest.length == 0 || (skip_word(&rest, ";tag=") && all_of(rest, token));
}

/* What stands behind the words that were sent. */
static bool take_rest(
	struct comparison *comparison, enum sip_echoed echoed, struct sip_span rest)
{
	if (comparison->seen & 1U << echoed)
		return false;
	comparison->seen |= 1U << echoed;
	switch (echoed) {
	case SIP_ECHO_VIA:
		return take_parameters(comparison, rest);
	case SIP_ECHO_TO:
		return is_tag(rest);
	default:
		return rest.length == 0;
	}
}

static void trim(struct sip_span *span)
{
	while (span->length > 0 && is_blank(*span->start))
		skip(span, span->start, 1);
	while (span->length > 0 && is_blank(span->start[span->length - 1]))
		span->length--;
}

static const struct header *header_by_name(struct sip_span name)
{
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (equals(name, headers[i].name))
			return &headers[i];
	}
	return NULL;
}

static bool take_other(struct comparison *comparison, struct sip_span line)
{
	const char *colon = memchr(line.start, ':', line.length);
	const struct header *header;
	struct sip_span name = line;

	if (!colon)
		return false;
	name.length = (size_t)(colon - line.start);
	header = header_by_name(name);
	if (!header)
		return false;
	if (header->place < 0)
		return true;
	skip(&line, line.start, name.length + 1);
	trim(&line);
	return put_once((struct sip_span *)(void *)((char *)comparison->echo +
				(size_t)header->place),
		line);
}

static bool take_line(struct comparison *comparison, struct sip_span line)
{
	const struct sip_request *request = comparison->request;

	for (unsigned i = 0; i < SIP_ECHO_LINES; i++) {
		struct sip_span rest = line;

		if (skip(&rest, request->text + request->echoed[i].at,
			    request->echoed[i].length))
			return take_rest(comparison, (enum sip_echoed)i, rest);
	}
	return take_other(comparison, line);
}

/* \retval false  it ends in another way, or is too long, or goes on in the next one */
static bool cut_line(struct sip_span *rest, struct sip_span *ret_line)
{
	const char *end = memchr(rest->start, '\n', rest->length);
	struct sip_span line = { rest->start, 0 };

	if (!end || end == rest->start)
		return false;
	line.length = (size_t)(end - rest->start) - 1;
	if (line.length >= SIP_LINE_MAX || is_blank(*line.start) ||
		memchr(line.start, '\r', line.length + 1) != end - 1)
		return false;
	skip(rest, rest->start, line.length + 2);
	*ret_line = line;
	return true;
}

/* libre takes a reason that is the version for that of a request. */
static bool take_status(struct sip_span line, struct sip_echo *echo)
{
	static const char version[] = "SIP/2.0 ";
	const char *digits = line.start + sizeof(version) - 1;

	if (line.length < strlen(STATUS_LINE) || !skip_word(&line, version) ||
		digits[0] < '1' || digits[0] > '6' || !is_digit(digits[1]) ||
		!is_digit(digits[2]) || digits[3] != ' ')
		return false;
	echo->status = (unsigned)((digits[0] - '0') * 100 + (digits[1] - '0') * 10 +
		(digits[2] - '0'));
	skip(&line, digits, 4);
	echo->reason = line;
	return !equals(line, "SIP/2.0");
}

bool sip_echo_read(const struct sip_request *request, const uint8_t *head, size_t length,
	struct sip_echo *ret_echo)
{
	static const unsigned needed = 1U << SIP_ECHO_VIA | 1U << SIP_ECHO_FROM |
		1U << SIP_ECHO_CALL_ID | 1U << SIP_ECHO_CSEQ | 1U << SIP_ECHO_BRANCH;
	struct sip_span rest = { (const char *)head, length }, line;
	struct sip_echo echo = { 0 };
	struct comparison comparison = { .request = request, .echo = &echo };

	if (!cut_line(&rest, &line) || !take_status(line, &echo))
		return false;
	while (cut_line(&rest, &line) && line.length > 0) {
		if (!take_line(&comparison, line))
			return false;
	}
	if (rest.length > 0 || (comparison.seen & needed) != needed)
		return false;
	*ret_echo = echo;
	return true;
}
