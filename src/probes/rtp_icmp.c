/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/rtp_icmp.h"

#include <string.h>

#include "base/clock.h"
#include "media/port_plan.h"
#include "probes/rtp_judge.h"

#define BURST      5.0
#define PER_SECOND 0.8

/* For the last answer; a path of half a second is hardly one for telephony. */
#define WAIT SECOND

/*
 * Neither RTP nor RTCP (first octet 128 to 191), STUN (0 to 3), ZRTP, DTLS, TURN or QUIC:
 * 15 is to be dropped by whoever tells these apart (RFC 7983, section 7; RFC 9443). The
 * rest is for people who capture it.
 */
static const char payload[] = "\017starface-exporter";

static size_t compose(void *context, uint32_t number, const struct asking_packet *packet,
	uint8_t *buffer)
{
	const struct rtp_talk *talk = context;

	(void)packet;
	memcpy(buffer, payload, sizeof(payload) - 1);
	if (number == 0)
		probe_sent(talk->run, payload, sizeof(payload) - 1);
	return sizeof(payload) - 1;
}

/* Whatever it says: it passes there and back. */
static void heard(void *context, const struct volley_answer *answer)
{
	struct rtp_talk *talk = context;
	uint32_t question;

	if (talk->run->finished)
		return;
	question = rtp_talk_in_range(talk, answer->port)
		? talk->latest[answer->port - talk->first]
		: 0;
	if (question == 0) {
		talk->tally.foreign++;
		return;
	}
	rtp_talk_hears(talk);
	if (talk->tally.replies++ == 0)
		probe_received(talk->run, answer->data, answer->length);
	rtp_talk_note(talk, answer->port, PORT_OPEN);
	asking_give_up(talk->asking, question - 1);
}

static void refused(void *context, uint16_t port, const struct finding *finding)
{
	rtp_talk_refused(context, port, finding, true);
}

/* One that is silent is asked again in a later run: at once it would say no more. */
static bool ask_again(
	void *context, unsigned lap, size_t silent, struct asking_pace *pace)
{
	(void)context;
	(void)lap;
	(void)silent;
	(void)pace;
	return false;
}

static const struct asking_events events = {
	.compose = compose,
	.heard = heard,
	.refused = refused,
	.failed = rtp_talk_failed,
	.again = ask_again,
	.settled = rtp_talk_settled,
};

static void ports_over(struct rtp_talk *talk)
{
	for (size_t i = 0; i < asking_count(talk->asking); i++) {
		const struct asking_question *question = asking_question(talk->asking, i);

		if (question->state == ASKING_SILENT && question->tries > 0 &&
			!rtp_talk_is_refused(talk, question->port))
			rtp_talk_note(talk, question->port, PORT_SILENT);
	}
	rtp_judge_finish_icmp(talk);
}

/* The silent port that was asked longest ago, and not in this run; 0 = there is none. */
static uint16_t oldest_silent(const struct rtp_talk *talk)
{
	uint32_t best = 0;

	for (uint32_t port = talk->first; port <= talk->last; port++) {
		if (port_map_state(talk->map, (uint16_t)port) != PORT_SILENT ||
			talk->latest[port - talk->first] != 0)
			continue;
		if (best == 0 ||
			port_map_asked(talk->map, (uint16_t)port) <
				port_map_asked(talk->map, (uint16_t)best))
			best = port;
	}
	return (uint16_t)best;
}

static void add_again(struct rtp_talk *talk, size_t most)
{
	size_t count = port_plan_again(talk->map, talk->since_s, talk->ports, most);

	for (size_t i = 0; i < count; i++)
		rtp_talk_add(talk, talk->ports[i], RTP_SAMPLE);
	while (count < most) {
		uint16_t port = oldest_silent(talk);

		if (port == 0 || !rtp_talk_add(talk, port, RTP_SAMPLE))
			break;
		count++;
	}
}

/* As many as wanted, and a few of those that were refused or silent before. */
static void ask_ports(struct rtp_talk *talk)
{
	const struct asking_pace pace = { .per_second = PER_SECOND, .burst = BURST };
	size_t count;

	add_again(talk, talk->ports_max - talk->sample_max);
	count = port_plan_sample(talk->map, talk->ports, talk->sample_max);
	for (size_t i = 0; i < count; i++)
		rtp_talk_add(talk, talk->ports[i], RTP_SAMPLE);
	talk->next = ports_over;
	asking_begin(talk->asking, &pace, WAIT);
}

struct rtp_talk *rtp_icmp_start(struct probe_run *run)
{
	const struct rtp_options *options = run->options;
	size_t wanted = options->ports_per_run > 0 ? (size_t)options->ports_per_run
						   : RTP_ICMP_PORTS;
	size_t ports = wanted + wanted / 3;
	struct rtp_talk *talk = rtp_talk_new(run, &events, ports, ports, ports);

	if (!talk)
		return NULL;
	talk->sample_max = wanted;
	probe_enter(run, PHASE_REQUEST, CAUSE_TIMEOUT);
	probe_silence_verdict(run, VERDICT_UNKNOWN);
	ask_ports(talk);
	return talk;
}
