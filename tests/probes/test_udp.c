/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/udp_partner.h"

#define SHORTLY (60 * MILLISECOND)

enum { GAUGE_STRAYS, GAUGE_RETRANSMISSIONS, GAUGE_REPLY };

struct scene {
	const char *what;
	const char *options[9];
	partner_fn partner;
	const char *script;
	enum verdict verdict;
	enum cause cause;
	double strays;
	const char *detail; /* of the evidence; NULL = not looked at */
};

static void says_script(struct udp_partner *partner, const uint8_t *data, size_t length)
{
	(void)data;
	(void)length;
	partner_says(partner, partner->script, strlen(partner->script));
}

static void echoes(struct udp_partner *partner, const uint8_t *data, size_t length)
{
	partner_says(partner, data, length);
}

static void says_from_elsewhere(
	struct udp_partner *partner, const uint8_t *data, size_t length)
{
	partner_says_from_elsewhere(partner, data, length);
	partner_says_from_elsewhere(partner, data, length);
}

static void says_from_elsewhere_first(
	struct udp_partner *partner, const uint8_t *data, size_t length)
{
	partner_says_from_elsewhere(partner, data, length);
	partner_says(partner, data, length);
}

static void says_nonsense_first(
	struct udp_partner *partner, const uint8_t *data, size_t length)
{
	partner_says(partner, "\x01\x02", 2);
	partner_says(partner, data, length);
}

static const struct scene scenes[] = {
	{ "silence proves nothing", { NULL }, NULL, NULL, VERDICT_UNKNOWN, CAUSE_TIMEOUT,
		0, NULL },
	{ "silence of who owes an answer", { "owes_answer", "true", NULL }, NULL, NULL,
		VERDICT_FAILED, CAUSE_TIMEOUT, 0, NULL },
	{ "an empty answer to an empty datagram", { NULL }, echoes, NULL, VERDICT_OK,
		CAUSE_NONE, 0, NULL },
	{ "any answer", { "payload", "hello", NULL }, says_script, "whatever", VERDICT_OK,
		CAUSE_NONE, 0, NULL },
	{ "the answer expected",
		{ "payload", "a\\x00b\\\\", "reply", "a\\x00b\\x5c", NULL }, echoes, NULL,
		VERDICT_OK, CAUSE_NONE, 0, NULL },
	{ "only a prefix of what is expected", { "reply", "hello", NULL }, says_script,
		"hell", VERDICT_FAILED, CAUSE_GARBAGE, 0, "hell" },
	{ "another answer", { "reply", "hello", NULL }, says_script, "\x01\x02",
		VERDICT_FAILED, CAUSE_GARBAGE, 0, "\\x01\\x02" },
	{ "another protocol", { "reply", "hello", NULL }, says_script,
		"HTTP/1.1 400 Bad Request\r\n\r\n", VERDICT_FAILED, CAUSE_WRONG_PROTOCOL,
		0, "HTTP: HTTP/1.1 400 Bad Request" },
	{ "a late good answer outweighs nonsense", { "payload", "x", "reply", "x", NULL },
		says_nonsense_first, NULL, VERDICT_OK, CAUSE_NONE, 0, NULL },
	{ "answers from elsewhere prove nothing", { "payload", "x", NULL },
		says_from_elsewhere, NULL, VERDICT_UNKNOWN, CAUSE_WRONG_SOURCE, 2, NULL },
	{ "answers from elsewhere of who owes one",
		{ "payload", "x", "owes_answer", "true", NULL }, says_from_elsewhere,
		NULL, VERDICT_FAILED, CAUSE_WRONG_SOURCE, 2, NULL },
	{ "answers from elsewhere, then the right one", { "payload", "x", NULL },
		says_from_elsewhere_first, NULL, VERDICT_OK, CAUSE_NONE, 1, NULL },
};

static void play(struct harness *harness, const struct scene *scene, const char *literal)
{
	struct udp_partner partner;
	struct outcome outcome;

	partner_open(&partner, harness->loop, literal, scene->partner, scene->script);
	outcome = harness_run(harness,
		&(struct trial){ .kind = probe_udp(),
			.address = literal,
			.port = partner.port,
			.options = scene->options,
			.timeout_us = SHORTLY });
	print_message("%s (%s)\n", scene->what, literal);
	assert_string_equal(cause_name(outcome.finding.cause), cause_name(scene->cause));
	assert_int_equal(outcome.finding.verdict, scene->verdict);
	assert_int_equal(outcome.phase, PHASE_RESPONSE);
	assert_int_equal(partner.questions, 1);
	assert_true(outcome_has_value(&outcome, GAUGE_STRAYS));
	assert_true(outcome.values[GAUGE_STRAYS] == scene->strays);
	if (scene->detail)
		assert_string_equal(outcome.finding.evidence.detail, scene->detail);
	if (scene->cause == CAUSE_TIMEOUT)
		assert_false(outcome_has_value(&outcome, GAUGE_REPLY));
	partner_close(&partner);
}

static void test_scenes(void **state)
{
	struct harness harness;

	(void)state;
	harness_open(&harness);
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		play(&harness, &scenes[i], "127.0.0.1");
		play(&harness, &scenes[i], "::1");
	}
	harness_close(&harness);
}

static void test_closed_port(void **state)
{
	static const char *const literals[] = { "127.0.0.1", "::1" };
	struct harness harness;

	(void)state;
	harness_open(&harness);
	for (size_t i = 0; i < 2; i++) {
		struct outcome outcome = harness_run(&harness,
			&(struct trial){ .kind = probe_udp(),
				.address = literals[i],
				.port = closed_udp_port(literals[i]) });

		assert_int_equal(outcome.finding.verdict, VERDICT_FAILED);
		assert_int_equal(outcome.finding.cause,
			i == 0 ? CAUSE_ICMP_PORT_UNREACHABLE
			       : CAUSE_ICMP6_PORT_UNREACHABLE);
		assert_true(address_equal(
			&outcome.finding.evidence.offender, &outcome.address));
	}
	harness_close(&harness);
}

static void test_abandoned(void **state)
{
	struct udp_partner partner;
	struct verdict_of_trial verdict;
	struct harness harness;

	(void)state;
	harness_open(&harness);
	partner_open(&partner, harness.loop, NULL, echoes, NULL);
	verdict = harness_try(&harness,
		&(struct trial){
			.kind = probe_udp(), .port = partner.port, .abandon = true });
	assert_int_equal(verdict.finishes, 0);
	harness_turn(&harness, 10 * MILLISECOND);
	partner_close(&partner);
	harness_close(&harness);
}

static void test_bad_options(void **state)
{
	static const char *const bad[] = { "\\x", "\\xg0", "\\q", "end\\" };
	const struct probe_kind *kind = probe_udp();
	char long_text[1300];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	for (size_t i = 0; i <= sizeof(bad) / sizeof(bad[0]); i++) {
		const char *text = i < sizeof(bad) / sizeof(bad[0]) ? bad[i] : long_text;

		for (const struct probe_option *option = kind->options;
			option->type == PROBE_OPTION_STRING; option++) {
			void *options = test_calloc(1, kind->options_size);
			char why[200] = "";

			assert_true(harness_option_set(option, options, text));
			assert_false(kind->validate(options, why, sizeof(why)));
			assert_true(strlen(why) > 10);
			test_free(options);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_closed_port),
		cmocka_unit_test(test_abandoned),
		cmocka_unit_test(test_bad_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
