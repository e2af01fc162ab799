/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One datagram to a UDP port. Nearly nothing on UDP answers what it does not understand,
 * so silence says nothing unless the configuration says that the protocol owes an answer.
 */
#include <stdio.h>
#include <string.h>

#include "net/recognise.h"
#include "probes/exchange.h"
#include "probes/payload.h"
#include "probes/probe_kinds.h"

/* Passes every path unfragmented: IPv6's least MTU of 1280 less its header and UDP's. */
#define OCTETS_MAX 1232

#define REPEAT_MOST_US (4 * SECOND)

struct udp_options {
	const char *payload_text;
	const char *reply_text;
	bool owes_answer;
	int64_t repeat_after_us;
	struct payload payload; /* by validate() */
	struct payload reply;   /* empty = any answer is good */
};

struct udp_run {
	struct exchange exchange;
};

static const struct probe_option udp_option_table[] = {
	{ .name = "payload",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct udp_options, payload_text),
		.help = "What to send; \\r, \\n, \\t, \\0, \\\\ and \\xNN stand for "
			"octets. "
			"Without it an empty datagram." },
	{ .name = "reply",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct udp_options, reply_text),
		.help = "How the answer must begin, escaped as in payload; without it "
			"any "
			"answer is good." },
	{ .name = "owes_answer",
		.type = PROBE_OPTION_BOOL,
		.offset = offsetof(struct udp_options, owes_answer),
		.fallback = "false",
		.help = "Whether silence is a failure; else it is unknown, for a UDP "
			"port "
			"may be open and silent." },
	EXCHANGE_REPEAT_OPTION(struct udp_options, "1s"),
	{ .name = NULL },
};

enum { GAUGE_REPLY = EXCHANGE_GAUGE_COUNT };

static const struct probe_gauge udp_gauge_table[] = {
	EXCHANGE_GAUGES,
	[GAUGE_REPLY] = { .name = "udp_reply_bytes",
		.help = "Length of the last answer from the address asked." },
	{ .name = NULL },
};

static void udp_release(void *untyped)
{
	struct udp_options *options = untyped;

	payload_done(&options->payload);
	payload_done(&options->reply);
}

static bool udp_validate(void *untyped, char *why, size_t why_size)
{
	struct udp_options *options = untyped;

	if (payload_parse(options->payload_text, &options->payload, why, why_size) &&
		payload_parse(options->reply_text, &options->reply, why, why_size)) {
		if (options->payload.length <= OCTETS_MAX &&
			options->reply.length <= OCTETS_MAX)
			return true;
		snprintf(why, why_size, "payload and reply hold at most %d octets",
			OCTETS_MAX);
	}
	udp_release(options);
	return false;
}

static bool fits(const struct payload *reply, const struct datagram_answer *answer)
{
	return reply->length == 0 ||
		(answer->length >= reply->length &&
			memcmp(answer->data, reply->data, reply->length) == 0);
}

static void udp_answered(struct probe_run *run, const struct datagram_answer *answer)
{
	const struct udp_options *options = run->options;
	struct udp_run *udp = run->state;
	struct finding finding;

	probe_set(run, GAUGE_REPLY, (double)answer->length);
	if (fits(&options->reply, answer)) {
		exchange_measure(&udp->exchange, answer);
		exchange_close(&udp->exchange);
		probe_finish_ok(run);
		return;
	}
	finding = recognise_stranger(answer->data, answer->length, &run->target.address);
	probe_suspect(run, &finding);
}

static void udp_start(struct probe_run *run)
{
	const struct udp_options *options = run->options;
	struct udp_run *udp = run->state;

	probe_enter(run, PHASE_REQUEST, CAUSE_TIMEOUT);
	if (!exchange_open(&udp->exchange, run, udp_answered) ||
		!exchange_send(
			&udp->exchange, options->payload.data, options->payload.length))
		return;
	probe_enter(run, PHASE_RESPONSE, CAUSE_TIMEOUT);
	/* also where silence says nothing: a lost answer would turn ok into unknown */
	exchange_persist(&udp->exchange, options->payload.data, options->payload.length,
		options->repeat_after_us, REPEAT_MOST_US);
	if (!options->owes_answer)
		probe_silence_verdict(run, VERDICT_UNKNOWN);
}

static void udp_stop(struct probe_run *run)
{
	struct udp_run *udp = run->state;

	exchange_close(&udp->exchange);
}

const struct probe_kind *probe_udp(void)
{
	static const struct probe_kind kind = {
		.name = "udp",
		.summary = "Sends one datagram to a UDP port and judges the answer, the "
			   "ICMP "
			   "error, or the silence.",
		.options = udp_option_table,
		.gauges = udp_gauge_table,
		.options_size = sizeof(struct udp_options),
		.run_size = sizeof(struct udp_run),
		.validate = udp_validate,
		.release = udp_release,
		.start = udp_start,
		.stop = udp_stop,
	};

	return &kind;
}
