/* SPDX-License-Identifier: Apache-2.0 */
/* The sweep of versions: what is accepted, what is refused, and what stays unknown. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/nginx.h"
#include "net/partner.h"
#include "net/tls.h"
#include "probes/probe_kinds.h"
#include "probes/tls_world.h"
#include "probes/versions_parts.h"

#define HOST     "pbx.test"
#define VERSIONS 4

static int set_up(void **state)
{
	/* of RSA: TLS 1.0 servers of old have nothing else */
	return tls_world_set_up(state,
		&(struct credential_spec){
			.name = "pbx", .alternatives = "DNS:" HOST, .rsa_bits = 2048 });
}

static void labels_are_those_of_the_versions(void **state)
{
	const struct probe_gauge *gauges = probe_tls_versions()->gauges;

	(void)state;
	for (unsigned i = 0; i < VERSIONS; i++)
		assert_string_equal(gauges[i].label_value, tls_version_names[i]);
	assert_null(gauges[VERSIONS].name);
}

/* "10?-" : TLS 1.0 accepted, 1.1 refused, 1.2 and 1.3 not known. */
static void accepts(const char *what, const struct outcome *outcome, const char *expected)
{
	char seen[VERSIONS + 1] = "????";

	for (unsigned i = 0; i < VERSIONS; i++) {
		if (outcome_has_value(outcome, i))
			seen[i] = outcome->values[i] > 0 ? '1' : '0';
	}
	if (strcmp(seen, expected) != 0)
		fail_msg("%s: %s instead of %s, %s %s \"%s\"", what, seen, expected,
			verdict_name(outcome->finding.verdict),
			cause_name(outcome->finding.cause),
			outcome->finding.evidence.detail);
}

static void allow(SSL_CTX *context, unsigned mask)
{
	static const uint64_t refusals[VERSIONS] = { SSL_OP_NO_TLSv1, SSL_OP_NO_TLSv1_1,
		SSL_OP_NO_TLSv1_2, SSL_OP_NO_TLSv1_3 };

	SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
	SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
	for (unsigned i = 0; i < VERSIONS; i++) {
		if (!(mask >> i & 1U))
			SSL_CTX_set_options(context, refusals[i]);
	}
}

static const char *const forbid[] = { "forbid", "1.0, 1.1", NULL };

static struct outcome sweep(
	struct tls_world *world, struct tls_partner *partner, int64_t timeout_us)
{
	return tls_partner_asked(&world->harness, partner,
		(struct trial){ .kind = probe_tls_versions(),
			.host = HOST,
			.options = forbid,
			.timeout_us = timeout_us });
}

/* Every combination there is; whoever accepts nothing at all has failed. */
static void every_combination_is_seen(void **state)
{
	static const char *const detail[] = { "", "TLS 1.0", "TLS 1.1",
		"TLS 1.0, TLS 1.1" };
	struct tls_world *world = *state;

	for (unsigned mask = 1; mask < 1U << VERSIONS; mask++) {
		char expected[VERSIONS + 1] = "0000";
		struct tls_partner partner;
		struct outcome outcome;

		for (unsigned i = 0; i < VERSIONS; i++)
			expected[i] = (char)('0' + (mask >> i & 1U));
		tls_partner_init(&partner, &world->shown);
		allow(partner.context, mask);
		outcome = sweep(world, &partner, 0);
		accepts(expected, &outcome, expected);
		harness_found(expected, &outcome,
			mask & 3 ? VERDICT_DEGRADED : VERDICT_OK,
			mask & 3 ? CAUSE_TLS_OLD_VERSION_ACCEPTED : CAUSE_NONE,
			detail[mask & 3]);
	}
}

static void real_servers_are_swept(void **state)
{
	static const struct {
		const char *flags[3];
		const char *expected;
	} rows[] = {
		{ { "-tls1" }, "1000" },
		{ { "-tls1_1" }, "0100" },
		{ { "-tls1_2" }, "0010" },
		{ { "-tls1_3" }, "0001" },
		{ { "-no_tls1_3" }, "1110" },
		{ { "-no_tls1", "-no_tls1_1" }, "0011" },
		{ { "-Verify", "1" }, "1111" },
	};
	struct tls_world *world = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const arguments[] = { "-cert", world->path, "-key",
			world->path, "-cipher", "ALL:@SECLEVEL=0", rows[i].flags[0],
			rows[i].flags[1], rows[i].flags[2], NULL };
		struct trial trial = { .kind = probe_tls_versions(), .host = HOST };
		struct tls_server server;
		struct outcome outcome;

		if (!tls_server_start(&server, arguments))
			skip();
		trial.port = server.port;
		outcome = harness_run(&world->harness, &trial);
		tls_server_stop(&server);
		accepts(rows[i].flags[0], &outcome, rows[i].expected);
		assert_int_equal(outcome.finding.verdict, VERDICT_OK);
		assert_true(outcome.phase_us[PHASE_CONNECT] > 0);
		assert_true(outcome.phase_us[PHASE_TLS] > 0);
	}
}

static void nginx_is_swept(void **state)
{
	static const struct {
		const char *protocols, *expected;
	} rows[] = {
		{ "TLSv1.2 TLSv1.3", "0011" },
		{ "TLSv1 TLSv1.1 TLSv1.2", "1110" },
		{ "TLSv1.1 TLSv1.3", "0101" },
	};
	struct tls_world *world = *state;
	struct nginx nginx = { 0 };
	char servers[2048] = "";

	for (size_t i = 0; i < 3; i++)
		snprintf(servers + strlen(servers), sizeof(servers) - strlen(servers),
			"server { listen 127.0.0.1:%u ssl; ssl_certificate %s; "
			"ssl_certificate_key %s; ssl_protocols %s; "
			"ssl_ciphers ALL:@SECLEVEL=0; }\n",
			nginx_listen(&nginx), world->path, world->path,
			rows[i].protocols);
	if (!nginx_start(&nginx, world->folder, servers))
		skip();
	for (size_t i = 0; i < 3; i++) {
		struct trial trial = { .kind = probe_tls_versions(), .host = HOST };
		struct sockaddr_in name;
		socklen_t length = sizeof(name);
		struct outcome outcome;

		getsockname(nginx.listeners[i], (struct sockaddr *)&name, &length);
		trial.port = ntohs(name.sin_port);
		outcome = harness_run(&world->harness, &trial);
		accepts(rows[i].protocols, &outcome, rows[i].expected);
	}
	nginx_stop(&nginx);
}

/*
 * Who has a version switched on and no cipher for it that we offer is in doubt: it may
 * have others for others. A security level that forbids it is a refusal.
 */
static void want_of_ciphers_is_no_refusal(void **state)
{
	static const struct {
		const char *ciphers, *expected;
		enum verdict verdict;
		enum cause cause;
	} rows[] = {
		{ "ECDHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0", "??11", VERDICT_UNKNOWN,
			CAUSE_TLS_HANDSHAKE_FAILURE },
		{ "ALL:@SECLEVEL=1", "0011", VERDICT_OK, CAUSE_NONE },
	};
	struct tls_world *world = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tls_partner partner;
		struct outcome outcome;

		tls_partner_init(&partner, &world->shown);
		SSL_CTX_set_min_proto_version(partner.context, TLS1_VERSION);
		assert_int_equal(
			SSL_CTX_set_cipher_list(partner.context, rows[i].ciphers), 1);
		outcome = sweep(world, &partner, 0);
		accepts(rows[i].ciphers, &outcome, rows[i].expected);
		harness_found(
			rows[i].ciphers, &outcome, rows[i].verdict, rows[i].cause, NULL);
	}
}

/* What one connection meets, by its place in the sweep: 1.3, 1.2, 1.1, 1.0, and once
 * more what was accepted. */
#define MEETINGS (VERSIONS + 1)

enum meeting {
	MEETS_TLS,
	MEETS_SILENCE,
	MEETS_END,
	MEETS_RESET,
	MEETS_WORDS,
	MEETS_REFUSAL
};

struct script {
	enum meeting meetings[MEETINGS];
	unsigned connections;
};

static bool meet(const struct tls_partner *partner, int fd)
{
	/* the partner's thread alone touches it until it is stopped */
	struct script *script = (struct script *)partner->script;
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	unsigned place = script->connections++;
	char sink[2048];

	switch (script->meetings[place % MEETINGS]) {
	case MEETS_TLS:
		return true;
	case MEETS_SILENCE:
		tls_partner_await_end(partner, fd, NULL);
		return false;
	case MEETS_END:
		recv(fd, sink, sizeof(sink), 0);
		return false;
	case MEETS_RESET:
		recv(fd, sink, sizeof(sink), 0);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		return false;
	case MEETS_REFUSAL: /* a fatal alert: protocol_version (RFC 8446, 6.2) */
		recv(fd, sink, sizeof(sink), 0);
		send(fd, "\x15\x03\x01\x00\x02\x02\x46", 7, MSG_NOSIGNAL);
		return false;
	case MEETS_WORDS:
		send(fd, "SSH-2.0-OpenSSH_9.2\r\n", 21, MSG_NOSIGNAL);
		recv(fd, sink, sizeof(sink), 0);
		return false;
	}
	return false;
}

static const struct meeting_row {
	const char *what;
	enum meeting meetings[MEETINGS];
	const char *expected;
	enum verdict verdict; /* 1.0 and 1.1 are forbidden */
	enum cause cause;
	unsigned connections;
} meeting_rows[] = {
	{ "ends and resets refuse", { MEETS_TLS, MEETS_TLS, MEETS_END, MEETS_RESET },
		"0011", VERDICT_OK, CAUSE_NONE, 5 },
	{ "a limiter that resets the later ones",
		{ MEETS_TLS, MEETS_RESET, MEETS_RESET, MEETS_RESET, MEETS_RESET }, "???1",
		VERDICT_UNKNOWN, CAUSE_RESET, 5 },
	{ "a limiter that ends the later ones",
		{ MEETS_TLS, MEETS_TLS, MEETS_END, MEETS_END, MEETS_END }, "??11",
		VERDICT_UNKNOWN, CAUSE_CLOSED_EARLY, 5 },
	{ "a limiter that grows silent",
		{ MEETS_TLS, MEETS_TLS, MEETS_END, MEETS_RESET, MEETS_SILENCE }, "??11",
		VERDICT_UNKNOWN, CAUSE_CLOSED_EARLY, 5 },
	{ "a stranger who gives no proof",
		{ MEETS_TLS, MEETS_TLS, MEETS_END, MEETS_END, MEETS_WORDS }, "??11",
		VERDICT_UNKNOWN, CAUSE_CLOSED_EARLY, 5 },
	{ "ends what is fine too",
		{ MEETS_END, MEETS_TLS, MEETS_END, MEETS_END, MEETS_TLS }, "0010",
		VERDICT_OK, CAUSE_NONE, 5 },
	{ "silence to a forbidden one",
		{ MEETS_TLS, MEETS_TLS, MEETS_TLS, MEETS_SILENCE }, "?111",
		VERDICT_DEGRADED, CAUSE_TLS_OLD_VERSION_ACCEPTED, 4 },
	{ "silence to both forbidden ones",
		{ MEETS_TLS, MEETS_TLS, MEETS_SILENCE, MEETS_SILENCE }, "??11",
		VERDICT_UNKNOWN, CAUSE_NO_ANSWER, 4 },
	{ "silence to one that is fine",
		{ MEETS_SILENCE, MEETS_TLS, MEETS_END, MEETS_END }, "001?", VERDICT_OK,
		CAUSE_NONE, 5 },
	{ "silence to all",
		{ MEETS_SILENCE, MEETS_SILENCE, MEETS_SILENCE, MEETS_SILENCE }, "????",
		VERDICT_UNKNOWN, CAUSE_NO_ANSWER, 4 },
	{ "refuses all", { MEETS_REFUSAL, MEETS_REFUSAL, MEETS_REFUSAL, MEETS_REFUSAL },
		"0000", VERDICT_FAILED, CAUSE_TLS_PROTOCOL_VERSION, 4 },
	{ "the one that is spoken gets lost on the way",
		{ MEETS_REFUSAL, MEETS_SILENCE, MEETS_REFUSAL, MEETS_REFUSAL }, "00?0",
		VERDICT_UNKNOWN, CAUSE_NO_ANSWER, 4 },
	{ "ends all", { MEETS_END, MEETS_END, MEETS_END, MEETS_END }, "????",
		VERDICT_UNKNOWN, CAUSE_CLOSED_EARLY, 4 },
	{ "resets all", { MEETS_RESET, MEETS_RESET, MEETS_RESET, MEETS_RESET }, "????",
		VERDICT_UNKNOWN, CAUSE_RESET, 4 },
	{ "a stranger is not asked four times", { MEETS_WORDS }, "????", VERDICT_UNKNOWN,
		CAUSE_WRONG_PROTOCOL, 1 },
	{ "a stranger on the way", { MEETS_TLS, MEETS_WORDS, MEETS_TLS, MEETS_TLS },
		"???1", VERDICT_UNKNOWN, CAUSE_WRONG_PROTOCOL, 2 },
};

/* Long enough for what answers to answer, also under valgrind. */
static int64_t measure(struct tls_world *world)
{
	static int64_t timeout_us;
	struct tls_partner partner;
	int64_t began_us = clock_now_us();

	if (timeout_us > 0)
		return timeout_us;
	tls_partner_init(&partner, &world->shown);
	allow(partner.context, 0xf);
	sweep(world, &partner, 0);
	timeout_us = 300 * MILLISECOND + 5 * (clock_now_us() - began_us);
	return timeout_us;
}

static void try_meetings(struct tls_world *world, const struct meeting_row *row)
{
	int64_t timeout_us = measure(world);
	struct script script = { 0 };
	struct tls_partner partner;
	struct outcome outcome;

	memcpy(script.meetings, row->meetings, sizeof(script.meetings));
	tls_partner_init(&partner, &world->shown);
	allow(partner.context, 0xf);
	partner.agree = meet;
	partner.script = &script;
	outcome = sweep(world, &partner, timeout_us);
	accepts(row->what, &outcome, row->expected);
	harness_found(row->what, &outcome, row->verdict, row->cause, NULL);
	assert_int_equal(script.connections, row->connections);
}

static void silence_is_no_refusal(void **state)
{
	for (size_t i = 0; i < sizeof(meeting_rows) / sizeof(meeting_rows[0]); i++)
		try_meetings(*state, &meeting_rows[i]);
}

static void a_closed_port_is_asked_once(void **state)
{
	struct tls_world *world = *state;
	struct trial trial = {
		.kind = probe_tls_versions(), .host = HOST, .port = partner_refused_port()
	};
	struct outcome outcome = harness_run(&world->harness, &trial);

	accepts("refused", &outcome, "????");
	/* the row of the service itself says that it is not there */
	harness_found(
		"refused", &outcome, VERDICT_UNKNOWN, CAUSE_REFUSED, VERSIONS_UNMEASURED);
	assert_int_equal(outcome.phase, PHASE_CONNECT);
}

static void bad_lists_say_what_to_write(void **state)
{
	static const char *const good[] = { "", "1.0", "1.0,1.1", "1.3 , 1.0", " 1.2" };
	static const char *const bad[] = { "1", "1.4", "TLS 1.0", "1.0;1.1", "1.0-1.2",
		"2.0", "1.00", "\x1b[2J" };
	const struct probe_kind *kind = probe_tls_versions();

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		harness_options_free(kind,
			harness_options(
				kind, (const char *const[]){ "forbid", good[i], NULL }));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		harness_refuses(
			kind, "forbid", bad[i], "write some of 1.0, 1.1, 1.2 and 1.3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_are_those_of_the_versions),
		cmocka_unit_test(bad_lists_say_what_to_write),
		cmocka_unit_test(every_combination_is_seen),
		cmocka_unit_test(real_servers_are_swept),
		cmocka_unit_test(nginx_is_swept),
		cmocka_unit_test(want_of_ciphers_is_no_refusal),
		cmocka_unit_test(silence_is_no_refusal),
		cmocka_unit_test(a_closed_port_is_asked_once),
	};

	return cmocka_run_group_tests(tests, set_up, tls_world_tear_down);
}
