/* SPDX-License-Identifier: Apache-2.0 */
#include "net/path_mtu.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t mtu_of_socket(int fd, enum family family)
{
	socklen_t length = sizeof(int);
	int mtu = 0;
	int result = family == FAMILY_IPV6
		? getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &length)
		: getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &length);

	return result == 0 && mtu > 0 ? (size_t)mtu : 0;
}

/* Only a connected socket has a path; the discard port is never sent to. */
size_t path_mtu(const struct address *to)
{
	struct sockaddr_storage place;
	socklen_t length = address_to_socket(to, 9, &place);
	size_t mtu = 0;
	int fd;

	if (length == 0)
		return 0;
	fd = socket(place.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	if (connect(fd, (struct sockaddr *)&place, length) == 0)
		mtu = mtu_of_socket(fd, to->family);
	close(fd);
	return mtu;
}

static void set_discovery(int fd, enum family family, int ipv4, int ipv6)
{
	if (family == FAMILY_IPV6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &ipv6, sizeof(ipv6));
	else
		setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &ipv4, sizeof(ipv4));
}

void path_mtu_whole(int fd, enum family family)
{
	set_discovery(fd, family, IP_PMTUDISC_PROBE, IPV6_PMTUDISC_PROBE);
}

void path_mtu_usual(int fd, enum family family)
{
	set_discovery(fd, family, IP_PMTUDISC_WANT, IPV6_PMTUDISC_WANT);
}

size_t path_mtu_udp_header(enum family family)
{
	return family == FAMILY_IPV6 ? 40 + 8 : 20 + 8;
}
