/* SPDX-License-Identifier: Apache-2.0 */
/* What no real name server does on command; those are in test_unbound.py. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake/fake.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/udp_partner.h"
#include "probes/virtual_time.h"

#define SHORTLY (150 * MILLISECOND)

enum {
	GAUGE_STRAYS,
	GAUGE_RETRANSMISSIONS,
	GAUGE_RCODE,
	GAUGE_RECORDS,
	GAUGE_TTL,
	GAUGE_TRUNCATED
};

/* One address record for the name of the question. */
#define ONE_ADDRESS "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1"

/* How an answer departs from the question: what is 0 is left as it should be. */
struct reply {
	unsigned id_flip;
	unsigned flags; /* 0 = 0x8180 */
	unsigned name_flip;
	unsigned answers;
	const char *body; /* after the question */
	size_t body_length;
	bool from_elsewhere;
};

#define BODY(text) .body = (text), .body_length = sizeof(text) - 1

struct scene {
	const char *what;
	const char *options[5];
	struct reply replies[3]; /* in this order; the last has no flags */
	unsigned reply_count;
	enum verdict verdict;
	enum cause cause;
	double strays;
	int rcode; /* -1 = absent */
};

static const struct scene scenes[] = {
	{ "an answer", { NULL }, { { .answers = 1, BODY(ONE_ADDRESS) } }, 1, VERDICT_OK,
		CAUSE_NONE, 0, 0 },
	{ "silence", { NULL }, { { 0 } }, 0, VERDICT_FAILED, CAUSE_DNS_TIMEOUT, 0, -1 },
	{ "another id", { NULL }, { { .id_flip = 1, .answers = 1, BODY(ONE_ADDRESS) } },
		1, VERDICT_FAILED, CAUSE_DNS_BAD_ID, 0, -1 },
	{ "another name", { NULL },
		{ { .name_flip = 1, .answers = 1, BODY(ONE_ADDRESS) } }, 1,
		VERDICT_FAILED, CAUSE_DNS_BAD_ID, 0, -1 },
	{ "another source", { NULL },
		{ { .from_elsewhere = true, .answers = 1, BODY(ONE_ADDRESS) } }, 1,
		VERDICT_FAILED, CAUSE_WRONG_SOURCE, 1, -1 },
	{ "three that do not fit, and then the right one", { NULL },
		{ { .id_flip = 1, .answers = 1, BODY(ONE_ADDRESS) },
			{ .from_elsewhere = true, .answers = 1, BODY(ONE_ADDRESS) },
			{ .answers = 1, BODY(ONE_ADDRESS) } },
		3, VERDICT_OK, CAUSE_NONE, 1, 0 },
	{ "the first misfit is the one told", { NULL },
		{ { .answers = 7, BODY(ONE_ADDRESS) },
			{ .id_flip = 1, .answers = 1, BODY(ONE_ADDRESS) } },
		2, VERDICT_FAILED, CAUSE_DNS_GARBAGE, 0, -1 },
	{ "a pointer to itself", { NULL },
		{ { .answers = 1, BODY("\xc0\x25\0\1\0\1\0\0\0\0\0\4\x0a\0\0\1") } }, 1,
		VERDICT_FAILED, CAUSE_DNS_GARBAGE, 0, -1 },
	{ "our own question echoed", { NULL }, { { .flags = 0x0100 } }, 1, VERDICT_FAILED,
		CAUSE_DNS_GARBAGE, 0, -1 },
	{ "an alias to itself", { NULL },
		{ { .answers = 1, BODY("\xc0\x0c\0\5\0\1\0\0\0\0\0\2\xc0\x0c") } }, 1,
		VERDICT_FAILED, CAUSE_DNS_CNAME_LOOP, 0, 0 },
	{ "no data", { NULL }, { { .flags = 0x8180 } }, 1, VERDICT_FAILED,
		CAUSE_DNS_NODATA, 0, 0 },
	{ "no data is good enough", { "accept", "NOERROR NODATA", NULL },
		{ { .flags = 0x8180 } }, 1, VERDICT_OK, CAUSE_NONE, 0, 0 },
	{ "NXDOMAIN", { NULL }, { { .flags = 0x8183 } }, 1, VERDICT_FAILED,
		CAUSE_DNS_NXDOMAIN, 0, 3 },
	{ "NXDOMAIN is good enough", { "accept", "NXDOMAIN", NULL },
		{ { .flags = 0x8183 } }, 1, VERDICT_OK, CAUSE_NONE, 0, 3 },
	{ "SERVFAIL", { NULL }, { { .flags = 0x8182 } }, 1, VERDICT_FAILED,
		CAUSE_DNS_SERVFAIL, 0, 2 },
	{ "REFUSED", { NULL }, { { .flags = 0x8185 } }, 1, VERDICT_FAILED,
		CAUSE_DNS_REFUSED, 0, 5 },
	{ "FORMERR", { NULL }, { { .flags = 0x8181 } }, 1, VERDICT_FAILED,
		CAUSE_DNS_SERVFAIL, 0, 1 },
	{ "NOTIMP", { NULL }, { { .flags = 0x8184 } }, 1, VERDICT_FAILED,
		CAUSE_DNS_REFUSED, 0, 4 },
	{ "a block list's address", { NULL },
		{ { .answers = 1, BODY("\xc0\x0c\0\1\0\1\0\0\0\0\0\4\0\0\0\0") } }, 1,
		VERDICT_FAILED, CAUSE_DNS_WRONG_ADDRESS, 0, 0 },
	{ "loopback", { NULL },
		{ { .answers = 1, BODY("\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1") } }, 1,
		VERDICT_FAILED, CAUSE_DNS_WRONG_ADDRESS, 0, 0 },
	{ "loopback where it is wanted", { "loopback", "true", NULL },
		{ { .answers = 1, BODY("\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1") } }, 1,
		VERDICT_OK, CAUSE_NONE, 0, 0 },
	{ "truncated, and nothing on TCP", { NULL }, { { .flags = 0x8380 } }, 1,
		VERDICT_FAILED, CAUSE_DNS_TRUNCATED_NO_TCP, 0, -1 },
};

static void answer(struct udp_partner *partner, const struct reply *reply,
	const uint8_t *question, size_t length)
{
	unsigned flags = reply->flags ? reply->flags : 0x8180;
	uint8_t message[600];

	memcpy(message, question, length);
	message[1] = (uint8_t)(message[1] ^ reply->id_flip);
	message[2] = (uint8_t)(flags >> 8);
	message[3] = (uint8_t)flags;
	message[7] = (uint8_t)reply->answers;
	message[13] = (uint8_t)(message[13] ^ reply->name_flip);
	if (reply->body_length > 0)
		memcpy(message + length, reply->body, reply->body_length);
	if (reply->from_elsewhere)
		partner_says_from_elsewhere(
			partner, message, length + reply->body_length);
	else
		partner_says(partner, message, length + reply->body_length);
}

static void play_replies(
	struct udp_partner *partner, const uint8_t *question, size_t length)
{
	const struct scene *scene = partner->script;

	fake_clock_advance(MILLISECOND);
	for (unsigned i = 0; i < scene->reply_count; i++)
		answer(partner, &scene->replies[i], question, length);
}

static void assert_scene(const struct scene *scene, const struct outcome *outcome)
{
	const struct evidence *evidence = &outcome->finding.evidence;

	print_message("%s\n", scene->what);
	assert_string_equal(cause_name(outcome->finding.cause), cause_name(scene->cause));
	assert_int_equal(outcome->finding.verdict, scene->verdict);
	assert_true(outcome->values[GAUGE_STRAYS] == scene->strays);
	assert_int_equal(outcome_has_value(outcome, GAUGE_RCODE), scene->rcode >= 0);
	if (scene->rcode >= 0)
		assert_true(outcome->values[GAUGE_RCODE] == scene->rcode);
	if (scene->rcode > 0 && scene->verdict != VERDICT_OK) {
		assert_int_equal(evidence->kind, EVIDENCE_DNS_RCODE);
		assert_int_equal(evidence->code, scene->rcode);
		assert_true(address_equal(&evidence->offender, &outcome->address));
		assert_string_equal(evidence->detail, "A license.starface.de");
	}
}

static void test_scenes(void **state)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		struct outcome outcome =
			udp_partner_asked(*state, play_replies, &scenes[i],
				(struct trial){ .kind = probe_dns(),
					.options = scenes[i].options,
					.timeout_us = SHORTLY },
				NULL);

		assert_scene(&scenes[i], &outcome);
	}
}

static void test_gauges(void **state)
{
	struct outcome outcome = udp_partner_asked(*state, play_replies, &scenes[0],
		(struct trial){ .kind = probe_dns() }, NULL);

	assert_true(outcome.values[GAUGE_RECORDS] == 1);
	assert_true(outcome.values[GAUGE_TTL] == 60);
	assert_true(outcome_has_value(&outcome, GAUGE_TRUNCATED));
	assert_true(outcome.values[GAUGE_TRUNCATED] == 0);
	assert_int_equal(outcome.phase_us[PHASE_RESPONSE], MILLISECOND);
}

static void test_closed_port(void **state)
{
	struct outcome outcome;

	udp_refusal_is_told(*state, probe_dns());
	outcome = harness_run(*state,
		&(struct trial){ .kind = probe_dns(),
			.port = closed_udp_port(NULL),
			.options = (const char *const[]){ "transport", "tcp", NULL } });
	assert_int_equal(outcome.finding.cause, CAUSE_REFUSED);
}

/* A server over TCP that says prepared octets and closes, or stays. */
struct tcp_partner {
	int listener, client;
	struct loop_watch accepts, hears;
	const char *says;
	size_t length;
	bool stays;
};

static void tcp_hears(void *context, unsigned ready)
{
	struct tcp_partner *partner = context;
	char question[600];

	(void)ready;
	if (recv(partner->client, question, sizeof(question), 0) <= 0 ||
		partner->length == 0) {
		loop_watch_done(&partner->hears);
	} else {
		assert_int_equal(send(partner->client, partner->says, partner->length, 0),
			partner->length);
		loop_watch_done(&partner->hears);
	}
	if (!partner->stays)
		shutdown(partner->client, SHUT_WR);
}

static void tcp_accepts(void *context, unsigned ready)
{
	struct tcp_partner *partner = context;

	(void)ready;
	partner->client = accept4(partner->listener, NULL, NULL, SOCK_NONBLOCK);
	loop_watch_set(&partner->hears, partner->client, LOOP_READ);
}

/*
 * On the UDP partner's port if given, so that a truncated answer leads here.
 * \return 0 = somebody else has this port
 */
static uint16_t tcp_open(struct tcp_partner *partner, struct loop *loop, uint16_t port)
{
	struct sockaddr_storage name;
	struct address address;
	socklen_t length;

	assert_true(address_parse("127.0.0.1", &address));
	length = address_to_socket(&address, port, &name);
	partner->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	partner->client = -1;
	if (bind(partner->listener, (struct sockaddr *)&name, length) < 0) {
		assert_int_equal(errno, EADDRINUSE);
		close(partner->listener);
		return 0;
	}
	assert_int_equal(listen(partner->listener, 4), 0);
	assert_int_equal(
		getsockname(partner->listener, (struct sockaddr *)&name, &length), 0);
	address_from_socket((struct sockaddr *)&name, &address, &port);
	loop_watch_init(&partner->accepts, loop, tcp_accepts, partner);
	loop_watch_init(&partner->hears, loop, tcp_hears, partner);
	loop_watch_set(&partner->accepts, partner->listener, LOOP_READ);
	return port;
}

static void tcp_close(struct tcp_partner *partner)
{
	loop_watch_done(&partner->accepts);
	loop_watch_done(&partner->hears);
	close(partner->listener);
	if (partner->client >= 0)
		close(partner->client);
}

struct tcp_scene {
	const char *what;
	const char *says;
	size_t length;
	bool stays;
	enum cause cause, cause_when_retried;
};

#define SAYS(text) (text), sizeof(text) - 1

static const struct tcp_scene tcp_scenes[] = {
	{ "closes without a word", SAYS(""), false, CAUSE_CLOSED_EARLY,
		CAUSE_DNS_TRUNCATED_NO_TCP },
	{ "says nothing", SAYS(""), true, CAUSE_NO_ANSWER, CAUSE_DNS_TRUNCATED_NO_TCP },
	{ "an empty message", SAYS("\0\0"), true, CAUSE_DNS_GARBAGE, CAUSE_DNS_GARBAGE },
	{ "half a message", SAYS("\0\x20half"), false, CAUSE_CLOSED_EARLY,
		CAUSE_DNS_TRUNCATED_NO_TCP },
	{ "HTTP", SAYS("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), false,
		CAUSE_WRONG_PROTOCOL, CAUSE_DNS_TRUNCATED_NO_TCP },
};

static struct tcp_partner tcp_partner_of(const struct tcp_scene *scene)
{
	print_message("%s\n", scene->what);
	return (struct tcp_partner){
		.says = scene->says, .length = scene->length, .stays = scene->stays
	};
}

static void test_over_tcp(void **state)
{
	static const char *const over_tcp[] = { "transport", "tcp", NULL };
	struct harness *harness = *state;

	for (size_t i = 0; i < sizeof(tcp_scenes) / sizeof(tcp_scenes[0]); i++) {
		struct tcp_partner partner = tcp_partner_of(&tcp_scenes[i]);
		struct outcome outcome = harness_run(harness,
			&(struct trial){ .kind = probe_dns(),
				.port = tcp_open(&partner, harness->loop, 0),
				.options = over_tcp,
				.timeout_us = SHORTLY });

		harness_found(tcp_scenes[i].what, &outcome, VERDICT_FAILED,
			tcp_scenes[i].cause, NULL);
		assert_false(outcome_has_value(&outcome, GAUGE_RCODE));
		tcp_close(&partner);
	}
}

static void test_retried_over_tcp(void **state)
{
	const struct scene *truncated = &scenes[sizeof(scenes) / sizeof(scenes[0]) - 1];
	struct harness *harness = *state;

	for (size_t i = 0; i < sizeof(tcp_scenes) / sizeof(tcp_scenes[0]); i++) {
		struct tcp_partner partner = tcp_partner_of(&tcp_scenes[i]);
		struct udp_partner over_udp;
		struct outcome outcome;

		partner_open(&over_udp, harness->loop, NULL, play_replies, truncated);
		while (!tcp_open(&partner, harness->loop, over_udp.port)) {
			partner_close(&over_udp);
			partner_open(
				&over_udp, harness->loop, NULL, play_replies, truncated);
		}
		outcome = harness_run(harness,
			&(struct trial){ .kind = probe_dns(),
				.port = over_udp.port,
				.timeout_us = SHORTLY });
		assert_string_equal(cause_name(outcome.finding.cause),
			cause_name(tcp_scenes[i].cause_when_retried));
		assert_true(outcome.values[GAUGE_TRUNCATED] == 1);
		tcp_close(&partner);
		partner_close(&over_udp);
	}
}

/* In every state a run can be stopped, and what comes later is nobody's. */
static void test_abandoned(void **state)
{
	const struct scene *const scripts[] = { &scenes[0],
		&scenes[sizeof(scenes) / sizeof(scenes[0]) - 1] };

	for (size_t i = 0; i < 2; i++)
		udp_partner_asked(*state, play_replies, scripts[i],
			(struct trial){ .kind = probe_dns(),
				.timeout_us = SHORTLY,
				.abandon = true },
			NULL);
}

static void test_bad_options(void **state)
{
	static const char *const bad[][2] = { { "name", "a..b" }, { "name", "" },
		{ "accept", "" }, { "accept", "NOERROR BOTH" }, { "accept", "noerror" } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		harness_refuses(probe_dns(), bad[i][0], bad[i][1], bad[i][0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_gauges),
		cmocka_unit_test(test_closed_port),
		cmocka_unit_test(test_over_tcp),
		cmocka_unit_test(test_retried_over_tcp),
		cmocka_unit_test(test_abandoned),
		cmocka_unit_test(test_bad_options),
	};

	return cmocka_run_group_tests(tests, virtual_set_up, harness_tear_down);
}
