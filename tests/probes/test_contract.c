/* SPDX-License-Identifier: Apache-2.0 */
/* What every probe kind owes the engine, also those not yet written: behaviour. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake/fake.h"
#include "net/partner.h"
#include "net/transfer.h"
#include "probes/probe_kinds.h"
#include "probes/tls_world.h"

#define DEADLINE (120 * MILLISECOND)

/* One port in both transports, with the same manner. */
struct peer {
	struct partner partner;
	struct loop_watch datagrams;
	int fd;
};

/* Not a message of any protocol, with every octet in it. */
static const char garbage[] = "\x01\x80\xff\x00garbage\r\n\r\n\xc3\x28\x7f<>{}\x1b[31m";

static void answer_datagram(void *context, unsigned ready)
{
	struct peer *peer = context;
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	char question[2048];
	ssize_t size = recvfrom(peer->fd, question, sizeof(question), MSG_DONTWAIT,
		(struct sockaddr *)&from, &length);
	unsigned copies = peer->partner.manner == MANNER_FLOODS ? 100 : 1;

	(void)ready;
	if (size < 0 || peer->partner.length == 0)
		return;
	while (copies-- > 0)
		sendto(peer->fd, peer->partner.words, peer->partner.length, MSG_DONTWAIT,
			(struct sockaddr *)&from, length);
}

static void peer_open(struct peer *peer, struct loop *loop, enum manner manner,
	const char *words, size_t length)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bool bound = false;

	while (!bound) {
		partner_open(&peer->partner, loop, NULL, manner, words, length);
		peer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		assert_true(peer->fd >= 0);
		name.sin_port = htons(peer->partner.port);
		bound = bind(peer->fd, (struct sockaddr *)&name, sizeof(name)) == 0;
		if (!bound) {
			close(peer->fd);
			partner_close(&peer->partner);
		}
	}
	loop_watch_init(&peer->datagrams, loop, answer_datagram, peer);
	loop_watch_set(&peer->datagrams, peer->fd, LOOP_READ);
}

static void peer_close(struct peer *peer)
{
	loop_watch_done(&peer->datagrams);
	close(peer->fd);
	partner_close(&peer->partner);
}

static size_t gauges_of(const struct probe_kind *kind)
{
	size_t count = 0;

	while (kind->gauges[count].name)
		count++;
	return count;
}

static void values_fit(const struct probe_kind *kind, const struct outcome *outcome)
{
	size_t count = gauges_of(kind);

	assert_int_equal(outcome->values_set >> count, 0);
	for (unsigned i = 0; i < count; i++) {
		const struct probe_gauge *gauge = &kind->gauges[i];
		size_t labels = 0;

		if (!outcome_has_value(outcome, i) || !gauge->label_values)
			continue;
		while (gauge->label_values[labels])
			labels++;
		if (!(outcome->values[i] >= 0 && outcome->values[i] < (double)labels))
			fail_msg("%s: %s is no index of its labels", kind->name,
				gauge->name);
	}
}

/* What must be true of every outcome whatever the peer did. */
static void outcome_is_sound(const struct probe_kind *kind, const char *what,
	const struct verdict_of_trial *verdict)
{
	const struct outcome *outcome = &verdict->outcome;
	const struct finding *finding = &outcome->finding;

	if (verdict->finishes != 1)
		fail_msg(
			"%s, %s: finished %u times", kind->name, what, verdict->finishes);
	if ((finding->verdict == VERDICT_OK) != (finding->cause == CAUSE_NONE))
		fail_msg("%s, %s: %s with cause %s", kind->name, what,
			verdict_name(finding->verdict), cause_name(finding->cause));
	if (verdict->by_deadline && finding->verdict == VERDICT_OK)
		fail_msg("%s, %s: ok by silence", kind->name, what);
	for (const char *c = finding->evidence.detail; *c; c++) {
		if (*c < ' ' || *c > '~')
			fail_msg("%s, %s: unprintable evidence", kind->name, what);
	}
	assert_int_equal(outcome->addresses_tested, 0); /* the engine's own */
	assert_true(outcome->wall_us > 0);
	values_fit(kind, outcome);
}

struct manner_row {
	const char *what;
	enum manner manner;
	const char *words;
	size_t length;
};

#define WORDS(text) (text), sizeof(text) - 1

static const struct manner_row manners[] = {
	{ "silent", MANNER_SILENT, NULL, 0 },
	{ "closes", MANNER_CLOSES, NULL, 0 },
	{ "resets", MANNER_RESETS, NULL, 0 },
	{ "resets later", MANNER_RESETS_LATER, NULL, 0 },
	{ "greets with garbage", MANNER_GREETS, WORDS(garbage) },
	{ "answers garbage", MANNER_ANSWERS, WORDS(garbage) },
	{ "answers one octet", MANNER_ANSWERS, "\x80", 1 },
	{ "answers as SSH", MANNER_ANSWERS, WORDS("SSH-2.0-OpenSSH_9.2\r\n") },
	{ "answers as HTTP", MANNER_ANSWERS, WORDS("HTTP/1.1 400 Bad Request\r\n\r\n") },
	{ "parts with garbage", MANNER_PARTS, WORDS(garbage) },
	{ "floods with garbage", MANNER_FLOODS, WORDS(garbage) },
	{ "floods with zeros", MANNER_FLOODS, "\0\0\0\0\0\0\0\0", 8 },
	{ "begins TLS and stops", MANNER_ANSWERS, "\x16\x03\x03\x00\x7a\x02", 6 },
};

static struct trial trial_of(const struct probe_kind *kind, uint16_t port)
{
	return (struct trial){
		.kind = kind, .host = "peer.test", .port = port, .timeout_us = DEADLINE
	};
}

static void run_all(struct tls_world *world, const struct probe_kind *kind)
{
	for (size_t i = 0; i < sizeof(manners) / sizeof(manners[0]); i++) {
		const struct manner_row *row = &manners[i];
		struct verdict_of_trial verdict;
		struct trial trial;
		struct peer peer;

		peer_open(
			&peer, world->harness.loop, row->manner, row->words, row->length);
		trial = trial_of(kind, peer.partner.port);
		verdict = harness_try(&world->harness, &trial);
		outcome_is_sound(kind, row->what, &verdict);
		peer_close(&peer);
	}
}

static void bad_peers_end_every_run_once(void **state)
{
	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		unsigned before = partner_descriptors();

		run_all(*state, *kind);
		assert_int_equal(partner_descriptors(), before);
	}
}

static void refusal_is_named(void **state)
{
	struct tls_world *world = *state;

	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		struct trial trial = trial_of(*kind, partner_refused_port());
		struct verdict_of_trial verdict = harness_try(&world->harness, &trial);
		enum cause cause = verdict.outcome.finding.cause;

		outcome_is_sound(*kind, "refused", &verdict);
		assert_false(verdict.by_deadline);
		if (cause != CAUSE_REFUSED && cause != CAUSE_ICMP_PORT_UNREACHABLE)
			fail_msg("%s: a refused port is %s", (*kind)->name,
				cause_name(cause));
	}
}

static void abandoned_runs_leave_nothing(void **state)
{
	static const int64_t after[] = { 0, 1 * MILLISECOND, 10 * MILLISECOND };
	struct tls_world *world = *state;

	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		unsigned before = partner_descriptors();

		for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
			struct verdict_of_trial verdict;
			struct trial trial;
			struct peer peer;

			peer_open(&peer, world->harness.loop, MANNER_ANSWERS, garbage,
				sizeof(garbage));
			trial = trial_of(*kind, peer.partner.port);
			trial.abandon = true;
			trial.abandon_after_us = after[i];
			verdict = harness_try(&world->harness, &trial);
			assert_true(verdict.finishes <= 1);
			harness_turn(&world->harness, 5 * MILLISECOND);
			peer_close(&peer);
		}
		assert_int_equal(partner_descriptors(), before);
	}
}

/* What was on its way when the deadline struck changes nothing and breaks nothing. */
static void events_after_the_deadline(void **state)
{
	struct tls_world *world = *state;

	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		struct verdict_of_trial verdict;
		struct evidence evidence;
		struct trial trial;
		struct peer peer;

		peer_open(&peer, world->harness.loop, MANNER_ANSWERS, garbage,
			sizeof(garbage));
		trial = trial_of(*kind, peer.partner.port);
		trial.late_us = 30 * MILLISECOND;
		verdict = harness_try(&world->harness, &trial);
		peer_close(&peer);
		assert_int_equal(verdict.finishes, 1);
		/* a kind may say what silence leaves open, and no peer has said anything
		 */
		evidence = verdict.outcome.finding.evidence;
		assert_true(evidence.kind == EVIDENCE_NONE ||
			evidence.kind == EVIDENCE_COMPARISON);
		assert_int_equal(evidence.offender.family, FAMILY_NONE);

		trial = trial_of(*kind, partner_refused_port());
		trial.late_us = 30 * MILLISECOND;
		assert_int_equal(harness_try(&world->harness, &trial).finishes, 1);
	}
}

/* The next free number is the first that the kernel refuses. */
static struct rlimit forbid_descriptors(void)
{
	struct rlimit before, now;
	int lowest = dup(STDIN_FILENO);

	assert_true(lowest >= 0);
	close(lowest);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	now = before;
	now.rlim_cur = (rlim_t)lowest;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	return before;
}

static void no_descriptor_is_our_trouble(void **state)
{
	struct tls_world *world = *state;

	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		struct trial trial = trial_of(*kind, partner_refused_port());
		struct rlimit before = forbid_descriptors();
		struct verdict_of_trial verdict = harness_try(&world->harness, &trial);
		const struct finding *finding = &verdict.outcome.finding;

		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		outcome_is_sound(*kind, "no descriptor", &verdict);
		if (finding->verdict != VERDICT_UNKNOWN ||
			finding->cause != CAUSE_LOCAL_RESOURCE)
			fail_msg("%s: no descriptor is %s %s", (*kind)->name,
				verdict_name(finding->verdict),
				cause_name(finding->cause));
	}
}

static int set_up(void **state)
{
	struct tls_world *world;

	tls_world_set_up(state, &(struct credential_spec){ .name = "peer.test" });
	world = *state;
	fake_loop_hear_sockets(world->harness.loop);
	assert_int_equal(transfers_new(world->harness.loop, world->trust,
				 &world->harness.services.transfers),
		0);
	return 0;
}

static int tear_down(void **state)
{
	struct tls_world *world = *state;

	transfers_free(world->harness.services.transfers);
	return tls_world_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_peers_end_every_run_once),
		cmocka_unit_test(refusal_is_named),
		cmocka_unit_test(abandoned_runs_leave_nothing),
		cmocka_unit_test(events_after_the_deadline),
		cmocka_unit_test(no_descriptor_is_our_trouble),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
