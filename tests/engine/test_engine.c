/* SPDX-License-Identifier: Apache-2.0 */
/* The life of checks, in the scripted world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "fake/fake.h"
#include "plans.h"
#include "scripted.h"

static const struct plan_row one_check[] = { { "web", "pbx", FAMILY_IPV4, false, 0 },
	{ NULL, NULL, 0, false, 0 } };

static void verdicts_over_addresses(void **state)
{
	static const struct {
		enum behaviour addresses[3];
		size_t count;
		enum verdict verdict;
		enum cause cause;
		uint8_t failed;
	} cases[] = {
		{ { ANSWERS }, 1, VERDICT_OK, CAUSE_NONE, 0 },
		{ { FINISHES_AT_ONCE }, 1, VERDICT_OK, CAUSE_NONE, 0 },
		{ { REFUSES }, 1, VERDICT_FAILED, CAUSE_REFUSED, 1 },
		{ { STAYS_SILENT }, 1, VERDICT_FAILED, CAUSE_TIMEOUT, 1 },
		{ { ANSWERS, ANSWERS, ANSWERS }, 3, VERDICT_OK, CAUSE_NONE, 0 },
		{ { ANSWERS, REFUSES, ANSWERS }, 3, VERDICT_DEGRADED,
			CAUSE_ADDRESS_PARTIAL, 1 },
		{ { REFUSES, STAYS_SILENT, ANSWERS }, 3, VERDICT_DEGRADED,
			CAUSE_ADDRESS_PARTIAL, 2 },
		{ { REFUSES, STAYS_SILENT, REFUSES }, 3, VERDICT_FAILED, CAUSE_REFUSED,
			3 },
		{ { OWN_FAULT, ANSWERS }, 2, VERDICT_OK, CAUSE_NONE, 0 },
		/* the first may serve: all we know is that one of the two does not */
		{ { OWN_FAULT, REFUSES }, 2, VERDICT_DEGRADED, CAUSE_ADDRESS_PARTIAL, 1 },
		{ { OWN_FAULT, OWN_FAULT }, 2, VERDICT_UNKNOWN, CAUSE_LOCAL_RESOURCE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world world;
		const struct outcome *last;

		world_open(&world, one_check, cases[i].addresses, cases[i].count);
		engine_start(world.engine);
		fake_loop_advance(world.loop, 70 * SECOND);
		last = &first_record(&world)->last;
		assert_int_equal(last->finding.verdict, cases[i].verdict);
		assert_int_equal(last->finding.cause, cases[i].cause);
		assert_int_equal(last->addresses_tested, cases[i].count);
		assert_int_equal(last->addresses_failed, cases[i].failed);
		assert_int_equal(first_record(&world)->state, cases[i].verdict);
		/* the unknown is what it was from the start */
		assert_int_equal(script()->changes, cases[i].verdict != VERDICT_UNKNOWN);
		world_close(&world);
	}
}

static void partial_names_the_silent_one(void **state)
{
	static const enum behaviour addresses[] = { ANSWERS, REFUSES };
	static const enum behaviour mixed[] = { REFUSES, IS_RESET };
	struct world world;

	(void)state;
	world_open(&world, one_check, addresses, 2);
	engine_start(world.engine);
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_string_equal(first_record(&world)->last.finding.evidence.detail,
		"1 of 2 addresses, 192.0.2.2: refused");
	assert_int_equal(
		first_record(&world)->last.finding.evidence.kind, EVIDENCE_ADDRESSES);
	world_close(&world);

	/* a name with more addresses than are asked says so */
	world_open(&world, one_check, addresses, 2);
	script()->names.total = 20;
	engine_start(world.engine);
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_string_equal(first_record(&world)->last.finding.evidence.detail,
		"1 of 2 addresses (20 known), 192.0.2.2: refused");
	world_close(&world);

	/* of two that failed, the one with evidence speaks */
	world_open(&world, one_check, mixed, 2);
	engine_start(world.engine);
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_int_equal(first_record(&world)->last.finding.cause, CAUSE_RESET);
	assert_int_equal(
		first_record(&world)->last.finding.evidence.kind, EVIDENCE_TCP_RESET);
	world_close(&world);
}

static void silence_of_our_own_making(void **state)
{
	static const enum behaviour silent[] = { STAYS_SILENT };
	static const enum behaviour refusing[] = { REFUSES };
	struct world world;

	(void)state;
	world_open(&world, one_check, silent, 1);
	script()->own_trouble = true;
	engine_start(world.engine);
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_int_equal(first_record(&world)->last.finding.cause, CAUSE_LOCAL_LINK_DOWN);
	assert_int_equal(first_record(&world)->state, VERDICT_UNKNOWN);
	world_close(&world);

	/* who answered, if only to refuse, has cleared us */
	world_open(&world, one_check, refusing, 1);
	script()->own_trouble = true;
	engine_start(world.engine);
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_int_equal(first_record(&world)->last.finding.cause, CAUSE_REFUSED);
	world_close(&world);
}

/* The loop stood still over the deadline: whatever came lies unread. */
static void silence_while_we_slept(void **state)
{
	static const enum behaviour silent[] = { STAYS_SILENT };
	struct world world;

	(void)state;
	world_open(&world, one_check, silent, 1);
	engine_start(world.engine);
	while (script()->starts == 0)
		assert_true(fake_loop_step(world.loop));
	fake_clock_advance(5 * SECOND);
	fake_loop_settle(world.loop);
	assert_int_equal(first_record(&world)->last.finding.cause, CAUSE_LOCAL_RESOURCE);
	assert_int_equal(first_record(&world)->last.finding.verdict, VERDICT_UNKNOWN);
	assert_string_equal(first_record(&world)->last.finding.evidence.detail,
		"the loop was held up for 2000 ms");
	world_close(&world);
}

/* Dates are judged by our clock, so a wrong clock must not call a certificate expired. */
static void dates_under_a_wrong_clock(void **state)
{
	static const struct plan_row rows[] = { { "ntp", "time", FAMILY_IPV4, false, 0 },
		{ "web", "pbx", FAMILY_IPV4, false, 0 }, { NULL, NULL, 0, false, 0 } };
	static const enum behaviour expired[] = { HAS_EXPIRED };
	static const struct {
		bool compared;
		int64_t offset;
		enum cause cause;
	} cases[] = {
		{ false, 0, CAUSE_TLS_EXPIRED },
		{ true, 30 * SECOND, CAUSE_TLS_EXPIRED },
		{ true, 90 * MINUTE, CAUSE_LOCAL_CLOCK },
		{ true, -90 * MINUTE, CAUSE_LOCAL_CLOCK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world world;

		world_open(&world, rows, expired, 1);
		script()->clock_compared = cases[i].compared;
		script()->clock_offset_us = cases[i].offset;
		engine_start(world.engine);
		fake_loop_advance(world.loop, 200 * SECOND);
		assert_int_equal(
			store_record(engine_store(world.engine), 1)->last.finding.cause,
			cases[i].cause);
		world_close(&world);
	}
}

static void names_that_fail(void **state)
{
	static const enum behaviour answering[] = { ANSWERS };
	struct world world;

	(void)state;
	world_open(&world, one_check, answering, 1);
	script()->names =
		(struct resolution){ .finding = finding_of(CAUSE_DNS_NXDOMAIN) };
	engine_start(world.engine);
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_int_equal(first_record(&world)->state, VERDICT_FAILED);
	assert_int_equal(first_record(&world)->last.phase, PHASE_RESOLVE);
	assert_int_equal(script()->starts, 0);
	world_close(&world);

	world_open(&world, one_check, answering, 1);
	script()->resolver_silent = true;
	engine_start(world.engine);
	fake_loop_advance(world.loop, 80 * SECOND);
	assert_int_equal(first_record(&world)->last.finding.cause, CAUSE_DNS_TIMEOUT);
	assert_int_equal(first_record(&world)->state, VERDICT_UNKNOWN);
	assert_int_equal(first_record(&world)->last.duration_us, 3 * SECOND);
	world_close(&world);
}

/* Nobody answers because nothing leaves this host: not the resolver's doing. */
static void names_that_cannot_be_asked_for(void **state)
{
	static const struct {
		enum cause said;
		bool own_trouble, server_dead;
		enum cause cause;
	} cases[] = {
		{ CAUSE_DNS_UNREACHABLE, true, false, CAUSE_LOCAL_LINK_DOWN },
		{ CAUSE_DNS_TIMEOUT, true, false, CAUSE_LOCAL_LINK_DOWN },
		{ CAUSE_DNS_TIMEOUT, false, false, CAUSE_DNS_TIMEOUT },
		{ CAUSE_DNS_TIMEOUT, true, true, CAUSE_DNS_TIMEOUT },
		/* who answered has cleared us */
		{ CAUSE_DNS_SERVFAIL, true, false, CAUSE_DNS_SERVFAIL },
	};
	static const enum behaviour answering[] = { ANSWERS };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world world;
		const struct outcome *last;

		world_open(&world, one_check, answering, 1);
		script()->own_trouble = cases[i].own_trouble;
		script()->server_dead = cases[i].server_dead;
		script()->names =
			(struct resolution){ .finding = finding_of(cases[i].said) };
		script()->names.finding.verdict = VERDICT_UNKNOWN;
		engine_start(world.engine);
		fake_loop_advance(world.loop, 70 * SECOND);
		last = &first_record(&world)->last;
		assert_int_equal(last->finding.cause, cases[i].cause);
		assert_int_equal(last->finding.verdict, VERDICT_UNKNOWN);
		world_close(&world);
	}
}

static void ipv6_steps_aside(void **state)
{
	static const struct plan_row rows[] = { { "web", "pbx", FAMILY_IPV6, true, 0 },
		{ NULL, NULL, 0, false, 0 } };
	static const enum behaviour answering[] = { ANSWERS };
	struct world world;

	(void)state;
	world_open(&world, rows, answering, 1);
	script()->names_ipv6 =
		(struct resolution){ .finding = finding_of(CAUSE_DNS_NODATA) };
	engine_start(world.engine);
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_false(first_record(&world)->applies);
	assert_int_equal(first_record(&world)->runs, 0);

	/* an AAAA record appears, but a resolver in trouble proves none */
	script()->names_ipv6.finding = finding_of(CAUSE_DNS_SERVFAIL);
	script()->names_ipv6.finding.verdict = VERDICT_UNKNOWN;
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_false(first_record(&world)->applies);
	script()->names_ipv6 = script()->names;
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_true(first_record(&world)->applies);
	assert_int_equal(first_record(&world)->state, VERDICT_OK);

	/* then the trouble of the resolver is an outcome of a check that applies */
	script()->names_ipv6 =
		(struct resolution){ .finding = finding_of(CAUSE_DNS_TIMEOUT) };
	script()->names_ipv6.finding.verdict = VERDICT_UNKNOWN;
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_true(first_record(&world)->applies);
	assert_int_equal(first_record(&world)->state, VERDICT_UNKNOWN);

	script()->names_ipv6 = script()->names;
	script()->route = false;
	fake_loop_advance(world.loop, 70 * SECOND);
	assert_false(first_record(&world)->applies);
	world_close(&world);
}

static void confirmed_soon_not_next_minute(void **state)
{
	static const enum behaviour answering[] = { ANSWERS };
	struct world world;
	int64_t failed_at;

	(void)state;
	world_open(&world, one_check, answering, 1);
	engine_start(world.engine);
	fake_loop_advance(world.loop, 120 * SECOND);
	assert_int_equal(script()->changes, 1);
	script()->names.addresses[0].bytes[3] = REFUSES;
	while (first_record(&world)->last.finding.verdict == VERDICT_OK)
		assert_true(fake_loop_step(world.loop));
	failed_at = clock_now_us();
	assert_int_equal(first_record(&world)->state, VERDICT_OK);
	while (script()->changes == 1)
		assert_true(fake_loop_step(world.loop));
	assert_in_range(clock_now_us() - failed_at, 5 * SECOND, 6 * SECOND);
	assert_int_equal(script()->last_change.before, VERDICT_OK);
	assert_int_equal(script()->last_change.after, VERDICT_FAILED);
	world_close(&world);
}

/* A row of once an hour that fails is found well within minutes, not within the hour. */
static void asked_seldom_and_failed(void **state)
{
	static const enum behaviour refusing[] = { REFUSES };
	static const struct engine_limits limits = { 4, 8, 1 };
	struct world world;
	uint64_t runs;

	(void)state;
	world_open(&world, one_check, refusing, 1);
	world.small.requirements[0].interval_us = 60 * MINUTE;
	assert_int_equal(engine_adopt(world.engine, &world.small.plan, &limits), 0);
	engine_start(world.engine);
	fake_loop_advance(world.loop, 61 * MINUTE);
	assert_int_equal(first_record(&world)->state, VERDICT_FAILED);
	script()->names.addresses[0].bytes[3] = ANSWERS;
	fake_loop_advance(world.loop, 6 * MINUTE);
	assert_int_equal(first_record(&world)->state, VERDICT_OK);
	/* and then it is asked as seldom as before */
	runs = first_record(&world)->runs;
	fake_loop_advance(world.loop, 59 * MINUTE);
	assert_in_range(first_record(&world)->runs, runs, runs + 1);
	world_close(&world);
}

static void note_done(void *context)
{
	struct world *world = context;

	assert_false(world->all_done);
	world->all_done = true;
}

static void once_for_the_command(void **state)
{
	static const struct plan_row rows[] = { { "web", "a", FAMILY_IPV4, false, 0 },
		{ "sip", "a", FAMILY_IPV4, false, 0 },
		{ "rtp", "", FAMILY_NONE, false, CAUSE_NOT_TESTABLE_HERE },
		{ NULL, NULL, 0, false, 0 } };
	static const struct plan_row nothing[] = { { NULL, NULL, 0, false, 0 } };
	static const enum behaviour answering[] = { ANSWERS };
	struct world world;

	(void)state;
	world_open(&world, rows, answering, 1);
	engine_run_once(world.engine, note_done, &world);
	assert_false(world.all_done);
	fake_loop_advance(world.loop, 600 * SECOND);
	assert_true(world.all_done);
	assert_int_equal(script()->starts, 2);
	world_close(&world);

	world_open(&world, nothing, answering, 1);
	engine_run_once(world.engine, note_done, &world);
	fake_loop_advance(world.loop, SECOND);
	assert_true(world.all_done);
	world_close(&world);
}

/* The command hears the time server after the certificate was judged, and never again. */
static void told_together_for_the_command(void **state)
{
	static const struct plan_row rows[] = { { "web", "192.0.2.6", FAMILY_IPV4, false,
							0 },
		{ "ntp", "time", FAMILY_IPV4, false, 0 }, { NULL, NULL, 0, false, 0 } };
	static const enum behaviour expired[] = { HAS_EXPIRED };
	struct world world;

	(void)state;
	assert_int_equal(HAS_EXPIRED, 6); /* the literal's behaviour */
	world_open(&world, rows, expired, 1);
	script()->clock_compared = true;
	script()->clock_offset_us = 90 * MINUTE;
	engine_run_once(world.engine, note_done, &world);
	fake_loop_advance(world.loop, 600 * SECOND);
	assert_true(world.all_done);
	assert_int_equal(first_record(&world)->last.finding.cause, CAUSE_LOCAL_CLOCK);
	assert_int_equal(script()->starts, 2);
	/* it was one run, and is remembered as that */
	assert_int_equal(first_record(&world)->runs, 1);
	assert_int_equal(first_record(&world)->remembered.items[0]->finding.cause,
		CAUSE_LOCAL_CLOCK);
	assert_null(first_record(&world)->remembered.items[1]);
	world_close(&world);
}

static void reload_keeps_results(void **state)
{
	static const enum behaviour answering[] = { ANSWERS };
	static const struct engine_limits limits = { 2, 8, 1 };
	static const struct plan_row two[] = { { "new", "b", FAMILY_IPV4, false, 0 },
		{ "web", "pbx", FAMILY_IPV4, false, 0 }, { NULL, NULL, 0, false, 0 } };
	struct small_plan next;
	struct world world;
	uint64_t runs;

	(void)state;
	world_open(&world, one_check, answering, 1);
	engine_start(world.engine);
	fake_loop_advance(world.loop, 200 * SECOND);
	while (script()->starts == script()->stops)
		assert_true(fake_loop_step(world.loop));
	runs = first_record(&world)->runs;
	small_plan_make(&next, two, scripted_kind());
	assert_int_equal(engine_adopt(world.engine, &next.plan, &limits), 0);
	assert_int_equal(
		script()->starts, script()->stops); /* the one in flight was ended */
	/* counters go on; the scripted resolver of each realm counts one query */
	assert_int_equal(engine_statistics(world.engine).resolver.queries, 2);
	assert_int_equal(store_record(engine_store(world.engine), 1)->runs, runs);
	fake_loop_advance(world.loop, 61 * SECOND);
	assert_true(store_record(engine_store(world.engine), 1)->runs > runs);
	assert_true(first_record(&world)->runs > 0);
	world_close(&world);
}

static void ends_in_flight(void **state)
{
	static const enum behaviour silent[] = { STAYS_SILENT };
	struct world world;

	(void)state;
	world_open(&world, one_check, silent, 1);
	engine_start(world.engine);
	while (script()->starts == 0)
		assert_true(fake_loop_step(world.loop));
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_over_addresses),
		cmocka_unit_test(partial_names_the_silent_one),
		cmocka_unit_test(silence_of_our_own_making),
		cmocka_unit_test(silence_while_we_slept),
		cmocka_unit_test(dates_under_a_wrong_clock),
		cmocka_unit_test(names_that_fail),
		cmocka_unit_test(names_that_cannot_be_asked_for),
		cmocka_unit_test(ipv6_steps_aside),
		cmocka_unit_test(confirmed_soon_not_next_minute),
		cmocka_unit_test(asked_seldom_and_failed),
		cmocka_unit_test(once_for_the_command),
		cmocka_unit_test(told_together_for_the_command),
		cmocka_unit_test(reload_keeps_results),
		cmocka_unit_test(ends_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
