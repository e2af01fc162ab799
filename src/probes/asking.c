/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/asking.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "net/evidence.h"

/* Longer pauses would not make a loss more unlike a block. */
#define WAIT_MOST (2 * SECOND)

/* When the kernel takes no more for now. */
#define FULL_WAIT (2 * MILLISECOND)

/* A paced sender wakes this often, rather than for each datagram. */
#define WAKES_PER_SECOND 200.0

enum stage { STAGE_IDLE, STAGE_SENDING, STAGE_WAITING, STAGE_SETTLED };

struct asking {
	const struct asking_events *events;
	void *context;
	struct volley *volley;
	struct loop_timer timer;
	enum stage stage;
	unsigned lap;
	struct asking_pace pace;
	int64_t wait_us;
	double credit; /* datagrams that may be sent now */
	int64_t credited_us;
	bool starved;                    /* waits for credit */
	bool over;                       /* local trouble */
	size_t first, end, open, cursor; /* of the batch */
	size_t count;                    /* of all questions, those of the next one too */
	struct asking_question *questions;
	struct asking_packet *packets;
	size_t questions_max, packets_max, packet_count;
	struct volley_datagram datagrams[VOLLEY_BATCH];
	uint8_t octets[VOLLEY_BATCH][ASKING_DATAGRAM_MAX];
};

static void enter(struct asking *asking, enum stage stage, int64_t delay_us)
{
	asking->stage = stage;
	loop_timer_set(&asking->timer, delay_us);
}

static void add_credit(struct asking *asking)
{
	int64_t now_us = clock_now_us();

	asking->credit +=
		SECONDS_OF(now_us - asking->credited_us) * asking->pace.per_second;
	if (asking->credit > asking->pace.burst)
		asking->credit = asking->pace.burst;
	asking->credited_us = now_us;
}

/* How many are worth waking up for. */
static double portion(const struct asking *asking)
{
	double portion = asking->pace.per_second / WAKES_PER_SECOND;

	if (portion > asking->pace.burst)
		portion = asking->pace.burst;
	if (portion > VOLLEY_BATCH)
		portion = VOLLEY_BATCH;
	return portion < 1 ? 1 : portion;
}

static int64_t time_to_portion(const struct asking *asking)
{
	double lacking = portion(asking) - asking->credit;

	return (int64_t)(lacking / asking->pace.per_second * 1e6) + 1;
}

/* Its number is known before it is sent, and counts only if the kernel takes it. */
static void prepare(struct asking *asking, size_t slot, size_t question)
{
	uint32_t number = (uint32_t)(asking->packet_count + slot);
	struct volley_datagram *datagram = &asking->datagrams[slot];

	asking->packets[number] = (struct asking_packet){ .sent_ns = clock_wall_ns(),
		.question = (uint32_t)question,
		.lap = (uint8_t)asking->lap };
	datagram->port = asking->questions[question].port;
	datagram->data = asking->octets[slot];
	datagram->length = asking->events->compose(
		asking->context, number, &asking->packets[number], asking->octets[slot]);
}

/* \return how many are ready to be sent; *ret_next = where to go on after them */
static size_t gather(struct asking *asking, size_t *ret_next)
{
	size_t left = asking->packets_max - asking->packet_count;
	size_t most =
		asking->credit < VOLLEY_BATCH ? (size_t)asking->credit : VOLLEY_BATCH;
	size_t next = asking->cursor, count = 0;

	if (most > left)
		most = left;
	for (; next < asking->end && count < most; next++) {
		if (asking->questions[next].state == ASKING_SILENT)
			prepare(asking, count++, next);
	}
	*ret_next = next;
	return count;
}

static void take(struct asking *asking, size_t sent)
{
	for (size_t i = 0; i < sent; i++) {
		uint32_t number = (uint32_t)asking->packet_count++;
		struct asking_question *question =
			&asking->questions[asking->packets[number].question];

		if (++question->tries == 2)
			question->second = number;
	}
	asking->credit -= (double)sent;
}

static bool is_exhausted(const struct asking *asking)
{
	return asking->packet_count == asking->packets_max;
}

static void end_lap(struct asking *asking)
{
	int64_t wait_us = asking->wait_us << (asking->lap < 8 ? asking->lap : 8);

	enter(asking, STAGE_WAITING, wait_us < WAIT_MOST ? wait_us : WAIT_MOST);
}

static void send_some(struct asking *asking)
{
	size_t next, count, sent;

	add_credit(asking);
	count = gather(asking, &next);
	sent = count > 0 ? volley_send(asking->volley, asking->datagrams, count) : 0;
	if (asking->over)
		return;
	asking->cursor = sent < count
		? asking->packets[asking->packet_count + sent].question
		: next;
	take(asking, sent);
	if (asking->cursor == asking->end || is_exhausted(asking)) {
		end_lap(asking);
		return;
	}
	asking->starved = sent == count && asking->credit < 1;
	if (sent < count)
		loop_timer_set(&asking->timer, FULL_WAIT);
	else
		loop_timer_set(
			&asking->timer, asking->starved ? time_to_portion(asking) : 0);
}

static void begin_lap(struct asking *asking)
{
	asking->cursor = asking->first;
	enter(asking, STAGE_SENDING, 0);
}

static void lap_over(struct asking *asking)
{
	if (asking->open > 0 && !is_exhausted(asking) &&
		asking->events->again(
			asking->context, asking->lap, asking->open, &asking->pace)) {
		asking->lap++;
		begin_lap(asking);
		return;
	}
	enter(asking, STAGE_SETTLED, 0);
}

static void timer_fired(void *context)
{
	struct asking *asking = context;

	switch (asking->stage) {
	case STAGE_SENDING:
		send_some(asking);
		break;
	case STAGE_WAITING:
		lap_over(asking);
		break;
	case STAGE_SETTLED:
		asking->stage = STAGE_IDLE;
		asking->events->settled(asking->context);
		break;
	case STAGE_IDLE:
		break;
	}
}

static void heard_answer(void *context, const struct volley_answer *answer)
{
	struct asking *asking = context;

	asking->events->heard(asking->context, answer);
}

static void heard_refusal(void *context, uint16_t port, const struct finding *finding)
{
	struct asking *asking = context;

	asking->events->refused(asking->context, port, finding);
}

static void heard_failure(void *context, const struct finding *finding)
{
	struct asking *asking = context;

	asking->over = true;
	loop_timer_cancel(&asking->timer);
	asking->events->failed(asking->context, finding);
}

static const struct volley_events volley_events = {
	.answer = heard_answer,
	.refused = heard_refusal,
	.failed = heard_failure,
};

static bool has_memory(const struct asking *asking)
{
	return asking->questions && asking->packets;
}

static struct volley *open_volley(struct asking *asking,
	const struct asking_settings *settings, struct finding *ret_finding)
{
	struct volley_settings volley = settings->volley;

	volley.events = &volley_events;
	volley.context = asking;
	return volley_open(&volley, ret_finding);
}

struct asking *asking_new(
	const struct asking_settings *settings, struct finding *ret_finding)
{
	struct asking *asking = calloc(1, sizeof(*asking));

	if (!asking) {
		*ret_finding = evidence_from_errno(ENOMEM);
		return NULL;
	}
	asking->events = settings->events;
	asking->context = settings->context;
	asking->questions_max = settings->questions_max;
	asking->packets_max = settings->packets_max;
	asking->questions = calloc(settings->questions_max, sizeof(*asking->questions));
	asking->packets = calloc(settings->packets_max, sizeof(*asking->packets));
	loop_timer_init(&asking->timer, settings->volley.loop, LOOP_PRIORITY_START,
		timer_fired, asking);
	*ret_finding = evidence_from_errno(ENOMEM);
	if (has_memory(asking))
		asking->volley = open_volley(asking, settings, ret_finding);
	if (!asking->volley) {
		asking_free(asking);
		return NULL;
	}
	return asking;
}

void asking_free(struct asking *asking)
{
	if (!asking)
		return;
	volley_close(asking->volley);
	loop_timer_done(&asking->timer);
	free(asking->questions);
	free(asking->packets);
	free(asking);
}

size_t asking_room(const struct asking *asking)
{
	return asking->questions_max - asking->count;
}

bool asking_add(struct asking *asking, const struct asking_question *question)
{
	if (asking_room(asking) == 0)
		return false;
	asking->questions[asking->count++] = *question;
	return true;
}

void asking_begin(struct asking *asking, const struct asking_pace *pace, int64_t wait_us)
{
	if (asking->over)
		return;
	asking->first = asking->end;
	asking->end = asking->count;
	asking->open = asking->end - asking->first;
	asking->pace = *pace;
	asking->wait_us = wait_us;
	asking->lap = 0;
	if (asking->credited_us == 0)
		asking->credit = pace->burst;
	add_credit(asking);
	if (asking->open > 0)
		begin_lap(asking);
	else
		enter(asking, STAGE_SETTLED, 0);
}

void asking_hurry(struct asking *asking)
{
	if (asking->stage == STAGE_SENDING || asking->stage == STAGE_WAITING)
		enter(asking, STAGE_SETTLED, 0);
}

/* Of the present batch one is not open any more. */
static void settle(struct asking *asking, size_t question)
{
	if (question < asking->first || question >= asking->end)
		return;
	asking->open--;
	if (asking->open == 0)
		asking_hurry(asking);
}

/* What came back has left the path, so another may enter it. */
static void pay(struct asking *asking)
{
	if (!asking->pace.answers_pay || asking->credit >= asking->pace.burst)
		return;
	asking->credit++;
	if (asking->stage == STAGE_SENDING && asking->starved &&
		asking->credit >= portion(asking)) {
		asking->starved = false;
		loop_timer_set(&asking->timer, 0);
	}
}

void asking_answered(struct asking *asking, uint32_t packet)
{
	size_t question = asking->packets[packet].question;
	uint8_t *state = &asking->questions[question].state;
	bool open = *state == ASKING_SILENT;

	if (asking->packets[packet].answered)
		return;
	asking->packets[packet].answered = true;
	*state = ASKING_ANSWERED;
	pay(asking);
	if (open)
		settle(asking, question);
}

void asking_give_up(struct asking *asking, size_t question)
{
	uint8_t *state = &asking->questions[question].state;

	if (*state != ASKING_SILENT)
		return;
	*state = ASKING_GIVEN_UP;
	settle(asking, question);
}

size_t asking_first(const struct asking *asking)
{
	return asking->first;
}

size_t asking_count(const struct asking *asking)
{
	return asking->count;
}

const struct asking_question *asking_question(const struct asking *asking, size_t index)
{
	return &asking->questions[index];
}

size_t asking_packets(const struct asking *asking)
{
	return asking->packet_count;
}

const struct asking_packet *asking_packet(const struct asking *asking, uint32_t packet)
{
	return packet < asking->packet_count ? &asking->packets[packet] : NULL;
}

size_t asking_done(const struct asking *asking)
{
	return asking->end - asking->first - asking->open;
}

const struct volley *asking_volley(const struct asking *asking)
{
	return asking->volley;
}
