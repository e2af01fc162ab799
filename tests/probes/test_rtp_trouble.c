/* SPDX-License-Identifier: Apache-2.0 */
/* Our own trouble while a range is asked is never the range's, and leaves nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/key_file.h"
#include "probes/probe_kinds.h"
#include "probes/rtp_rows.h"
#include "probes/rtp_world.h"

void *__real_calloc(size_t, size_t);
void *__wrap_calloc(size_t, size_t);
int __real_sendmmsg(int, struct mmsghdr *, unsigned, int);
int __wrap_sendmmsg(int, struct mmsghdr *, unsigned, int);

static struct {
	bool starting;                      /* within the kind's start() */
	unsigned allowed;                   /* calls of calloc() in it that succeed */
	unsigned sends;                     /* that succeed */
	int error;                          /* of those that do not; 0 = all succeed */
	unsigned most;                      /* datagrams of one send; 0 = all */
	uint16_t denied_first, denied_last; /* ports that a rule takes; 0 = none */
} kernel;

static bool is_denied(const struct mmsghdr *message)
{
	const struct sockaddr_in *name = message->msg_hdr.msg_name;
	uint16_t port = ntohs(name->sin_port);

	return port >= kernel.denied_first && port <= kernel.denied_last;
}

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
	/* those before it are sent, and then it fails */
	for (unsigned i = 0; kernel.denied_last > 0 && i < count; i++) {
		if (!is_denied(&messages[i]))
			continue;
		count = i;
		errno = EPERM;
	}
	if (count == 0)
		return -1;
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

/* Runs once with a rule that takes what is sent to these ports. */
static void run_past_rule(struct world *world, int first, int last, const char *mode)
{
	kernel.denied_first = (uint16_t)(world->partner.first + first);
	kernel.denied_last = (uint16_t)(world->partner.first + last);
	run_with(world, "mode", mode);
	kernel.denied_last = 0;
}

static void states_must_be(const struct world *world, int refused)
{
	for (int i = 0; i < PORTS; i++) {
		enum port_state wanted = i >= 100 && i <= 109 ? PORT_DENIED
			: i == refused                        ? PORT_REFUSED
							      : PORT_OPEN;

		assert_int_equal(state_at(world, i), wanted);
	}
}

/* Of some ports: these are named, and the others judged. */
static void test_own_rule_for_some_ports(void **state)
{
	char words[64];
	struct world world;

	(void)state;
	world_open(&world);
	run_past_rule(&world, 100, 109, "stamp");
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_LOCAL_DENIED);
	snprintf(words, sizeof(words), "10 of 300 ports, the first is %u",
		world.partner.first + 100U);
	assert_string_equal(world.outcome.finding.evidence.detail, words);
	states_must_be(&world, -1);
	assert_ok(run_with(&world, "ports_per_run", "300"));
	world_close(&world);

	world_open(&world);
	range_partner_shut(&world.partner, 200);
	run_past_rule(&world, 100, 109, "stamp");
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	states_must_be(&world, 200);
	world_close(&world);
}

static void test_own_rule_for_all_ports(void **state)
{
	static const char *const modes[] = { "stamp", "icmp" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world world;

		world_open(&world);
		run_past_rule(&world, -world.partner.first,
			UINT16_MAX - world.partner.first, modes[i]);
		assert_found(&world, VERDICT_UNKNOWN, CAUSE_LOCAL_DENIED);
		world_close(&world);
	}
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

/* A row may be about one port alone. */
static void test_single_port(void **state)
{
	static const struct {
		bool is_shut, is_deaf, is_busy;
		enum verdict verdict;
		enum cause cause;
		enum port_state state;
	} rows[] = {
		{ false, false, false, VERDICT_OK, CAUSE_NONE, PORT_OPEN },
		{ true, false, false, VERDICT_FAILED, CAUSE_ICMP_PORT_UNREACHABLE,
			PORT_REFUSED },
		{ false, true, false, VERDICT_FAILED, CAUSE_RTP_ALL_BLOCKED,
			PORT_BLOCKED },
		{ false, false, true, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD, PORT_BUSY },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		char control[8];
		const char *options[] = { "control_port", control, NULL };
		struct trial trial = {
			.kind = probe_rtp(), .options = options, .timeout_us = 18 * SECOND
		};
		struct world world;

		world_open(&world);
		snprintf(control, sizeof(control), "%u", world.partner.control_port);
		world.partner.deaf = rows[i / 2].is_deaf;
		if (rows[i / 2].is_shut)
			range_partner_shut(&world.partner, 0);
		if (rows[i / 2].is_busy)
			world.partner.states[0] = STAMP_PORT_BUSY;
		port_map_free(world.map);
		world.map = port_map_new(world.partner.first, world.partner.first);
		trial.ports = world.map;
		trial.port = world.partner.first;
		trial.address = world.partner.address;
		trial.port_last = i % 2 == 0 ? world.partner.first : 0;
		world.outcome = harness_run(&world.harness, &trial);
		assert_found(&world, rows[i / 2].verdict, rows[i / 2].cause);
		assert_int_equal(state_at(&world, 0), rows[i / 2].state);
		world_close(&world);
	}
}

/* Signed, and an hour off: the reflector drops it. A clock that is stepped meanwhile
 * makes it fall silent, and what was asked until then is known. */
static int64_t step_us;

static bool path_steps(struct range_partner *partner, enum range_way way, int index)
{
	(void)way;
	(void)index;
	if (step_us != 0 && partner->heard_total == 100) {
		partner->clock_off_us = step_us;
		step_us = 0;
	}
	return true;
}

static void test_clocks_of_the_keyed_mode(void **state)
{
	struct stamp_key *key;
	char why[192], path[64];
	struct world world;

	(void)state;
	snprintf(path, sizeof(path), "test_rtp_%d.key", (int)getpid());
	assert_int_equal(key_file_write(path), 0);
	assert_int_equal(key_file_read(path, &key, why, sizeof(why)), 0);
	for (int row = 0; row < 3; row++) {
		static const int64_t off_us[] = { 50 * 60 * SECOND, 70 * 60 * SECOND,
			-70 * 60 * SECOND };

		world_open_keyed(&world, key);
		world.partner.clock_off_us = off_us[row];
		run_with(&world, "key_file", path);
		if (row == 0) {
			assert_ok(&world.outcome);
		} else {
			assert_found(&world, VERDICT_FAILED, CAUSE_RTP_ALL_BLOCKED);
			assert_non_null(strstr(
				world.outcome.finding.evidence.detail, "this key"));
			assert_int_equal(world.outcome.phase, PHASE_REQUEST);
		}
		world_close(&world);
	}
	world_open_keyed(&world, key);
	world.partner.path = path_steps;
	step_us = 2 * 3600 * SECOND;
	run_with(&world, "key_file", path);
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
	assert_non_null(strstr(world.outcome.finding.evidence.detail, "fell silent"));
	assert_true(value(&world, RTP_ROW_PORTS + PORT_OPEN) >= 99);
	assert_true(value(&world, RTP_ROW_PORTS + PORT_BLOCKED) == 0);
	world_close(&world);
	unlink(path);
	stamp_key_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_own_firewall),
		cmocka_unit_test(test_own_rule_for_some_ports),
		cmocka_unit_test(test_own_rule_for_all_ports),
		cmocka_unit_test(test_single_port),
		cmocka_unit_test(test_clocks_of_the_keyed_mode),
		cmocka_unit_test(test_full_queue),
		cmocka_unit_test(test_too_little_time),
		cmocka_unit_test(test_absent_reflector_is_told_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
