/* SPDX-License-Identifier: Apache-2.0 */
/* SIP over TCP and TLS: where a message ends only its Content-Length tells. */
#include "probes/sip_parts.h"

#include <stdio.h>

/* Until ours has come. */
#define HEARD_MAX 65536

static bool is_by_tls(const struct sip_run *sip)
{
	return sip->dialogue.secure;
}

/* A handshake is less than an answer, and more than nothing: it is told of silence. */
static void say_that_tls_was_fine(struct sip_run *sip, struct evidence *evidence)
{
	const struct tls_facts *facts = &sip->dialogue.session.observer.facts;

	if (!is_by_tls(sip))
		return;
	evidence->kind = EVIDENCE_PEER;
	evidence->offender = sip->run->target.address;
	snprintf(evidence->detail, sizeof(evidence->detail),
		"the TLS handshake was done (%s), SIP stayed silent",
		tls_version_names[tls_version_index(facts->version)]);
}

static void stream_connected(struct probe_run *run)
{
	struct sip_run *sip = run->state;
	struct evidence evidence = { .kind = EVIDENCE_NONE };

	sip_write_request(sip, &run->outcome.local);
	probe_enter(run, PHASE_REQUEST, CAUSE_NO_ANSWER);
	dialogue_send(&sip->dialogue, sip->request.text, sip->request.length);
	probe_enter(run, PHASE_RESPONSE, CAUSE_NO_ANSWER);
	say_that_tls_was_fine(sip, &evidence);
	probe_silence_evidence(run, &evidence);
}

/* The header of our final answer came, and of its body so much. */
static void say_what_is_missing(const struct sip_run *sip, struct evidence *evidence)
{
	evidence->kind = EVIDENCE_SIP_STATUS;
	evidence->code = (int)sip->status;
	snprintf(evidence->detail, sizeof(evidence->detail),
		"the body is cut short: %zu of %zu octets came",
		sip->dialogue.length - sip->head, sip->awaited - sip->head);
}

/*
 * Part of a message, or a keep-alive: from now on silence is another one. What is left of
 * our final answer is no rewriting: its end may be lost in a hole of the path's MTU, and
 * the engine looks again at a timeout.
 */
static void await_rest(struct sip_run *sip)
{
	struct evidence evidence = { .kind = EVIDENCE_NONE };

	if (sip->provisional == 0 || sip->status > 0)
		probe_enter(sip->run, PHASE_RESPONSE, CAUSE_TIMEOUT);
	if (sip->status == 0)
		return;
	say_what_is_missing(sip, &evidence);
	probe_silence_evidence(sip->run, &evidence);
}

/* One longer than is kept is judged by its header: its body says nothing to us. */
static void take_part(struct sip_run *sip, const struct sip_answer *answer)
{
	bool final = answer->headed && answer->ours && answer->status >= SIP_STATUS_FINAL;

	if (final && answer->length > sizeof(sip->heard)) {
		probe_note(sip->run, "the body, %zu octets, is not awaited",
			answer->length - answer->head);
		sip_take_message(sip, SIP_RESPONSE, answer);
		return;
	}
	sip->head = answer->head;
	sip->awaited = answer->head > 0 ? answer->length : 0;
	sip->status = final ? answer->status : 0;
	if (final)
		probe_set(sip->run, SIP_GAUGE_STATUS, answer->status);
	await_rest(sip);
}

static void take_whole(
	struct sip_run *sip, enum sip_reading reading, const struct sip_answer *answer)
{
	if (reading == SIP_BLANK)
		await_rest(sip);
	dialogue_consume(&sip->dialogue, answer->length);
	sip_take_message(sip, reading, answer);
}

/* \retval false  no more to be read for now, or the end */
static bool read_message(struct sip_run *sip)
{
	struct dialogue *dialogue = &sip->dialogue;
	struct sip_answer answer;
	enum sip_reading reading;

	/* not decoded again for each octet of its body */
	if (dialogue->length < sip->awaited) {
		await_rest(sip);
		return false;
	}
	sip->awaited = 0;
	sip->status = 0;
	reading = sip_answer_read(
		&sip->request, dialogue->buffer, dialogue->length, SIP_STREAM, &answer);
	if (reading == SIP_NO_MEMORY)
		dialogue_finish_cause(dialogue, CAUSE_LOCAL_RESOURCE);
	else if (reading == SIP_STRANGER)
		dialogue_finish_stranger(dialogue);
	else if (reading == SIP_INCOMPLETE)
		take_part(sip, &answer);
	else
		take_whole(sip, reading, &answer);
	return reading != SIP_INCOMPLETE && !sip->run->finished && dialogue->length > 0;
}

static void stream_heard(struct probe_run *run)
{
	struct sip_run *sip = run->state;

	while (read_message(sip))
		;
}

static void stream_ended(struct probe_run *run)
{
	struct sip_run *sip = run->state;
	bool by_no_final = sip->provisional > 0 && sip->status == 0;
	struct finding finding =
		finding_of(by_no_final ? CAUSE_SIP_NO_FINAL : CAUSE_CLOSED_EARLY);

	if (sip->misfit.cause != CAUSE_NONE)
		finding = sip->misfit;
	else if (sip->status > 0)
		say_what_is_missing(sip, &finding.evidence);
	else if (sip->provisional == 0 && sip->dialogue.heard_total == 0)
		say_that_tls_was_fine(sip, &finding.evidence);
	dialogue_finish(&sip->dialogue, &finding);
}

void sip_start_stream(struct sip_run *sip)
{
	static const struct dialogue_manner manner = {
		.protocol = "SIP",
		.connected = stream_connected,
		.heard = stream_heard,
		.ended = stream_ended,
	};
	const struct sip_options *settings = sip->run->options;

	sip->dialogue.manner = &manner;
	sip->dialogue.buffer = sip->heard;
	sip->dialogue.size = sizeof(sip->heard);
	sip->dialogue.heard_max = HEARD_MAX;
	sip->dialogue.policy = &settings->policy;
	sip->dialogue.server_name = settings->server_name;
	sip->dialogue.secure = settings->transport == SIP_TLS;
	dialogue_open(&sip->dialogue, sip->run);
}
