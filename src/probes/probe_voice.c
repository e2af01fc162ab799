/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream as a call would send it, to a STAMP reflector and back: how it would sound.
 * First a port is found that answers, for a blocked one is the business of the kind rtp;
 * then packets go out at fixed times, and what their answers tell is measured each way
 * and rated by the E-model.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "net/evidence.h"
#include "net/key_file.h"
#include "net/own_clock.h"
#include "probes/probe_kinds.h"
#include "probes/voice_parts.h"

#define OPTION_SHARE(option, field_name, fallback_text, words)        \
	{                                                             \
		.name = option, .type = PROBE_OPTION_INTEGER,         \
		.offset = offsetof(struct voice_options, field_name), \
		.fallback = fallback_text, .least = 0, .most = 1000,  \
		.help = "Packets of one thousand that may " words     \
			" in a direction; more is degraded."          \
	}

static const struct probe_option voice_option_table[] = {
	{ .name = "duration",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct voice_options, duration_us),
		.fallback = "10s",
		.least = SECOND,
		.most = MINUTE,
		.help = "How long the stream is; 10s are 500 packets, of which one is "
			"0.2 %." },
	{ .name = "interval",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct voice_options, interval_us),
		.fallback = "20ms",
		.least = 10 * MILLISECOND,
		.most = 60 * MILLISECOND,
		.help = "Voice in one packet, and so the time from one to the next." },
	{ .name = "length",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct voice_options, length),
		.fallback = "172",
		.least = STAMP_OPEN_LENGTH,
		.most = STAMP_LENGTH_MAX,
		.help = "Payload of a packet: 172 are 20 ms of G.711 and the RTP header; "
			"with a key less than 144 does not fit." },
	{ .name = "dscp",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct voice_options, dscp),
		.fallback = "46",
		.least = 0,
		.most = 63,
		.help = "Class of service of the packets, and asked for the answers; 46 "
			"is EF." },
	{ .name = "ports",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct voice_options, ports),
		.fallback = "1",
		.least = 1,
		.most = VOICE_PORTS_MAX,
		.help = "Ports of the row's range that share the stream, one after the "
			"other, chosen anew for each run." },
	{ .name = "key_file",
		.type = PROBE_OPTION_FILE,
		.offset = offsetof(struct voice_options, key_file),
		.help = "Secret shared with the reflector, as generate-key writes it; "
			"without "
			"one it is asked openly." },
	{ .name = "control_port",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct voice_options, control_port),
		.fallback = "862",
		.least = 1,
		.most = UINT16_MAX,
		.help = "Where the reflector is asked about its ports when none of them "
			"answers." },
	{ .name = "grace",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct voice_options, grace_us),
		.fallback = "1s",
		.least = 200 * MILLISECOND,
		.most = 5 * SECOND,
		.help = "How long answers are waited for after the last packet; later "
			"ones are lost." },
	{ .name = "buffer",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct voice_options, buffer_us),
		.fallback = "60ms",
		.least = 0,
		.most = SECOND,
		.help = "De-jitter buffer of the telephones: what is later than the "
			"fastest packet by more cannot be played." },
	{ .name = "codec",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct voice_options, codec),
		.fallback = "g711-plc",
		.choices = e_model_codec_names,
		.help = "For which codec the stream is judged; all are measured." },
	{ .name = "advantage",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct voice_options, advantage),
		.fallback = "0",
		.least = 0,
		.most = 20,
		.help = "Advantage factor A of G.107: 0 for wires, 5 in a building and "
			"10 in a region for mobile users." },
	OPTION_SHARE("loss_max", loss_max, "10", "be lost, or too late to be played,"),
	OPTION_SHARE("reorder_max", reorder_max, "10", "arrive out of order"),
	OPTION_SHARE("duplicate_max", duplicate_max, "10", "arrive twice"),
	OPTION_SHARE("corruption_max", corruption_max, "0", "come back altered"),
	{ .name = "jitter_max",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct voice_options, jitter_max_us),
		.fallback = "30ms",
		.least = 0,
		.most = SECOND,
		.help = "Jitter by RFC 3550 that a direction may have; more is "
			"degraded." },
	{ .name = "delay_max",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct voice_options, delay_max_us),
		.fallback = "150ms",
		.least = 0,
		.most = 10 * SECOND,
		.help = "Delay from mouth to ear that a direction may have; more is "
			"degraded (G.114)." },
	{ .name = "rating_degraded",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct voice_options, rating_degraded),
		.fallback = "70",
		.least = 0,
		.most = 100,
		.help = "R below which a direction is degraded; below 70 many users are "
			"dissatisfied (G.109)." },
	{ .name = "rating_failed",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct voice_options, rating_failed),
		.fallback = "50",
		.least = 0,
		.most = 100,
		.help = "R below which a direction has failed; G.109 recommends no "
			"connection below 50." },
	{ .name = NULL },
};

uint32_t voice_packets(const struct voice_options *options)
{
	return (uint32_t)(options->duration_us / options->interval_us);
}

static int64_t voice_longest(const void *untyped)
{
	const struct voice_options *options = untyped;

	return VOICE_SCOUT_TIME + options->duration_us + 2 * options->grace_us +
		VOICE_SLACK;
}

/* The packet, what it asks by TLVs, their HMAC, and padding of no octet. */
static int64_t least_length(const struct voice_options *options)
{
	if (options->key_file)
		return STAMP_KEYED_LENGTH + 8 + 20 + 4;
	return STAMP_OPEN_LENGTH + 8 + 4;
}

static bool voice_validate(void *untyped, char *why, size_t why_size)
{
	struct voice_options *options = untyped;
	char reason[160];

	if (options->rating_failed > options->rating_degraded) {
		snprintf(why, why_size,
			"rating_failed is above rating_degraded; write a lower one");
		return false;
	}
	if (options->length < least_length(options)) {
		snprintf(why, why_size,
			"length is less than a packet has; write %zu or more",
			(size_t)least_length(options));
		return false;
	}
	if (!options->key_file)
		return true;
	if (key_file_read(options->key_file, &options->key, reason, sizeof(reason)) == 0)
		return true;
	snprintf(why, why_size, "%s %s", options->key_file, reason);
	return false;
}

static void voice_release(void *untyped)
{
	struct voice_options *options = untyped;

	stamp_key_free(options->key);
	options->key = NULL;
}

static void voice_close(struct voice_run *voice)
{
	loop_timer_cancel(&voice->timer);
	volley_close(voice->volley);
	voice->volley = NULL;
}

void voice_finish(struct voice_run *voice, const struct finding *finding)
{
	voice_close(voice);
	probe_finish(voice->run, finding);
}

static void voice_woken(void *context)
{
	struct voice_run *voice = context;

	voice->stage->wake(voice);
}

void voice_enter(struct voice_run *voice, const struct voice_stage *stage)
{
	voice->stage = stage;
	voice->began_us = clock_now_us();
	loop_timer_set(&voice->timer, 0);
}

static void voice_answered(void *context, const struct volley_answer *answer)
{
	struct voice_run *voice = context;
	const struct voice_options *options = voice->run->options;
	struct stamp_reply reply;
	enum stamp_flaw flaw = answer->cut
		? STAMP_LONG
		: stamp_read_reply(answer->data, answer->length, options->key,
			  voice->padding, &reply);

	/* of a packet with bad TLVs the rest is good: they may be strange to it */
	if (flaw == STAMP_GOOD || flaw == STAMP_MALFORMED)
		voice->stage->hear(voice, &reply, answer);
	else
		voice->stage->doubt(voice, flaw, answer);
}

void voice_keep_refusal(
	struct voice_run *voice, uint16_t port, const struct finding *finding)
{
	if (voice->refusal.cause != CAUSE_NONE)
		return;
	voice->refusal = *finding;
	probe_note(voice->run, "port %u: %s", port, cause_name(finding->cause));
}

static void voice_refused(void *context, uint16_t port, const struct finding *finding)
{
	struct voice_run *voice = context;

	/* what our own firewall takes from a stream is no loss of the path */
	if (finding->cause == CAUSE_LOCAL_DENIED && voice->port_count > 0)
		voice_finish(voice, finding);
	else
		voice->stage->refuse(voice, port, finding);
}

static void voice_failed(void *context, const struct finding *finding)
{
	voice_finish(context, finding);
}

static const struct volley_events voice_events = {
	.answer = voice_answered,
	.refused = voice_refused,
	.failed = voice_failed,
};

int64_t voice_send(
	struct voice_run *voice, uint16_t port, const struct stamp_request *request)
{
	const struct voice_options *options = voice->run->options;
	struct stamp_request whole = *request;
	uint8_t octets[STAMP_LENGTH_MAX];
	struct volley_datagram datagram = { .port = port, .data = octets };

	whole.error = voice->error;
	whole.padding = voice->padding;
	whole.sent_ns = clock_wall_ns();
	datagram.length =
		stamp_write_request(octets, sizeof(octets), &whole, options->key);
	if (datagram.length == 0 || volley_send(voice->volley, &datagram, 1) == 0)
		return 0;
	return whole.sent_ns;
}

static bool has_memory(struct voice_run *voice)
{
	struct finding finding = evidence_from_errno(ENOMEM);

	voice->packets = voice_packets(voice->run->options);
	voice->log = quality_log_new(voice->packets + VOICE_CLOSERS);
	if (!voice->log)
		voice_finish(voice, &finding);
	return voice->log != NULL;
}

static bool can_send(struct voice_run *voice)
{
	const struct voice_options *options = voice->run->options;
	struct probe_run *run = voice->run;
	struct volley_settings settings = { .loop = run->services->loop,
		.address = run->target.address,
		.dscp = (uint8_t)options->dscp,
		.claims = run->services->steered,
		.events = &voice_events,
		.context = voice };
	struct transport_address local;
	struct finding finding;

	voice->volley = volley_open(&settings, &finding);
	if (!voice->volley) {
		voice_finish(voice, &finding);
		return false;
	}
	if (volley_local(voice->volley, &local))
		probe_local(run, &local);
	return true;
}

static uint16_t random_ssid(void)
{
	uint16_t ssid;

	random_fill(&ssid, sizeof(ssid));
	return ssid ? ssid : 1;
}

static void voice_start(struct probe_run *run)
{
	struct voice_run *voice = run->state;

	voice->run = run;
	voice->refusal = finding_of(CAUSE_NONE);
	voice->error = own_clock_estimate();
	voice->ssid = random_ssid();
	/* the next one, so that the two sessions are never one */
	voice->scout_ssid = voice->ssid == UINT16_MAX ? 1 : voice->ssid + 1;
	random_fill(&voice->padding, sizeof(voice->padding));
	voice->padding |= 1;
	loop_timer_init(&voice->timer, run->services->loop, LOOP_PRIORITY_ANSWER,
		voice_woken, voice);
	probe_enter(run, PHASE_REQUEST, CAUSE_TIMEOUT);
	if (has_memory(voice) && can_send(voice))
		voice_scout(voice);
}

static void voice_stop(struct probe_run *run)
{
	struct voice_run *voice = run->state;

	voice_close(voice);
	loop_timer_done(&voice->timer);
	quality_log_free(voice->log);
	voice->log = NULL;
}

const struct probe_kind *probe_voice(void)
{
	static struct probe_kind kind = {
		.name = "voice",
		.summary =
			"Sends a stream as a call would to a STAMP reflector, and tells "
			"how each direction of it would sound.",
		.options = voice_option_table,
		.options_size = sizeof(struct voice_options),
		.run_size = sizeof(struct voice_run),
		.takes_ranges = true,
		.apart = true,
		.validate = voice_validate,
		.longest = voice_longest,
		.release = voice_release,
		.start = voice_start,
		.stop = voice_stop,
	};

	kind.gauges = voice_gauges();
	return &kind;
}
