/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/probe.h"

#include <stdio.h>
#include <string.h>

#include "probes/dialogue.h"
#include "probes/payload.h"
#include "probes/probe_kinds.h"

struct tcp_options {
	const char *send;
	const char *expect;

	/* By validate(): the two as octets. */
	struct payload question;
	struct payload answer;
};

struct tcp_run {
	struct dialogue dialogue;
	uint8_t seen[RECOGNISE_MAX];
};

static const struct probe_option options[] = {
	{ .name = "send",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct tcp_options, send),
		.help = "What to send once connected; \\r, \\n, \\t, \\0, \\\\ and \\xNN "
			"stand for octets." },
	{ .name = "expect",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct tcp_options, expect),
		.help = "How the answer must begin, escaped as in send; without it the "
			"connection itself is the answer." },
	{ .name = NULL },
};

static const struct probe_gauge gauges[] = {
	{ .name = NULL },
};

/* As much as is there agrees with what is expected. */
static bool agrees(const struct dialogue *dialogue, const struct payload *answer)
{
	size_t length =
		dialogue->length < answer->length ? dialogue->length : answer->length;

	return memcmp(dialogue->buffer, answer->data, length) == 0;
}

static void tcp_heard(struct probe_run *run)
{
	const struct tcp_options *settings = run->options;
	struct tcp_run *tcp = run->state;

	if (!agrees(&tcp->dialogue, &settings->answer))
		dialogue_finish_stranger(&tcp->dialogue);
	else if (tcp->dialogue.length >= settings->answer.length)
		dialogue_finish_cause(&tcp->dialogue, CAUSE_NONE);
	else /* something was said, so silence from now on is another finding */
		probe_enter(run, PHASE_RESPONSE, CAUSE_TIMEOUT);
}

/* What came so far is what was expected, so it is no stranger's. */
static void tcp_ended(struct probe_run *run)
{
	struct tcp_run *tcp = run->state;

	dialogue_finish_cause(&tcp->dialogue, CAUSE_CLOSED_EARLY);
}

static void tcp_connected(struct probe_run *run)
{
	const struct tcp_options *settings = run->options;
	const struct payload *question = &settings->question;
	struct tcp_run *tcp = run->state;

	if (question->length > 0) {
		probe_enter(run, PHASE_REQUEST, CAUSE_NO_ANSWER);
		dialogue_send(&tcp->dialogue, question->data, question->length);
	}
	if (settings->answer.length == 0)
		dialogue_finish_cause(&tcp->dialogue, CAUSE_NONE);
	else
		probe_enter(run, PHASE_RESPONSE, CAUSE_NO_ANSWER);
}

static void tcp_release(void *untyped)
{
	struct tcp_options *settings = untyped;

	payload_done(&settings->question);
	payload_done(&settings->answer);
}

static bool tcp_validate(void *untyped, char *why, size_t why_size)
{
	struct tcp_options *settings = untyped;

	if (payload_parse(settings->send, &settings->question, why, why_size) &&
		payload_parse(settings->expect, &settings->answer, why, why_size)) {
		if (settings->answer.length <= RECOGNISE_MAX)
			return true;
		snprintf(why, why_size,
			"expect is longer than %d octets; give only its beginning",
			RECOGNISE_MAX);
	}
	tcp_release(settings);
	return false;
}

static void tcp_start(struct probe_run *run)
{
	static const struct dialogue_manner manner = {
		.connected = tcp_connected,
		.heard = tcp_heard,
		.ended = tcp_ended,
	};
	struct tcp_run *tcp = run->state;

	tcp->dialogue.manner = &manner;
	tcp->dialogue.buffer = tcp->seen;
	tcp->dialogue.size = sizeof(tcp->seen);
	dialogue_open(&tcp->dialogue, run);
}

static void tcp_stop(struct probe_run *run)
{
	struct tcp_run *tcp = run->state;

	dialogue_close(&tcp->dialogue);
}

const struct probe_kind *probe_tcp(void)
{
	static const struct probe_kind kind = {
		.name = "tcp",
		.summary = "Opens a TCP connection, and if asked to, sends and expects "
			   "octets.",
		.options = options,
		.gauges = gauges,
		.options_size = sizeof(struct tcp_options),
		.run_size = sizeof(struct tcp_run),
		.validate = tcp_validate,
		.release = tcp_release,
		.start = tcp_start,
		.stop = tcp_stop,
	};

	return &kind;
}
