/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a certificate, each as a gauge: key, signature, chain, staple, issuer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "net/nginx.h"
#include "net/transfer.h"
#include "probes/probe_kinds.h"
#include "probes/tls_gauges.h"
#include "probes/tls_world.h"

#define HOST "pbx.test"

struct world {
	struct harness harness;
	struct tls_trust *trust;
	struct transfers *transfers;
	struct credential root, issuer, leaf;
	char folder[64];
	char root_path[128], issuer_path[128], leaf_path[128];
};

static void write_one(const struct world *world, const struct credential *credential,
	const char *name, bool key, char path[128])
{
	snprintf(path, 128, "%s/%s.pem", world->folder, name);
	credential_write(credential, path, key);
}

static int set_up(void **state)
{
	static const struct credential_spec root = {
		.name = "Test Root", .organisation = "Test", .authority = true
	};
	static const struct credential_spec issuer = {
		.name = "Test Issuer", .organisation = "Test", .authority = true
	};
	static const struct credential_spec leaf = { .name = "pbx",
		.alternatives = "DNS:" HOST };
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	credentials_folder(world->folder);
	world->root = credential_make(&root, NULL);
	world->issuer = credential_make(&issuer, &world->root);
	world->leaf = credential_make(&leaf, &world->issuer);
	write_one(world, &world->root, "root", false, world->root_path);
	write_one(world, &world->issuer, "issuer", true, world->issuer_path);
	write_one(world, &world->leaf, "leaf", true, world->leaf_path);
	harness_open(&world->harness);
	assert_int_equal(tls_trust_new(world->root_path, &world->trust), 0);
	assert_int_equal(
		transfers_new(world->harness.loop, world->trust, &world->transfers), 0);
	world->harness.services.trust = world->trust;
	world->harness.services.transfers = world->transfers;
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	transfers_free(world->transfers);
	tls_trust_free(world->trust);
	harness_close(&world->harness);
	credential_free(&world->root);
	credential_free(&world->issuer);
	credential_free(&world->leaf);
	credentials_remove(world->folder);
	free(world);
	return 0;
}

static const char *label_of(
	const struct outcome *outcome, unsigned gauge, const char *const *names)
{
	return outcome_has_value(outcome, gauge) ? names[(size_t)outcome->values[gauge]]
						 : "absent";
}

struct key_row {
	struct credential_spec spec;
	const char *key;
	double size;
	const char *signature;
};

/* Self-signed, so that the key signs what it is in; all of it is known nevertheless. */
static const struct key_row key_rows[] = {
	{ { .name = "a" }, "EC", 256, "ECDSA-SHA256" },
	{ { .name = "b", .key = "P-384", .digest = "SHA384" }, "EC", 384,
		"ECDSA-SHA384" },
	{ { .name = "c", .key = "P-521", .digest = "SHA512" }, "EC", 521,
		"ECDSA-SHA512" },
	{ { .name = "d", .sha1 = true }, "EC", 256, "ECDSA-SHA1" },
	{ { .name = "e", .rsa_bits = 2048 }, "RSA", 2048, "RSA-SHA256" },
	{ { .name = "f", .rsa_bits = 3072, .digest = "SHA384" }, "RSA", 3072,
		"RSA-SHA384" },
	{ { .name = "g", .rsa_bits = 2048, .digest = "SHA512" }, "RSA", 2048,
		"RSA-SHA512" },
	{ { .name = "h", .rsa_bits = 1024, .sha1 = true }, "RSA", 1024, "RSA-SHA1" },
	{ { .name = "i", .rsa_bits = 1024, .digest = "MD5" }, "RSA", 1024, "RSA-MD5" },
	{ { .name = "j", .key = "RSA-PSS" }, "RSA-PSS", 2048, "RSA-PSS" },
	{ { .name = "k", .key = "ED25519" }, "Ed25519", 256, "Ed25519" },
	{ { .name = "l", .key = "ED448" }, "Ed448", 456, "Ed448" },
	{ { .name = "m", .rsa_bits = 2048, .digest = "SHA3-256" }, "RSA", 2048, "other" },
};

static void keys_and_signatures_are_named(void **state)
{
	static const char *const any[] = { "trust", "any", NULL };
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(key_rows) / sizeof(key_rows[0]); i++) {
		const struct key_row *row = &key_rows[i];
		struct credential made = credential_make(&row->spec, NULL);
		struct trial trial = {
			.kind = probe_tls(), .host = HOST, .options = any
		};
		struct tls_partner partner;
		struct outcome outcome;

		tls_partner_init(&partner, &made);
		outcome = tls_partner_asked(&world->harness, &partner, trial);
		credential_free(&made);
		assert_int_equal(outcome.finding.verdict, VERDICT_OK);
		assert_string_equal(
			label_of(&outcome, TLS_GAUGE_KEY, tls_key_names), row->key);
		assert_string_equal(
			label_of(&outcome, TLS_GAUGE_SIGNATURE, tls_signature_names),
			row->signature);
		assert_int_equal(outcome.values[TLS_GAUGE_KEY_SIZE], row->size);
		assert_int_equal(outcome.values[TLS_GAUGE_CHAIN], 1);
		assert_string_equal(
			label_of(&outcome, TLS_GAUGE_OCSP, tls_ocsp_names), "none");
	}
}

/* With the issuer sent, with all sent, and alone: who vouches is another name only where
 * nobody says who vouches for the issuer. */
static void who_vouches_is_known_also_when_untrusted(void **state)
{
	struct world *world = *state;
	char root[256], issuer[256];
	const struct {
		bool issuer, root;
		const char *voucher;
		unsigned count;
		enum cause cause;
	} rows[] = {
		{ true, false, root, 2, CAUSE_NONE },
		{ true, true, root, 3, CAUSE_NONE },
		{ false, false, issuer, 1, CAUSE_TLS_INCOMPLETE_CHAIN },
	};

	X509_NAME_oneline(X509_get_issuer_name(world->issuer.certificate), root, 256);
	X509_NAME_oneline(X509_get_issuer_name(world->leaf.certificate), issuer, 256);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trial trial = { .kind = probe_tls(), .host = HOST };
		struct tls_partner partner;
		struct outcome outcome;

		tls_partner_init(&partner, &world->leaf);
		if (rows[i].issuer)
			SSL_CTX_add1_chain_cert(
				partner.context, world->issuer.certificate);
		if (rows[i].root)
			SSL_CTX_add1_chain_cert(partner.context, world->root.certificate);
		outcome = tls_partner_asked(&world->harness, &partner, trial);
		assert_int_equal(outcome.finding.cause, rows[i].cause);
		assert_int_equal(outcome.values[TLS_GAUGE_CHAIN], rows[i].count);
		assert_true(outcome.issuer == text_hash(rows[i].voucher));
	}
}

/*
 * A response as the command openssl makes it. \param state  of the certificate, as the
 * index of `openssl ca` has it: "V", or "R" with "YYMMDDHHMMSSZ,reason"
 * \retval false  there is no such program
 */
static bool make_response(
	const struct world *world, const char *state, const char *revoked, char path[128])
{
	const char *const arguments[] = { "openssl", "ocsp", "-index", "index.txt", "-CA",
		world->issuer_path, "-rsigner", world->issuer_path, "-rkey",
		world->issuer_path, "-issuer", world->issuer_path, "-cert",
		world->leaf_path, "-ndays", "3", "-respout", path, NULL };
	FILE *file;

	snprintf(path, 128, "%s/index.txt", world->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%s\t400101000000Z\t%s\t%lX\tunknown\t/CN=pbx\n", state, revoked,
		ASN1_INTEGER_get(X509_get0_serialNumber(world->leaf.certificate)));
	fclose(file);
	snprintf(path, 128, "%s/response.der", world->folder);
	return credentials_run(world->folder, arguments);
}

struct staple_row {
	const char *state, *revoked;
	const char *status;
	enum cause cause;
	const char *detail;
};

static const struct staple_row staple_rows[] = {
	{ "V", "", "good", CAUSE_NONE, "" },
	{ "R", "261001000000Z,keyCompromise", "revoked", CAUSE_TLS_UNTRUSTED,
		"pbx, revoked 2026-10-01 (keyCompromise)" },
	{ "R", "261001000000Z", "revoked", CAUSE_TLS_UNTRUSTED,
		"pbx, revoked 2026-10-01" },
};

static void compare_staple(const struct staple_row *row, const struct outcome *outcome)
{
	assert_string_equal(
		label_of(outcome, TLS_GAUGE_OCSP, tls_ocsp_names), row->status);
	if (outcome->finding.cause != row->cause)
		fail_msg("%s: %s", row->status, cause_name(outcome->finding.cause));
	assert_string_equal(outcome->finding.evidence.detail, row->detail);
	assert_int_equal(
		outcome->values[TLS_GAUGE_VALID], row->cause == CAUSE_NONE ? 1 : 0);
}

static void real_servers_staple(void **state)
{
	static const char *const versions[] = { "-tls1_2", "-tls1_3" };
	struct world *world = *state;
	char response[128];

	for (size_t i = 0; i < 2 * sizeof(staple_rows) / sizeof(staple_rows[0]); i++) {
		const struct staple_row *row = &staple_rows[i / 2];
		const char *const arguments[] = { "-cert", world->leaf_path, "-key",
			world->leaf_path, "-cert_chain", world->issuer_path,
			"-status_file", response, versions[i % 2], NULL };
		struct trial trial = { .kind = probe_tls(), .host = HOST };
		struct tls_server server;
		struct outcome outcome;

		if (!make_response(world, row->state, row->revoked, response) ||
			!tls_server_start(&server, arguments))
			skip();
		trial.port = server.port;
		outcome = harness_run(&world->harness, &trial);
		tls_server_stop(&server);
		compare_staple(row, &outcome);
	}
}

/* libcurl's sessions are asked for a staple as our own are. */
static void nginx_staples_too(void **state)
{
	static const char *const options[] = { "tls", "true", NULL };
	struct world *world = *state;
	struct nginx nginx = { 0 };
	uint16_t port = nginx_listen(&nginx);
	struct trial trial = {
		.kind = probe_http(), .host = HOST, .port = port, .options = options
	};
	struct outcome outcome;
	char servers[1024], response[128], both[128];

	snprintf(both, sizeof(both), "%s/both.pem", world->folder);
	credential_write(&world->leaf, both, false);
	credential_write(&world->issuer, both, false);
	if (!make_response(world, "R", "261001000000Z", response))
		skip();
	snprintf(servers, sizeof(servers),
		"server { listen 127.0.0.1:%u ssl; ssl_certificate %s; "
		"ssl_certificate_key %s; ssl_stapling on; ssl_stapling_file %s; "
		"location / { return 204; } }",
		port, both, world->leaf_path, response);
	if (!nginx_start(&nginx, world->folder, servers))
		skip();
	outcome = harness_run(&world->harness, &trial);
	nginx_stop(&nginx);
	compare_staple(&staple_rows[2], &outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_signatures_are_named),
		cmocka_unit_test(who_vouches_is_known_also_when_untrusted),
		cmocka_unit_test(real_servers_staple),
		cmocka_unit_test(nginx_staples_too),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
