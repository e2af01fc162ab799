/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the kinds that speak TCP, in the clear: every end a talk can take. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/partner.h"
#include "probes/lines.h"

#define DEADLINE    (150 * MILLISECOND)
#define WORDS(text) (text), sizeof(text) - 1

/* Only who waits for the deadline waits for it. */
static int64_t patience(enum cause cause)
{
	bool waits = cause == CAUSE_NO_ANSWER || cause == CAUSE_TIMEOUT ||
		cause == CAUSE_GARBAGE;

	return waits ? DEADLINE : 0;
}

/* In the clear, and what comes of it. */
struct row {
	const char *what;
	struct lines_script script;
	enum manner manner;
	const char *words;
	size_t length;
	enum cause cause;
	const char *detail; /* NULL = not compared */
};

static const struct row rows[] = {
	{ "nothing is awaited", { .deaf = true }, MANNER_SILENT, NULL, 0, CAUSE_NONE,
		"" },
	{ "nothing is awaited of who talks", { .deaf = true }, MANNER_GREETS,
		WORDS("OK\n"), CAUSE_NONE, "" },
	{ "an answer", { .asks = 5 }, MANNER_ANSWERS, WORDS("OK\n"), CAUSE_NONE, "" },
	{ "a greeting", { 0 }, MANNER_GREETS, WORDS("OK\n"), CAUSE_NONE, "" },
	{ "an ill answer", { .asks = 5 }, MANNER_ANSWERS, WORDS("NO\n"), CAUSE_SIP_STATUS,
		"" },
	{ "octet by octet", { .asks = 5 }, MANNER_DRIPS,
		WORDS("SKIP\nSKIP\nSKIP\nSKIP\nSKIP\nSKIP\nSKIP\nSKIP\nSKIP\nSKIP\nSKIP\n"
		      "SKIP\nSKIP\nSKIP\nOK\n"),
		CAUSE_NONE, "" },
	{ "words after the end", { .asks = 5 }, MANNER_ANSWERS, WORDS("OK\nNO\nXX\n"),
		CAUSE_NONE, "" },
	{ "silence", { .asks = 5 }, MANNER_SILENT, NULL, 0, CAUSE_NO_ANSWER, "" },
	{ "an early end", { .asks = 5 }, MANNER_CLOSES, NULL, 0, CAUSE_CLOSED_EARLY, "" },
	{ "an end in the middle", { 0 }, MANNER_PARTS, WORDS("SKIP\nO"),
		CAUSE_CLOSED_EARLY, "" },
	{ "an end that is expected", { .bears_end = true }, MANNER_PARTS, WORDS("SKIP\n"),
		CAUSE_SLOW, "" },
	{ "a stranger's end", { .protocol = "SIP" }, MANNER_PARTS, WORDS("SSH-2.0-x"),
		CAUSE_WRONG_PROTOCOL, "SSH: SSH-2.0-x" },
	{ "our own protocol's end", { .protocol = "SSH" }, MANNER_PARTS,
		WORDS("SSH-2.0-x"), CAUSE_CLOSED_EARLY, "" },
	{ "a reset", { .asks = 5 }, MANNER_RESETS_LATER, NULL, 0, CAUSE_RESET, "" },
	{ "a reset while we speak", { .asks = LINES_LARGE }, MANNER_RESETS_LATER, NULL, 0,
		CAUSE_RESET, "" },
	{ "a reset at once", { 0 }, MANNER_RESETS, NULL, 0, CAUSE_RESET, "" },
	{ "another protocol", { .asks = 5 }, MANNER_ANSWERS,
		WORDS("HTTP/1.1 400 Bad Request\r\n\r\n"), CAUSE_WRONG_PROTOCOL,
		"HTTP: HTTP/1.1 400 Bad Request" },
	{ "no protocol", { .asks = 5 }, MANNER_ANSWERS, WORDS("\x01\x02\n"),
		CAUSE_GARBAGE, "\\x01\\x02" },
	{ "ours, and then none", { .asks = 5 }, MANNER_ANSWERS, WORDS("SKIP\nwhat?\n"),
		CAUSE_GARBAGE, "what?" },
	{ "a message without end", { 0 }, MANNER_FLOODS, WORDS("x"), CAUSE_GARBAGE,
		"more than 64 octets without an end" },
	{ "messages without end", { .heard_max = 1000 }, MANNER_FLOODS, WORDS("SKIP\n"),
		CAUSE_GARBAGE, "more than 1000 octets without an end" },
	{ "a stranger without end", { .protocol = "SIP" }, MANNER_FLOODS,
		WORDS("HTTP/1.1 200 and so on, and on"), CAUSE_WRONG_PROTOCOL, NULL },
	{ "a message as long as may be", { .asks = 5 }, MANNER_ANSWERS,
		WORDS("123456789 123456789 123456789 123456789 123456789 123456789 123"),
		CAUSE_NO_ANSWER, "" },
	{ "an octet more", { .asks = 5 }, MANNER_ANSWERS,
		WORDS("123456789 123456789 123456789 123456789 123456789 123456789 1234"),
		CAUSE_GARBAGE, "more than 64 octets without an end" },
	{ "octets slipped in before TLS", { .asks = 5 }, MANNER_ANSWERS,
		WORDS("GO\nOK\n"), CAUSE_GARBAGE,
		"3 octets in the clear before the TLS handshake" },
	{ "silence instead of TLS", { .asks = 5 }, MANNER_ANSWERS, WORDS("GO\n"),
		CAUSE_NO_ANSWER, "" },
	{ "silence from the start", { .secure = true }, MANNER_SILENT, NULL, 0,
		CAUSE_NO_ANSWER, "" },
	{ "the end instead of TLS", { .secure = true }, MANNER_CLOSES, NULL, 0,
		CAUSE_CLOSED_EARLY, NULL },
	{ "a reset instead of TLS", { .secure = true }, MANNER_RESETS_LATER, NULL, 0,
		CAUSE_RESET, NULL },
	{ "another protocol instead of TLS", { .secure = true }, MANNER_ANSWERS,
		WORDS("HTTP/1.1 400 Bad Request\r\n\r\n"), CAUSE_WRONG_PROTOCOL,
		"HTTP: HTTP/1.1 400 Bad Request" },
	{ "three octets instead of TLS", { .secure = true }, MANNER_ANSWERS, WORDS("220"),
		CAUSE_GARBAGE, "220" },
	{ "a handshake that stops", { .secure = true }, MANNER_ANSWERS,
		WORDS("\x16\x03\x03\x00\x7a\x02"), CAUSE_TIMEOUT, "" },
	{ "a fatal alert", { .secure = true }, MANNER_ANSWERS,
		WORDS("\x15\x03\x03\x00\x02\x02\x28"), CAUSE_TLS_HANDSHAKE_FAILURE,
		NULL },
};

static void in_the_clear(void **state)
{
	struct tls_world *world = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		unsigned before = partner_descriptors();
		struct verdict_of_trial verdict;
		struct partner partner;

		partner_open(&partner, world->harness.loop, NULL, row->manner, row->words,
			row->length);
		verdict = lines_ask(
			world, &row->script, partner.port, patience(row->cause));
		partner_close(&partner);
		print_message("%s\n", row->what);
		assert_int_equal(verdict.finishes, 1);
		assert_string_equal(cause_name(verdict.outcome.finding.cause),
			cause_name(row->cause));
		if (row->detail)
			assert_string_equal(
				verdict.outcome.finding.evidence.detail, row->detail);
		assert_int_equal(lines_behave(NULL).ends, row->cause == CAUSE_SLOW);
		/* a reset may come before we know that we are connected */
		if (row->manner != MANNER_RESETS)
			assert_int_equal(
				verdict.outcome.local.address.family, FAMILY_IPV4);
		assert_int_equal(partner_descriptors(), before);
	}
}

static void refused(void **state)
{
	static const struct lines_script how = { .asks = 5 };
	struct verdict_of_trial verdict =
		lines_ask(*state, &how, partner_refused_port(), 0);

	assert_int_equal(verdict.outcome.finding.cause, CAUSE_REFUSED);
	assert_int_equal(verdict.outcome.local.address.family, FAMILY_NONE);
}

static void last_words(void **state)
{
	static const struct lines_script how = { .asks = 5, .parting = "BYE\n" };
	static const struct lines_script busy = { .asks = LINES_LARGE,
		.parting = "BYE\n" };
	struct tls_world *world = *state;
	struct partner partner;

	partner_open(&partner, world->harness.loop, NULL, MANNER_ANSWERS, WORDS("OK\n"));
	assert_int_equal(lines_ask(world, &how, partner.port, 0).finishes, 1);
	for (unsigned i = 0; i < 1000 && partner.closes + partner.resets == 0; i++)
		harness_turn(&world->harness, 2 * MILLISECOND);
	assert_int_equal(partner.received, 9);
	assert_memory_equal(partner.heard + 5, "BYE\n", 4);
	assert_int_equal(partner.closes, 1);
	assert_int_equal(partner.resets, 0);
	partner_close(&partner);

	/* in the middle of another word they would be no words */
	partner_open(&partner, world->harness.loop, NULL, MANNER_ANSWERS, WORDS("OK\n"));
	assert_int_equal(lines_ask(world, &busy, partner.port, 0).finishes, 1);
	assert_true(lines_behave(NULL).unsent);
	partner_close(&partner);

	/* and to nobody none are said */
	assert_int_equal(lines_ask(world, &how, partner_refused_port(), 0).finishes, 1);
}

/* Stopped while connecting, shaking hands, waiting and sending. */
static void abandoned(void **state)
{
	static const struct {
		struct lines_script script;
		int64_t after_us;
		const char *words;
		bool unsent;
	} cases[] = {
		{ { .asks = 5, .parting = "BYE\n" }, 0, NULL, false },
		{ { .asks = 5, .parting = "BYE\n" }, 10 * MILLISECOND, NULL, false },
		{ { .secure = true, .parting = "BYE\n" }, 10 * MILLISECOND, NULL, false },
		{ { .asks = 5, .parting = "BYE\n" }, 10 * MILLISECOND, "GO\n", false },
		{ { .asks = LINES_LARGE, .parting = "BYE\n" }, MILLISECOND, NULL, true },
	};
	struct tls_world *world = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned before = partner_descriptors();
		struct verdict_of_trial verdict;
		struct partner partner;

		partner_open(&partner, world->harness.loop, NULL,
			cases[i].words ? MANNER_ANSWERS : MANNER_SILENT, cases[i].words,
			cases[i].words ? strlen(cases[i].words) : 0);
		lines_behave(&cases[i].script);
		verdict = harness_try(&world->harness,
			&(struct trial){ .kind = lines_kind(),
				.host = "peer.test",
				.port = partner.port,
				.abandon = true,
				.abandon_after_us = cases[i].after_us });
		assert_int_equal(verdict.finishes, 0);
		assert_int_equal(lines_behave(NULL).unsent, cases[i].unsent);
		harness_turn(&world->harness, 5 * MILLISECOND);
		partner_close(&partner);
		assert_int_equal(partner_descriptors(), before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_clear),
		cmocka_unit_test(refused),
		cmocka_unit_test(last_words),
		cmocka_unit_test(abandoned),
	};

	return cmocka_run_group_tests(tests, lines_set_up, tls_world_tear_down);
}
