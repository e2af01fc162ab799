/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens a stream as a client does, asks for TLS, shakes hands, and reads what is offered
 * behind TLS, which proves that XMPP speaks there. Then it says goodbye: a login is never
 * begun, for the PBX bans whoever fails at it (RFC 6120, 4 and 5).
 */
#include "engine/probe.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "net/xmpp_stream.h"
#include "probes/dialogue.h"
#include "probes/probe_kinds.h"
#include "probes/tls_gauges.h"
#include "probes/tls_policy.h"
#include "probes/xmpp_domain.h"

/* Features of servers in use have less than 2 KiB; a server must take 10,000 octets of
 * one stanza (RFC 6120, 13.12), so nobody owes us more for three. */
#define HEARD_MAX 16384

struct xmpp_options {
	const char *domain;
	struct tls_policy policy;
};

enum stage { STAGE_CLEAR, STAGE_ASKED, STAGE_SHAKING, STAGE_SECURE };

struct xmpp_run {
	struct dialogue dialogue;
	struct xmpp_stream *stream;
	enum stage stage;
	bool opened; /* our own stream */
	struct xmpp_domain domain;
	char opening[XMPP_OPENING_MAX];
	uint8_t heard[2048];
};

static const struct probe_option xmpp_option_table[] = {
	{ .name = "domain",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct xmpp_options, domain),
		.help = "The domain to ask for, which the certificate must be for; by "
			"default the host. A server knows itself by name, not by "
			"address." },
	TLS_POLICY_OPTIONS(struct xmpp_options),
	{ .name = NULL },
};

enum {
	GAUGE_OFFERED = TLS_GAUGE_COUNT,
	GAUGE_REQUIRED,
	GAUGE_SECURED,
	GAUGE_MECHANISMS,
};

static const struct probe_gauge xmpp_gauge_table[] = {
	TLS_GAUGES,
	[GAUGE_OFFERED] = { .name = "xmpp_starttls_offered",
		.help = "Whether the server offers encryption." },
	[GAUGE_REQUIRED] = { .name = "xmpp_starttls_required",
		.help = "Whether the server says that it insists on encryption." },
	[GAUGE_SECURED] = { .name = "xmpp_secured",
		.help = "Whether the server speaks XMPP behind TLS." },
	[GAUGE_MECHANISMS] = { .name = "xmpp_mechanisms",
		.help = "Ways to log in that the server offers behind TLS." },
	{ .name = NULL },
};

static struct finding finding_by_peer(const struct xmpp_run *xmpp, enum cause cause,
	const char *what, const char *text, size_t length)
{
	struct finding finding = finding_of(cause);
	struct evidence *evidence = &finding.evidence;
	int used;

	evidence->kind = EVIDENCE_PEER;
	evidence->offender = xmpp->dialogue.run->target.address;
	used = snprintf(evidence->detail, sizeof(evidence->detail), "%s%s", what,
		length > 0 ? ": " : "");
	if (used < (int)sizeof(evidence->detail))
		text_copy_printable(evidence->detail + used,
			sizeof(evidence->detail) - (size_t)used, text, length);
	return finding;
}

static void finish_by_peer(struct xmpp_run *xmpp, enum cause cause, const char *what,
	const char *text, size_t length)
{
	struct finding finding = finding_by_peer(xmpp, cause, what, text, length);

	dialogue_finish(&xmpp->dialogue, &finding);
}

/* ---- what ends a stream ---- */

static void finish_error(struct xmpp_run *xmpp, const struct xmpp_facts *facts)
{
	struct finding finding = xmpp_domain_refusal(
		&xmpp->domain, facts, &xmpp->dialogue.run->target.address);

	dialogue_finish(&xmpp->dialogue, &finding);
}

/* What came is no XMPP: another protocol's, or nobody's. */
static void finish_broken(struct xmpp_run *xmpp, const struct xmpp_facts *facts)
{
	const struct dialogue *dialogue = &xmpp->dialogue;
	const char *name = recognise(dialogue->first, dialogue->first_length);

	if (facts->no_memory)
		dialogue_finish_cause(&xmpp->dialogue, CAUSE_LOCAL_RESOURCE);
	else if (name && strcmp(name, dialogue->manner->protocol) != 0)
		dialogue_finish_stranger(&xmpp->dialogue);
	else
		finish_by_peer(xmpp, CAUSE_GARBAGE, facts->broken,
			(const char *)dialogue->first,
			facts->opened ? 0 : dialogue->first_length);
}

/* \retval true  the run is finished */
static bool has_ended(struct xmpp_run *xmpp, const struct xmpp_facts *facts)
{
	if (facts->error)
		finish_error(xmpp, facts);
	else if (facts->broken)
		finish_broken(xmpp, facts);
	else if (facts->failure)
		finish_by_peer(xmpp, CAUSE_XMPP_STARTTLS_FAILURE, "<failure/>", "", 0);
	else if (facts->closed)
		finish_by_peer(xmpp, CAUSE_CLOSED_EARLY, "the stream was closed", "", 0);
	else
		return false;
	return true;
}

/* ---- the conversation ---- */

static void open_stream(struct xmpp_run *xmpp)
{
	struct probe_run *run = xmpp->dialogue.run;

	probe_enter(run, PHASE_REQUEST, CAUSE_NO_ANSWER);
	xmpp->opened = true;
	dialogue_send(&xmpp->dialogue, xmpp->opening, strlen(xmpp->opening));
	probe_enter(run, PHASE_RESPONSE, CAUSE_NO_ANSWER);
}

static void ask_for_tls(struct xmpp_run *xmpp)
{
	struct probe_run *run = xmpp->dialogue.run;

	xmpp->stage = STAGE_ASKED;
	dialogue_send(&xmpp->dialogue, XMPP_STARTTLS, sizeof(XMPP_STARTTLS) - 1);
	probe_enter(run, PHASE_RESPONSE, CAUSE_NO_ANSWER);
}

static void judge_clear(struct xmpp_run *xmpp, const struct xmpp_facts *facts)
{
	struct probe_run *run = xmpp->dialogue.run;

	/* before version 1.0 there were neither features nor STARTTLS (RFC 6120, 4.7.5)
	 */
	if (facts->opened && !facts->version_1) {
		finish_by_peer(xmpp, CAUSE_XMPP_NO_STARTTLS,
			"a stream older than version 1.0", "", 0);
		return;
	}
	if (!facts->features)
		return;
	probe_set(run, GAUGE_OFFERED, facts->starttls);
	if (!facts->starttls) {
		finish_by_peer(
			xmpp, CAUSE_XMPP_NO_STARTTLS, "features without STARTTLS", "", 0);
		return;
	}
	probe_set(run, GAUGE_REQUIRED, facts->starttls_required);
	ask_for_tls(xmpp);
}

static void judge_secure(struct xmpp_run *xmpp, const struct xmpp_facts *facts)
{
	struct probe_run *run = xmpp->dialogue.run;

	if (!facts->features)
		return;
	probe_set(run, GAUGE_SECURED, 1);
	probe_set(run, GAUGE_MECHANISMS, facts->mechanisms);
	dialogue_finish_cause(&xmpp->dialogue, CAUSE_NONE);
}

static void judge(struct xmpp_run *xmpp)
{
	const struct xmpp_facts *facts = xmpp_stream_facts(xmpp->stream);

	if (has_ended(xmpp, facts))
		return;
	if (facts->proceed && xmpp->stage != STAGE_ASKED)
		finish_by_peer(
			xmpp, CAUSE_GARBAGE, "<proceed/> that nobody asked for", "", 0);
	else if (xmpp->stage == STAGE_CLEAR)
		judge_clear(xmpp, facts);
	else if (xmpp->stage == STAGE_SECURE)
		judge_secure(xmpp, facts);
}

static void xmpp_heard(struct probe_run *run)
{
	struct xmpp_run *xmpp = run->state;
	struct dialogue *dialogue = &xmpp->dialogue;
	size_t taken = xmpp_stream_feed(xmpp->stream, dialogue->buffer, dialogue->length);

	/* something was said, so silence from now on is another finding */
	probe_enter(run, PHASE_RESPONSE, CAUSE_TIMEOUT);
	judge(xmpp);
	if (run->finished)
		return;
	dialogue_consume(dialogue, taken);
	if (xmpp_stream_facts(xmpp->stream)->proceed) {
		xmpp->stage = STAGE_SHAKING;
		dialogue_secure(dialogue);
	}
}

static void xmpp_connected(struct probe_run *run)
{
	struct xmpp_run *xmpp = run->state;

	if (xmpp->domain.addressed)
		probe_note(run, "no domain is configured: its address is asked for");
	open_stream(xmpp);
}

/* All that was heard in the clear is forgotten, for anybody may have said it
 * (RFC 6120, 5.4.3.3). */
static void xmpp_secured(struct probe_run *run)
{
	struct xmpp_run *xmpp = run->state;

	xmpp->stage = STAGE_SECURE;
	probe_set(run, GAUGE_SECURED, 0);
	if (xmpp_stream_restart(xmpp->stream))
		open_stream(xmpp);
	else
		dialogue_finish_cause(&xmpp->dialogue, CAUSE_LOCAL_RESOURCE);
}

static void xmpp_start(struct probe_run *run)
{
	static const struct dialogue_manner manner = {
		.protocol = "XMPP",
		.connected = xmpp_connected,
		.secured = xmpp_secured,
		.heard = xmpp_heard,
	};
	const struct xmpp_options *options = run->options;
	struct xmpp_run *xmpp = run->state;

	xmpp->dialogue.manner = &manner;
	xmpp->dialogue.buffer = xmpp->heard;
	xmpp->dialogue.size = sizeof(xmpp->heard);
	xmpp->dialogue.heard_max = HEARD_MAX;
	xmpp->dialogue.policy = &options->policy;
	xmpp->dialogue.server_name = options->domain;
	xmpp->stream = xmpp_stream_new();
	if (!xmpp->stream ||
		!xmpp_domain_choose(&xmpp->domain, options->domain, run->target.host) ||
		xmpp_opening_write(
			xmpp->domain.name, xmpp->opening, sizeof(xmpp->opening)) == 0) {
		probe_finish_cause(run, CAUSE_LOCAL_RESOURCE);
		return;
	}
	dialogue_open(&xmpp->dialogue, run);
}

static void xmpp_stop(struct probe_run *run)
{
	struct xmpp_run *xmpp = run->state;

	/* once TLS is agreed upon there is no stream in the clear to be closed */
	if (xmpp->opened && xmpp->stage != STAGE_SHAKING)
		dialogue_part(&xmpp->dialogue, XMPP_GOODBYE, sizeof(XMPP_GOODBYE) - 1);
	dialogue_close(&xmpp->dialogue);
	xmpp_stream_free(xmpp->stream);
}

static bool xmpp_validate(void *untyped, char *why, size_t why_size)
{
	struct xmpp_options *options = untyped;

	if (!xmpp_domain_validate(options->domain, why, why_size))
		return false;
	return tls_policy_prepare(&options->policy, why, why_size);
}

static void xmpp_release(void *untyped)
{
	struct xmpp_options *options = untyped;

	tls_policy_release(&options->policy);
}

const struct probe_kind *probe_xmpp(void)
{
	static const struct probe_kind kind = {
		.name = "xmpp",
		.summary = "Opens a stream to a chat server, asks for TLS and shakes "
			   "hands, and never logs in.",
		.options = xmpp_option_table,
		.gauges = xmpp_gauge_table,
		.options_size = sizeof(struct xmpp_options),
		.run_size = sizeof(struct xmpp_run),
		.validate = xmpp_validate,
		.release = xmpp_release,
		.start = xmpp_start,
		.stop = xmpp_stop,
	};

	return &kind;
}
