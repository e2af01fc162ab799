/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/flapping.h"

static unsigned changes(const struct flapping *flapping)
{
	unsigned differ = flapping->served ^ flapping->served >> 1;
	unsigned count = 0;

	for (unsigned i = 0; i + 1 < flapping->runs; i++)
		count += differ >> i & 1U;
	return count;
}

void flapping_note(struct flapping *flapping, enum verdict verdict)
{
	unsigned served = verdict == VERDICT_OK || verdict == VERDICT_DEGRADED;

	if (verdict == VERDICT_UNKNOWN)
		return;
	flapping->served = (uint16_t)((unsigned)flapping->served << 1 | served);
	if (flapping->runs < FLAPPING_RUNS)
		flapping->runs++;
	if (flapping->flaps)
		flapping->flaps = changes(flapping) > FLAPPING_END;
	else
		flapping->flaps = changes(flapping) >= FLAPPING_BEGIN;
}
