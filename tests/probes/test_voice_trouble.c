/* SPDX-License-Identifier: Apache-2.0 */
/* Streams that something of our own, or of the reflector's, disturbs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake/fake.h"
#include "media/quality.h"
#include "net/key_file.h"
#include "probes/probe_kinds.h"
#include "probes/voice_asking.h"

static bool no_memory;

struct quality_log *__real_quality_log_new(size_t packets);
struct quality_log *__wrap_quality_log_new(size_t packets);

struct quality_log *__wrap_quality_log_new(size_t packets)
{
	return no_memory ? NULL : __real_quality_log_new(packets);
}

/* What happens so long after the start of the run, as from elsewhere in the program. */
static struct loop_timer mishap;

static struct outcome ask_with_mishap(
	const struct far_end *far, int64_t after_us, loop_timer_fn happen)
{
	struct outcome outcome;

	loop_timer_init(
		&mishap, voice_harness()->loop, LOOP_PRIORITY_ANSWER, happen, NULL);
	loop_timer_set(&mishap, after_us);
	outcome = voice_ask(far, NULL);
	loop_timer_done(&mishap);
	return outcome;
}

/* No candidate: those are even. */
#define OTHER_PORT 10001

static void babble(void *context)
{
	(void)context;
	far_end_babble(OTHER_PORT);
}

static void what_is_no_answer_is_named(void **state)
{
	struct far_end far = far_end_of(), quiet = far_end_of();
	struct outcome outcome;

	(void)state;
	far.lose_all_there = true;
	far.control = false;
	outcome = ask_with_mishap(&far, 100 * MILLISECOND, babble);
	assert_ended(&outcome, VERDICT_FAILED, CAUSE_GARBAGE,
		"port 10001: no STAMP answer to us");
	/* within the stream it is nobody's who is measured */
	outcome = ask_with_mishap(&quiet, 5 * SECOND, babble);
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
	assert_value(outcome, "rtp_corrupt_ratio", NULL, 0);
}

static void refuse_other(void *context)
{
	(void)context;
	far_end_refuse(OTHER_PORT, CAUSE_ICMP_PORT_UNREACHABLE);
}

/* A port that was looked at is closed; then a device refuses the stream. */
static void a_late_refusal_is_not_the_streams(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.refusal = CAUSE_ICMP_ADMIN_PROHIBITED;
	far.refuse_from = 400;
	outcome = ask_with_mishap(&far, SECOND, refuse_other);
	assert_ended(&outcome, VERDICT_FAILED, CAUSE_LOSS, "");
	/* all of it */
	far.refuse_from = 1;
	outcome = ask_with_mishap(&far, SECOND, refuse_other);
	assert_ended(&outcome, VERDICT_FAILED, CAUSE_ICMP_ADMIN_PROHIBITED, "");
}

static void bad_options_are_refused(void **state)
{
	const struct probe_kind *kind = probe_voice();
	char why[256];
	/* in the order in which they are set: name, value, word of the refusal */
	static const char *const rows[][3] = {
		{ "rating_failed", "80", "rating_degraded" },
		{ "length", "50", "length" },
		{ "key_file", "/nonexistent/key", "/nonexistent/key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		void *options = harness_options(kind, NULL);

		for (const struct probe_option *option = kind->options; option->name;
			option++) {
			if (strcmp(option->name, rows[i][0]) == 0)
				assert_true(
					harness_option_set(option, options, rows[i][1]));
		}
		assert_false(kind->validate(options, why, sizeof(why)));
		assert_non_null(strstr(why, rows[i][2]));
		harness_options_free(kind, options);
	}
}

static void a_key_is_used(void **state)
{
	char name[] = "/tmp/voice-key-XXXXXX";
	const char *const keyed[] = { "key_file", name, NULL };
	struct far_end far = far_end_of();
	struct stamp_key *key = NULL;
	struct outcome outcome;
	char why[128];

	(void)state;
	assert_non_null(mkdtemp(name));
	assert_int_equal(rmdir(name), 0);
	assert_int_equal(key_file_write(name), 0);
	assert_int_equal(key_file_read(name, &key, why, sizeof(why)), 0);
	far.key = key;
	far.back.alter_every = 100;
	far.there.double_every = 50;
	outcome = voice_ask(&far, keyed);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_CORRUPTION, "5 of 500");
	assert_value(outcome, "rtp_duplicate_ratio", "forward", 10.0 / 500);
	/* who has no key hears nothing */
	outcome = voice_ask(&far, NULL);
	assert_ended(
		&outcome, VERDICT_FAILED, CAUSE_TIMEOUT, "none of 16 ports answered");
	stamp_key_free(key);
	assert_int_equal(unlink(name), 0);
}

static void step_our_clock(void *context)
{
	(void)context;
	fake_clock_step_wall(-40 * MILLISECOND);
}

static void clocks_that_move_are_seen(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome = ask_with_mishap(&far, 5 * SECOND, step_our_clock);

	(void)state;
	assert_ended(&outcome, VERDICT_UNKNOWN, CAUSE_LOCAL_CLOCK,
		"our clock was moved by -0.040 s within the stream");
	far.step_at = 250;
	far.step_us = 80 * MILLISECOND;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_UNKNOWN, CAUSE_LOCAL_CLOCK,
		"the reflector's clock was moved within the stream");
}

/* Their estimates promise 3 ms: 50 ms backwards in time are more. */
static void clocks_that_promise_too_much_tell_nothing(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.ahead_us = 60 * MILLISECOND;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
	assert_false(voice_has_value(&outcome, "rtp_one_way_delay_seconds", "forward"));
	assert_false(voice_has_value(&outcome, "rtp_one_way_delay_error_seconds", NULL));
	assert_value(outcome, "rtp_mouth_to_ear_seconds", "forward", 0.09);
}

static void be_busy(void *context)
{
	(void)context;
	fake_clock_advance(105 * MILLISECOND);
}

static void our_lateness_is_nobody_elses(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome = ask_with_mishap(&far, 5 * SECOND, be_busy);

	(void)state;
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
	assert_true(
		voice_value(&outcome, "rtp_stream_lateness_seconds", NULL, NULL) > 0.08);
	assert_value(outcome, "rtp_stream_packets", NULL, 500);
	/* no drift: a packet after the pause goes when it always would have */
	assert_true(outcome.phase_us[PHASE_RESPONSE] < 11200 * MILLISECOND);
	assert_value(outcome, "rtp_loss_ratio", "forward", 0);
}

static void refuse_to_send(void *context)
{
	(void)context;
	far_end_fail(EPERM);
}

static void our_own_trouble_is_unknown(void **state)
{
	void *options = harness_options(probe_voice(), NULL);
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.deaf_from = 100;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_UNKNOWN, CAUSE_LOCAL_RESOURCE, "");
	assert_int_equal(probe_voice()->longest(options), 14750 * MILLISECOND);
	harness_options_free(probe_voice(), options);
	no_memory = true;
	outcome = voice_ask(&far, NULL);
	no_memory = false;
	assert_ended(&outcome, VERDICT_UNKNOWN, CAUSE_LOCAL_RESOURCE, "");
	far = far_end_of();
	outcome = ask_with_mishap(&far, 5 * SECOND, refuse_to_send);
	assert_ended(&outcome, VERDICT_UNKNOWN, CAUSE_LOCAL_DENIED, "");
	far.no_socket = true;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_UNKNOWN, CAUSE_LOCAL_RESOURCE, "");
}

static void a_run_can_be_stopped_anywhere(void **state)
{
	struct far_end far = far_end_of();

	(void)state;
	far_end_use(&far);
	for (int64_t after_us = 0; after_us < 12 * SECOND;
		after_us += 1700 * MILLISECOND) {
		struct trial trial = voice_trial(NULL);

		trial.abandon = true;
		trial.abandon_after_us = after_us;
		harness_try(voice_harness(), &trial);
	}
}

static void ratings_can_be_asked_stricter(void **state)
{
	static const char *const strict[] = { "rating_degraded", "90", "codec", "g729a",
		NULL };
	static const char *const wired[] = { "rating_degraded", "90", "codec", "g729a",
		"advantage", "10", NULL };
	struct far_end far = far_end_of();
	struct outcome outcome = voice_ask(&far, strict);

	(void)state;
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_LOSS, "R 82.2 (high)");
	outcome = voice_ask(&far, wired);
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_options_are_refused),
		cmocka_unit_test(a_key_is_used),
		cmocka_unit_test(what_is_no_answer_is_named),
		cmocka_unit_test(a_late_refusal_is_not_the_streams),
		cmocka_unit_test(clocks_that_move_are_seen),
		cmocka_unit_test(clocks_that_promise_too_much_tell_nothing),
		cmocka_unit_test(our_lateness_is_nobody_elses),
		cmocka_unit_test(our_own_trouble_is_unknown),
		cmocka_unit_test(a_run_can_be_stopped_anywhere),
		cmocka_unit_test(ratings_can_be_asked_stricter),
	};

	return cmocka_run_group_tests(tests, voice_asking_set_up, voice_asking_tear_down);
}
