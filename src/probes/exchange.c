/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/exchange.h"

#include "base/clock.h"
#include "net/loop.h"

static void exchange_answered(void *context, const struct datagram_answer *answer)
{
	struct exchange *exchange = context;

	/* between the deadline and stop() a turn passes in which it may still come */
	if (exchange->run->finished)
		return;
	probe_received(exchange->run, answer->data, answer->length);
	exchange->answer(exchange->run, answer);
}

static void count(struct exchange *exchange, enum exchange_gauge gauge, unsigned number)
{
	probe_set(exchange->run, exchange->first_gauge + gauge, number);
}

static void exchange_stranger(void *context, const struct finding *finding)
{
	struct exchange *exchange = context;
	char said[EVIDENCE_TEXT_MAX];

	if (exchange->run->finished || exchange->failed)
		return;
	count(exchange, EXCHANGE_GAUGE_STRAYS, ++exchange->strays);
	probe_note(exchange->run, "a datagram from elsewhere: %s",
		evidence_format(&finding->evidence, said, sizeof(said)));
	probe_suspect(exchange->run, finding);
}

static void exchange_failed(void *context, const struct finding *finding)
{
	struct exchange *exchange = context;

	if (exchange->run->finished)
		return;
	if (exchange->failed) {
		exchange_settle(exchange);
		exchange->failed(exchange->run, finding);
		return;
	}
	exchange_close(exchange);
	probe_finish(exchange->run, finding);
}

static const struct datagram_events exchange_events = {
	.answer = exchange_answered,
	.stranger = exchange_stranger,
	.failed = exchange_failed,
};

static bool send_octets(struct exchange *exchange, const void *data, size_t length)
{
	struct finding finding;

	probe_sent(exchange->run, data, length);
	if (datagram_send(&exchange->datagram, data, length, &finding))
		return true;
	exchange_failed(exchange, &finding);
	return false;
}

static void send_again(void *context)
{
	struct exchange *exchange = context;

	if (exchange->run->finished)
		return;
	if (!exchange->failed)
		count(exchange, EXCHANGE_GAUGE_RETRANSMISSIONS,
			++exchange->retransmissions);
	exchange->wait_us *= 2;
	if (exchange->wait_us > exchange->most_wait_us)
		exchange->wait_us = exchange->most_wait_us;
	/* before the send, which may end all of it */
	loop_timer_set(&exchange->timer, exchange->wait_us);
	if (exchange->again)
		exchange->again(exchange->run);
	else
		send_octets(exchange, exchange->data, exchange->length);
}

bool exchange_open(struct exchange *exchange, struct probe_run *run, exchange_fn answer)
{
	struct finding finding;

	exchange->run = run;
	exchange->answer = answer;
	if (!datagram_open(&exchange->datagram, run->services->loop, &run->target.address,
		    run->target.port, &exchange_events, exchange, &finding)) {
		probe_finish(run, &finding);
		return false;
	}
	loop_timer_init(&exchange->timer, run->services->loop, LOOP_PRIORITY_ANSWER,
		send_again, exchange);
	count(exchange, EXCHANGE_GAUGE_STRAYS, 0);
	count(exchange, EXCHANGE_GAUGE_RETRANSMISSIONS, 0);
	return true;
}

bool exchange_send(struct exchange *exchange, const void *data, size_t length)
{
	exchange->sent_wall_us = clock_wall_us();
	return send_octets(exchange, data, length);
}

static void persist(
	struct exchange *exchange, int64_t first_wait_us, int64_t most_wait_us)
{
	exchange->wait_us = first_wait_us;
	exchange->most_wait_us = most_wait_us;
	if (first_wait_us > 0)
		loop_timer_set(&exchange->timer, first_wait_us);
}

void exchange_persist(struct exchange *exchange, const void *data, size_t length,
	int64_t first_wait_us, int64_t most_wait_us)
{
	exchange->again = NULL;
	exchange->data = data;
	exchange->length = length;
	persist(exchange, first_wait_us, most_wait_us);
}

void exchange_persist_by(struct exchange *exchange, exchange_again_fn again,
	int64_t first_wait_us, int64_t most_wait_us)
{
	exchange->again = again;
	persist(exchange, first_wait_us, most_wait_us);
}

void exchange_turn(struct exchange *exchange, const struct transport_address *peer,
	exchange_failed_fn failed)
{
	exchange_settle(exchange);
	exchange->failed = failed;
	datagram_turn(&exchange->datagram, peer);
}

void exchange_settle(struct exchange *exchange)
{
	loop_timer_cancel(&exchange->timer);
}

void exchange_measure(struct exchange *exchange, const struct datagram_answer *answer)
{
	int64_t micros = answer->arrived_us - exchange->sent_wall_us;

	/* a wall clock that was stepped in between would tell nonsense */
	if (answer->stamped && micros > 0 && micros <= exchange->run->timeout_us)
		probe_phase_time(exchange->run, PHASE_RESPONSE, micros);
}

void exchange_close(struct exchange *exchange)
{
	if (exchange->datagram.open)
		loop_timer_done(&exchange->timer);
	datagram_close(&exchange->datagram);
}
