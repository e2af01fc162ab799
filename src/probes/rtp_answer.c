/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/rtp_answer.h"

#include <string.h>

#include "base/clock.h"

/* The first tries have a session of their own: the reflector's count of it tells how many
 * of them arrived there, whatever was sent again. */
static uint16_t session_of(const struct rtp_talk *talk, enum rtp_tag tag, unsigned lap)
{
	if (tag == RTP_COUNT || (tag == RTP_SAMPLE && lap == 0))
		return talk->session_first;
	return talk->session_rest;
}

/* Our own clock is not vouched for: nothing here needs one that agrees with theirs. */
size_t rtp_answer_compose(void *context, uint32_t number,
	const struct asking_packet *packet, uint8_t *buffer)
{
	const struct rtp_talk *talk = context;
	const struct asking_question *question =
		asking_question(talk->asking, packet->question);
	const struct stamp_request request = { .sequence = number,
		.sent_ns = packet->sent_ns,
		.error = stamp_error(0, false),
		.ssid = session_of(talk, question->tag, packet->lap),
		.report_first = question->report_first,
		.report_count = question->report_count,
		.length = question->report_count > 0 ? 0 : talk->length,
		.padding = talk->padding };
	size_t length = stamp_write_request(
		buffer, ASKING_DATAGRAM_MAX, &request, talk->options->key);

	if (number == 0)
		probe_sent(talk->run, buffer, length);
	if (number % VOLLEY_BATCH == 0)
		probe_progress(talk->run, asking_done(talk->asking), talk->tally.asked);
	return length;
}

static void take_port(struct rtp_talk *talk, uint16_t port, uint8_t report)
{
	bool held = (report & STAMP_PORT_STATE_MASK) == STAMP_PORT_HELD;
	uint8_t *told = &talk->told[port - talk->first];
	unsigned marks = *told & (RTP_TOLD_FIRST | RTP_TOLD_AWAY);

	if (held && !talk->asks_sample)
		marks |= RTP_TOLD_FIRST;
	if (!held)
		marks |= RTP_TOLD_AWAY;
	if (talk->asks_last)
		marks |= RTP_TOLD_LAST;
	*told = (uint8_t)(report | RTP_TOLD | marks);
	port_map_hide(talk->map, port, !held);
}

static void take_report(struct rtp_talk *talk, const struct stamp_report *report)
{
	for (uint32_t i = 0; i < report->count; i++) {
		uint32_t port = (uint32_t)report->first + i;

		if (port > talk->last)
			break;
		if (port >= talk->first)
			take_port(talk, (uint16_t)port, report->ports[i]);
	}
	talk->reported = talk->reported || report->count > 0;
}

/*
 * The reflector numbers its answers: a last report with a smaller number than the answers
 * that came before is of a session it began anew (media/stamp_report.h). One that does
 * not report may count each port by itself (RFC 8762, section 4): its numbers say
 * nothing.
 */
static void take_number(struct rtp_talk *talk, const struct stamp_reply *reply,
	const struct asking_packet *packet)
{
	enum rtp_tag tag = asking_question(talk->asking, packet->question)->tag;
	bool first = session_of(talk, tag, packet->lap) == talk->session_first;
	uint32_t *heard = first ? &talk->heard_first : &talk->heard_rest;
	bool is_last = talk->asks_last && packet->question >= asking_first(talk->asking);
	bool reports = talk->reported || reply->report.count > 0;

	if (talk->present == 0 || reply->sender_sequence + 1 < talk->present)
		talk->present = reply->sender_sequence + 1;
	talk->has_last_word = talk->has_last_word || is_last;
	if (!is_last)
		(*heard)++;
	else if (reports && reply->sequence < *heard)
		talk->began_anew = true;
}

/* The answer to this question is itself not among those it counts. */
static void take_count(
	struct rtp_talk *talk, const struct stamp_reply *reply, unsigned lap)
{
	uint32_t own = lap;

	if (talk->began_anew)
		return;
	talk->counted = reply->sequence > own ? reply->sequence - own : 0;
	talk->is_counted = true;
}

/*
 * Round trip without the time the packet spent at the reflector; clocks need not agree,
 * but one that was stepped in between would tell nonsense.
 */
static void take_round_trip(struct rtp_talk *talk, const struct volley_answer *answer,
	const struct asking_packet *packet, const struct stamp_reply *reply)
{
	int64_t there_ns = reply->sent_ns - reply->received_ns;
	int64_t round_ns = answer->arrived_ns - packet->sent_ns - there_ns;
	struct rtp_tally *tally = &talk->tally;

	if (!answer->stamped || there_ns < 0 || round_ns <= 0 ||
		round_ns / 1000 > talk->run->timeout_us)
		return;
	if (tally->round_trips < RTP_ROUND_TRIPS_MAX)
		tally->round_trips_ns[tally->round_trips++] = round_ns;
	if (round_ns > tally->round_trip_max_ns)
		tally->round_trip_max_ns = round_ns;
}

/* \retval NULL  it belongs to no question of ours */
static const struct asking_packet *packet_of(
	const struct rtp_talk *talk, const struct stamp_reply *reply)
{
	const struct asking_packet *packet =
		asking_packet(talk->asking, reply->sender_sequence);
	enum rtp_tag tag;

	if (!packet)
		return NULL;
	tag = asking_question(talk->asking, packet->question)->tag;
	/* who knows RFC 8762 alone answers without the session */
	if (reply->ssid != 0 && reply->ssid != session_of(talk, tag, packet->lap))
		return NULL;
	return packet;
}

static void take_answer(struct rtp_talk *talk, const struct volley_answer *answer,
	const struct stamp_reply *reply, const struct asking_packet *packet)
{
	const struct asking_question *question =
		asking_question(talk->asking, packet->question);

	rtp_talk_hears(talk);
	if (talk->tally.replies++ == 0)
		probe_received(talk->run, answer->data, answer->length);
	talk->tally.corrupted += reply->padding_altered;
	take_round_trip(talk, answer, packet, reply);
	take_number(talk, reply, packet);
	take_report(talk, &reply->report);
	if (question->tag == RTP_COUNT && !talk->is_counted)
		take_count(talk, reply, packet->lap);
	else if (question->tag == RTP_SAMPLE || question->tag == RTP_EDGE ||
		question->tag == RTP_AGAIN)
		rtp_talk_note(talk, question->port, PORT_OPEN);
	asking_answered(talk->asking, reply->sender_sequence);
}

void rtp_answer_heard(void *context, const struct volley_answer *answer)
{
	struct rtp_talk *talk = context;
	const struct asking_packet *packet = NULL;
	struct stamp_reply reply;

	if (talk->run->finished)
		return;
	if (stamp_read_reply(answer->data, answer->length, talk->options->key,
		    talk->padding, &reply) == STAMP_GOOD)
		packet = packet_of(talk, &reply);
	if (!packet) {
		talk->tally.foreign++;
		return;
	}
	if (asking_question(talk->asking, packet->question)->port != answer->port) {
		talk->tally.misplaced++;
		rtp_talk_hears(talk);
		return;
	}
	/* only the first of several copies */
	if (!packet->answered)
		take_answer(talk, answer, &reply, packet);
}

/* Where nobody listens, nobody tells of the ports. */
static void give_up_reports(struct rtp_talk *talk, uint16_t port)
{
	for (size_t i = asking_first(talk->asking); i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);

		if (question->tag == RTP_REPORT && question->port == port)
			asking_give_up(talk->asking, i);
	}
}

void rtp_answer_refused(void *context, uint16_t port, const struct finding *finding)
{
	struct rtp_talk *talk = context;

	if (talk->asks_reports && !talk->run->finished)
		give_up_reports(talk, port);
	rtp_talk_refused(talk, port, finding, false);
}
