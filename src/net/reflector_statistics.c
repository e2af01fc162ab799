/* SPDX-License-Identifier: Apache-2.0 */
/* What a reflector's figures are called, for whoever prints them. */
#include "net/reflector.h"

const char *reflector_state_name(enum reflector_state state)
{
	static const char *const names[REFLECTOR_STATE_COUNT] = {
		[REFLECTOR_HELD] = "held",
		[REFLECTOR_BUSY] = "busy",
		[REFLECTOR_RESTING] = "resting",
		[REFLECTOR_FAILED] = "failed",
	};

	return names[state];
}

uint64_t reflector_answered(const struct reflector_statistics *statistics)
{
	return statistics->packets[REFLECTION_ANSWERED] - statistics->unsent;
}

void reflector_drops(const struct reflector_statistics *statistics,
	struct reflector_drop ret_drops[REFLECTOR_DROPS])
{
	struct reflector_drop *drop = ret_drops;

	for (enum reflection_verdict verdict = 0; verdict < REFLECTION_VERDICT_COUNT;
		verdict++) {
		if (verdict != REFLECTION_ANSWERED)
			*drop++ = (struct reflector_drop){
				reflection_verdict_name(verdict),
				statistics->packets[verdict],
			};
	}
	*drop++ = (struct reflector_drop){ "overflow", statistics->overflow };
	*drop = (struct reflector_drop){ "unsent", statistics->unsent };
}

void reflector_append_ranges(const struct reflector_ranges *ranges, struct text *text)
{
	for (size_t i = 0; i < ranges->count && i < REFLECTOR_RANGES_TOLD; i++) {
		const struct reflector_range *range = &ranges->told[i];

		text_format(text, "%s%u", i > 0 ? ", " : "", (unsigned)range->first);
		if (range->last > range->first)
			text_format(text, "-%u", (unsigned)range->last);
	}
	if (ranges->count > REFLECTOR_RANGES_TOLD)
		text_append(text, ", …");
}
