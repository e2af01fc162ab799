/* SPDX-License-Identifier: Apache-2.0 */
/* Which sizes of a SIP request are answered, by UDP; TCP and TLS are in the faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/sip_size_parts.h"
#include "probes/sip_words.h"
#include "probes/udp_partner.h"

#define STATUS(status) "SIP/2.0 " status "\r\n" SIP_ECHO SIP_END
#define OK             STATUS("200 OK")
#define HEADERS        28 /* of IPv4 and UDP */

static size_t largest_heard, smallest_heard;

/* A server, or a path to it. */
struct scene {
	const char *what;
	const char *says;
	size_t passes;  /* packets up to so many octets; 0 = all */
	unsigned heals; /* after so many questions all pass; 0 = never */
	unsigned lost;  /* so many of the large ones, at first */
	unsigned dies;  /* after so many questions; 0 = never */
	bool by_turns;  /* it answers every other question, whatever it is */
	enum verdict verdict;
	enum cause cause;
	unsigned largest;   /* as measured; 0 = not */
	const char *detail; /* its beginning */
};

static const struct scene scenes[] = {
	{ "all pass", OK, 0, 0, 0, 0, false, VERDICT_OK, CAUSE_NONE, 1500, "" },
	{ "any status is an answer", STATUS("513 Too Large"), 0, 0, 0, 0, false,
		VERDICT_OK, CAUSE_NONE, 1500, "" },
	{ "a provisional one too", STATUS("100 Trying"), 0, 0, 0, 0, false, VERDICT_OK,
		CAUSE_NONE, 1500, "" },
	{ "a tunnel", OK, 1420, 0, 0, 0, false, VERDICT_DEGRADED, CAUSE_MTU_BLACKHOLE,
		1400, "answers packets of 1400 octets, silent from 1500 on" },
	{ "a worse one", OK, 1300, 0, 0, 0, false, VERDICT_DEGRADED, CAUSE_MTU_BLACKHOLE,
		1200, "answers packets of 1200 octets, silent from 1400 on" },
	{ "the least there is", OK, 576, 0, 0, 0, false, VERDICT_DEGRADED,
		CAUSE_MTU_BLACKHOLE, 576,
		"answers packets of 576 octets, silent from 1200 on" },
	{ "loss", OK, 0, 0, 3, 0, false, VERDICT_OK, CAUSE_NONE, 1500, "" },
	{ "it heals before it is sure", OK, 1300, 10, 0, 0, false, VERDICT_OK, CAUSE_NONE,
		1500, "" },
	{ "every other is answered", OK, 0, 0, 0, 0, true, VERDICT_OK, CAUSE_NONE, 1500,
		"" },
	/* whether SIP answers at all is another row's */
	{ "nobody there", "", 0, 0, 0, 0, false, VERDICT_UNKNOWN, CAUSE_TIMEOUT, 0,
		SIZE_UNMEASURED },
	{ "it answers once", OK, 0, 0, 0, 1, false, VERDICT_UNKNOWN, CAUSE_TIMEOUT, 0,
		"stopped answering" },
	{ "it dies before it is sure", OK, 1300, 0, 0, 10, false, VERDICT_UNKNOWN,
		CAUSE_TIMEOUT, 0, "stopped answering" },
	{ "another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", 0, 0, 0, 0, false,
		VERDICT_UNKNOWN, CAUSE_WRONG_PROTOCOL, 0,
		"HTTP: HTTP/1.1 400 Bad Request; " SIZE_UNMEASURED },
	{ "garbage", "SIP/2.0 200 OK\r\n{Via}", 0, 0, 0, 0, false, VERDICT_UNKNOWN,
		CAUSE_GARBAGE, 0, "no end of its header; " SIZE_UNMEASURED },
	{ "our own request", "{*}", 0, 0, 0, 0, false, VERDICT_UNKNOWN,
		CAUSE_SIP_MISMATCH, 0, "OPTIONS sip:127.0.0.1:" },
};

static bool passes(const struct scene *scene, unsigned question, size_t packet)
{
	if ((scene->dies > 0 && question > scene->dies) ||
		(scene->by_turns && question % 2 == 0))
		return false;
	if (scene->heals > 0 && question > scene->heals)
		return true;
	if (packet > 1000 && question <= 1 + scene->lost)
		return false;
	return scene->passes == 0 || packet <= scene->passes;
}

static void say(struct udp_partner *partner, const uint8_t *question, size_t length)
{
	const struct scene *scene = partner->script;
	char words[SIP_WORDS_ROOM];
	size_t packet = length + HEADERS;

	if (packet > largest_heard)
		largest_heard = packet;
	if (packet < smallest_heard)
		smallest_heard = packet;
	if (*scene->says && passes(scene, partner->questions, packet))
		partner_says(partner, words,
			sip_words(scene->says, NULL, question, length, words));
}

/* What the kernel says of the path, at first and since a router has told. */
static size_t mtu_first, mtu_told;
static unsigned mtu_calls;

size_t __wrap_path_mtu(const struct address *to);
size_t __wrap_path_mtu(const struct address *to)
{
	(void)to;
	return mtu_calls++ == 0 ? mtu_first : mtu_told;
}

/* The path takes 1300 octets, and fragments or none. */
static void say_on_narrow_path(
	struct udp_partner *partner, const uint8_t *question, size_t length)
{
	const bool *fragments = partner->script;
	size_t packet = length + HEADERS;
	char words[SIP_WORDS_ROOM];

	if (packet <= 1300 || (*fragments && packet == 2000))
		partner_says(
			partner, words, sip_words(OK, NULL, question, length, words));
}

/* A router's word is no silence: what it says is asked, in the same run. */
static void heeds_what_a_router_tells(void **state)
{
	static const char *const options[] = { "repeat_after", "10ms", NULL };
	static const bool cases[] = { true, false };
	struct harness harness;

	(void)state;
	harness_open(&harness);
	for (size_t i = 0; i < 2; i++) {
		struct udp_partner partner;
		struct outcome outcome;

		mtu_first = 1500;
		mtu_told = 1300;
		mtu_calls = 0;
		partner_open(&partner, harness.loop, NULL, say_on_narrow_path, &cases[i]);
		outcome = harness_run(&harness,
			&(struct trial){ .kind = probe_sip_size(),
				.port = partner.port,
				.options = options,
				.timeout_us = 20 * SECOND });
		partner_close(&partner);
		assert_int_equal(outcome.values[SIZE_GAUGE_LARGEST], 1300);
		assert_int_equal(outcome.values[SIZE_GAUGE_PATH_MTU], 1300);
		assert_int_equal(outcome.values[SIZE_GAUGE_FRAGMENTS], cases[i]);
		assert_int_equal(outcome.finding.cause,
			cases[i] ? CAUSE_NONE : CAUSE_MTU_BLACKHOLE);
		if (!cases[i])
			assert_string_equal(outcome.finding.evidence.detail,
				"answers packets of 1300 octets, silent to 2000 in "
				"fragments");
	}
	harness_close(&harness);
}

static void finds_the_size_that_passes(void **state)
{
	static const char *const options[] = { "repeat_after", "10ms", NULL };
	struct harness harness;

	(void)state;
	harness_open(&harness);
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		const struct scene *scene = &scenes[i];
		struct udp_partner partner;
		struct outcome outcome;

		print_message("%s\n", scene->what);
		mtu_first = mtu_told = 65536;
		largest_heard = 0;
		smallest_heard = SIZE_MAX;
		partner_open(&partner, harness.loop, NULL, say, scene);
		outcome = harness_run(&harness,
			&(struct trial){ .kind = probe_sip_size(),
				.port = partner.port,
				.options = options,
				.timeout_us = 20 * SECOND });
		partner_close(&partner);
		assert_int_equal(outcome.finding.verdict, scene->verdict);
		assert_int_equal(outcome.finding.cause, scene->cause);
		assert_int_equal(outcome_has_value(&outcome, SIZE_GAUGE_LARGEST),
			scene->largest > 0);
		if (scene->largest > 0) {
			assert_int_equal(
				outcome.values[SIZE_GAUGE_LARGEST], scene->largest);
			/* loopback takes it whole: there is nothing to be cut */
			assert_int_equal(largest_heard, 1500);
		}
		assert_true(smallest_heard < 576);
		if (strncmp(outcome.finding.evidence.detail, scene->detail,
			    strlen(scene->detail)) != 0)
			fail_msg("%s: %s", scene->what, outcome.finding.evidence.detail);
	}
	harness_close(&harness);
}

/* A port that nobody has: refused, by each way, and nothing is said of sizes. */
static void a_refusal_measures_nothing(void **state)
{
	static const struct {
		const char *transport;
		enum cause cause;
	} ways[] = { { "udp", CAUSE_ICMP_PORT_UNREACHABLE }, { "tcp", CAUSE_REFUSED },
		{ "tls", CAUSE_REFUSED } };
	struct harness harness;

	(void)state;
	harness_open(&harness);
	mtu_first = mtu_told = 65536;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const char *const options[] = { "transport", ways[i].transport, NULL };
		struct outcome outcome = harness_run(&harness,
			&(struct trial){ .kind = probe_sip_size(),
				.port = 1, /* tcpmux, which nobody has served since 1990
					    */
				.options = options });

		assert_int_equal(outcome.finding.verdict, VERDICT_UNKNOWN);
		assert_int_equal(outcome.finding.cause, ways[i].cause);
		assert_string_equal(outcome.finding.evidence.detail, SIZE_UNMEASURED);
		assert_false(outcome_has_value(&outcome, SIZE_GAUGE_LARGEST));
	}
	harness_close(&harness);
}

/* Every length that can be asked for: as long as that, one header, no long line. */
static void requests_are_as_long_as_asked(void **state)
{
	const struct transport_address local = { .port = 5060 };
	const struct probe_kind *kind = probe_sip_size();
	void *settings = harness_options(kind, NULL);
	struct probe_run run = { .kind = kind,
		.options = settings,
		.target = { .host = "pbx.example.com", .port = 5060 } };
	struct size_run size = { .run = &run };
	size_t least;

	(void)state;
	size_write(&size, &local, 0);
	least = size.length;
	assert_int_equal(least, size.request.length);
	for (size_t length = least + 20; length <= SIZE_TEXT_MAX; length++) {
		size_t line = 0, lines = 0;

		size_write(&size, &local, length);
		assert_int_equal(size.length, length);
		assert_memory_equal(size.text + length - 4, "\r\n\r\n", 4);
		for (size_t i = 0; i + 4 < length; i++) {
			line = size.text[i] == '\n' ? 0 : line + 1;
			lines += size.text[i] == '\n';
			assert_true(line < 256);
			assert_memory_not_equal(size.text + i, "\r\n\r\n", 4);
		}
		assert_true(lines < 50);
	}
	harness_options_free(kind, settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_as_long_as_asked),
		cmocka_unit_test(finds_the_size_that_passes),
		cmocka_unit_test(a_refusal_measures_nothing),
		cmocka_unit_test(heeds_what_a_router_tells),
	};

	return cmocka_run_group_tests_name("sip size", tests, NULL, NULL);
}
