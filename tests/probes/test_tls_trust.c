/* SPDX-License-Identifier: Apache-2.0 */
/* The option trust: what is refused with which words, and what each value proves. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "net/transfer.h"
#include "probes/probe_kinds.h"
#include "probes/tls_gauges.h"
#include "probes/tls_policy.h"
#include "probes/tls_world.h"

#define HOST "pbx.test"

#define PIN_A                                                                         \
	"AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:" \
	"CD:EF:01:23:45:67:89"

enum shown { SHOWN_OWN, SHOWN_EXPIRED, SHOWN_WEAK, SHOWN_SIGNED, SHOWN_COUNT };

struct world {
	struct harness harness;
	struct tls_trust *trust;
	struct transfers *transfers;
	struct credential authority;
	struct credential shown[SHOWN_COUNT];
	char folder[64];
	char authority_path[128];
	char pins[SHOWN_COUNT][128]; /* "pin:AB:CD…" */
	char file[160];              /* "ca:/…" */
};

static const struct credential_spec specs[SHOWN_COUNT] = {
	[SHOWN_OWN] = { .name = "starface", .alternatives = "DNS:starface.local" },
	[SHOWN_EXPIRED] = { .name = "old",
		.alternatives = "DNS:" HOST,
		.from_days = -30,
		.to_days = -3 },
	[SHOWN_WEAK] = { .name = "weak", .rsa_bits = 1024 },
	[SHOWN_SIGNED] = { .name = "signed", .alternatives = "DNS:" HOST, .sha1 = true },
};

/* As openssl x509 -fingerprint -sha256 prints it. */
static void print_pin(const struct credential *credential, char text[128])
{
	uint8_t digest[TLS_PIN_OCTETS];
	size_t used = (size_t)snprintf(text, 128, "pin");

	assert_int_equal(
		X509_digest(credential->certificate, EVP_sha256(), digest, NULL), 1);
	for (size_t i = 0; i < sizeof(digest); i++)
		used += (size_t)snprintf(text + used, 128 - used, ":%02X", digest[i]);
}

static int set_up(void **state)
{
	static const struct credential_spec authority = {
		.name = "Inhouse Authority", .organisation = "Inhouse", .authority = true
	};
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	credentials_folder(world->folder);
	world->authority = credential_make(&authority, NULL);
	snprintf(world->authority_path, 128, "%s/authority.pem", world->folder);
	credential_write(&world->authority, world->authority_path, false);
	snprintf(world->file, sizeof(world->file), "ca:%s", world->authority_path);
	for (size_t i = 0; i < SHOWN_COUNT; i++) {
		world->shown[i] = credential_make(
			&specs[i], i == SHOWN_SIGNED ? &world->authority : NULL);
		print_pin(&world->shown[i], world->pins[i]);
	}
	harness_open(&world->harness);
	assert_int_equal(tls_trust_new(NULL, &world->trust), 0);
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
	for (size_t i = 0; i < SHOWN_COUNT; i++)
		credential_free(&world->shown[i]);
	credential_free(&world->authority);
	credentials_remove(world->folder);
	free(world);
	return 0;
}

static void speak_http(SSL *ssl)
{
	char heard[1024];

	SSL_read(ssl, heard, sizeof(heard));
	tls_partner_say_records(ssl, "HTTP/1.1 204 No Content\r\n\r\n", 27, 1);
}

struct row {
	const char *what;
	enum shown shown;
	const char *trust; /* NULL = the pin of `pinned` */
	enum shown pinned;
	enum cause cause;
	enum verdict verdict;
	bool valid;
	const char *detail;
};

static const struct row rows[] = {
	{ .what = "pinned, of another name",
		.shown = SHOWN_OWN,
		.pinned = SHOWN_OWN,
		.verdict = VERDICT_OK,
		.valid = true },
	{ .what = "pinned, expired",
		.shown = SHOWN_EXPIRED,
		.pinned = SHOWN_EXPIRED,
		.cause = CAUSE_TLS_EXPIRED,
		.verdict = VERDICT_FAILED,
		.detail = "old, expired 20" },
	{ .what = "pinned, a weak key",
		.shown = SHOWN_WEAK,
		.pinned = SHOWN_WEAK,
		.cause = CAUSE_TLS_WEAK_KEY,
		.verdict = VERDICT_DEGRADED,
		.valid = true },
	{ .what = "pinned: how the issuer signed is nobody's business",
		.shown = SHOWN_SIGNED,
		.pinned = SHOWN_SIGNED,
		.verdict = VERDICT_OK,
		.valid = true },
	{ .what = "another one than the pinned",
		.shown = SHOWN_OWN,
		.pinned = SHOWN_SIGNED,
		.cause = CAUSE_TLS_UNTRUSTED,
		.verdict = VERDICT_FAILED,
		.detail = ", starface" },
	{ .what = "unknown to the system",
		.shown = SHOWN_SIGNED,
		.trust = "system",
		.cause = CAUSE_TLS_UNTRUSTED,
		.verdict = VERDICT_FAILED,
		.detail = "issuer Inhouse Authority" },
	{ .what = "unknown to the system, reported",
		.shown = SHOWN_SIGNED,
		.trust = "report",
		.cause = CAUSE_TLS_UNTRUSTED,
		.verdict = VERDICT_DEGRADED },
	{ .what = "known by the file",
		.shown = SHOWN_SIGNED,
		.trust = "ca:",
		.cause = CAUSE_TLS_WEAK_KEY,
		.verdict = VERDICT_DEGRADED,
		.valid = true,
		.detail = "ecdsa-with-SHA1" },
	{ .what = "unknown to the file",
		.shown = SHOWN_OWN,
		.trust = "ca:",
		.cause = CAUSE_TLS_SELF_SIGNED,
		.verdict = VERDICT_FAILED,
		.detail = "starface; tls-wrong-host" },
	{ .what = "expired and of an unknown issuer", /* both are said */
		.shown = SHOWN_EXPIRED,
		.trust = "system",
		.cause = CAUSE_TLS_SELF_SIGNED,
		.verdict = VERDICT_FAILED,
		.detail = "old; tls-expired" },
	{ .what = "anything",
		.shown = SHOWN_EXPIRED,
		.trust = "any",
		.verdict = VERDICT_OK },
};

static void compare(
	const struct row *row, const char *kind, const struct outcome *outcome)
{
	const struct finding *finding = &outcome->finding;

	if (finding->cause != row->cause || finding->verdict != row->verdict ||
		(row->detail && !strstr(finding->evidence.detail, row->detail)))
		fail_msg("%s, %s: %s %s \"%s\"", row->what, kind,
			verdict_name(finding->verdict), cause_name(finding->cause),
			finding->evidence.detail);
	assert_true(outcome_has_value(outcome, TLS_GAUGE_NOT_AFTER));
	assert_int_equal(outcome->values[TLS_GAUGE_VALID], row->valid);
}

static void try_row(struct world *world, const struct row *row)
{
	const char *trust = row->trust ? row->trust : world->pins[row->pinned];
	const char *options[] = { "trust", strcmp(trust, "ca:") ? trust : world->file,
		NULL, NULL, NULL };
	struct trial trial = { .host = HOST, .options = options };
	struct tls_partner partner;
	struct outcome outcome;

	tls_partner_init(&partner, &world->shown[row->shown]);
	partner.talk = speak_http;
	tls_partner_start(&partner);
	trial.port = partner.port;
	trial.kind = probe_tls();
	outcome = harness_run(&world->harness, &trial);
	compare(row, "tls", &outcome);
	options[2] = "tls";
	options[3] = "true";
	trial.kind = probe_http();
	outcome = harness_run(&world->harness, &trial);
	compare(row, "http", &outcome);
	tls_partner_stop(&partner);
}

static void each_policy_proves_its_own(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		try_row(*state, &rows[i]);
}

/* The evidence of a wrong pin is what one would pin instead. */
static void a_wrong_pin_shows_the_right_one(void **state)
{
	struct world *world = *state;
	const char *options[] = { "trust", "pin:" PIN_A, NULL };
	struct trial trial = { .kind = probe_tls(), .host = HOST, .options = options };
	struct tls_partner partner;
	struct outcome outcome;
	char pin[TLS_PIN_OCTETS * 2 + 1];
	uint8_t shown[TLS_PIN_OCTETS], said[TLS_PIN_OCTETS];

	tls_partner_init(&partner, &world->shown[SHOWN_OWN]);
	outcome = tls_partner_asked(&world->harness, &partner, trial);
	assert_int_equal(
		sscanf(outcome.finding.evidence.detail, "SHA-256 %64[0-9a-f],", pin), 1);
	assert_true(tls_pin_parse(pin, said));
	assert_true(tls_pin_parse(world->pins[SHOWN_OWN] + 4, shown));
	assert_memory_equal(said, shown, sizeof(said));
}

static void pins_are_read_in_both_forms(void **state)
{
	static const char *const bad[] = { "", "AB", PIN_A ":", PIN_A ":00", ":" PIN_A,
		"ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF012345678",
		"ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF012345678G",
		"AB-CD-EF-01-23-45-67-89-AB-CD-EF-01-23-45-67-89-AB-CD-EF-01-23-45-67-"
		"89-AB-CD-EF-01-23-45-67-89",
		"sha256 Fingerprint=" PIN_A };
	uint8_t divided[TLS_PIN_OCTETS], plain[TLS_PIN_OCTETS];

	(void)state;
	assert_true(tls_pin_parse(PIN_A, divided));
	assert_true(tls_pin_parse(
		"abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789",
		plain));
	assert_memory_equal(divided, plain, sizeof(plain));
	assert_int_equal(plain[0], 0xab);
	assert_int_equal(plain[31], 0x89);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (tls_pin_parse(bad[i], plain))
			fail_msg("\"%s\" was read", bad[i]);
	}
}

static void bad_values_say_what_to_write(void **state)
{
	const struct world *world = *state;
	char empty[160], missing[160], folder[160];
	const struct {
		const char *trust;
		const char *sentence;
	} bad[] = {
		{ "", "trust \"\" is not known; write \"system\"" },
		{ "sytem", "trust \"sytem\" is not known; write \"system\", \"report\"" },
		{ "\x1b[2J", "trust \"\\x1b[2J\" is not known" },
		{ "pin:", "64 hexadecimal digits" },
		{ "pin:AB:CD", "64 hexadecimal digits" },
		{ "ca:", "the whole path" },
		{ "ca:bundle.pem", "the whole path" },
		{ missing, "No such file or directory; write a PEM file" },
		{ empty, "holds no certificate; write a PEM file" },
		{ folder, "holds no certificate; write a PEM file" },
	};

	snprintf(missing, sizeof(missing), "ca:%s/none.pem", world->folder);
	snprintf(empty, sizeof(empty), "ca:%s/empty.pem", world->folder);
	snprintf(folder, sizeof(folder), "ca:%s", world->folder);
	fclose(fopen(empty + 3, "w"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct tls_policy policy = { .trust = bad[i].trust };
		char why[256] = "";

		assert_false(tls_policy_prepare(&policy, why, sizeof(why)));
		assert_null(policy.own);
		if (!strstr(why, bad[i].sentence))
			fail_msg("\"%s\": %s", bad[i].trust, why);
		tls_policy_release(&policy);
	}
}

static void touch(const char *path)
{
	const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* A reload prepares the new rows before the old ones are released. */
static void a_file_is_loaded_once_until_it_changes(void **state)
{
	const struct world *world = *state;
	struct tls_policy first = { .trust = world->file }, second = first,
			  changed = first;
	char why[256];

	assert_true(tls_policy_prepare(&first, why, sizeof(why)));
	assert_true(tls_policy_prepare(&second, why, sizeof(why)));
	assert_ptr_equal(first.own, second.own);
	touch(world->authority_path);
	assert_true(tls_policy_prepare(&changed, why, sizeof(why)));
	assert_ptr_not_equal(first.own, changed.own);
	tls_policy_release(&first);
	assert_non_null(tls_trust_store(second.own));
	tls_policy_release(&second);
	tls_policy_release(&changed);
	tls_policy_release(&changed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pins_are_read_in_both_forms),
		cmocka_unit_test(bad_values_say_what_to_write),
		cmocka_unit_test(a_file_is_loaded_once_until_it_changes),
		cmocka_unit_test(each_policy_proves_its_own),
		cmocka_unit_test(a_wrong_pin_shows_the_right_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
