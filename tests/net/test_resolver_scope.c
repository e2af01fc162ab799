/* SPDX-License-Identifier: Apache-2.0 */
/* A name server on the link is asked through its interface. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/dns_partner.h"

static struct sockaddr_in6 asked;

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t length);

/* There is no server on such an address here: seeing who would be asked is enough. */
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t length)
{
	(void)fd;
	assert_int_equal(length, sizeof(asked));
	asked = *(const struct sockaddr_in6 *)to;
	errno = ENETDOWN;
	return -1;
}

static void test_scope(void **state)
{
	struct resolver_server server = { .port = 53 };
	const struct resolver_server *servers;
	struct resolver *resolver;
	struct resolution resolution;
	struct loop *loop;

	(void)state;
	assert_true(address_parse("fe80::53%lo", &server.address));
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(resolver_new(loop, &server, 1, &resolver), 0);
	resolution = asker_wait(loop, resolver, "a.test", FAMILY_IPV4);
	assert_int_equal(asked.sin6_scope_id, if_nametoindex("lo"));
	assert_memory_equal(&asked.sin6_addr, server.address.bytes, 16);
	assert_int_equal(resolution.finding.cause, CAUSE_LOCAL_LINK_DOWN);
	assert_int_equal(resolver_servers(resolver, &servers), 1);
	assert_true(address_equal(&servers[0].address, &server.address));
	resolver_free(resolver);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scope),
	};

	return cmocka_run_group_tests_name("resolver scope", tests, NULL, NULL);
}
