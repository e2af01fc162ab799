/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a row's probe: defaults, the catalogue's, then the configuration's. */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include "config/catalogue.h"

struct owned_options;

/**
 * Finds the kind of the row's probe and fills its options. Faults are added; on none of
 * them requirement.kind and .options are set, or NULL for a row without a probe.
 * \param settings  the document overrides stand in
 * \param owned     gets what options_release() must see before the arena goes
 */
void options_build(struct row *row, const struct document *catalogue,
	const struct document *settings, struct owned_options **owned);

void options_release(struct owned_options *owned);

#endif
