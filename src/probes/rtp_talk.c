/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/rtp_talk.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "net/evidence.h"

/* A sixteenth of the time is kept for the end of the run. */
#define RESERVE 16

uint32_t rtp_now_s(void)
{
	return (uint32_t)(clock_now_us() / SECOND) + 1;
}

uint16_t rtp_talk_last(const struct probe_run *run)
{
	const struct probe_target *target = &run->target;

	return target->port_last < target->port ? target->port : target->port_last;
}

size_t rtp_talk_size(const struct rtp_talk *talk)
{
	return (size_t)talk->last - talk->first + 1;
}

/* What is not asked by then is not asked in this run. */
static void time_is_up(void *context)
{
	struct rtp_talk *talk = context;

	if (!talk->run->finished)
		asking_hurry(talk->asking);
}

static bool take_memory(struct rtp_talk *talk)
{
	size_t size = rtp_talk_size(talk);

	if (!talk->run->ports)
		talk->own_map = port_map_new(talk->first, talk->last);
	talk->map = talk->run->ports ? talk->run->ports : talk->own_map;
	talk->latest = calloc(size, sizeof(*talk->latest));
	talk->told = calloc(size, sizeof(*talk->told));
	talk->ports = calloc(talk->ports_max, sizeof(*talk->ports));
	/* who holds what is told anew in each run */
	for (size_t i = 0; talk->map && i < size; i++)
		port_map_hide(talk->map, (uint16_t)(talk->first + i), false);
	return talk->map && talk->latest && talk->told && talk->ports;
}

static struct asking *open_asking(struct rtp_talk *talk,
	const struct asking_events *events, size_t questions_max, size_t packets_max,
	struct finding *ret_finding)
{
	const struct asking_settings settings = {
		.volley = { .loop = talk->run->services->loop,
			.address = talk->run->target.address,
			.source_port = (uint16_t)talk->options->source_port,
			.dscp = (uint8_t)talk->options->dscp,
			.claims = talk->run->services->steered },
		.questions_max = questions_max,
		.packets_max = packets_max,
		.events = events,
		.context = talk,
	};

	return asking_new(&settings, ret_finding);
}

struct rtp_talk *rtp_talk_new(struct probe_run *run, const struct asking_events *events,
	size_t ports_max, size_t questions_max, size_t packets_max)
{
	struct finding finding = evidence_from_errno(ENOMEM);
	struct rtp_talk *talk = calloc(1, sizeof(*talk));
	struct transport_address local;

	if (!talk) {
		probe_finish(run, &finding);
		return NULL;
	}
	talk->run = run;
	talk->options = run->options;
	talk->first = run->target.port;
	talk->last = rtp_talk_last(run);
	talk->since_s = rtp_now_s();
	talk->end_us = clock_now_us() + run->timeout_us - run->timeout_us / RESERVE;
	talk->ports_max = ports_max;
	loop_timer_init(
		&talk->belt, run->services->loop, LOOP_PRIORITY_ANSWER, time_is_up, talk);
	if (take_memory(talk))
		talk->asking =
			open_asking(talk, events, questions_max, packets_max, &finding);
	if (!talk->asking) {
		rtp_talk_free(talk);
		probe_finish(run, &finding);
		return NULL;
	}
	loop_timer_set(&talk->belt, talk->end_us - clock_now_us());
	if (volley_local(asking_volley(talk->asking), &local))
		probe_local(run, &local);
	return talk;
}

void rtp_talk_free(struct rtp_talk *talk)
{
	if (!talk)
		return;
	asking_free(talk->asking);
	loop_timer_done(&talk->belt);
	port_map_free(talk->own_map);
	free(talk->latest);
	free(talk->told);
	free(talk->ports);
	free(talk);
}

void rtp_talk_failed(void *context, const struct finding *finding)
{
	struct rtp_talk *talk = context;

	probe_finish(talk->run, finding);
}

void rtp_talk_settled(void *context)
{
	struct rtp_talk *talk = context;

	if (!talk->run->finished)
		talk->next(talk);
}

bool rtp_talk_in_range(const struct rtp_talk *talk, uint16_t port)
{
	return port >= talk->first && port <= talk->last;
}

bool rtp_talk_is_of_range(const struct asking_question *question)
{
	return question->tag == RTP_SAMPLE || question->tag == RTP_EDGE;
}

bool rtp_talk_add(struct rtp_talk *talk, uint16_t port, enum rtp_tag tag)
{
	const struct asking_question question = { .port = port,
		.tag = (uint8_t)tag,
		.before = (uint8_t)port_map_state(talk->map, port) };
	uint32_t *latest = &talk->latest[port - talk->first];

	if (*latest != 0 || !asking_add(talk->asking, &question))
		return false;
	*latest = (uint32_t)asking_count(talk->asking);
	talk->told[port - talk->first] &= (uint8_t)~RTP_TOLD_AWAY; /* that is over */
	talk->tally.asked++;
	return true;
}

bool rtp_talk_repeat(struct rtp_talk *talk, uint16_t port)
{
	const struct asking_question question = { .port = port, .tag = RTP_AGAIN };

	if (!asking_add(talk->asking, &question))
		return false;
	talk->latest[port - talk->first] = (uint32_t)asking_count(talk->asking);
	return true;
}

bool rtp_talk_is_absent(const struct rtp_talk *talk)
{
	return talk->tally.replies == 0 && talk->closed.cause != CAUSE_NONE;
}

bool rtp_talk_late(const struct rtp_talk *talk, int64_t round_us)
{
	return clock_now_us() + round_us > talk->end_us;
}

void rtp_talk_note(struct rtp_talk *talk, uint16_t port, enum port_state state)
{
	port_map_note(talk->map, port, state, NULL, rtp_now_s());
}

void rtp_talk_hears(struct rtp_talk *talk)
{
	if (talk->run->outcome.phase != PHASE_RESPONSE)
		probe_enter(talk->run, PHASE_RESPONSE, CAUSE_TIMEOUT);
}

/* Our own kernel's word is about all ports, but for that of a rule. */
static bool is_ours(const struct finding *finding)
{
	return finding->cause == CAUSE_ARP_FAILED ||
		cause_layer(finding->cause) == LAYER_LOCAL;
}

static bool is_denial(const struct finding *finding)
{
	return finding->cause == CAUSE_LOCAL_DENIED;
}

/* A device on the way says the same to mean "forbidden"; then it names itself. */
static bool says_closed(const struct rtp_talk *talk, const struct finding *finding)
{
	return (finding->cause == CAUSE_ICMP_PORT_UNREACHABLE ||
		       finding->cause == CAUSE_ICMP6_PORT_UNREACHABLE) &&
		address_equal(&finding->evidence.offender, &talk->run->target.address);
}

bool rtp_talk_is_refused(const struct rtp_talk *talk, uint16_t port)
{
	enum port_state state = port_map_state(talk->map, port);

	return (state == PORT_REFUSED || state == PORT_DENIED) &&
		port_map_asked(talk->map, port) >= talk->since_s;
}

static void note_refusal(
	struct rtp_talk *talk, size_t question, const struct finding *finding, bool final)
{
	uint16_t port = asking_question(talk->asking, question)->port;

	/* a full table of connections says the same, and has room a moment later */
	if (is_denial(finding)) {
		rtp_talk_note(talk, port, PORT_DENIED);
		return;
	}
	if (says_closed(talk, finding)) {
		talk->closed = *finding;
		rtp_talk_note(talk, port, PORT_CLOSED);
		asking_give_up(talk->asking, question);
		return;
	}
	port_map_note(talk->map, port, PORT_REFUSED, finding, rtp_now_s());
	if (final)
		asking_give_up(talk->asking, question);
}

void rtp_talk_refused(
	struct rtp_talk *talk, uint16_t port, const struct finding *finding, bool final)
{
	size_t question;

	if (talk->run->finished)
		return;
	if (is_ours(finding) && !is_denial(finding)) {
		probe_finish(talk->run, finding);
		return;
	}
	if (address_equal(&finding->evidence.offender, &talk->run->target.address))
		rtp_talk_hears(talk);
	if (!rtp_talk_in_range(talk, port) || talk->latest[port - talk->first] == 0)
		return;
	question = talk->latest[port - talk->first] - 1;
	if (asking_question(talk->asking, question)->state == ASKING_SILENT)
		note_refusal(talk, question, finding, final);
}
