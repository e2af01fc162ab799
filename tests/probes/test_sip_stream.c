/* SPDX-License-Identifier: Apache-2.0 */
/* SIP over TCP and TLS: how messages lie in a stream, and how servers misbehave there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/probe_kinds.h"
#include "probes/sip_parts.h"
#include "probes/sip_words.h"
#include "probes/tls_world.h"

#define HOST "pbx.test"

#define OK     "SIP/2.0 200 OK\r\n" SIP_ECHO SIP_END
#define TRYING "SIP/2.0 100 Trying\r\n" SIP_ECHO SIP_END
#define FOREIGN                                                              \
	"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 192.0.2.8;branch=z9hG4bKb\r\n"   \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: e@f\r\nCSeq: 4 " \
	"OPTIONS\r\n" SIP_END

enum pace { WHOLE, BY_OCTETS, FOREVER };
enum end { STAYS, CLOSES };

struct scene {
	const char *what;
	const char *says;
	enum pace pace;
	enum end end;
	enum verdict verdict;
	enum cause cause;
	unsigned status;    /* 0 = none */
	const char *detail; /* its beginning; NULL = whatever */
	unsigned mismatches, provisional, rewritten;
	struct sip_edit edit;
	bool by_deadline; /* it is what silence means then */
};

#define NO_EDIT                  \
	{                        \
		NULL, NULL, NULL \
	}

static const struct scene scenes[] = {
	{ "ok", OK, WHOLE, STAYS, VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0, 0, NO_EDIT,
		false },
	{ "octet by octet", OK, BY_OCTETS, STAYS, VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0,
		0, NO_EDIT, false },
	{ "ok and the end", OK, WHOLE, CLOSES, VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0, 0,
		NO_EDIT, false },
	{ "without Content-Length", "SIP/2.0 200 OK\r\n" SIP_ECHO "\r\n", WHOLE, STAYS,
		VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0, 0, NO_EDIT, false },
	{ "with a body", "SIP/2.0 200 OK\r\n" SIP_ECHO "l: 5\r\n\r\nv=0\r\n", BY_OCTETS,
		STAYS, VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0, 0, NO_EDIT, false },
	{ "several in one piece", "\r\n\r\n" TRYING "\r\n" FOREIGN OK, WHOLE, STAYS,
		VERDICT_OK, CAUSE_NONE, 200, "OK", 1, 1, 0, NO_EDIT, false },
	{ "several octet by octet", "\r\n\r\n" TRYING "\r\n" FOREIGN OK, BY_OCTETS,
		CLOSES, VERDICT_OK, CAUSE_NONE, 200, "OK", 1, 1, 0, NO_EDIT, false },
	{ "a request of its own, then the answer",
		"OPTIONS sip:us@127.0.0.1 SIP/2.0\r\n" SIP_ECHO SIP_END OK, WHOLE, STAYS,
		VERDICT_OK, CAUSE_NONE, 200, "OK", 1, 0, 0, NO_EDIT, false },
	{ "a request of its own", "NOTIFY sip:us@127.0.0.1 SIP/2.0\r\n" SIP_ECHO SIP_END,
		WHOLE, STAYS, VERDICT_FAILED, CAUSE_SIP_MISMATCH, 0,
		"a request: NOTIFY sip:us@127.0.0.1 SIP/2.0", 1, 0, 0, NO_EDIT, true },
	{ "to another, and the end", FOREIGN, WHOLE, CLOSES, VERDICT_FAILED,
		CAUSE_SIP_MISMATCH, 0, "200 OK, to another request", 1, 0, 0, NO_EDIT,
		false },
	{ "provisional only", TRYING, WHOLE, STAYS, VERDICT_FAILED, CAUSE_SIP_NO_FINAL, 0,
		"", 0, 1, 0, NO_EDIT, true },
	{ "provisional, and the end", TRYING, WHOLE, CLOSES, VERDICT_FAILED,
		CAUSE_SIP_NO_FINAL, 0, "", 0, 1, 0, NO_EDIT, false },
	{ "rewritten", OK, WHOLE, STAYS, VERDICT_DEGRADED, CAUSE_SIP_ALG, 200,
		"Call-ID 127.0.0.1:", 0, 0, 1, { "Call-ID", "127.0.0.1", "203.0.113.9" },
		false },
	{ "behind NAT", OK, WHOLE, STAYS, VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0, 0,
		{ "Via", ";rport", ";rport=1;received=203.0.113.9" }, false },
	{ "a keep-alive only", "\r\n", WHOLE, STAYS, VERDICT_FAILED, CAUSE_TIMEOUT, 0, "",
		0, 0, 0, NO_EDIT, true },
	{ "a part of a message", "SIP/2.0 200 OK\r\n{Via}", WHOLE, STAYS, VERDICT_FAILED,
		CAUSE_TIMEOUT, 0, "", 0, 0, 0, NO_EDIT, true },
	{ "a part of a message, and the end", "SIP/2.0 200 OK\r\n{Via}", WHOLE, CLOSES,
		VERDICT_FAILED, CAUSE_CLOSED_EARLY, 0, "", 0, 0, 0, NO_EDIT, false },
	{ "a body too short", "SIP/2.0 200 OK\r\n" SIP_ECHO "l: 9\r\n\r\nv=0\r\n", WHOLE,
		STAYS, VERDICT_FAILED, CAUSE_TIMEOUT, 200,
		"the body is cut short: 5 of 9 octets came", 0, 0, 0, NO_EDIT, true },
	{ "a body too short, and the end",
		"SIP/2.0 200 OK\r\n" SIP_ECHO "l: 9\r\n\r\nv=0\r\n", WHOLE, CLOSES,
		VERDICT_FAILED, CAUSE_CLOSED_EARLY, 200,
		"the body is cut short: 5 of 9 octets came", 0, 0, 0, NO_EDIT, false },
	{ "a body too short octet by octet behind a provisional answer",
		TRYING "SIP/2.0 200 OK\r\n" SIP_ECHO "l: 9\r\n\r\nv=0\r\n", BY_OCTETS,
		CLOSES, VERDICT_FAILED, CAUSE_CLOSED_EARLY, 200,
		"the body is cut short: 5 of 9 octets came", 0, 1, 0, NO_EDIT, false },
	{ "a body longer than is kept",
		"SIP/2.0 200 OK\r\n" SIP_ECHO "l: 4000\r\n\r\nv=0", WHOLE, STAYS,
		VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0, 0, NO_EDIT, false },
	{ "a body longer than is kept, rewritten",
		"SIP/2.0 200 OK\r\n" SIP_ECHO "l: 4000\r\n\r\nv=0", WHOLE, CLOSES,
		VERDICT_DEGRADED, CAUSE_SIP_ALG, 200, "Call-ID 127.0.0.1:", 0, 0, 1,
		{ "Call-ID", "127.0.0.1", "203.0.113.9" }, false },
	{ "no status", "SIP/2.0 2000 OK\r\n" SIP_ECHO SIP_END, WHOLE, STAYS,
		VERDICT_FAILED, CAUSE_GARBAGE, 0, "SIP with a malformed status line", 1,
		0, 0, NO_EDIT, true },
	{ "another protocol", "SSH-2.0-OpenSSH_9.2\r\n", WHOLE, STAYS, VERDICT_FAILED,
		CAUSE_WRONG_PROTOCOL, 0, "SSH: SSH-2.0-OpenSSH_9.2", 0, 0, 0, NO_EDIT,
		false },
	{ "a TLS alert", "\x15\x03\x01", WHOLE, CLOSES, VERDICT_FAILED,
		CAUSE_WRONG_PROTOCOL, 0, "TLS: ", 0, 0, 0, NO_EDIT, false },
	{ "garbage", "\x01\x02\x03", WHOLE, STAYS, VERDICT_FAILED, CAUSE_GARBAGE, 0, NULL,
		0, 0, 0, NO_EDIT, false },
	{ "a header without end", "X-Padding: 0123456789\r\n", FOREVER, STAYS,
		VERDICT_FAILED, CAUSE_GARBAGE, 0, NULL, 0, 0, 0, NO_EDIT, false },
	{ "provisional answers without end", TRYING, FOREVER, STAYS, VERDICT_FAILED,
		CAUSE_GARBAGE, 0, "more than 65536 octets without an end", 0, 0, 0,
		NO_EDIT, false },
	{ "keep-alives without end", "\r\n\r\n", FOREVER, STAYS, VERDICT_FAILED,
		CAUSE_GARBAGE, 0, "more than 65536 octets without an end", 0, 0, 0,
		NO_EDIT, false },
};

/* One end of a connection, with TLS or without. */
struct line {
	int fd;
	SSL *ssl;
};

static ssize_t hear(const struct line *line, void *buffer, size_t size)
{
	return line->ssl ? SSL_read(line->ssl, buffer, (int)size)
			 : recv(line->fd, buffer, size, 0);
}

/* \retval false  the other side has gone */
static bool say(const struct line *line, const char *words, size_t length)
{
	if (!line->ssl)
		return send(line->fd, words, length, MSG_NOSIGNAL) > 0;
	return SSL_write(line->ssl, words, (int)length) > 0 &&
		BIO_flush(SSL_get_wbio(line->ssl)) == 1;
}

static void say_by_octets(const struct line *line, const char *words, size_t length)
{
	static const struct timespec moment = { .tv_nsec = 20000 };

	for (size_t i = 0; i < length; i++) {
		say(line, words + i, 1);
		nanosleep(&moment, NULL);
	}
}

static void serve(const struct tls_partner *partner, const struct line *line)
{
	const struct scene *scene = partner->script;
	char question[2048], words[SIP_WORDS_ROOM];
	ssize_t asked = hear(line, question, sizeof(question));
	size_t length;

	if (asked <= 0)
		return;
	length = sip_words(scene->says, scene->edit.line ? &scene->edit : NULL,
		(const uint8_t *)question, (size_t)asked, words);
	if (scene->pace == BY_OCTETS)
		say_by_octets(line, words, length);
	else
		say(line, words, length);
	while (scene->pace == FOREVER && say(line, words, length))
		;
	if (scene->end == STAYS)
		tls_partner_await_end(partner, line->fd, line->ssl);
}

static bool by_tcp(const struct tls_partner *partner, int fd)
{
	serve(partner, &(struct line){ .fd = fd });
	return false;
}

static void by_tls(const struct tls_partner *partner, SSL *ssl)
{
	serve(partner, &(struct line){ .fd = -1, .ssl = ssl });
}

static struct transcript *transcript; /* of the next runs; NULL = none */

static struct outcome play(
	struct tls_world *world, const struct scene *scene, const char *const *options)
{
	bool tls = strcmp(options[1], "tls") == 0;
	struct tls_partner partner;

	tls_partner_init(&partner, &world->shown);
	partner.script = scene;
	partner.agree = tls ? NULL : by_tcp;
	partner.talk_by = by_tls;
	return tls_partner_asked(&world->harness, &partner,
		(struct trial){ .kind = probe_sip(),
			.host = HOST,
			.options = options,
			.quiet = scene->by_deadline ? &partner.quiet : NULL,
			.transcript = transcript });
}

static void assert_scene(const struct scene *scene, const struct outcome *outcome)
{
	const char *detail = outcome->finding.evidence.detail;

	assert_string_equal(cause_name(outcome->finding.cause), cause_name(scene->cause));
	assert_int_equal(outcome->finding.verdict, scene->verdict);
	if (scene->detail && *scene->detail)
		assert_int_equal(
			strncmp(detail, scene->detail, strlen(scene->detail)), 0);
	assert_int_equal(
		outcome_has_value(outcome, SIP_GAUGE_STATUS), scene->status != 0);
	if (scene->pace == FOREVER)
		return;
	assert_true(outcome->values[SIP_GAUGE_MISMATCHES] == scene->mismatches);
	assert_true(outcome->values[SIP_GAUGE_PROVISIONAL] == scene->provisional);
	if (scene->status == 0)
		return;
	assert_true(outcome->values[SIP_GAUGE_STATUS] == scene->status);
	if (outcome_has_value(outcome, SIP_GAUGE_REWRITES))
		assert_true(outcome->values[SIP_GAUGE_REWRITES] == scene->rewritten);
}

static void play_all(struct tls_world *world, const char *const *options)
{
	bool tls = strcmp(options[1], "tls") == 0;

	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		struct outcome outcome;

		/* the clear is enough for what takes its time */
		if (tls && scenes[i].by_deadline)
			continue;
		outcome = play(world, &scenes[i], options);
		print_message(
			"%s: %s\n", scenes[i].what, outcome.finding.evidence.detail);
		assert_scene(&scenes[i], &outcome);
		/* whatever is said then: the certificate was seen */
		assert_int_equal(outcome_has_value(&outcome, TLS_GAUGE_VALID), tls);
		assert_false(outcome_has_value(
			&outcome, SIP_GAUGE_EXCHANGE + EXCHANGE_GAUGE_RETRANSMISSIONS));
		assert_true(address_is_loopback(&outcome.local.address));
	}
}

static void test_by_tcp(void **state)
{
	static const char *const options[] = { "transport", "tcp", NULL };

	play_all(*state, options);
}

static void test_by_tls(void **state)
{
	struct tls_world *world = *state;
	const char *const options[] = { "transport", "tls", "trust", world->trusted,
		NULL };

	play_all(world, options);
}

static const struct scene silent = { .what = "silence", .says = "", .by_deadline = true };
static const struct scene leaving = { .what = "the end", .says = "", .end = CLOSES };
static const struct scene fine = { .what = "ok", .says = OK };
static const struct scene busy = { .what = "busy",
	.says = "SIP/2.0 503 Service Unavailable\r\n" SIP_ECHO SIP_END };

/* A handshake is less than an answer, and the finding says that it was done. */
static void test_tls_without_sip(void **state)
{
	static const char *const plain[] = { "transport", "tcp", NULL };
	struct tls_world *world = *state;
	const char *const options[] = { "transport", "tls", "trust", world->trusted,
		NULL };
	struct outcome outcome = play(world, &silent, options);

	assert_int_equal(outcome.finding.cause, CAUSE_NO_ANSWER);
	assert_int_equal(outcome.finding.verdict, VERDICT_FAILED);
	assert_int_equal(outcome.phase, PHASE_RESPONSE);
	assert_string_equal(outcome.finding.evidence.detail,
		"the TLS handshake was done (TLS 1.3), SIP stayed silent");
	assert_true(outcome.values[TLS_GAUGE_VALID] == 1);

	outcome = play(world, &leaving, options);
	assert_int_equal(outcome.finding.cause, CAUSE_CLOSED_EARLY);
	assert_string_equal(outcome.finding.evidence.detail,
		"the TLS handshake was done (TLS 1.3), SIP stayed silent");

	outcome = play(world, &silent, plain);
	assert_int_equal(outcome.finding.cause, CAUSE_NO_ANSWER);
	assert_int_equal(outcome.finding.evidence.kind, EVIDENCE_NONE);
	outcome = play(world, &leaving, plain);
	assert_int_equal(outcome.finding.cause, CAUSE_CLOSED_EARLY);
	assert_int_equal(outcome.finding.evidence.kind, EVIDENCE_NONE);
}

/* Reachable and trusted are two facts: the answer is noted also from one that is not. */
static void test_untrusted(void **state)
{
	static const char *const strict[] = { "transport", "tls", "trust", "system",
		NULL };
	static const char *const report[] = { "transport", "tls", "trust", "report",
		NULL };
	static const char *const any[] = { "transport", "tls", "trust", "any", NULL };
	struct tls_world *world = *state;
	struct outcome outcome = play(world, &fine, strict);

	assert_int_equal(outcome.finding.cause, CAUSE_TLS_SELF_SIGNED);
	assert_int_equal(outcome.finding.verdict, VERDICT_FAILED);
	assert_true(outcome.values[SIP_GAUGE_STATUS] == 200);
	assert_true(outcome.values[TLS_GAUGE_VALID] == 0);

	outcome = play(world, &fine, report);
	assert_int_equal(outcome.finding.cause, CAUSE_TLS_SELF_SIGNED);
	assert_int_equal(outcome.finding.verdict, VERDICT_DEGRADED);

	/* of two that are alike the answer speaks */
	outcome = play(world, &busy, report);
	assert_int_equal(outcome.finding.cause, CAUSE_SIP_STATUS);

	outcome = play(world, &fine, any);
	assert_int_equal(outcome.finding.verdict, VERDICT_OK);
	assert_true(outcome.values[TLS_GAUGE_VALID] == 0);
}

enum sip_reading __real_sip_answer_read(const struct sip_request *request,
	const uint8_t *data, size_t length, enum sip_framing framing,
	struct sip_answer *ret_answer);
enum sip_reading __wrap_sip_answer_read(const struct sip_request *request,
	const uint8_t *data, size_t length, enum sip_framing framing,
	struct sip_answer *ret_answer);

static unsigned decoded;

enum sip_reading __wrap_sip_answer_read(const struct sip_request *request,
	const uint8_t *data, size_t length, enum sip_framing framing,
	struct sip_answer *ret_answer)
{
	enum sip_reading reading =
		__real_sip_answer_read(request, data, length, framing, ret_answer);

	decoded += ret_answer->head > 0;
	return reading;
}

/* Once when its header is whole, and once when all of it is. */
static void test_body_by_octets(void **state)
{
	static const char *const options[] = { "transport", "tcp", NULL };
	static const char head[] = "SIP/2.0 200 OK\r\n" SIP_ECHO "l: 300\r\n\r\n";
	char text[sizeof(head) + 300];
	struct scene scene = { .what = "a body", .says = text, .pace = BY_OCTETS };

	snprintf(text, sizeof(text), "%s%0300d", head, 0);
	decoded = 0;
	assert_int_equal(play(*state, &scene, options).finding.verdict, VERDICT_OK);
	assert_in_range(decoded, 1, 2);
}

static unsigned count_notes(const char *beginning)
{
	unsigned count = 0;

	for (unsigned i = 0; i < transcript->entries_used; i++) {
		const struct transcript_entry *entry = &transcript->entries[i];

		count += entry->kept >= strlen(beginning) &&
			memcmp(transcript->octets + entry->begin, beginning,
				strlen(beginning)) == 0;
	}
	return count;
}

/* Whether the run ends well or ill, the certificate is told once. */
static void test_certificate_told_once(void **state)
{
	struct tls_world *world = *state;
	const char *const options[] = { "transport", "tls", "trust", world->trusted,
		NULL };
	static const char *const strict[] = { "transport", "tls", "trust", "system",
		NULL };

	transcript = transcript_new();
	assert_non_null(transcript);
	play(world, &fine, options);
	assert_int_equal(count_notes("certificate of"), 1);
	transcript_begin(transcript);
	play(world, &fine, strict);
	assert_int_equal(count_notes("certificate of"), 1);
	free(transcript);
	transcript = NULL;
}

/* A server that speaks in the clear where TLS is asked for. */
static void test_without_tls(void **state)
{
	static const char *const tls[] = { "transport", "tls", NULL };
	struct tls_world *world = *state;
	struct tls_partner partner;
	struct outcome outcome;

	tls_partner_init(&partner, &world->shown);
	partner.script = &(struct scene){ .says = "SIP/2.0 400 Bad Request\r\n\r\n" };
	partner.agree = by_tcp;
	outcome = tls_partner_asked(&world->harness, &partner,
		(struct trial){ .kind = probe_sip(), .host = HOST, .options = tls });
	assert_int_equal(outcome.finding.cause, CAUSE_WRONG_PROTOCOL);
	assert_int_equal(strncmp(outcome.finding.evidence.detail, "SIP: ", 5), 0);
}

static int set_up(void **state)
{
	return tls_world_set_up(state,
		&(struct credential_spec){ .name = HOST, .alternatives = "DNS:" HOST });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_tcp),
		cmocka_unit_test(test_by_tls),
		cmocka_unit_test(test_tls_without_sip),
		cmocka_unit_test(test_untrusted),
		cmocka_unit_test(test_body_by_octets),
		cmocka_unit_test(test_certificate_told_once),
		cmocka_unit_test(test_without_tls),
	};

	return cmocka_run_group_tests(tests, set_up, tls_world_tear_down);
}
