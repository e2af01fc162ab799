/* SPDX-License-Identifier: Apache-2.0 */
#include "net/udp_socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cmocka.h>

int udp_socket(const char *literal, struct transport_address *ret_bound)
{
	struct sockaddr_storage name;
	struct address address;
	socklen_t length;
	int fd;

	assert_true(address_parse(literal ? literal : "127.0.0.1", &address));
	length = address_to_socket(&address, 0, &name);
	fd = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, length), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
	address_from_socket(
		(struct sockaddr *)&name, &ret_bound->address, &ret_bound->port);
	return fd;
}
