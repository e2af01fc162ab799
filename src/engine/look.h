/* SPDX-License-Identifier: Apache-2.0 */
/* How often one address is asked in a flight, and what that proves: see flight.h. */
#ifndef ENGINE_LOOK_H
#define ENGINE_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "engine/requirement.h"

enum look { LOOK_FIRST, LOOK_SMALL, LOOK_AGAIN };

struct looks {
	enum look look;       /* the present one */
	struct outcome first; /* of the first, while others follow */
	unsigned proofs;      /* of a hole in the path's MTU, so far */
};

/** What the segments of the present look are bounded to; 0 = as the path allows. */
uint16_t look_segment(const struct looks *looks, enum family family);

/**
 * After each look. \param outcome  what it found; after the last what all of them found
 * \retval false  the address has been asked as often as it takes
 */
bool look_again(struct looks *looks, enum transport transport, struct outcome *outcome);

#endif
