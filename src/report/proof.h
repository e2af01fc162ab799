/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer proves and what it leaves open; for report/ itself only. */
#ifndef REPORT_PROOF_H
#define REPORT_PROOF_H

#include "engine/store.h"

struct proof {
	const char *proves[LANGUAGE_COUNT];
	const char *leaves_open[LANGUAGE_COUNT];
};

/** By the kind of probe. \retval NULL  a kind nobody has described */
const struct proof *proof_of(const char *kind);

#endif
