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
#include "probes/rtp_told.h"

/* Pauses after the first lap of a batch; they double. Blame takes three tries at least,
 * so a sample bears an outage of two seconds, and an edge one of three quarters. */
#define SAMPLE_WAIT (300 * MILLISECOND)
#define EDGE_WAIT   (150 * MILLISECOND)
#define SLOW_WAIT   (500 * MILLISECOND)

#define REPORT_TRIES 2
#define EDGE_ROUNDS  16

static bool is_noted(const struct rtp_talk *talk, uint16_t port)
{
	return port_map_asked(talk->map, port) >= talk->since_s;
}

/*
 * Silence that proves nothing does not repair a block: what was known before is known
 * still, and asked again. Of a refusal, which device it was is gone.
 * \retval false  none was known
 */
static bool keep_block(struct rtp_talk *talk, const struct asking_question *question)
{
	enum port_state before = question->before;

	if (port_state_class(before) != PORT_CLASS_BLOCKED)
		return false;
	if (is_noted(talk, question->port))
		port_map_note(talk->map, question->port,
			before == PORT_REFUSED ? PORT_BLOCKED : before, NULL,
			talk->since_s - 1);
	return true;
}

/* It did not hold a port all the while that was silent. */
static void leave(struct rtp_talk *talk, const struct asking_question *question)
{
	talk->tally.left++;
	if (!keep_block(talk, question))
		rtp_told_note(talk, question->port);
}

/* It was not there all the while. */
static void doubt(struct rtp_talk *talk, const struct asking_question *question)
{
	talk->tally.doubted++;
	if (!keep_block(talk, question))
		rtp_talk_note(talk, question->port, PORT_SILENT);
}

/* Where a host called ports closed, they were asked less often than blame takes. */
static unsigned tries_to_blame(const struct rtp_talk *talk, enum port_state silence)
{
	return silence == PORT_BLOCKED && talk->enough < RTP_TRIES_LEAST ? RTP_TRIES_LEAST
									 : talk->enough;
}

/* What can be said of the ports since the last time. */
static void conclude(struct rtp_talk *talk)
{
	enum port_state silence = rtp_talk_is_absent(talk) ? PORT_SILENT : PORT_BLOCKED;
	unsigned tries = tries_to_blame(talk, silence);

	for (; talk->concluded < asking_count(talk->asking); talk->concluded++) {
		const struct asking_question *question =
			asking_question(talk->asking, talk->concluded);

		if (!rtp_talk_is_of_range(question) || question->state != ASKING_SILENT ||
			question->tries == 0 || rtp_talk_is_refused(talk, question->port))
			continue;
		if (rtp_told_is(talk, question->port, RTP_TOLD_AWAY))
			leave(talk, question);
		else if (question->tries >= tries)
			rtp_talk_note(talk, question->port, silence);
	}
}

static void range_told(struct rtp_talk *talk)
{
	talk->asks_reports = false;
	conclude(talk);
	talk->concluded_next(talk);
}

/* Halves take turns at any time: whose port is silent is asked whether it holds it. */
static void range_asked(struct rtp_talk *talk)
{
	if (talk->reported && !rtp_talk_late(talk, 4 * EDGE_WAIT) &&
		asking_room(talk->asking) >= 2 * rtp_told_room(talk) &&
		rtp_told_add_silent(talk, talk->concluded) > 0)
		rtp_told_ask(talk, REPORT_TRIES, range_told);
	else
		range_told(talk);
}

static void ask_range(
	struct rtp_talk *talk, int64_t wait_us, void (*next)(struct rtp_talk *talk))
{
	talk->concluded_next = next;
	rtp_pace_begin(talk, wait_us, 0, range_asked);
}

/*
 * A silent port is blamed if somebody owed an answer all the time: the reflector answered
 * a packet sent before the second try, so that one that comes up within the run had no
 * chance of the first try alone, and it answers still.
 */
static bool was_there(const struct rtp_talk *talk, const struct asking_question *question)
{
	return !talk->began_anew && talk->has_last_word && question->tries >= 2 &&
		question->second + 1 >= talk->present;
}

/* Silence is told apart by what the reflector has seen of it. */
static void take_silence(struct rtp_talk *talk, const struct asking_question *question)
{
	uint16_t port = question->port;

	if (talk->tally.replies == 0)
		return;
	if (rtp_told_is(talk, port, RTP_TOLD_AWAY)) {
		leave(talk, question);
	} else if (!was_there(talk, question)) {
		doubt(talk, question);
	} else if (rtp_told_is(talk, port, RTP_TOLD_LAST)) {
		rtp_talk_note(talk, port,
			rtp_told_is(talk, port, STAMP_PORT_ARRIVED) ? PORT_RETURN
								    : PORT_LOST);
	}
}

/*
 * Held, and called closed by its host: a rule there rejects it, unless the reflector came
 * to hold it only after it was asked. \retval true  that is to be seen
 */
static bool take_closed(struct rtp_talk *talk, uint16_t port)
{
	if (!rtp_told_is(talk, port, RTP_TOLD_LAST) || !rtp_told_held(talk, port))
		return false;
	if (!rtp_told_is(talk, port, RTP_TOLD_FIRST) ||
		rtp_told_is(talk, port, RTP_TOLD_AWAY) || talk->began_anew)
		return true;
	port_map_note(talk->map, port, PORT_REFUSED, &talk->closed, rtp_now_s());
	return false;
}

static void again_over(struct rtp_talk *talk)
{
	for (size_t i = asking_first(talk->asking); i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);
		enum port_state state = port_map_state(talk->map, question->port);

		if (question->state == ASKING_GIVEN_UP && state == PORT_CLOSED)
			port_map_note(talk->map, question->port, PORT_REFUSED,
				&talk->closed, rtp_now_s());
		else if (question->state == ASKING_SILENT && state == PORT_CLOSED)
			rtp_talk_note(talk, question->port, PORT_SILENT);
	}
	rtp_judge_finish(talk);
}

static void take_last_words(struct rtp_talk *talk, const struct asking_question *question)
{
	uint16_t port = question->port;
	enum port_state state = port_map_state(talk->map, port);

	if (!is_noted(talk, port))
		return;
	if (state == PORT_BLOCKED)
		take_silence(talk, question);
	else if (state == PORT_CLOSED && take_closed(talk, port) &&
		(rtp_talk_late(talk, EDGE_WAIT) || !rtp_talk_repeat(talk, port)))
		rtp_talk_note(talk, port, PORT_SILENT);
}

static void arrivals_over(struct rtp_talk *talk)
{
	size_t count = asking_count(talk->asking);

	talk->asks_reports = false;
	for (size_t i = 0; i < count; i++) {
		const struct asking_question *question = asking_question(talk->asking, i);

		if (rtp_talk_is_of_range(question) && question->tries > 0 &&
			question->state != ASKING_ANSWERED)
			take_last_words(talk, question);
	}
	if (asking_count(talk->asking) > count)
		rtp_pace_begin(talk, EDGE_WAIT, RTP_TRIES_LEAST, again_over);
	else
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

static void ask_arrivals(struct rtp_talk *talk)
{
	struct asking_question counting = { .tag = RTP_COUNT };

	if (!talk->reported)
		talk->report_port = any_that_answered(talk);
	counting.port = talk->report_port;
	if (talk->report_port != 0)
		rtp_told_add_silent(talk, 0);
	if (talk->reported)
		asking_add(talk->asking, &counting);
	talk->asks_last = true;
	/* the last words: half of what is left of the time */
	loop_timer_set(
		&talk->belt, talk->end_us + talk->run->timeout_us / 32 - clock_now_us());
	rtp_told_ask(talk, RTP_TRIES_LEAST, arrivals_over);
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

	return rtp_measure_counts(talk, number) && !packet->answered &&
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

/* An edge is known exactly once nothing lies between; time may end it before. */
static void ask_edges(struct rtp_talk *talk)
{
	size_t kept = rtp_told_room(talk) + RTP_SLOW_PORTS_MAX;
	size_t room = asking_room(talk->asking);
	size_t most = room > kept ? room - kept : 0;
	size_t count = rtp_talk_late(talk, 8 * EDGE_WAIT)
		? 0
		: port_plan_edges(talk->map, talk->since_s, talk->ports,
			  most < talk->ports_max ? most : talk->ports_max);
	size_t added = 0;

	/* one that was asked and not noted is planned again */
	for (size_t i = 0; i < count; i++)
		added += rtp_talk_add(talk, talk->ports[i], RTP_EDGE);
	if (added == 0)
		ask_slowly(talk);
	else
		ask_range(talk, EDGE_WAIT, ask_edges);
}

static void sample_over(struct rtp_talk *talk)
{
	port_plan_doubt(talk->map, talk->since_s, talk->ports, talk->doubters);
	ask_edges(talk);
}

/* Where a port that was blocked passes now, its neighbours are not known any more. */
static void add_doubter(struct rtp_talk *talk, uint16_t port)
{
	if (port_state_class(port_map_state(talk->map, port)) == PORT_CLASS_BLOCKED)
		talk->ports[talk->doubters++] = port;
	rtp_talk_add(talk, port, RTP_SAMPLE);
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
		bool free = rtp_told_held(talk, (uint16_t)other) &&
			talk->latest[other - talk->first] == 0;

		if (free &&
			(best == 0 ||
				port_map_asked(talk->map, (uint16_t)other) <
					port_map_asked(talk->map, (uint16_t)best)))
			best = other;
	}
	if (best != 0)
		add_doubter(talk, (uint16_t)best);
}

/* Those that were blocked, and then others: as many, and in the same room, or fewer. */
static void add_sample(struct rtp_talk *talk)
{
	size_t again = talk->run->services->sweeps
		? 0
		: port_plan_again(talk->map, talk->since_s, talk->ports,
			  talk->ports_max - talk->sample_max);
	uint16_t *sample = talk->ports + again;
	size_t count = port_plan_sample(talk->map, sample, talk->sample_max);

	for (size_t i = 0; i < again; i++)
		add_doubter(talk, talk->ports[i]);
	for (size_t i = 0; i < count; i++) {
		uint16_t port = sample[i];

		if (rtp_told_held(talk, port)) {
			add_doubter(talk, port);
			continue;
		}
		rtp_told_pass(talk, port);
		add_instead(talk, port, rtp_talk_size(talk) / count);
	}
}

static void ask_sample(struct rtp_talk *talk)
{
	talk->asks_reports = false;
	talk->asks_sample = true;
	rtp_told_forget(talk);
	talk->concluded = asking_count(talk->asking);
	talk->sample_begin = asking_packets(talk->asking);
	add_sample(talk);
	ask_range(talk, SAMPLE_WAIT, sample_over);
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
			rtp_told_add(talk, (uint16_t)block);
		rtp_told_ask(talk, RTP_TRIES_LEAST, ask_sample);
		return;
	}
	talk->report_port = talk->reporters++ == 0 ? known_to_answer(talk) : 0;
	if (talk->report_port == 0) {
		ask_sample(talk);
		return;
	}
	rtp_told_add(talk, talk->first);
	rtp_told_ask(talk, REPORT_TRIES, first_report_over);
}

static const struct asking_events events = {
	.compose = rtp_answer_compose,
	.heard = rtp_answer_heard,
	.refused = rtp_answer_refused,
	.failed = rtp_talk_failed,
	.again = rtp_pace_again,
	.settled = rtp_talk_settled,
};

static size_t range_size(const struct probe_run *run)
{
	return (size_t)rtp_talk_last(run) - run->target.port + 1;
}

static size_t sample_size(const struct probe_run *run)
{
	const struct rtp_options *options = run->options;
	size_t size = range_size(run);
	size_t wanted = options->ports_per_run > 0 ? (size_t)options->ports_per_run
						   : RTP_STAMP_PORTS;

	return run->services->sweeps || wanted > size ? size : wanted;
}

struct rtp_talk *rtp_stamp_start(struct probe_run *run)
{
	/* for each round that narrows an edge */
	size_t reports = EDGE_ROUNDS * (range_size(run) / STAMP_REPORT_PORTS + 2);
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
	rtp_told_add(talk, talk->first);
	rtp_told_ask(talk, REPORT_TRIES, first_report_over);
	return talk;
}
