/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/exchange.h"

#include "base/clock.h"

static void exchange_answered(void *context, const struct datagram_answer *answer)
{
	struct exchange *exchange = context;

	/* between the deadline and stop() a turn passes in which it may still come */
	if (!exchange->run->finished)
		exchange->answer(exchange->run, answer);
}

static void exchange_stranger(void *context, const struct finding *finding)
{
	struct exchange *exchange = context;

	if (exchange->run->finished)
		return;
	exchange->strays++;
	probe_set(exchange->run, EXCHANGE_GAUGE_STRAYS, exchange->strays);
	probe_suspect(exchange->run, finding);
}

static void exchange_failed(void *context, const struct finding *finding)
{
	struct exchange *exchange = context;

	if (exchange->run->finished)
		return;
	exchange_close(exchange);
	probe_finish(exchange->run, finding);
}

static const struct datagram_events exchange_events = {
	.answer = exchange_answered,
	.stranger = exchange_stranger,
	.failed = exchange_failed,
};

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
	probe_set(run, EXCHANGE_GAUGE_STRAYS, 0);
	return true;
}

bool exchange_send(struct exchange *exchange, const void *data, size_t length)
{
	struct finding finding;

	exchange->sent_wall_us = clock_wall_us();
	if (datagram_send(&exchange->datagram, data, length, &finding))
		return true;
	exchange_failed(exchange, &finding);
	return false;
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
	datagram_close(&exchange->datagram);
}
