/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/probe.h"

#include "net/stream.h"
#include "net/tls.h"
#include "probes/probe_kinds.h"
#include "probes/tls_gauges.h"
#include "probes/tls_policy.h"

/* Types of the records that a server may begin with (RFC 8446, 5.1). */
#define RECORD_ALERT     21
#define RECORD_HANDSHAKE 22

struct tls_options {
	const char *server_name;
	struct tls_policy policy;
};

struct tls_run {
	struct probe_run *run;
	struct stream stream;
	struct tls_session session;
};

static const struct probe_option options[] = {
	{ .name = "server_name",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct tls_options, server_name),
		.help = "The name to ask for (SNI) and to find in the certificate; by "
			"default the host." },
	TLS_POLICY_OPTIONS(struct tls_options),
	{ .name = NULL },
};

static const struct probe_gauge gauges[] = {
	TLS_GAUGES,
	{ .name = NULL },
};

static void end_session(struct tls_run *tls, const struct finding *failure)
{
	const struct tls_options *settings = tls->run->options;
	const struct tls_facts *facts = &tls->session.observer.facts;
	struct finding finding;

	tls_gauges_set(tls->run, facts);
	/* A server that only refuses us for want of a certificate of ours has proven path
	 * and service; with TLS 1.3 it would say so after our handshake is done. */
	if (failure && !tls_only_wants_certificate(&tls->session.observer))
		finding = *failure;
	else
		finding = tls_policy_judge(&settings->policy, facts);
	probe_finish(tls->run, &finding);
}

/*
 * Something came, if only a part: from here on silence is another one. OpenSSL waits for
 * a whole record header; whoever stops before and began with no TLS is named all the
 * same.
 */
static void note_first_octets(struct tls_run *tls)
{
	const struct tls_session *session = &tls->session;
	struct finding finding;

	if (session->first_length == 0)
		return;
	probe_enter(tls->run, PHASE_TLS, CAUSE_TIMEOUT);
	if (session->first[0] == RECORD_ALERT || session->first[0] == RECORD_HANDSHAKE)
		return;
	finding = recognise_stranger(
		session->first, session->first_length, &tls->run->target.address);
	probe_suspect(tls->run, &finding);
}

static void go_on(struct tls_run *tls)
{
	switch (tls_handshake(&tls->session)) {
	case TLS_WANTS_READ:
		note_first_octets(tls);
		stream_want(&tls->stream, LOOP_READ);
		break;
	case TLS_WANTS_WRITE:
		stream_want(&tls->stream, LOOP_WRITE);
		break;
	case TLS_DONE:
		end_session(tls, NULL);
		break;
	case TLS_FAILED:
		end_session(tls, &tls->session.failure);
		break;
	}
}

static void tls_connected(void *context)
{
	struct tls_run *tls = context;
	const struct tls_options *settings = tls->run->options;
	const char *name =
		settings->server_name ? settings->server_name : tls->run->target.host;
	int64_t round_trip_us = stream_round_trip_us(&tls->stream);
	struct finding finding;

	if (round_trip_us > 0)
		probe_phase_time(tls->run, PHASE_CONNECT, round_trip_us);
	probe_enter(tls->run, PHASE_TLS, CAUSE_NO_ANSWER);
	if (tls_open(&tls->session, tls->run->services->trust, &tls->stream, name,
		    &finding))
		go_on(tls);
	else
		probe_finish(tls->run, &finding);
}

static void tls_ready(void *context, unsigned ready)
{
	struct tls_run *tls = context;

	(void)ready;
	if (!tls->run->finished)
		go_on(tls);
}

static void tls_failed(void *context, const struct finding *finding)
{
	struct tls_run *tls = context;

	probe_finish(tls->run, finding);
}

static const struct stream_events events = {
	.connected = tls_connected,
	.ready = tls_ready,
	.failed = tls_failed,
};

static void tls_start(struct probe_run *run)
{
	struct tls_run *tls = run->state;
	struct finding finding;

	tls->run = run;
	probe_enter(run, PHASE_CONNECT, CAUSE_TIMEOUT);
	if (!stream_open(&tls->stream, run->services->loop, &run->target.address,
		    run->target.port, &events, tls, &finding))
		probe_finish(run, &finding);
}

static void tls_stop(struct probe_run *run)
{
	struct tls_run *tls = run->state;

	tls_close(&tls->session);
	stream_close(&tls->stream);
}

const struct probe_kind *probe_tls(void)
{
	static const struct probe_kind kind = {
		.name = "tls",
		.summary = "Shakes hands by TLS and judges the certificate chain.",
		.options = options,
		.gauges = gauges,
		.options_size = sizeof(struct tls_options),
		.run_size = sizeof(struct tls_run),
		.start = tls_start,
		.stop = tls_stop,
	};

	return &kind;
}
