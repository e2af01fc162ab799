/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of the kind `voice` over the path of far_end.h, and what they must have found. */
#ifndef TESTS_PROBES_VOICE_ASKING_H
#define TESTS_PROBES_VOICE_ASKING_H

#include <math.h>

#include "probes/far_end.h"
#include "probes/harness.h"

/** Opens and closes what all tests of a program share. */
int voice_asking_set_up(void **state);
int voice_asking_tear_down(void **state);

struct harness *voice_harness(void);

/** At the ports 10000 to 20000. \param options  NULL = as shipped: an open reflector */
struct trial voice_trial(const char *const *options);

struct outcome voice_ask(const struct far_end *far, const char *const *options);

/** Fails if it was not measured. \param value, also  of the labels; NULL = none */
double voice_value(const struct outcome *outcome, const char *name, const char *value,
	const char *also);
bool voice_has_value(const struct outcome *outcome, const char *name, const char *value);

#define assert_value(outcome, name, value, expected) \
	assert_true(fabs(voice_value(&(outcome), name, value, NULL) - (expected)) < 1e-6)

/** \param words  part of the evidence */
void assert_ended(const struct outcome *outcome, enum verdict verdict, enum cause cause,
	const char *words);

#endif
