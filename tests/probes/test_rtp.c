/* SPDX-License-Identifier: Apache-2.0 */
/* What a run over a range finds with a reflector at the other end, port by port. */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probes/rtp_rows.h"
#include "probes/rtp_world.h"

static void test_open(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	assert_ok(run(&world));
	assert_true(value(&world, RTP_ROW_ASKED) == 60);
	assert_true(value(&world, RTP_ROW_PORTS + PORT_OPEN) == 60);
	assert_true(fabs(value(&world, RTP_ROW_COVERAGE) - 0.2) < 1e-9);
	assert_true(value(&world, RTP_ROW_FORWARD) == 0);
	assert_true(value(&world, RTP_ROW_BACKWARD) == 0);
	assert_true(value(&world, RTP_ROW_RETRANSMISSIONS) == 0);
	/* others every time: the range is asked whole in five runs, each port once */
	for (int i = 0; i < 4; i++)
		assert_ok(run(&world));
	assert_true(value(&world, RTP_ROW_PORTS + PORT_OPEN) == PORTS);
	assert_true(value(&world, RTP_ROW_BOUND) == 0);
	for (int i = 0; i < PORTS; i++)
		assert_int_equal(world.partner.heard[i], 1);
	world_close(&world);
}

static void test_sweep(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	assert_ok(sweep(&world));
	assert_true(value(&world, RTP_ROW_PORTS + PORT_OPEN) == PORTS);
	world_close(&world);
}

/* What a path does: '>' what we send to these ports is lost, '<' their answers are. */
struct stretch {
	int first, last, every;
	char what;
};

static const struct path {
	const char *name;
	struct stretch stretches[2];
} paths[] = {
	{ "half", { { PORTS / 2, PORTS - 1, 1, '>' } } },
	{ "replies", { { 40, 89, 1, '<' } } },
	{ "both", { { 0, 99, 1, '>' }, { 200, PORTS - 1, 1, '<' } } },
	{ "tenth", { { 3, PORTS - 1, 10, '>' } } },
	{ "one", { { 137, 137, 1, '>' } } },
	{ "two", { { 20, 33, 1, '>' }, { 250, 257, 1, '>' } } },
};

enum { PATH_HALF, PATH_REPLIES, PATH_BOTH, PATH_TENTH, PATH_COUNT = 6 };

static bool is_in(const struct stretch *stretch, int index)
{
	return stretch->what && index >= stretch->first && index <= stretch->last &&
		(index - stretch->first) % stretch->every == 0;
}

static char path_of(const struct path *path, int index)
{
	for (size_t i = 0; i < 2; i++) {
		if (is_in(&path->stretches[i], index))
			return path->stretches[i].what;
	}
	return '.';
}

static const struct path *present_path;

static bool blocked_path(struct range_partner *partner, enum range_way way, int index)
{
	char what = index < 0 ? '.' : path_of(present_path, index);

	(void)partner;
	return way == RANGE_FORWARD ? what != '>' : what != '<';
}

static enum port_state wanted_state(const struct path *path, int index)
{
	switch (path_of(path, index)) {
	case '>':
		return PORT_LOST;
	case '<':
		return PORT_RETURN;
	default:
		return PORT_OPEN;
	}
}

static void test_sweep_names_each_port(void **state)
{
	(void)state;
	for (const struct path *path = paths; path < paths + PATH_COUNT; path++) {
		struct world world;

		present_path = path;
		world_open(&world);
		world.partner.path = blocked_path;
		sweep(&world);
		assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
		for (int i = 0; i < PORTS; i++) {
			if (state_at(&world, i) != wanted_state(path, i))
				fail_msg("%s: port %d is %s", path->name, i,
					port_state_name(state_at(&world, i)));
		}
		world_close(&world);
	}
}

/* One run finds the edges of a range to the port, though it asks few of its ports. */
static void test_edges(void **state)
{
	(void)state;
	for (const struct path *path = paths; path <= paths + PATH_BOTH; path++) {
		struct world world;

		present_path = path;
		world_open(&world);
		world.partner.path = blocked_path;
		run(&world);
		assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
		for (int i = 0; i < PORTS; i++) {
			enum port_state found = state_at(&world, i);
			enum port_state wanted = wanted_state(path, i);
			bool edge = (i > 0 && wanted_state(path, i - 1) != wanted) ||
				(i + 1 < PORTS && wanted_state(path, i + 1) != wanted);

			if (found != wanted && (edge || found != PORT_UNASKED))
				fail_msg("%s: port %d is %s", path->name, i,
					port_state_name(found));
		}
		world_close(&world);
	}
}

static void test_evidence_names_ranges(void **state)
{
	char wanted[96];
	struct world world;

	(void)state;
	present_path = &paths[PATH_BOTH];
	world_open(&world);
	world.partner.path = blocked_path;
	run(&world);
	snprintf(wanted, sizeof(wanted), "blocked: %u-%u forward, %u-%u backward",
		world.partner.first, world.partner.first + 99, world.partner.first + 200,
		world.partner.first + 299);
	assert_string_equal(world.outcome.finding.evidence.detail, wanted);
	world_close(&world);

	present_path = &paths[PATH_TENTH];
	world_open(&world);
	world.partner.path = blocked_path;
	sweep(&world);
	assert_non_null(strstr(world.outcome.finding.evidence.detail, " more"));
	world_close(&world);
}

static bool no_path(struct range_partner *partner, enum range_way way, int index)
{
	(void)partner;
	return way == RANGE_BACKWARD || index < 0;
}

static bool silent_path(struct range_partner *partner, enum range_way way, int index)
{
	(void)partner;
	(void)way;
	(void)index;
	return false;
}

static void test_all_blocked(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	world.partner.path = no_path;
	run(&world);
	assert_found(&world, VERDICT_FAILED, CAUSE_RTP_ALL_BLOCKED);
	assert_non_null(
		strstr(world.outcome.finding.evidence.detail, "reflector answer"));
	assert_true(value(&world, RTP_ROW_PORTS + PORT_LOST) > 0);
	world_close(&world);

	world_open(&world);
	world.partner.path = silent_path;
	run(&world);
	assert_found(&world, VERDICT_FAILED, CAUSE_RTP_ALL_BLOCKED);
	assert_non_null(strstr(
		world.outcome.finding.evidence.detail, "nothing answers: neither"));
	/* as diagnoses tell silence from words */
	assert_int_equal(world.outcome.phase, PHASE_REQUEST);
	assert_true(value(&world, RTP_ROW_PORTS + PORT_BLOCKED) > 0);
	world_close(&world);
}

/* A host says of few ports in a second that they are closed: it blocks none of them. */
static void test_no_reflector(void **state)
{
	struct world world;

	(void)state;
	world_open(&world);
	world.partner.deaf = true;
	range_partner_shut(&world.partner, -1);
	for (int i = 0; i < PORTS; i += 50)
		range_partner_shut(&world.partner, i);
	sweep(&world);
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_ICMP_PORT_UNREACHABLE);
	assert_non_null(strstr(world.outcome.finding.evidence.detail, "no reflector"));
	assert_true(value(&world, RTP_ROW_PORTS + PORT_CLOSED) == 6);
	assert_true(value(&world, RTP_ROW_PORTS + PORT_SILENT) == PORTS - 6);
	world_close(&world);
}

static struct {
	int left; /* packets to ports of the range before it is started again */
	int lost; /* meanwhile */
} outage;

static bool restarting_path(struct range_partner *partner, enum range_way way, int index)
{
	if (way == RANGE_FORWARD && index >= 0 && outage.left-- == 0)
		range_partner_restart(partner);
	if (way == RANGE_FORWARD && outage.left < 0 && outage.lost-- > 0)
		return false;
	return blocked_path(partner, way, index);
}

/* What it forgot tells no direction, and its own absence is neither block nor loss. */
static void test_restarted_reflector(void **state)
{
	static const struct path open_path = { .name = "open" };
	struct world world;

	(void)state;
	world_open(&world);
	world.partner.path = restarting_path;
	present_path = &paths[PATH_REPLIES];
	outage.left = 50;
	run(&world);
	assert_found(&world, VERDICT_UNKNOWN, CAUSE_RTP_UNTOLD);
	assert_non_null(strstr(world.outcome.finding.evidence.detail, "started again"));
	assert_true(value(&world, RTP_ROW_PORTS + PORT_SILENT) > 0);
	assert_true(value(&world, RTP_ROW_PORTS + PORT_BLOCKED) == 0);
	assert_true(value(&world, RTP_ROW_PORTS + PORT_LOST) == 0);
	assert_false(outcome_has_value(&world.outcome, RTP_ROW_FORWARD));
	outage.left = INT_MAX;
	run(&world);
	assert_found(&world, VERDICT_DEGRADED, CAUSE_RTP_PARTIAL);
	assert_true(value(&world, RTP_ROW_PORTS + PORT_RETURN) > 0);

	present_path = &open_path;
	run(&world);
	outage.left = 30;
	outage.lost = 20;
	assert_ok(run(&world));
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_sweep_names_each_port),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_evidence_names_ranges),
		cmocka_unit_test(test_all_blocked),
		cmocka_unit_test(test_no_reflector),
		cmocka_unit_test(test_restarted_reflector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
