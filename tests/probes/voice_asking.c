/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/voice_asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fake/fake.h"
#include "net/own_clock.h"
#include "probes/probe_kinds.h"

static struct harness harness;

/* The clock of the machine that runs the test is nobody's business. */
uint16_t __wrap_own_clock_estimate(void);

uint16_t __wrap_own_clock_estimate(void)
{
	return stamp_error(1000, true);
}

struct trial voice_trial(const char *const *options)
{
	return (struct trial){ .kind = probe_voice(),
		.port = 10000,
		.port_last = 20000,
		.options = options,
		.timeout_us = MINUTE };
}

struct outcome voice_ask(const struct far_end *far, const char *const *options)
{
	struct trial trial = voice_trial(options);

	far_end_use(far);
	return harness_run(&harness, &trial);
}

static bool same(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

/* \return the row of the gauge; fails if there is none */
static unsigned gauge_of(const char *name, const char *value, const char *also)
{
	const struct probe_gauge *gauges = probe_voice()->gauges;

	for (unsigned i = 0; gauges[i].name; i++) {
		if (strcmp(gauges[i].name, name) == 0 &&
			same(gauges[i].label_value, value) &&
			same(gauges[i].also_value, also))
			return i;
	}
	fail_msg("no gauge %s %s %s", name, value ? value : "", also ? also : "");
	return 0;
}

double voice_value(const struct outcome *outcome, const char *name, const char *value,
	const char *also)
{
	unsigned gauge = gauge_of(name, value, also);

	if (!outcome_has_value(outcome, gauge))
		fail_msg("%s %s was not measured", name, value ? value : "");
	return outcome->values[gauge];
}

bool voice_has_value(const struct outcome *outcome, const char *name, const char *value)
{
	return outcome_has_value(outcome, gauge_of(name, value, NULL));
}

void assert_ended(const struct outcome *outcome, enum verdict verdict, enum cause cause,
	const char *words)
{
	if (outcome->finding.verdict != verdict || outcome->finding.cause != cause ||
		!strstr(outcome->finding.evidence.detail, words))
		fail_msg("%s %s \"%s\", not %s %s \"%s\"",
			verdict_name(outcome->finding.verdict),
			cause_name(outcome->finding.cause),
			outcome->finding.evidence.detail, verdict_name(verdict),
			cause_name(cause), words);
}

int voice_asking_set_up(void **state)
{
	(void)state;
	fake_clock_reset();
	harness_open(&harness);
	return 0;
}

int voice_asking_tear_down(void **state)
{
	(void)state;
	harness_close(&harness);
	return 0;
}

struct harness *voice_harness(void)
{
	return &harness;
}
