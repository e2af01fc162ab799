/* SPDX-License-Identifier: Apache-2.0 */
#include "report/moment.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

static void break_down(int64_t wall_us, struct tm *ret_utc)
{
	time_t seconds = (time_t)(wall_us / SECOND);

	if (!gmtime_r(&seconds, ret_utc))
		*ret_utc = (struct tm){ .tm_mday = 1, .tm_year = 70 };
}

const char *moment_rfc3339(int64_t wall_us, char *buffer, size_t size)
{
	struct tm utc;

	break_down(wall_us, &utc);
	strftime(buffer, size, "%Y-%m-%dT%H:%M:%SZ", &utc);
	return buffer;
}

const char *moment_for_people(
	int64_t wall_us, enum language language, char *buffer, size_t size)
{
	struct tm utc;

	break_down(wall_us, &utc);
	if (language == LANGUAGE_DE)
		strftime(buffer, size, "%d.%m.%Y, %H:%M UTC", &utc);
	else
		strftime(buffer, size, "%Y-%m-%d %H:%M UTC", &utc);
	return buffer;
}

static const struct {
	int64_t micros;
	const char *name;
} units[] = {
	{ 24 * 60 * MINUTE, "d" },
	{ 60 * MINUTE, "h" },
	{ MINUTE, "min" },
	{ SECOND, "s" },
};

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

const char *moment_age(int64_t micros, char *buffer, size_t size)
{
	size_t unit = 0;
	int64_t rest;
	int used;

	if (micros < 0)
		micros = 0; /* the clock was set back */
	while (unit + 1 < UNIT_COUNT && micros < units[unit].micros)
		unit++;
	used = snprintf(buffer, size, "%" PRId64 " %s", micros / units[unit].micros,
		units[unit].name);
	/* seconds beside minutes would change with every look and say nothing */
	if (unit >= 2 || used < 0 || (size_t)used >= size)
		return buffer;
	rest = micros % units[unit].micros / units[unit + 1].micros;
	if (rest > 0)
		snprintf(buffer + used, size - (size_t)used, " %" PRId64 " %s", rest,
			units[unit + 1].name);
	return buffer;
}

const char *moment_duration(
	int64_t micros, enum language language, char *buffer, size_t size)
{
	if (micros < MILLISECOND)
		snprintf(buffer, size, "%" PRId64 " \u00b5s", micros);
	else if (micros < SECOND)
		snprintf(buffer, size, "%" PRId64 " ms", micros / MILLISECOND);
	else
		snprintf(buffer, size, "%" PRId64 "%c%" PRId64 " s", micros / SECOND,
			language == LANGUAGE_DE ? ',' : '.',
			micros % SECOND / (100 * MILLISECOND));
	return buffer;
}
