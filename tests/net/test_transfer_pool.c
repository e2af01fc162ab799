/* SPDX-License-Identifier: Apache-2.0 */
/* The life of transfers: pooled handles, ends at every moment, failures of our own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "base/clock.h"
#include "net/http_partner.h"
#include "net/loop.h"
#include "net/transfer.h"

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

/* The calls that fail next; how often curl_easy_init() was asked. */
static bool no_socket, no_multi, no_easy;
static unsigned handles;

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
CURL *__real_curl_easy_init(void);
CURL *__wrap_curl_easy_init(void);
CURLMcode __real_curl_multi_socket_action(
	CURLM *multi, curl_socket_t fd, int ready, int *running);
CURLMcode __wrap_curl_multi_socket_action(
	CURLM *multi, curl_socket_t fd, int ready, int *running);

int __wrap_socket(int domain, int type, int protocol)
{
	if (no_socket) {
		errno = EMFILE;
		return -1;
	}
	return __real_socket(domain, type, protocol);
}

CURL *__wrap_curl_easy_init(void)
{
	if (no_easy)
		return NULL;
	handles++;
	return __real_curl_easy_init();
}

CURLMcode __wrap_curl_multi_socket_action(
	CURLM *multi, curl_socket_t fd, int ready, int *running)
{
	if (no_multi) {
		no_multi = false;
		return CURLM_INTERNAL_ERROR;
	}
	return __real_curl_multi_socket_action(multi, fd, ready, running);
}

struct world {
	struct loop *loop;
	struct transfers *transfers;
	struct http_partner partner;
};

static const struct http_script answers = { .say = ANSWER };
static const struct http_script silent = { .end = HTTP_PARTNER_HOLDS };

struct asker {
	struct world *world;
	struct transfer *transfer;
	struct transfer *victim; /* ended from within done */
	enum phase phases[PHASE_COUNT];
	unsigned phase_count;
	unsigned answers;
	struct finding finding;
	int status;
	char body[64];
	bool ends_itself;
};

static void world_open(struct world *world, const struct http_script *script)
{
	*world = (struct world){ 0 };
	no_socket = no_multi = no_easy = false;
	handles = 0;
	http_partner_start(&world->partner, script);
	assert_int_equal(loop_new(&world->loop), 0);
	/* without a trust store: nothing here speaks TLS */
	assert_int_equal(transfers_new(world->loop, NULL, &world->transfers), 0);
}

static void world_close(struct world *world)
{
	transfers_free(world->transfers);
	loop_free(world->loop);
	http_partner_stop(&world->partner);
}

static void answered(void *context, const struct transfer_result *result)
{
	struct asker *asker = context;

	asker->answers++;
	asker->finding = result->finding;
	asker->status = result->status;
	snprintf(
		asker->body, sizeof(asker->body), "%s", result->body ? result->body : "");
	transfer_end(asker->victim);
	if (asker->ends_itself) {
		transfer_end(asker->transfer);
		asker->transfer = NULL;
	}
	loop_stop(asker->world->loop);
}

static void entered(void *context, enum phase phase)
{
	struct asker *asker = context;

	assert_true(asker->phase_count < PHASE_COUNT);
	asker->phases[asker->phase_count++] = phase;
}

static void begin(struct asker *asker, const char *method, const char *const *headers,
	int64_t timeout_us)
{
	struct world *world = asker->world;
	struct transfer_request request = { .url = "http://pbx.test/",
		.host = "pbx.test",
		.port = world->partner.port,
		.method = method,
		.headers = headers,
		.body_limit = 4096,
		.body_keep = 32,
		.timeout_us = timeout_us };
	char url[64];

	snprintf(url, sizeof(url), "http://pbx.test:%u/", world->partner.port);
	request.url = url;
	assert_true(address_parse("127.0.0.1", &request.address));
	asker->transfer = transfer_start(world->transfers, &request, answered, asker);
}

static void finish(struct asker *asker)
{
	assert_non_null(asker->transfer);
	while (asker->answers == 0)
		assert_int_equal(loop_run(asker->world->loop), 0);
	assert_int_equal(asker->answers, 1);
	transfer_end(asker->transfer);
}

static void turned(void *context)
{
	loop_stop(context);
}

static void turn(struct loop *loop, int64_t micros)
{
	struct loop_timer timer;

	loop_timer_init(&timer, loop, LOOP_PRIORITY_ANSWER, turned, loop);
	loop_timer_set(&timer, micros);
	while (loop_timer_pending(&timer))
		assert_int_equal(loop_run(loop), 0);
	loop_timer_done(&timer);
}

/* What one transfer was told, the next with the same handle must not know. */
static void test_handles_are_reused_and_forget(void **state)
{
	static const char *const headers[] = { "X-Mine: secret", NULL };
	struct world world;

	(void)state;
	world_open(&world, &answers);
	for (int i = 0; i < 6; i++) {
		struct asker asker = { .world = &world };
		bool special = i % 2 == 0;

		begin(&asker, special ? "HEAD" : "GET", special ? headers : NULL, SECOND);
		finish(&asker);
		assert_int_equal(asker.finding.cause, CAUSE_NONE);
		assert_string_equal(asker.body, special ? "" : "hello");
		assert_memory_equal(world.partner.heard, special ? "HEAD" : "GET ", 4);
		assert_int_equal(strstr(world.partner.heard, "secret") != NULL, special);
	}
	assert_int_equal(handles, 1);
	world_close(&world);
}

/* curl keeps the errno of the last failure over a reset; it must not explain the next. */
static void test_errno_is_not_carried_over(void **state)
{
	static const struct http_script resets = { .end = HTTP_PARTNER_RESETS };
	static const struct http_script bad_chunk = {
		.say = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"
	};
	struct world world;

	(void)state;
	world_open(&world, &resets);
	for (int i = 0; i < 2; i++) {
		struct asker asker = { .world = &world };

		begin(&asker, "GET", NULL, SECOND);
		finish(&asker);
		assert_int_equal(asker.finding.cause,
			i == 0 ? CAUSE_RESET : CAUSE_HTTP_BAD_FRAMING);
		world.partner.script = &bad_chunk;
	}
	world_close(&world);
}

static void test_phases_come_in_order(void **state)
{
	struct world world;
	struct asker asker = { .world = &world };

	(void)state;
	world_open(&world, &answers);
	begin(&asker, "GET", NULL, SECOND);
	transfer_watch_phase(asker.transfer, entered);
	finish(&asker);
	assert_int_equal(asker.phase_count, 2);
	assert_int_equal(asker.phases[0], PHASE_REQUEST);
	assert_int_equal(asker.phases[1], PHASE_RESPONSE);
	world_close(&world);
}

/* Stopped at any moment: never called again, no watch and no timer left behind. */
static void test_ends_in_flight(void **state)
{
	static const int64_t after[] = { 0, 100, MILLISECOND, 5 * MILLISECOND };
	struct world world;

	(void)state;
	world_open(&world, &silent);
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		struct asker asker = { .world = &world };

		begin(&asker, "GET", NULL, SECOND);
		if (i > 0)
			turn(world.loop, after[i]);
		transfer_end(asker.transfer);
		turn(world.loop, MILLISECOND);
		assert_int_equal(asker.answers, 0);
	}
	world_close(&world);
}

static void test_ends_from_within_done(void **state)
{
	struct world world;
	struct asker other = { .world = &world };
	struct asker asker = { .world = &world, .ends_itself = true };

	(void)state;
	world_open(&world, &answers);
	begin(&asker, "GET", NULL, SECOND);
	begin(&other, "GET", NULL, SECOND);
	asker.victim = other.transfer;
	finish(&asker);
	assert_null(asker.transfer);
	turn(world.loop, MILLISECOND);
	assert_int_equal(other.answers, 0);
	world_close(&world);
}

static void test_many_at_once(void **state)
{
	struct world world;
	struct asker askers[40];

	(void)state;
	world_open(&world, &answers);
	for (size_t i = 0; i < 40; i++) {
		askers[i] = (struct asker){ .world = &world };
		begin(&askers[i], "GET", NULL, 5 * SECOND);
	}
	for (size_t i = 0; i < 40; i++) {
		finish(&askers[i]);
		assert_int_equal(askers[i].status, 200);
	}
	world_close(&world);
}

static void test_belt(void **state)
{
	struct world world;
	struct asker asker = { .world = &world };

	(void)state;
	world_open(&world, &silent);
	begin(&asker, "GET", NULL, 30 * MILLISECOND);
	finish(&asker);
	assert_int_equal(asker.finding.cause, CAUSE_NO_ANSWER);
	world_close(&world);
}

static void test_no_descriptor_is_our_trouble(void **state)
{
	struct world world;
	struct asker asker = { .world = &world };

	(void)state;
	world_open(&world, &answers);
	begin(&asker, "GET", NULL, SECOND);
	no_socket = true;
	finish(&asker);
	no_socket = false;
	assert_int_equal(asker.finding.verdict, VERDICT_UNKNOWN);
	assert_int_equal(asker.finding.cause, CAUSE_LOCAL_RESOURCE);
	assert_int_equal(asker.finding.evidence.code, EMFILE);
	world_close(&world);
}

static void test_no_memory_starts_nothing(void **state)
{
	struct world world;
	struct asker asker = { .world = &world };

	(void)state;
	world_open(&world, &answers);
	no_easy = true;
	begin(&asker, "GET", NULL, SECOND);
	assert_null(asker.transfer);
	world_close(&world);
}

/* All that were in flight are unknown; a new multi takes the next. */
static void test_multi_fails(void **state)
{
	struct world world;
	struct asker first = { .world = &world }, second = { .world = &world };
	struct asker next = { .world = &world };

	(void)state;
	world_open(&world, &answers);
	begin(&first, "GET", NULL, SECOND);
	begin(&second, "GET", NULL, SECOND);
	no_multi = true;
	finish(&first);
	finish(&second);
	assert_int_equal(first.finding.verdict, VERDICT_UNKNOWN);
	assert_int_equal(second.finding.cause, CAUSE_LOCAL_RESOURCE);
	begin(&next, "GET", NULL, SECOND);
	finish(&next);
	assert_int_equal(next.finding.cause, CAUSE_NONE);
	world_close(&world);
}

struct url_row {
	const char *url;
	bool fine;
	bool tls;
	const char *host;
	uint16_t port;
};

static const struct url_row url_rows[] = {
	{ "http://pbx.test/", true, false, "pbx.test", 80 },
	{ "https://pbx.test", true, true, "pbx.test", 443 },
	{ "HTTPS://PBX.test:8383/a?b#c", true, true, "PBX.test", 8383 },
	{ "http://[2001:db8::1]:80/", true, false, "2001:db8::1", 80 },
	{ "http://192.0.2.1/", true, false, "192.0.2.1", 80 },
	{ "ftp://pbx.test/", false, false, NULL, 0 },
	{ "javascript:alert(1)", false, false, NULL, 0 },
	{ "//pbx.test/", false, false, NULL, 0 },
	{ "/relative", false, false, NULL, 0 },
	{ "", false, false, NULL, 0 },
	{ "http://", false, false, NULL, 0 },
	{ "http://user@pbx.test/", false, false, NULL, 0 },
	{ "http://user:secret@pbx.test/", false, false, NULL, 0 },
	{ "http://:secret@pbx.test/", false, false, NULL, 0 },
	{ "http://pbx.test:99999/", false, false, NULL, 0 },
	{ "http://pbx .test/", false, false, NULL, 0 },
};

static void test_urls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(url_rows) / sizeof(url_rows[0]); i++) {
		const struct url_row *row = &url_rows[i];
		struct transfer_url url = { .port = 7 };

		if (transfer_url_read(row->url, &url) != row->fine)
			fail_msg("%s", row->url);
		assert_int_equal(url.port, row->fine ? row->port : 7);
		if (!row->fine)
			continue;
		assert_string_equal(url.host, row->host);
		assert_int_equal(url.tls, row->tls);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handles_are_reused_and_forget),
		cmocka_unit_test(test_errno_is_not_carried_over),
		cmocka_unit_test(test_phases_come_in_order),
		cmocka_unit_test(test_ends_in_flight),
		cmocka_unit_test(test_ends_from_within_done),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_belt),
		cmocka_unit_test(test_no_descriptor_is_our_trouble),
		cmocka_unit_test(test_no_memory_starts_nothing),
		cmocka_unit_test(test_multi_fails),
		cmocka_unit_test(test_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
