/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream: packets at fixed times, counted from its beginning, so that a late one
 * makes no other late. After it, when what was under way has had time, a packet that
 * closes the window: its number in the reflector's count tells how many came before it.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "net/evidence.h"
#include "net/own_clock.h"
#include "probes/voice_parts.h"

#define CLOSER_EVERY (100 * MILLISECOND)

/* The kernel's buffer is full: nothing of 50 packets a second, but of others perhaps. */
#define FULL_WAIT (2 * MILLISECOND)
#define FULL_MOST SECOND

/* Clocks that are set within a stream make its times worthless. chrony slews by less. */
#define CLOCK_MOVED (10 * MILLISECOND)

#define NANO_MILLI 1e6
#define NANO_MICRO 1000

static int64_t due_us(const struct voice_run *voice, uint32_t packet)
{
	const struct voice_options *options = voice->run->options;

	return voice->began_us + packet * options->interval_us;
}

/* One port after the other, so that each carries an unbroken part of the stream. */
static uint16_t port_of(const struct voice_run *voice, uint32_t packet)
{
	uint64_t part = (uint64_t)packet * voice->port_count / voice->packets;

	return voice->ports[part < voice->port_count ? part : voice->port_count - 1];
}

/* \retval false  not now, or the run is over */
static bool send_next(struct voice_run *voice)
{
	const struct voice_options *options = voice->run->options;
	uint32_t packet = (uint32_t)quality_log_count(voice->log);
	struct stamp_request request = { .sequence = packet,
		.ssid = voice->ssid,
		.asks_class = true,
		.dscp = (uint8_t)options->dscp,
		.length = (size_t)options->length };
	int64_t sent_ns = voice_send(voice, port_of(voice, packet), &request);

	if (sent_ns == 0)
		return false;
	quality_log_sent(voice->log, sent_ns);
	return true;
}

static double clock_error_ms(const struct voice_run *voice, const struct quality *quality)
{
	int64_t own_us = stamp_error_us(voice->error);

	if (own_us == INT64_MAX || voice->their_error_us == INT64_MAX ||
		!quality_error_holds(
			quality, (own_us + voice->their_error_us) * NANO_MICRO))
		return INFINITY;
	return ((double)own_us + (double)voice->their_error_us) / 1000;
}

static void set_network(struct voice_facts *facts, enum quality_direction way)
{
	const struct quality *quality = facts->quality;
	int64_t delay_ns;

	facts->network_ms[way] = (double)quality->round_median_ns / 2 / NANO_MILLI;
	facts->one_way[way] = isfinite(facts->clock_error_ms) &&
		quality_one_way(&quality->ways[way],
			(int64_t)(facts->clock_error_ms * NANO_MILLI), &delay_ns);
	if (facts->one_way[way])
		facts->network_ms[way] = (double)delay_ns / NANO_MILLI;
}

static bool clock_has_moved(struct voice_run *voice, const struct quality *quality)
{
	struct finding finding = finding_of(CAUSE_LOCAL_CLOCK);
	int64_t moved_us = clock_ahead_us() - voice->ahead_us;
	char *detail = finding.evidence.detail;
	size_t size = sizeof(finding.evidence.detail);

	finding.evidence.kind = EVIDENCE_COMPARISON;
	if (llabs(moved_us) > CLOCK_MOVED)
		snprintf(detail, size, "our clock was moved by %.3f s within the stream",
			SECONDS_OF(moved_us));
	else if (quality_clock_moved(quality))
		snprintf(detail, size,
			"the reflector's clock was moved within the stream");
	else
		return false;
	voice_finish(voice, &finding);
	return true;
}

/*
 * Its ports answered before, and now their host says that nobody is there: the reflector
 * was stopped, or leaves them to a PBX for a while. What was lost then was not the
 * path's.
 */
static bool reflector_has_left(struct voice_run *voice, const struct quality *quality)
{
	struct finding finding = voice->refusal;

	if (voice->left_port == 0 || quality->answered == voice->packets)
		return false;
	finding.verdict = VERDICT_UNKNOWN;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		"the reflector left port %u within the stream", voice->left_port);
	voice_finish(voice, &finding);
	return true;
}

static enum quality_numbers numbers_of(const struct voice_run *voice)
{
	if (voice->stateless)
		return QUALITY_COPIED;
	return voice->nameless ? QUALITY_COUNTED_ON : QUALITY_COUNTED;
}

static void conclude(struct voice_run *voice)
{
	const struct voice_options *options = voice->run->options;
	uint16_t error = own_clock_estimate();
	struct quality quality;
	struct voice_facts facts = {
		.options = options, .quality = &quality, .altered = voice->altered
	};
	struct finding finding;

	/* the worse of the two ends of the stream */
	if (stamp_error_us(error) > stamp_error_us(voice->error))
		voice->error = error;
	quality_measure(voice->log, voice->packets, numbers_of(voice),
		options->buffer_us * NANO_MICRO, &quality);
	if (clock_has_moved(voice, &quality) || reflector_has_left(voice, &quality))
		return;
	facts.altered += quality.strange;
	facts.clock_error_ms = clock_error_ms(voice, &quality);
	set_network(&facts, QUALITY_FORWARD);
	set_network(&facts, QUALITY_BACKWARD);
	voice_report(voice, &facts);
	finding = voice_judge(&facts);
	if (quality.answered == 0 && voice->refusal.cause != CAUSE_NONE)
		finding = voice->refusal;
	voice_finish(voice, &finding);
}

static void closing_woken(struct voice_run *voice)
{
	const struct voice_options *options = voice->run->options;
	int64_t past_us = clock_now_us() - voice->began_us;
	size_t closers = quality_log_count(voice->log) - voice->packets;

	if ((voice->closed && past_us >= options->grace_us) ||
		past_us >= 2 * options->grace_us) {
		conclude(voice);
		return;
	}
	if (past_us >= options->grace_us / 2 && !voice->closed && closers < VOICE_CLOSERS)
		send_next(voice);
	if (!voice->run->finished)
		loop_timer_set(&voice->timer, CLOSER_EVERY);
}

static bool is_of_stream(const struct voice_run *voice, const struct stamp_reply *reply)
{
	return reply->sender_sequence < quality_log_count(voice->log) &&
		(reply->ssid == voice->ssid || reply->ssid == 0) &&
		voice_same_time(reply->sender_sent_ns,
			quality_log_sent_ns(voice->log, reply->sender_sequence));
}

static bool is_streams_port(const struct voice_run *voice, uint16_t port)
{
	for (unsigned i = 0; i < voice->port_count; i++) {
		if (voice->ports[i] == port)
			return true;
	}
	return false;
}

/* Of ports that were looked at before, anything may come late. */
static void stream_doubts(
	struct voice_run *voice, enum stamp_flaw flaw, const struct volley_answer *answer)
{
	(void)flaw;
	voice->altered += is_streams_port(voice, answer->port);
}

/* The first one is kept, and counts if nothing at all comes back. */
static void stream_refused(
	struct voice_run *voice, uint16_t port, const struct finding *finding)
{
	if (!is_streams_port(voice, port))
		return;
	voice_keep_refusal(voice, port, finding);
	if (voice_is_nobody_there(finding))
		voice->left_port = port;
}

static void note_class(struct voice_run *voice, const struct stamp_reply *reply,
	const struct volley_answer *answer)
{
	if (reply->class_told)
		voice->classes[QUALITY_FORWARD][reply->class_dscp]++;
	voice->class_refused |= reply->class_refused;
	if (answer->tos >= 0)
		voice->classes[QUALITY_BACKWARD][answer->tos >> 2 & 0x3f]++;
}

static void stream_heard(struct voice_run *voice, const struct stamp_reply *reply,
	const struct volley_answer *answer)
{
	struct quality_reply noted = { .sequence = reply->sender_sequence,
		.reflected = reply->sequence,
		.reached_ns = reply->received_ns,
		.left_ns = reply->sent_ns,
		.back_ns = answer->arrived_ns };
	int64_t error_us = stamp_error_us(reply->error);

	/* late answers to who looked for ports */
	if (reply->sender_sequence >= VOICE_SCOUT_FIRST)
		return;
	if (!is_of_stream(voice, reply) ||
		answer->port != port_of(voice, reply->sender_sequence) ||
		!quality_log_reply(voice->log, &noted)) {
		stream_doubts(voice, STAMP_GOOD, answer);
		return;
	}
	voice->nameless |= reply->ssid == 0;
	voice->altered += reply->padding_altered;
	voice->closed |= reply->sender_sequence >= voice->packets;
	if (error_us > voice->their_error_us)
		voice->their_error_us = error_us;
	note_class(voice, reply, answer);
}

static void begin_closing(struct voice_run *voice)
{
	static const struct voice_stage stage = {
		.wake = closing_woken,
		.hear = stream_heard,
		.doubt = stream_doubts,
		.refuse = stream_refused,
	};

	voice_enter(voice, &stage);
}

static void wait_for_room(struct voice_run *voice, int64_t late_us)
{
	struct finding finding = evidence_from_errno(ENOBUFS);

	if (voice->run->finished)
		return;
	if (late_us < FULL_MOST)
		loop_timer_set(&voice->timer, FULL_WAIT);
	else
		voice_finish(voice, &finding);
}

static void stream_woken(struct voice_run *voice)
{
	uint32_t next = (uint32_t)quality_log_count(voice->log);
	int64_t late_us = clock_now_us() - due_us(voice, next);

	if (late_us > voice->late_us)
		voice->late_us = late_us;
	if (late_us >= 0 && !send_next(voice)) {
		wait_for_room(voice, late_us);
		return;
	}
	next = (uint32_t)quality_log_count(voice->log);
	probe_progress(voice->run, next, voice->packets);
	if (next == voice->packets)
		begin_closing(voice);
	else /* what is late already goes on the next turn */
		loop_timer_set(&voice->timer, due_us(voice, next) - clock_now_us());
}

void voice_stream(struct voice_run *voice)
{
	static const struct voice_stage stage = {
		.wake = stream_woken,
		.hear = stream_heard,
		.doubt = stream_doubts,
		.refuse = stream_refused,
	};

	/* the configuration sees to it that the deadline comes later than the end */
	probe_enter(voice->run, PHASE_RESPONSE, CAUSE_LOCAL_RESOURCE);
	voice->ahead_us = clock_ahead_us();
	voice->refusal = finding_of(CAUSE_NONE);
	voice_enter(voice, &stage);
}
