/* SPDX-License-Identifier: Apache-2.0 */
#include "net/drain.h"

#include <stddef.h>
#include <sys/socket.h>

/* More than this is a flood, and the reset is its own doing. */
#define DRAIN_MAX ((size_t)(64 * 1024))

void drain(int fd)
{
	char sink[4096];
	size_t drained = 0;

	while (drained < DRAIN_MAX) {
		ssize_t length = recv(fd, sink, sizeof(sink), MSG_DONTWAIT);

		if (length <= 0)
			return;
		drained += (size_t)length;
	}
}
