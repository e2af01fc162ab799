/* SPDX-License-Identifier: Apache-2.0 */
/* The options of the test kind "full", to look at what the loader wrote into them. */
#ifndef TESTS_CONFIG_KINDS_H
#define TESTS_CONFIG_KINDS_H

#include <stdbool.h>
#include <stdint.h>

struct full_options {
	const char *text;
	const char *secret;
	int64_t count;
	int64_t pause_us;
	bool strict;
	int colour;
	char *derived;
};

#endif
