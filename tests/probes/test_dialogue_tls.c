/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the kinds that speak TCP, by TLS; and more than a socket takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/lines.h"
#include "probes/tls_gauges.h"

#define DEADLINE SECOND /* of silence; valgrind is slow to shake hands */

/* What a TLS server does once hands are shaken, and what it takes before it answers. */
static void says_ok(SSL *ssl)
{
	tls_partner_say_records(ssl, "OK\n", 3, 1);
}

static void await_end(SSL *ssl)
{
	char sink[64];

	while (SSL_read(ssl, sink, sizeof(sink)) > 0)
		continue;
}

static void says_nothing(SSL *ssl)
{
	(void)ssl;
}

static void says_much(SSL *ssl)
{
	tls_partner_say_records(ssl, "SKIP\n", 5, 500);
	tls_partner_say_records(ssl, "OK\n", 3, 1);
}

static void says_half(SSL *ssl)
{
	tls_partner_say_records(ssl, "SKIP\nO", 6, 1);
}

/* More than a turn of reads takes, and no descriptor tells that it is there. */
static void says_one_long_record(SSL *ssl)
{
	char record[5 * 600 + 3];

	for (size_t i = 0; i < 600; i++)
		memcpy(record + 5 * i, "SKIP\n", 5);
	memcpy(record + 5 * 600, "OK\n", 3);
	tls_partner_say_records(ssl, record, sizeof(record), 1);
	await_end(ssl);
}

/* \return the octets that came as they were sent, up to the first that did not */
static size_t as_sent(const char *octets, ssize_t length, size_t before)
{
	for (ssize_t i = 0; i < length; i++) {
		if (octets[i] != lines_octet(before + (size_t)i))
			return before;
	}
	return before + (size_t)length;
}

static void listens(SSL *ssl)
{
	static char sink[16384];
	size_t heard = 0;
	int length = 1;

	while (length > 0 && heard < LINES_LARGE) {
		length = SSL_read(ssl, sink, sizeof(sink));
		heard = as_sent(sink, length, heard);
	}
	if (heard == LINES_LARGE)
		tls_partner_say_records(ssl, "OK\n", 3, 1);
}

/* All of it is read before a word is said; no TLS follows. */
static bool listens_in_the_clear(const struct tls_partner *partner, int fd)
{
	static char sink[16384];
	size_t heard = 0;
	ssize_t length = 1;

	(void)partner;
	while (length > 0 && heard < LINES_LARGE) {
		length = recv(fd, sink, sizeof(sink), 0);
		heard = as_sent(sink, length, heard);
	}
	if (heard == LINES_LARGE)
		send(fd, "OK\n", 3, MSG_NOSIGNAL);
	recv(fd, sink, sizeof(sink), 0);
	return false;
}

struct tls_row {
	const char *what;
	struct lines_script script;
	void (*talk)(SSL *ssl);
	const char *consent;
	bool (*agree)(const struct tls_partner *partner, int fd);
	bool rude;
	enum cause cause;
	bool tls;
};

static const struct tls_row tls_rows[] = {
	{ "an answer", { .secure = true, .asks = 5 }, says_ok, NULL, NULL, false,
		CAUSE_NONE, true },
	{ "nothing is awaited", { .secure = true, .deaf = true }, NULL, NULL, NULL, false,
		CAUSE_NONE, true },
	{ "many records in one segment", { .secure = true, .asks = 5 }, says_much, NULL,
		NULL, false, CAUSE_NONE, true },
	{ "one record of many lines", { .secure = true, .asks = 5 }, says_one_long_record,
		NULL, NULL, false, CAUSE_NONE, true },
	{ "silence", { .secure = true, .asks = 5 }, NULL, NULL, NULL, false,
		CAUSE_NO_ANSWER, true },
	{ "an end in good order", { .secure = true }, says_nothing, NULL, NULL, false,
		CAUSE_CLOSED_EARLY, true },
	{ "an end without a word", { .secure = true }, says_nothing, NULL, NULL, true,
		CAUSE_CLOSED_EARLY, true },
	{ "an end in the middle", { .secure = true, .asks = 5 }, says_half, NULL, NULL,
		false, CAUSE_CLOSED_EARLY, true },
	{ "an end that is expected", { .secure = true, .bears_end = true }, says_nothing,
		NULL, NULL, false, CAUSE_SLOW, true },
	{ "TLS later on", { .asks = 5 }, says_ok, "GO\n", NULL, false, CAUSE_NONE, true },
	{ "more than the socket takes", { .asks = LINES_LARGE }, NULL, NULL,
		listens_in_the_clear, false, CAUSE_NONE, false },
	{ "more than the socket takes by TLS", { .secure = true, .asks = LINES_LARGE },
		listens, NULL, NULL, false, CAUSE_NONE, true },
};

static void by_tls(void **state)
{
	struct tls_world *world = *state;

	for (size_t i = 0; i < sizeof(tls_rows) / sizeof(tls_rows[0]); i++) {
		const struct tls_row *row = &tls_rows[i];
		struct tls_partner partner;
		struct verdict_of_trial verdict;

		tls_partner_init(&partner, &world->shown);
		partner.talk = row->talk;
		partner.consent = row->consent;
		partner.agree = row->agree;
		partner.rude = row->rude;
		tls_partner_start(&partner);
		verdict = lines_ask(world, &row->script, partner.port,
			row->cause == CAUSE_NO_ANSWER ? DEADLINE : 0);
		tls_partner_stop(&partner);
		print_message("%s\n", row->what);
		assert_int_equal(verdict.finishes, 1);
		assert_string_equal(cause_name(verdict.outcome.finding.cause),
			cause_name(row->cause));
		assert_int_equal(outcome_has_value(&verdict.outcome, TLS_GAUGE_NOT_AFTER),
			row->tls);
		assert_int_equal(lines_behave(NULL).secured, row->consent != NULL);
	}
}

/* The server wants a certificate of ours: who awaits no words has all it asked for, and
 * who does has not heard its protocol. */
static void a_certificate_of_ours(void **state)
{
	static const struct {
		struct lines_script script;
		int version;
		enum verdict verdict;
		enum cause cause;
	} cases[] = {
		{ { .secure = true, .deaf = true }, TLS1_2_VERSION, VERDICT_OK,
			CAUSE_NONE },
		{ { .secure = true, .asks = 5 }, TLS1_2_VERSION, VERDICT_DEGRADED,
			CAUSE_TLS_HANDSHAKE_FAILURE },
		{ { .secure = true, .asks = 5 }, TLS1_3_VERSION, VERDICT_DEGRADED,
			CAUSE_TLS_HANDSHAKE_FAILURE },
	};
	struct tls_world *world = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tls_partner partner;
		struct finding finding;

		tls_partner_init(&partner, &world->shown);
		SSL_CTX_set_verify(partner.context,
			SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
		SSL_CTX_set_max_proto_version(partner.context, cases[i].version);
		tls_partner_start(&partner);
		finding = lines_ask(world, &cases[i].script, partner.port, 0)
				  .outcome.finding;
		tls_partner_stop(&partner);
		assert_int_equal(finding.verdict, cases[i].verdict);
		assert_string_equal(
			cause_name(finding.cause), cause_name(cases[i].cause));
		if (finding.verdict == VERDICT_DEGRADED)
			assert_non_null(
				strstr(finding.evidence.detail, "only TLS was spoken"));
	}
}

static void turn(void *context)
{
	lines_turn();
	loop_timer_set(context, 0);
}

/* 501 records lie decrypted in OpenSSL at once; the loop serves others in between. */
static void others_are_served_meanwhile(void **state)
{
	static const struct lines_script script = { .secure = true, .asks = 5 };
	struct tls_world *world = *state;
	struct tls_partner partner;
	struct verdict_of_trial verdict;
	struct loop_timer timer;

	tls_partner_init(&partner, &world->shown);
	partner.talk = says_much;
	tls_partner_start(&partner);
	loop_timer_init(&timer, world->harness.loop, LOOP_PRIORITY_ANSWER, turn, &timer);
	lines_at_start(&timer);
	verdict = lines_ask(world, &script, partner.port, 0);
	lines_at_start(NULL);
	loop_timer_done(&timer);
	tls_partner_stop(&partner);
	assert_int_equal(verdict.outcome.finding.cause, CAUSE_NONE);
	assert_in_range(lines_behave(NULL).longest, 1, 32);
}

/* The kind's finding and the certificate's: the graver speaks, the kind's if alike. */
static void graver_speaks(void **state)
{
	static const struct lines_script how = { .secure = true, .asks = 5 };
	static const char *const report[] = { "trust", "report", NULL };
	struct tls_world *world = *state;
	const struct {
		const char *const *options;
		void (*talk)(SSL *ssl);
		enum cause cause;
	} cases[] = {
		{ NULL, says_ok, CAUSE_TLS_SELF_SIGNED },
		{ report, says_ok, CAUSE_TLS_SELF_SIGNED },
		{ NULL, says_nothing, CAUSE_CLOSED_EARLY },
		{ report, says_nothing, CAUSE_CLOSED_EARLY },
	};

	lines_behave(&how);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tls_partner partner;
		struct outcome outcome;

		tls_partner_init(&partner, &world->shown);
		partner.talk = cases[i].talk;
		outcome = tls_partner_asked(&world->harness, &partner,
			(struct trial){ .kind = lines_kind(),
				.host = "peer.test",
				.options = cases[i].options });
		assert_string_equal(
			cause_name(outcome.finding.cause), cause_name(cases[i].cause));
		if (cases[i].talk == says_ok)
			assert_int_equal(outcome.finding.verdict,
				cases[i].options ? VERDICT_DEGRADED : VERDICT_FAILED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_tls),
		cmocka_unit_test(graver_speaks),
		cmocka_unit_test(a_certificate_of_ours),
		cmocka_unit_test(others_are_served_meanwhile),
	};

	return cmocka_run_group_tests(tests, lines_set_up, tls_world_tear_down);
}
