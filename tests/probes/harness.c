/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"

/* Of the loop, which is told first of what the peer had said. */
#define QUIET (50 * MILLISECOND)

/* One trial in flight. */
struct flight {
	struct harness *harness;
	const struct trial *trial;
	struct probe_run run;
	struct loop_timer start, deadline, stop;
	struct loop_watch quiet;
	struct verdict_of_trial verdict;
	bool within_start;
	bool expired;
	bool stopped;
};

void harness_open(struct harness *harness)
{
	*harness = (struct harness){ 0 };
	assert_int_equal(loop_new(&harness->loop), 0);
	harness->services.loop = harness->loop;
}

void harness_close(struct harness *harness)
{
	loop_free(harness->loop);
	harness->loop = NULL;
}

int harness_set_up(void **state)
{
	struct harness *harness = calloc(1, sizeof(*harness));

	assert_non_null(harness);
	harness_open(harness);
	*state = harness;
	return 0;
}

int harness_tear_down(void **state)
{
	harness_close(*state);
	free(*state);
	return 0;
}

static bool set_integer(const struct probe_option *option, void *field, const char *text)
{
	char *end = NULL;
	long long value = 0;

	if (option->type == PROBE_OPTION_DURATION) {
		int64_t micros;

		if (!duration_parse(text, &micros))
			return false;
		value = micros;
	} else {
		value = strtoll(text, &end, 10);
		if (end == text || *end)
			return false;
	}
	if (value < option->least || value > option->most)
		return false;
	*(int64_t *)field = value;
	return true;
}

static bool set_choice(const struct probe_option *option, void *field, const char *text)
{
	for (int i = 0; option->choices[i]; i++) {
		if (strcmp(option->choices[i], text) == 0) {
			*(int *)field = i;
			return true;
		}
	}
	return false;
}

static bool set_bool(void *field, const char *text)
{
	bool value = strcmp(text, "true") == 0;

	if (!value && strcmp(text, "false") != 0)
		return false;
	*(bool *)field = value;
	return true;
}

bool harness_option_is_text(const struct probe_option *option)
{
	return option->type == PROBE_OPTION_STRING || option->type == PROBE_OPTION_FILE;
}

bool harness_option_set(
	const struct probe_option *option, void *options, const char *text)
{
	void *field = (char *)options + option->offset;

	if (harness_option_is_text(option)) {
		*(const char **)field = text;
		return true;
	}
	if (!text)
		return false;
	if (option->type == PROBE_OPTION_BOOL)
		return set_bool(field, text);
	if (option->type == PROBE_OPTION_CHOICE)
		return set_choice(option, field, text);
	return set_integer(option, field, text);
}

static void set_by_name(
	const struct probe_kind *kind, void *options, const char *name, const char *text)
{
	for (const struct probe_option *option = kind->options; option->name; option++) {
		if (strcmp(option->name, name) != 0)
			continue;
		if (!harness_option_set(option, options, text))
			fail_msg("%s: bad value for %s: %s", kind->name, name, text);
		return;
	}
	fail_msg("%s: no option %s", kind->name, name);
}

void *harness_options(const struct probe_kind *kind, const char *const *pairs)
{
	void *options = calloc(1, kind->options_size + 1);
	char why[256] = "";

	assert_non_null(options);
	for (const struct probe_option *option = kind->options; option->name; option++) {
		if (option->fallback)
			set_by_name(kind, options, option->name, option->fallback);
	}
	for (; pairs && pairs[0]; pairs += 2)
		set_by_name(kind, options, pairs[0], pairs[1]);
	if (kind->validate && !kind->validate(options, why, sizeof(why)))
		fail_msg("%s: %s", kind->name, why);
	return options;
}

void harness_refuses(const struct probe_kind *kind, const char *name, const char *value,
	const char *hint)
{
	void *options = harness_options(kind, NULL);
	char why[256] = "";

	if (kind->release)
		kind->release(options);
	set_by_name(kind, options, name, value);
	if (kind->validate(options, why, sizeof(why)))
		fail_msg("%s: \"%s\" was taken for %s", kind->name, value, name);
	if (!strstr(why, hint) || strchr(why, '\x1b'))
		fail_msg("%s: %s: %s", kind->name, name, why);
	harness_options_free(kind, options);
}

void harness_options_free(const struct probe_kind *kind, void *options)
{
	if (kind->release)
		kind->release(options);
	free(options);
}

static void flight_finished(struct probe_run *run)
{
	struct flight *flight = run->context;

	flight->verdict.finishes++;
	flight->verdict.by_deadline = flight->expired;
	flight->verdict.finished_in_start = flight->within_start;
	loop_timer_cancel(&flight->deadline);
	loop_timer_set(&flight->stop, flight->trial->late_us);
}

static void flight_expire(void *context)
{
	struct flight *flight = context;

	flight->expired = true;
	probe_expire(&flight->run);
}

static void peer_is_quiet(void *context, unsigned ready)
{
	struct flight *flight = context;

	(void)ready;
	loop_watch_done(&flight->quiet);
	if (!flight->run.finished)
		loop_timer_set(&flight->deadline, QUIET);
}

static void flight_start(void *context)
{
	struct flight *flight = context;
	const struct trial *trial = flight->trial;

	loop_timer_set(&flight->deadline, flight->run.timeout_us);
	flight->within_start = true;
	probe_begin(&flight->run);
	flight->within_start = false;
	if (trial->late_us > 0)
		flight_expire(flight);
	if (trial->abandon && !flight->run.finished)
		loop_timer_set(&flight->stop, trial->abandon_after_us);
}

static void flight_stop(void *context)
{
	struct flight *flight = context;

	loop_timer_cancel(&flight->deadline);
	flight->run.kind->stop(&flight->run);
	flight->stopped = true;
	loop_stop(flight->harness->loop);
}

static void flight_aim(struct flight *flight)
{
	const struct trial *trial = flight->trial;
	const char *address = trial->address ? trial->address : "127.0.0.1";
	struct probe_target *target = &flight->run.target;

	assert_true(address_parse(address, &target->address));
	target->host = trial->host ? trial->host : address;
	target->port = trial->port;
	target->port_last = trial->port_last ? trial->port_last : trial->port;
}

static void flight_go(struct flight *flight)
{
	struct loop *loop = flight->harness->loop;

	loop_timer_init(&flight->start, loop, LOOP_PRIORITY_START, flight_start, flight);
	loop_timer_init(
		&flight->deadline, loop, LOOP_PRIORITY_ANSWER, flight_expire, flight);
	loop_timer_init(&flight->stop, loop, LOOP_PRIORITY_ANSWER, flight_stop, flight);
	loop_watch_init(&flight->quiet, loop, peer_is_quiet, flight);
	if (flight->trial->quiet)
		loop_watch_set(&flight->quiet, *flight->trial->quiet, LOOP_READ);
	loop_timer_set(&flight->start, 0);
	while (!flight->stopped)
		assert_int_equal(loop_run(loop), 0);
	loop_timer_done(&flight->start);
	loop_timer_done(&flight->deadline);
	loop_timer_done(&flight->stop);
	loop_watch_done(&flight->quiet);
}

struct verdict_of_trial harness_try(struct harness *harness, const struct trial *trial)
{
	const struct probe_kind *kind = trial->kind;
	void *options = harness_options(kind, trial->options);
	void *state = calloc(1, kind->run_size + 1);
	struct flight flight = { .harness = harness, .trial = trial };

	assert_non_null(state);
	flight.run = (struct probe_run){ .kind = kind,
		.options = options,
		.services = &harness->services,
		.resolver = trial->resolver,
		.transcript = trial->transcript,
		.ports = trial->ports,
		.timeout_us = trial->timeout_us ? trial->timeout_us : HARNESS_PATIENCE,
		.state = state,
		.on_finish = flight_finished,
		.context = &flight };
	flight_aim(&flight);
	flight_go(&flight);
	flight.verdict.outcome = flight.run.outcome;
	free(state);
	harness_options_free(kind, options);
	return flight.verdict;
}

struct outcome harness_run(struct harness *harness, const struct trial *trial)
{
	struct verdict_of_trial verdict = harness_try(harness, trial);

	assert_int_equal(verdict.finishes, 1);
	return verdict.outcome;
}

void harness_found(const char *what, const struct outcome *outcome, enum verdict verdict,
	enum cause cause, const char *detail)
{
	const struct finding *finding = &outcome->finding;

	if (finding->verdict != verdict || finding->cause != cause ||
		(detail && strcmp(finding->evidence.detail, detail) != 0))
		fail_msg("%s: %s %s \"%s\"", what, verdict_name(finding->verdict),
			cause_name(finding->cause), finding->evidence.detail);
}

double harness_value(
	const struct probe_kind *kind, const struct outcome *outcome, const char *name)
{
	for (unsigned i = 0; kind->gauges[i].name; i++) {
		if (strcmp(kind->gauges[i].name, name) == 0 &&
			outcome_has_value(outcome, i))
			return outcome->values[i];
	}
	return -1;
}

static void turned(void *context)
{
	struct harness *harness = context;

	loop_stop(harness->loop);
}

void harness_turn(struct harness *harness, int64_t micros)
{
	struct loop_timer timer;

	loop_timer_init(&timer, harness->loop, LOOP_PRIORITY_ANSWER, turned, harness);
	loop_timer_set(&timer, micros);
	while (loop_timer_pending(&timer))
		assert_int_equal(loop_run(harness->loop), 0);
	loop_timer_done(&timer);
}
