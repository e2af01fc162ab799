/* SPDX-License-Identifier: Apache-2.0 */
#include "config/endpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define LABEL_MAX  63
#define QUOTED_MAX 96 /* of the wrong text, printable, in a sentence */

static const char *quoted(const char *text, char *buffer)
{
	text_copy_printable(buffer, QUOTED_MAX, text, strlen(text));
	return buffer;
}

/* What a person may have meant, by the first sign of it. */
static const struct {
	const char *sign;
	const char *advice;
} slips[] = {
	{ "://", "write only the host name, without the scheme" },
	{ "/", "write only the host name, without a path" },
	{ "@", "write only the host name, without a user" },
	{ " ", "write one host name; several go into a list: ( \"A\", \"B\" )" },
	{ ",", "write one host name; several go into a list: ( \"A\", \"B\" )" },
	{ "*", "write a real host name, no wildcard" },
	{ "..", "write the host name with single dots" },
};

static const char *slip_in(const char *text)
{
	if (*text == '\0')
		return "write a host name, or leave the key out";
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at >= 0x80)
			return "international names go by their ASCII form: write the "
			       "punycode, xn--…";
	}
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		if (strstr(text, slips[i].sign))
			return slips[i].advice;
	}
	return NULL;
}

/* RFC 1123 section 2.1; an underscore is let through, for directories have them. */
static const char *label_advice(const char *label, size_t length)
{
	if (length == 0)
		return "write the host name without a dot at its beginning or end";
	if (length > LABEL_MAX)
		return "a part between two dots has at most 63 characters";
	if (label[0] == '-' || label[length - 1] == '-')
		return "a part between two dots must not begin or end with \"-\"";
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)label[i]) && !strchr("-_", label[i]))
			return "a host name has only letters, digits, \"-\" and dots";
	}
	return NULL;
}

static const char *host_advice(const char *host)
{
	const char *label = host;
	const char *advice = slip_in(host);
	size_t length;

	if (!advice && strlen(host) >= HOST_TEXT_MAX)
		advice = "a host name has at most 253 characters";
	while (!advice) {
		length = strcspn(label, ".");
		advice = label_advice(label, length);
		if (label[length] == '\0')
			break;
		label += length + 1;
	}
	if (!advice && strspn(label, "0123456789") == strlen(label))
		advice = "this is no IPv4 address; write four numbers from 0 to 255";
	return advice;
}

static const char *port_advice(const char *text, uint16_t *ret_port)
{
	unsigned port;
	int end = 0;

	if (strlen(text) > 5 || sscanf(text, "%5u%n", &port, &end) != 1 ||
		text[end] != '\0' || port < 1 || port > UINT16_MAX)
		return "after the colon write a port from 1 to 65535";
	*ret_port = (uint16_t)port;
	return NULL;
}

/* Where the host ends: at "]" for a literal in brackets, else at the only colon. */
static const char *port_begins(const char *text)
{
	const char *colon = strchr(text, ':');
	const char *bracket = strchr(text, ']');

	if (*text == '[')
		return bracket && bracket[1] == ':' ? bracket + 1 : NULL;
	return colon && !strchr(colon + 1, ':') ? colon : NULL;
}

/* The canonical form; an interface stays as written, for it may come only later. */
static void format_literal(struct endpoint *endpoint)
{
	char literal[ADDRESS_TEXT_MAX], interface[ADDRESS_TEXT_MAX] = "";
	struct address address = endpoint->address;
	char *percent = strchr(endpoint->host, '%');

	if (percent && address_is_link_local(&address))
		text_copy(interface, sizeof(interface), percent);
	interface[strcspn(interface, "]")] = '\0';
	address.scope = 0;
	address_format(&address, literal, sizeof(literal));
	snprintf(endpoint->host, sizeof(endpoint->host), "%s%s", literal, interface);
}

static const char *host_fill(struct endpoint *endpoint)
{
	const char *advice;

	if (address_is_literal(endpoint->host, &endpoint->address)) {
		format_literal(endpoint);
		return NULL;
	}
	if (*endpoint->host == '[' || strchr(endpoint->host, ':'))
		return "this is no IPv6 address; write \"2001:db8::1\", or with a port "
		       "\"[2001:db8::1]:443\"";
	advice = host_advice(endpoint->host);
	for (char *at = endpoint->host; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return advice;
}

bool endpoint_parse(
	const char *text, struct endpoint *ret_endpoint, char *why, size_t why_size)
{
	struct endpoint endpoint = { .port = 0 };
	const char *colon = port_begins(text);
	size_t length = colon ? (size_t)(colon - text) : strlen(text);
	const char *advice = strstr(text, "://") ? slip_in(text) : NULL;
	char buffer[QUOTED_MAX];

	if (!advice && length >= sizeof(endpoint.host))
		advice = "a host name has at most 253 characters";
	if (!advice) {
		memcpy(endpoint.host, text, length);
		advice = host_fill(&endpoint);
	}
	if (!advice && colon)
		advice = port_advice(colon + 1, &endpoint.port);
	if (advice) {
		snprintf(why, why_size, "\"%s\": %s", quoted(text, buffer), advice);
		return false;
	}
	*ret_endpoint = endpoint;
	return true;
}

const char *endpoint_format(const char *host, uint16_t port, char *buffer, size_t size)
{
	bool literal = strchr(host, ':') != NULL;

	if (port == 0)
		snprintf(buffer, size, "%s", host);
	else
		snprintf(buffer, size, literal ? "[%s]:%u" : "%s:%u", host, port);
	return buffer;
}

bool endpoint_check(const char *text, char *why, size_t why_size)
{
	struct endpoint endpoint;

	return endpoint_parse(text, &endpoint, why, why_size);
}

bool endpoint_check_literal(const char *text, char *why, size_t why_size)
{
	struct endpoint endpoint;
	char buffer[QUOTED_MAX];

	if (!endpoint_parse(text, &endpoint, why, why_size))
		return false;
	if (endpoint.address.family != FAMILY_NONE)
		return true;
	snprintf(why, why_size,
		"\"%s\" is a name; write its address, for a name server cannot be looked "
		"up before there is one",
		quoted(text, buffer));
	return false;
}

bool name_check(const char *text, char *why, size_t why_size)
{
	size_t length = strlen(text);
	char buffer[QUOTED_MAX];

	if (length > 0 && length <= LABEL_MAX &&
		strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length)
		return true;
	snprintf(why, why_size,
		"\"%s\" cannot be a name; write 1 to 63 characters of a-z, 0-9 and \"-\"",
		quoted(text, buffer));
	return false;
}
