/* SPDX-License-Identifier: Apache-2.0 */
#include "net/segment.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

void segment_limit(int fd, uint16_t octets)
{
	int size = octets;

	/* a kernel that refuses the size leaves the path's own: the second look then sees
	 * what the first saw, which is the truth */
	if (size > 0)
		setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &size, sizeof(size));
}
