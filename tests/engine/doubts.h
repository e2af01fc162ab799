/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of doubts share: a site that is well, and outcomes of its rows by name.
 */
#ifndef TESTS_ENGINE_DOUBTS_H
#define TESTS_ENGINE_DOUBTS_H

#include "sites.h"

/** All rows have run once, and well. */
void sound_site_make(struct small_site *small, const struct site_row *rows);

/** What a run of this row finds that was answered. */
struct outcome of(
	const struct small_site *small, const char *requirement, enum cause cause);
void put(
	struct small_site *small, const char *requirement, const struct outcome *outcome);

/** The outcome after all others of the site have had their say. */
void doubt(
	const struct small_site *small, const char *requirement, struct outcome *outcome);

#endif
