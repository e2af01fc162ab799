/* SPDX-License-Identifier: Apache-2.0 */
/* What no real STUN server does on command; those are in test_coturn.py. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/udp_partner.h"
#include "probes/virtual_time.h"

#define SHORTLY (200 * MILLISECOND)
#define HEADER  20

enum {
	GAUGE_STRAYS,
	GAUGE_RETRANSMISSIONS,
	GAUGE_NAT,
	GAUGE_PORT_KEPT,
	GAUGE_STABLE,
	GAUGE_XORED,
	GAUGE_ERROR
};

enum mapping { MAPPING_XORED, MAPPING_PLAIN, MAPPING_NONE, MAPPING_IPV6 };

/* How an answer departs from that of a good server: what is 0 is as it should be. */
struct reply {
	enum mapping mapping;
	unsigned port_flip, address_flip, id_flip;
	unsigned type;    /* 0 = a success */
	const char *more; /* attributes after the mapping */
	size_t more_length;
	bool from_elsewhere, echo;
	const char *raw; /* this text and nothing else */
};

#define MORE(text) .more = (text), .more_length = sizeof(text) - 1

#define ABSENT -1

struct scene {
	const char *what;
	const char *options[5];
	struct reply replies[3];
	unsigned reply_count;
	enum verdict verdict;
	enum cause cause;
	int nat, port_kept; /* ABSENT, 0, 1 */
	const char *detail; /* NULL = not looked at */
};

static const struct scene scenes[] = {
	{ "no NAT", { NULL }, { { 0 } }, 1, VERDICT_OK, CAUSE_NONE, 0, 1, "" },
	{ "a server of RFC 3489", { NULL }, { { .mapping = MAPPING_PLAIN } }, 1,
		VERDICT_OK, CAUSE_NONE, 0, 1, "" },
	{ "another port", { NULL }, { { .port_flip = 1 } }, 1, VERDICT_OK, CAUSE_NONE, 1,
		0, "" },
	{ "another address", { NULL }, { { .address_flip = 1 } }, 1, VERDICT_OK,
		CAUSE_NONE, 1, 1, "" },
	{ "another family, as by NAT64", { NULL }, { { .mapping = MAPPING_IPV6 } }, 1,
		VERDICT_OK, CAUSE_NONE, 1, 1, "" },
	{ "another port where none is wanted", { "nat", "degrade", NULL },
		{ { .port_flip = 1 } }, 1, VERDICT_DEGRADED, CAUSE_NAT_REWRITE, 1, 0,
		NULL },
	{ "no NAT where none is wanted", { "nat", "degrade", NULL }, { { 0 } }, 1,
		VERDICT_OK, CAUSE_NONE, 0, 1, "" },
	{ "no mapping", { NULL }, { { .mapping = MAPPING_NONE } }, 1, VERDICT_FAILED,
		CAUSE_GARBAGE, ABSENT, ABSENT, "a success without the address it saw" },
	{ "what must be understood", { NULL }, { { MORE("\x7f\x01\x00\x00") } }, 1,
		VERDICT_FAILED, CAUSE_GARBAGE, ABSENT, ABSENT,
		"an attribute 0x7f01 that must be understood" },
	{ "what need not be understood", { NULL }, { { MORE("\xff\x01\x00\x00") } }, 1,
		VERDICT_OK, CAUSE_NONE, 0, 1, "" },
	{ "an error", { NULL },
		{ { .mapping = MAPPING_NONE,
			.type = 0x0111,
			MORE("\x00\x09\x00\x10\x00\x00\x04\x01Unauthorized") } },
		1, VERDICT_DEGRADED, CAUSE_STUN_ERROR, ABSENT, ABSENT,
		"401 Unauthorized" },
	{ "an error without words", { NULL },
		{ { .mapping = MAPPING_NONE,
			.type = 0x0111,
			MORE("\x00\x09\x00\x04\x00\x00\x05\x00") } },
		1, VERDICT_DEGRADED, CAUSE_STUN_ERROR, ABSENT, ABSENT, "500" },
	{ "try alternate", { NULL },
		{ { .mapping = MAPPING_NONE,
			.type = 0x0111,
			MORE("\x00\x09\x00\x0c\x00\x00\x03\x00Go there"
			     "\x80\x23\x00\x08\x00\x01\x0d\x96\xc0\x00\x02\x07") } },
		1, VERDICT_DEGRADED, CAUSE_STUN_ERROR, ABSENT, ABSENT,
		"300 Go there, 192.0.2.7:3478" },
	{ "silence", { NULL }, { { 0 } }, 0, VERDICT_FAILED, CAUSE_TIMEOUT, ABSENT,
		ABSENT, "" },
	{ "another id", { NULL }, { { .id_flip = 1 } }, 1, VERDICT_FAILED,
		CAUSE_STUN_MISMATCH, ABSENT, ABSENT, "another transaction id" },
	{ "our own request", { NULL }, { { .echo = true } }, 1, VERDICT_FAILED,
		CAUSE_GARBAGE, ABSENT, ABSENT, "a request, as an echo of ours would be" },
	{ "from elsewhere", { NULL }, { { .from_elsewhere = true } }, 1, VERDICT_FAILED,
		CAUSE_WRONG_SOURCE, ABSENT, ABSENT, NULL },
	{ "another protocol", { NULL }, { { .raw = "HTTP/1.1 400 Bad Request\r\n\r\n" } },
		1, VERDICT_FAILED, CAUSE_WRONG_PROTOCOL, ABSENT, ABSENT,
		"HTTP: HTTP/1.1 400 Bad Request" },
	{ "a wrong checksum", { NULL }, { { MORE("\x80\x28\x00\x04\x00\x00\x00\x00") } },
		1, VERDICT_FAILED, CAUSE_GARBAGE, ABSENT, ABSENT, NULL },
	{ "an attribute past the end", { NULL }, { { MORE("\x80\x22\x00\x05") } }, 1,
		VERDICT_FAILED, CAUSE_GARBAGE, ABSENT, ABSENT, NULL },
	{ "all that does not fit, and then the right one", { NULL },
		{ { .echo = true }, { .id_flip = 1 }, { 0 } }, 3, VERDICT_OK, CAUSE_NONE,
		0, 1, "" },
};

static size_t put_mapping(
	const struct reply *reply, const struct sockaddr_in *from, uint8_t *place)
{
	static const uint8_t cookie[] = { 0x21, 0x12, 0xa4, 0x42 };
	bool xored = reply->mapping == MAPPING_XORED;
	uint16_t port = (uint16_t)(ntohs(from->sin_port) ^ reply->port_flip);
	uint8_t address[16] = { 0 };

	if (reply->mapping == MAPPING_NONE)
		return 0;
	memcpy(address, &from->sin_addr, 4);
	address[3] = (uint8_t)(address[3] ^ reply->address_flip);
	if (xored)
		port ^= 0x2112;
	for (size_t i = 0; xored && i < sizeof(cookie); i++)
		address[i] ^= cookie[i];
	memcpy(place, "\x00\x01\x00\x08\x00\x01", 6);
	place[1] = xored ? 0x20 : 0x01;
	place[6] = (uint8_t)(port >> 8);
	place[7] = (uint8_t)port;
	memcpy(place + 8, address, sizeof(address));
	if (reply->mapping != MAPPING_IPV6)
		return 12;
	place[3] = 20;
	place[5] = 2;
	return 24;
}

static void answer(
	struct udp_partner *partner, const struct reply *reply, const uint8_t *question)
{
	const struct sockaddr_in *from = (const struct sockaddr_in *)&partner->from;
	uint8_t message[200] = { 0x01, 0x01 };
	size_t length = HEADER;

	memcpy(message + 2, question + 2, HEADER - 2);
	if (reply->type) {
		message[0] = (uint8_t)(reply->type >> 8);
		message[1] = (uint8_t)reply->type;
	}
	message[HEADER - 1] = (uint8_t)(message[HEADER - 1] ^ reply->id_flip);
	length += put_mapping(reply, from, message + length);
	if (reply->more_length > 0)
		memcpy(message + length, reply->more, reply->more_length);
	length += reply->more_length;
	message[2] = 0;
	message[3] = (uint8_t)(length - HEADER);
	if (reply->from_elsewhere)
		partner_says_from_elsewhere(partner, message, length);
	else
		partner_says(partner, message, length);
}

static void assert_request(const uint8_t *question, size_t length)
{
	assert_true(length > HEADER + 4);
	assert_memory_equal(question, "\x00\x01", 2);
	assert_int_equal(question[3], length - HEADER);
	assert_memory_equal(question + 4, "\x21\x12\xa4\x42", 4);
	assert_memory_equal(question + HEADER, "\x80\x22", 2);
	assert_memory_equal(question + HEADER + 4, "starface-exporter/", 18);
}

static void play_replies(
	struct udp_partner *partner, const uint8_t *question, size_t length)
{
	const struct scene *scene = partner->script;

	assert_request(question, length);
	for (unsigned i = 0; i < scene->reply_count; i++) {
		const struct reply *reply = &scene->replies[i];

		if (reply->echo)
			partner_says(partner, question, length);
		else if (reply->raw)
			partner_says(partner, reply->raw, strlen(reply->raw));
		else
			answer(partner, reply, question);
	}
}

static void assert_gauge(const struct outcome *outcome, unsigned gauge, int expected)
{
	assert_int_equal(outcome_has_value(outcome, gauge), expected != ABSENT);
	if (expected != ABSENT)
		assert_true(outcome->values[gauge] == expected);
}

static void assert_outcome(const struct scene *scene, const struct outcome *outcome)
{
	harness_found(scene->what, outcome, scene->verdict, scene->cause, scene->detail);
	assert_gauge(outcome, GAUGE_NAT, scene->nat);
	assert_gauge(outcome, GAUGE_PORT_KEPT, scene->port_kept);
	assert_gauge(outcome, GAUGE_STABLE, ABSENT);
	assert_int_equal(outcome_has_value(outcome, GAUGE_ERROR),
		scene->cause == CAUSE_STUN_ERROR);
	assert_int_equal(
		outcome->mapped.address.family != FAMILY_NONE, scene->nat != ABSENT);
	if (scene->nat == 0)
		assert_true(transport_address_equal(&outcome->local, &outcome->mapped));
	assert_int_equal(outcome->local.address.family, FAMILY_IPV4);
}

static void test_scenes(void **state)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		struct outcome outcome =
			udp_partner_asked(*state, play_replies, &scenes[i],
				(struct trial){ .kind = probe_stun(),
					.options = scenes[i].options,
					.timeout_us = SHORTLY },
				NULL);

		print_message("%s\n", scenes[i].what);
		assert_outcome(&scenes[i], &outcome);
		if (scenes[i].replies[0].mapping == MAPPING_PLAIN)
			assert_gauge(&outcome, GAUGE_XORED, 0);
	}
}

static void test_closed_port(void **state)
{
	udp_refusal_is_told(*state, probe_stun());
}

/* What the second of two servers says, and what is known then. */
struct second {
	const char *what;
	struct reply replies[3];
	unsigned reply_count;
	enum { LISTENS, DEAF, UNASKED } manner; /* UNASKED: a first in the clear */
	enum cause cause;
	int stable;
};

static const struct second seconds[] = {
	{ "the same", { { 0 } }, 1, LISTENS, CAUSE_NONE, 1 },
	{ "another port", { { .port_flip = 1 } }, 1, LISTENS, CAUSE_NAT_SYMMETRIC, 0 },
	{ "another address", { { .address_flip = 1 } }, 1, LISTENS, CAUSE_NAT_SYMMETRIC,
		0 },
	{ "nothing", { { 0 } }, 0, LISTENS, CAUSE_NONE, ABSENT },
	{ "a closed port", { { 0 } }, 0, DEAF, CAUSE_NONE, ABSENT },
	{ "an error",
		{ { .mapping = MAPPING_NONE,
			.type = 0x0111,
			MORE("\x00\x09\x00\x04\x00\x00\x05\x00") } },
		1, LISTENS, CAUSE_NONE, ABSENT },
	{ "no mapping", { { .mapping = MAPPING_NONE } }, 1, LISTENS, CAUSE_NONE, ABSENT },
	{ "in the clear", { { .mapping = MAPPING_PLAIN, .port_flip = 1 } }, 1, LISTENS,
		CAUSE_NONE, ABSENT },
	{ "none to a first so", { { .port_flip = 1 } }, 1, UNASKED, CAUSE_NONE, ABSENT },
	{ "what must be understood", { { MORE("\x7f\x01\x00\x00") } }, 1, LISTENS,
		CAUSE_NONE, ABSENT },
	{ "what does not fit", { { .id_flip = 1, .port_flip = 1 }, { .echo = true } }, 2,
		LISTENS, CAUSE_NONE, ABSENT },
	{ "what comes from elsewhere", { { .from_elsewhere = true, .port_flip = 1 } }, 1,
		LISTENS, CAUSE_NONE, ABSENT },
	{ "what does not fit, then the same",
		{ { .id_flip = 1 }, { .from_elsewhere = true }, { 0 } }, 3, LISTENS,
		CAUSE_NONE, 1 },
};

static struct outcome play_second(struct harness *harness, const struct second *second)
{
	/* twice: the second copy comes when the other server is being asked */
	const struct reply said = {
		.mapping = second->manner == UNASKED ? MAPPING_PLAIN : MAPPING_XORED
	};
	const struct scene first = { .replies = { said, said }, .reply_count = 2 };
	struct scene script = { .reply_count = second->reply_count };
	struct udp_partner one, other;
	struct outcome outcome;
	char compare[32];

	memcpy(script.replies, second->replies, sizeof(script.replies));
	partner_open(&one, harness->loop, NULL, play_replies, &first);
	partner_open(&other, harness->loop, NULL, play_replies, &script);
	snprintf(compare, sizeof(compare), "127.0.0.1:%u",
		second->manner == DEAF ? closed_udp_port(NULL) : other.port);
	outcome = harness_run(harness,
		&(struct trial){ .kind = probe_stun(),
			.port = one.port,
			.options = (const char *const[]){ "compare", compare, NULL },
			.timeout_us = SHORTLY });
	assert_int_equal(other.questions, second->manner == LISTENS);
	assert_int_equal(one.questions, 1);
	partner_close(&one);
	partner_close(&other);
	return outcome;
}

static void test_second_server(void **state)
{
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		struct outcome outcome = play_second(*state, &seconds[i]);

		print_message("%s\n", seconds[i].what);
		assert_string_equal(
			cause_name(outcome.finding.cause), cause_name(seconds[i].cause));
		assert_gauge(&outcome, GAUGE_STABLE, seconds[i].stable);
		assert_gauge(&outcome, GAUGE_NAT, 0);
		assert_gauge(&outcome, GAUGE_STRAYS, 0);
		assert_true(transport_address_equal(&outcome.local, &outcome.mapped));
		if (seconds[i].cause != CAUSE_NONE)
			assert_non_null(strstr(outcome.finding.evidence.detail,
				" here, elsewhere 127.0.0."));
	}
}

/* One of the other family, or the very same, could tell nothing and is not asked. */
static void test_second_of_no_use(void **state)
{
	static const struct scene scene = { .replies = { { 0 } }, .reply_count = 1 };
	struct harness *harness = *state;

	for (size_t i = 0; i < 2; i++) {
		struct udp_partner partner;
		struct outcome outcome;
		char compare[32];

		partner_open(&partner, harness->loop, NULL, play_replies, &scene);
		snprintf(compare, sizeof(compare), i == 0 ? "[::1]:%u" : "127.0.0.1:%u",
			partner.port);
		outcome = harness_run(harness,
			&(struct trial){ .kind = probe_stun(),
				.port = partner.port,
				.options = (const char *const[]){
					"compare", compare, NULL } });
		assert_int_equal(outcome.finding.verdict, VERDICT_OK);
		assert_int_equal(partner.questions, 1);
		assert_gauge(&outcome, GAUGE_STABLE, ABSENT);
		partner_close(&partner);
	}
}

static void test_options(void **state)
{
	static const char *const bad[] = { "", "192.0.2.1", "192.0.2.1:", ":3478",
		"192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:34x", "192.0.2.1:+34",
		"192.0.2.1: 34", "192.0.2.1:-1", "stun.example.com:3478",
		"2001:db8::1:3478", "[2001:db8::1]", "[2001:db8::1]3478" };
	static const char *const good[] = { NULL, "192.0.2.1:1", "[2001:db8::1]:65535" };
	const struct probe_kind *kind = probe_stun();
	char why[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		harness_refuses(kind, "compare", bad[i], "192.0.2.2:3478");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		void *options = harness_options(kind, NULL);

		assert_true(harness_option_set(&kind->options[1], options, good[i]));
		assert_true(kind->validate(options, why, sizeof(why)));
		harness_options_free(kind, options);
	}
}

/* Our own trouble is not the server's, whichever allocation it strikes. */
static unsigned allocations_until_none;

struct mbuf *__real_mbuf_alloc(size_t size);
struct mbuf *__wrap_mbuf_alloc(size_t size);

struct mbuf *__wrap_mbuf_alloc(size_t size)
{
	if (allocations_until_none > 0 && --allocations_until_none == 0)
		return NULL;
	return __real_mbuf_alloc(size);
}

static void test_no_memory(void **state)
{
	static const struct scene scene = { .replies = { { 0 } }, .reply_count = 1 };

	for (unsigned i = 1; i <= 2; i++) {
		struct outcome outcome;

		allocations_until_none = i;
		outcome = udp_partner_asked(*state, play_replies, &scene,
			(struct trial){ .kind = probe_stun() }, NULL);
		assert_int_equal(allocations_until_none, 0);
		harness_found("no memory", &outcome, VERDICT_UNKNOWN,
			CAUSE_LOCAL_RESOURCE, NULL);
	}
}

/* Stopped while the second server is being asked, and while the first is. */
static void test_abandoned(void **state)
{
	static const struct scene speaks = { .replies = { { 0 } }, .reply_count = 1 };
	static const struct scene mute = { .reply_count = 0 };
	struct harness *harness = *state;

	for (int i = 0; i < 2; i++) {
		struct verdict_of_trial verdict;
		struct udp_partner one, other;
		char compare[32];

		partner_open(&one, harness->loop, NULL, play_replies,
			i == 0 ? &speaks : &mute);
		partner_open(&other, harness->loop, NULL, play_replies, &mute);
		snprintf(compare, sizeof(compare), "127.0.0.1:%u", other.port);
		verdict = harness_try(harness,
			&(struct trial){ .kind = probe_stun(),
				.port = one.port,
				.options =
					(const char *const[]){ "compare", compare, NULL },
				.abandon = true,
				.abandon_after_us = 20 * MILLISECOND });
		assert_int_equal(verdict.finishes, 0);
		assert_int_equal(other.questions, i == 0 ? 1 : 0);
		harness_turn(harness, 10 * MILLISECOND);
		partner_close(&one);
		partner_close(&other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_closed_port),
		cmocka_unit_test(test_second_server),
		cmocka_unit_test(test_second_of_no_use),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_abandoned),
	};

	return cmocka_run_group_tests(tests, virtual_set_up, harness_tear_down);
}
