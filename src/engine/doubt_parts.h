/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of engine/doubt share. */
#ifndef ENGINE_DOUBT_PARTS_H
#define ENGINE_DOUBT_PARTS_H

#include "engine/store.h"

/** The records of one site, and the one whose outcome is judged. */
struct peers {
	const struct store *store;
	const struct check *check;
	size_t first, end;
};

/** For a check of the Internet: block page, portal, interception. */
void doubt_cloud(const struct peers *peers, struct outcome *outcome);

#endif
