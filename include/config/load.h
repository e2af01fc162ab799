/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration and catalogue files to one constant plan. Strict: whatever is not
 * understood is a fault with file, line, key and what to write instead, and all faults
 * are found in one go. The caller of a live daemon loads in a child first, because
 * libconfig 1.5 may end the process (see docs/architecture.md).
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/log.h"
#include "engine/requirement.h"

/** From the command line, stronger than the file. NULL and 0 = not given. */
struct config_overrides {
	const char *pbx;         /* --pbx: of the first site */
	const char *site;        /* check --site: only this one */
	const char *requirement; /* check --requirement: only this one */
	bool all_shards;         /* catalogue: the checks of all instances */
};

struct reflector_plan;

struct config {
	struct plan plan;
	const char *ca_file; /* NULL = the system's */
	unsigned in_flight_max;
	unsigned per_host_max;
	enum language language;                 /* of the page */
	const struct reflector_plan *reflector; /* NULL = there is none to be */
};

/**
 * \param file   the configuration; it names its catalogue, relative to itself
 * \retval NULL  with at least one fault added
 */
struct config *config_load(const char *file, const struct config_overrides *overrides,
	struct faults *faults);
void config_free(struct config *config);

#endif
