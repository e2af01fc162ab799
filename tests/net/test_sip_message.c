/* SPDX-License-Identifier: Apache-2.0 */
/* What may come back: RFC 4475's torture among it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sip_reading.h"

struct row {
	const char *what;
	const char *text;
	enum sip_framing framing;
	enum sip_reading reading;
	bool ours;
	unsigned status;
	const char *words;  /* NULL = whatever */
	const char *change; /* the first; NULL = none */
	unsigned changes;
};

#define BAD(what, text, words)                                                  \
	{                                                                       \
		what, text, SIP_DATAGRAM, SIP_GARBAGE, false, 0, words, NULL, 0 \
	}
#define STRANGE(what, text, framing)                                     \
	{                                                                \
		what, text, framing, SIP_STRANGER, false, 0, "", NULL, 0 \
	}
#define FINE(what, text, status, words)                                              \
	{                                                                            \
		what, text, SIP_DATAGRAM, SIP_RESPONSE, true, status, words, NULL, 0 \
	}
#define CHANGED(what, text, change, changes)                                             \
	{                                                                                \
		what, text, SIP_DATAGRAM, SIP_RESPONSE, true, 200, "OK", change, changes \
	}

static const struct row rows[] = {
	FINE("good", GOOD, 200, "OK"),
	FINE("another status", "SIP/2.0 404 Not Found\r\n" VIA_OK REST, 404, "Not Found"),
	FINE("provisional", "SIP/2.0 100 Trying\r\n" VIA_OK REST, 100, "Trying"),
	FINE("nothing about where we came from", OK VIA "\r\n" REST, 200, "OK"),
	FINE("no Content-Length", OK VIA_OK FROM TO CALL_ID CSEQ "\r\n", 200, "OK"),
	FINE("a body to the end", OK VIA_OK FROM TO CALL_ID CSEQ "\r\nv=0\r\n", 200,
		"OK"),
	FINE("line ends before it", "\r\n\r\n" GOOD, 200, "OK"),
	FINE("and behind it", GOOD "\r\n\r\n", 200, "OK"),
	FINE("compact forms",
		OK "v: SIP/2.0/UDP " SENT_BY ";branch=" BRANCH "\r\n"
		   "f: <sip:starface-exporter@" SENT_BY ">;tag=0000000000000002\r\n"
		   "t: <sip:pbx.test:5060>\r\ni: 0000000000000003@" SENT_BY
		   "\r\nCSEQ:4 OPTIONS\r\nl:0\r\n\r\n",
		200, "OK"),
	FINE("folded and spaced",
		OK "Via  :\r\n SIP / 2.0\r\n\t/UDP\r\n " SENT_BY ";\r\n  branch=" BRANCH
		   " ; rport = 40000\r\n" FROM TO "Call-ID:\r\n 0000000000000003@" SENT_BY
		   "\r\nCSeq: 4\r\n  OPTIONS\r\nContent-Length:\t0\r\n\r\n",
		200, "OK"),
	FINE("From with a name of quotes",
		OK VIA_OK "From: \"a \\\" <sip:x@y>, b\" <sip:starface-exporter@" SENT_BY
			  ">;tag=0000000000000002\r\n" TO CALL_ID CSEQ
			  "X-Long: a,b,c\r\n" NO_BODY,
		200, "OK"),
	FINE("RFC 4475 3.1.1.12: no reason", "SIP/2.0 200 \r\n" VIA_OK REST, 200, ""),
	FINE("RFC 4475 3.1.1.13: a reason of odd octets",
		"SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\r\n" VIA_OK REST, 200,
		"= 2**3 * 5**2 \\xd0\\xbd\\xd0\\xbe"),
	FINE("headers that libre takes for others by their number",
		OK VIA_OK "aael: x@192.0.2.1\r\nabfz: 17\r\n" FROM TO CALL_ID CSEQ
			  "aael: x@192.0.2.1\r\n" NO_BODY,
		200, "OK"),
	CHANGED("our address in Via",
		OK "Via: SIP/2.0/UDP 203.0.113.9:1024;branch=" BRANCH "\r\n" REST, "Via",
		1),
	CHANGED("the transport in Via",
		OK "Via: SIP/2.0/TCP " SENT_BY ";branch=" BRANCH "\r\n" REST,
		"Via transport", 1),
	CHANGED("a transport nobody knows",
		OK "Via: SIP/2.0/SCTP " SENT_BY ";branch=" BRANCH "\r\n" REST,
		"Via transport", 1),
	CHANGED("the branch", OK "Via: SIP/2.0/UDP " SENT_BY ";branch=z9hG4bKx\r\n" REST,
		"branch", 1),
	CHANGED("our address in From",
		OK VIA_OK "From: <sip:starface-exporter@203.0.113.9:1024>;"
			  "tag=0000000000000002\r\n" TO CALL_ID CSEQ NO_BODY,
		"From", 1),
	CHANGED("the tag of From",
		OK VIA_OK "From: <sip:starface-exporter@" SENT_BY
			  ">;tag=x\r\n" TO CALL_ID CSEQ NO_BODY,
		"From tag", 1),
	CHANGED("no tag in From",
		OK VIA_OK "From: <sip:starface-exporter@" SENT_BY
			  ">\r\n" TO CALL_ID CSEQ NO_BODY,
		"From tag", 1),
	CHANGED("our address in Call-ID",
		OK VIA_OK FROM TO
		"Call-ID: 0000000000000003@203.0.113.9:1024\r\n" CSEQ NO_BODY,
		"Call-ID", 1),
	CHANGED("all of Call-ID", OK VIA_OK FROM TO "Call-ID: new\r\n" CSEQ NO_BODY,
		"Call-ID", 1),
	CHANGED("the number of CSeq",
		OK VIA_OK FROM TO CALL_ID "CSeq: 5 OPTIONS\r\n" NO_BODY, "CSeq", 1),
	CHANGED("RFC 4475 3.1.2.5: CSeq beyond all bounds",
		OK VIA_OK FROM TO CALL_ID
		"CSeq: 9292394834772304023312 OPTIONS\r\n" NO_BODY,
		"CSeq", 1),
	CHANGED("a CSeq that wraps to ours",
		OK VIA_OK FROM TO CALL_ID "CSeq: 4294967300 OPTIONS\r\n" NO_BODY, "CSeq",
		1),
	CHANGED("the method of CSeq",
		OK VIA_OK FROM TO CALL_ID "CSeq: 4 INVITE\r\n" NO_BODY, "CSeq", 1),
	CHANGED("a second Via",
		OK VIA_OK "Via: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKa\r\n" REST,
		"number of Via", 1),
	CHANGED("a second Via in the same line",
		OK VIA ", SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKa\r\n" REST,
		"number of Via", 1),
	CHANGED("a Via on top of ours",
		OK "Via: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKa\r\n" VIA_OK REST, "Via",
		3),
	FINE("less body than announced",
		OK VIA_OK FROM TO CALL_ID CSEQ "Content-Length: 7\r\n\r\nv=0\r\n", 200,
		"OK"),
	FINE("more body than announced",
		OK VIA_OK FROM TO CALL_ID CSEQ "Content-Length: 4\r\n\r\nv=0\r\nx", 200,
		"OK"),
	CHANGED("more body than announced, and another change",
		OK VIA_OK FROM TO CALL_ID
		"CSeq: 5 OPTIONS\r\nContent-Length: 4\r\n\r\nv=0\r\nx",
		"CSeq", 2),
	{ "the end of it was lost here",
		OK VIA_OK FROM TO CALL_ID CSEQ "Content-Length: 7\r\n\r\nv=0\r\n",
		SIP_DATAGRAM_CUT, SIP_RESPONSE, true, 200, "OK", NULL, 0 },
	{ "two secrets of three are not ours",
		OK "Via: SIP/2.0/UDP " SENT_BY ";branch=z9hG4bKx\r\n" FROM TO
		   "Call-ID: x@" SENT_BY "\r\n" CSEQ NO_BODY,
		SIP_DATAGRAM, SIP_RESPONSE, false, 200, "OK", NULL, 0 },
	{ "an answer to somebody else",
		"SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKb\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: e@f\r\n"
		"CSeq: 4 OPTIONS\r\n" NO_BODY,
		SIP_DATAGRAM, SIP_RESPONSE, false, 486, "Busy Here", NULL, 0 },
	{ "a request", "OPTIONS sip:us@192.0.2.7 SIP/2.0\r\n" VIA_OK REST, SIP_DATAGRAM,
		SIP_REQUEST, false, 0, "OPTIONS sip:us@192.0.2.7 SIP/2.0", NULL, 0 },
	{ "a keep-alive", "\r\n\r\n", SIP_DATAGRAM, SIP_BLANK, false, 0, "", NULL, 0 },
	{ "nothing", "", SIP_DATAGRAM, SIP_BLANK, false, 0, "", NULL, 0 },
	BAD("half a header", OK VIA, "no end of its header"),
	BAD("line ends of Unix", "SIP/2.0 200 OK\n\n", "no end of its header"),
	STRANGE("another version", "SIP/2.00 200 OK\r\n" VIA_OK REST, SIP_DATAGRAM),
	BAD("a reason that is the version", "SIP/2.0 200 SIP/2.0\r\n" VIA_OK REST,
		"a malformed header"),
	BAD("an end of the header within", OK VIA_OK "\n\nx: y\r\n" REST,
		"a malformed header"),
	BAD("no colon", OK VIA_OK "nonsense\r\n\r\n", "a malformed header"),
	BAD("no name", OK VIA_OK ": x\r\n" REST, "a malformed header"),
	BAD("a CSeq that is dear to decode",
		OK VIA_OK
		"CSeq: 11111111111111111111111111111111111111111111111111111111111\r\n"
		"\r\n",
		"a CSeq too long"),
	BAD("no Via", OK REST, "no Via"),
	BAD("no branch", OK "Via: SIP/2.0/UDP " SENT_BY "\r\n" REST,
		"a malformed header"),
	BAD("no From", OK VIA_OK TO CALL_ID CSEQ NO_BODY, "no From"),
	BAD("From is no address", OK VIA_OK "From: @@@\r\n" TO CALL_ID CSEQ NO_BODY,
		"a malformed header"),
	BAD("no Call-ID", OK VIA_OK FROM TO CSEQ NO_BODY, "no Call-ID"),
	BAD("no CSeq", OK VIA_OK FROM TO CALL_ID NO_BODY, "no CSeq"),
	BAD("RFC 4475 3.1.2.3: a negative Content-Length",
		OK VIA_OK FROM TO CALL_ID CSEQ "Content-Length: -999\r\n\r\n",
		"a Content-Length that is none"),
	BAD("RFC 4475 3.3.9: two Content-Length",
		OK VIA_OK FROM TO CALL_ID CSEQ "l: 3\r\nContent-Length: 0\r\n\r\n",
		"a Content-Length that is none"),
	BAD("RFC 4475 3.1.2.19: an overlarge status",
		"SIP/2.0 4294967301 better not\r\n" VIA_OK REST,
		"a malformed status line"),
	BAD("a status that wraps to 200", "SIP/2.0 65736 OK\r\n" VIA_OK REST,
		"a malformed status line"),
	BAD("status 99", "SIP/2.0 099 OK\r\n" VIA_OK REST, "a status that is none"),
	BAD("status 700", "SIP/2.0 700 OK\r\n" VIA_OK REST, "a status that is none"),
	BAD("a status of letters", "SIP/2.0 abc OK\r\n" VIA_OK REST,
		"a malformed header"),
	BAD("no blank before the reason", "SIP/2.0 200\r\n" VIA_OK REST,
		"a malformed header"),
	STRANGE("HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", SIP_STREAM),
	STRANGE("SSH", "SSH-2.0-OpenSSH_9.2\r\n", SIP_STREAM),
	STRANGE("a TLS alert", "\x15\x03\x03", SIP_STREAM),
	STRANGE("a status line behind a line of others",
		"hello\r\nSIP/2.0 200 OK\r\n" VIA_OK REST, SIP_DATAGRAM),
	STRANGE("small letters without an end", "hello", SIP_STREAM),
	STRANGE("an octet", "\x80", SIP_DATAGRAM),
	{ "the beginning of a stream", "SI", SIP_STREAM, SIP_INCOMPLETE, false, 0, "",
		NULL, 0 },
	{ "the beginning of a request", "NOTIFY sip:", SIP_STREAM, SIP_INCOMPLETE, false,
		0, "", NULL, 0 },
	{ "the header of a message with a body",
		OK VIA_OK FROM TO CALL_ID CSEQ "Content-Length: 7\r\n\r\nv=0\r\n",
		SIP_STREAM, SIP_INCOMPLETE, true, 200, "OK", NULL, 0 },
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct sip_answer answer;

		print_message("%s\n", row->what);
		assert_int_equal(sip_reading_twice(row->text, strlen(row->text),
					 row->framing, &answer),
			row->reading);
		assert_int_equal(answer.ours, row->ours);
		assert_int_equal(answer.status, row->status);
		if (row->words)
			assert_string_equal(answer.words, row->words);
		for (unsigned c = 0; c < answer.change_count; c++)
			print_message("\t%s: %s -> %s\n", answer.changes[c].what,
				answer.changes[c].sent, answer.changes[c].heard);
		assert_int_equal(answer.change_count, row->changes);
		if (row->change)
			assert_string_equal(answer.changes[0].what, row->change);
	}
}

static void test_facts(void **state)
{
	static const char text[] =
		OK VIA ";received=203.0.113.9;rport=1024\r\n" FROM TO CALL_ID CSEQ
		       "Server: Asterisk\x1b[31m PBX\r\nAllow: INVITE, ACK,OPTIONS\r\n"
		       "Allow: BYE\r\nContent-Length: 3\r\n\r\nabcSIP/2.0 200 OK";
	struct sip_answer answer;
	char seen[TRANSPORT_ADDRESS_TEXT_MAX];

	(void)state;
	assert_int_equal(
		sip_reading_twice(text, strlen(text), SIP_STREAM, &answer), SIP_RESPONSE);
	assert_int_equal(answer.length, strlen(text) - strlen("SIP/2.0 200 OK"));
	assert_string_equal(answer.server, "Asterisk\\x1b[31m PBX");
	assert_true(answer.methods_listed);
	assert_int_equal(answer.methods, 4);
	assert_string_equal(transport_address_format(&answer.seen, seen, sizeof(seen)),
		"203.0.113.9:1024");
	assert_int_equal(answer.change_count, 0);
}

/* Address and port are taken apart, and what is none of them is nothing. */
static void test_where_we_were_seen(void **state)
{
	static const struct {
		const char *parameters;
		const char *address;
		uint16_t port;
	} origins[] = {
		{ ";received=[2001:db8::7];rport=65535", "2001:db8::7", 65535 },
		{ ";received=2001:db8::7", "2001:db8::7", 0 },
		{ ";RPORT=7", "", 7 },
		{ ";rport;received=192.0.2.300", "", 0 },
		{ ";rport=65536;received=", "", 0 },
		{ ";xrport=7;rport-x=8", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		char text[600], seen[ADDRESS_TEXT_MAX];
		struct sip_answer answer;

		snprintf(text, sizeof(text), OK VIA "%s\r\n" REST, origins[i].parameters);
		assert_int_equal(
			sip_reading_twice(text, strlen(text), SIP_DATAGRAM, &answer),
			SIP_RESPONSE);
		assert_string_equal(
			address_format(&answer.seen.address, seen, sizeof(seen)),
			origins[i].address);
		assert_int_equal(answer.seen.port, origins[i].port);
	}
}

/* A stream may be cut anywhere; what is there so far never counts as a whole message. */
static void test_every_beginning(void **state)
{
	static const char text[] =
		OK VIA_OK FROM TO CALL_ID CSEQ "Content-Length: 3\r\n\r\nabc";
	struct sip_answer answer;

	(void)state;
	for (size_t length = 1; length < strlen(text); length++) {
		assert_int_equal(sip_reading_once(text, length, SIP_STREAM, &answer),
			SIP_INCOMPLETE);
		sip_reading_once(text, length, SIP_DATAGRAM, &answer);
	}
	assert_int_equal(
		sip_reading_once(text, strlen(text), SIP_STREAM, &answer), SIP_RESPONSE);
	assert_int_equal(answer.length, strlen(text));
}

/* Each octet replaced by the ones that separate something: no read beyond the end. */
static void test_every_octet_wrong(void **state)
{
	static const char wrong[] = "\0\r\n\t :;,<>\"@=/0\xff";
	char text[] = GOOD;
	struct sip_answer answer;

	(void)state;
	for (size_t i = 0; i < strlen(GOOD); i++) {
		for (size_t j = 0; j < sizeof(wrong) - 1; j++) {
			text[i] = wrong[j];
			sip_reading_twice(text, strlen(GOOD), SIP_DATAGRAM, &answer);
			for (const char *c = answer.words; *c; c++)
				assert_true(*c >= ' ' && *c <= '~');
		}
		text[i] = GOOD[i];
	}
}

/* As many headers as a message can hold, and those that are dear to decode. */
static void test_bombs(void **state)
{
	static const char *const fillings[] = { "a:\r\n", "v:SIP/2.0/U x;branch=b,",
		"Allow: a,,,,,,,,,,\r\n", "From: <<<<<<<<\r\n", "Via: ;;;;\r\n",
		"Subject: \"\"\"\"\r\n", "X:\r\n \r\n \r\n" };
	char bomb[16384];

	(void)state;
	for (size_t i = 0; i < sizeof(fillings) / sizeof(fillings[0]); i++) {
		size_t step = strlen(fillings[i]), used = strlen(OK);
		struct sip_answer answer;
		int64_t began_us;

		memcpy(bomb, OK, used);
		for (; used + step < sizeof(bomb) - strlen(REST); used += step)
			memcpy(bomb + used, fillings[i], step);
		memcpy(bomb + used, REST, strlen(REST));
		began_us = clock_now_us();
		assert_int_equal(sip_reading_once(bomb, used + strlen(REST), SIP_DATAGRAM,
					 &answer),
			SIP_GARBAGE);
		print_message("%zu: %d us\n", i, (int)(clock_now_us() - began_us));
		assert_true(clock_now_us() - began_us < SECOND);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_where_we_were_seen),
		cmocka_unit_test(test_every_beginning),
		cmocka_unit_test(test_every_octet_wrong),
		cmocka_unit_test(test_bombs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
