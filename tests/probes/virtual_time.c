/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/virtual_time.h"

#include "fake/fake.h"
#include "probes/harness.h"

/* The kernel's stamps are of real time: here datagrams come without. */
void __wrap_arrival_stamp(int fd);
void __wrap_arrival_stamp(int fd)
{
	(void)fd;
}

int virtual_set_up(void **state)
{
	struct harness *harness;

	harness_set_up(state);
	harness = *state;
	fake_loop_hear_sockets(harness->loop);
	return 0;
}
