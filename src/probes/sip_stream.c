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

/* Part of a message, or a keep-alive: from now on silence is another one. */
static void take_part(struct sip_run *sip, const struct sip_answer *answer)
{
	struct finding finding = finding_of(CAUSE_SIP_ALG);

	if (sip->provisional == 0)
		probe_enter(sip->run, PHASE_RESPONSE, CAUSE_TIMEOUT);
	if (!answer->headed || !answer->ours || answer->status < SIP_STATUS_FINAL)
		return;
	/* if the rest never comes, the text was changed and its length was not */
	probe_set(sip->run, SIP_GAUGE_STATUS, answer->status);
	finding.evidence.kind = EVIDENCE_SIP_STATUS;
	finding.evidence.code = (int)answer->status;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		"Content-Length %s, and not all of them came", answer->announced);
	sip_suspect(sip, &finding);
}

/* \retval false  no more to be read for now, or the end */
static bool read_message(struct sip_run *sip)
{
	struct dialogue *dialogue = &sip->dialogue;
	struct sip_answer answer;
	enum sip_reading reading = sip_answer_read(
		&sip->request, dialogue->buffer, dialogue->length, SIP_STREAM, &answer);

	if (reading == SIP_NO_MEMORY) {
		dialogue_finish_cause(dialogue, CAUSE_LOCAL_RESOURCE);
	} else if (reading == SIP_STRANGER) {
		dialogue_finish_stranger(dialogue);
	} else if (reading == SIP_INCOMPLETE) {
		take_part(sip, &answer);
	} else {
		if (reading == SIP_BLANK)
			take_part(sip, &answer);
		dialogue_consume(dialogue, answer.length);
		sip_take_message(sip, reading, &answer);
		return !sip->run->finished && dialogue->length > 0;
	}
	return false;
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
	struct finding finding = finding_of(
		sip->provisional > 0 ? CAUSE_SIP_NO_FINAL : CAUSE_CLOSED_EARLY);

	if (sip->misfit.cause != CAUSE_NONE)
		finding = sip->misfit;
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
