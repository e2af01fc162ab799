/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which versions of TLS a port accepts, each offered alone on a connection of its own,
 * one after the other. A refusal is an answer; silence and trouble of our own are none.
 */
#include "engine/probe.h"

#include <errno.h>

#include "base/clock.h"
#include "net/stream.h"
#include "net/tls.h"
#include "probes/probe_kinds.h"
#include "probes/starttls.h"
#include "probes/versions_parts.h"

struct versions_options {
	const char *server_name;
	const char *forbid;
	const char *domain;
	int starttls; /* enum starttls_protocol */

	unsigned forbidden; /* by validate() */
};

struct versions_run {
	struct probe_run *run;
	struct stream stream;
	struct tls_session session;
	struct starttls starttls;
	struct loop_timer timer; /* patience with an attempt; between two, the next one */
	int64_t end_us;
	unsigned attempt;
	unsigned version; /* offered now, into tls_version_names */
	bool attempting;
	bool by_tls; /* the session has begun */
	struct versions_ledger ledger;
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
	{ .name = "domain",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct versions_options, domain),
		.help = "The domain to ask a chat server for, and its name for SNI "
			"unless server_name is set; by default the host." },
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

/* The attempt after the sweep, to see whether anybody still gets in. */
static bool is_proof(const struct versions_run *versions)
{
	return versions->attempt == VERSIONS_OFFERED;
}

static bool choose_next(struct versions_run *versions)
{
	unsigned attempt = ++versions->attempt;

	if (attempt > VERSIONS_OFFERED)
		return false;
	if (is_proof(versions))
		return versions_need_proof(&versions->ledger, &versions->version);
	versions->version = VERSIONS_OFFERED - 1 - attempt;
	return true;
}

static void conclude(struct versions_run *versions)
{
	struct probe_run *run = versions->run;
	const struct versions_options *settings = run->options;
	const struct versions_ledger *ledger = &versions->ledger;
	struct finding finding =
		versions_judge(ledger, settings->forbidden, &run->target.address);

	for (unsigned i = 0; i < VERSIONS_OFFERED; i++) {
		if ((ledger->accepted | ledger->refused) >> i & 1U)
			probe_set(run, i, ledger->accepted >> i & 1U);
	}
	if (ledger->accepted || ledger->refused == VERSIONS_ALL)
		probe_unmeasured(run, NULL);
	probe_finish(run, &finding);
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
	if (!is_proof(versions))
		versions_note(&versions->ledger, versions->version, settled, finding);
	else if (settled == SETTLED_ACCEPTED)
		versions_prove(&versions->ledger);
	probe_note(versions->run, "%s%s: %s", tls_version_names[versions->version],
		is_proof(versions) ? " again" : "",
		settled == SETTLED_ACCEPTED ? "accepted" : cause_name(finding->cause));
}

/* The next attempt begins on a turn of its own, so that none is within another. */
static void end(struct versions_run *versions, enum settled settled,
	const struct finding *finding)
{
	note(versions, settled, finding);
	hang_up(versions);
	if (choose_next(versions))
		loop_timer_set(&versions->timer, 0);
	else
		conclude(versions);
}

/* Where further attempts would tell nothing new. */
static void end_all(struct versions_run *versions, const struct finding *finding)
{
	note(versions, SETTLED_NOT, finding);
	hang_up(versions);
	conclude(versions);
}

static void end_failed(struct versions_run *versions)
{
	struct finding failure = versions->session.failure;
	enum settled settled = versions_settle(&versions->session, versions->version);

	if (versions_is_own_refusal(&versions->session))
		failure = finding_of(CAUSE_LOCAL_RESOURCE);
	if (settled == SETTLED_NEVER)
		end_all(versions, &failure);
	else
		end(versions, settled, &failure);
}

/* How long to wait, of what is left of the run's own time. A stage before TLS may take
 * two thirds, for a lost SYN is sent again after a whole second (RFC 6298, 2.1); of the
 * rest every handshake to come has the same share, and one is left over. */
static void be_patient(struct versions_run *versions)
{
	int64_t left_us = versions->end_us - clock_now_us();
	int64_t patience_us = versions->by_tls
		? left_us / (VERSIONS_OFFERED + 2 - versions->attempt)
		: left_us * 2 / 3;

	loop_timer_set(&versions->timer, patience_us > 0 ? patience_us : 0);
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
	const char *name = settings->domain ? settings->domain : run->target.host;
	struct finding finding;

	if (settings->server_name)
		name = settings->server_name;
	probe_enter(run, PHASE_TLS, CAUSE_NO_ANSWER);
	if (!tls_open(&versions->session, run->services->trust, &versions->stream, name,
		    &finding)) {
		end_all(versions, &finding);
		return;
	}
	versions->by_tls = true;
	be_patient(versions);
	finding = finding_of(CAUSE_LOCAL_RESOURCE);
	if (tls_offer_only(&versions->session, versions->version))
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
		starttls_begin(&versions->starttls, protocol, settings->domain,
			run->target.host, &finding),
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
	be_patient(versions);
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
	probe_unmeasured(run, VERSIONS_UNMEASURED);
	versions->version = VERSIONS_OFFERED - 1;
	versions->end_us = clock_now_us() + run->timeout_us;
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

static bool versions_validate(void *untyped, char *why, size_t why_size)
{
	struct versions_options *settings = untyped;
	const char *forbid = settings->forbid ? settings->forbid : "";

	return versions_parse(forbid, &settings->forbidden, why, why_size) &&
		xmpp_domain_validate(settings->domain, why, why_size);
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
