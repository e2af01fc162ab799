/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/dialogue.h"
#include "probes/tls_gauges.h"

static const struct lines_script *script;
static struct lines_end latest;
static struct loop_timer *at_start;
static unsigned streak, longest; /* calls of heard() without a turn in between */
static char large[LINES_LARGE];

struct talk_options {
	struct tls_policy policy;
};

struct talk_run {
	struct dialogue dialogue;
	uint8_t buffer[LINES_BUFFER];
	unsigned ends, secured;
};

static const struct probe_option talk_options[] = {
	TLS_POLICY_OPTIONS(struct talk_options),
	{ .name = NULL },
};

static void talk_asks(struct probe_run *run)
{
	struct talk_run *talk = run->state;

	if (script->deaf) {
		dialogue_finish_cause(&talk->dialogue, CAUSE_NONE);
		return;
	}
	probe_enter(run, PHASE_RESPONSE, CAUSE_NO_ANSWER);
	for (size_t i = 0; i < script->asks; i++)
		large[i] = lines_octet(i);
	if (script->asks > 0)
		dialogue_send(&talk->dialogue, large, script->asks);
}

static void talk_secured(struct probe_run *run)
{
	struct talk_run *talk = run->state;

	talk->secured++;
	probe_enter(run, PHASE_RESPONSE, CAUSE_NO_ANSWER);
	dialogue_send(&talk->dialogue, "again", 5);
}

static void obey(struct talk_run *talk, const char *line, size_t length)
{
	struct dialogue *dialogue = &talk->dialogue;

	if (length == 3 && memcmp(line, "OK\n", 3) == 0) {
		dialogue_finish_cause(dialogue, CAUSE_NONE);
	} else if (length == 3 && memcmp(line, "NO\n", 3) == 0) {
		dialogue_finish_cause(dialogue, CAUSE_SIP_STATUS);
	} else if (length == 3 && memcmp(line, "GO\n", 3) == 0) {
		dialogue_consume(dialogue, length);
		dialogue_secure(dialogue);
	} else if (length == 5 && memcmp(line, "SKIP\n", 5) == 0) {
		dialogue_consume(dialogue, length);
	} else {
		dialogue_finish_stranger(dialogue);
	}
}

static void talk_heard(struct probe_run *run)
{
	struct talk_run *talk = run->state;
	struct dialogue *dialogue = &talk->dialogue;
	const uint8_t *end;

	assert_false(run->finished);
	if (++streak > longest)
		longest = streak;
	while (!run->finished && !(dialogue->by_tls && !dialogue->handshaken) &&
		(end = memchr(dialogue->buffer, '\n', dialogue->length)))
		obey(talk, (const char *)dialogue->buffer,
			(size_t)(end - dialogue->buffer) + 1);
}

static void talk_ended(struct probe_run *run)
{
	struct talk_run *talk = run->state;

	talk->ends++;
	dialogue_finish_cause(&talk->dialogue, CAUSE_SLOW);
}

static bool talk_validate(void *untyped, char *why, size_t why_size)
{
	struct talk_options *options = untyped;

	return tls_policy_prepare(&options->policy, why, why_size);
}

static void talk_release(void *untyped)
{
	struct talk_options *options = untyped;

	tls_policy_release(&options->policy);
}

static void talk_start(struct probe_run *run)
{
	static struct dialogue_manner manner;
	const struct talk_options *options = run->options;
	struct talk_run *talk = run->state;

	manner = (struct dialogue_manner){ .protocol = script->protocol,
		.connected = talk_asks,
		.secured = talk_secured,
		.heard = script->deaf ? NULL : talk_heard,
		.ended = script->bears_end ? talk_ended : NULL };
	streak = longest = 0;
	if (at_start)
		loop_timer_set(at_start, 0);
	talk->dialogue.manner = &manner;
	talk->dialogue.buffer = talk->buffer;
	talk->dialogue.size = sizeof(talk->buffer);
	talk->dialogue.heard_max = script->heard_max;
	talk->dialogue.policy = &options->policy;
	talk->dialogue.secure = script->secure;
	dialogue_open(&talk->dialogue, run);
}

static void talk_stop(struct probe_run *run)
{
	struct talk_run *talk = run->state;

	latest = (struct lines_end){ talk->ends, talk->secured,
		talk->dialogue.unsent_length > 0, longest };
	if (script->parting)
		dialogue_part(&talk->dialogue, script->parting, strlen(script->parting));
	dialogue_close(&talk->dialogue);
}

static const struct probe_gauge talk_gauges[] = {
	TLS_GAUGES,
	{ .name = NULL },
};

const struct probe_kind *lines_kind(void)
{
	static const struct probe_kind kind = {
		.name = "talk",
		.summary = "Lines.",
		.options = talk_options,
		.gauges = talk_gauges,
		.options_size = sizeof(struct talk_options),
		.run_size = sizeof(struct talk_run),
		.validate = talk_validate,
		.release = talk_release,
		.start = talk_start,
		.stop = talk_stop,
	};

	return &kind;
}

void lines_at_start(struct loop_timer *timer)
{
	at_start = timer;
}

void lines_turn(void)
{
	streak = 0;
}

struct lines_end lines_behave(const struct lines_script *next)
{
	if (next)
		script = next;
	return latest;
}

struct verdict_of_trial lines_ask(struct tls_world *world,
	const struct lines_script *next, uint16_t port, int64_t timeout_us)
{
	static const char *const any[] = { "trust", "any", NULL };

	lines_behave(next);
	return harness_try(&world->harness,
		&(struct trial){ .kind = lines_kind(),
			.host = "peer.test",
			.port = port,
			.options = any,
			.timeout_us = timeout_us });
}

int lines_set_up(void **state)
{
	return tls_world_set_up(state,
		&(struct credential_spec){
			.name = "peer.test", .alternatives = "DNS:peer.test" });
}
