/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which versions of TLS a port accepts, each offered alone on a connection of its own,
 * one after the other. A refusal is an answer; silence and trouble of our own are none.
 */
#include "engine/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "net/stream.h"
#include "net/tls.h"
#include "probes/probe_kinds.h"
#include "probes/starttls.h"

/*
 * How many there are to offer: the first ones of tls_version_names, by whose indexes
 * gauges and masks go. The newest is offered first: what a healthy port accepts is learnt
 * before what it may take amiss.
 */
#define OFFERS 4

struct versions_options {
	const char *server_name;
	const char *forbid;
	int starttls; /* enum starttls_protocol */

	unsigned forbidden; /* by validate() */
};

enum settled { SETTLED_NOT, SETTLED_ACCEPTED, SETTLED_REFUSED };

struct versions_run {
	struct probe_run *run;
	struct stream stream;
	struct tls_session session;
	struct starttls starttls;
	struct loop_timer timer; /* patience with an attempt; between two, the next one */
	unsigned attempt;
	bool attempting;
	bool by_tls; /* the session has begun */
	unsigned accepted, refused;
	struct finding first;   /* of the first attempt */
	struct finding trouble; /* of the first attempt that settled nothing */
};

static const struct probe_option versions_option_table[] = {
	{ .name = "server_name",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct versions_options, server_name),
		.help = "The name to ask for (SNI); by default the host." },
	{ .name = "forbid",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct versions_options, forbid),
		.help = "Versions that must not be accepted, such as \"1.0\" or "
			"\"1.0,1.1\"; one that is degrades the result." },
	{ .name = "starttls",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct versions_options, starttls),
		.fallback = "auto",
		.choices = starttls_names,
		.help = "none: TLS from the start; ldap, xmpp: what must be asked for in "
			"the clear before; auto: by the port, ldap on 389, xmpp on 5222 "
			"and none on others." },
	{ .name = NULL },
};

#define VERSION_GAUGE(value)                                                       \
	{                                                                          \
		.name = "tls_version_accepted",                                    \
		.help = "Whether the server accepts this version of TLS, offered " \
			"alone.",                                                  \
		.label = "version", .label_value = (value)                         \
	}

static const struct probe_gauge versions_gauge_table[] = {
	VERSION_GAUGE("TLS 1.0"),
	VERSION_GAUGE("TLS 1.1"),
	VERSION_GAUGE("TLS 1.2"),
	VERSION_GAUGE("TLS 1.3"),
	{ .name = NULL },
};

/* Into tls_version_names. */
static unsigned version_of(const struct versions_run *versions)
{
	return OFFERS - 1 - versions->attempt;
}

/* ---- what it comes to ---- */

static struct finding finding_of_forbidden(
	const struct versions_run *versions, unsigned forbidden)
{
	struct finding finding = finding_of(CAUSE_TLS_OLD_VERSION_ACCEPTED);
	struct evidence *evidence = &finding.evidence;
	size_t used = 0;

	evidence->kind = EVIDENCE_PEER;
	evidence->offender = versions->run->target.address;
	for (unsigned i = 0; i < OFFERS; i++) {
		if (forbidden >> i & 1U)
			used += (size_t)snprintf(evidence->detail + used,
				sizeof(evidence->detail) - used, "%s%s", used ? ", " : "",
				tls_version_names[i]);
	}
	return finding;
}

static struct finding judge(const struct versions_run *versions)
{
	const struct versions_options *settings = versions->run->options;
	unsigned settled = versions->accepted | versions->refused;
	struct finding finding = finding_of(CAUSE_NONE);

	if (versions->accepted == 0)
		return versions->first;
	if (versions->accepted & settings->forbidden)
		return finding_of_forbidden(
			versions, versions->accepted & settings->forbidden);
	/* whoever is to refuse and says nothing has not refused */
	if (settings->forbidden & ~settled) {
		finding = versions->trouble;
		finding.verdict = VERDICT_UNKNOWN;
	}
	return finding;
}

static void conclude(struct versions_run *versions)
{
	struct finding finding = judge(versions);

	for (unsigned i = 0; i < OFFERS; i++) {
		if ((versions->accepted | versions->refused) >> i & 1U)
			probe_set(versions->run, i, versions->accepted >> i & 1U);
	}
	probe_finish(versions->run, &finding);
}

/* ---- one attempt ---- */

static void hang_up(struct versions_run *versions)
{
	loop_timer_cancel(&versions->timer);
	tls_close(&versions->session);
	stream_close(&versions->stream);
	starttls_done(&versions->starttls);
	versions->attempting = false;
	versions->by_tls = false;
}

static void note(struct versions_run *versions, enum settled settled,
	const struct finding *finding)
{
	unsigned version = version_of(versions);

	if (settled == SETTLED_ACCEPTED)
		versions->accepted |= 1U << version;
	else if (settled == SETTLED_REFUSED)
		versions->refused |= 1U << version;
	else if (versions->trouble.cause == CAUSE_NONE)
		versions->trouble = *finding;
	if (versions->attempt == 0)
		versions->first = *finding;
	probe_note(versions->run, "%s: %s", tls_version_names[version],
		settled == SETTLED_ACCEPTED ? "accepted" : cause_name(finding->cause));
}

/* The next attempt begins on a turn of its own, so that none is within another. */
static void end(struct versions_run *versions, enum settled settled,
	const struct finding *finding)
{
	note(versions, settled, finding);
	hang_up(versions);
	if (++versions->attempt == OFFERS)
		conclude(versions);
	else
		loop_timer_set(&versions->timer, 0);
}

/* Where further attempts would tell nothing new. */
static void end_all(struct versions_run *versions, const struct finding *finding)
{
	note(versions, SETTLED_NOT, finding);
	hang_up(versions);
	conclude(versions);
}

static bool is_refusal(const struct tls_session *session)
{
	enum cause cause = session->failure.cause;

	return session->observer.alert >= 0 || cause == CAUSE_CLOSED_EARLY ||
		cause == CAUSE_RESET || cause == CAUSE_TLS_PROTOCOL_VERSION ||
		cause == CAUSE_TLS_HANDSHAKE_FAILURE;
}

/* Nothing came and nothing broke: it is OpenSSL that would not offer this. */
static bool is_own_refusal(const struct tls_session *session)
{
	return session->first_length == 0 && !session->ended && session->error == 0;
}

static void end_failed(struct versions_run *versions)
{
	const struct tls_session *session = &versions->session;
	const struct tls_facts *facts = &session->observer.facts;
	struct finding failure = session->failure;

	/* who shows a certificate has agreed to the version, whatever it dislikes then */
	if (facts->certificate_seen || facts->handshaken) {
		end(versions, SETTLED_ACCEPTED, &failure);
	} else if (is_own_refusal(session)) {
		failure = finding_of(CAUSE_LOCAL_RESOURCE);
		end(versions, SETTLED_NOT, &failure);
	} else if (is_refusal(session)) {
		end(versions, SETTLED_REFUSED, &failure);
	} else {
		end_all(versions, &failure);
	}
}

static void shake_hands(struct versions_run *versions)
{
	struct finding none = finding_of(CAUSE_NONE);

	switch (tls_handshake(&versions->session)) {
	case TLS_WANTS_READ:
	case TLS_WANTS_WRITE:
		stream_want(&versions->stream, versions->session.wants);
		break;
	case TLS_DONE:
		end(versions, SETTLED_ACCEPTED, &none);
		break;
	case TLS_FAILED:
		end_failed(versions);
		break;
	}
}

static void secure(struct versions_run *versions)
{
	struct probe_run *run = versions->run;
	const struct versions_options *settings = run->options;
	const char *name =
		settings->server_name ? settings->server_name : run->target.host;
	struct finding finding;

	probe_enter(run, PHASE_TLS, CAUSE_NO_ANSWER);
	if (!tls_open(&versions->session, run->services->trust, &versions->stream, name,
		    &finding)) {
		end_all(versions, &finding);
		return;
	}
	versions->by_tls = true;
	finding = finding_of(CAUSE_LOCAL_RESOURCE);
	if (tls_offer_only(&versions->session, version_of(versions)))
		shake_hands(versions);
	else
		end(versions, SETTLED_NOT, &finding);
}

/* ---- in the clear ---- */

static void go_on(struct versions_run *versions, enum starttls_next next,
	const struct finding *finding)
{
	const struct starttls *starttls = &versions->starttls;
	struct finding failure;
	ssize_t sent;

	switch (next) {
	case STARTTLS_SAY:
		probe_sent(versions->run, starttls->request, starttls->request_length);
		sent = stream_write(
			&versions->stream, starttls->request, starttls->request_length);
		/* so little always fits into a socket that was just opened */
		if (sent == (ssize_t)starttls->request_length) {
			stream_want(&versions->stream, LOOP_READ);
			break;
		}
		failure = stream_trouble(&versions->stream, sent < 0 ? (int)sent : -EIO);
		end_all(versions, &failure);
		break;
	case STARTTLS_WAIT:
		stream_want(&versions->stream, LOOP_READ);
		break;
	case STARTTLS_SECURE:
		secure(versions);
		break;
	case STARTTLS_REFUSED:
		end_all(versions, finding);
		break;
	}
}

static void hear(struct versions_run *versions)
{
	struct starttls *starttls = &versions->starttls;
	struct finding finding = finding_of(CAUSE_CLOSED_EARLY);
	ssize_t length =
		stream_read(&versions->stream, starttls->heard + starttls->length,
			sizeof(starttls->heard) - starttls->length);

	if (length == -EAGAIN)
		return;
	if (length <= 0) {
		if (length < 0)
			finding = stream_trouble(&versions->stream, (int)length);
		end_all(versions, &finding);
		return;
	}
	probe_received(versions->run, starttls->heard + starttls->length, (size_t)length);
	starttls->length += (size_t)length;
	go_on(versions,
		starttls_hear(starttls, (size_t)length, &versions->run->target.address,
			&finding),
		&finding);
}

/* ---- the stream ---- */

static void versions_connected(void *context)
{
	struct versions_run *versions = context;
	struct probe_run *run = versions->run;
	const struct versions_options *settings = run->options;
	enum starttls_protocol protocol = starttls_by_port(
		(enum starttls_protocol)settings->starttls, run->target.port);
	int64_t round_trip_us = stream_round_trip_us(&versions->stream);
	struct finding finding;

	if (run->finished)
		return;
	if (round_trip_us > 0)
		probe_phase_time(run, PHASE_CONNECT, round_trip_us);
	if (protocol != STARTTLS_NONE)
		probe_enter(run, PHASE_REQUEST, CAUSE_NO_ANSWER);
	go_on(versions,
		starttls_begin(&versions->starttls, protocol, run->target.host, &finding),
		&finding);
}

static void versions_ready(void *context, unsigned ready)
{
	struct versions_run *versions = context;

	(void)ready;
	if (versions->run->finished)
		stream_want(&versions->stream, 0);
	else if (versions->by_tls)
		shake_hands(versions);
	else
		hear(versions);
}

/* Who does not let us in once is not asked again for another version. */
static void versions_failed(void *context, const struct finding *finding)
{
	struct finding failure = *finding;

	end_all(context, &failure);
}

static const struct stream_events versions_events = {
	.connected = versions_connected,
	.ready = versions_ready,
	.failed = versions_failed,
};

static void begin(struct versions_run *versions)
{
	struct probe_run *run = versions->run;
	struct stream_peer peer = { .address = run->target.address,
		.port = run->target.port,
		.segment_max = run->segment_max };
	struct finding finding;

	probe_enter(run, PHASE_CONNECT, CAUSE_TIMEOUT);
	versions->attempting = true;
	/* all of them, and a rest, fit into the run's own time */
	loop_timer_set(&versions->timer, run->timeout_us / (OFFERS + 1));
	if (!stream_open(&versions->stream, run->services->loop, &peer, &versions_events,
		    versions, &finding))
		end_all(versions, &finding);
}

static void lose_patience(struct versions_run *versions)
{
	bool heard = versions->starttls.length > 0 || versions->session.first_length > 0;
	struct finding finding = finding_of(
		versions->stream.connected && !heard ? CAUSE_NO_ANSWER : CAUSE_TIMEOUT);

	/* silence to one version is none to all; before any was offered it is */
	if (versions->by_tls)
		end(versions, SETTLED_NOT, &finding);
	else
		end_all(versions, &finding);
}

static void versions_timer(void *context)
{
	struct versions_run *versions = context;

	if (versions->run->finished)
		return;
	if (versions->attempting)
		lose_patience(versions);
	else
		begin(versions);
}

static void versions_start(struct probe_run *run)
{
	struct versions_run *versions = run->state;

	versions->run = run;
	versions->trouble = finding_of(CAUSE_NONE);
	loop_timer_init(&versions->timer, run->services->loop, LOOP_PRIORITY_ANSWER,
		versions_timer, versions);
	begin(versions);
}

static void versions_stop(struct probe_run *run)
{
	struct versions_run *versions = run->state;

	hang_up(versions);
	loop_timer_done(&versions->timer);
}

static bool refuse_forbid(const char *text, char *why, size_t why_size)
{
	char quoted[64];

	text_copy_printable(quoted, sizeof(quoted), text, strlen(text));
	snprintf(why, why_size,
		"forbid \"%s\" is no list of versions; write some of 1.0, 1.1, 1.2 and "
		"1.3, such as \"1.0,1.1\"",
		quoted);
	return false;
}

static bool versions_validate(void *untyped, char *why, size_t why_size)
{
	struct versions_options *settings = untyped;
	const char *text = settings->forbid ? settings->forbid : "";

	settings->forbidden = 0;
	while (*text) {
		size_t blanks = strspn(text, ", ");
		size_t length = strcspn(text + blanks, ", ");

		text += blanks;
		if (length == 0)
			break;
		if (length != 3 || memcmp(text, "1.", 2) != 0 || text[2] < '0' ||
			text[2] > '3')
			return refuse_forbid(settings->forbid, why, why_size);
		settings->forbidden |= 1U << (text[2] - '0');
		text += length;
	}
	return true;
}

const struct probe_kind *probe_tls_versions(void)
{
	static const struct probe_kind kind = {
		.name = "tls-versions",
		.summary =
			"Offers each version of TLS alone and says which are accepted.",
		.options = versions_option_table,
		.gauges = versions_gauge_table,
		.options_size = sizeof(struct versions_options),
		.run_size = sizeof(struct versions_run),
		.validate = versions_validate,
		.start = versions_start,
		.stop = versions_stop,
	};

	return &kind;
}
