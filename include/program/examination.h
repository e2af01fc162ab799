/* SPDX-License-Identifier: Apache-2.0 */
/* Every check of a configuration once, now: what `check` and `explain` do. */
#ifndef PROGRAM_EXAMINATION_H
#define PROGRAM_EXAMINATION_H

#include "net/loop.h"
#include "program/service.h"

struct examination {
	struct service service;
	struct loop_signal interrupt, terminate;
	size_t done, count;
	bool shows_progress;
	int64_t shown_us; /* when progress within a run was shown last */
};

/**
 * Loads the configuration and runs its checks; an interrupt ends that early. Progress and
 * faults go to standard error.
 * \param remembers_all  what was said is wanted of runs that are ok as well
 * \retval false  nothing could be begun, which has been said. examination_done() is due
 */
bool examination_run(struct examination *examination, const struct options *options,
	bool remembers_all);

void examination_done(struct examination *examination);

#endif
