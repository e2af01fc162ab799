/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/partner.h"
#include "probes/harness.h"
#include "probes/payload.h"
#include "probes/probe_kinds.h"
#include "probes/virtual_time.h"

#define DEADLINE    (100 * MILLISECOND)
#define WORDS(text) (text), sizeof(text) - 1

struct row {
	const char *what;
	enum manner manner;
	const char *words;
	size_t length;
	const char *options[6];
	enum cause cause;
	enum phase phase;
	const char *detail; /* of the evidence */
	const char *heard;  /* by the peer */
};

static const struct row rows[] = {
	{ "connection is enough", MANNER_SILENT, NULL, 0, { NULL }, CAUSE_NONE,
		PHASE_CONNECT, "", "" },
	{ "sends without waiting", MANNER_SILENT, NULL, 0, { "send", "bye\\r\\n" },
		CAUSE_NONE, PHASE_REQUEST, "", "bye\r\n" },
	{ "banner", MANNER_GREETS, WORDS("SSH-2.0-x\r\n"), { "expect", "SSH-2.0" },
		CAUSE_NONE, PHASE_RESPONSE, "", "" },
	{ "question and answer", MANNER_ANSWERS, WORDS("PONG\r\n"),
		{ "send", "PING\\r\\n", "expect", "PONG\\x0d\\n" }, CAUSE_NONE,
		PHASE_RESPONSE, "", "PING\r\n" },
	{ "nothing came", MANNER_SILENT, NULL, 0, { "expect", "PONG" }, CAUSE_NO_ANSWER,
		PHASE_RESPONSE, "", "" },
	{ "only a part came", MANNER_GREETS, WORDS("PO"), { "expect", "PONG" },
		CAUSE_TIMEOUT, PHASE_RESPONSE, "", "" },
	{ "closed without a word", MANNER_CLOSES, NULL, 0, { "expect", "PONG" },
		CAUSE_CLOSED_EARLY, PHASE_RESPONSE, "", "" },
	{ "closed after a part", MANNER_PARTS, WORDS("PO"), { "expect", "PONG" },
		CAUSE_CLOSED_EARLY, PHASE_RESPONSE, "", "" },
	{ "garbage", MANNER_GREETS, WORDS("\x01\x02?\n"), { "expect", "PONG" },
		CAUSE_GARBAGE, PHASE_RESPONSE, "\\x01\\x02?", "" },
	{ "HTTP", MANNER_ANSWERS, WORDS("HTTP/1.1 400 Bad Request\r\nX: y\r\n\r\n"),
		{ "send", "hello", "expect", "SIP/2.0" }, CAUSE_WRONG_PROTOCOL,
		PHASE_RESPONSE, "HTTP: HTTP/1.1 400 Bad Request", "hello" },
	{ "flood", MANNER_FLOODS, WORDS("PING"), { "expect", "PONG" }, CAUSE_GARBAGE,
		PHASE_RESPONSE, NULL, NULL },
};

static void peers_are_told_apart(void **state)
{
	struct harness *harness = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct partner partner;
		struct trial trial = { .kind = probe_tcp(),
			.options = row->options,
			.timeout_us = DEADLINE };
		struct outcome outcome;

		partner_open(&partner, harness->loop, NULL, row->manner, row->words,
			row->length);
		trial.port = partner.port;
		outcome = harness_run(harness, &trial);
		harness_turn(harness, 2 * MILLISECOND);
		if (outcome.finding.cause != row->cause || outcome.phase != row->phase)
			fail_msg("%s: %s in %s", row->what,
				cause_name(outcome.finding.cause),
				phase_name(outcome.phase));
		if (row->detail)
			assert_string_equal(outcome.finding.evidence.detail, row->detail);
		if (row->heard)
			assert_string_equal(partner.heard, row->heard);
		assert_true(outcome.phase_us[PHASE_CONNECT] > 0);
		assert_int_equal(partner.resets, 0); /* we always part with FIN */
		partner_close(&partner);
	}
}

static void reset_is_not_closed(void **state)
{
	static const char *const options[] = { "expect", "PONG", NULL };
	struct harness *harness = *state;
	struct partner partner;
	struct trial trial = { .kind = probe_tcp(), .options = options };
	struct outcome outcome;

	partner_open(&partner, harness->loop, NULL, MANNER_RESETS, NULL, 0);
	trial.port = partner.port;
	outcome = harness_run(harness, &trial);
	assert_int_equal(outcome.finding.cause, CAUSE_RESET);
	assert_int_equal(outcome.finding.evidence.kind, EVIDENCE_TCP_RESET);
	assert_true(address_equal(&outcome.finding.evidence.offender, &outcome.address));
	partner_close(&partner);
}

static void refusal_names_the_host(void **state)
{
	struct harness *harness = *state;
	struct trial trial = { .kind = probe_tcp(), .port = partner_refused_port() };
	struct outcome outcome = harness_run(harness, &trial);

	assert_int_equal(outcome.finding.cause, CAUSE_REFUSED);
	assert_int_equal(outcome.finding.evidence.kind, EVIDENCE_TCP_RESET);
	assert_true(address_equal(&outcome.finding.evidence.offender, &outcome.address));
	assert_int_equal(outcome.phase, PHASE_CONNECT);
}

static void ipv6_works_as_well(void **state)
{
	struct harness *harness = *state;
	struct partner partner;
	struct trial trial = { .kind = probe_tcp(), .address = "::1" };
	struct outcome outcome;

	partner_open(&partner, harness->loop, "::1", MANNER_SILENT, NULL, 0);
	trial.port = partner.port;
	outcome = harness_run(harness, &trial);
	assert_int_equal(outcome.finding.verdict, VERDICT_OK);
	partner_close(&partner);
}

static void escapes_become_octets(void **state)
{
	static const struct {
		const char *text;
		const char *octets;
		size_t length;
	} good[] = {
		{ "", "", 0 },
		{ "plain", WORDS("plain") },
		{ "\\r\\n\\t\\\\", WORDS("\r\n\t\\") },
		{ "a\\0b\\x00\\xfF", WORDS("a\0b\0\xff") },
	};
	static const char *const bad[] = { "\\", "\\q", "\\x", "\\x1", "\\xg0", "a\\" };
	struct payload payload = { 0 };
	char why[128];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(payload_parse(good[i].text, &payload, why, sizeof(why)));
		assert_int_equal(payload.length, good[i].length);
		assert_memory_equal(payload.data, good[i].octets, good[i].length);
		payload_done(&payload);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(payload_parse(bad[i], &payload, why, sizeof(why)));
		assert_null(payload.data);
		assert_non_null(strstr(why, "write"));
	}
	assert_true(payload_parse(NULL, &payload, why, sizeof(why)));
	assert_null(payload.data);
}

static void options_are_checked(void **state)
{
	const struct probe_kind *kind = probe_tcp();
	void *options = calloc(1, kind->options_size);
	char long_text[300], why[128];

	(void)state;
	assert_non_null(options);
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_true(harness_option_set(&kind->options[0], options, "fine"));
	assert_true(harness_option_set(&kind->options[1], options, long_text));
	assert_false(kind->validate(options, why, sizeof(why)));
	assert_non_null(strstr(why, "128 octets"));
	assert_true(harness_option_set(&kind->options[1], options, "\\?"));
	assert_false(kind->validate(options, why, sizeof(why)));
	kind->release(options);
	free(options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_are_told_apart),
		cmocka_unit_test(reset_is_not_closed),
		cmocka_unit_test(refusal_names_the_host),
		cmocka_unit_test(ipv6_works_as_well),
		cmocka_unit_test(escapes_become_octets),
		cmocka_unit_test(options_are_checked),
	};

	return cmocka_run_group_tests(tests, virtual_set_up, harness_tear_down);
}
