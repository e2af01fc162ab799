/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When our own measure is in doubt, the target is not blamed: certificate dates under a
 * clock that time servers contradict, and silence while our own loop stood still.
 */
#ifndef ENGINE_DOUBT_H
#define ENGINE_DOUBT_H

#include "base/clock.h"
#include "base/outcome.h"
#include "engine/store.h"

/** Certificates are issued with an hour to spare; less changes no verdict. */
#define CLOCK_WRONG (60 * MINUTE)

/**
 * Turns "expired" and "not yet valid" into local-clock when every time server that was
 * asked contradicts our clock by more than an hour. Other findings stay as they are.
 */
void doubt_dates(const struct store *store, struct finding *finding);

/** The finding of a deadline that our loop served so late. */
struct finding doubt_of_lag(int64_t late_us);

#endif
