/* SPDX-License-Identifier: Apache-2.0 */
/* The kind tls against `openssl s_server` with every sort of certificate. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/credentials.h"
#include "net/partner.h"
#include "net/tls.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/tls_gauges.h"

#define HOST "pbx.test"

enum shown {
	SHOWN_GOOD,
	SHOWN_EXPIRED,
	SHOWN_NOT_YET,
	SHOWN_OTHER_HOST,
	SHOWN_SELF_SIGNED,
	SHOWN_UNKNOWN,
	SHOWN_INCOMPLETE,
	SHOWN_WEAK_RSA,
	SHOWN_SHA1,
	SHOWN_SOON,
	SHOWN_ADDRESS,
	SHOWN_COUNT
};

enum signer { SIGNER_ITSELF, SIGNER_ROOT, SIGNER_INTERMEDIATE, SIGNER_STRANGER };

struct shown_row {
	struct credential_spec spec;
	enum signer signer;
	bool alone; /* without its intermediate */
};

static const struct shown_row shown_rows[SHOWN_COUNT] = {
	[SHOWN_GOOD] = { { .name = "good", .alternatives = "DNS:" HOST },
		SIGNER_INTERMEDIATE, false },
	[SHOWN_EXPIRED] = { { .name = "expired",
				    .alternatives = "DNS:" HOST,
				    .from_days = -30,
				    .to_days = -3 },
		SIGNER_INTERMEDIATE, false },
	[SHOWN_NOT_YET] = { { .name = "early",
				    .alternatives = "DNS:" HOST,
				    .from_days = 3 },
		SIGNER_INTERMEDIATE, false },
	[SHOWN_OTHER_HOST] = { { .name = "other",
				       .alternatives =
					       "DNS:www.example.test,DNS:example.test" },
		SIGNER_INTERMEDIATE, false },
	[SHOWN_SELF_SIGNED] = { { .name = "lonely", .alternatives = "DNS:" HOST },
		SIGNER_ITSELF, false },
	[SHOWN_UNKNOWN] = { { .name = "foreign", .alternatives = "DNS:" HOST },
		SIGNER_STRANGER, true },
	[SHOWN_INCOMPLETE] = { { .name = "alone", .alternatives = "DNS:" HOST },
		SIGNER_INTERMEDIATE, true },
	[SHOWN_WEAK_RSA] = { { .name = "weak",
				     .alternatives = "DNS:" HOST,
				     .rsa_bits = 1024 },
		SIGNER_INTERMEDIATE, false },
	[SHOWN_SHA1] = { { .name = "sha1", .alternatives = "DNS:" HOST, .sha1 = true },
		SIGNER_INTERMEDIATE, false },
	[SHOWN_SOON] = { { .name = "soon", .alternatives = "DNS:" HOST, .to_days = 5 },
		SIGNER_INTERMEDIATE, false },
	[SHOWN_ADDRESS] = { { .name = "address", .alternatives = "IP:127.0.0.1" },
		SIGNER_INTERMEDIATE, false },
};

struct world {
	struct harness harness;
	struct tls_trust *trust;
	char folder[64];
};

static void path_of(const struct world *world, const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s.pem", world->folder, name);
}

static void write_shown(const struct world *world, const struct shown_row *row,
	const struct credential *signers)
{
	const struct credential *signer =
		row->signer == SIGNER_ITSELF ? NULL : &signers[row->signer];
	struct credential made = credential_make(&row->spec, signer);
	char path[128];

	path_of(world, row->spec.name, path);
	credential_write(&made, path, true);
	snprintf(path, sizeof(path), "%s/%s-chain.pem", world->folder, row->spec.name);
	if (signer && !row->alone)
		credential_write(signer, path, false);
	credential_free(&made);
}

static void write_all(const struct world *world)
{
	static const struct credential_spec root = {
		.name = "Test Root", .organisation = "Test Authority", .authority = true
	};
	static const struct credential_spec intermediate = {
		.name = "Test Issuer", .organisation = "Test Authority", .authority = true
	};
	static const struct credential_spec stranger = {
		.name = "Stranger", .organisation = "Somebody", .authority = true
	};
	struct credential signers[4] = { 0 };
	char path[128];

	signers[SIGNER_ROOT] = credential_make(&root, NULL);
	signers[SIGNER_INTERMEDIATE] =
		credential_make(&intermediate, &signers[SIGNER_ROOT]);
	signers[SIGNER_STRANGER] = credential_make(&stranger, NULL);
	path_of(world, "root", path);
	credential_write(&signers[SIGNER_ROOT], path, false);
	for (size_t i = 0; i < SHOWN_COUNT; i++)
		write_shown(world, &shown_rows[i], signers);
	for (size_t i = SIGNER_ROOT; i <= SIGNER_STRANGER; i++)
		credential_free(&signers[i]);
}

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	char path[128];

	assert_non_null(world);
	credentials_folder(world->folder);
	write_all(world);
	path_of(world, "root", path);
	assert_int_equal(tls_trust_new(path, &world->trust), 0);
	harness_open(&world->harness);
	world->harness.services.trust = world->trust;
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	harness_close(&world->harness);
	tls_trust_free(world->trust);
	credentials_remove(world->folder);
	free(world);
	return 0;
}

/* Starts a server that shows this. Further arguments may follow. */
static void serve(const struct world *world, struct tls_server *server, enum shown shown,
	const char *const *further)
{
	const char *name = shown_rows[shown].spec.name;
	char certificate[128], chain[128];
	const char *arguments[16] = { "-cert", certificate, "-key", certificate };
	size_t count = 4;

	path_of(world, name, certificate);
	snprintf(chain, sizeof(chain), "%s/%s-chain.pem", world->folder, name);
	if (shown_rows[shown].signer != SIGNER_ITSELF && !shown_rows[shown].alone) {
		arguments[count++] = "-cert_chain";
		arguments[count++] = chain;
	}
	for (; further && *further; further++)
		arguments[count++] = *further;
	if (!tls_server_start(server, arguments))
		skip();
}

struct row {
	const char *what;
	enum shown shown;
	const char *server[6];  /* further arguments of s_server */
	const char *options[6]; /* of the kind */
	const char *host;       /* NULL = HOST */
	enum cause cause;
	enum verdict verdict;
	int valid;          /* tls_certificate_valid; -1 = not measured */
	const char *detail; /* is part of the evidence */
};

static const struct row rows[] = {
	{ .what = "good", .shown = SHOWN_GOOD, .verdict = VERDICT_OK, .valid = 1 },
	{ .what = "good, TLS 1.2",
		.shown = SHOWN_GOOD,
		.server = { "-tls1_2" },
		.verdict = VERDICT_OK,
		.valid = 1 },
	{ .what = "expired",
		.shown = SHOWN_EXPIRED,
		.cause = CAUSE_TLS_EXPIRED,
		.verdict = VERDICT_FAILED,
		.detail = "expired, expired 20" },
	{ .what = "expired, TLS 1.2",
		.shown = SHOWN_EXPIRED,
		.server = { "-tls1_2" },
		.cause = CAUSE_TLS_EXPIRED,
		.verdict = VERDICT_FAILED },
	{ .what = "expired, reported",
		.shown = SHOWN_EXPIRED,
		.options = { "trust", "report" },
		.cause = CAUSE_TLS_EXPIRED,
		.verdict = VERDICT_DEGRADED },
	{ .what = "expired, any",
		.shown = SHOWN_EXPIRED,
		.options = { "trust", "any" },
		.verdict = VERDICT_OK },
	{ .what = "not yet valid",
		.shown = SHOWN_NOT_YET,
		.cause = CAUSE_TLS_NOT_YET_VALID,
		.verdict = VERDICT_FAILED,
		.detail = "early, valid from 20" },
	{ .what = "other host",
		.shown = SHOWN_OTHER_HOST,
		.cause = CAUSE_TLS_WRONG_HOST,
		.verdict = VERDICT_FAILED,
		.detail = "www.example.test, example.test" },
	{ .what = "server_name decides",
		.shown = SHOWN_OTHER_HOST,
		.options = { "server_name", "example.test." },
		.verdict = VERDICT_OK,
		.valid = 1 },
	{ .what = "self-signed",
		.shown = SHOWN_SELF_SIGNED,
		.cause = CAUSE_TLS_SELF_SIGNED,
		.verdict = VERDICT_FAILED,
		.detail = "lonely" },
	{ .what = "self-signed for another host",
		.shown = SHOWN_SELF_SIGNED,
		.host = "other.test",
		.cause = CAUSE_TLS_SELF_SIGNED,
		.verdict = VERDICT_FAILED,
		.detail = "lonely; tls-wrong-host" },
	{ .what = "unknown authority",
		.shown = SHOWN_UNKNOWN,
		.cause = CAUSE_TLS_UNTRUSTED,
		.verdict = VERDICT_FAILED,
		.detail = "issuer Stranger" },
	{ .what = "no intermediate",
		.shown = SHOWN_INCOMPLETE,
		.cause = CAUSE_TLS_INCOMPLETE_CHAIN,
		.verdict = VERDICT_FAILED,
		.detail = "issuer Test Issuer" },
	{ .what = "RSA-1024",
		.shown = SHOWN_WEAK_RSA,
		.server = { "-cipher", "DEFAULT@SECLEVEL=0" },
		.cause = CAUSE_TLS_WEAK_KEY,
		.verdict = VERDICT_DEGRADED,
		.valid = 1,
		.detail = "weak, rsaEncryption 1024" },
	{ .what = "SHA-1",
		.shown = SHOWN_SHA1,
		.server = { "-cipher", "DEFAULT@SECLEVEL=0" },
		.cause = CAUSE_TLS_WEAK_KEY,
		.verdict = VERDICT_DEGRADED,
		.valid = 1,
		.detail = "ecdsa-with-SHA1" },
	{ .what = "expiring",
		.shown = SHOWN_SOON,
		.cause = CAUSE_TLS_EXPIRING_SOON,
		.verdict = VERDICT_DEGRADED,
		.valid = 1,
		.detail = "valid until 20" },
	{ .what = "expiring later than bound",
		.shown = SHOWN_SOON,
		.options = { "expire_soon", "3d" },
		.verdict = VERDICT_OK,
		.valid = 1 },
	{ .what = "by address",
		.shown = SHOWN_ADDRESS,
		.host = "127.0.0.1",
		.verdict = VERDICT_OK,
		.valid = 1 },
	{ .what = "by another address",
		.shown = SHOWN_ADDRESS,
		.host = "127.0.0.2",
		.cause = CAUSE_TLS_WRONG_HOST,
		.verdict = VERDICT_FAILED },
	{ .what = "only TLS 1.1",
		.shown = SHOWN_GOOD,
		.server = { "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0" },
		.cause = CAUSE_TLS_PROTOCOL_VERSION,
		.verdict = VERDICT_FAILED,
		.valid = -1 },
	{ .what = "wants a certificate",
		.shown = SHOWN_GOOD,
		.server = { "-Verify", "1" },
		.verdict = VERDICT_OK,
		.valid = 1 },
	{ .what = "wants a certificate, TLS 1.2",
		.shown = SHOWN_GOOD,
		.server = { "-Verify", "1", "-tls1_2" },
		.verdict = VERDICT_OK,
		.valid = 1 },
	{ .what = "wants a certificate, expired, TLS 1.2",
		.shown = SHOWN_EXPIRED,
		.server = { "-Verify", "1", "-tls1_2" },
		.cause = CAUSE_TLS_EXPIRED,
		.verdict = VERDICT_FAILED },
	{ .what = "no cipher in common",
		.shown = SHOWN_GOOD,
		.server = { "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM8" },
		.cause = CAUSE_TLS_HANDSHAKE_FAILURE,
		.verdict = VERDICT_FAILED,
		.valid = -1 },
};

static bool measured_as(const struct outcome *outcome, int valid)
{
	if (valid < 0)
		return !outcome_has_value(outcome, TLS_GAUGE_VALID);
	return outcome_has_value(outcome, TLS_GAUGE_VALID) &&
		outcome_has_value(outcome, TLS_GAUGE_NOT_AFTER) &&
		outcome_has_value(outcome, TLS_GAUGE_VERSION) &&
		(int)outcome->values[TLS_GAUGE_VALID] == valid;
}

static void compare(const struct row *row, const struct outcome *outcome)
{
	const struct finding *finding = &outcome->finding;
	const char *detail = finding->evidence.detail;

	if (finding->cause != row->cause || finding->verdict != row->verdict ||
		(row->detail && !strstr(detail, row->detail)))
		fail_msg("%s: %s %s \"%s\"", row->what, verdict_name(finding->verdict),
			cause_name(finding->cause), detail);
	if (!measured_as(outcome, row->valid))
		fail_msg("%s: facts are not as they should be", row->what);
	assert_int_equal(outcome->phase, PHASE_TLS);
	assert_true(outcome->phase_us[PHASE_CONNECT] > 0);
	assert_true(outcome->phase_us[PHASE_TLS] > 0);
}

static void certificates_are_told_apart(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct trial trial = { .kind = probe_tls(),
			.host = row->host ? row->host : HOST,
			.options = row->options };
		struct tls_server server;
		struct outcome outcome;

		serve(world, &server, row->shown, row->server);
		trial.port = server.port;
		outcome = harness_run(&world->harness, &trial);
		tls_server_stop(&server);
		compare(row, &outcome);
	}
}

struct stranger_row {
	const char *what;
	enum manner manner;
	const char *words;
	size_t length;
	enum cause cause;
	const char *detail;
};

#define WORDS(text) (text), sizeof(text) - 1

static const struct stranger_row stranger_rows[] = {
	{ "HTTP", MANNER_ANSWERS, WORDS("HTTP/1.1 400 Bad Request\r\n\r\n"),
		CAUSE_WRONG_PROTOCOL, "HTTP: HTTP/1.1 400 Bad Request" },
	{ "SSH", MANNER_GREETS, WORDS("SSH-2.0-OpenSSH_9.2\r\n"), CAUSE_WRONG_PROTOCOL,
		"SSH: SSH-2.0-OpenSSH_9.2" },
	{ "SMTP", MANNER_GREETS, WORDS("220 mx.test ESMTP\r\n"), CAUSE_WRONG_PROTOCOL,
		"SMTP: 220 mx.test ESMTP" },
	{ "garbage", MANNER_ANSWERS, WORDS("\x01\x02\x03\x04\x05\x06"), CAUSE_GARBAGE,
		"\\x01\\x02\\x03\\x04\\x05\\x06" },
	{ "too little", MANNER_ANSWERS, WORDS("no"), CAUSE_GARBAGE, "no" },
	{ "silence", MANNER_SILENT, NULL, 0, CAUSE_NO_ANSWER, "" },
	{ "half a record", MANNER_ANSWERS, WORDS("\x16\x03\x03\x40\x00\x02"),
		CAUSE_TIMEOUT, "" },
	{ "alert", MANNER_ANSWERS, WORDS("\x15\x03\x03\x00\x02\x02\x50"),
		CAUSE_TLS_HANDSHAKE_FAILURE, "internal error" },
	{ "a warning, then the end", MANNER_PARTS, WORDS("\x15\x03\x03\x00\x02\x01\x70"),
		CAUSE_CLOSED_EARLY, "" },
	{ "a warning, then an alert", MANNER_ANSWERS,
		WORDS("\x15\x03\x03\x00\x02\x01\x70\x15\x03\x03\x00\x02\x02\x50"),
		CAUSE_TLS_HANDSHAKE_FAILURE, "internal error" },
	{ "a warning, then silence", MANNER_ANSWERS,
		WORDS("\x15\x03\x03\x00\x02\x01\x70"), CAUSE_TIMEOUT, "" },
	{ "takes its leave", MANNER_PARTS, WORDS("\x15\x03\x03\x00\x02\x01\x00"),
		CAUSE_CLOSED_EARLY, "" },
	{ "closes", MANNER_CLOSES, NULL, 0, CAUSE_CLOSED_EARLY, "" },
	{ "resets", MANNER_RESETS_LATER, NULL, 0, CAUSE_RESET, "" },
};

static void strangers_are_named(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(stranger_rows) / sizeof(stranger_rows[0]); i++) {
		const struct stranger_row *row = &stranger_rows[i];
		struct trial trial = {
			.kind = probe_tls(), .host = HOST, .timeout_us = 100 * MILLISECOND
		};
		struct partner partner;
		struct outcome outcome;

		partner_open(&partner, world->harness.loop, NULL, row->manner, row->words,
			row->length);
		trial.port = partner.port;
		outcome = harness_run(&world->harness, &trial);
		if (outcome.finding.cause != row->cause)
			fail_msg("%s: %s", row->what, cause_name(outcome.finding.cause));
		assert_string_equal(outcome.finding.evidence.detail, row->detail);
		assert_false(outcome_has_value(&outcome, TLS_GAUGE_VALID));
		partner_close(&partner);
	}
}

static void trust_must_hold_certificates(void **state)
{
	const struct world *world = *state;
	struct tls_trust *trust = NULL;
	char path[128];

	path_of(world, "empty", path);
	fclose(fopen(path, "w"));
	assert_int_equal(tls_trust_new(path, &trust), -EINVAL);
	assert_int_equal(tls_trust_new("/nonexistent/ca.pem", &trust), -ENOENT);
	assert_null(trust);
	tls_trust_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_are_told_apart),
		cmocka_unit_test(strangers_are_named),
		cmocka_unit_test(trust_must_hold_certificates),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
