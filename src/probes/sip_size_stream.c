/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By TCP and TLS a request is cut into segments, as large as both ends take. One that
 * fills two of them meets a hole in the path's MTU on its way to the server, which small
 * requests never do. The silence after it is what the engine looks at again with small
 * segments (engine/flight.h).
 */
#include <stdio.h>

#include "probes/sip_size_parts.h"

/* Two segments of an Ethernet and a little. */
#define LARGE 3000

static void send_request(struct size_run *size, size_t length)
{
	probe_enter(size->run, PHASE_REQUEST, CAUSE_NO_ANSWER);
	size_write(size, &size->run->outcome.local, length);
	dialogue_send(&size->dialogue, size->text, size->length);
	probe_enter(size->run, PHASE_RESPONSE, CAUSE_NO_ANSWER);
}

static void stream_connected(struct probe_run *run)
{
	send_request(run->state, 0);
}

static void stream_answered(struct size_run *size)
{
	struct evidence evidence = { .kind = EVIDENCE_PEER,
		.offender = size->run->target.address };
	size_t answered = size->length;
	struct finding fine = finding_of(CAUSE_NONE);

	if (size->large) {
		probe_set(size->run, SIZE_GAUGE_LARGEST, (double)answered);
		dialogue_finish(&size->dialogue, &fine);
		return;
	}
	size->large = true;
	probe_unmeasured(size->run, NULL);
	send_request(size, LARGE);
	snprintf(evidence.detail, sizeof(evidence.detail),
		"answers a request of %zu octets, silent to one of %zu", answered,
		size->length);
	probe_silence_evidence(size->run, &evidence);
}

/* \retval false  no more to be read for now, or the end */
static bool read_message(struct size_run *size)
{
	struct dialogue *dialogue = &size->dialogue;
	struct sip_answer answer;
	enum sip_reading reading = sip_answer_read(
		&size->request, dialogue->buffer, dialogue->length, SIP_STREAM, &answer);

	if (reading == SIP_INCOMPLETE)
		return false;
	if (reading == SIP_NO_MEMORY) {
		dialogue_finish_cause(dialogue, CAUSE_LOCAL_RESOURCE);
		return false;
	}
	if (reading == SIP_STRANGER) {
		dialogue_finish_stranger(dialogue);
		return false;
	}
	if (reading != SIP_RESPONSE || !answer.ours)
		size_note_misfit(size, reading, &answer, dialogue->buffer, answer.length);
	dialogue_consume(dialogue, answer.length);
	/* provisional ones are waited past, lest the final one be taken for the next */
	if (reading == SIP_RESPONSE && answer.ours && answer.status >= SIZE_STATUS_FINAL)
		stream_answered(size);
	return !size->run->finished && dialogue->length > 0;
}

static void stream_heard(struct probe_run *run)
{
	while (read_message(run->state))
		;
}

void size_start_stream(struct size_run *size)
{
	static const struct dialogue_manner manner = {
		.protocol = "SIP",
		.connected = stream_connected,
		.heard = stream_heard,
	};
	const struct size_options *settings = size->run->options;

	size->dialogue.manner = &manner;
	size->dialogue.buffer = size->heard;
	size->dialogue.size = sizeof(size->heard);
	size->dialogue.heard_max = 4 * sizeof(size->heard);
	size->dialogue.policy = &settings->policy;
	size->dialogue.server_name = settings->server_name;
	size->dialogue.secure = settings->transport == SIP_TLS;
	dialogue_open(&size->dialogue, size->run);
}
