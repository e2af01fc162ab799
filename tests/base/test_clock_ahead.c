/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define AHEAD (1767225600 * SECOND)

/* The machine is elsewhere for so long, before each of the first readings of a clock. */
static struct {
	int64_t now_us, away_us;
	unsigned times, readings;
} machine;

static int64_t read_machine(void)
{
	machine.now_us += machine.readings++ < machine.times ? machine.away_us : 1;
	return machine.now_us;
}

int64_t clock_now_us(void)
{
	return read_machine();
}

int64_t clock_wall_us(void)
{
	return read_machine() + AHEAD;
}

static void a_busy_machine_moves_no_clock(void **state)
{
	static const unsigned times[] = { 0, 1, 2, 5, 30, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		machine.times = times[i];
		machine.readings = 0;
		machine.away_us = 30 * MILLISECOND;
		assert_in_range(clock_ahead_us() - AHEAD + 1, 0, 2);
		assert_true(machine.readings <= 60);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_machine_moves_no_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
