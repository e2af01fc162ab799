/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/flapping.h"

unsigned flapping_changes(const struct flapping *flapping)
{
	unsigned differ = flapping->served ^ flapping->served >> 1;
	unsigned count = 0;

	for (unsigned i = 0; i + 1 < flapping->runs; i++)
		count += differ >> i & 1U;
	return count;
}

/* The last runs were all the same. */
static bool is_steady(const struct flapping *flapping)
{
	unsigned latest = flapping->served & ((1U << FLAPPING_STEADY) - 1);

	return latest == 0 || latest == (1U << FLAPPING_STEADY) - 1;
}

void flapping_note(struct flapping *flapping, enum verdict verdict)
{
	unsigned served = verdict == VERDICT_OK || verdict == VERDICT_DEGRADED;

	if (verdict == VERDICT_UNKNOWN)
		return;
	flapping->served = (uint16_t)((unsigned)flapping->served << 1 | served);
	if (flapping->runs < FLAPPING_RUNS)
		flapping->runs++;
	if (is_steady(flapping))
		flapping->flaps = false;
	else if (flapping_changes(flapping) >= FLAPPING_BEGIN)
		flapping->flaps = true;
}
