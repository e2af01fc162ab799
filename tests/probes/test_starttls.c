/* SPDX-License-Identifier: Apache-2.0 */
/* What is said in the clear before the versions of TLS are swept. */
#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/probe_kinds.h"
#include "probes/starttls.h"
#include "probes/tls_world.h"

#define HOST "pbx.test"

static int set_up(void **state)
{
	return tls_world_set_up(state, &(struct credential_spec){ .name = "pbx" });
}

static void accepts(const char *what, const struct outcome *outcome, bool swept)
{
	if (outcome->values_set != (swept ? 0xf : 0))
		fail_msg("%s: versions 0x%" PRIx64 " were tested", what,
			outcome->values_set);
	for (unsigned i = 0; swept && i < 4; i++)
		assert_int_equal(outcome->values[i], i >= 2);
}

/* A sweep that begins in the clear, beside a partner that speaks TLS 1.2 and later. */
static struct outcome sweep(struct tls_world *world,
	bool (*agree)(const struct tls_partner *partner, int fd), const void *script,
	struct trial trial)
{
	struct tls_partner partner;

	tls_partner_init(&partner, &world->shown);
	SSL_CTX_set_min_proto_version(partner.context, TLS1_2_VERSION);
	partner.agree = agree;
	partner.script = script;
	trial.kind = probe_tls_versions();
	if (!trial.host)
		trial.host = HOST;
	return tls_partner_asked(&world->harness, &partner, trial);
}

struct talk {
	const char *heard, *said; /* for each exchange in the clear */
};

struct clear_script {
	struct talk talks[3];
};

static bool talk_in_the_clear(const struct tls_partner *partner, int fd)
{
	const struct clear_script *script = partner->script;
	char heard[1024];

	for (size_t i = 0; script->talks[i].heard; i++) {
		size_t used = 0, needed = strlen(script->talks[i].heard);

		while (used < needed) {
			ssize_t length = recv(fd, heard + used, sizeof(heard) - used, 0);

			if (length <= 0)
				return false;
			used += (size_t)length;
		}
		if (!memmem(heard, used, script->talks[i].heard, needed))
			return false;
		send(fd, script->talks[i].said, strlen(script->talks[i].said),
			MSG_NOSIGNAL);
	}
	return true;
}

#define STREAM                                                                           \
	"<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='1' version='1.0'" \
	" xmlns:stream='http://etherx.jabber.org/streams' from='pbx.test'>"
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define FEATURES STREAM "<stream:features>" STARTTLS "</stream:features>"
#define PROCEED  "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"

static const struct xmpp_row {
	const char *what;
	struct clear_script script;
	bool swept; /* TLS 1.2 and 1.3, and no others */
	enum cause cause;
} xmpp_rows[] = {
	{ "as it should be", { { { "to='" HOST "'", FEATURES }, { STARTTLS, PROCEED } } },
		true, CAUSE_NONE },
	{ "no STARTTLS",
		{ { { "<stream:stream",
			STREAM "<stream:features></stream:features>" } } },
		false, CAUSE_XMPP_NO_STARTTLS },
	{ "a stream error",
		{ { { "<stream:stream", STREAM "<stream:error/></stream:stream>" } } },
		false, CAUSE_XMPP_STREAM_ERROR },
	{ "a failure",
		{ { { "<stream:stream", FEATURES },
			{ STARTTLS,
				"<failure "
				"xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" } } },
		false, CAUSE_XMPP_STARTTLS_FAILURE },
	{ "octets behind the consent",
		{ { { "<stream:stream", FEATURES }, { STARTTLS, PROCEED "<a/>" } } },
		false, CAUSE_GARBAGE },
	{ "a consent that nobody asked for", { { { "<stream:stream", STREAM PROCEED } } },
		false, CAUSE_GARBAGE },
	{ "another host",
		{ { { "<stream:stream",
			STREAM "<stream:error><see-other-host "
			       "xmlns='urn:ietf:params:xml:ns:xmpp-streams'>b.test"
			       "</see-other-host></stream:error></stream:stream>" } } },
		false, CAUSE_XMPP_SEE_OTHER_HOST },
	{ "no XML", { { { "<stream:stream", STREAM "<a></b>" } } }, false,
		CAUSE_GARBAGE },
	{ "somebody else",
		{ { { "<stream:stream", "HTTP/1.1 400 Bad Request\r\n\r\n" } } }, false,
		CAUSE_WRONG_PROTOCOL },
	{ "half the features", { { { "<stream:stream", STREAM "<stream:features>" } } },
		false, CAUSE_TIMEOUT },
};

static void xmpp_is_asked_before(void **state)
{
	static const char *const options[] = { "starttls", "xmpp", NULL };

	for (size_t i = 0; i < sizeof(xmpp_rows) / sizeof(xmpp_rows[0]); i++) {
		bool silent = xmpp_rows[i].cause == CAUSE_TIMEOUT;
		struct outcome outcome =
			sweep(*state, talk_in_the_clear, &xmpp_rows[i].script,
				(struct trial){ .options = options,
					.timeout_us = silent ? SECOND : 0 });

		accepts(xmpp_rows[i].what, &outcome, xmpp_rows[i].swept);
		if (outcome.finding.cause != xmpp_rows[i].cause)
			fail_msg("%s: %s", xmpp_rows[i].what,
				cause_name(outcome.finding.cause));
	}
}

#define ERROR(condition)                                        \
	STREAM "<stream:error><" condition                      \
	       " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>" \
	       "</stream:error></stream:stream>"

static const struct domain_row {
	const char *host;
	const char *domain; /* the option; NULL = unset */
	const char *asked;
	const char *detail; /* when that is no domain of the server */
} domain_rows[] = {
	{ HOST ".", NULL, " to='" HOST "' ", "host-unknown: asked for " HOST },
	{ "192.0.2.1", NULL, " to='192.0.2.1' ",
		"host-unknown: asked for 192.0.2.1, an address; set domain" },
	{ "2001:db8::1", NULL, " to='[2001:db8::1]' ",
		"host-unknown: asked for [2001:db8::1], an address; set domain" },
	{ "192.0.2.1", HOST, " to='" HOST "' ", "host-unknown: asked for " HOST },
};

/* A sound server does not know itself by address. */
static void xmpp_is_asked_for_a_domain(void **state)
{
	for (size_t i = 0; i < sizeof(domain_rows) / sizeof(domain_rows[0]); i++) {
		const struct domain_row *row = &domain_rows[i];
		const struct clear_script script = {
			{ { row->asked, ERROR("host-unknown") } }
		};
		const char *options[] = { "starttls", "xmpp", "domain", row->domain,
			NULL };
		struct outcome outcome;

		if (!row->domain)
			options[2] = NULL;
		outcome = sweep(*state, talk_in_the_clear, &script,
			(struct trial){ .host = row->host, .options = options });
		assert_int_equal(outcome.finding.cause, CAUSE_XMPP_STREAM_ERROR);
		assert_int_equal(outcome.finding.verdict, VERDICT_UNKNOWN);
		if (strncmp(outcome.finding.evidence.detail, row->detail,
			    strlen(row->detail)) != 0)
			fail_msg("%s: %s", row->host, outcome.finding.evidence.detail);
	}
}

static void a_domain_too_long_is_refused(void **state)
{
	char domain[300];

	(void)state;
	memset(domain, 'x', sizeof(domain) - 1);
	domain[sizeof(domain) - 1] = '\0';
	harness_refuses(probe_tls_versions(), "domain", domain, "give a name");
}

#define SLOW_RUN (6 * SECOND)

/* As long as a lost SYN takes, and more than an equal share of the run. */
static bool hesitate_once(const struct tls_partner *partner, int fd)
{
	bool *hesitated = (bool *)partner->script;
	static const struct clear_script script = { { { "<stream:stream", FEATURES },
		{ STARTTLS, PROCEED } } };
	struct tls_partner talker = *partner;

	if (!*hesitated)
		poll(NULL, 0, SLOW_RUN / 3 / MILLISECOND);
	*hesitated = true;
	talker.script = &script;
	return talk_in_the_clear(&talker, fd);
}

static void a_slow_beginning_is_waited_for(void **state)
{
	static const char *const options[] = { "starttls", "xmpp", NULL };
	bool hesitated = false;
	struct outcome outcome = sweep(*state, hesitate_once, &hesitated,
		(struct trial){ .options = options, .timeout_us = SLOW_RUN });

	accepts("slow", &outcome, true);
	assert_int_equal(outcome.finding.verdict, VERDICT_OK);
}

struct ldap_row {
	const char *what;
	const char *answer;
	size_t length;
	bool swept; /* TLS 1.2 and 1.3, and no others */
	enum cause cause;
};

#define WORDS(text) (text), sizeof(text) - 1

static const struct ldap_row ldap_rows[] = {
	{ "consent", WORDS("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"),
		true, CAUSE_NONE },
	{ "consent as Active Directory writes it",
		WORDS("\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a"
		      "\x01"
		      "\x00\x04\x00\x04\x00"),
		true, CAUSE_NONE },
	{ "refusal", WORDS("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00"),
		false, CAUSE_LDAP_RESULT },
	{ "somebody else", WORDS("HTTP/1.1 400 Bad Request\r\n\r\n"), false,
		CAUSE_WRONG_PROTOCOL },
};

static bool answer_ldap(const struct tls_partner *partner, int fd)
{
	const struct ldap_row *row = partner->script;
	char heard[256];

	if (recv(fd, heard, sizeof(heard), 0) <= 0)
		return false;
	send(fd, row->answer, row->length, MSG_NOSIGNAL);
	return true;
}

static void ldap_is_asked_before(void **state)
{
	static const char *const options[] = { "starttls", "ldap", NULL };

	for (size_t i = 0; i < sizeof(ldap_rows) / sizeof(ldap_rows[0]); i++) {
		struct outcome outcome = sweep(*state, answer_ldap, &ldap_rows[i],
			(struct trial){ .options = options });

		accepts(ldap_rows[i].what, &outcome, ldap_rows[i].swept);
		if (outcome.finding.cause != ldap_rows[i].cause)
			fail_msg("%s: %s", ldap_rows[i].what,
				cause_name(outcome.finding.cause));
	}
}

static void ports_that_begin_in_the_clear_are_known(void **state)
{
	(void)state;
	assert_int_equal(starttls_by_port(STARTTLS_AUTO, 5222), STARTTLS_XMPP);
	assert_int_equal(starttls_by_port(STARTTLS_AUTO, 389), STARTTLS_LDAP);
	assert_int_equal(starttls_by_port(STARTTLS_AUTO, 636), STARTTLS_NONE);
	assert_int_equal(starttls_by_port(STARTTLS_NONE, 5222), STARTTLS_NONE);
	assert_int_equal(starttls_by_port(STARTTLS_XMPP, 443), STARTTLS_XMPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_that_begin_in_the_clear_are_known),
		cmocka_unit_test(xmpp_is_asked_before),
		cmocka_unit_test(ldap_is_asked_before),
		cmocka_unit_test(xmpp_is_asked_for_a_domain),
		cmocka_unit_test(a_domain_too_long_is_refused),
		cmocka_unit_test(a_slow_beginning_is_waited_for),
	};

	return cmocka_run_group_tests(tests, set_up, tls_world_tear_down);
}
