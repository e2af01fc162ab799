/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expat's traps:
 * - Since 2.6.0, and in Debian 12 since 2.5.0-1+deb12u2, it puts off an unfinished token
 *   until twice as much is there. The last octets of the features would then wait for
 *   octets that never come, so it is told not to.
 * - XML_ParserReset() forgets handlers, user data and that setting.
 * - Of a <proceed/> the end handler's place is the end, and it has no octets of its own;
 *   of a </proceed> the place is its beginning. Place and count together are the end.
 * - The encoding that is given, UTF-8 as it must be (RFC 6120, 11.6), overrides the one
 *   that is declared, but not the look of UTF-16: that has zeros, which XML has not.
 * A parser costs 3 KiB and 0.4 us, with features in it 10 KiB and 9 us.
 */
#include "net/xmpp_stream.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those of servers in use nest six deep (SASL2 with its inline features). */
#define DEPTH_MAX 16

#define NS_STREAM "http://etherx.jabber.org/streams "
#define NS_TLS    "urn:ietf:params:xml:ns:xmpp-tls "
#define NS_SASL   "urn:ietf:params:xml:ns:xmpp-sasl "
#define NS_ERROR  "urn:ietf:params:xml:ns:xmpp-streams "

/* Debian 12's first expat neither has nor declares it. */
XML_Bool XMLCALL XML_SetReparseDeferralEnabled(XML_Parser parser, XML_Bool enabled)
	__attribute__((weak));

/* What an element is to us; one of a depth means something only within its parent. */
enum part {
	PART_OTHER,
	PART_STREAM,
	PART_FEATURES,
	PART_STARTTLS,
	PART_REQUIRED,
	PART_MECHANISMS,
	PART_MECHANISM,
	PART_PROCEED,
	PART_FAILURE,
	PART_ERROR,
	PART_ERROR_TEXT,
	PART_OTHER_HOST,
};

struct xmpp_stream {
	XML_Parser parser;
	struct xmpp_facts facts;
	unsigned depth;
	enum part path[DEPTH_MAX + 1]; /* of the open elements, from depth 1 */
	size_t text_length;
	size_t fed; /* octets before the present ones */
	size_t end; /* of the <proceed/> */
};

/* ---- what we say ---- */

static const char *escape_of(char character)
{
	switch (character) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\'':
		return "&apos;";
	default:
		return NULL;
	}
}

size_t xmpp_opening_write(const char *domain, char *buffer, size_t size)
{
	static const char before[] = "<?xml version='1.0'?><stream:stream to='";
	static const char after[] = "' version='1.0' xml:lang='en' xmlns='jabber:client'"
				    " xmlns:stream='http://etherx.jabber.org/streams'>";
	size_t used = sizeof(before) - 1;

	if (size < sizeof(before) + sizeof(after))
		return 0;
	memcpy(buffer, before, used);
	for (; *domain; domain++) {
		const char *escape = escape_of(*domain);
		size_t length = escape ? strlen(escape) : 1;

		if (used + length + sizeof(after) > size)
			return 0;
		memcpy(buffer + used, escape ? escape : domain, length);
		used += length;
	}
	memcpy(buffer + used, after, sizeof(after));
	return used + sizeof(after) - 1;
}

/* ---- what we hear ---- */

static void give_up(struct xmpp_stream *stream, const char *why)
{
	if (!stream->facts.broken)
		stream->facts.broken = why;
	XML_StopParser(stream->parser, XML_FALSE);
}

static const char *condition_by_name(const char *name)
{
	static const char *const conditions[] = { "bad-format", "bad-namespace-prefix",
		"conflict", "connection-timeout", "host-gone", "host-unknown",
		"improper-addressing", "internal-server-error", "invalid-from",
		"invalid-namespace", "invalid-xml", "not-authorized", "not-well-formed",
		"policy-violation", "remote-connection-failed", "reset",
		"resource-constraint", "restricted-xml", "see-other-host",
		"system-shutdown", "undefined-condition", "unsupported-encoding",
		"unsupported-feature", "unsupported-stanza-type", "unsupported-version" };

	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (strcmp(conditions[i], name) == 0)
			return conditions[i];
	}
	return NULL;
}

struct part_row {
	enum part within;
	const char *name;
	enum part part;
};

static const struct part_row part_rows[] = {
	{ PART_STREAM, NS_STREAM "features", PART_FEATURES },
	{ PART_STREAM, NS_STREAM "error", PART_ERROR },
	{ PART_STREAM, NS_TLS "proceed", PART_PROCEED },
	{ PART_STREAM, NS_TLS "failure", PART_FAILURE },
	{ PART_FEATURES, NS_TLS "starttls", PART_STARTTLS },
	{ PART_FEATURES, NS_SASL "mechanisms", PART_MECHANISMS },
	{ PART_STARTTLS, NS_TLS "required", PART_REQUIRED },
	{ PART_MECHANISMS, NS_SASL "mechanism", PART_MECHANISM },
	{ PART_ERROR, NS_ERROR "text", PART_ERROR_TEXT },
	{ PART_ERROR, NS_ERROR "see-other-host", PART_OTHER_HOST },
};

static enum part part_of(enum part within, const char *name)
{
	for (size_t i = 0; i < sizeof(part_rows) / sizeof(part_rows[0]); i++) {
		if (part_rows[i].within == within && strcmp(part_rows[i].name, name) == 0)
			return part_rows[i].part;
	}
	return PART_OTHER;
}

static void note_condition(struct xmpp_facts *facts, const char *name)
{
	const char *condition = NULL;

	if (strncmp(name, NS_ERROR, sizeof(NS_ERROR) - 1) == 0)
		condition = condition_by_name(name + sizeof(NS_ERROR) - 1);
	if (condition)
		facts->condition = condition;
}

static void open_stream(
	struct xmpp_stream *stream, const char *name, const char *const *attributes)
{
	if (strcmp(name, NS_STREAM "stream") != 0) {
		give_up(stream, "an XML document that is no stream");
		return;
	}
	stream->facts.opened = true;
	for (; attributes[0]; attributes += 2) {
		if (strcmp(attributes[0], "version") == 0)
			stream->facts.version_1 =
				attributes[1][0] >= '1' && attributes[1][0] <= '9';
	}
}

static void note_part(struct xmpp_stream *stream, enum part part, const char *name)
{
	struct xmpp_facts *facts = &stream->facts;

	switch (part) {
	case PART_STARTTLS:
		facts->starttls = true;
		break;
	case PART_REQUIRED:
		facts->starttls_required = true;
		break;
	case PART_MECHANISM:
		facts->mechanisms++;
		break;
	case PART_OTHER_HOST: /* whatever text came before: this tells more */
		stream->text_length = 0;
		facts->text[0] = '\0';
		note_condition(facts, name);
		break;
	case PART_OTHER:
		if (stream->path[stream->depth - 1] == PART_ERROR)
			note_condition(facts, name);
		break;
	default:
		break;
	}
}

static void XMLCALL element_began(
	void *context, const char *name, const char **attributes)
{
	struct xmpp_stream *stream = context;
	enum part part;

	if (stream->depth == DEPTH_MAX) {
		give_up(stream, "elements nested without end");
		return;
	}
	if (++stream->depth == 1) {
		stream->path[1] = PART_STREAM;
		open_stream(stream, name, (const char *const *)attributes);
		return;
	}
	part = part_of(stream->path[stream->depth - 1], name);
	stream->path[stream->depth] = part;
	note_part(stream, part, name);
}

static void XMLCALL element_ended(void *context, const char *name)
{
	struct xmpp_stream *stream = context;
	struct xmpp_facts *facts = &stream->facts;

	(void)name;
	switch (stream->path[stream->depth--]) {
	case PART_STREAM:
		facts->closed = true;
		XML_StopParser(stream->parser, XML_FALSE);
		break;
	case PART_FEATURES:
		facts->features = true;
		break;
	case PART_FAILURE:
		facts->failure = true;
		break;
	case PART_ERROR:
		facts->error = true;
		break;
	case PART_PROCEED:
		facts->proceed = true;
		stream->end = (size_t)(XML_GetCurrentByteIndex(stream->parser) +
			XML_GetCurrentByteCount(stream->parser));
		XML_StopParser(stream->parser, XML_FALSE);
		break;
	default:
		break;
	}
}

static void XMLCALL characters_came(void *context, const char *characters, int length)
{
	struct xmpp_stream *stream = context;
	struct xmpp_facts *facts = &stream->facts;
	enum part part = stream->path[stream->depth];
	size_t room = sizeof(facts->text) - 1 - stream->text_length;
	size_t size = (size_t)length;

	if (part != PART_OTHER_HOST && part != PART_ERROR_TEXT)
		return;
	if (part == PART_ERROR_TEXT && facts->condition &&
		strcmp(facts->condition, "see-other-host") == 0)
		return;
	if (size > room)
		size = room;
	memcpy(facts->text + stream->text_length, characters, size);
	stream->text_length += size;
	facts->text[stream->text_length] = '\0';
}

static void XMLCALL doctype_began(void *context, const char *name, const char *system_id,
	const char *public_id, int has_internal_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	give_up(context, "a document type declaration");
}

static void XMLCALL instruction_came(void *context, const char *target, const char *data)
{
	(void)target;
	(void)data;
	give_up(context, "a processing instruction");
}

static void XMLCALL comment_came(void *context, const char *data)
{
	(void)data;
	give_up(context, "a comment");
}

static void prepare(struct xmpp_stream *stream)
{
	XML_Parser parser = stream->parser;

	if (XML_SetReparseDeferralEnabled)
		XML_SetReparseDeferralEnabled(parser, XML_FALSE);
	XML_SetUserData(parser, stream);
	XML_SetElementHandler(parser, element_began, element_ended);
	XML_SetCharacterDataHandler(parser, characters_came);
	XML_SetStartDoctypeDeclHandler(parser, doctype_began);
	XML_SetProcessingInstructionHandler(parser, instruction_came);
	XML_SetCommentHandler(parser, comment_came);
}

struct xmpp_stream *xmpp_stream_new(void)
{
	struct xmpp_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->parser = XML_ParserCreateNS("UTF-8", ' ');
	if (!stream->parser) {
		free(stream);
		return NULL;
	}
	prepare(stream);
	return stream;
}

void xmpp_stream_free(struct xmpp_stream *stream)
{
	if (!stream)
		return;
	XML_ParserFree(stream->parser);
	free(stream);
}

bool xmpp_stream_restart(struct xmpp_stream *stream)
{
	XML_Parser parser = stream->parser;

	*stream = (struct xmpp_stream){ .parser = parser };
	if (!XML_ParserReset(parser, "UTF-8"))
		return false;
	prepare(stream);
	return true;
}

static void note_trouble(struct xmpp_stream *stream)
{
	enum XML_Error error = XML_GetErrorCode(stream->parser);

	if (stream->facts.broken || stream->facts.proceed || stream->facts.closed)
		return;
	stream->facts.broken = XML_ErrorString(error);
	stream->facts.no_memory = error == XML_ERROR_NO_MEMORY;
}

size_t xmpp_stream_feed(struct xmpp_stream *stream, const void *data, size_t length)
{
	size_t taken = length;
	const char *zero;

	if (stream->facts.proceed)
		return 0;
	/* what follows the end of the stream is nobody's */
	if (stream->facts.broken || stream->facts.closed || length == 0)
		return length;
	zero = memchr(data, 0, length);
	if (zero)
		length = (size_t)(zero - (const char *)data);
	if (XML_Parse(stream->parser, data, (int)length, 0) != XML_STATUS_OK)
		note_trouble(stream);
	else if (zero)
		stream->facts.broken = "an octet of zero";
	if (stream->facts.proceed)
		taken = stream->end - stream->fed;
	stream->fed += length;
	return taken;
}

const struct xmpp_facts *xmpp_stream_facts(const struct xmpp_stream *stream)
{
	return &stream->facts;
}
