/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trial load of the configuration in a child: libconfig 1.5 can end the process that
 * parses (an include that is a directory, for one), so the daemon parses only what a
 * child has survived.
 */
#ifndef PROGRAM_TRIAL_H
#define PROGRAM_TRIAL_H

#include "base/text.h"
#include "config/load.h"

struct loop;
struct trial;

/** \param faults  what the child printed: a line each; empty when valid */
typedef void (*trial_fn)(void *context, bool valid, const char *faults);

/**
 * Starts the child. done is called on a later turn, at the latest after ten seconds.
 * \retval 0 or -errno
 */
int trial_new(struct loop *loop, const char *file,
	const struct config_overrides *overrides, trial_fn done, void *context,
	struct trial **ret_trial);

/** Ends the child if it still runs; must follow, also from within done. */
void trial_free(struct trial *trial);

#endif
