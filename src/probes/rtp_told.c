/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/rtp_told.h"

#include "base/clock.h"
#include "probes/rtp_measure.h"
#include "probes/rtp_pace.h"

#define REPORT_WAIT (250 * MILLISECOND)

void rtp_told_add(struct rtp_talk *talk, uint16_t block)
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

/* The blocks of the range in which a port was silent, a bit each. */
static uint64_t silent_blocks(const struct rtp_talk *talk, size_t from)
{
	uint64_t blocks = 0;

	for (size_t i = from; i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);

		if (rtp_talk_is_of_range(question) && question->state != ASKING_ANSWERED)
			blocks |= UINT64_C(1)
				<< (question->port - talk->first) / STAMP_REPORT_PORTS;
	}
	return blocks;
}

size_t rtp_told_add_silent(struct rtp_talk *talk, size_t from)
{
	uint64_t blocks = silent_blocks(talk, from);
	size_t count = 0;

	for (unsigned i = 0; blocks >> i != 0; i++) {
		if ((blocks >> i & 1U) == 0)
			continue;
		rtp_told_add(talk, (uint16_t)(talk->first + i * STAMP_REPORT_PORTS));
		count++;
		if (i == 63)
			break;
	}
	return count;
}

size_t rtp_told_room(const struct rtp_talk *talk)
{
	return rtp_talk_size(talk) / STAMP_REPORT_PORTS + 1;
}

void rtp_told_ask(
	struct rtp_talk *talk, unsigned tries, void (*next)(struct rtp_talk *talk))
{
	talk->asks_reports = true;
	rtp_pace_begin(talk, REPORT_WAIT, tries, next);
}

bool rtp_told_is(const struct rtp_talk *talk, uint16_t port, unsigned mark)
{
	return (talk->told[port - talk->first] & mark) != 0;
}

bool rtp_told_held(const struct rtp_talk *talk, uint16_t port)
{
	return !port_map_is_hidden(talk->map, port);
}

static enum stamp_port_state state_of(const struct rtp_talk *talk, uint16_t port)
{
	return talk->told[port - talk->first] & STAMP_PORT_STATE_MASK;
}

void rtp_told_count(
	const struct rtp_talk *talk, size_t ret_counts[STAMP_PORT_STATE_COUNT])
{
	for (unsigned i = 0; i < STAMP_PORT_STATE_COUNT; i++)
		ret_counts[i] = 0;
	for (uint32_t port = talk->first; port <= talk->last; port++) {
		if (rtp_told_is(talk, (uint16_t)port, RTP_TOLD))
			ret_counts[state_of(talk, (uint16_t)port)]++;
	}
}

void rtp_told_note(struct rtp_talk *talk, uint16_t port)
{
	switch (state_of(talk, port)) {
	case STAMP_PORT_BUSY:
		rtp_talk_note(talk, port, PORT_BUSY);
		break;
	case STAMP_PORT_UNHELD:
		rtp_talk_note(talk, port, PORT_UNHELD);
		break;
	default: /* it rests, or did within the run */
		rtp_talk_note(talk, port, PORT_RESTING);
	}
}

void rtp_told_pass(struct rtp_talk *talk, uint16_t port)
{
	if (port_state_class(port_map_state(talk->map, port)) == PORT_CLASS_UNKNOWN)
		rtp_told_note(talk, port);
}

void rtp_told_forget(struct rtp_talk *talk)
{
	uint32_t since_s = rtp_measure_window(talk);

	for (uint32_t i = talk->first; i <= talk->last; i++) {
		uint16_t port = (uint16_t)i;
		enum port_state state = port_map_state(talk->map, port);

		if (port_state_class(state) != PORT_CLASS_BLOCKED ||
			rtp_told_held(talk, port))
			continue;
		if (state == PORT_BLOCKED || state_of(talk, port) == STAMP_PORT_UNHELD ||
			port_map_asked(talk->map, port) < since_s)
			rtp_told_note(talk, port);
	}
}
