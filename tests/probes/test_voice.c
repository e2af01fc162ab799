/* SPDX-License-Identifier: Apache-2.0 */
/* Streams over paths whose flaws are known to the packet, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/e_model.h"
#include "probes/voice_asking.h"

#define PACKETS 500

static void a_quiet_path_is_ok(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome = voice_ask(&far, NULL);

	(void)state;
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
	assert_value(outcome, "rtp_stream_packets", NULL, PACKETS);
	assert_value(outcome, "rtp_loss_ratio", "forward", 0);
	assert_value(outcome, "rtp_loss_ratio", "backward", 0);
	assert_value(outcome, "rtp_unanswered_ratio", NULL, 0);
	/* the time in the reflector is none of the path's */
	assert_value(outcome, "rtp_round_trip_seconds", NULL, 0.02);
	assert_value(outcome, "rtp_round_trip_max_seconds", NULL, 0.02);
	assert_value(outcome, "rtp_jitter_seconds", "forward", 0);
	assert_value(outcome, "rtp_one_way_delay_seconds", "forward", 0.01);
	assert_value(outcome, "rtp_mouth_to_ear_seconds", "forward", 0.09);
	assert_value(outcome, "rtp_dscp", "forward", 46);
	assert_value(outcome, "rtp_dscp", "backward", 46);
	assert_value(outcome, "rtp_corrupt_ratio", NULL, 0);
	assert_value(outcome, "rtp_stream_lateness_seconds", NULL, 0);
	assert_false(voice_has_value(&outcome, "rtp_burst_ratio", "forward"));
	assert_true(fabs(voice_value(&outcome, "rtp_r_factor", "forward", "g711") -
			    93.2) < 1e-6);
	assert_true(fabs(voice_value(&outcome, "rtp_mos", "backward", "g729a") -
			    e_model_mos(82.2)) < 1e-6);
	/* 500 packets, 16 ports that were looked for, one that closes */
	assert_int_equal(far_end_packets(), PACKETS + 16 + 1);
	assert_true(outcome.phase_us[PHASE_RESPONSE] > 10 * SECOND);
}

static void loss_is_told_by_direction(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.there.lose_every = 20;
	far.back.lose_from = 101;
	far.back.lose_to = 104;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_LOSS,
		"forward: 25 of 500 lost (5.0 %), 1 in a row");
	assert_value(outcome, "rtp_loss_ratio", "forward", 25.0 / 500);
	assert_value(outcome, "rtp_loss_ratio", "backward", 4.0 / 475);
	assert_value(outcome, "rtp_loss_run_max_packets", "forward", 1);
	assert_value(outcome, "rtp_loss_run_max_packets", "backward", 4);
	assert_value(outcome, "rtp_loss_run_mean_packets", "backward", 4);
	assert_value(outcome, "rtp_burst_ratio", "backward", 4 * (1 - 4.0 / 475));
	assert_value(outcome, "rtp_unanswered_ratio", NULL, 29.0 / 500);
	/* 95 · 5 / (5 + 25.1): the vectors of the E-model have 77.42 */
	assert_true(fabs(voice_value(&outcome, "rtp_r_factor", "forward", "g711-plc") -
			    77.42) < 0.01);
}

static void a_call_nobody_would_bear_has_failed(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.back.lose_every = 4;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_FAILED, CAUSE_LOSS, "backward: R ");
	assert_ended(&outcome, VERDICT_FAILED, CAUSE_LOSS, "125 of 500 lost (25.0 %)");
}

static void an_end_without_a_word_is_of_no_direction(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.there.lose_from = 451;
	far.there.lose_to = 1000;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_LOSS,
		"either way: 50 of 500 lost (10.0 %), 50 in a row");
	assert_value(outcome, "rtp_loss_ratio", "forward", 0);
	assert_value(outcome, "rtp_unanswered_ratio", NULL, 0.1);
	far.there.lose_from = 1;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_FAILED, CAUSE_LOSS,
		"either way: 500 of 500 lost (100.0 %)");
	assert_false(voice_has_value(&outcome, "rtp_loss_ratio", "forward"));
	assert_false(voice_has_value(&outcome, "rtp_round_trip_seconds", NULL));
}

static void delay_is_held_to_what_the_ear_gets(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.there.delay_us = 120 * MILLISECOND;
	far.back.delay_us = 60 * MILLISECOND;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_DELAY,
		"forward: 200 ms to the ear, at most 150; network 120 ms");
	assert_value(outcome, "rtp_one_way_delay_seconds", "forward", 0.12);
	assert_value(outcome, "rtp_one_way_delay_seconds", "backward", 0.06);
	/* without clocks that agree, half the round trip stands for both */
	far.error = stamp_error(0, false);
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_DELAY,
		"forward: 170 ms to the ear, at most 150; half the round trip 90 ms");
	assert_false(voice_has_value(&outcome, "rtp_one_way_delay_seconds", "forward"));
	assert_false(voice_has_value(&outcome, "rtp_one_way_delay_error_seconds", NULL));
}

static void late_packets_are_jitter_and_out_of_order(void **state)
{
	static const char *const patient[] = { "buffer", "200ms", "delay_max", "1s",
		NULL };
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.there.hold_every = 10;
	far.there.hold_us = 90 * MILLISECOND;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_JITTER,
		"forward: 50 of 500 (10.0 %) over 60 ms late");
	assert_value(outcome, "rtp_discarded_ratio", "forward", 0.1);
	/* nothing overtakes the last one */
	assert_value(outcome, "rtp_reordered_ratio", "forward", 49.0 / 500);
	assert_value(outcome, "rtp_reordered_ratio", "backward", 0);
	assert_true(fabs(voice_value(&outcome, "rtp_delay_variation_seconds", "forward",
				 "95") -
			    0.09) < 1e-6);
	assert_true(fabs(voice_value(&outcome, "rtp_delay_variation_seconds", "forward",
			    "50")) < 1e-6);
	/* with room for them only the order is wrong */
	outcome = voice_ask(&far, patient);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_REORDER,
		"forward: 49 of 500 out of order (9.8 %)");
	assert_value(outcome, "rtp_discarded_ratio", "forward", 0);
}

/* Each second packet is late, but none too late to be played. */
static void jitter_alone_is_told(void **state)
{
	static const char *const slow[] = { "interval", "60ms", NULL };
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.there.hold_every = 2;
	far.there.hold_us = 55 * MILLISECOND;
	outcome = voice_ask(&far, slow);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_JITTER,
		"forward: jitter 55.0 ms, at most 30");
	assert_value(outcome, "rtp_discarded_ratio", "forward", 0);
}

static void order_alone_is_told(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.back.hold_every = 10;
	far.back.hold_us = 30 * MILLISECOND;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_REORDER,
		"backward: 49 of 500 out of order (9.8 %)");
}

static void copies_are_told_by_direction(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.there.double_every = 50;
	far.back.double_every = 20;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_DUPLICATE,
		"forward: 10 copies of 500 packets (2.0 %); backward: 25 copies of 510");
	assert_value(outcome, "rtp_duplicate_ratio", "forward", 10.0 / 500);
	assert_value(outcome, "rtp_loss_ratio", "forward", 0);
	assert_value(outcome, "rtp_loss_ratio", "backward", 0);
}

/* A port that is mirrored at both ends: each packet four times. */
static void all_packets_may_come_twice(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.there.double_every = 1;
	far.back.double_every = 1;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_DUPLICATE,
		"forward: 500 copies of 500 packets (100.0 %)");
	assert_value(outcome, "rtp_duplicate_ratio", "backward", 1);
	assert_value(outcome, "rtp_corrupt_ratio", NULL, 0);
	assert_value(outcome, "rtp_loss_ratio", "backward", 0);
}

static void alteration_is_told(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.back.alter_every = 100;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_CORRUPTION,
		"5 of 500 came back altered (1.0 %)");
	assert_value(outcome, "rtp_corrupt_ratio", NULL, 5.0 / 500);
	assert_value(outcome, "rtp_loss_ratio", "backward", 0);
}

/* Not one octet of the padding, but one that makes it strange: nothing was lost. */
static void alteration_of_most_has_failed(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.back.alter_every = 2;
	far.back.alter_at = 27;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_FAILED, CAUSE_CORRUPTION, "250 of 500 came back");
}

/* Without a key any octet may be another, and the packet still look like an answer: of
 * the reflector's number, its times, our own number and time. */
static void alteration_anywhere_is_told(void **state)
{
	static const size_t places[] = { 3, 5, 17, 20, 27, 30, 33 };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct far_end far = far_end_of();
		struct outcome outcome;

		far.back.alter_every = 100;
		far.back.alter_at = places[i];
		outcome = voice_ask(&far, NULL);
		assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_CORRUPTION,
			"5 of 500 came back altered (1.0 %)");
		assert_true(
			voice_value(&outcome, "rtp_loss_ratio", "forward", NULL) < 1e-6);
	}
}

static void a_lost_class_is_a_fact(void **state)
{
	struct far_end far = far_end_of();
	struct transcript transcript = { 0 };
	struct trial trial = voice_trial(NULL);
	struct outcome outcome;

	(void)state;
	far.there.keeps_class = false;
	far.there.dscp = 10;
	far_end_use(&far);
	trial.transcript = &transcript;
	outcome = harness_run(voice_harness(), &trial);
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
	assert_value(outcome, "rtp_dscp", "forward", 10);
	assert_value(outcome, "rtp_dscp", "backward", 46);
}

/* What it did not send with our class says nothing of the way back. */
static void a_refused_class_is_no_finding(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.refuses_class = true;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
	assert_value(outcome, "rtp_dscp", "forward", 46);
	assert_false(voice_has_value(&outcome, "rtp_dscp", "backward"));
}

static void a_port_that_passes_is_found(void **state)
{
	static const char *const two[] = { "ports", "2", NULL };
	struct far_end far = far_end_of();
	struct trial trial = voice_trial(two);
	struct outcome outcome;

	(void)state;
	far.pass_first = 10040;
	far.pass_last = 10059;
	far_end_use(&far);
	trial.port_last = 10099;
	outcome = harness_run(voice_harness(), &trial);
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
	/* two are wanted, and one is all there is */
	far.pass_first = far.pass_last = 10040;
	far_end_use(&far);
	trial.port = 10040;
	trial.port_last = 10043;
	outcome = harness_run(voice_harness(), &trial);
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
	/* one port, and that an odd one */
	far.pass_first = far.pass_last = 10041;
	far_end_use(&far);
	trial.port = trial.port_last = 10041;
	outcome = harness_run(voice_harness(), &trial);
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
}

static void silence_says_what_it_knows(void **state)
{
	static const struct {
		bool control, there, back;
		enum stamp_port_state ports;
		uint16_t pass_first;
		enum verdict verdict;
		const char *words;
	} rows[] = {
		{ false, true, true, STAMP_PORT_HELD, 1, VERDICT_FAILED,
			"none of 16 ports answered, and the reflector's control port did "
			"not" },
		{ true, true, false, STAMP_PORT_HELD, 1, VERDICT_FAILED,
			"our packets arrived at 0 of 16 ports" },
		{ true, false, true, STAMP_PORT_HELD, 1, VERDICT_FAILED,
			"our packets arrived at 16 of 16 ports" },
		{ true, false, false, STAMP_PORT_BUSY, 30000, VERDICT_UNKNOWN,
			"holds none of 16 ports now (busy 16, resting 0)" },
		{ true, false, false, STAMP_PORT_RESTING, 30000, VERDICT_UNKNOWN,
			"(busy 0, resting 16)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct far_end far = far_end_of();
		struct outcome outcome;

		far.control = rows[i].control;
		far.lose_all_there = rows[i].there;
		far.lose_all_back = rows[i].back;
		far.ports = rows[i].ports;
		far.pass_first = rows[i].pass_first;
		outcome = voice_ask(&far, NULL);
		assert_ended(&outcome, rows[i].verdict, CAUSE_TIMEOUT, rows[i].words);
		assert_false(voice_has_value(&outcome, "rtp_loss_ratio", "forward"));
	}
}

static void icmp_says_who_refused(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.refusal = CAUSE_ICMP_ADMIN_PROHIBITED;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_FAILED, CAUSE_ICMP_ADMIN_PROHIBITED, "");
	/* the way is open, only nobody reflects there */
	far.control = false;
	far.refusal = CAUSE_ICMP_PORT_UNREACHABLE;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_UNKNOWN, CAUSE_ICMP_PORT_UNREACHABLE, "");
}

/* Its ports answered at first: what is lost later is nobody's but the reflector's. */
static void a_reflector_that_leaves_is_no_loss(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.refusal = CAUSE_ICMP_PORT_UNREACHABLE;
	far.refuse_from = 400;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_UNKNOWN, CAUSE_ICMP_PORT_UNREACHABLE, "left port");
	assert_false(voice_has_value(&outcome, "rtp_loss_ratio", "forward"));
	/* a device on the way is another matter */
	far.refusal = CAUSE_ICMP_ADMIN_PROHIBITED;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_FAILED, CAUSE_LOSS, "");
}

static void other_reflectors_are_understood(void **state)
{
	struct far_end far = far_end_of();
	struct outcome outcome;

	(void)state;
	far.plain = true;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_OK, CAUSE_NONE, "");
	/* it has counted the packet that looked for its port as well */
	assert_value(outcome, "rtp_loss_ratio", "backward", 0);
	far.stateless = true;
	far.there.lose_every = 20;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_LOSS,
		"either way: 25 of 500 lost (5.0 %)");
	assert_false(voice_has_value(&outcome, "rtp_loss_ratio", "forward"));
	assert_value(outcome, "rtp_jitter_seconds", "forward", 0);
	/* began anew in the midst */
	far = far_end_of();
	far.restart_at = 200;
	far.back.lose_every = 50;
	outcome = voice_ask(&far, NULL);
	assert_ended(&outcome, VERDICT_DEGRADED, CAUSE_LOSS, "either way: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quiet_path_is_ok),
		cmocka_unit_test(loss_is_told_by_direction),
		cmocka_unit_test(a_call_nobody_would_bear_has_failed),
		cmocka_unit_test(an_end_without_a_word_is_of_no_direction),
		cmocka_unit_test(delay_is_held_to_what_the_ear_gets),
		cmocka_unit_test(late_packets_are_jitter_and_out_of_order),
		cmocka_unit_test(jitter_alone_is_told),
		cmocka_unit_test(order_alone_is_told),
		cmocka_unit_test(copies_are_told_by_direction),
		cmocka_unit_test(all_packets_may_come_twice),
		cmocka_unit_test(alteration_is_told),
		cmocka_unit_test(alteration_of_most_has_failed),
		cmocka_unit_test(alteration_anywhere_is_told),
		cmocka_unit_test(a_lost_class_is_a_fact),
		cmocka_unit_test(a_refused_class_is_no_finding),
		cmocka_unit_test(a_port_that_passes_is_found),
		cmocka_unit_test(silence_says_what_it_knows),
		cmocka_unit_test(icmp_says_who_refused),
		cmocka_unit_test(a_reflector_that_leaves_is_no_loss),
		cmocka_unit_test(other_reflectors_are_understood),
	};

	return cmocka_run_group_tests(tests, voice_asking_set_up, voice_asking_tear_down);
}
