/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's question to a time server, and whether a client could use the answer.
 * Uptime-kuma's check accepts any datagram of anyone and leap 3; RFC 5905 accepts
 * neither.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "net/ntp_message.h"
#include "net/recognise.h"
#include "probes/exchange.h"
#include "probes/probe_kinds.h"

/* More would only make a server that limits its clients silent (RFC 5905, 7.4: RATE). */
#define REQUESTS_MAX 4

struct ntp_options {
	int64_t offset_max_us;
	int64_t distance_max_us;
	int64_t repeat_after_us;
};

struct ntp_request {
	uint64_t cookie;
	int64_t sent_us; /* wall */
};

struct ntp_run {
	struct probe_run *run;
	struct exchange exchange;
	struct ntp_request requests[REQUESTS_MAX];
	unsigned sent;
};

static const struct probe_option ntp_option_table[] = {
	{ .name = "offset_max",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct ntp_options, offset_max_us),
		.fallback = "1s",
		.least = MILLISECOND,
		.most = 24 * 60 * MINUTE,
		.help = "How far the server's clock may be from this host's; more is "
			"degraded." },
	{ .name = "distance_max",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct ntp_options, distance_max_us),
		.fallback = "3s",
		.least = MILLISECOND,
		.most = 16 * SECOND,
		.help = "How far the server may say it is from true time (half its root "
			"delay and its root dispersion); beyond, clients do not follow "
			"it." },
	/* ntpd drops what comes from one client within two seconds ("discard minimum") */
	{ .name = "repeat_after",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct ntp_options, repeat_after_us),
		.fallback = "2s",
		.least = 0,
		.most = MINUTE,
		.help = "How long to wait for an answer before asking again, up to "
			"three times; 0s = it is asked once. Servers take less than two "
			"seconds amiss." },
	{ .name = NULL },
};

enum {
	GAUGE_OFFSET = EXCHANGE_GAUGE_COUNT,
	GAUGE_DELAY,
	GAUGE_STRATUM,
	GAUGE_LEAP,
	GAUGE_ROOT_DELAY,
	GAUGE_ROOT_DISPERSION,
	GAUGE_STAMPED,
};

static const struct probe_gauge ntp_gauge_table[] = {
	EXCHANGE_GAUGES,
	[GAUGE_OFFSET] = { .name = "ntp_offset_seconds",
		.help = "Clock of the server minus clock of this host (RFC 5905 "
			"theta)." },
	[GAUGE_DELAY] = { .name = "ntp_delay_seconds",
		.help = "Round trip without the time spent in the server (RFC 5905 "
			"delta)." },
	[GAUGE_STRATUM] = { .name = "ntp_stratum",
		.help = "Stratum of the server; 16 is unsynchronised." },
	[GAUGE_LEAP] = { .name = "ntp_leap",
		.help = "Leap indicator: 0 none, 1 insert, 2 delete a second, 3 "
			"unsynchronised." },
	[GAUGE_ROOT_DELAY] = { .name = "ntp_root_delay_seconds",
		.help = "Round trip from the server to its reference clock, as it "
			"says." },
	[GAUGE_ROOT_DISPERSION] = { .name = "ntp_root_dispersion_seconds",
		.help = "Error of the server against its reference clock, as it says." },
	[GAUGE_STAMPED] = { .name = "ntp_arrival_stamped",
		.help = "Whether the kernel stamped the arrival (1), or our clock was "
			"read "
			"when the loop came to it (0): offset and delay are less "
			"exact." },
	{ .name = NULL },
};

static void finish_with(struct ntp_run *ntp, const struct finding *finding)
{
	exchange_close(&ntp->exchange);
	probe_finish(ntp->run, finding);
}

/* A finding that rests on what the server says of itself. */
static struct finding finding_by_reply(
	const struct ntp_run *ntp, enum cause cause, const struct ntp_reply *reply)
{
	struct finding finding = finding_of(cause);

	finding.evidence.kind = EVIDENCE_NTP;
	finding.evidence.type = (int)reply->stratum;
	finding.evidence.code = (int)reply->leap;
	finding.evidence.offender = ntp->run->target.address;
	return finding;
}

static void finish_with_kiss(struct ntp_run *ntp, const struct ntp_reply *reply)
{
	struct finding finding = finding_by_reply(ntp, CAUSE_NTP_KOD, reply);
	size_t length = 0;

	while (length < sizeof(reply->reference) && reply->reference[length])
		length++;
	text_copy_printable(finding.evidence.detail, sizeof(finding.evidence.detail),
		(const char *)reply->reference, length);
	finish_with(ntp, &finding);
}

static void finish_with_seconds(struct ntp_run *ntp, enum cause cause,
	const struct ntp_reply *reply, const char *what, double seconds)
{
	struct finding finding = finding_by_reply(ntp, cause, reply);

	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail), "%s %.3f s",
		what, seconds);
	finish_with(ntp, &finding);
}

/* Offset and delay by the four stamps, RFC 5905, section 8. \return the offset */
static double measure(struct ntp_run *ntp, const struct ntp_request *request,
	const struct ntp_reply *reply, const struct datagram_answer *answer)
{
	uint64_t sent = ntp_of_wall(request->sent_us);
	uint64_t arrived = ntp_of_wall(answer->arrived_us);
	double there = ntp_seconds_between(sent, reply->receive);
	double back = ntp_seconds_between(arrived, reply->transmit);
	double delay = there - back;
	double offset = (there + back) / 2;

	probe_set(ntp->run, GAUGE_OFFSET, offset);
	probe_clock_offset(ntp->run, (int64_t)(offset * 1e6));
	/* no time is negative: the two clocks just tick differently (RFC 5905, 8) */
	probe_set(ntp->run, GAUGE_DELAY, delay > 0 ? delay : 0);
	probe_set(ntp->run, GAUGE_STAMPED, answer->stamped);
	return offset;
}

static void judge_time(struct ntp_run *ntp, const struct ntp_request *request,
	const struct ntp_reply *reply, const struct datagram_answer *answer)
{
	const struct ntp_options *options = ntp->run->options;
	double offset = measure(ntp, request, reply, answer);
	double size = offset < 0 ? -offset : offset;

	/* the answer may be to the first of two requests */
	ntp->exchange.sent_wall_us = request->sent_us;
	exchange_measure(&ntp->exchange, answer);
	if (size > SECONDS_OF(options->offset_max_us)) {
		finish_with_seconds(ntp, CAUSE_NTP_OFFSET, reply, "offset", offset);
		return;
	}
	exchange_close(&ntp->exchange);
	probe_finish_ok(ntp->run);
}

static void note_server(const struct ntp_run *ntp, const struct ntp_reply *reply)
{
	probe_set(ntp->run, GAUGE_STRATUM, reply->stratum);
	probe_set(ntp->run, GAUGE_LEAP, reply->leap);
	probe_set(ntp->run, GAUGE_ROOT_DELAY, reply->root_delay_seconds);
	probe_set(ntp->run, GAUGE_ROOT_DISPERSION, reply->root_dispersion_seconds);
}

static bool is_unsynchronised(const struct ntp_reply *reply)
{
	return reply->leap == NTP_LEAP_UNSYNCHRONISED ||
		reply->stratum == NTP_STRATUM_UNSYNCHRONISED;
}

static void judge(struct ntp_run *ntp, const struct ntp_request *request,
	const struct ntp_reply *reply, const struct datagram_answer *answer)
{
	const struct ntp_options *options = ntp->run->options;
	double distance = reply->root_delay_seconds / 2 + reply->root_dispersion_seconds;
	struct finding finding;

	/* a kiss says nothing of time, and its other fields are not to be read */
	if (reply->kiss) {
		finish_with_kiss(ntp, reply);
		return;
	}
	note_server(ntp, reply);
	if (is_unsynchronised(reply)) {
		finding = finding_by_reply(ntp, CAUSE_NTP_UNSYNCHRONISED, reply);
		finish_with(ntp, &finding);
	} else if (reply->transmit == 0 || reply->receive == 0) {
		finding = finding_by_reply(ntp, CAUSE_GARBAGE, reply);
		text_copy(finding.evidence.detail, sizeof(finding.evidence.detail),
			"a time stamp is zero");
		finish_with(ntp, &finding);
	} else if (distance > SECONDS_OF(options->distance_max_us)) {
		finish_with_seconds(
			ntp, CAUSE_NTP_UNSYNCHRONISED, reply, "root distance", distance);
	} else {
		judge_time(ntp, request, reply, answer);
	}
}

static const struct ntp_request *request_of(
	const struct ntp_run *ntp, const struct ntp_reply *reply)
{
	for (unsigned i = 0; i < ntp->sent; i++) {
		if (ntp->requests[i].cookie == reply->origin)
			return &ntp->requests[i];
	}
	return NULL;
}

static void ntp_answered(struct probe_run *run, const struct datagram_answer *answer)
{
	struct ntp_run *ntp = run->state;
	const struct ntp_request *request;
	struct ntp_reply reply;
	struct finding finding;

	if (!ntp_reply_read(answer->data, answer->length, &reply)) {
		finding = recognise_stranger(
			answer->data, answer->length, &run->target.address);
		probe_suspect(run, &finding);
		return;
	}
	request = request_of(ntp, &reply);
	if (!request) {
		finding = finding_by_reply(ntp, CAUSE_NTP_BAD_ORIGIN, &reply);
		probe_suspect(run, &finding);
		return;
	}
	judge(ntp, request, &reply, answer);
}

/* Each request has a stamp of its own, so that an answer tells which one it is to. */
static bool send_request(struct ntp_run *ntp)
{
	struct ntp_request *request = &ntp->requests[ntp->sent];
	uint8_t packet[NTP_MESSAGE_LENGTH];

	random_fill(&request->cookie, sizeof(request->cookie));
	ntp_request_write(request->cookie, packet);
	request->sent_us = clock_wall_us();
	if (++ntp->sent == REQUESTS_MAX)
		exchange_settle(&ntp->exchange);
	return exchange_send(&ntp->exchange, packet, sizeof(packet));
}

static void ntp_again(struct probe_run *run)
{
	send_request(run->state);
}

static void ntp_start(struct probe_run *run)
{
	const struct ntp_options *options = run->options;
	struct ntp_run *ntp = run->state;

	ntp->run = run;
	probe_enter(run, PHASE_REQUEST, CAUSE_TIMEOUT);
	if (!exchange_open(&ntp->exchange, run, ntp_answered) || !send_request(ntp))
		return;
	probe_enter(run, PHASE_RESPONSE, CAUSE_TIMEOUT);
	exchange_persist_by(&ntp->exchange, ntp_again, options->repeat_after_us,
		options->repeat_after_us);
}

static void ntp_stop(struct probe_run *run)
{
	struct ntp_run *ntp = run->state;

	exchange_close(&ntp->exchange);
}

const struct probe_kind *probe_ntp(void)
{
	static const struct probe_kind kind = {
		.name = "ntp",
		.summary = "Asks a time server as a client does and judges whether one "
			   "could "
			   "use its answer.",
		.options = ntp_option_table,
		.gauges = ntp_gauge_table,
		.options_size = sizeof(struct ntp_options),
		.run_size = sizeof(struct ntp_run),
		.start = ntp_start,
		.stop = ntp_stop,
	};

	return &kind;
}
