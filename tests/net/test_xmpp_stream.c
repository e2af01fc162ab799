/* SPDX-License-Identifier: Apache-2.0 */
/* Streams as prosody and Openfire open them, and as no server should; each whole and each
 * octet by octet, for an octet held back until more comes would hang the conversation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/xmpp_stream.h"

#define HEADER                                                               \
	"<?xml version='1.0' encoding='UTF-8'?><stream:stream xmlns:stream=" \
	"\"http://etherx.jabber.org/streams\" xmlns=\"jabber:client\" "      \
	"from=\"pbx.test\" id=\"4g2m\" xml:lang=\"en\" version=\"1.0\">"
#define FEATURES(inner) "<stream:features>" inner "</stream:features>"
#define STARTTLS(inner) \
	"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>" inner "</starttls>"
#define MECHANISMS                                                              \
	"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN" \
	"</mechanism><mechanism>SCRAM-SHA-1</mechanism><hostname/></mechanisms>"
#define CONDITION(name, inner)                                                       \
	"<stream:error><" name " xmlns='urn:ietf:params:xml:ns:xmpp-streams'>" inner \
	"</" name ">"                                                                \
	"<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>w\xc3\xa4s &lt;</text>"   \
	"</stream:error>"
#define PROCEED "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"

struct row {
	const char *octets;
	struct xmpp_facts facts;
	size_t left; /* octets that are none of the stream's */
};

static const struct row rows[] = {
	{ "", { 0 }, 0 },
	{ HEADER, { .opened = true, .version_1 = true }, 0 },
	{ HEADER FEATURES(STARTTLS("<required/>")),
		{ .opened = true,
			.version_1 = true,
			.features = true,
			.starttls = true,
			.starttls_required = true },
		0 },
	{ HEADER FEATURES(STARTTLS("") MECHANISMS "<c xmlns='x' ver='y'/>"),
		{ .opened = true,
			.version_1 = true,
			.features = true,
			.starttls = true,
			.mechanisms = 2 },
		0 },
	{ HEADER FEATURES(
		  "<starttls xmlns='urn:example'/><mechanism/><x><required/></x>"),
		{ .opened = true, .version_1 = true, .features = true }, 0 },
	{ HEADER "<stream:features/>",
		{ .opened = true, .version_1 = true, .features = true }, 0 },
	/* not inside of features, so none of them */
	{ HEADER STARTTLS("<required/>"), { .opened = true, .version_1 = true }, 0 },
	{ "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>",
		{ .opened = true }, 0 },
	{ "<stream xmlns='http://etherx.jabber.org/streams' version='0.9'>",
		{ .opened = true }, 0 },
	{ HEADER PROCEED, { .opened = true, .version_1 = true, .proceed = true }, 0 },
	{ HEADER "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls' ></proceed >",
		{ .opened = true, .version_1 = true, .proceed = true }, 0 },
	{ HEADER PROCEED "\x16\x03\x01",
		{ .opened = true, .version_1 = true, .proceed = true }, 3 },
	{ HEADER PROCEED "<message/>",
		{ .opened = true, .version_1 = true, .proceed = true }, 10 },
	{ HEADER "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>",
		{ .opened = true, .version_1 = true, .failure = true, .closed = true },
		0 },
	{ HEADER CONDITION("host-unknown", ""),
		{ .opened = true,
			.version_1 = true,
			.error = true,
			.condition = "host-unknown",
			.text = "w\xc3\xa4s <" },
		0 },
	{ HEADER CONDITION("see-other-host", "[2001:db8::1]:5222"),
		{ .opened = true,
			.version_1 = true,
			.error = true,
			.condition = "see-other-host",
			.text = "[2001:db8::1]:5222" },
		0 },
	{ HEADER CONDITION("made-up", "x"),
		{ .opened = true,
			.version_1 = true,
			.error = true,
			.text = "w\xc3\xa4s <" },
		0 },
	{ HEADER "</stream:stream>",
		{ .opened = true, .version_1 = true, .closed = true }, 0 },

	{ "<html>", { .broken = "an XML document that is no stream" }, 0 },
	{ "<stream:stream xmlns:stream='urn:example'>",
		{ .broken = "an XML document that is no stream" }, 0 },
	{ "<1", { .broken = "not well-formed (invalid token)" }, 0 },
	{ "<?xml version='1.0'?><!DOCTYPE x SYSTEM 'http://a.test/x.dtd'>",
		{ .broken = "a document type declaration" }, 0 },
	{ "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><l>&b;</l>",
		{ .broken = "a document type declaration" }, 0 },
	{ HEADER "<?php echo ?>",
		{ .opened = true,
			.version_1 = true,
			.broken = "a processing instruction" },
		0 },
	{ HEADER "<!-- hello -->",
		{ .opened = true, .version_1 = true, .broken = "a comment" }, 0 },
	{ HEADER "<a>&b;",
		{ .opened = true, .version_1 = true, .broken = "undefined entity" }, 0 },
	{ HEADER "<a></b>",
		{ .opened = true, .version_1 = true, .broken = "mismatched tag" }, 0 },
	{ HEADER "<x:a/>",
		{ .opened = true, .version_1 = true, .broken = "unbound prefix" }, 0 },
	{ HEADER "\xff\xfe",
		{ .opened = true,
			.version_1 = true,
			.broken = "not well-formed (invalid token)" },
		0 },
	{ HEADER "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
		{ .opened = true,
			.version_1 = true,
			.broken = "elements nested without end" },
		0 },
	/* nobody's, and expat's view of it depends on how it is cut */
	{ HEADER "</stream:stream><more/>",
		{ .opened = true, .version_1 = true, .closed = true }, 0 },
};

static void same_text(
	const char *octets, const char *what, const char *left, const char *right)
{
	if ((left == NULL) != (right == NULL) || (left && strcmp(left, right) != 0))
		fail_msg("%s: %s is \"%s\"", octets, what, left ? left : "-");
}

static void compare(const struct row *row, const struct xmpp_facts *facts)
{
	const struct xmpp_facts *wanted = &row->facts;
	struct xmpp_facts plain = *facts, plain_wanted = *wanted;

	same_text(row->octets, "condition", facts->condition, wanted->condition);
	same_text(row->octets, "text", facts->text, wanted->text);
	same_text(row->octets, "broken", facts->broken, wanted->broken);
	plain.condition = plain_wanted.condition = NULL;
	plain.broken = plain_wanted.broken = NULL;
	memset(plain.text, 0, sizeof(plain.text));
	memset(plain_wanted.text, 0, sizeof(plain.text));
	if (memcmp(&plain, &plain_wanted, sizeof(plain)) != 0)
		fail_msg("%s: other facts", row->octets);
}

static void try_row(const struct row *row, size_t step)
{
	struct xmpp_stream *stream = xmpp_stream_new();
	size_t length = strlen(row->octets), left = 0;

	assert_non_null(stream);
	for (size_t i = 0; i < length; i += step) {
		size_t size = length - i < step ? length - i : step;

		left += size - xmpp_stream_feed(stream, row->octets + i, size);
	}
	compare(row, xmpp_stream_facts(stream));
	assert_int_equal(left, row->left);
	xmpp_stream_free(stream);
}

static void streams_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t step = 1; step < 64; step += step < 4 ? 1 : 13)
			try_row(&rows[i], step);
		try_row(&rows[i], 100000);
	}
}

/* A second stream knows nothing of the first. */
static void a_new_stream_begins_anew(void **state)
{
	static const struct row second = { HEADER FEATURES(MECHANISMS),
		{ .opened = true, .version_1 = true, .features = true, .mechanisms = 2 },
		0 };
	static const char first[] = HEADER FEATURES(STARTTLS("")) PROCEED;
	struct xmpp_stream *stream = xmpp_stream_new();

	(void)state;
	assert_int_equal(
		xmpp_stream_feed(stream, first, sizeof(first) - 1), sizeof(first) - 1);
	assert_true(xmpp_stream_facts(stream)->proceed);
	assert_int_equal(xmpp_stream_feed(stream, "<a/>", 4), 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(xmpp_stream_restart(stream));
		for (size_t at = 0; second.octets[at]; at++)
			xmpp_stream_feed(stream, second.octets + at, 1);
		compare(&second, xmpp_stream_facts(stream));
	}
	xmpp_stream_free(stream);
	xmpp_stream_free(NULL);
}

/* An attribute, a text and a name that never end: nothing of them is kept. */
static void endless_parts_end_nowhere(void **state)
{
	static const char *const beginnings[] = { HEADER "<a b='", HEADER "<a>",
		HEADER "<",
		HEADER "<stream:error><text xmlns='urn:ietf:params:xml:ns:"
		       "xmpp-streams'>" };
	char much[4096];

	(void)state;
	memset(much, 'x', sizeof(much));
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		struct xmpp_stream *stream = xmpp_stream_new();

		xmpp_stream_feed(stream, beginnings[i], strlen(beginnings[i]));
		for (unsigned j = 0; j < 4; j++)
			assert_int_equal(xmpp_stream_feed(stream, much, sizeof(much)),
				sizeof(much));
		assert_null(xmpp_stream_facts(stream)->broken);
		assert_true(strlen(xmpp_stream_facts(stream)->text) < XMPP_TEXT_MAX);
		xmpp_stream_free(stream);
	}
}

/* Expat would take UTF-16 for what it is, whatever encoding it is told. */
static void zeros_are_no_text(void **state)
{
	static const char wide[] = "<\0a\0/\0>\0";
	static const char behind[] = HEADER PROCEED "\x16\0\0";

	(void)state;
	for (size_t step = 1; step < sizeof(wide); step++) {
		struct xmpp_stream *stream = xmpp_stream_new();

		for (size_t i = 0; i + step < sizeof(wide); i += step)
			xmpp_stream_feed(stream, wide + i, step);
		assert_string_equal(
			xmpp_stream_facts(stream)->broken, "an octet of zero");
		assert_true(xmpp_stream_restart(stream));
		assert_int_equal(xmpp_stream_feed(stream, behind, sizeof(behind) - 1),
			sizeof(behind) - 4);
		assert_true(xmpp_stream_facts(stream)->proceed);
		assert_null(xmpp_stream_facts(stream)->broken);
		xmpp_stream_free(stream);
	}
}

static void openings_are_escaped(void **state)
{
	char buffer[XMPP_OPENING_MAX], longest[XMPP_DOMAIN_MAX];
	size_t length = xmpp_opening_write("pbx.test", buffer, sizeof(buffer));

	(void)state;
	assert_string_equal(buffer,
		"<?xml version='1.0'?><stream:stream to='pbx.test' version='1.0' "
		"xml:lang='en' xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams'>");
	assert_int_equal(length, strlen(buffer));
	for (size_t size = 0; size <= length; size++)
		assert_int_equal(xmpp_opening_write("pbx.test", buffer, size), 0);
	assert_int_equal(xmpp_opening_write("pbx.test", buffer, length + 1), length);

	xmpp_opening_write("a'b<c>&", buffer, sizeof(buffer));
	assert_non_null(strstr(buffer, " to='a&apos;b&lt;c&gt;&amp;' "));
	memset(longest, '\'', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_true(xmpp_opening_write(longest, buffer, sizeof(buffer)) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_are_told_apart),
		cmocka_unit_test(a_new_stream_begins_anew),
		cmocka_unit_test(endless_parts_end_nowhere),
		cmocka_unit_test(zeros_are_no_text),
		cmocka_unit_test(openings_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
