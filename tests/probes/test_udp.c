/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/udp_partner.h"
#include "probes/virtual_time.h"

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
	unsigned questions;
	struct outcome outcome = udp_partner_asked(harness, scene->partner, scene->script,
		(struct trial){ .kind = probe_udp(),
			.address = literal,
			.options = scene->options,
			.timeout_us = SHORTLY },
		&questions);

	print_message("%s (%s)\n", scene->what, literal);
	harness_found(scene->what, &outcome, scene->verdict, scene->cause, scene->detail);
	assert_int_equal(outcome.phase, PHASE_RESPONSE);
	assert_int_equal(questions, 1);
	assert_true(outcome_has_value(&outcome, GAUGE_STRAYS));
	assert_true(outcome.values[GAUGE_STRAYS] == scene->strays);
	if (scene->cause == CAUSE_TIMEOUT)
		assert_false(outcome_has_value(&outcome, GAUGE_REPLY));
}

static void test_scenes(void **state)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		play(*state, &scenes[i], "127.0.0.1");
		play(*state, &scenes[i], "::1");
	}
}

static void test_closed_port(void **state)
{
	udp_refusal_is_told(*state, probe_udp());
}

static void test_abandoned(void **state)
{
	udp_partner_asked(*state, echoes, NULL,
		(struct trial){
			.kind = probe_udp(), .timeout_us = SHORTLY, .abandon = true },
		NULL);
}

static void test_bad_options(void **state)
{
	static const char *const bad[] = { "\\x", "\\xg0", "\\q", "end\\" };
	const struct probe_kind *kind = probe_udp();
	char long_text[1300];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	for (const struct probe_option *option = kind->options;
		option->type == PROBE_OPTION_STRING; option++) {
		harness_refuses(kind, option->name, long_text, "octets");
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			harness_refuses(kind, option->name, bad[i], "write");
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

	return cmocka_run_group_tests(tests, virtual_set_up, harness_tear_down);
}
