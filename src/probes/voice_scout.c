/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks for a port of the range that answers: some even ones, as RTP has them, chosen
 * anew each time. When none does, the reflector is asked at its control port which of
 * them it holds and where our packets arrived, so that the verdict says what it knows.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "net/evidence.h"
#include "probes/voice_parts.h"

/* When the ports are asked, and in the last two laps the control port as well. */
static const int64_t laps_us[] = { 0, 300 * MILLISECOND, 900 * MILLISECOND,
	1600 * MILLISECOND, VOICE_SCOUT_TIME };
#define LAPS         (sizeof(laps_us) / sizeof(laps_us[0]) - 1)
#define LAPS_CONTROL 2

static uint32_t random_below(uint32_t end)
{
	uint32_t number;

	random_fill(&number, sizeof(number));
	return number % end;
}

/* One even port of each of equal parts of a random window that one report covers. */
static void choose_candidates(struct voice_run *voice)
{
	const struct probe_target *target = &voice->run->target;
	uint32_t size = (uint32_t)target->port_last - target->port + 1;
	uint32_t window = size < STAMP_REPORT_PORTS ? size : STAMP_REPORT_PORTS;
	uint32_t first, pairs, count;

	voice->window = (uint16_t)(target->port + random_below(size - window + 1));
	first = (voice->window + 1U) & ~1U;
	pairs = voice->window + window > first ? (voice->window + window - first + 1) / 2
					       : 0;
	count = pairs < VOICE_CANDIDATES ? pairs : VOICE_CANDIDATES;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t begin = i * pairs / count, end = (i + 1) * pairs / count;

		voice->candidates[i].port =
			(uint16_t)(first + 2 * (begin + random_below(end - begin)));
	}
	if (count == 0) /* a range of one port, and that is odd */
		voice->candidates[count++].port = voice->window;
	voice->candidate_count = count;
}

static void ask(struct voice_run *voice, uint16_t port, bool report)
{
	const struct voice_candidate *candidates = voice->candidates;
	struct stamp_request request = {
		.sequence = VOICE_SCOUT_FIRST + voice->scout_count,
		.ssid = voice->scout_ssid,
	};
	int64_t sent_ns;

	if (voice->scout_count == VOICE_SCOUT_MOST)
		return;
	if (report) {
		request.report_first = candidates[0].port;
		request.report_count =
			(uint16_t)(candidates[voice->candidate_count - 1].port + 1 -
				candidates[0].port);
	}
	sent_ns = voice_send(voice, port, &request);
	if (sent_ns != 0)
		voice->scout_sent_ns[voice->scout_count++] = sent_ns;
}

/* How many of the candidates the reflector says this of. */
static unsigned count_ports(
	const struct voice_run *voice, enum stamp_port_state state, bool arrived)
{
	const struct stamp_report *report = &voice->report;
	unsigned count = 0;

	for (unsigned i = 0; i < voice->candidate_count; i++) {
		uint32_t at = (uint32_t)voice->candidates[i].port - report->first;

		if (voice->candidates[i].port < report->first || at >= report->count)
			continue;
		count += (report->ports[at] & STAMP_PORT_STATE_MASK) == state &&
			(!arrived || report->ports[at] & STAMP_PORT_ARRIVED);
	}
	return count;
}

static struct finding by_report(const struct voice_run *voice)
{
	struct finding finding = finding_of(CAUSE_TIMEOUT);
	unsigned held = count_ports(voice, STAMP_PORT_HELD, false);
	unsigned arrived = count_ports(voice, STAMP_PORT_HELD, true);
	char *detail = finding.evidence.detail;
	size_t size = sizeof(finding.evidence.detail);

	finding.evidence.kind = EVIDENCE_COMPARISON;
	if (held == 0) {
		/* nobody was there to answer: that says nothing of the path */
		finding.verdict = VERDICT_UNKNOWN;
		snprintf(detail, size,
			"the reflector holds none of %u ports now (busy %u, resting %u)",
			voice->candidate_count,
			count_ports(voice, STAMP_PORT_BUSY, false),
			count_ports(voice, STAMP_PORT_RESTING, false));
	} else {
		snprintf(detail, size,
			"our packets arrived at %u of %u ports, no answer came from any",
			arrived, held);
	}
	return finding;
}

bool voice_is_nobody_there(const struct finding *refusal)
{
	return refusal->cause == CAUSE_ICMP_PORT_UNREACHABLE ||
		refusal->cause == CAUSE_ICMP6_PORT_UNREACHABLE;
}

/* The way is open then; only there is no reflector at its end. */
static struct finding by_host(const struct voice_run *voice)
{
	struct finding finding = voice->refusal;

	finding.verdict = VERDICT_UNKNOWN;
	return finding;
}

/* Nobody said anything, where a reflector owes an answer. */
static struct finding by_silence(const struct voice_run *voice)
{
	struct finding finding = finding_of(CAUSE_TIMEOUT);

	finding.evidence.kind = EVIDENCE_COMPARISON;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		"none of %u ports answered, and the reflector's control port %s",
		voice->candidate_count, voice->control_answers ? "did" : "did not");
	return finding;
}

static void give_up(struct voice_run *voice)
{
	enum cause refusal = voice->refusal.cause;
	struct finding finding;

	/* who said no says more than who heard nothing */
	if (refusal != CAUSE_NONE && !voice_is_nobody_there(&voice->refusal))
		finding = voice->refusal;
	else if (voice->report.count > 0)
		finding = by_report(voice);
	else if (refusal != CAUSE_NONE)
		finding = by_host(voice);
	else if (voice->run->silence_named)
		finding = voice->run->silence;
	else
		finding = by_silence(voice);
	voice_finish(voice, &finding);
}

static void begin_stream(struct voice_run *voice)
{
	const struct voice_options *options = voice->run->options;

	for (unsigned i = 0; i < voice->candidate_count; i++) {
		if (voice->candidates[i].answered &&
			voice->port_count < (unsigned)options->ports)
			voice->ports[voice->port_count++] = voice->candidates[i].port;
	}
	voice_stream(voice);
}

static void ask_control(struct voice_run *voice)
{
	const struct voice_options *options = voice->run->options;

	voice->control_asked = true;
	ask(voice, (uint16_t)options->control_port, true);
}

/* The host says of every one of them that nobody is there: that needs no more patience.
 */
static bool all_refused(const struct voice_run *voice)
{
	unsigned refused = 0;

	for (unsigned i = 0; i < voice->candidate_count; i++)
		refused += voice->candidates[i].refused;
	return refused == voice->candidate_count;
}

static void scout_refused(
	struct voice_run *voice, uint16_t port, const struct finding *finding)
{
	const struct voice_options *options = voice->run->options;

	voice_keep_refusal(voice, port, finding);
	for (unsigned i = 0; i < voice->candidate_count; i++)
		voice->candidates[i].refused |= voice->candidates[i].port == port;
	voice->control_refused |= port == options->control_port;
	if (!all_refused(voice))
		return;
	if (voice->control_refused)
		give_up(voice);
	else if (!voice->control_asked)
		ask_control(voice);
}

/* Local trouble ends the run from within. */
static void ask_silent(struct voice_run *voice)
{
	unsigned count = voice->lap < LAPS - 1 ? voice->candidate_count : 0;

	for (unsigned i = 0; i < count && !voice->run->finished; i++) {
		if (!voice->candidates[i].answered)
			ask(voice, voice->candidates[i].port, false);
	}
	if (voice->lap >= LAPS - LAPS_CONTROL && voice->answered_count == 0 &&
		!voice->run->finished)
		ask_control(voice);
}

static void scout_woken(struct voice_run *voice)
{
	if (voice->lap == LAPS && voice->answered_count == 0) {
		give_up(voice);
		return;
	}
	if (voice->lap == LAPS) {
		begin_stream(voice);
		return;
	}
	ask_silent(voice);
	if (voice->run->finished)
		return;
	voice->lap++;
	loop_timer_set(
		&voice->timer, voice->began_us + laps_us[voice->lap] - clock_now_us());
}

static bool is_of_scout(const struct voice_run *voice, const struct stamp_reply *reply)
{
	uint32_t number = reply->sender_sequence - VOICE_SCOUT_FIRST;

	return number < voice->scout_count &&
		(reply->ssid == voice->scout_ssid || reply->ssid == 0) &&
		voice_same_time(reply->sender_sent_ns, voice->scout_sent_ns[number]);
}

static void scout_doubts(
	struct voice_run *voice, enum stamp_flaw flaw, const struct volley_answer *answer)
{
	struct finding finding = finding_of(CAUSE_GARBAGE);

	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = voice->run->target.address;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		flaw == STAMP_BAD_HMAC ? "port %u: not signed with our key"
				       : "port %u: no STAMP answer to us",
		answer->port);
	probe_suspect(voice->run, &finding);
}

static void scout_heard(struct voice_run *voice, const struct stamp_reply *reply,
	const struct volley_answer *answer)
{
	const struct voice_options *options = voice->run->options;
	unsigned wanted = (unsigned)options->ports;

	if (!is_of_scout(voice, reply)) {
		scout_doubts(voice, STAMP_GOOD, answer);
		return;
	}
	/* a reflector that counts begins at 0 */
	voice->stateless |= reply->sequence == reply->sender_sequence;
	if (reply->report.count > 0)
		voice->report = reply->report;
	voice->control_answers |= answer->port == options->control_port;
	for (unsigned i = 0; i < voice->candidate_count; i++) {
		struct voice_candidate *candidate = &voice->candidates[i];

		if (candidate->port != answer->port || candidate->answered)
			continue;
		candidate->answered = true;
		voice->answered_count++;
	}
	if (wanted > voice->candidate_count)
		wanted = voice->candidate_count;
	if (voice->answered_count >= wanted)
		begin_stream(voice);
}

void voice_scout(struct voice_run *voice)
{
	static const struct voice_stage stage = {
		.wake = scout_woken,
		.hear = scout_heard,
		.doubt = scout_doubts,
		.refuse = scout_refused,
	};

	choose_candidates(voice);
	voice_enter(voice, &stage);
}
