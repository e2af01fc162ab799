/* SPDX-License-Identifier: Apache-2.0 */
/* What a reflector is to do, and what it can have of a port. */
#ifndef NET_REFLECTOR_SETTINGS_H
#define NET_REFLECTOR_SETTINGS_H

#include "media/reflection.h"

struct reflector_range {
	uint16_t first, last;
};

/** Of a port; the words of the label `state` in this order. */
enum reflector_state {
	REFLECTOR_HELD,
	REFLECTOR_BUSY,    /* another program has it */
	REFLECTOR_RESTING, /* left free for others for now */
	REFLECTOR_FAILED,  /* the kernel refuses it: no right, no descriptors … */
	REFLECTOR_STATE_COUNT
};

/** Limits of what a steering program can hold. */
#define REFLECTOR_RANGES_MAX  64
#define REFLECTOR_SOURCES_MAX 64

/** Ports in one state. */
#define REFLECTOR_RANGES_TOLD 16

struct reflector_ranges {
	size_t count; /* all there are; the first of them are told, in order */
	struct reflector_range told[REFLECTOR_RANGES_TOLD];
};

/** All that it points at must live as long as the reflector. */
struct reflector_settings {
	const struct reflector_range *ranges; /* in order, apart from each other */
	size_t range_count;
	uint16_t control_port;  /* one more, always held; 0 = none */
	struct address address; /* FAMILY_NONE = all of this host */
	const struct stamp_key *key;
	const struct reflection_source *sources; /* none = anybody, not while steering */
	size_t source_count;
	bool halves;      /* every other pair of ports is left free, in turns … */
	int64_t turn_us;  /* … of this length */
	int64_t retry_us; /* between looks at busy ports */
	bool steers;
	struct reflection_rate source_rate, rate;
};

#endif
