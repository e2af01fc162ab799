/* SPDX-License-Identifier: Apache-2.0 */
#include "net/route.h"

#include <errno.h>
#include <unistd.h>

#define ANY_PORT 9

/* Connecting a UDP socket makes the kernel look for route and source, no more. */
int route_source_of(int fd, const struct address *to, uint16_t port,
	struct transport_address *ret_source)
{
	struct sockaddr_storage place;
	socklen_t length = address_to_socket(to, port, &place);
	struct sockaddr *name = (struct sockaddr *)&place;

	if (connect(fd, name, length) < 0)
		return -errno;
	length = sizeof(place);
	if (getsockname(fd, name, &length) < 0)
		return -errno;
	address_from_socket(name, &ret_source->address, &ret_source->port);
	return 0;
}

int route_source_to(const struct address *to, uint16_t port, struct address *ret_source)
{
	int domain = to->family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
	struct transport_address source;
	int fd, result;

	if (to->family == FAMILY_NONE)
		return -EAFNOSUPPORT;
	fd = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	result = route_source_of(fd, to, port, &source);
	close(fd);
	if (result == 0)
		*ret_source = source.address;
	return result;
}

int route_source(const struct address *to, struct address *ret_source)
{
	return route_source_to(to, ANY_PORT, ret_source);
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
