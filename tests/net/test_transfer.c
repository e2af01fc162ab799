/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/http_partner.h"
#include "net/loop.h"

#define BODY_LIMIT 4096
#define BODY_KEEP  64

/* What one transfer said, copied out of its callback. */
struct answer {
	struct loop *loop;
	struct transfer_result result;
	char body[BODY_KEEP + 1];
	char location[256];
	enum phase phases[PHASE_COUNT];
	unsigned phase_count;
	unsigned calls;
};

struct world {
	struct loop *loop;
	struct tls_trust *trust;
	struct transfers *transfers;
};

static int world_open(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_int_equal(loop_new(&world->loop), 0);
	assert_int_equal(tls_trust_new(NULL, &world->trust), 0);
	assert_int_equal(transfers_new(world->loop, world->trust, &world->transfers), 0);
	*state = world;
	return 0;
}

static int world_close(void **state)
{
	struct world *world = *state;

	transfers_free(world->transfers);
	tls_trust_free(world->trust);
	loop_free(world->loop);
	free(world);
	return 0;
}

static void answered(void *context, const struct transfer_result *result)
{
	struct answer *answer = context;

	answer->calls++;
	answer->result = *result;
	snprintf(answer->body, sizeof(answer->body), "%s",
		result->body ? result->body : "");
	snprintf(answer->location, sizeof(answer->location), "%s",
		result->location ? result->location : "");
	loop_stop(answer->loop);
}

static void entered(void *context, enum phase phase)
{
	struct answer *answer = context;

	assert_true(answer->phase_count < PHASE_COUNT);
	answer->phases[answer->phase_count++] = phase;
}

static struct transfer_request request_for(uint16_t port, const char *url)
{
	struct transfer_request request = {
		.url = url,
		.host = "127.0.0.1",
		.port = port,
		.method = "GET",
		.body_limit = BODY_LIMIT,
		.body_keep = BODY_KEEP,
		.timeout_us = 3 * SECOND,
	};

	assert_true(address_parse("127.0.0.1", &request.address));
	return request;
}

static struct answer ask(struct world *world, const struct transfer_request *request)
{
	struct answer answer = { .loop = world->loop };
	struct transfer *transfer =
		transfer_start(world->transfers, request, answered, &answer);

	assert_non_null(transfer);
	assert_int_equal(answer.calls, 0);
	transfer_watch_phase(transfer, entered);
	assert_int_equal(loop_run(world->loop), 0);
	assert_int_equal(answer.calls, 1);
	transfer_end(transfer);
	return answer;
}

static struct answer ask_port(struct world *world, uint16_t port, const char *scheme)
{
	struct transfer_request request;
	char url[64];

	snprintf(url, sizeof(url), "%s://127.0.0.1:%u/", scheme, port);
	request = request_for(port, url);
	return ask(world, &request);
}

#define HEAD "HTTP/1.1 200 OK\r\n"

struct behaviour {
	const char *what;
	struct http_script script;
	const char *scheme;
	enum cause cause;
	enum phase phase;
	int status;
	const char *detail; /* a part of the evidence's; NULL = any */
};

static const struct behaviour behaviours[] = {
	{ "answers", { .say = HEAD "Content-Length: 2\r\n\r\nhi" }, "http", CAUSE_NONE,
		PHASE_RESPONSE, 200, NULL },
	{ "answers until it closes", { .say = HEAD "\r\nhi" }, "http", CAUSE_NONE,
		PHASE_RESPONSE, 200, NULL },
	{ "closes after the request", { .say = "" }, "http", CAUSE_HTTP_EMPTY_REPLY,
		PHASE_REQUEST, 0, NULL },
	{ "resets", { .end = HTTP_PARTNER_RESETS }, "http", CAUSE_RESET, PHASE_REQUEST, 0,
		NULL },
	{ "truncates the body", { .say = HEAD "Content-Length: 50\r\n\r\nhi" }, "http",
		CAUSE_HTTP_TRUNCATED, PHASE_RESPONSE, 200, NULL },
	{ "truncates the head", { .say = HEAD "Server: x\r\n" }, "http",
		CAUSE_HTTP_TRUNCATED, PHASE_RESPONSE, 200, NULL },
	{ "truncates a chunk",
		{ .say = HEAD "Transfer-Encoding: chunked\r\n\r\n9\r\nhi" }, "http",
		CAUSE_HTTP_TRUNCATED, PHASE_RESPONSE, 200, NULL },
	{ "sends a bad chunk",
		{ .say = HEAD "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhi\r\n" }, "http",
		CAUSE_HTTP_BAD_FRAMING, PHASE_RESPONSE, 200, "chunk" },
	{ "sends a bad length", { .say = HEAD "Content-Length: -2\r\n\r\nhi" }, "http",
		CAUSE_HTTP_BAD_FRAMING, PHASE_RESPONSE, 200, NULL },
	{ "has a bad version", { .say = "HTTP/7.3 200 OK\r\n\r\n" }, "http",
		CAUSE_HTTP_BAD_FRAMING, PHASE_RESPONSE, 0, NULL },
	{ "has no status", { .say = "HTTP/1.1 abc\r\n\r\n" }, "http",
		CAUSE_HTTP_BAD_FRAMING, PHASE_RESPONSE, 0, NULL },
	{ "only interim", { .say = "HTTP/1.1 100 Continue\r\n\r\n" }, "http",
		CAUSE_HTTP_TRUNCATED, PHASE_RESPONSE, 100, NULL },
	{ "endless headers", { .say = HEAD, .repeat = "X-Endless: yes\r\n" }, "http",
		CAUSE_HTTP_BAD_FRAMING, PHASE_RESPONSE, 200, "endless headers" },
	{ "endless interim answers", { .repeat = "HTTP/1.1 102 Processing\r\n\r\n" },
		"http", CAUSE_HTTP_BAD_FRAMING, PHASE_RESPONSE, 102, "endless headers" },
	{ "a huge header", { .say = HEAD "X-Huge: ", .repeat = "yyyyyyyyyyyyyyyy" },
		"http", CAUSE_HTTP_BAD_FRAMING, PHASE_RESPONSE, 200,
		"endless header line" },
	{ "a huge status line", { .say = "HTTP/1.1 200 ", .repeat = "yyyyyyyyyyyyyyyy" },
		"http", CAUSE_HTTP_BAD_FRAMING, PHASE_RESPONSE, 0,
		"endless header line" },
	{ "an endless body", { .say = HEAD "\r\n", .repeat = "yyyyyyyyyyyyyyyy" }, "http",
		CAUSE_NONE, PHASE_RESPONSE, 200, NULL },
	{ "endless chunks",
		{ .say = HEAD "Transfer-Encoding: chunked\r\n\r\n",
			.repeat = "4\r\nyyyy\r\n" },
		"http", CAUSE_NONE, PHASE_RESPONSE, 200, NULL },
	{ "drips", { .say = HEAD "Content-Length: 2\r\n\r\nhi", .drip = true }, "http",
		CAUSE_NONE, PHASE_RESPONSE, 200, NULL },
	{ "garbage", { .say = "\x01\x02\x03 rubbish\n" }, "http", CAUSE_GARBAGE,
		PHASE_RESPONSE, 0, "rubbish" },
	{ "HTTP/0.9", { .say = "<html>hello</html>" }, "http", CAUSE_GARBAGE,
		PHASE_RESPONSE, 0, "<html>" },
	{ "SSH",
		{ .at_once = true,
			.say = "SSH-2.0-OpenSSH_9.2p1\r\n",
			.end = HTTP_PARTNER_HOLDS },
		"http", CAUSE_WRONG_PROTOCOL, PHASE_RESPONSE, 0, "SSH" },
	{ "SSH by drips",
		{ .at_once = true,
			.say = "SSH-2.0-OpenSSH_9.2p1\r\n",
			.drip = true,
			.end = HTTP_PARTNER_HOLDS },
		"http", CAUSE_WRONG_PROTOCOL, PHASE_RESPONSE, 0, "SSH" },
	{ "TLS on a plain port",
		{ .say = "\x15\x03\x01\x00\x02\x02\x46", .say_length = 7 }, "http",
		CAUSE_WRONG_PROTOCOL, PHASE_RESPONSE, 0, "TLS" },
	{ "plain on a TLS port", { .say = "HTTP/1.1 400 Bad Request\r\n\r\n" }, "https",
		CAUSE_WRONG_PROTOCOL, PHASE_TLS, 0, "HTTP" },
	{ "garbage on a TLS port", { .say = "\x01\x02\x03\x04\x05\x06\x07" }, "https",
		CAUSE_GARBAGE, PHASE_TLS, 0, NULL },
	{ "closes in the handshake", { .say = "" }, "https", CAUSE_CLOSED_EARLY,
		PHASE_TLS, 0, NULL },
	{ "resets in the handshake", { .end = HTTP_PARTNER_RESETS }, "https", CAUSE_RESET,
		PHASE_TLS, 0, NULL },
	{ "alerts in the handshake",
		{ .say = "\x15\x03\x01\x00\x02\x02\x28", .say_length = 7 }, "https",
		CAUSE_TLS_HANDSHAKE_FAILURE, PHASE_TLS, 0, "handshake failure" },
	{ "wants another version",
		{ .say = "\x15\x03\x01\x00\x02\x02\x46", .say_length = 7 }, "https",
		CAUSE_TLS_PROTOCOL_VERSION, PHASE_TLS, 0, NULL },
};

static void check_behaviour(struct world *world, const struct behaviour *behaviour)
{
	struct http_partner partner;
	struct answer answer;
	const struct finding *finding = &answer.result.finding;

	http_partner_start(&partner, &behaviour->script);
	answer = ask_port(world, partner.port, behaviour->scheme);
	http_partner_stop(&partner);
	if (finding->cause != behaviour->cause ||
		answer.result.phase != behaviour->phase ||
		answer.result.status != behaviour->status)
		fail_msg("%s: %s in %s, status %d, %s", behaviour->what,
			cause_name(finding->cause), phase_name(answer.result.phase),
			answer.result.status, finding->evidence.detail);
	if (behaviour->detail && !strstr(finding->evidence.detail, behaviour->detail))
		fail_msg("%s: evidence is \"%s\"", behaviour->what,
			finding->evidence.detail);
	assert_true(answer.result.body_length <= BODY_LIMIT);
}

static void test_behaviours(void **state)
{
	for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++)
		check_behaviour(*state, &behaviours[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_behaviours, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
