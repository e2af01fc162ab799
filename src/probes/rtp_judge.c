/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/rtp_judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "media/port_plan.h"
#include "probes/rtp_rows.h"

/* Losses that chance would hardly keep from the slow ones: e^-4.6 is one per cent. */
#define SLOW_EXPECTED 4.6

/* Slow ones lose so much less than fast ones where a limit of the rate does it. */
#define SLOW_SHARE 0.2

static bool is_of_range(const struct asking_question *question)
{
	return question->tag == RTP_SAMPLE || question->tag == RTP_EDGE;
}

static const struct asking_question *question_of(
	const struct rtp_talk *talk, const struct asking_packet *packet)
{
	return asking_question(talk->asking, packet->question);
}

void rtp_judge_first_tries(struct rtp_talk *talk)
{
	struct rtp_tally *tally = &talk->tally;

	tally->first_sent = 0;
	tally->first_lost = 0;
	for (uint32_t i = 0; i < asking_packets(talk->asking); i++) {
		const struct asking_packet *packet = asking_packet(talk->asking, i);
		const struct asking_question *question = question_of(talk, packet);

		if (packet->lap > 0 || question->tag != RTP_SAMPLE ||
			question->state != ASKING_ANSWERED)
			continue;
		tally->first_sent++;
		tally->first_lost += !packet->answered;
	}
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static double first_loss(const struct rtp_tally *tally)
{
	return ratio((double)tally->first_lost, (double)tally->first_sent);
}

bool rtp_judge_loses(const struct rtp_talk *talk)
{
	return talk->options->loss_percent > 0 &&
		first_loss(&talk->tally) * 100 >= (double)talk->options->loss_percent;
}

/* First tries to ports that what we send reaches; *ret_return of them never answer. */
static size_t count_reaching(const struct rtp_talk *talk, size_t *ret_return)
{
	size_t reaching = 0;

	*ret_return = 0;
	for (size_t i = 0; i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);
		enum port_state state;

		if (question->tag != RTP_SAMPLE || question->tries == 0)
			continue;
		state = port_map_state(talk->map, question->port);
		reaching += state == PORT_OPEN || state == PORT_RETURN;
		*ret_return += state == PORT_RETURN;
	}
	return reaching;
}

/*
 * Of N first tries the reflector counted M, and K were answered (RFC 8762 calls such a
 * reflector stateful): N - M were lost on the way there, M - K on the way back. Ports
 * whose answers are blocked have their part of M and none of K.
 */
static void split_loss(struct rtp_talk *talk)
{
	struct rtp_tally *tally = &talk->tally;
	size_t returning, reaching = count_reaching(talk, &returning);
	double answered = (double)(tally->first_sent - tally->first_lost);
	double arrived = talk->counted, forward, open;

	if (!talk->is_counted || reaching == 0)
		return;
	if (arrived > (double)reaching)
		arrived = (double)reaching;
	forward = 1 - arrived / (double)reaching;
	open = arrived - (double)returning * (1 - forward);
	if (open < answered)
		open = answered;
	tally->lost_forward = forward;
	tally->lost_backward = ratio(open - answered, open);
	tally->directions_told = true;
}

static void count_ports(struct rtp_talk *talk)
{
	struct rtp_tally *tally = &talk->tally;

	for (size_t i = 0; i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);
		enum port_state state;

		if (question->tries > 1)
			tally->resent += question->tries - 1U;
		if (!is_of_range(question))
			continue;
		state = port_map_state(talk->map, question->port);
		if (port_map_asked(talk->map, question->port) < talk->since_s)
			continue;
		tally->passing += port_state_class(state) == PORT_CLASS_PASSES;
		tally->blocked += port_state_class(state) == PORT_CLASS_BLOCKED;
		tally->closed += state == PORT_CLOSED;
		tally->refused += state == PORT_REFUSED;
	}
}

static uint32_t window_began(const struct rtp_talk *talk)
{
	int64_t window_s = talk->options->window_us / SECOND;
	int64_t now_s = rtp_now_s();

	return now_s > window_s ? (uint32_t)(now_s - window_s) : 1;
}

static void set_gauges(const struct rtp_talk *talk)
{
	const struct rtp_tally *tally = &talk->tally;
	struct probe_run *run = talk->run;
	size_t counts[PORT_STATE_COUNT];
	uint32_t since_s = window_began(talk);

	port_map_count(talk->map, counts);
	for (unsigned i = 0; i < PORT_STATE_COUNT; i++)
		probe_set(run, RTP_ROW_PORTS + i, (double)counts[i]);
	probe_set(run, RTP_ROW_STRAYS,
		(double)(volley_strays(asking_volley(talk->asking)) + tally->misplaced));
	probe_set(run, RTP_ROW_RETRANSMISSIONS, (double)tally->resent);
	probe_set(run, RTP_ROW_ASKED, (double)tally->asked);
	probe_set(run, RTP_ROW_COVERAGE, port_plan_coverage(talk->map, since_s));
	probe_set(run, RTP_ROW_BOUND, port_plan_blocked_bound(talk->map, since_s));
}

static int compare_ns(const void *left, const void *right)
{
	const int64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static int64_t median_round_trip(struct rtp_tally *tally)
{
	qsort(tally->round_trips_ns, tally->round_trips, sizeof(tally->round_trips_ns[0]),
		compare_ns);
	return tally->round_trips_ns[tally->round_trips / 2];
}

/* Of what only answers of a reflector measure. */
static void set_measures(struct rtp_talk *talk)
{
	struct rtp_tally *tally = &talk->tally;
	struct probe_run *run = talk->run;

	probe_set(run, RTP_ROW_CORRUPTED, (double)tally->corrupted);
	probe_set(run, RTP_ROW_FOREIGN, (double)tally->foreign);
	if (tally->first_sent > 0)
		probe_set(run, RTP_ROW_FIRST_TRIES, first_loss(tally));
	if (tally->directions_told) {
		probe_set(run, RTP_ROW_FORWARD, tally->lost_forward);
		probe_set(run, RTP_ROW_BACKWARD, tally->lost_backward);
	}
	if (tally->round_trips > 0) {
		int64_t median_ns = median_round_trip(tally);

		probe_set(run, RTP_ROW_ROUND_TRIP, (double)median_ns / 1e9);
		probe_phase_time(run, PHASE_RESPONSE, median_ns / 1000);
	}
}

static const char *const ways[PORT_STATE_COUNT] = {
	[PORT_LOST] = " forward",
	[PORT_RETURN] = " backward",
	[PORT_BLOCKED] = "",
	[PORT_REFUSED] = " refused",
};

static int print_stretch(
	const struct port_stretch *stretch, const char *before, char *text, size_t size)
{
	if (stretch->first == stretch->last)
		return snprintf(text, size, "%s%u%s", before, stretch->first,
			ways[stretch->state]);
	return snprintf(text, size, "%s%u-%u%s", before, stretch->first, stretch->last,
		ways[stretch->state]);
}

/* The first device that refused speaks for all. */
static void name_device(const struct port_stretch *stretch, struct evidence *evidence)
{
	const struct finding *reason = stretch->reason;

	if (!reason || evidence->kind != EVIDENCE_NONE)
		return;
	evidence->kind = reason->evidence.kind;
	evidence->type = reason->evidence.type;
	evidence->code = reason->evidence.code;
	evidence->offender = reason->evidence.offender;
}

/* "blocked: 12000-12999 forward, 15000 backward and 7 more", and who refused. */
static void name_blocked(const struct port_map *map, struct evidence *evidence)
{
	const size_t room = sizeof(evidence->detail) - sizeof(" and 65535 more");
	struct port_stretch stretch;
	size_t used = 0, more = 0;

	for (uint32_t from = 0; port_plan_blocked(map, from, &stretch);
		from = stretch.last + 1U) {
		char text[48];
		size_t length;

		name_device(&stretch, evidence);
		used += used == 0 ? (size_t)snprintf(evidence->detail,
					    sizeof(evidence->detail), "blocked:")
				  : 0;
		length = (size_t)print_stretch(
			&stretch, used > 8 ? ", " : " ", text, sizeof(text));
		if (more > 0 || used + length > room) {
			more++;
			continue;
		}
		memcpy(evidence->detail + used, text, length + 1);
		used += length;
	}
	if (more > 0)
		snprintf(evidence->detail + used, sizeof(evidence->detail) - used,
			" and %zu more", more);
}

static void say(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct finding *finding, const char *format, ...)
{
	struct evidence *evidence = &finding->evidence;
	va_list arguments;

	if (evidence->kind == EVIDENCE_NONE)
		evidence->kind = EVIDENCE_COMPARISON;
	va_start(arguments, format);
	vsnprintf(evidence->detail, sizeof(evidence->detail), format, arguments);
	va_end(arguments);
}

static struct finding finding_of_blocked(const struct rtp_talk *talk, enum cause cause)
{
	struct finding finding = finding_of(cause);

	name_blocked(talk->map, &finding.evidence);
	if (finding.evidence.kind == EVIDENCE_NONE)
		finding.evidence.kind = EVIDENCE_COMPARISON;
	return finding;
}

/* Nobody passes: is anybody there at all, and who says no? */
static struct finding judge_all_blocked(const struct rtp_talk *talk)
{
	struct finding finding = finding_of_blocked(talk, CAUSE_RTP_ALL_BLOCKED);
	const struct rtp_tally *tally = &talk->tally;
	const struct finding *reason = port_map_reason(talk->map, talk->first);

	if (talk->first == talk->last && reason)
		return *reason;
	if (tally->misplaced > 0)
		say(&finding, "%llu answers came from other ports than the ones asked",
			(unsigned long long)tally->misplaced);
	else if (talk->reported)
		say(&finding, "port %u of the reflector answers, and none of %zu ports",
			talk->report_port, tally->blocked);
	else if (tally->refused == 0)
		say(&finding, "nothing answers: neither port %u nor any of %zu ports",
			(unsigned)talk->options->control_port, tally->blocked);
	return finding;
}

/* Closed ports prove the way there, and that no reflector is where one should be. */
static struct finding judge_closed(const struct rtp_talk *talk)
{
	struct finding finding = talk->closed;

	finding.verdict = VERDICT_UNKNOWN;
	say(&finding, "all of %zu ports are closed: no reflector runs there",
		talk->tally.closed);
	return finding;
}

static struct finding judge_untold(const struct rtp_talk *talk)
{
	struct finding finding = finding_of(CAUSE_TIMEOUT);
	const struct rtp_tally *tally = &talk->tally;

	finding.verdict = VERDICT_UNKNOWN;
	if (tally->busy + tally->unheld > 0)
		say(&finding,
			"the reflector holds none of the ports asked: %zu are busy, %zu "
			"not its own",
			tally->busy, tally->unheld);
	else
		say(&finding, "time ran out before anything could be told");
	return finding;
}

/* Fast ones are lost and slow ones are not: that is no loss by chance. */
static bool is_rate_limit(const struct rtp_tally *tally)
{
	double fast = first_loss(tally);
	double slow = ratio((double)tally->slow_lost, (double)tally->slow_sent);

	return fast * (double)tally->slow_sent >= SLOW_EXPECTED &&
		slow <= fast * SLOW_SHARE;
}

static struct finding judge_loss(const struct rtp_talk *talk)
{
	const struct rtp_tally *tally = &talk->tally;
	struct finding finding = finding_of(CAUSE_LOSS);

	if (is_rate_limit(tally)) {
		finding = finding_of(CAUSE_RATE_LIMIT);
		say(&finding,
			"%zu of %zu packets lost at full pace, %zu of %zu when slow",
			tally->first_lost, tally->first_sent, tally->slow_lost,
			tally->slow_sent);
	} else if (tally->directions_told) {
		say(&finding,
			"%zu of %zu packets lost: forward %.1f %%, backward %.1f %%",
			tally->first_lost, tally->first_sent, tally->lost_forward * 100,
			tally->lost_backward * 100);
	} else {
		say(&finding, "%zu of %zu packets lost there or back", tally->first_lost,
			tally->first_sent);
	}
	return finding;
}

/* Every port asked passes: how well? */
static struct finding judge_passing(const struct rtp_talk *talk)
{
	const struct rtp_tally *tally = &talk->tally;
	struct finding finding = finding_of(CAUSE_NONE);

	if (tally->corrupted > 0) {
		finding = finding_of(CAUSE_CORRUPTION);
		say(&finding, "%llu of %llu answers came back altered",
			(unsigned long long)tally->corrupted,
			(unsigned long long)tally->replies);
	} else if (rtp_judge_loses(talk)) {
		finding = judge_loss(talk);
	}
	return finding;
}

static struct finding judge(const struct rtp_talk *talk)
{
	const struct rtp_tally *tally = &talk->tally;

	if (tally->blocked > 0 && tally->passing > 0)
		return finding_of_blocked(talk, CAUSE_RTP_PARTIAL);
	if (tally->blocked > 0)
		return judge_all_blocked(talk);
	if (tally->passing == 0)
		return judge_untold(talk);
	if (tally->closed == tally->passing)
		return judge_closed(talk);
	return judge_passing(talk);
}

void rtp_judge_finish(struct rtp_talk *talk)
{
	struct finding finding;

	rtp_judge_first_tries(talk);
	split_loss(talk);
	count_ports(talk);
	set_gauges(talk);
	set_measures(talk);
	probe_note(talk->run,
		"%zu ports asked: %zu pass, %zu are blocked, %llu sent again",
		talk->tally.asked, talk->tally.passing, talk->tally.blocked,
		(unsigned long long)talk->tally.resent);
	finding = judge(talk);
	probe_finish(talk->run, &finding);
}

/* What is known of the whole range, by ports asked within the window. */
struct known {
	size_t passing, blocked, silent;
};

static struct known count_known(const struct rtp_talk *talk)
{
	uint32_t since_s = window_began(talk);
	struct known known = { .passing = 0 };

	for (uint32_t port = talk->first; port <= talk->last; port++) {
		enum port_state state = port_map_state(talk->map, (uint16_t)port);
		enum port_class class = port_state_class(state);

		if (port_map_asked(talk->map, (uint16_t)port) < since_s)
			continue;
		known.passing += class == PORT_CLASS_PASSES;
		known.blocked += class == PORT_CLASS_BLOCKED;
		known.silent += state == PORT_SILENT;
	}
	return known;
}

/*
 * Calls hold ports, and a port that is held says nothing: so does one that a rule drops.
 * While few are silent the rest speaks for the range.
 */
#define SILENT_SHARE 0.1

static struct finding judge_icmp(const struct rtp_talk *talk, const struct known *known)
{
	size_t asked = known->passing + known->silent;
	struct finding finding = finding_of(CAUSE_TIMEOUT);

	if (known->blocked > 0)
		return finding_of_blocked(talk,
			known->passing > 0 ? CAUSE_RTP_PARTIAL : CAUSE_RTP_ALL_BLOCKED);
	if (known->passing > 0 && (double)known->silent <= SILENT_SHARE * (double)asked)
		return finding_of(CAUSE_NONE);
	finding.verdict = VERDICT_UNKNOWN;
	say(&finding, "%zu of %zu ports are silent, which proves nothing", known->silent,
		asked);
	return finding;
}

void rtp_judge_finish_icmp(struct rtp_talk *talk)
{
	const struct known known = count_known(talk);
	struct finding finding = judge_icmp(talk, &known);

	count_ports(talk);
	set_gauges(talk);
	probe_note(talk->run, "%zu ports asked: %zu pass, %zu were refused",
		talk->tally.asked, talk->tally.passing, talk->tally.blocked);
	probe_finish(talk->run, &finding);
}
