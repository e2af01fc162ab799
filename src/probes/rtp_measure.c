/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/rtp_measure.h"

#include <stdlib.h>

#include "base/clock.h"
#include "media/port_plan.h"
#include "probes/rtp_rows.h"

static const struct asking_question *question_of(
	const struct rtp_talk *talk, const struct asking_packet *packet)
{
	return asking_question(talk->asking, packet->question);
}

bool rtp_measure_counts(const struct rtp_talk *talk, uint32_t number)
{
	const struct asking_packet *packet = asking_packet(talk->asking, number);

	return packet->lap == 0 && question_of(talk, packet)->tag == RTP_SAMPLE &&
		number + 1 >= talk->present;
}

void rtp_measure_first_tries(struct rtp_talk *talk)
{
	struct rtp_tally *tally = &talk->tally;

	tally->first_sent = 0;
	tally->first_lost = 0;
	for (uint32_t i = 0; i < asking_packets(talk->asking); i++) {
		const struct asking_packet *packet = asking_packet(talk->asking, i);

		if (!rtp_measure_counts(talk, i) ||
			question_of(talk, packet)->state != ASKING_ANSWERED)
			continue;
		tally->first_sent++;
		tally->first_lost += !packet->answered;
	}
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

double rtp_measure_first_loss(const struct rtp_tally *tally)
{
	return ratio((double)tally->first_lost, (double)tally->first_sent);
}

static bool judge_losses(const struct rtp_talk *talk, struct loss_memory *memory)
{
	const struct rtp_tally *tally = &talk->tally;
	double bound = (double)talk->options->loss_percent / 100;

	return bound > 0 &&
		loss_memory_judge(memory, tally->first_sent, tally->first_lost, bound);
}

bool rtp_measure_loses(const struct rtp_talk *talk)
{
	struct loss_memory copy = *port_map_losses(talk->map);

	return judge_losses(talk, &copy);
}

/* What a reflector missed while it was started again is no loss. */
static void remember_losses(struct rtp_talk *talk)
{
	if (!talk->began_anew)
		talk->tally.loses = judge_losses(talk, port_map_losses(talk->map));
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

	if (!talk->is_counted || reaching == 0 || talk->present > talk->sample_begin + 1)
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
		if (!rtp_talk_is_of_range(question))
			continue;
		state = port_map_state(talk->map, question->port);
		if (port_map_asked(talk->map, question->port) < talk->since_s)
			continue;
		tally->passing += port_state_class(state) == PORT_CLASS_PASSES;
		tally->blocked += port_state_class(state) == PORT_CLASS_BLOCKED;
		tally->closed += state == PORT_CLOSED;
		tally->refused += state == PORT_REFUSED;
		tally->denied += state == PORT_DENIED;
	}
}

/* Blocked when somebody held them, and now nobody does. */
static void count_remembered(struct rtp_talk *talk)
{
	for (uint32_t port = talk->first; port <= talk->last; port++) {
		enum port_state state = port_map_state(talk->map, (uint16_t)port);

		talk->tally.remembered += port_map_is_hidden(talk->map, (uint16_t)port) &&
			port_state_class(state) == PORT_CLASS_BLOCKED;
	}
}

uint32_t rtp_measure_window(const struct rtp_talk *talk)
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
	uint32_t since_s = rtp_measure_window(talk);

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
		probe_set(run, RTP_ROW_FIRST_TRIES, rtp_measure_first_loss(tally));
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

void rtp_measure_finish(struct rtp_talk *talk)
{
	rtp_measure_first_tries(talk);
	split_loss(talk);
	remember_losses(talk);
	count_ports(talk);
	count_remembered(talk);
	set_gauges(talk);
	set_measures(talk);
}

void rtp_measure_finish_icmp(struct rtp_talk *talk)
{
	count_ports(talk);
	set_gauges(talk);
}
