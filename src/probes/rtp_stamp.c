/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a run: the reflector is asked which ports it holds; the sample, and what
 * was blocked before, is asked until silence is no loss; what is blocked is bisected to
 * its edges; ports that lost a packet are asked again slowly if many did; the reflector
 * is asked at which of the silent ports something arrived.
 */
#include "probes/rtp_stamp.h"

#include "base/clock.h"
#include "base/random.h"
#include "media/port_plan.h"
#include "probes/rtp_answer.h"
#include "probes/rtp_judge.h"
#include "probes/rtp_measure.h"
#include "probes/rtp_pace.h"

/* Pauses after the first lap of a batch; they double. Blame takes three tries at least,
 * so a sample bears an outage of two seconds, and an edge one of three quarters. */
#define SAMPLE_WAIT (300 * MILLISECOND)
#define EDGE_WAIT   (150 * MILLISECOND)
#define REPORT_WAIT (250 * MILLISECOND)
#define SLOW_WAIT   (500 * MILLISECOND)

#define REPORT_TRIES 2

static void add_report(struct rtp_talk *talk, uint16_t block)
{
	uint32_t left = (uint32_t)talk->last - block + 1;
	const struct asking_question question = { .port = talk->report_port,
		.tag = RTP_REPORT,
		.report_first = block,
		.report_count =
			(uint16_t)(left < STAMP_REPORT_PORTS ? left
							     : STAMP_REPORT_PORTS) };

	asking_add(talk->asking, &question);
}

static void ask_reports(
	struct rtp_talk *talk, unsigned tries, void (*next)(struct rtp_talk *talk))
{
	talk->asks_reports = true;
	rtp_pace_begin(talk, REPORT_WAIT, tries, next);
}

static bool is_told(const struct rtp_talk *talk, uint16_t port)
{
	return (talk->told[port - talk->first] & RTP_TOLD) != 0;
}

static enum stamp_port_state told_state(const struct rtp_talk *talk, uint16_t port)
{
	return talk->told[port - talk->first] & STAMP_PORT_STATE_MASK;
}

/* Who does not tell is taken to hold all. */
static bool is_held(const struct rtp_talk *talk, uint16_t port)
{
	return !is_told(talk, port) || told_state(talk, port) == STAMP_PORT_HELD;
}

static void note_unheld(struct rtp_talk *talk, uint16_t port)
{
	bool busy = told_state(talk, port) == STAMP_PORT_BUSY;

	if (busy)
		talk->tally.busy++;
	else
		talk->tally.unheld++;
	rtp_talk_note(talk, port, busy ? PORT_BUSY : PORT_UNHELD);
}

/* That it passed while it was held is known still. */
static void pass_unheld(struct rtp_talk *talk, uint16_t port)
{
	if (port_state_class(port_map_state(talk->map, port)) != PORT_CLASS_PASSES)
		note_unheld(talk, port);
}

/* What can be said of the ports of this batch. */
static void conclude(struct rtp_talk *talk)
{
	enum port_state silence = rtp_talk_is_absent(talk) ? PORT_SILENT : PORT_BLOCKED;
	unsigned tries = rtp_pace_tries(talk);

	for (size_t i = asking_first(talk->asking); i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);
		bool refused = rtp_talk_in_range(talk, question->port) &&
			port_map_state(talk->map, question->port) == PORT_REFUSED &&
			port_map_asked(talk->map, question->port) >= talk->since_s;

		if (question->state == ASKING_SILENT && question->tries >= tries &&
			!refused)
			rtp_talk_note(talk, question->port, silence);
	}
}

/* Silence is told apart by what the reflector has seen of it. */
static void take_arrival(struct rtp_talk *talk, uint16_t port)
{
	enum port_state state = port_map_state(talk->map, port);
	bool arrived = (talk->told[port - talk->first] & STAMP_PORT_ARRIVED) != 0;

	/* what came before it was started again is forgotten there */
	if (!is_told(talk, port) || talk->began_anew)
		return;
	if (state == PORT_BLOCKED && !is_held(talk, port))
		note_unheld(talk, port);
	else if (state == PORT_BLOCKED)
		rtp_talk_note(talk, port, arrived ? PORT_RETURN : PORT_LOST);
	/* held, and called closed by its host: a rule there rejects it */
	else if (state == PORT_CLOSED && is_held(talk, port))
		port_map_note(talk->map, port, PORT_REFUSED, &talk->closed, rtp_now_s());
}

static bool is_of_range(const struct asking_question *question)
{
	return question->tag == RTP_SAMPLE || question->tag == RTP_EDGE;
}

static void arrivals_over(struct rtp_talk *talk)
{
	talk->asks_reports = false;
	for (size_t i = 0; i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);

		if (is_of_range(question) && question->state != ASKING_ANSWERED &&
			question->tries > 0)
			take_arrival(talk, question->port);
	}
	rtp_judge_finish(talk);
}

/* Of a port that answered and may tell what the control port did not. */
static uint16_t any_that_answered(const struct rtp_talk *talk)
{
	for (size_t i = 0; i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);

		if (question->state == ASKING_ANSWERED)
			return question->port;
	}
	return 0;
}

/* The blocks of the range in which a port was silent, a bit each. */
static uint64_t silent_blocks(const struct rtp_talk *talk)
{
	uint64_t blocks = 0;

	for (size_t i = 0; i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);

		if (is_of_range(question) && question->state != ASKING_ANSWERED)
			blocks |= UINT64_C(1)
				<< (question->port - talk->first) / STAMP_REPORT_PORTS;
	}
	return blocks;
}

static void ask_arrivals(struct rtp_talk *talk)
{
	const struct asking_question counting = { .port = talk->report_port,
		.tag = RTP_COUNT };
	uint64_t blocks = silent_blocks(talk);

	if (!talk->reported)
		talk->report_port = any_that_answered(talk);
	for (unsigned i = 0; talk->report_port != 0 && blocks >> i != 0; i++) {
		if (blocks >> i & 1U)
			add_report(
				talk, (uint16_t)(talk->first + i * STAMP_REPORT_PORTS));
	}
	if (talk->reported)
		asking_add(talk->asking, &counting);
	talk->asks_last = true;
	/* the last words: half of what is left of the time */
	loop_timer_set(
		&talk->belt, talk->end_us + talk->run->timeout_us / 32 - clock_now_us());
	ask_reports(talk, RTP_TRIES_LEAST, arrivals_over);
}

static void slow_over(struct rtp_talk *talk)
{
	for (size_t i = asking_first(talk->asking); i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);

		talk->tally.slow_sent += question->tries;
		talk->tally.slow_lost +=
			question->tries > 0 && question->state == ASKING_SILENT;
	}
	ask_arrivals(talk);
}

static bool lost_its_first(const struct rtp_talk *talk, uint32_t number)
{
	const struct asking_packet *packet = asking_packet(talk->asking, number);
	const struct asking_question *question =
		asking_question(talk->asking, packet->question);

	return packet->lap == 0 && question->tag == RTP_SAMPLE && !packet->answered &&
		question->state == ASKING_ANSWERED;
}

/* Fast ones are lost: are slow ones? */
static void ask_slowly(struct rtp_talk *talk)
{
	size_t room = rtp_pace_slow_room(talk, 4 * SLOW_WAIT);

	rtp_measure_first_tries(talk);
	if (!rtp_measure_loses(talk))
		room = 0;
	for (uint32_t i = 0; room > 0 && i < asking_packets(talk->asking); i++) {
		struct asking_question question = { .tag = RTP_SLOW };

		if (!lost_its_first(talk, i))
			continue;
		question.port = asking_question(
			talk->asking, asking_packet(talk->asking, i)->question)
					->port;
		asking_add(talk->asking, &question);
		room--;
	}
	rtp_pace_begin_slowly(talk, SLOW_WAIT, slow_over);
}

static void ask_edges(struct rtp_talk *talk);

static void edges_over(struct rtp_talk *talk)
{
	conclude(talk);
	ask_edges(talk);
}

/* An edge is known exactly once nothing lies between; time may end it before. */
static void ask_edges(struct rtp_talk *talk)
{
	size_t most = talk->ports_max < asking_room(talk->asking)
		? talk->ports_max
		: asking_room(talk->asking);
	size_t count = rtp_talk_late(talk, 8 * EDGE_WAIT)
		? 0
		: port_plan_edges(talk->map, talk->since_s, talk->ports, most);

	for (size_t i = 0; i < count; i++) {
		if (is_held(talk, talk->ports[i]))
			rtp_talk_add(talk, talk->ports[i], RTP_EDGE);
		else
			note_unheld(talk, talk->ports[i]);
	}
	if (count == 0)
		ask_slowly(talk);
	else
		rtp_pace_begin(talk, EDGE_WAIT, 0, edges_over);
}

static void sample_over(struct rtp_talk *talk)
{
	conclude(talk);
	/* beside each port that passes now, those of the sample too */
	if (talk->again_count > 0)
		port_plan_doubt(talk->map, talk->since_s, talk->ports, talk->ports_count);
	ask_edges(talk);
}

/*
 * In the place of a port that is not held now, the one near it that was asked longest
 * ago: a reflector that holds each half of its ports in turn is asked whole all the same.
 */
static void add_instead(struct rtp_talk *talk, uint16_t port, size_t reach)
{
	uint32_t best = 0;

	for (uint32_t other = port + 1U; other <= talk->last && other <= port + reach;
		other++) {
		bool free = is_held(talk, (uint16_t)other) &&
			talk->latest[other - talk->first] == 0;

		if (free &&
			(best == 0 ||
				port_map_asked(talk->map, (uint16_t)other) <
					port_map_asked(talk->map, (uint16_t)best)))
			best = other;
	}
	if (best != 0)
		rtp_talk_add(talk, (uint16_t)best, RTP_SAMPLE);
}

static void add_again(struct rtp_talk *talk)
{
	talk->again_count = port_plan_again(talk->map, talk->since_s, talk->ports,
		talk->ports_max - talk->sample_max);
	for (size_t i = 0; i < talk->again_count; i++) {
		if (is_held(talk, talk->ports[i]))
			rtp_talk_add(talk, talk->ports[i], RTP_SAMPLE);
		else
			note_unheld(talk, talk->ports[i]);
	}
}

static void ask_sample(struct rtp_talk *talk)
{
	uint16_t *sample;
	size_t count;

	talk->asks_reports = false;
	if (!talk->run->services->sweeps)
		add_again(talk);
	sample = talk->ports + talk->again_count;
	count = port_plan_sample(talk->map, sample, talk->sample_max);
	talk->ports_count = talk->again_count + count;
	for (size_t i = 0; i < count; i++) {
		if (is_held(talk, sample[i])) {
			rtp_talk_add(talk, sample[i], RTP_SAMPLE);
			continue;
		}
		pass_unheld(talk, sample[i]);
		add_instead(talk, sample[i], rtp_talk_size(talk) / count);
	}
	rtp_pace_begin(talk, SAMPLE_WAIT, 0, sample_over);
}

/* A port that passed in an earlier run; 0 = none is known. */
static uint16_t known_to_answer(const struct rtp_talk *talk)
{
	uint32_t latest_s = 0;
	uint16_t found = 0;

	for (uint32_t port = talk->first; port <= talk->last; port++) {
		uint32_t asked_s = port_map_asked(talk->map, (uint16_t)port);

		if (port_map_state(talk->map, (uint16_t)port) != PORT_OPEN ||
			asked_s <= latest_s)
			continue;
		latest_s = asked_s;
		found = (uint16_t)port;
	}
	return found;
}

/* The first block alone shows whether anybody tells; then the others. */
static void first_report_over(struct rtp_talk *talk)
{
	if (talk->reported) {
		for (uint32_t block = (uint32_t)talk->first + STAMP_REPORT_PORTS;
			block <= talk->last; block += STAMP_REPORT_PORTS)
			add_report(talk, (uint16_t)block);
		ask_reports(talk, RTP_TRIES_LEAST, ask_sample);
		return;
	}
	talk->report_port = talk->reporters++ == 0 ? known_to_answer(talk) : 0;
	if (talk->report_port == 0) {
		ask_sample(talk);
		return;
	}
	add_report(talk, talk->first);
	ask_reports(talk, REPORT_TRIES, first_report_over);
}

static const struct asking_events events = {
	.compose = rtp_answer_compose,
	.heard = rtp_answer_heard,
	.refused = rtp_answer_refused,
	.failed = rtp_talk_failed,
	.again = rtp_pace_again,
	.settled = rtp_talk_settled,
};

static size_t sample_size(const struct probe_run *run)
{
	const struct rtp_options *options = run->options;
	size_t size = (size_t)run->target.port_last - run->target.port + 1;
	size_t wanted = options->ports_per_run > 0 ? (size_t)options->ports_per_run
						   : RTP_STAMP_PORTS;

	return run->services->sweeps || wanted > size ? size : wanted;
}

struct rtp_talk *rtp_stamp_start(struct probe_run *run)
{
	const size_t reports = 2 * (UINT16_MAX / STAMP_REPORT_PORTS + 3);
	size_t sample = sample_size(run);
	size_t ports = sample + sample / 3 + 1;
	/* and as many again for edges */
	size_t questions = 2 * ports + reports + RTP_SLOW_PORTS_MAX;
	struct rtp_talk *talk = rtp_talk_new(
		run, &events, ports, questions, RTP_TRIES_LEAST * questions + 1024);

	if (!talk)
		return NULL;
	talk->sample_max = sample;
	/* a sweep is to be quick: what alters octets shows in the samples */
	talk->length = run->services->sweeps ? 0 : (size_t)talk->options->length;
	random_fill(&talk->session_first, sizeof(talk->session_first));
	talk->session_first |= 1; /* 0 = none (RFC 8972, section 3) */
	talk->session_rest = (uint16_t)(talk->session_first + 1U);
	if (talk->session_rest == 0)
		talk->session_rest = 2;
	random_fill(&talk->padding, sizeof(talk->padding));
	talk->padding |= 1;
	probe_enter(run, PHASE_REQUEST, CAUSE_TIMEOUT);
	talk->report_port = (uint16_t)talk->options->control_port;
	add_report(talk, talk->first);
	ask_reports(talk, REPORT_TRIES, first_report_over);
	return talk;
}
