/* SPDX-License-Identifier: Apache-2.0 */
/* How the fixtures write the rows of their plans, and what is the same in both. */
#ifndef TESTS_REPORT_FIXTURE_ROWS_H
#define TESTS_REPORT_FIXTURE_ROWS_H

#include "base/clock.h"
#include "report/fixture.h"

/* Members of a struct requirement of the vendor's page. */
#define VENDOR_ROW(name, part, way, weight, at, from, to, by, spoken)              \
	.id = (name), .feature = (part), .direction = (way), .severity = (weight), \
	.host = (at), .port_first = (from), .port_last = (to), .transport = (by),  \
	.protocol = (spoken), .source = "vendor", .confirm = 1

/* Members of a struct check. */
#define CHECK_OF(place, row, name, at, number, shown, over)                      \
	.identity = (name), .site = (place), .requirement = (row), .host = (at), \
	.port = (number), .target = (shown), .family = (over)

/* Members of a struct report_source, of a program that has run for an hour. */
#define AFTER_AN_HOUR                                             \
	.version = "0.1.0", .revision = "abc",                    \
	.started_wall_us = FIXTURE_NOW_US - 3600 * SECOND,        \
	.now_wall_us = FIXTURE_NOW_US, .reload_successful = true, \
	.reload_success_wall_us = FIXTURE_NOW_US - 3600 * SECOND

#endif
