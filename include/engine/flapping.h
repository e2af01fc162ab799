/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a check keeps changing between runs: its state is then neither, and says so
 * instead of paging at every turn. Confirmation alone hides this: a service that answers
 * every other time never fails twice in a row.
 */
#ifndef ENGINE_FLAPPING_H
#define ENGINE_FLAPPING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cause.h"

/**
 * It flaps from five changes among the last sixteen runs until four runs are alike: one
 * outage is two changes, and runs of which one in twenty is lost have 1.4 on average and
 * five or more in 3 windows of 100; with the repetitions inside a run one in a thousand
 * is lost, and then never. Four alike end it, since who is down for good must not pass
 * for one that comes and goes.
 */
#define FLAPPING_RUNS   16
#define FLAPPING_BEGIN  5
#define FLAPPING_STEADY 4

/** Zeroed = nothing known. */
struct flapping {
	uint16_t served; /* bit 0 = the last run was ok or degraded */
	uint8_t runs;    /* noted, at most FLAPPING_RUNS */
	bool flaps;
};

/** Runs that are unknown say nothing of the target and are left out. */
void flapping_note(struct flapping *flapping, enum verdict verdict);

/** Changes from one run to the next among the last `runs`. */
unsigned flapping_changes(const struct flapping *flapping);

#endif
