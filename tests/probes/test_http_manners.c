/* SPDX-License-Identifier: Apache-2.0 */
/* The kind http against partners that misbehave on command; its options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/credentials.h"
#include "net/http_partner.h"
#include "net/partner.h"
#include "net/tls.h"
#include "net/transfer.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/tls_gauges.h"

#define HOST "pbx.test"

enum { STATUS = TLS_GAUGE_COUNT, BODY, REDIRECTS, VERSION };

struct world {
	struct harness harness;
	struct tls_trust *trust;
};

static void make_trust(struct world *world)
{
	static const struct credential_spec spec = { .name = "root", .authority = true };
	struct credential root = credential_make(&spec, NULL);
	char folder[64], path[128];

	credentials_folder(folder);
	snprintf(path, sizeof(path), "%s/root.pem", folder);
	credential_write(&root, path, false);
	credential_free(&root);
	assert_int_equal(tls_trust_new(path, &world->trust), 0);
	credentials_remove(folder);
}

static int world_open(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	make_trust(world);
	harness_open(&world->harness);
	assert_int_equal(transfers_new(world->harness.loop, world->trust,
				 &world->harness.services.transfers),
		0);
	*state = world;
	return 0;
}

static int world_close(void **state)
{
	struct world *world = *state;

	transfers_free(world->harness.services.transfers);
	tls_trust_free(world->trust);
	harness_close(&world->harness);
	free(world);
	return 0;
}

static struct outcome run(struct world *world, uint16_t port, const char *const *options)
{
	const struct trial trial = {
		.kind = probe_http(), .host = HOST, .port = port, .options = options
	};

	return harness_run(&world->harness, &trial);
}

static int value(const struct outcome *outcome, unsigned gauge, int absent)
{
	return outcome_has_value(outcome, gauge) ? (int)outcome->values[gauge] : absent;
}

static const char drip_head[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";

struct silence_row {
	const char *what;
	struct http_script script;
	bool tls;
	enum cause cause;
	enum phase phase;
};

/* What the deadline means depends on how far the conversation was. */
static const struct silence_row silences[] = {
	{ "silent", { .end = HTTP_PARTNER_HOLDS }, false, CAUSE_NO_ANSWER,
		PHASE_REQUEST },
	{ "silent in the handshake", { .end = HTTP_PARTNER_HOLDS }, true, CAUSE_NO_ANSWER,
		PHASE_TLS },
	{ "half a handshake",
		{ .say = "\x16\x03\x03\x00\x7a\x02",
			.say_length = 6,
			.end = HTTP_PARTNER_HOLDS },
		true, CAUSE_TIMEOUT, PHASE_TLS },
	{ "half a status line", { .say = "HTTP/1", .end = HTTP_PARTNER_HOLDS }, false,
		CAUSE_HTTP_TIMEOUT, PHASE_RESPONSE },
	{ "half a head", { .say = "HTTP/1.1 200 OK\r\nSer", .end = HTTP_PARTNER_HOLDS },
		false, CAUSE_HTTP_TIMEOUT, PHASE_RESPONSE },
	{ "half a body", { .say = drip_head, .end = HTTP_PARTNER_HOLDS }, false,
		CAUSE_HTTP_TIMEOUT, PHASE_RESPONSE },
	{ "only interim answers",
		{ .say = "HTTP/1.1 103 Early Hints\r\n\r\n", .end = HTTP_PARTNER_HOLDS },
		false, CAUSE_HTTP_TIMEOUT, PHASE_RESPONSE },
	{ "drips", { .say = drip_head, .drip = true, .end = HTTP_PARTNER_HOLDS }, false,
		CAUSE_HTTP_TIMEOUT, PHASE_RESPONSE },
};

static void check_silence(struct world *world, const struct silence_row *row)
{
	const char *const options[] = { "tls", row->tls ? "true" : "false", NULL };
	struct verdict_of_trial verdict;
	struct http_partner partner;
	struct trial trial;

	http_partner_start(&partner, &row->script);
	trial = (struct trial){ .kind = probe_http(),
		.host = HOST,
		.port = partner.port,
		.options = options,
		.timeout_us = 250 * MILLISECOND };
	verdict = harness_try(&world->harness, &trial);
	http_partner_stop(&partner);
	assert_int_equal(verdict.finishes, 1);
	assert_true(verdict.by_deadline);
	if (verdict.outcome.finding.cause != row->cause ||
		verdict.outcome.phase != row->phase)
		fail_msg("%s: %s in %s", row->what,
			cause_name(verdict.outcome.finding.cause),
			phase_name(verdict.outcome.phase));
}

static void test_silences(void **state)
{
	for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++)
		check_silence(*state, &silences[i]);
}

static void test_refusal_is_a_reset(void **state)
{
	struct outcome outcome = run(*state, http_partner_closed_port(), NULL);
	struct address peer;

	assert_true(address_parse("127.0.0.1", &peer));
	assert_int_equal(outcome.finding.cause, CAUSE_REFUSED);
	assert_int_equal(outcome.finding.evidence.kind, EVIDENCE_TCP_RESET);
	assert_true(address_equal(&outcome.finding.evidence.offender, &peer));
	assert_int_equal(outcome.phase, PHASE_CONNECT);
	assert_int_equal(outcome.values_set, 0);
}

static const struct http_script polite = {
	.say = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"
};

static void test_question_is_polite(void **state)
{
	static const char *const options[] = { "path", "/rest?x=1", NULL };
	struct http_partner partner;
	struct outcome outcome;
	char host[64];

	http_partner_start(&partner, &polite);
	outcome = run(*state, partner.port, options);
	http_partner_stop(&partner);
	assert_int_equal(outcome.finding.verdict, VERDICT_OK);
	assert_int_equal(value(&outcome, VERSION, -1), 0); /* 1.0 */
	assert_int_equal(value(&outcome, BODY, -1), 2);
	assert_memory_equal(partner.heard, "GET /rest?x=1 HTTP/1.1\r\n", 24);
	snprintf(host, sizeof(host), "\r\nHost: " HOST ":%u\r\n", partner.port);
	assert_non_null(strstr(partner.heard, host));
	assert_non_null(strstr(partner.heard, "\r\nUser-Agent: starface-exporter/"));
	assert_null(strstr(partner.heard, "Authorization"));
	assert_null(strstr(partner.heard, "Cookie"));
}

/* The environment of a daemon must not decide whom it talks to. */
static void test_proxies_of_the_environment_are_ignored(void **state)
{
	struct http_partner partner;
	struct outcome outcome;

	setenv("http_proxy", "http://127.0.0.1:9/", 1);
	setenv("all_proxy", "http://127.0.0.1:9/", 1);
	http_partner_start(&partner, &polite);
	outcome = run(*state, partner.port, NULL);
	http_partner_stop(&partner);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	assert_int_equal(outcome.finding.verdict, VERDICT_OK);
	assert_memory_equal(partner.heard, "GET / ", 6);
}

static void test_slow_answers_degrade(void **state)
{
	static const struct http_script slowly = {
		.say = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", .drip = true
	};
	static const char *const options[] = { "slow", "20ms", NULL };
	struct http_partner partner;
	struct outcome outcome;

	http_partner_start(&partner, &slowly);
	outcome = run(*state, partner.port, options);
	http_partner_stop(&partner);
	assert_int_equal(outcome.finding.verdict, VERDICT_DEGRADED);
	assert_int_equal(outcome.finding.cause, CAUSE_SLOW);
	assert_int_equal(outcome.finding.evidence.code, 200);
	assert_true(outcome.phase_us[PHASE_RESPONSE] > 20 * MILLISECOND);
}

/* However a name is written: it is not looked up by anybody but us. */
static void test_names_start_no_threads(void **state)
{
	static const char *const hosts[] = { "pbx.test", "PBX.Test", "pbx.test.",
		"xn--mller-kva.test", "192.0.2.1", "2001:db8::1", "fe80::1%lo" };
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct http_partner partner;
		struct outcome outcome;
		struct trial trial;

		http_partner_start(&partner, &polite);
		trial = (struct trial){
			.kind = probe_http(), .host = hosts[i], .port = partner.port
		};
		outcome = harness_run(&world->harness, &trial);
		assert_int_equal(partner_threads(), 2); /* ours and the partner's */
		http_partner_stop(&partner);
		if (outcome.finding.verdict != VERDICT_OK)
			fail_msg("%s: %s, %s", hosts[i],
				cause_name(outcome.finding.cause),
				outcome.finding.evidence.detail);
	}
}

static void test_ipv6(void **state)
{
	static const struct http_script script = { .ipv6 = true,
		.say = "HTTP/1.1 204 No Content\r\n\r\n" };
	struct world *world = *state;
	struct http_partner partner;
	struct outcome outcome;
	struct trial trial;

	http_partner_start(&partner, &script);
	trial = (struct trial){
		.kind = probe_http(), .host = HOST, .address = "::1", .port = partner.port
	};
	outcome = harness_run(&world->harness, &trial);
	http_partner_stop(&partner);
	assert_int_equal(outcome.finding.verdict, VERDICT_OK);
	assert_int_equal(value(&outcome, STATUS, 0), 204);
}

struct refused_row {
	const char *name, *text;
	const char *why; /* a part of what the person is told */
};

static const struct refused_row refused_rows[] = {
	{ "path", "", "path: begin with a slash" },
	{ "path", "rest", "path: begin with a slash" },
	{ "path", "/a b", "path: begin with a slash" },
	{ "path", "/a\r\nX: y", "path: begin with a slash" },
	{ "path", "/a#b", "path: begin with a slash" },
	{ "status", "", "status: write" },
	{ "status", "ok", "status: write" },
	{ "status", "99", "status: write" },
	{ "status", "600", "status: write" },
	{ "status", "200-", "status: write" },
	{ "status", "299-200", "status: write" },
	{ "status", "200,", "status: write" },
	{ "status", "200;300", "status: write" },
	{ "status", "1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8", "status: write" },
	{ "contains", "", "contains: write the text" },
};

static void *options_with(const char *name, const char *text)
{
	const struct probe_kind *kind = probe_http();
	void *options = harness_options(kind, NULL);

	for (const struct probe_option *row = kind->options; row->name; row++) {
		if (strcmp(row->name, name) == 0)
			assert_true(harness_option_set(row, options, text));
	}
	return options;
}

static void test_bad_options_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused_rows) / sizeof(refused_rows[0]); i++) {
		const struct refused_row *row = &refused_rows[i];
		void *options = options_with(row->name, row->text);
		char why[256] = "";

		if (probe_http()->validate(options, why, sizeof(why)) ||
			!strstr(why, row->why))
			fail_msg("%s = \"%s\": \"%s\"", row->name, row->text, why);
		free(options);
	}
}

static void test_head_has_no_content(void **state)
{
	void *options = options_with("method", "HEAD");
	char why[256] = "";

	(void)state;
	for (const struct probe_option *row = probe_http()->options; row->name; row++) {
		if (strcmp(row->name, "contains") == 0)
			assert_true(harness_option_set(row, options, "text"));
	}
	assert_false(probe_http()->validate(options, why, sizeof(why)));
	assert_non_null(strstr(why, "GET"));
	free(options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silences),
		cmocka_unit_test(test_refusal_is_a_reset),
		cmocka_unit_test(test_question_is_polite),
		cmocka_unit_test(test_proxies_of_the_environment_are_ignored),
		cmocka_unit_test(test_slow_answers_degrade),
		cmocka_unit_test(test_names_start_no_threads),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_bad_options_are_refused),
		cmocka_unit_test(test_head_has_no_content),
	};

	return cmocka_run_group_tests(tests, world_open, world_close);
}
