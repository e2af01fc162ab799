/* SPDX-License-Identifier: Apache-2.0 */
/* The kind http against a real nginx. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/credentials.h"
#include "net/nginx.h"
#include "net/partner.h"
#include "net/tls.h"
#include "net/transfer.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/tls_gauges.h"

#define HOST "pbx.test"

enum { STATUS = TLS_GAUGE_COUNT, BODY, REDIRECTS, VERSION };

/* The servers of our nginx, by what they show. */
enum server {
	SERVER_PLAIN,
	SERVER_TLS,
	SERVER_EXPIRED,
	SERVER_SELF_SIGNED,
	SERVER_OTHER_HOST,
	SERVER_SOON,
	SERVER_WANTS_CERTIFICATE,
	SERVER_COUNT
};

static const struct credential_spec specs[SERVER_COUNT] = {
	[SERVER_TLS] = { .name = "good", .alternatives = "DNS:" HOST ",IP:127.0.0.1" },
	[SERVER_EXPIRED] = { .name = "expired",
		.alternatives = "DNS:" HOST,
		.from_days = -30,
		.to_days = -3 },
	[SERVER_SELF_SIGNED] = { .name = "lonely", .alternatives = "DNS:" HOST },
	[SERVER_OTHER_HOST] = { .name = "other", .alternatives = "DNS:www.test" },
	[SERVER_SOON] = { .name = "soon", .alternatives = "DNS:" HOST, .to_days = 3 },
	[SERVER_WANTS_CERTIFICATE] = { .name = "good", .alternatives = "DNS:" HOST },
};

struct world {
	struct harness harness;
	struct nginx nginx;
	char folder[64];
	uint16_t ports[SERVER_COUNT];
	bool have_nginx;
};

static void write_pages(const struct world *world)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/big", world->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 20000; i++)
		fprintf(file, "%09d\n", i);
	fclose(file);
}

static void write_credential(
	const struct world *world, enum server server, const struct credential *authority)
{
	bool lonely = server == SERVER_SELF_SIGNED;
	struct credential credential =
		credential_make(&specs[server], lonely ? NULL : authority);
	char path[128];

	snprintf(path, sizeof(path), "%s/%d.pem", world->folder, server);
	credential_write(&credential, path, true);
	credential_free(&credential);
}

static void write_credentials(struct world *world)
{
	static const struct credential_spec root = { .name = "root", .authority = true };
	struct credential authority = credential_make(&root, NULL);
	char path[128];

	for (enum server server = SERVER_TLS; server < SERVER_COUNT; server++)
		write_credential(world, server, &authority);
	snprintf(path, sizeof(path), "%s/root.pem", world->folder);
	credential_write(&authority, path, false);
	credential_free(&authority);
	assert_int_equal(tls_trust_new(path, &world->harness.services.trust), 0);
}

static int write_plain_server(const struct world *world, char *text, size_t size)
{
	unsigned plain = world->ports[SERVER_PLAIN], tls = world->ports[SERVER_TLS];

	return snprintf(text, size,
		"server { listen 127.0.0.1:%u;\n"
		"location = / { return 200 \"welcome to the PBX\"; }\n"
		"location = /missing { return 404; }\n"
		"location = /closed { return 401; }\n"
		"location = /busy { return 503; }\n"
		"location = /portal { return 511; }\n"
		"location = /proxy { return 407; }\n"
		"location = /astray { return 302 http://portal.example/login; }\n"
		"location = /cousin { return 302 https://www.pbx.example/; }\n"
		"location = /once { return 302 /; }\n"
		"location = /chain/4 { return 302 /chain/3; }\n"
		"location = /chain/3 { return 301 /chain/2; }\n"
		"location = /chain/2 { return 307 /chain/1; }\n"
		"location = /chain/1 { return 308 /; }\n"
		"location = /loop { return 302 /loop; }\n"
		"location = /ring { return 302 /ring/back; }\n"
		"location = /ring/back { return 302 /ring; }\n"
		"location = /named { return 302 http://other.test:%u/; }\n"
		"location = /literal { return 302 http://127.0.0.1:%u/; }\n"
		"location = /up { return 302 https://" HOST ":%u/; }\n"
		"location = /secret { return 302 http://a:b@127.0.0.1:%u/; }\n"
		"location = /ftp { return 302 ftp://127.0.0.1/; }\n"
		"location = /big { root .; }\n"
		"}\n",
		plain, plain, plain, tls, plain);
}

static int write_tls_server(
	const struct world *world, enum server server, char *text, size_t size)
{
	bool wants = server == SERVER_WANTS_CERTIFICATE;

	return snprintf(text, size,
		"server { listen 127.0.0.1:%u ssl;\n"
		"ssl_certificate %d.pem; ssl_certificate_key %d.pem;\n"
		"%s"
		"location = / { return 200 \"welcome to the PBX\"; }\n"
		"location = /down { return 302 http://" HOST ":%u/; }\n"
		"}\n",
		world->ports[server], server, server,
		wants ? "ssl_verify_client on; ssl_client_certificate root.pem;\n" : "",
		world->ports[SERVER_PLAIN]);
}

static int world_open(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	char text[8192];
	int used;

	assert_non_null(world);
	harness_open(&world->harness);
	credentials_folder(world->folder);
	write_credentials(world);
	write_pages(world);
	for (enum server server = 0; server < SERVER_COUNT; server++)
		world->ports[server] = nginx_listen(&world->nginx);
	used = write_plain_server(world, text, sizeof(text));
	for (enum server server = SERVER_TLS; server < SERVER_COUNT; server++)
		used += write_tls_server(
			world, server, text + used, sizeof(text) - (size_t)used);
	world->have_nginx = nginx_start(&world->nginx, world->folder, text);
	assert_int_equal(transfers_new(world->harness.loop, world->harness.services.trust,
				 &world->harness.services.transfers),
		0);
	*state = world;
	return 0;
}

static int world_close(void **state)
{
	struct world *world = *state;

	nginx_stop(&world->nginx);
	transfers_free(world->harness.services.transfers);
	tls_trust_free(world->harness.services.trust);
	harness_close(&world->harness);
	credentials_remove(world->folder);
	free(world);
	return 0;
}

static void need_nginx(const struct world *world)
{
	if (!world->have_nginx) {
		print_message("skipped: there is no nginx here\n");
		skip();
	}
}

struct case_row {
	const char *options[7]; /* "name", "value", … */
	enum server server;
	enum verdict verdict;
	enum cause cause;
	int status;         /* 0 = none */
	int redirects;      /* -1 = not measured */
	const char *detail; /* a part of the evidence's; NULL = any */
};

static const struct case_row cases[] = {
	{ { NULL }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE, 200, -1, NULL },
	{ { "method", "HEAD" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE, 200, -1, NULL },
	{ { "path", "/missing" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE, 404, -1, NULL },
	{ { "path", "/closed" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE, 401, -1, NULL },
	{ { "path", "/once" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE, 302, -1, NULL },
	{ { "path", "/busy" }, SERVER_PLAIN, VERDICT_DEGRADED, CAUSE_HTTP_STATUS, 503, -1,
		NULL },
	{ { "path", "/busy", "status", "200,500-599" }, SERVER_PLAIN, VERDICT_OK,
		CAUSE_NONE, 503, -1, NULL },
	{ { "path", "/missing", "status", "200 - 399, 401" }, SERVER_PLAIN,
		VERDICT_FAILED, CAUSE_HTTP_STATUS, 404, -1, NULL },
	{ { "path", "/portal" }, SERVER_PLAIN, VERDICT_FAILED, CAUSE_CAPTIVE_PORTAL, 511,
		-1, NULL },
	{ { "path", "/proxy" }, SERVER_PLAIN, VERDICT_FAILED, CAUSE_CAPTIVE_PORTAL, 407,
		-1, NULL },
	{ { "path", "/astray" }, SERVER_PLAIN, VERDICT_DEGRADED, CAUSE_CAPTIVE_PORTAL,
		302, -1, "portal.example" },
	{ { "path", "/astray", "status", "302" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE,
		302, -1, NULL },
	{ { "path", "/cousin" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE, 302, -1, NULL },
	{ { "contains", "the PBX" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE, 200, -1,
		NULL },
	{ { "contains", "a phone" }, SERVER_PLAIN, VERDICT_FAILED, CAUSE_CAPTIVE_PORTAL,
		200, -1, "expected text" },
	/* who proved its name is no portal, whatever it says */
	{ { "contains", "a phone", "tls", "true" }, SERVER_TLS, VERDICT_FAILED,
		CAUSE_GARBAGE, 200, -1, "expected text" },
	{ { "contains", "a phone", "tls", "true", "trust", "any" }, SERVER_SELF_SIGNED,
		VERDICT_FAILED, CAUSE_CAPTIVE_PORTAL, 200, -1, "expected text" },
	{ { "contains", "the PBX", "path", "/named" }, SERVER_PLAIN, VERDICT_FAILED,
		CAUSE_CAPTIVE_PORTAL, 302, -1, "other.test" },
	{ { "contains", "a phone", "path", "/literal", "redirects", "1" }, SERVER_PLAIN,
		VERDICT_FAILED, CAUSE_CAPTIVE_PORTAL, 200, 1, "127.0.0.1" },
	{ { "path", "/big", "contains", "000001000" }, SERVER_PLAIN, VERDICT_OK,
		CAUSE_NONE, 200, -1, NULL },
	{ { "path", "/big", "body_limit", "1000", "contains", "000001000" }, SERVER_PLAIN,
		VERDICT_FAILED, CAUSE_GARBAGE, 200, -1, NULL },
	{ { "path", "/once", "redirects", "1" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE,
		200, 1, NULL },
	{ { "path", "/chain/4", "redirects", "4" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE,
		200, 4, NULL },
	{ { "path", "/chain/4", "redirects", "3" }, SERVER_PLAIN, VERDICT_FAILED,
		CAUSE_HTTP_REDIRECT_LOOP, 308, 3, NULL },
	{ { "path", "/loop", "redirects", "10" }, SERVER_PLAIN, VERDICT_FAILED,
		CAUSE_HTTP_REDIRECT_LOOP, 302, 0, "/loop" },
	{ { "path", "/ring", "redirects", "10" }, SERVER_PLAIN, VERDICT_FAILED,
		CAUSE_HTTP_REDIRECT_LOOP, 302, 1, "/ring" },
	{ { "path", "/literal", "redirects", "2" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE,
		200, 1, NULL },
	{ { "path", "/up", "redirects", "2" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE, 200,
		1, NULL },
	{ { "path", "/secret", "redirects", "2" }, SERVER_PLAIN, VERDICT_FAILED,
		CAUSE_HTTP_REDIRECT, 302, 0, "a:b@" },
	{ { "path", "/ftp", "redirects", "2" }, SERVER_PLAIN, VERDICT_FAILED,
		CAUSE_HTTP_REDIRECT, 302, 0, "ftp:" },
	{ { "path", "/down", "redirects", "2", "tls", "true" }, SERVER_TLS,
		VERDICT_FAILED, CAUSE_HTTP_REDIRECT, 302, 0, "http://" },
	{ { "path", "/named", "redirects", "2" }, SERVER_PLAIN, VERDICT_UNKNOWN,
		CAUSE_LOCAL_RESOURCE, 302, 0, NULL },
	{ { "slow", "10s" }, SERVER_PLAIN, VERDICT_OK, CAUSE_NONE, 200, -1, NULL },
	{ { "tls", "true" }, SERVER_TLS, VERDICT_OK, CAUSE_NONE, 200, -1, NULL },
	{ { NULL }, SERVER_TLS, VERDICT_FAILED, CAUSE_WRONG_PROTOCOL, 400, -1, "TLS" },
	{ { "tls", "true" }, SERVER_PLAIN, VERDICT_FAILED, CAUSE_WRONG_PROTOCOL, 0, -1,
		"HTTP" },
	{ { "tls", "true" }, SERVER_EXPIRED, VERDICT_FAILED, CAUSE_TLS_EXPIRED, 200, -1,
		"expired" },
	{ { "tls", "true", "trust", "report" }, SERVER_EXPIRED, VERDICT_DEGRADED,
		CAUSE_TLS_EXPIRED, 200, -1, NULL },
	{ { "tls", "true", "trust", "any" }, SERVER_EXPIRED, VERDICT_OK, CAUSE_NONE, 200,
		-1, NULL },
	{ { "tls", "true" }, SERVER_SELF_SIGNED, VERDICT_FAILED, CAUSE_TLS_SELF_SIGNED,
		200, -1, NULL },
	{ { "tls", "true" }, SERVER_OTHER_HOST, VERDICT_FAILED, CAUSE_TLS_WRONG_HOST, 200,
		-1, "www.test" },
	{ { "tls", "true" }, SERVER_SOON, VERDICT_DEGRADED, CAUSE_TLS_EXPIRING_SOON, 200,
		-1, NULL },
	{ { "tls", "true", "expire_soon", "1d" }, SERVER_SOON, VERDICT_OK, CAUSE_NONE,
		200, -1, NULL },
	{ { "tls", "true", "path", "/none", "status", "200" }, SERVER_SOON,
		VERDICT_FAILED, CAUSE_HTTP_STATUS, 404, -1, NULL },
	{ { "tls", "true" }, SERVER_WANTS_CERTIFICATE, VERDICT_OK, CAUSE_NONE, 400, -1,
		NULL },
};

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

static void check_case(struct world *world, const struct case_row *row)
{
	struct outcome outcome = run(world, world->ports[row->server], row->options);
	const struct finding *finding = &outcome.finding;
	bool tls = row->server != SERVER_PLAIN && row->options[0] && row->status;

	if (finding->verdict != row->verdict || finding->cause != row->cause ||
		value(&outcome, STATUS, 0) != row->status ||
		value(&outcome, REDIRECTS, -1) != row->redirects ||
		(row->detail && !strstr(finding->evidence.detail, row->detail)))
		fail_msg("row %zu: %s, %s, status %d, %d redirects, \"%s\"",
			(size_t)(row - cases), verdict_name(finding->verdict),
			cause_name(finding->cause), value(&outcome, STATUS, 0),
			value(&outcome, REDIRECTS, -1), finding->evidence.detail);
	assert_int_equal(outcome_has_value(&outcome, TLS_GAUGE_NOT_AFTER), tls);
	assert_int_equal(outcome_has_value(&outcome, VERSION), row->status != 0);
}

static void test_cases(void **state)
{
	struct world *world = *state;

	need_nginx(world);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_case(world, &cases[i]);
}

/* What may be somebody else's answer has a hash, and the same one each time. */
static void test_foreign_answers(void **state)
{
	static const struct {
		const char *path;
		bool foreign;
	} answers[] = {
		{ "/", true },
		{ "/astray", true },
		{ "/named", true },
		{ "/once", false },    /* to ourselves */
		{ "/missing", false }, /* a page that every server has in stock */
		{ "/busy", false },
	};
	struct world *world = *state;
	uint64_t before = 0;

	need_nginx(world);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const char *const options[] = { "path", answers[i].path, NULL };
		uint64_t first = run(world, world->ports[SERVER_PLAIN], options).answer;

		assert_int_equal(first != 0, answers[i].foreign);
		assert_true(first == 0 || first != before);
		assert_true(
			first == run(world, world->ports[SERVER_PLAIN], options).answer);
		before = first;
	}
	assert_true(run(world, world->ports[SERVER_TLS],
			    (const char *const[]){ "tls", "true", NULL })
			    .answer == 0);
}

static void test_phases_are_measured(void **state)
{
	static const char *const options[] = { "tls", "true", NULL };
	struct world *world = *state;
	struct outcome outcome;
	int64_t began_us, sum = 0;

	need_nginx(world);
	began_us = clock_now_us();
	outcome = run(world, world->ports[SERVER_TLS], options);
	for (enum phase phase = PHASE_CONNECT; phase < PHASE_COUNT; phase++) {
		assert_true(outcome.phase_us[phase] > 0);
		sum += outcome.phase_us[phase];
	}
	assert_int_equal(outcome.phase_us[PHASE_RESOLVE], 0);
	assert_true(sum <= clock_now_us() - began_us);
}

/* Octets this process has allocated; the first runs fill pools and caches. */
static size_t allocated(void)
{
	return mallinfo2().uordblks;
}

static void test_many_leak_nothing(void **state)
{
	static const char *const plain[] = { "redirects", "2", "path", "/once", NULL };
	static const char *const tls[] = { "tls", "true", NULL };
	struct world *world = *state;
	unsigned descriptors = 0;
	size_t memory = 0;

	need_nginx(world);
	for (int i = 0; i < 300; i++) {
		struct outcome outcome = i % 3 == 0
			? run(world, world->ports[SERVER_TLS], tls)
			: run(world, world->ports[SERVER_PLAIN], plain);

		assert_int_equal(outcome.finding.verdict, VERDICT_OK);
		if (i == 100) {
			descriptors = partner_descriptors();
			memory = allocated();
		}
	}
	assert_int_equal(partner_threads(), 1);
	assert_int_equal(partner_descriptors(), descriptors);
	/* malloc's own caches fill for a while (17 KiB were seen); valgrind sees the rest
	 */
	if (allocated() > memory + 65536)
		fail_msg("%zu octets more after 200 runs", allocated() - memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_foreign_answers),
		cmocka_unit_test(test_phases_are_measured),
		cmocka_unit_test(test_many_leak_nothing),
	};

	return cmocka_run_group_tests(tests, world_open, world_close);
}
