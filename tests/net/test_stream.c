/* SPDX-License-Identifier: Apache-2.0 */
#include "net/stream.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/partner.h"
#include "net/recognise.h"

/* A stream with what happened on it; the loop stops at each event. */
struct talk {
	struct loop *loop;
	struct stream stream;
	struct finding failure;
	unsigned connected, failed, readies;
	unsigned ready;
};

static void on_connected(void *context)
{
	struct talk *talk = context;

	talk->connected++;
	loop_stop(talk->loop);
}

static void on_ready(void *context, unsigned ready)
{
	struct talk *talk = context;

	talk->readies++;
	talk->ready = ready;
	loop_stop(talk->loop);
}

static void on_failed(void *context, const struct finding *finding)
{
	struct talk *talk = context;

	talk->failed++;
	talk->failure = *finding;
	loop_stop(talk->loop);
}

static const struct stream_events events = {
	.connected = on_connected,
	.ready = on_ready,
	.failed = on_failed,
};

static void stop_turning(void *context)
{
	loop_stop(context);
}

static void turn_for(struct loop *loop, int64_t micros)
{
	struct loop_timer timer;

	loop_timer_init(&timer, loop, LOOP_PRIORITY_ANSWER, stop_turning, loop);
	loop_timer_set(&timer, micros);
	while (loop_timer_pending(&timer))
		loop_run(loop);
	loop_timer_done(&timer);
}

static void dial(struct talk *talk, struct loop *loop, const char *text, uint16_t port)
{
	struct stream_peer peer = { .port = port };
	struct finding finding;

	*talk = (struct talk){ .loop = loop };
	assert_true(address_parse(text, &peer.address));
	assert_true(stream_open(&talk->stream, loop, &peer, &events, talk, &finding));
	/* events come on later turns only */
	assert_int_equal(talk->connected + talk->failed, 0);
	loop_run(loop);
}

static void connects_and_measures(void **state)
{
	struct partner partner;
	struct talk talk;

	partner_open(&partner, *state, NULL, MANNER_SILENT, NULL, 0);
	dial(&talk, *state, "127.0.0.1", partner.port);
	assert_int_equal(talk.connected, 1);
	assert_true(stream_round_trip_us(&talk.stream) > 0);
	assert_true(stream_round_trip_us(&talk.stream) < SECOND);
	/* nothing was asked for, so nothing is told */
	turn_for(*state, 5 * MILLISECOND);
	assert_int_equal(talk.readies, 0);
	stream_close(&talk.stream);
	turn_for(*state, 5 * MILLISECOND);
	assert_int_equal(partner.closes, 1);
	partner_close(&partner);
}

static void reads_writes_and_ends(void **state)
{
	struct partner partner;
	struct talk talk;
	char buffer[8];

	partner_open(&partner, *state, NULL, MANNER_ANSWERS, "pong", 4);
	dial(&talk, *state, "127.0.0.1", partner.port);
	assert_int_equal(stream_read(&talk.stream, buffer, 8), -EAGAIN);
	assert_int_equal(stream_write(&talk.stream, "ping", 4), 4);
	stream_want(&talk.stream, LOOP_READ);
	while (talk.readies == 0)
		loop_run(*state);
	assert_int_equal(talk.ready, LOOP_READ);
	assert_int_equal(stream_read(&talk.stream, buffer, 8), 4);
	assert_memory_equal(buffer, "pong", 4);
	assert_memory_equal(partner.heard, "ping", 4);
	partner_close(&partner);
	assert_int_equal(stream_read(&talk.stream, buffer, 8), 0);
	stream_close(&talk.stream);
	stream_close(&talk.stream);
}

/* A close over unread data resets; ours reads it away. */
static void parts_politely_over_unread_data(void **state)
{
	struct partner partner;
	struct talk talk;

	partner_open(&partner, *state, NULL, MANNER_GREETS, "220 hello\r\n", 11);
	dial(&talk, *state, "127.0.0.1", partner.port);
	turn_for(*state, 5 * MILLISECOND);
	stream_close(&talk.stream);
	turn_for(*state, 5 * MILLISECOND);
	assert_int_equal(partner.accepted, 1);
	assert_int_equal(partner.closes, 1);
	assert_int_equal(partner.resets, 0);
	partner_close(&partner);
}

static void refusal_is_reset_by_the_host(void **state)
{
	struct talk talk;

	dial(&talk, *state, "127.0.0.1", partner_refused_port());
	assert_int_equal(talk.failed, 1);
	assert_int_equal(talk.connected, 0);
	assert_int_equal(talk.failure.cause, CAUSE_REFUSED);
	assert_int_equal(talk.failure.evidence.kind, EVIDENCE_TCP_RESET);
	stream_close(&talk.stream);
}

static void reset_is_told_with_its_sender(void **state)
{
	struct partner partner;
	struct talk talk;
	char buffer[8];
	ssize_t error;
	struct finding finding;

	partner_open(&partner, *state, NULL, MANNER_RESETS_LATER, NULL, 0);
	dial(&talk, *state, "127.0.0.1", partner.port);
	assert_int_equal(stream_write(&talk.stream, "ping", 4), 4);
	stream_want(&talk.stream, LOOP_READ);
	while (talk.readies == 0)
		loop_run(*state);
	error = stream_read(&talk.stream, buffer, 8);
	assert_int_equal(error, -ECONNRESET);
	finding = stream_trouble(&talk.stream, (int)error);
	assert_int_equal(finding.cause, CAUSE_RESET);
	assert_true(address_equal(&finding.evidence.offender, &talk.stream.peer));
	/* writing into it must not raise SIGPIPE */
	assert_int_equal(stream_write(&talk.stream, "x", 1), -EPIPE);
	stream_close(&talk.stream);
	partner_close(&partner);
}

static void closing_while_connecting_is_fine(void **state)
{
	struct partner partner;
	struct talk talk = { .loop = *state };
	struct stream_peer peer = { .port = 0 };
	struct finding finding;

	partner_open(&partner, *state, NULL, MANNER_SILENT, NULL, 0);
	address_parse("127.0.0.1", &peer.address);
	peer.port = partner.port;
	assert_true(stream_open(&talk.stream, *state, &peer, &events, &talk, &finding));
	stream_close(&talk.stream);
	turn_for(*state, 5 * MILLISECOND);
	assert_int_equal(talk.connected + talk.failed, 0);
	partner_close(&partner);
	talk.stream = (struct stream){ 0 };
	stream_close(&talk.stream);
}

#define WORDS(text) (text), sizeof(text) - 1

static void protocols_are_recognised(void **state)
{
	static const struct {
		const char *name;
		const char *octets;
		size_t length;
		const char *detail;
	} rows[] = {
		{ "TLS", WORDS("\x15\x03\x01\x00\x02\x02\x46"),
			"TLS: \\x15\\x03\\x01\\x00\\x02\\x02F" },
		{ "TLS", WORDS("\x16\x03\x03"), "TLS: \\x16\\x03\\x03" },
		{ "HTTP", WORDS("HTTP/1.1 200 OK\r\nServer: x"),
			"HTTP: HTTP/1.1 200 OK" },
		{ "SSH", WORDS("SSH-2.0-OpenSSH_9.2p1\r\n"),
			"SSH: SSH-2.0-OpenSSH_9.2p1" },
		{ "SMTP", WORDS("220 mx.test ESMTP\r\n"), "SMTP: 220 mx.test ESMTP" },
		{ "LDAP", WORDS("\x30\x0c\x02\x01\x01\x61\x07\x0a\x01"),
			"LDAP: 0\\x0c\\x02\\x01\\x01a\\x07" },
		{ "LDAP", WORDS("\x30\x84\x00\x00\x00\x10\x02\x01\x01\x61"), NULL },
		{ "SIP", WORDS("SIP/2.0 200 OK\r\n"), "SIP: SIP/2.0 200 OK" },
		{ "XMPP", WORDS("<?xml version='1.0'?><stream:stream xmlns='x'>"),
			"XMPP: <?xml version='1.0'?><stream:stream xmlns='x'>" },
		{ NULL, WORDS(""), "" },
		{ NULL, WORDS("220 ftp.test\r\n"), "220 ftp.test" },
		{ NULL, WORDS("\x16\x03"), "\\x16\\x03" },
		{ NULL, WORDS("\x16\x07\x01"), "\\x16\\x07\\x01" },
		{ NULL, WORDS("\x30\x80\x05"), "0\\x80\\x05" },
		{ NULL, WORDS("\x30\xff\x02\x01\x01"), "0\\xff\\x02\\x01\\x01" },
		{ NULL, WORDS("<?xml version='1.0'?><html>"), NULL },
		{ NULL, WORDS("HTTP"), "HTTP" },
	};
	struct address peer;

	(void)state;
	address_parse("192.0.2.7", &peer);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const uint8_t *data = (const uint8_t *)rows[i].octets;
		const char *name = recognise(data, rows[i].length);
		struct finding finding = recognise_stranger(data, rows[i].length, &peer);

		if (rows[i].name)
			assert_string_equal(name, rows[i].name);
		else
			assert_null(name);
		assert_int_equal(finding.cause,
			rows[i].name ? CAUSE_WRONG_PROTOCOL : CAUSE_GARBAGE);
		if (rows[i].detail)
			assert_string_equal(finding.evidence.detail, rows[i].detail);
		assert_true(address_equal(&finding.evidence.offender, &peer));
	}
}

static int set_up(void **state)
{
	struct loop *loop;

	assert_int_equal(loop_new(&loop), 0);
	*state = loop;
	return 0;
}

static int tear_down(void **state)
{
	loop_free(*state);
	return 0;
}

/* What the kernel at the other end sends in one segment. */
static int segment_of_partner(const struct partner *partner)
{
	int size = 0;
	socklen_t length = sizeof(size);

	assert_int_equal(
		getsockopt(partner->peer, IPPROTO_TCP, TCP_MAXSEG, &size, &length), 0);
	return size;
}

static void segments_are_bounded_both_ways(void **state)
{
	static const struct {
		uint16_t asked;
		int most, least;
	} rows[] = { { 0, 65535, 16384 }, { 536, 536, 256 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stream_peer peer = { .segment_max = rows[i].asked };
		struct talk talk = { .loop = *state };
		struct partner partner;
		struct finding finding;

		partner_open(&partner, *state, NULL, MANNER_GREETS, "x", 1);
		address_parse("127.0.0.1", &peer.address);
		peer.port = partner.port;
		assert_true(stream_open(
			&talk.stream, *state, &peer, &events, &talk, &finding));
		while (partner.accepted == 0 || talk.connected == 0)
			turn_for(*state, MILLISECOND);
		assert_in_range(
			segment_of_partner(&partner), rows[i].least, rows[i].most);
		stream_close(&talk.stream);
		partner_close(&partner);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_and_measures),
		cmocka_unit_test(reads_writes_and_ends),
		cmocka_unit_test(parts_politely_over_unread_data),
		cmocka_unit_test(refusal_is_reset_by_the_host),
		cmocka_unit_test(reset_is_told_with_its_sender),
		cmocka_unit_test(closing_while_connecting_is_fine),
		cmocka_unit_test(protocols_are_recognised),
		cmocka_unit_test(segments_are_bounded_both_ways),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
