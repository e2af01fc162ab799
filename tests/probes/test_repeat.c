/* SPDX-License-Identifier: Apache-2.0 */
/* A lost datagram is sent again: every kind that speaks UDP, beside a deaf partner. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "probes/udp_partner.h"
#include "probes/virtual_time.h"

#define WAIT    (20 * MILLISECOND)
#define TIMEOUT (550 * MILLISECOND)
#define KEPT    16

enum { GAUGE_STRAYS, GAUGE_RETRANSMISSIONS };

struct row {
	const struct probe_kind *(*kind)(void);
	const char *options[7];
	bool equal;     /* each repetition has the same octets */
	bool doubles;   /* the waits */
	unsigned sends; /* within TIMEOUT into silence */
};

static const struct row rows[] = {
	{ probe_dns, { "repeat_after", "20ms", NULL }, true, true, 5 },
	{ probe_dns, { "repeat_after", "0s", NULL }, true, true, 1 },
	{ probe_ntp, { "repeat_after", "20ms", NULL }, false, false, 4 },
	{ probe_ntp, { "repeat_after", "0s", NULL }, false, false, 1 },
	{ probe_stun, { "repeat_after", "20ms", NULL }, true, true, 5 },
	{ probe_udp,
		{ "repeat_after", "20ms", "owes_answer", "true", "payload", "hello",
			NULL },
		true, true, 5 },
	{ probe_udp, { "repeat_after", "20ms", NULL }, true, true, 5 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* What came, and when. */
struct heard {
	uint8_t octets[KEPT][512];
	size_t lengths[KEPT];
	int64_t times[KEPT];
	unsigned count;
};

static void listens(struct udp_partner *partner, const uint8_t *data, size_t length)
{
	struct heard *heard = (struct heard *)(uintptr_t)partner->script;

	assert_true(heard->count < KEPT && length <= sizeof(heard->octets[0]));
	memcpy(heard->octets[heard->count], data, length);
	heard->lengths[heard->count] = length;
	heard->times[heard->count++] = clock_now_us();
}

static void assert_alike(const struct row *row, const struct heard *heard)
{
	for (unsigned i = 1; i < heard->count; i++) {
		bool equal = heard->lengths[i] == heard->lengths[0] &&
			memcmp(heard->octets[i], heard->octets[0], heard->lengths[0]) ==
				0;

		assert_int_equal(equal, row->equal);
	}
}

static void assert_paced(const struct row *row, const struct heard *heard)
{
	for (unsigned i = 1; i < heard->count; i++) {
		assert_int_equal(heard->times[i] - heard->times[0],
			row->doubles ? WAIT * ((1 << i) - 1) : WAIT * (int)i);
	}
}

static void test_silence(void **state)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		struct heard heard = { .count = 0 };
		struct outcome outcome = udp_partner_asked(*state, listens, &heard,
			(struct trial){ .kind = row->kind(),
				.options = row->options,
				.timeout_us = TIMEOUT },
			NULL);

		print_message("%s, row %zu\n", row->kind()->name, i);
		assert_int_equal(heard.count, row->sends);
		assert_true(outcome.values[GAUGE_RETRANSMISSIONS] == heard.count - 1);
		assert_true(outcome.values[GAUGE_STRAYS] == 0);
		assert_alike(row, &heard);
		assert_paced(row, &heard);
	}
}

/* Answers the question it heard first, once it has heard another: to a kind that sends
 * the same octets there is no telling which of them was answered. */
static void answers_late(struct udp_partner *partner, const uint8_t *data, size_t length)
{
	if (partner->questions == 2)
		partner_says(partner, data, length);
}

static void test_measured_from_the_first(void **state)
{
	static const char *const options[] = { "repeat_after", "20ms", "owes_answer",
		"true", NULL };
	struct outcome outcome = udp_partner_asked(*state, answers_late, NULL,
		(struct trial){ .kind = probe_udp(), .options = options }, NULL);

	assert_int_equal(outcome.finding.verdict, VERDICT_OK);
	assert_true(outcome.values[GAUGE_RETRANSMISSIONS] == 1);
	assert_int_equal(outcome.phase_us[PHASE_RESPONSE], WAIT);
}

/* Nobody is left to send: not after stop(), and not between a finish and stop(). */
static void test_over(void **state)
{
	struct harness *harness = *state;

	for (size_t i = 0; i < ROWS; i++) {
		struct heard heard = { .count = 0 };
		struct udp_partner partner;
		struct trial trial = { .kind = rows[i].kind(),
			.options = rows[i].options,
			.abandon = true };

		partner_open(&partner, harness->loop, NULL, listens, &heard);
		trial.port = partner.port;
		harness_try(harness, &trial);
		trial.abandon = false;
		trial.late_us = 4 * WAIT;
		harness_try(harness, &trial);
		harness_turn(harness, 4 * WAIT);
		assert_int_equal(heard.count, 2);
		partner_close(&partner);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_measured_from_the_first),
		cmocka_unit_test(test_over),
	};

	return cmocka_run_group_tests(tests, virtual_set_up, harness_tear_down);
}
