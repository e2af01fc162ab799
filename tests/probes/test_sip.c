/* SPDX-License-Identifier: Apache-2.0 */
/* SIP over UDP as no real server speaks on command; those are in test_kamailio.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/sip_message.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/sip_parts.h"
#include "probes/sip_words.h"
#include "probes/udp_partner.h"
#include "probes/virtual_time.h"

#define SHORTLY        (120 * MILLISECOND)
#define OK             "SIP/2.0 200 OK\r\n" SIP_ECHO SIP_END
#define STATUS(status) "SIP/2.0 " status "\r\n" SIP_ECHO SIP_END
#define TRYING         STATUS("100 Trying")
#define FOREIGN                                                              \
	"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKb\r\n"   \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: e@f\r\nCSeq: 4 " \
	"OPTIONS\r\n" SIP_END

struct scene {
	const char *what;
	const char *options[5];
	const char *says[4]; /* to each request, all of them */
	struct sip_edit edit;
	enum verdict verdict;
	enum cause cause;
	unsigned status;    /* 0 = none */
	const char *detail; /* its beginning; NULL = whatever */
	unsigned mismatches, provisional, rewritten;
	bool elsewhere;
	unsigned deaf; /* requests without an answer */
};

#define NOTHING                  \
	{                        \
		NULL, NULL, NULL \
	}

static const struct scene scenes[] = {
	{ "ok", { NULL }, { OK }, NOTHING, VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0, 0,
		false, 0 },
	{ "who it is", { NULL },
		{ "SIP/2.0 200 OK\r\n" SIP_ECHO "Server: PBX 1\r\n" SIP_END }, NOTHING,
		VERDICT_OK, CAUSE_NONE, 200, "OK, PBX 1", 0, 0, 0, false, 0 },
	{ "a redirect", { NULL }, { STATUS("302 Moved") }, NOTHING, VERDICT_OK,
		CAUSE_NONE, 302, "Moved", 0, 0, 0, false, 0 },
	{ "no such user", { NULL }, { STATUS("404 Not Found") }, NOTHING, VERDICT_OK,
		CAUSE_NONE, 404, "Not Found", 0, 0, 0, false, 0 },
	{ "busy", { NULL }, { STATUS("503 Service Unavailable") }, NOTHING,
		VERDICT_DEGRADED, CAUSE_SIP_STATUS, 503, "Service Unavailable", 0, 0, 0,
		false, 0 },
	{ "declined everywhere", { NULL }, { STATUS("603 Decline") }, NOTHING,
		VERDICT_DEGRADED, CAUSE_SIP_STATUS, 603, "Decline", 0, 0, 0, false, 0 },
	{ "busy, which is fine", { "accept", "200, 500-699", NULL },
		{ STATUS("503 Service Unavailable") }, NOTHING, VERDICT_OK, CAUSE_NONE,
		503, "Service", 0, 0, 0, false, 0 },
	{ "no such user, which is not", { "accept", "200", NULL },
		{ STATUS("404 Not Found") }, NOTHING, VERDICT_DEGRADED, CAUSE_SIP_STATUS,
		404, "Not Found", 0, 0, 0, false, 0 },
	{ "silence", { NULL }, { NULL }, NOTHING, VERDICT_FAILED, CAUSE_TIMEOUT, 0, "", 0,
		0, 0, false, 0 },
	{ "the second request is answered", { "repeat_after", "20ms", NULL }, { OK },
		NOTHING, VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0, 0, false, 1 },
	{ "provisional, then final", { NULL }, { TRYING, OK }, NOTHING, VERDICT_OK,
		CAUSE_NONE, 200, "OK", 0, 1, 0, false, 0 },
	{ "provisional only", { NULL }, { TRYING, STATUS("183 Session Progress") },
		NOTHING, VERDICT_FAILED, CAUSE_SIP_NO_FINAL, 0, "", 0, 2, 0, false, 0 },
	{ "to another request", { NULL }, { FOREIGN }, NOTHING, VERDICT_FAILED,
		CAUSE_SIP_MISMATCH, 0, "200 OK, to another request", 1, 0, 0, false, 0 },
	{ "to another request, then to ours", { NULL }, { FOREIGN, FOREIGN, OK }, NOTHING,
		VERDICT_OK, CAUSE_NONE, 200, "OK", 2, 0, 0, false, 0 },
	{ "from elsewhere", { NULL }, { OK }, NOTHING, VERDICT_FAILED, CAUSE_WRONG_SOURCE,
		0, NULL, 0, 0, 0, true, 0 },
	{ "a request of its own", { NULL },
		{ "OPTIONS sip:us@127.0.0.1 SIP/2.0\r\n" SIP_ECHO SIP_END }, NOTHING,
		VERDICT_FAILED, CAUSE_SIP_MISMATCH, 0,
		"a request: OPTIONS sip:us@127.0.0.1 SIP/2.0", 1, 0, 0, false, 0 },
	{ "our own request", { NULL }, { "{*}" }, NOTHING, VERDICT_FAILED,
		CAUSE_SIP_MISMATCH, 0, "a request: OPTIONS sip:127.0.0.1:", 1, 0, 0,
		false, 0 },
	{ "a keep-alive", { NULL }, { "\r\n\r\n" }, NOTHING, VERDICT_FAILED,
		CAUSE_TIMEOUT, 0, "", 0, 0, 0, false, 0 },
	{ "truncated", { NULL }, { "SIP/2.0 200 OK\r\n{Via}" }, NOTHING, VERDICT_FAILED,
		CAUSE_GARBAGE, 0, "SIP with no end of its header", 1, 0, 0, false, 0 },
	{ "another protocol", { NULL }, { "HTTP/1.1 400 Bad Request\r\n\r\n" }, NOTHING,
		VERDICT_FAILED, CAUSE_WRONG_PROTOCOL, 0, "HTTP: HTTP/1.1 400", 0, 0, 0,
		false, 0 },
	{ "Via rewritten", { NULL }, { OK }, { "Via", "127.0.0.1", "203.0.113.9" },
		VERDICT_DEGRADED, CAUSE_SIP_ALG, 200, "Via 127.0.0.1:", 0, 0, 1, false,
		0 },
	{ "Call-ID rewritten", { NULL }, { OK },
		{ "Call-ID", "127.0.0.1", "203.0.113.9" }, VERDICT_DEGRADED,
		CAUSE_SIP_ALG, 200, "Call-ID 127.0.0.1:", 0, 0, 1, false, 0 },
	{ "From rewritten", { NULL }, { OK }, { "From", "127.0.0.1", "203.0.113.9" },
		VERDICT_DEGRADED, CAUSE_SIP_ALG, 200, "From 127.0.0.1:", 0, 0, 1, false,
		0 },
	{ "CSeq rewritten", { NULL }, { OK }, { "CSeq", "OPTIONS", "INFO" },
		VERDICT_DEGRADED, CAUSE_SIP_ALG, 200, "CSeq ", 0, 0, 1, false, 0 },
	{ "UDP became TCP", { NULL }, { OK }, { "Via", "/UDP", "/TCP" }, VERDICT_DEGRADED,
		CAUSE_SIP_ALG, 200, "Via transport UDP -> TCP", 0, 0, 1, false, 0 },
	{ "a length that does not fit", { NULL },
		{ "SIP/2.0 200 OK\r\n" SIP_ECHO "Content-Length: 3\r\n\r\nabcde" },
		NOTHING, VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0, 0, false, 0 },
	{ "a body cut short", { NULL },
		{ "SIP/2.0 200 OK\r\n" SIP_ECHO "Content-Length: 9\r\n\r\nabcde" },
		NOTHING, VERDICT_OK, CAUSE_NONE, 200, "OK", 0, 0, 0, false, 0 },
	{ "an octet behind it", { NULL },
		{ "SIP/2.0 503 Busy\r\n" SIP_ECHO "Content-Length: 0\r\n\r\n@" }, NOTHING,
		VERDICT_DEGRADED, CAUSE_SIP_STATUS, 503, "Busy", 0, 0, 0, false, 0 },
	{ "a length that does not fit, and more", { NULL },
		{ "SIP/2.0 200 OK\r\n" SIP_ECHO "Content-Length: 3\r\n\r\nabcde" },
		{ "CSeq", "OPTIONS", "INFO" }, VERDICT_DEGRADED, CAUSE_SIP_ALG, 200,
		"CSeq ", 0, 0, 2, false, 0 },
	{ "busy and rewritten", { NULL }, { STATUS("500 Oops") },
		{ "CSeq", "OPTIONS", "INFO" }, VERDICT_DEGRADED, CAUSE_SIP_STATUS, 500,
		"Oops", 0, 0, 1, false, 0 },
	{ "behind NAT, measured", { NULL }, { OK },
		{ "Via", ";rport", ";rport=1;received=203.0.113.9" }, VERDICT_OK,
		CAUSE_NONE, 200, "OK", 0, 0, 0, false, 0 },
	{ "behind NAT, told", { "nat", "degrade", NULL }, { OK },
		{ "Via", ";rport", ";rport=1;received=203.0.113.9" }, VERDICT_DEGRADED,
		CAUSE_NAT_REWRITE, 200, "we 127.0.0.1:", 0, 0, 0, false, 0 },
};

static void say(struct udp_partner *partner, const uint8_t *question, size_t length)
{
	const struct scene *scene = partner->script;
	char words[SIP_WORDS_ROOM];

	if (partner->questions <= scene->deaf)
		return;
	for (unsigned i = 0; i < 4 && scene->says[i]; i++) {
		size_t size = sip_words(scene->says[i],
			scene->edit.line ? &scene->edit : NULL, question, length, words);

		if (scene->elsewhere)
			partner_says_from_elsewhere(partner, words, size);
		else
			partner_says(partner, words, size);
	}
}

static struct outcome play(
	struct harness *harness, const struct scene *scene, unsigned *ret_questions)
{
	return udp_partner_asked(harness, say, scene,
		(struct trial){ .kind = probe_sip(),
			.options = scene->options,
			.timeout_us = SHORTLY },
		ret_questions);
}

static void assert_values(const struct scene *scene, const struct outcome *outcome)
{
	assert_true(outcome->values[SIP_GAUGE_MISMATCHES] == scene->mismatches);
	assert_true(outcome->values[SIP_GAUGE_PROVISIONAL] == scene->provisional);
	assert_int_equal(
		outcome_has_value(outcome, SIP_GAUGE_STATUS), scene->status != 0);
	if (scene->status == 0)
		return;
	assert_true(outcome->values[SIP_GAUGE_STATUS] == scene->status);
	assert_true(outcome->values[SIP_GAUGE_REWRITES] == scene->rewritten);
	assert_int_equal(outcome->finding.evidence.kind, EVIDENCE_SIP_STATUS);
	assert_int_equal(outcome->finding.evidence.code, scene->status);
}

static void test_scenes(void **state)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		const struct scene *scene = &scenes[i];
		struct outcome outcome;
		unsigned questions;

		outcome = play(*state, scene, &questions);
		print_message("%s: %s\n", scene->what, outcome.finding.evidence.detail);
		harness_found(scene->what, &outcome, scene->verdict, scene->cause, NULL);
		assert_int_equal(questions, 1 + scene->deaf);
		if (scene->detail)
			assert_int_equal(strncmp(outcome.finding.evidence.detail,
						 scene->detail, strlen(scene->detail)),
				0);
		assert_values(scene, &outcome);
	}
}

/* The evidence of the last two scenes of NAT in full: which of our ends, seen as what. */
static void test_mapping(void **state)
{
	static const struct {
		const char *parameters;
		const char *mapped; /* NULL = our own, "" = not known */
		int nat;            /* -1 = not measured */
	} rows[] = {
		{ ";rport=1;received=203.0.113.9", "203.0.113.9:1", 1 },
		{ ";rport=1", "", 1 }, /* it named no address */
		{ ";received=203.0.113.9", "", 1 },
		{ ";received=127.0.0.1", "", -1 },
		{ "", "", -1 },
		{ ";rport=0;received=127.0.0.1", "", -1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene scene = { .says = { OK },
			.edit = { "Via", ";rport", rows[i].parameters },
			.verdict = VERDICT_OK };
		char mapped[TRANSPORT_ADDRESS_TEXT_MAX];
		struct outcome outcome;
		unsigned questions;

		outcome = play(*state, &scene, &questions);
		print_message("%s\n", rows[i].parameters);
		assert_int_equal(outcome.finding.verdict, VERDICT_OK);
		assert_string_equal(
			transport_address_format(&outcome.mapped, mapped, sizeof(mapped)),
			rows[i].mapped);
		assert_int_equal(
			outcome_has_value(&outcome, SIP_GAUGE_NAT), rows[i].nat >= 0);
		assert_true(
			rows[i].nat < 0 || outcome.values[SIP_GAUGE_NAT] == rows[i].nat);
		assert_true(address_is_loopback(&outcome.local.address));
		assert_int_not_equal(outcome.local.port, 0);
	}
}

/* No server knows our interfaces: a link-local address comes back without its scope. */
static void test_link_local(void **state)
{
	struct sip_options settings = { .nat = SIP_NAT_DEGRADE };
	struct probe_run run = { .kind = probe_sip(), .options = &settings };
	struct sip_answer answer = { .status = 200 };
	struct finding finding;

	(void)state;
	assert_true(address_parse("fe80::7", &run.outcome.local.address));
	run.outcome.local.address.scope = 3;
	run.outcome.local.port = 40000;
	assert_true(address_parse("fe80::7", &answer.seen.address));
	answer.seen.port = 40000;
	finding = sip_judge(&run, &answer);
	assert_int_equal(finding.verdict, VERDICT_OK);
	assert_true(outcome_has_value(&run.outcome, SIP_GAUGE_NAT));
	assert_true(run.outcome.values[SIP_GAUGE_NAT] == 0);

	answer.seen.address.family = FAMILY_NONE;
	answer.seen.port = 1;
	finding = sip_judge(&run, &answer);
	assert_int_equal(finding.cause, CAUSE_NAT_REWRITE);
	assert_non_null(strstr(finding.evidence.detail, " -> port 1"));
}

/* Which request the n-th is: byte for byte the first one. */
static void remember(struct udp_partner *partner, const uint8_t *question, size_t length)
{
	static char first[SIP_REQUEST_MAX];

	assert_true(length < sizeof(first));
	if (partner->questions == 1)
		memcpy(first, question, length);
	assert_memory_equal(first, question, length);
}

/* Timer E: 10, 30, 70 ms … after the first; each a copy of it, for it is one transaction.
 */
static void test_repetitions(void **state)
{
	static const char *const often[] = { "repeat_after", "10ms", NULL };
	static const char *const once[] = { "repeat_after", "0s", NULL };
	struct trial trial = {
		.kind = probe_sip(), .options = often, .timeout_us = SHORTLY
	};
	struct outcome outcome;
	unsigned questions;

	outcome = udp_partner_asked(*state, remember, NULL, trial, &questions);
	assert_int_equal(questions, 4);
	assert_true(
		outcome.values[SIP_GAUGE_EXCHANGE + EXCHANGE_GAUGE_RETRANSMISSIONS] == 3);
	trial.options = once;
	udp_partner_asked(*state, remember, NULL, trial, &questions);
	assert_int_equal(questions, 1);
}

/* After a provisional answer T2 passes before the next copy (RFC 3261, 17.1.2.2). */
static void test_provisional_calms(void **state)
{
	static const struct scene scene = { .options = { "repeat_after", "10ms", NULL },
		.says = { TRYING },
		.verdict = VERDICT_FAILED };
	unsigned questions;

	play(*state, &scene, &questions);
	assert_int_equal(questions, 1);
}

/* Longer than what is read of a datagram: the answer stands, its end is not judged. */
static void test_oversize(void **state)
{
	char text[DATAGRAM_MAX + 600];
	struct scene scene = { .says = { text }, .verdict = VERDICT_OK };
	struct outcome outcome;
	unsigned questions;
	size_t used;

	used = (size_t)snprintf(text, sizeof(text), "%s",
		"SIP/2.0 200 OK\r\n" SIP_ECHO "Content-Length: 4200\r\n\r\n");
	memset(text + used, 'x', 4200);
	text[used + 4200] = '\0';
	outcome = play(*state, &scene, &questions);
	assert_int_equal(outcome.finding.verdict, VERDICT_OK);
	assert_true(outcome.values[SIP_GAUGE_REWRITES] == 0);
}

enum sip_reading __real_sip_answer_read(const struct sip_request *request,
	const uint8_t *data, size_t length, enum sip_framing framing,
	struct sip_answer *ret_answer);
enum sip_reading __wrap_sip_answer_read(const struct sip_request *request,
	const uint8_t *data, size_t length, enum sip_framing framing,
	struct sip_answer *ret_answer);

static bool no_memory;

enum sip_reading __wrap_sip_answer_read(const struct sip_request *request,
	const uint8_t *data, size_t length, enum sip_framing framing,
	struct sip_answer *ret_answer)
{
	enum sip_reading reading =
		__real_sip_answer_read(request, data, length, framing, ret_answer);

	return no_memory ? SIP_NO_MEMORY : reading;
}

/* Our own trouble is never theirs. */
static void test_no_memory(void **state)
{
	static const struct scene scene = { .says = { OK }, .verdict = VERDICT_OK };
	struct outcome outcome;
	unsigned questions;

	no_memory = true;
	outcome = play(*state, &scene, &questions);
	no_memory = false;
	harness_found("no memory", &outcome, VERDICT_UNKNOWN, CAUSE_LOCAL_RESOURCE, NULL);
}

static void test_options(void **state)
{
	static const char *const bad[][2] = { { "user", "" }, { "user", "a b" },
		{ "user", "a@b" }, { "accept", "200-" }, { "accept", "700" },
		{ "accept", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		harness_refuses(probe_sip(), bad[i][0], bad[i][1], bad[i][0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_mapping),
		cmocka_unit_test(test_link_local),
		cmocka_unit_test(test_repetitions),
		cmocka_unit_test(test_provisional_calms),
		cmocka_unit_test(test_oversize),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, virtual_set_up, harness_tear_down);
}
