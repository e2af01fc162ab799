/* SPDX-License-Identifier: Apache-2.0 */
/* Times and durations as people and programs read them. All times are UTC. */
#ifndef REPORT_MOMENT_H
#define REPORT_MOMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cause.h"

/** Room for any text below. */
#define MOMENT_TEXT_MAX 48

/** RFC 3339: "2026-10-14T09:20:00Z". \return buffer, as all functions here */
const char *moment_rfc3339(int64_t wall_us, char *buffer, size_t size);

/** "2026-10-14 09:20 UTC", "14.10.2026, 09:20 UTC" */
const char *moment_for_people(
	int64_t wall_us, enum language language, char *buffer, size_t size);

/** The two largest units: "42 s", "7 min", "2 h 5 min", "3 d 4 h". */
const char *moment_age(int64_t micros, char *buffer, size_t size);

/** Three digits or so: "480 µs", "48 ms", "1.3 s", "1,3 s" in German. */
const char *moment_duration(
	int64_t micros, enum language language, char *buffer, size_t size);

#endif
