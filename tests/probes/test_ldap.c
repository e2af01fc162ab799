/* SPDX-License-Identifier: Apache-2.0 */
/* The kind ldap against directories that answer as no real one does on command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/partner.h"
#include "probes/probe_kinds.h"
#include "probes/tls_world.h"

#define DEADLINE    (200 * MILLISECOND) /* of rows that only it ends */
#define HOST        "directory.test"
#define WORDS(text) (text), sizeof(text) - 1

/* Answers to message 2, the question. */
#define DONE        "\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x00\x04\x00\x04\x00"
#define DONE_AS(id) "\x30\x0c\x02\x01" id "\x65\x07\x0a\x01\x00\x04\x00\x04\x00"
#define RESULT(code, text) \
	"\x30\x10\x02\x01\x02\x65\x0b\x0a\x01" code "\x04\x00\x04\x04" text
#define BOUND   "\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\x00\x04\x00\x04\x00"
#define REFUSED "\x30\x10\x02\x01\x02\x61\x0b\x0a\x01\x31\x04\x00\x04\x04none"
#define ENTRY                                                                        \
	"\x30\x43\x02\x01\x02\x64\x3e\x04\x00\x30\x3a\x30\x1b\x04\x14"               \
	"supportedLDAPVersion\x31\x03\x04\x01\x33\x30\x1b\x04\x0enamingContexts\x31" \
	"\x09\x04\x02"                                                               \
	"ab\x04\x03"                                                                 \
	"cde"
#define NOTICE                                                                 \
	"\x30\x28\x02\x01\x00\x78\x23\x0a\x01\x34\x04\x00\x04\x04stop\x8a\x16" \
	"1.3.6.1.4.1.1466.20036"
#define REFERRED                                                                   \
	"\x30\x18\x02\x01\x02\x65\x13\x0a\x01\x0a\x04\x00\x04\x00\xa3\x0a\x04\x08" \
	"ldap://b"
#define INTERMEDIATE "\x30\x05\x02\x01\x02\x79\x00"
#define REFERENCE    "\x30\x05\x02\x01\x02\x73\x00"

struct row {
	const char *what;
	enum manner manner;
	const char *words;
	size_t length;
	const char *operation;
	enum verdict verdict;
	enum cause cause;
	const char *detail; /* of the evidence; NULL = not compared */
};

static const struct row rows[] = {
	{ "entry and done", MANNER_ANSWERS, WORDS(ENTRY DONE), "rootdse", VERDICT_OK,
		CAUSE_NONE, "" },
	{ "octet by octet", MANNER_DRIPS, WORDS(ENTRY DONE), "rootdse", VERDICT_OK,
		CAUSE_NONE, "" },
	{ "nothing to see", MANNER_ANSWERS, WORDS(DONE), "rootdse", VERDICT_OK,
		CAUSE_NONE, "" },
	{ "with what may come between", MANNER_ANSWERS,
		WORDS(INTERMEDIATE REFERENCE ENTRY DONE), "rootdse", VERDICT_OK,
		CAUSE_NONE, "" },
	{ "bound", MANNER_ANSWERS, WORDS(BOUND), "bind", VERDICT_OK, CAUSE_NONE, "" },
	{ "bind refused", MANNER_ANSWERS, WORDS(REFUSED), "bind", VERDICT_DEGRADED,
		CAUSE_LDAP_BIND_REFUSED, "invalidCredentials (49): none" },
	{ "stronger", MANNER_ANSWERS, WORDS(RESULT("\x08", "auth")), "rootdse",
		VERDICT_DEGRADED, CAUSE_LDAP_BIND_REFUSED,
		"strongerAuthRequired (8): auth" },
	{ "inappropriate", MANNER_ANSWERS, WORDS(RESULT("\x30", "anon")), "rootdse",
		VERDICT_DEGRADED, CAUSE_LDAP_BIND_REFUSED,
		"inappropriateAuthentication (48): anon" },
	{ "no access", MANNER_ANSWERS, WORDS(RESULT("\x32", "none")), "rootdse",
		VERDICT_DEGRADED, CAUSE_LDAP_BIND_REFUSED,
		"insufficientAccessRights (50): none" },
	{ "bind first", MANNER_ANSWERS, WORDS(RESULT("\x01", "BIND")), "rootdse",
		VERDICT_DEGRADED, CAUSE_LDAP_BIND_REFUSED, "operationsError (1): BIND" },
	{ "another operations error", MANNER_ANSWERS, WORDS(RESULT("\x01", "oops")),
		"rootdse", VERDICT_DEGRADED, CAUSE_LDAP_RESULT,
		"operationsError (1): oops" },
	{ "busy", MANNER_ANSWERS, WORDS(RESULT("\x33", "\x1b[0m")), "rootdse",
		VERDICT_DEGRADED, CAUSE_LDAP_RESULT, "busy (51): \\x1b[0m" },
	{ "no code of the standard", MANNER_ANSWERS, WORDS(RESULT("\x7f", "what")),
		"rootdse", VERDICT_DEGRADED, CAUSE_LDAP_RESULT,
		"unknown result (127): what" },
	{ "referral", MANNER_ANSWERS, WORDS(REFERRED), "rootdse", VERDICT_DEGRADED,
		CAUSE_LDAP_RESULT, "referral (10): ldap://b" },
	{ "notice of disconnection", MANNER_ANSWERS, WORDS(NOTICE), "rootdse",
		VERDICT_FAILED, CAUSE_LDAP_RESULT,
		"Notice of Disconnection: unavailable (52): stop" },

	{ "another id", MANNER_ANSWERS, WORDS(DONE_AS("\x05")), "rootdse", VERDICT_FAILED,
		CAUSE_GARBAGE, "an answer to message 5, not to 2" },
	{ "another id is waited past", MANNER_ANSWERS, WORDS(DONE_AS("\x05") DONE),
		"rootdse", VERDICT_OK, CAUSE_NONE, "" },
	{ "an answer to another question", MANNER_ANSWERS, WORDS(BOUND), "rootdse",
		VERDICT_FAILED, CAUSE_GARBAGE,
		"an answer that fits no question of ours" },
	{ "an entry for a bind", MANNER_ANSWERS, WORDS(ENTRY), "bind", VERDICT_FAILED,
		CAUSE_GARBAGE, "an answer that fits no question of ours" },
	{ "an echo", MANNER_ANSWERS,
		WORDS("\x30\x0c\x02\x01\x02\x60\x07\x02\x01\x03\x04\x00\x80\x00"), "bind",
		VERDICT_FAILED, CAUSE_GARBAGE,
		"an answer that fits no question of ours" },

	{ "a part", MANNER_ANSWERS, ENTRY, sizeof(ENTRY) - 10, "rootdse", VERDICT_FAILED,
		CAUSE_TIMEOUT, "" },
	{ "no end of entries", MANNER_ANSWERS, WORDS(ENTRY), "rootdse", VERDICT_FAILED,
		CAUSE_TIMEOUT, "" },
	{ "closed before the end", MANNER_PARTS, WORDS(ENTRY), "rootdse", VERDICT_FAILED,
		CAUSE_CLOSED_EARLY, "" },
	{ "a flood of entries", MANNER_FLOODS, WORDS(ENTRY), "rootdse", VERDICT_FAILED,
		CAUSE_GARBAGE, "more than 65536 octets without an end" },
	{ "indefinite length", MANNER_ANSWERS, WORDS("\x30\x80\x02\x01\x02"), "rootdse",
		VERDICT_FAILED, CAUSE_GARBAGE,
		"a message of indefinite length, 5 octets" },
	{ "2 GiB", MANNER_ANSWERS, WORDS("\x30\x84\x7f\xff\xff\xff\x02\x01\x02"),
		"rootdse", VERDICT_FAILED, CAUSE_GARBAGE,
		"a message is announced that is too long, 2147483653 octets" },
	{ "a length in 126 octets", MANNER_ANSWERS, WORDS("\x30\xfe\xff\xff\xff"),
		"rootdse", VERDICT_FAILED, CAUSE_GARBAGE, "0\\xfe\\xff\\xff\\xff" },
	{ "nested without sense", MANNER_ANSWERS,
		WORDS("\x30\x08\x30\x06\x30\x04\x30\x02\x30\x00"), "rootdse",
		VERDICT_FAILED, CAUSE_GARBAGE,
		"a message that is not one of LDAP, 10 octets" },
	{ "a string longer than the message", MANNER_ANSWERS,
		WORDS("\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x00\x04\x7f\x04\x00"),
		"rootdse", VERDICT_FAILED, CAUSE_GARBAGE,
		"a message that is not one of LDAP, 14 octets" },
	{ "garbage behind the entry", MANNER_ANSWERS, WORDS(ENTRY "rubbish"), "rootdse",
		VERDICT_FAILED, CAUSE_GARBAGE, "rubbish" },
	{ "a web server", MANNER_ANSWERS, WORDS("HTTP/1.0 400 Bad Request\r\n\r\n"),
		"rootdse", VERDICT_FAILED, CAUSE_WRONG_PROTOCOL,
		"HTTP: HTTP/1.0 400 Bad Request" },
	{ "TLS wanted", MANNER_ANSWERS, WORDS("\x15\x03\x01\x00\x02\x02\x0a"), "rootdse",
		VERDICT_FAILED, CAUSE_WRONG_PROTOCOL,
		"TLS: \\x15\\x03\\x01\\x00\\x02\\x02" },
	{ "nothing", MANNER_SILENT, NULL, 0, "rootdse", VERDICT_FAILED, CAUSE_NO_ANSWER,
		"" },
};

static bool waits(const struct row *row)
{
	return row->cause == CAUSE_NO_ANSWER || row->cause == CAUSE_TIMEOUT ||
		(row->detail && strncmp(row->detail, "an answer ", 10) == 0);
}

static void compare(const struct row *row, const struct outcome *outcome)
{
	harness_found(row->what, outcome, row->verdict, row->cause, row->detail);
}

static bool is_unbound(const struct partner *partner)
{
	static const char unbind[] = "\x30\x05\x02\x01\x03\x42\x00";
	size_t length = sizeof(unbind) - 1;

	return partner->received >= length &&
		memcmp(partner->heard + partner->received - length, unbind, length) == 0;
}

static void directories_are_told_apart(void **state)
{
	struct tls_world *world = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const char *options[] = { "operation", row->operation, NULL };
		struct trial trial = { .kind = probe_ldap(),
			.options = options,
			.timeout_us = waits(row) ? DEADLINE : 0 };
		struct partner partner;
		struct outcome outcome;

		partner_open(&partner, world->harness.loop, NULL, row->manner, row->words,
			row->length);
		trial.port = partner.port;
		outcome = harness_run(&world->harness, &trial);
		harness_turn(&world->harness, 2 * MILLISECOND);
		partner_close(&partner);
		compare(row, &outcome);
		/* a flood that cannot be read away has its reset from itself */
		if (row->manner != MANNER_FLOODS && partner.resets != 0)
			fail_msg("%s: parted with a reset", row->what);
		if (row->manner != MANNER_FLOODS && !is_unbound(&partner))
			fail_msg("%s: no goodbye", row->what);
	}
}

static double value(const struct outcome *outcome, const char *name)
{
	return harness_value(probe_ldap(), outcome, name);
}

static void facts_are_measured(void **state)
{
	struct tls_world *world = *state;
	struct trial trial = { .kind = probe_ldap() };
	struct partner partner;
	struct outcome outcome;

	partner_open(
		&partner, world->harness.loop, NULL, MANNER_ANSWERS, WORDS(ENTRY DONE));
	trial.port = partner.port;
	outcome = harness_run(&world->harness, &trial);
	assert_true(value(&outcome, "ldap_result_code") == 0);
	assert_true(value(&outcome, "ldap_entries") == 1);
	assert_true(value(&outcome, "ldap_naming_contexts") == 2);
	assert_true(value(&outcome, "ldap_version_3_supported") == 1);
	/* not shown is not "no" */
	assert_true(value(&outcome, "ldap_starttls_supported") == -1);
	partner_close(&partner);
}

/* ---- by TLS ---- */

#define AGREED                                                             \
	"\x30\x24\x02\x01\x01\x78\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x16" \
	"1.3.6.1.4.1.1466.20037"
#define DECLINED "\x30\x10\x02\x01\x01\x78\x0b\x0a\x01\x02\x04\x00\x04\x04nope"

struct secure_row {
	struct row row;
	const char *security;
	const char *consent; /* to StartTLS; NULL = TLS from the start */
	size_t consent_length;
	bool by_tls; /* goes on by TLS */
};

static const struct secure_row secure_rows[] = {
	{ { .what = "StartTLS",
		  MANNER_SILENT,
		  WORDS(ENTRY DONE),
		  .verdict = VERDICT_OK,
		  .detail = "" },
		"starttls", WORDS(AGREED), true },
	{ { .what = "TLS from the start",
		  MANNER_SILENT,
		  WORDS(ENTRY DONE),
		  .verdict = VERDICT_OK,
		  .detail = "" },
		"tls", NULL, 0, true },
	{ { .what = "an error by TLS",
		  MANNER_SILENT,
		  WORDS(RESULT("\x08", "auth")),
		  .verdict = VERDICT_DEGRADED,
		  .cause = CAUSE_LDAP_BIND_REFUSED,
		  .detail = "strongerAuthRequired (8): auth" },
		"tls", NULL, 0, true },
	{ { .what = "silence behind TLS",
		  .verdict = VERDICT_FAILED,
		  .cause = CAUSE_NO_ANSWER,
		  .detail = "" },
		"tls", NULL, 0, true },
	{ { .what = "StartTLS refused",
		  .verdict = VERDICT_FAILED,
		  .cause = CAUSE_LDAP_RESULT,
		  .detail = "to StartTLS: protocolError (2): nope" },
		"starttls", WORDS(DECLINED), false },
	{ { .what = "slipped in before TLS",
		  .verdict = VERDICT_FAILED,
		  .cause = CAUSE_GARBAGE,
		  .detail = "14 octets in the clear before the TLS handshake" },
		"starttls", WORDS(AGREED DONE), false },
	{ { .what = "ended for StartTLS",
		  .verdict = VERDICT_FAILED,
		  .cause = CAUSE_LDAP_RESULT,
		  .detail = "Notice of Disconnection: unavailable (52): stop" },
		"starttls", WORDS(NOTICE), false },
};

static bool agree(const struct tls_partner *partner, int fd)
{
	const struct secure_row *row = partner->script;
	char heard[256];

	if (!row->consent)
		return true;
	if (recv(fd, heard, sizeof(heard), 0) <= 0)
		return false;
	send(fd, row->consent, row->consent_length, MSG_NOSIGNAL);
	if (!row->by_tls)
		tls_partner_await_end(partner, fd, NULL);
	return row->by_tls;
}

static void talk(const struct tls_partner *partner, SSL *ssl)
{
	const struct secure_row *row = partner->script;
	char heard[256];

	if (SSL_read(ssl, heard, sizeof(heard)) > 0 && row->row.length > 0)
		tls_partner_say_records(ssl, row->row.words, (int)row->row.length, 1);
	tls_partner_await_end(partner, -1, ssl);
}

static struct outcome play(
	struct tls_world *world, const struct secure_row *row, const char *host)
{
	const char *options[] = { "security", row->security, "trust", world->trusted,
		NULL };
	struct tls_partner partner;

	tls_partner_init(&partner, &world->shown);
	partner.agree = agree;
	partner.talk_by = talk;
	partner.script = row;
	return tls_partner_asked(&world->harness, &partner,
		(struct trial){ .kind = probe_ldap(),
			.host = host,
			.options = options,
			.quiet = waits(&row->row) ? &partner.quiet : NULL });
}

static void tls_is_begun_and_judged(void **state)
{
	for (size_t i = 0; i < sizeof(secure_rows) / sizeof(secure_rows[0]); i++) {
		const struct secure_row *row = &secure_rows[i];
		struct outcome outcome = play(*state, row, HOST);

		compare(&row->row, &outcome);
		assert_int_equal(
			value(&outcome, "tls_certificate_valid") == 1, row->by_tls);
	}
}

/* The directory answers well, but nobody should believe that it is the one. */
static void a_stranger_s_certificate_fails(void **state)
{
	static const struct secure_row row = { { .what = "stranger",
						       MANNER_SILENT,
						       WORDS(DONE),
						       .verdict = VERDICT_FAILED,
						       .cause = CAUSE_TLS_WRONG_HOST },
		"starttls", WORDS(AGREED), true };
	struct outcome outcome = play(*state, &row, "other.test");

	compare(&row.row, &outcome);
	assert_true(value(&outcome, "ldap_result_code") == 0);
}

static int set_up(void **state)
{
	return tls_world_set_up(state,
		&(struct credential_spec){
			.name = "directory", .alternatives = "DNS:" HOST });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories_are_told_apart),
		cmocka_unit_test(facts_are_measured),
		cmocka_unit_test(tls_is_begun_and_judged),
		cmocka_unit_test(a_stranger_s_certificate_fails),
	};

	return cmocka_run_group_tests(tests, set_up, tls_world_tear_down);
}
