/* SPDX-License-Identifier: Apache-2.0 */
/* Our own trouble while a range is asked is never the range's, and leaves nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/probe_kinds.h"
#include "probes/rtp_rows.h"
#include "probes/rtp_world.h"

void *__real_calloc(size_t, size_t);
void *__wrap_calloc(size_t, size_t);
int __real_sendmmsg(int, struct mmsghdr *, unsigned, int);
int __wrap_sendmmsg(int, struct mmsghdr *, unsigned, int);

static struct {
	bool starting;    /* within the kind's start() */
	unsigned allowed; /* calls of calloc() in it that succeed */
	unsigned sends;   /* that succeed */
	int error;        /* of those that do not; 0 = all succeed */
	unsigned most;    /* datagrams of one send; 0 = all */
} kernel;

void *__wrap_calloc(size_t count, size_t size)
{
	if (kernel.starting && kernel.allowed-- == 0)
		return NULL;
	return __real_calloc(count, size);
}

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	if (kernel.error != 0 && kernel.sends-- == 0) {
		kernel.sends = kernel.error == EPERM ? 0 : 3;
		errno = kernel.error;
		return -1;
	}
	if (kernel.most > 0 && count > kernel.most)
		count = kernel.most;
	return __real_sendmmsg(fd, messages, count, flags);
}

static void start_starved(struct probe_run *run)
{
	kernel.starting = true;
	probe_rtp()->start(run);
	kernel.starting = false;
}

static bool starve(const char *mode, unsigned allowed)
{
	struct probe_kind kind = *probe_rtp();
	const char *options[] = { "mode", mode, NULL };
	struct trial trial = {
		.kind = &kind, .port = 9, .port_last = 100, .options = options
	};
	struct harness harness;
	struct outcome outcome;

	kind.start = start_starved;
	harness_open(&harness);
	kernel.allowed = allowed;
	outcome = harness_run(&harness, &trial);
	harness_close(&harness);
	if (outcome.finding.cause != CAUSE_LOCAL_RESOURCE)
		return false;
	assert_int_equal(outcome.finding.verdict, VERDICT_UNKNOWN);
	assert_int_equal(outcome.finding.evidence.code, ENOMEM);
	return true;
}

static void test_no_memory(void **state)
{
	static const char *const modes[] = { "stamp", "icmp" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		unsigned allowed = 0;

		while (starve(modes[i], allowed))
			allowed++;
		/* the talk, a map, three tables, the asking with two more, the volley */
		assert_int_equal(allowed, 9);
	}
}

static void test_own_firewall(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	kernel.error = EPERM;
	kernel.sends = 3;
	run(&world);
	kernel.error = 0;
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_LOCAL_DENIED);
	world_close(&world);
}

/* A full queue of our own device delays and loses nothing. */
static void test_full_queue(void **state)
{
	static const int full[] = { EAGAIN, ENOBUFS };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world world;

		world_open(&world);
		kernel.error = full[i];
		kernel.sends = 3;
		kernel.most = 5;
		assert_ok(sweep(&world));
		kernel.error = 0;
		kernel.most = 0;
		assert_true(value(&world, RTP_ROW_PORTS + PORT_OPEN) == PORTS);
		assert_true(value(&world, RTP_ROW_RETRANSMISSIONS) == 0);
		world_close(&world);
	}
}

/* Time that ends in the midst of it: what was not asked often enough is not blamed. */
static bool path_is_dead(struct range_partner *partner, enum range_way way, int index)
{
	(void)partner;
	(void)way;
	return index < 0;
}

static void test_too_little_time(void **state)
{
	static const int64_t timeouts[] = { 20 * MILLISECOND, 200 * MILLISECOND,
		900 * MILLISECOND };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char control[8];
		const char *options[] = { "control_port", control, NULL };
		struct trial trial = {
			.kind = probe_rtp(), .options = options, .timeout_us = timeouts[i]
		};
		struct outcome outcome;
		struct world world;

		world_open(&world);
		world.partner.path = path_is_dead;
		snprintf(control, sizeof(control), "%u", world.partner.control_port);
		trial.ports = world.map;
		trial.address = world.partner.address;
		trial.port = world.partner.first;
		trial.port_last = (uint16_t)(world.partner.first + PORTS - 1);
		outcome = harness_run(&world.harness, &trial);
		assert_int_equal(outcome.finding.verdict, VERDICT_UNKNOWN);
		assert_int_equal(outcome.finding.cause, CAUSE_RTP_UNTOLD);
		for (int port = 0; port < PORTS; port++)
			assert_int_equal(state_at(&world, port), PORT_UNASKED);
		world_close(&world);
	}
}

/* Nobody is there, or its host says so: what needs no more patience is told soon. */
static void test_absent_reflector_is_told_soon(void **state)
{
	static const struct {
		int shut; /* every so many ports are closed; 0 = none */
		int64_t most_us;
	} rows[] = { { 0, 7 * SECOND }, { 50, 4 * SECOND } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int64_t began_us;
		struct world world;

		world_open(&world);
		world.partner.deaf = true;
		for (int port = 0; rows[i].shut > 0 && port < PORTS; port += rows[i].shut)
			range_partner_shut(&world.partner, port);
		began_us = clock_now_us();
		run_with(&world, "ports_per_run", "300");
		assert_int_not_equal(world.outcome.finding.verdict, VERDICT_OK);
		assert_in_range(
			clock_now_us() - began_us - 5 * SECOND, 0, rows[i].most_us);
		/* none is blamed without three tries */
		for (int port = 0; port < PORTS; port++) {
			if (state_at(&world, port) == PORT_BLOCKED)
				assert_int_equal(world.partner.heard[port], 3);
		}
		world_close(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_own_firewall),
		cmocka_unit_test(test_full_queue),
		cmocka_unit_test(test_too_little_time),
		cmocka_unit_test(test_absent_reflector_is_told_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
