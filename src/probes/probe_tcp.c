/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/recognise.h"
#include "net/stream.h"
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
	struct probe_run *run;
	struct stream stream;
	size_t sent;
	size_t received;
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

static void end_in_trouble(struct tcp_run *tcp, ssize_t error)
{
	struct finding finding = stream_trouble(&tcp->stream, (int)error);

	probe_finish(tcp->run, &finding);
}

static void end_as_stranger(struct tcp_run *tcp)
{
	struct finding finding =
		recognise_stranger(tcp->seen, tcp->received, &tcp->run->target.address);

	probe_finish(tcp->run, &finding);
}

/* As much as is there agrees with what is expected. */
static bool agrees(const struct tcp_run *tcp, const struct payload *answer)
{
	size_t length = tcp->received < answer->length ? tcp->received : answer->length;

	return memcmp(tcp->seen, answer->data, length) == 0;
}

static void read_answer(struct tcp_run *tcp)
{
	const struct tcp_options *settings = tcp->run->options;
	const struct payload *answer = &settings->answer;
	ssize_t length = stream_read(&tcp->stream, tcp->seen + tcp->received,
		sizeof(tcp->seen) - tcp->received);

	if (length == -EAGAIN)
		return;
	if (length < 0) {
		end_in_trouble(tcp, length);
		return;
	}
	if (length == 0) {
		probe_finish_cause(tcp->run, CAUSE_CLOSED_EARLY);
		return;
	}
	tcp->received += (size_t)length;
	if (!agrees(tcp, answer)) {
		end_as_stranger(tcp);
	} else if (tcp->received >= answer->length) {
		probe_finish_ok(tcp->run);
	} else {
		/* something was said, so silence from now on is another finding */
		probe_enter(tcp->run, PHASE_RESPONSE, CAUSE_TIMEOUT);
	}
}

static void await_answer(struct tcp_run *tcp)
{
	const struct tcp_options *settings = tcp->run->options;

	if (settings->answer.length == 0) {
		probe_finish_ok(tcp->run);
		return;
	}
	probe_enter(tcp->run, PHASE_RESPONSE, CAUSE_NO_ANSWER);
	stream_want(&tcp->stream, LOOP_READ);
}

static void send_question(struct tcp_run *tcp)
{
	const struct tcp_options *settings = tcp->run->options;
	const struct payload *question = &settings->question;

	while (tcp->sent < question->length) {
		ssize_t length = stream_write(&tcp->stream, question->data + tcp->sent,
			question->length - tcp->sent);

		if (length == -EAGAIN) {
			stream_want(&tcp->stream, LOOP_WRITE);
			return;
		}
		if (length < 0) {
			end_in_trouble(tcp, length);
			return;
		}
		tcp->sent += (size_t)length;
	}
	await_answer(tcp);
}

static void tcp_connected(void *context)
{
	struct tcp_run *tcp = context;
	const struct tcp_options *settings = tcp->run->options;
	int64_t round_trip_us = stream_round_trip_us(&tcp->stream);

	/* the kernel's own measure: it does not know how busy this loop is */
	if (round_trip_us > 0)
		probe_phase_time(tcp->run, PHASE_CONNECT, round_trip_us);
	if (settings->question.length > 0)
		probe_enter(tcp->run, PHASE_REQUEST, CAUSE_NO_ANSWER);
	send_question(tcp);
}

static void tcp_ready(void *context, unsigned ready)
{
	struct tcp_run *tcp = context;
	const struct tcp_options *settings = tcp->run->options;

	(void)ready;
	if (tcp->run->finished)
		return;
	if (tcp->sent < settings->question.length)
		send_question(tcp);
	else
		read_answer(tcp);
}

static void tcp_failed(void *context, const struct finding *finding)
{
	struct tcp_run *tcp = context;

	probe_finish(tcp->run, finding);
}

static const struct stream_events events = {
	.connected = tcp_connected,
	.ready = tcp_ready,
	.failed = tcp_failed,
};

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
	struct tcp_run *tcp = run->state;
	struct finding finding;

	tcp->run = run;
	probe_enter(run, PHASE_CONNECT, CAUSE_TIMEOUT);
	if (!stream_open(&tcp->stream, run->services->loop, &run->target.address,
		    run->target.port, &events, tcp, &finding))
		probe_finish(run, &finding);
}

static void tcp_stop(struct probe_run *run)
{
	struct tcp_run *tcp = run->state;

	stream_close(&tcp->stream);
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
