/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/dialogue.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "probes/tls_gauges.h"

/* Types of the records that a server may begin with (RFC 8446, 5.1). */
#define RECORD_ALERT     21
#define RECORD_HANDSHAKE 22

/* Reads in one turn of the loop: a flood from one peer must not starve all others. */
#define READS_PER_TURN 16

/* The worse of the two; the kind's own if they are alike. */
static const struct finding *graver(
	const struct finding *own, const struct finding *of_tls)
{
	if (of_tls->verdict != own->verdict &&
		verdict_worse(own->verdict, of_tls->verdict) == of_tls->verdict)
		return of_tls;
	return own;
}

void dialogue_finish(struct dialogue *dialogue, const struct finding *finding)
{
	const struct tls_facts *facts = &dialogue->session.observer.facts;
	struct finding of_tls;

	if (!dialogue->by_tls || dialogue->run->finished) {
		probe_finish(dialogue->run, finding);
		return;
	}
	tls_gauges_set(dialogue->run, facts);
	of_tls = dialogue->handshaken ? tls_policy_judge(dialogue->policy, facts)
				      : finding_of(CAUSE_NONE);
	probe_finish(dialogue->run, graver(finding, &of_tls));
}

void dialogue_finish_cause(struct dialogue *dialogue, enum cause cause)
{
	struct finding finding = finding_of(cause);

	dialogue_finish(dialogue, &finding);
}

/* What came before the end names a peer that speaks something else. */
static bool is_stranger(const struct dialogue *dialogue)
{
	const char *name = recognise(dialogue->first, dialogue->first_length);
	const char *own = dialogue->manner->protocol;

	return name && own && strcmp(name, own) != 0;
}

/* Who began in our protocol and went on otherwise is named by how it went on. */
void dialogue_finish_stranger(struct dialogue *dialogue)
{
	const struct address *peer = &dialogue->run->target.address;
	struct finding finding = is_stranger(dialogue)
		? recognise_stranger(dialogue->first, dialogue->first_length, peer)
		: recognise_stranger(dialogue->buffer, dialogue->length, peer);

	dialogue_finish(dialogue, &finding);
}

static bool refuses_us(const struct dialogue *dialogue)
{
	const struct tls_observer *observer = &dialogue->session.observer;

	return tls_only_wants_certificate(observer) ||
		(tls_may_want_certificate(observer) && dialogue->heard_total == 0);
}

/*
 * A server that refuses us only for want of a certificate of ours has proven the path and
 * TLS. That is all that a kind asks for which awaits no words; the others have not heard
 * their protocol.
 */
static struct finding finding_of_refusal(const struct dialogue *dialogue)
{
	struct finding finding = finding_of(CAUSE_TLS_HANDSHAKE_FAILURE);

	if (!dialogue->manner->heard)
		return finding_of(CAUSE_NONE);
	if (dialogue->session.failure.cause == finding.cause)
		finding = dialogue->session.failure;
	else
		finding.evidence.kind = EVIDENCE_PEER;
	finding.verdict = VERDICT_DEGRADED;
	text_copy(finding.evidence.detail, sizeof(finding.evidence.detail),
		"it wants a certificate of ours; only TLS was spoken");
	return finding;
}

/* \param failure  what it is if the server does not merely want a certificate */
static void end_session(struct dialogue *dialogue, struct finding failure)
{
	if (!dialogue->handshaken)
		tls_gauges_note(dialogue->run, &dialogue->session.observer.facts);
	if (refuses_us(dialogue)) {
		dialogue->handshaken = true; /* as far as it is to be judged */
		failure = finding_of_refusal(dialogue);
	}
	dialogue_finish(dialogue, &failure);
}

static void end_in_trouble(struct dialogue *dialogue, int error)
{
	struct finding finding;

	if (dialogue->by_tls) {
		end_session(dialogue, dialogue->session.failure);
		return;
	}
	finding = stream_trouble(&dialogue->stream, error);
	if (is_stranger(dialogue))
		dialogue_finish_stranger(dialogue);
	else
		dialogue_finish(dialogue, &finding);
}

static void end_closed(struct dialogue *dialogue)
{
	probe_note(dialogue->run, "closed by the peer");
	if (dialogue->by_tls && refuses_us(dialogue))
		end_session(dialogue, finding_of(CAUSE_CLOSED_EARLY));
	else if (dialogue->manner->ended)
		dialogue->manner->ended(dialogue->run);
	else if (is_stranger(dialogue))
		dialogue_finish_stranger(dialogue);
	else
		dialogue_finish_cause(dialogue, CAUSE_CLOSED_EARLY);
}

static void end_oversize(struct dialogue *dialogue, size_t most)
{
	struct finding finding = finding_of(CAUSE_GARBAGE);

	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = dialogue->run->target.address;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		"more than %zu octets without an end", most);
	if (is_stranger(dialogue))
		dialogue_finish_stranger(dialogue);
	else
		dialogue_finish(dialogue, &finding);
}

static void want_more(struct dialogue *dialogue)
{
	unsigned interest = dialogue->manner->heard ? LOOP_READ : 0;

	if (dialogue->run->finished)
		interest = 0;
	else if (dialogue->unsent_length > 0)
		interest |= dialogue->by_tls ? dialogue->session.write_wants : LOOP_WRITE;
	stream_want(&dialogue->stream, interest);
}

/* \retval as stream_read() and stream_write() have it */
static ssize_t transport_read(struct dialogue *dialogue, void *buffer, size_t size)
{
	return dialogue->by_tls ? tls_read(&dialogue->session, buffer, size)
				: stream_read(&dialogue->stream, buffer, size);
}

static ssize_t transport_write(struct dialogue *dialogue)
{
	return dialogue->by_tls
		? tls_write(&dialogue->session, dialogue->unsent, dialogue->unsent_length)
		: stream_write(
			  &dialogue->stream, dialogue->unsent, dialogue->unsent_length);
}

static void write_on(struct dialogue *dialogue)
{
	while (dialogue->unsent_length > 0) {
		ssize_t length = transport_write(dialogue);

		if (length == -EAGAIN)
			return;
		if (length < 0) {
			end_in_trouble(dialogue, (int)length);
			return;
		}
		dialogue->unsent += length;
		dialogue->unsent_length -= (size_t)length;
	}
}

static void keep_first(struct dialogue *dialogue, const uint8_t *data, size_t length)
{
	size_t room = sizeof(dialogue->first) - dialogue->first_length;

	if (length > room)
		length = room;
	memcpy(dialogue->first + dialogue->first_length, data, length);
	dialogue->first_length += length;
}

static void take(struct dialogue *dialogue, size_t length)
{
	const uint8_t *data = dialogue->buffer + dialogue->length;

	probe_received(dialogue->run, data, length);
	keep_first(dialogue, data, length);
	dialogue->length += length;
	dialogue->heard_total += length;
	if (dialogue->heard_max > 0 && dialogue->heard_total > dialogue->heard_max) {
		end_oversize(dialogue, dialogue->heard_max);
		return;
	}
	dialogue->manner->heard(dialogue->run);
	if (!dialogue->run->finished && dialogue->length == dialogue->size)
		end_oversize(dialogue, dialogue->size);
}

/* \retval false  nothing more for now, or the end */
static bool read_some(struct dialogue *dialogue)
{
	ssize_t length = transport_read(dialogue, dialogue->buffer + dialogue->length,
		dialogue->size - dialogue->length);

	if (length == -EAGAIN)
		return false;
	if (length > 0)
		take(dialogue, (size_t)length);
	else if (length == 0)
		end_closed(dialogue);
	else
		end_in_trouble(dialogue, (int)length);
	return !dialogue->run->finished && length > 0;
}

static bool is_shaking_hands(const struct dialogue *dialogue)
{
	return dialogue->by_tls && !dialogue->handshaken;
}

/* What OpenSSL holds decrypted makes no descriptor ready: a timer brings us back. */
static void read_on(struct dialogue *dialogue)
{
	unsigned reads = 0;

	while (!is_shaking_hands(dialogue) && read_some(dialogue)) {
		if (++reads == READS_PER_TURN) {
			loop_timer_set(&dialogue->more, 0);
			break;
		}
	}
}

static void read_more(void *context)
{
	struct dialogue *dialogue = context;

	if (dialogue->run->finished || is_shaking_hands(dialogue))
		return;
	read_on(dialogue);
	if (!is_shaking_hands(dialogue))
		want_more(dialogue);
}

/*
 * Something came, if only a part: from here on silence is another one. OpenSSL waits for
 * a whole record header; whoever stops before and began with no TLS is named all the
 * same.
 */
static void note_first_octets(struct dialogue *dialogue)
{
	const struct tls_session *session = &dialogue->session;
	struct finding finding;

	if (session->first_length == 0)
		return;
	probe_enter(dialogue->run, PHASE_TLS, CAUSE_TIMEOUT);
	if (session->first[0] == RECORD_ALERT || session->first[0] == RECORD_HANDSHAKE)
		return;
	finding = recognise_stranger(
		session->first, session->first_length, &dialogue->run->target.address);
	probe_suspect(dialogue->run, &finding);
}

static void secured(struct dialogue *dialogue)
{
	const struct tls_facts *facts = &dialogue->session.observer.facts;

	dialogue->handshaken = true;
	/* now, and not only at the finish: the deadline ends a run without us */
	tls_gauges_set(dialogue->run, facts);
	tls_gauges_note(dialogue->run, facts);
	probe_note(dialogue->run, "%s, %s",
		tls_version_names[tls_version_index(facts->version)], facts->cipher);
	if (dialogue->secure)
		dialogue->manner->connected(dialogue->run);
	else
		dialogue->manner->secured(dialogue->run);
	/* what came in one segment with the end of the handshake */
	if (!dialogue->run->finished && dialogue->manner->heard)
		read_on(dialogue);
	want_more(dialogue);
}

static void shake_hands(struct dialogue *dialogue)
{
	switch (tls_handshake(&dialogue->session)) {
	case TLS_WANTS_READ:
		note_first_octets(dialogue);
		stream_want(&dialogue->stream, LOOP_READ);
		break;
	case TLS_WANTS_WRITE:
		stream_want(&dialogue->stream, LOOP_WRITE);
		break;
	case TLS_DONE:
		secured(dialogue);
		break;
	case TLS_FAILED:
		end_session(dialogue, dialogue->session.failure);
		break;
	}
}

static void begin_tls(struct dialogue *dialogue)
{
	struct probe_run *run = dialogue->run;
	const char *name =
		dialogue->server_name ? dialogue->server_name : run->target.host;
	struct finding finding;

	probe_enter(run, PHASE_TLS, CAUSE_NO_ANSWER);
	if (!tls_open(&dialogue->session,
		    tls_policy_trust(dialogue->policy, run->services), &dialogue->stream,
		    name, &finding)) {
		probe_finish(run, &finding);
		return;
	}
	dialogue->by_tls = true;
	probe_note(run, "TLS ClientHello sent");
	shake_hands(dialogue);
}

void dialogue_secure(struct dialogue *dialogue)
{
	struct finding finding = finding_of(CAUSE_GARBAGE);

	if (dialogue->length == 0) {
		begin_tls(dialogue);
		return;
	}
	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = dialogue->run->target.address;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		"%zu octets in the clear before the TLS handshake", dialogue->length);
	dialogue_finish(dialogue, &finding);
}

static void stream_connected(void *context)
{
	struct dialogue *dialogue = context;
	int64_t round_trip_us = stream_round_trip_us(&dialogue->stream);
	struct transport_address local = stream_local(&dialogue->stream);

	if (dialogue->run->finished)
		return;
	/* the kernel's own measure: it does not know how busy this loop is */
	if (round_trip_us > 0)
		probe_phase_time(dialogue->run, PHASE_CONNECT, round_trip_us);
	probe_local(dialogue->run, &local);
	probe_note(dialogue->run, "connected");
	if (dialogue->secure) {
		begin_tls(dialogue);
		return;
	}
	dialogue->manner->connected(dialogue->run);
	if (!is_shaking_hands(dialogue))
		want_more(dialogue);
}

static void stream_ready(void *context, unsigned ready)
{
	struct dialogue *dialogue = context;

	if (dialogue->run->finished) {
		stream_want(&dialogue->stream, 0);
		return;
	}
	if (is_shaking_hands(dialogue)) {
		shake_hands(dialogue);
		return;
	}
	if (ready & LOOP_WRITE || dialogue->by_tls)
		write_on(dialogue);
	if (!dialogue->run->finished && dialogue->manner->heard)
		read_on(dialogue);
	if (!is_shaking_hands(dialogue))
		want_more(dialogue);
}

static void stream_failed(void *context, const struct finding *finding)
{
	struct dialogue *dialogue = context;

	probe_finish(dialogue->run, finding);
}

void dialogue_open(struct dialogue *dialogue, struct probe_run *run)
{
	static const struct stream_events events = {
		.connected = stream_connected,
		.ready = stream_ready,
		.failed = stream_failed,
	};
	struct stream_peer peer = { .address = run->target.address,
		.port = run->target.port,
		.segment_max = run->segment_max };
	struct finding finding;

	dialogue->run = run;
	loop_timer_init(&dialogue->more, run->services->loop, LOOP_PRIORITY_ANSWER,
		read_more, dialogue);
	dialogue->timed = true;
	probe_enter(run, PHASE_CONNECT, CAUSE_TIMEOUT);
	if (!stream_open(&dialogue->stream, run->services->loop, &peer, &events, dialogue,
		    &finding))
		probe_finish(run, &finding);
}

void dialogue_send(struct dialogue *dialogue, const void *data, size_t length)
{
	if (dialogue->unsent_length > 0) {
		dialogue_finish_cause(dialogue, CAUSE_LOCAL_RESOURCE);
		return;
	}
	probe_sent(dialogue->run, data, length);
	dialogue->unsent = data;
	dialogue->unsent_length = length;
	write_on(dialogue);
}

void dialogue_consume(struct dialogue *dialogue, size_t length)
{
	assert(length <= dialogue->length);
	dialogue->length -= length;
	memmove(dialogue->buffer, dialogue->buffer + length, dialogue->length);
}

void dialogue_part(struct dialogue *dialogue, const void *data, size_t length)
{
	if (!dialogue->stream.connected || dialogue->unsent_length > 0 ||
		is_shaking_hands(dialogue) || dialogue->session.failed)
		return;
	dialogue->unsent = data;
	dialogue->unsent_length = length;
	(void)transport_write(dialogue);
	dialogue->unsent_length = 0;
}

void dialogue_close(struct dialogue *dialogue)
{
	if (dialogue->timed)
		loop_timer_done(&dialogue->more);
	dialogue->timed = false;
	tls_close(&dialogue->session);
	stream_close(&dialogue->stream);
}
