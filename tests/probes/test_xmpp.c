/* SPDX-License-Identifier: Apache-2.0 */
/* The kind xmpp against chat servers that behave as no real one does on command. */
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
#define HOST        "pbx.test"
#define WORDS(text) (text), sizeof(text) - 1

#define OPENED(version)                                                             \
	"<?xml version='1.0'?><stream:stream xmlns:stream="                         \
	"'http://etherx.jabber.org/streams' xmlns='jabber:client' from='" HOST "' " \
	"id='1' " version ">"
#define HEADER          OPENED("version='1.0'")
#define FEATURES(inner) "<stream:features>" inner "</stream:features>"
#define STARTTLS \
	"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
#define MECHANISMS                                                              \
	"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN" \
	"</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>"
#define ERROR(name, inner)                                                           \
	"<stream:error><" name " xmlns='urn:ietf:params:xml:ns:xmpp-streams'>" inner \
	"</" name "></stream:error></stream:stream>"
#define PROCEED "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define FAILURE "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"

/* What the server says to our first words in the clear. */
struct row {
	const char *what;
	enum manner manner;
	const char *words;
	size_t length;
	enum verdict verdict;
	enum cause cause;
	const char *detail; /* of the evidence; NULL = not compared */
};

static const char blanks[] = "                                                    ";

static const struct row rows[] = {
	{ "without TLS", MANNER_ANSWERS, WORDS(HEADER FEATURES(MECHANISMS)),
		VERDICT_FAILED, CAUSE_XMPP_NO_STARTTLS, "features without STARTTLS" },
	{ "octet by octet", MANNER_DRIPS, WORDS(HEADER FEATURES(MECHANISMS)),
		VERDICT_FAILED, CAUSE_XMPP_NO_STARTTLS, "features without STARTTLS" },
	{ "before 1.0", MANNER_ANSWERS, WORDS(OPENED("")), VERDICT_FAILED,
		CAUSE_XMPP_NO_STARTTLS, "a stream older than version 1.0" },
	{ "another host", MANNER_ANSWERS,
		WORDS(HEADER ERROR("see-other-host", "chat.test:5223")), VERDICT_DEGRADED,
		CAUSE_XMPP_SEE_OTHER_HOST, "see-other-host: chat.test:5223" },
	{ "host unknown", MANNER_ANSWERS, WORDS(HEADER ERROR("host-unknown", "")),
		VERDICT_FAILED, CAUSE_XMPP_STREAM_ERROR,
		"host-unknown: asked for " HOST },
	{ "an error without a header", MANNER_ANSWERS,
		WORDS("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>"
		      "" ERROR("policy-violation", "")),
		VERDICT_FAILED, CAUSE_XMPP_STREAM_ERROR, "policy-violation" },
	{ "an error of its own", MANNER_DRIPS, WORDS(HEADER ERROR("bad-mood", "")),
		VERDICT_FAILED, CAUSE_XMPP_STREAM_ERROR, "no known condition" },
	{ "closed in order", MANNER_ANSWERS, WORDS(HEADER "</stream:stream>"),
		VERDICT_FAILED, CAUSE_CLOSED_EARLY, "the stream was closed" },
	{ "closed without a word", MANNER_CLOSES, NULL, 0, VERDICT_FAILED,
		CAUSE_CLOSED_EARLY, "" },
	{ "closed within the header", MANNER_PARTS, WORDS("<?xml version='1.0'?><str"),
		VERDICT_FAILED, CAUSE_CLOSED_EARLY, "" },
	{ "nothing", MANNER_SILENT, NULL, 0, VERDICT_FAILED, CAUSE_NO_ANSWER, "" },
	{ "only a header", MANNER_ANSWERS, WORDS(HEADER), VERDICT_FAILED, CAUSE_TIMEOUT,
		"" },
	{ "features that never end", MANNER_ANSWERS,
		WORDS(HEADER "<stream:features>" STARTTLS), VERDICT_FAILED, CAUSE_TIMEOUT,
		"" },
	{ "agrees before it is asked", MANNER_ANSWERS,
		WORDS(HEADER FEATURES(STARTTLS) PROCEED), VERDICT_FAILED, CAUSE_GARBAGE,
		"<proceed/> that nobody asked for" },
	{ "our words come back", MANNER_ANSWERS,
		WORDS("<?xml version='1.0'?><stream:stream to='pbx.test' version='1.0' "
		      "xmlns='jabber:client' "
		      "xmlns:stream='http://etherx.jabber.org/streams'>"),
		VERDICT_FAILED, CAUSE_TIMEOUT, "" },

	{ "billion laughs", MANNER_ANSWERS,
		WORDS("<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY "
		      "lol1 '&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;'>"
		      "]><lolz>&lol1;</lolz>"),
		VERDICT_FAILED, CAUSE_GARBAGE, NULL },
	{ "an entity", MANNER_ANSWERS, WORDS(HEADER "<a>&xxe;</a>"), VERDICT_FAILED,
		CAUSE_GARBAGE, "undefined entity" },
	{ "a processing instruction", MANNER_ANSWERS, WORDS(HEADER "<?do this?>"),
		VERDICT_FAILED, CAUSE_GARBAGE, "a processing instruction" },
	{ "not well-formed", MANNER_DRIPS, WORDS(HEADER "<a></b>"), VERDICT_FAILED,
		CAUSE_GARBAGE, "mismatched tag" },
	{ "a page", MANNER_ANSWERS, WORDS("<html><body>It works</body></html>"),
		VERDICT_FAILED, CAUSE_GARBAGE,
		"an XML document that is no stream: <html><body>It works</body></html>" },
	{ "nested without end", MANNER_FLOODS,
		WORDS("<s:stream xmlns:s='http://etherx.jabber.org/streams' "
		      "version='1.0'>"),
		VERDICT_FAILED, CAUSE_GARBAGE, "elements nested without end" },
	{ "a flood of blanks", MANNER_FLOODS, blanks, sizeof(blanks) - 1, VERDICT_FAILED,
		CAUSE_GARBAGE, "more than 16384 octets without an end" },
	{ "a web server", MANNER_ANSWERS, WORDS("HTTP/1.1 400 Bad Request\r\n\r\n"),
		VERDICT_FAILED, CAUSE_WRONG_PROTOCOL, "HTTP: HTTP/1.1 400 Bad Request" },
	{ "a mail server", MANNER_GREETS, WORDS("220 mail.test ESMTP ready\r\n"),
		VERDICT_FAILED, CAUSE_WRONG_PROTOCOL, "SMTP: 220 mail.test ESMTP ready" },
	{ "TLS from the start", MANNER_ANSWERS, WORDS("\x15\x03\x01\x00\x02\x02\x0a"),
		VERDICT_FAILED, CAUSE_WRONG_PROTOCOL, NULL },
};

static bool waits(const struct row *row)
{
	return row->cause == CAUSE_NO_ANSWER || row->cause == CAUSE_TIMEOUT;
}

static void compare(const struct row *row, const struct outcome *outcome)
{
	harness_found(row->what, outcome, row->verdict, row->cause, row->detail);
}

static void servers_are_told_apart(void **state)
{
	struct tls_world *world = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct trial trial = { .kind = probe_xmpp(),
			.host = HOST,
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
		/* who goes on talking to a closed door has the reset from himself */
		if (row->manner != MANNER_FLOODS && row->manner != MANNER_DRIPS &&
			partner.resets != 0)
			fail_msg("%s: parted with a reset", row->what);
	}
}

/* ---- further than the first answer ---- */

struct script {
	struct row row;
	const char *answer; /* to <starttls/> */
	size_t answer_length;
	const char *behind; /* said behind TLS; NULL = TLS is never begun */
	int secured;        /* of the gauge; -1 = absent */
};

static const struct script scripts[] = {
	{ { "as it should be", 0, NULL, 0, VERDICT_OK, CAUSE_NONE, "" }, WORDS(PROCEED),
		HEADER FEATURES(MECHANISMS), 1 },
	{ { "nothing to log in with", 0, NULL, 0, VERDICT_OK, CAUSE_NONE, "" },
		WORDS(PROCEED), HEADER FEATURES(""), 1 },
	{ { "silent behind TLS", 0, NULL, 0, VERDICT_FAILED, CAUSE_NO_ANSWER, "" },
		WORDS(PROCEED), "", 0 },
	{ { "an error behind TLS", 0, NULL, 0, VERDICT_FAILED, CAUSE_XMPP_STREAM_ERROR,
		  "not-authorized" },
		WORDS(PROCEED), HEADER ERROR("not-authorized", ""), 0 },
	{ { "consent behind TLS", 0, NULL, 0, VERDICT_FAILED, CAUSE_GARBAGE,
		  "<proceed/> that nobody asked for" },
		WORDS(PROCEED), HEADER PROCEED, 0 },
	{ { "no XMPP behind TLS", 0, NULL, 0, VERDICT_FAILED, CAUSE_GARBAGE, NULL },
		WORDS(PROCEED), "HTTP/1.1 400 Bad Request\r\n\r\n", 0 },
	{ { "failure", 0, NULL, 0, VERDICT_FAILED, CAUSE_XMPP_STARTTLS_FAILURE,
		  "<failure/>" },
		WORDS(FAILURE), NULL, -1 },
	{ { "slipped in", 0, NULL, 0, VERDICT_FAILED, CAUSE_GARBAGE,
		  "9 octets in the clear before the TLS handshake" },
		WORDS(PROCEED "<message/"), NULL, -1 },
	{ { "no answer to starttls", 0, NULL, 0, VERDICT_FAILED, CAUSE_NO_ANSWER, "" },
		WORDS(""), NULL, -1 },
	{ { "something else", 0, NULL, 0, VERDICT_FAILED, CAUSE_TIMEOUT, "" },
		WORDS("<iq type='error'/>"), NULL, -1 },
};

static bool heard(int fd, const char *word)
{
	char octets[2048];
	size_t length = 0;

	while (length < sizeof(octets) && !memmem(octets, length, word, strlen(word))) {
		ssize_t more = recv(fd, octets + length, sizeof(octets) - length, 0);

		if (more <= 0)
			return false;
		length += (size_t)more;
	}
	return true;
}

static bool agree(const struct tls_partner *partner, int fd)
{
	static const char offer[] = HEADER FEATURES(STARTTLS);
	const struct script *script = partner->script;

	if (!heard(fd, "streams'>"))
		return false;
	send(fd, offer, sizeof(offer) - 1, MSG_NOSIGNAL);
	if (!heard(fd, "<starttls"))
		return false;
	send(fd, script->answer, script->answer_length, MSG_NOSIGNAL);
	if (!script->behind)
		tls_partner_await_end(partner, fd, NULL);
	return script->behind;
}

static void talk(const struct tls_partner *partner, SSL *ssl)
{
	const struct script *script = partner->script;
	size_t length = strlen(script->behind);
	char rest[512];

	if (SSL_read(ssl, rest, sizeof(rest)) > 0 && length > 0)
		tls_partner_say_records(ssl, script->behind, (int)length, 1);
	tls_partner_await_end(partner, -1, ssl);
}

static double value(const struct outcome *outcome, const char *name)
{
	return harness_value(probe_xmpp(), outcome, name);
}

static struct outcome play(
	struct tls_world *world, const struct script *script, const char *host)
{
	const char *options[] = { "trust", world->trusted, NULL };
	struct tls_partner partner;

	tls_partner_init(&partner, &world->shown);
	partner.agree = agree;
	partner.talk_by = talk;
	partner.script = script;
	return tls_partner_asked(&world->harness, &partner,
		(struct trial){ .kind = probe_xmpp(),
			.host = host,
			.options = options,
			.quiet = waits(&script->row) ? &partner.quiet : NULL });
}

static void streams_are_secured(void **state)
{
	struct tls_world *world = *state;

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		const struct script *script = &scripts[i];
		struct outcome outcome = play(world, script, HOST);

		compare(&script->row, &outcome);
		assert_true(value(&outcome, "xmpp_starttls_offered") == 1);
		assert_true(value(&outcome, "xmpp_starttls_required") == 1);
		if (value(&outcome, "xmpp_secured") != script->secured)
			fail_msg("%s: secured", script->row.what);
		assert_int_equal(value(&outcome, "tls_certificate_valid") == 1,
			script->secured >= 0);
	}
	assert_true(value(&(struct outcome){ 0 }, "xmpp_mechanisms") == -1);
}

static void the_offer_behind_tls_is_counted(void **state)
{
	struct outcome outcome = play(*state, &scripts[0], HOST);

	assert_true(value(&outcome, "xmpp_mechanisms") == 2);
	outcome = play(*state, &scripts[1], HOST);
	assert_true(value(&outcome, "xmpp_mechanisms") == 0);
}

/* It must be the certificate of the domain that was asked for. */
static void the_certificate_is_of_the_domain(void **state)
{
	struct tls_world *world = *state;
	struct outcome outcome = play(world, &scripts[0], "other.test");

	assert_int_equal(outcome.finding.cause, CAUSE_TLS_WRONG_HOST);
	assert_int_equal(outcome.finding.verdict, VERDICT_FAILED);
	assert_true(value(&outcome, "xmpp_secured") == 1);
	assert_true(value(&outcome, "tls_certificate_valid") == 0);
	outcome = play(world, &scripts[0], HOST ".");
	assert_int_equal(outcome.finding.verdict, VERDICT_OK);
}

struct domain_row {
	const char *host;
	const char *domain; /* the option; NULL = unset */
	const char *asked;
	enum verdict verdict; /* when that is no domain of the server */
};

static const struct domain_row domain_rows[] = {
	{ "pbx.test", NULL, " to='pbx.test' ", VERDICT_FAILED },
	{ "pbx.test.", NULL, " to='pbx.test' ", VERDICT_FAILED },
	{ "192.0.2.1", "pbx.test", " to='pbx.test' ", VERDICT_FAILED },
	{ "192.0.2.1", NULL, " to='192.0.2.1' ", VERDICT_UNKNOWN },
	{ "2001:db8::1", NULL, " to='[2001:db8::1]' ", VERDICT_UNKNOWN },
	{ "pbx.test", "a'b", " to='a&apos;b' ", VERDICT_FAILED },
};

static void the_domain_is_a_name(void **state)
{
	struct tls_world *world = *state;

	for (size_t i = 0; i < sizeof(domain_rows) / sizeof(domain_rows[0]); i++) {
		const struct domain_row *row = &domain_rows[i];
		const char *options[] = { "domain", row->domain, NULL };
		struct trial trial = { .kind = probe_xmpp(),
			.host = row->host,
			.options = row->domain ? options : NULL };
		struct partner partner;
		struct outcome outcome;

		partner_open(&partner, world->harness.loop, NULL, MANNER_ANSWERS,
			WORDS(HEADER ERROR("host-unknown", "")));
		trial.port = partner.port;
		outcome = harness_run(&world->harness, &trial);
		harness_turn(&world->harness, 2 * MILLISECOND);
		partner_close(&partner);
		partner.heard[sizeof(partner.heard) - 1] = '\0';
		assert_int_equal(outcome.finding.cause, CAUSE_XMPP_STREAM_ERROR);
		assert_int_equal(outcome.finding.verdict, row->verdict);
		if (!strstr(partner.heard, row->asked))
			fail_msg("%s: %s", row->host, partner.heard);
		assert_non_null(strstr(partner.heard, "</stream:stream>"));
	}
}

static void a_domain_too_long_is_refused(void **state)
{
	char domain[300];

	(void)state;
	memset(domain, 'x', sizeof(domain) - 1);
	domain[sizeof(domain) - 1] = '\0';
	harness_refuses(probe_xmpp(), "domain", domain, "give a name");
}

static int set_up(void **state)
{
	return tls_world_set_up(state,
		&(struct credential_spec){ .name = "pbx", .alternatives = "DNS:" HOST });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_told_apart),
		cmocka_unit_test(streams_are_secured),
		cmocka_unit_test(the_offer_behind_tls_is_counted),
		cmocka_unit_test(the_certificate_is_of_the_domain),
		cmocka_unit_test(the_domain_is_a_name),
		cmocka_unit_test(a_domain_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tls_world_tear_down);
}
