/* SPDX-License-Identifier: Apache-2.0 */
#include "net/route.h"

#include <errno.h>
#include <unistd.h>

/* Connecting a UDP socket makes the kernel look for route and source, no more. */
static int connect_and_look(
	int fd, struct sockaddr *to, socklen_t length, struct address *ret_source)
{
	if (connect(fd, to, length) < 0 || getsockname(fd, to, &length) < 0)
		return -errno;
	address_from_socket(to, ret_source, NULL);
	return 0;
}

int route_source(const struct address *to, struct address *ret_source)
{
	struct sockaddr_storage place;
	socklen_t length = address_to_socket(to, 9, &place);
	int fd, result;

	if (length == 0)
		return -EAFNOSUPPORT;
	fd = socket(place.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	result = connect_and_look(fd, (struct sockaddr *)&place, length, ret_source);
	close(fd);
	return result;
}

/*
 * Routing to an address of our own chooses that address as the source. bind() would tell
 * the same, but says yes to every address where net.ipv4.ip_nonlocal_bind is set.
 */
bool address_is_own(const struct address *address)
{
	struct address source;

	return route_source(address, &source) == 0 && address_equal(&source, address);
}
