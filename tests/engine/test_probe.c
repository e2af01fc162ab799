/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static void (*script)(struct probe_run *run);

static void start(struct probe_run *run)
{
	script(run);
}

static void stop(struct probe_run *run)
{
	(void)run;
}

static const struct probe_kind kind = {
	.name = "scripted", .run_size = 4, .start = start, .stop = stop
};

static void count_finish(struct probe_run *run)
{
	unsigned *count = run->context;

	(*count)++;
}

static struct outcome play(void (*what)(struct probe_run *run), unsigned *ret_count)
{
	char state[4] = { 1, 2, 3, 4 };
	struct probe_run run = { .kind = &kind,
		.state = state,
		.target = { .port = 5061 },
		.on_finish = count_finish,
		.context = ret_count };

	*ret_count = 0;
	script = what;
	probe_begin(&run);
	assert_memory_equal(state, "\0\0\0\0", 4);
	probe_expire(&run);
	return run.outcome;
}

static void wait_a_little(void)
{
	int64_t until = clock_now_us() + 2 * MILLISECOND;

	while (clock_now_us() < until)
		;
}

static void say_nothing(struct probe_run *run)
{
	(void)run;
}

static void enter_request(struct probe_run *run)
{
	probe_enter(run, PHASE_REQUEST, CAUSE_NO_ANSWER);
	probe_silence_verdict(run, VERDICT_UNKNOWN);
}

static void suspect_twice(struct probe_run *run)
{
	struct finding first = finding_of(CAUSE_SIP_MISMATCH);
	struct finding second = finding_of(CAUSE_GARBAGE);

	probe_enter(run, PHASE_RESPONSE, CAUSE_TIMEOUT);
	probe_suspect(run, &first);
	probe_suspect(run, &second);
	probe_enter(run, PHASE_RESPONSE, CAUSE_NO_ANSWER);
	probe_silence_verdict(run, VERDICT_OK);
}

static void hear_a_stranger(struct probe_run *run)
{
	struct finding stranger = finding_of(CAUSE_WRONG_SOURCE);

	probe_enter(run, PHASE_RESPONSE, CAUSE_TIMEOUT);
	probe_silence_verdict(run, VERDICT_UNKNOWN);
	probe_suspect(run, &stranger);
}

/* Anybody can send us something; who was asked says more, and only the first time. */
static void hear_a_stranger_and_then_the_peer(struct probe_run *run)
{
	struct finding stranger = finding_of(CAUSE_WRONG_SOURCE);
	struct finding peer = finding_of(CAUSE_SIP_MISMATCH);

	hear_a_stranger(run);
	probe_suspect(run, &stranger);
	probe_suspect(run, &peer);
	probe_suspect(run, &stranger);
}

static void go_on_after_the_end(struct probe_run *run)
{
	struct finding suspicion = finding_of(CAUSE_GARBAGE);

	probe_finish_cause(run, CAUSE_REFUSED);
	probe_enter(run, PHASE_TLS, CAUSE_NO_ANSWER);
	probe_set(run, 0, 1.0);
	probe_suspect(run, &suspicion);
	probe_finish_ok(run);
}

static void finish(struct probe_run *run)
{
	struct finding suspicion = finding_of(CAUSE_GARBAGE);

	probe_enter(run, PHASE_CONNECT, CAUSE_TIMEOUT);
	wait_a_little();
	probe_enter(run, PHASE_TLS, CAUSE_NO_ANSWER);
	probe_suspect(run, &suspicion);
	probe_phase_time(run, PHASE_TLS, 7);
	wait_a_little();
	probe_set(run, 0, 0.0);
	probe_set(run, OUTCOME_VALUES_MAX - 1, 1.5);
	probe_finish_ok(run);
}

#define UNMEASURED "nothing was measured"

static void measure_nothing(struct probe_run *run)
{
	probe_unmeasured(run, UNMEASURED);
	probe_enter(run, PHASE_RESPONSE, CAUSE_TIMEOUT);
}

/* Words of a peer, which fill all of the room. */
static void measure_nothing_and_hear(struct probe_run *run)
{
	struct finding heard = finding_of(CAUSE_GARBAGE);

	heard.evidence.kind = EVIDENCE_PEER;
	memset(heard.evidence.detail, 'x', sizeof(heard.evidence.detail) - 1);
	measure_nothing(run);
	probe_finish(run, &heard);
}

static void measure_after_all(struct probe_run *run)
{
	measure_nothing(run);
	probe_unmeasured(run, NULL);
	probe_finish_cause(run, CAUSE_REFUSED);
}

static void measure_nothing_and_be_well(struct probe_run *run)
{
	measure_nothing(run);
	probe_finish_ok(run);
}

static void measure_nothing_for_want_of_memory(struct probe_run *run)
{
	measure_nothing(run);
	probe_finish_cause(run, CAUSE_LOCAL_RESOURCE);
}

static void silence_is_timeout_by_default(void **unused)
{
	unsigned finishes;
	struct outcome outcome = play(say_nothing, &finishes);

	(void)unused;
	assert_int_equal(finishes, 1);
	assert_int_equal(outcome.finding.cause, CAUSE_TIMEOUT);
	assert_int_equal(outcome.finding.verdict, VERDICT_FAILED);
	assert_int_equal(outcome.port, 5061);
	assert_int_not_equal(outcome.wall_us, 0);
}

static void silence_has_the_verdict_of_its_phase(void **unused)
{
	unsigned finishes;
	struct outcome outcome = play(enter_request, &finishes);

	(void)unused;
	assert_int_equal(outcome.finding.cause, CAUSE_NO_ANSWER);
	assert_int_equal(outcome.finding.verdict, VERDICT_UNKNOWN);
	assert_int_equal(outcome.phase, PHASE_REQUEST);
	assert_true(outcome.phase_us[PHASE_REQUEST] > 0);
	assert_int_equal(outcome.phase_us[PHASE_CONNECT], 0);
}

static void first_suspicion_names_the_silence(void **unused)
{
	unsigned finishes;
	struct outcome outcome = play(suspect_twice, &finishes);

	(void)unused;
	assert_int_equal(outcome.finding.cause, CAUSE_SIP_MISMATCH);
	assert_int_equal(outcome.finding.verdict, VERDICT_FAILED);
}

static void a_stranger_proves_nothing(void **unused)
{
	unsigned finishes;
	struct outcome outcome = play(hear_a_stranger, &finishes);

	(void)unused;
	assert_int_equal(outcome.finding.cause, CAUSE_WRONG_SOURCE);
	assert_int_equal(outcome.finding.verdict, VERDICT_UNKNOWN);
}

static void the_peer_says_more_than_a_stranger(void **unused)
{
	unsigned finishes;
	struct outcome outcome = play(hear_a_stranger_and_then_the_peer, &finishes);

	(void)unused;
	assert_int_equal(outcome.finding.cause, CAUSE_SIP_MISMATCH);
	assert_int_equal(outcome.finding.verdict, VERDICT_FAILED);
}

/* What ends a run before anything is measured is another row's, and stays told. */
static void what_was_not_measured_is_unknown(void **unused)
{
	static const struct {
		void (*what)(struct probe_run *run);
		enum verdict verdict;
		enum cause cause;
		const char *ends; /* its evidence */
	} cases[] = {
		{ measure_nothing, VERDICT_UNKNOWN, CAUSE_TIMEOUT, UNMEASURED },
		{ measure_nothing_and_hear, VERDICT_UNKNOWN, CAUSE_GARBAGE,
			"xxx; " UNMEASURED },
		{ measure_after_all, VERDICT_FAILED, CAUSE_REFUSED, "" },
		{ measure_nothing_and_be_well, VERDICT_OK, CAUSE_NONE, "" },
		{ measure_nothing_for_want_of_memory, VERDICT_UNKNOWN,
			CAUSE_LOCAL_RESOURCE, "" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned finishes;
		struct finding finding = play(cases[i].what, &finishes).finding;
		size_t length = strlen(finding.evidence.detail);
		size_t ending = strlen(cases[i].ends);

		assert_int_equal(finding.verdict, cases[i].verdict);
		assert_int_equal(finding.cause, cases[i].cause);
		assert_int_equal(ending == 0, length == 0);
		assert_true(length >= ending);
		assert_string_equal(
			finding.evidence.detail + length - ending, cases[i].ends);
		assert_int_equal(finding.evidence.kind == EVIDENCE_NONE, ending == 0);
	}
}

static void nothing_counts_after_the_end(void **unused)
{
	unsigned finishes;
	struct outcome outcome = play(go_on_after_the_end, &finishes);

	(void)unused;
	assert_int_equal(finishes, 1);
	assert_int_equal(outcome.finding.cause, CAUSE_REFUSED);
	assert_int_equal(outcome.phase, PHASE_CONNECT);
	assert_int_equal(outcome.values_set, 0);
}

static void finish_ends_once_with_times_and_values(void **unused)
{
	unsigned finishes;
	struct outcome outcome = play(finish, &finishes);

	(void)unused;
	assert_int_equal(finishes, 1);
	assert_int_equal(outcome.finding.verdict, VERDICT_OK);
	assert_true(outcome.phase_us[PHASE_CONNECT] >= 2 * MILLISECOND);
	assert_int_equal(outcome.phase_us[PHASE_TLS], 7);
	assert_int_equal(outcome.values_set, 1 | UINT64_C(1) << (OUTCOME_VALUES_MAX - 1));
	assert_true(outcome_has_value(&outcome, 0));
	assert_false(outcome_has_value(&outcome, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_is_timeout_by_default),
		cmocka_unit_test(silence_has_the_verdict_of_its_phase),
		cmocka_unit_test(first_suspicion_names_the_silence),
		cmocka_unit_test(a_stranger_proves_nothing),
		cmocka_unit_test(the_peer_says_more_than_a_stranger),
		cmocka_unit_test(what_was_not_measured_is_unknown),
		cmocka_unit_test(nothing_counts_after_the_end),
		cmocka_unit_test(finish_ends_once_with_times_and_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
