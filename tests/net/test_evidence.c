/* SPDX-License-Identifier: Apache-2.0 */
#include "net/evidence.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct icmp_case {
	enum family family;
	int type, code;
	enum cause cause;
};

/* Numbers as the RFCs write them: RFC 792, RFC 1812 5.2.7.1, RFC 4443 3.1 - 3.3. */
static const struct icmp_case icmp_cases[] = {
	{ FAMILY_IPV4, 3, 0, CAUSE_ICMP_NET_UNREACHABLE },
	{ FAMILY_IPV4, 3, 1, CAUSE_ICMP_HOST_UNREACHABLE },
	{ FAMILY_IPV4, 3, 2, CAUSE_ICMP_PROTO_UNREACHABLE },
	{ FAMILY_IPV4, 3, 3, CAUSE_ICMP_PORT_UNREACHABLE },
	{ FAMILY_IPV4, 3, 4, CAUSE_NONE },
	{ FAMILY_IPV4, 3, 5, CAUSE_ICMP_HOST_UNREACHABLE },
	{ FAMILY_IPV4, 3, 6, CAUSE_ICMP_NET_UNREACHABLE },
	{ FAMILY_IPV4, 3, 7, CAUSE_ICMP_HOST_UNREACHABLE },
	{ FAMILY_IPV4, 3, 9, CAUSE_ICMP_NET_PROHIBITED },
	{ FAMILY_IPV4, 3, 10, CAUSE_ICMP_HOST_PROHIBITED },
	{ FAMILY_IPV4, 3, 11, CAUSE_ICMP_NET_UNREACHABLE },
	{ FAMILY_IPV4, 3, 12, CAUSE_ICMP_HOST_UNREACHABLE },
	{ FAMILY_IPV4, 3, 13, CAUSE_ICMP_ADMIN_PROHIBITED },
	{ FAMILY_IPV4, 3, 14, CAUSE_ICMP_ADMIN_PROHIBITED },
	{ FAMILY_IPV4, 3, 15, CAUSE_ICMP_ADMIN_PROHIBITED },
	{ FAMILY_IPV4, 11, 0, CAUSE_TTL_EXCEEDED },
	{ FAMILY_IPV4, 12, 0, CAUSE_ICMP_HOST_UNREACHABLE },
	{ FAMILY_IPV6, 1, 0, CAUSE_ICMP6_NO_ROUTE },
	{ FAMILY_IPV6, 1, 1, CAUSE_ICMP6_ADMIN_PROHIBITED },
	{ FAMILY_IPV6, 1, 2, CAUSE_ICMP6_ADDR_UNREACHABLE },
	{ FAMILY_IPV6, 1, 3, CAUSE_ICMP6_ADDR_UNREACHABLE },
	{ FAMILY_IPV6, 1, 4, CAUSE_ICMP6_PORT_UNREACHABLE },
	{ FAMILY_IPV6, 1, 5, CAUSE_ICMP6_POLICY_FAIL },
	{ FAMILY_IPV6, 1, 6, CAUSE_ICMP6_REJECT_ROUTE },
	{ FAMILY_IPV6, 2, 0, CAUSE_NONE },
	{ FAMILY_IPV6, 3, 0, CAUSE_TTL_EXCEEDED },
	{ FAMILY_IPV6, 4, 1, CAUSE_ICMP6_ADDR_UNREACHABLE },
};

static void test_icmp(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(icmp_cases) / sizeof(icmp_cases[0]); i++) {
		const struct icmp_case *row = &icmp_cases[i];
		struct address offender;
		struct finding finding;

		assert_true(address_parse("192.0.2.1", &offender));
		finding =
			evidence_from_icmp(row->family, row->type, row->code, &offender);
		assert_string_equal(cause_name(finding.cause), cause_name(row->cause));
		assert_int_equal(finding.verdict, cause_verdict(row->cause));
		assert_int_equal(finding.evidence.kind,
			row->family == FAMILY_IPV6 ? EVIDENCE_ICMP6 : EVIDENCE_ICMP);
		assert_int_equal(finding.evidence.type, row->type);
		assert_int_equal(finding.evidence.code, row->code);
		assert_true(address_equal(&finding.evidence.offender, &offender));
	}
}

struct errno_case {
	int error;
	enum cause cause;
	enum verdict verdict;
};

static const struct errno_case errno_cases[] = {
	{ ECONNREFUSED, CAUSE_REFUSED, VERDICT_FAILED },
	{ ECONNRESET, CAUSE_RESET, VERDICT_FAILED },
	{ EPIPE, CAUSE_RESET, VERDICT_FAILED },
	{ ETIMEDOUT, CAUSE_TIMEOUT, VERDICT_FAILED },
	{ ENETUNREACH, CAUSE_LOCAL_NO_ROUTE, VERDICT_UNKNOWN },
	{ EHOSTUNREACH, CAUSE_LOCAL_NO_ROUTE, VERDICT_UNKNOWN },
	{ EINVAL, CAUSE_LOCAL_NO_ROUTE, VERDICT_UNKNOWN },
	{ EAFNOSUPPORT, CAUSE_LOCAL_NO_ROUTE, VERDICT_UNKNOWN },
	{ ENETDOWN, CAUSE_LOCAL_LINK_DOWN, VERDICT_UNKNOWN },
	{ EPERM, CAUSE_LOCAL_DENIED, VERDICT_UNKNOWN },
	{ EACCES, CAUSE_LOCAL_DENIED, VERDICT_UNKNOWN },
	{ EMFILE, CAUSE_LOCAL_RESOURCE, VERDICT_UNKNOWN },
	{ ENFILE, CAUSE_LOCAL_RESOURCE, VERDICT_UNKNOWN },
	{ ENOBUFS, CAUSE_LOCAL_RESOURCE, VERDICT_UNKNOWN },
	{ ENOMEM, CAUSE_LOCAL_RESOURCE, VERDICT_UNKNOWN },
	{ EAGAIN, CAUSE_LOCAL_RESOURCE, VERDICT_UNKNOWN },
	{ EADDRNOTAVAIL, CAUSE_LOCAL_RESOURCE, VERDICT_UNKNOWN },
};

static void test_errno(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(errno_cases) / sizeof(errno_cases[0]); i++) {
		const struct errno_case *row = &errno_cases[i];
		struct finding finding = evidence_from_errno(row->error);
		bool local = cause_layer(row->cause) == LAYER_LOCAL;

		assert_string_equal(cause_name(finding.cause), cause_name(row->cause));
		assert_int_equal(finding.verdict, row->verdict);
		assert_int_equal(
			finding.evidence.kind, local ? EVIDENCE_LOCAL : EVIDENCE_NONE);
		assert_int_equal(finding.evidence.code, local ? row->error : 0);
	}
}

/* A port of loopback that nobody listens on. */
static socklen_t closed_port(int type, struct sockaddr_storage *ret_name)
{
	struct address address;
	socklen_t length;
	int fd;

	assert_true(address_parse("127.0.0.1", &address));
	length = address_to_socket(&address, 0, ret_name);
	fd = socket(AF_INET, type, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)ret_name, length), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)ret_name, &length), 0);
	close(fd);
	return length;
}

static void test_reset_of_tcp(void **state)
{
	struct pollfd wait = { .events = POLLOUT };
	struct sockaddr_storage name;
	struct finding finding;
	struct address peer;
	socklen_t length;

	(void)state;
	length = closed_port(SOCK_STREAM, &name);
	address_from_socket((struct sockaddr *)&name, &peer, NULL);
	wait.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	evidence_collect(wait.fd, FAMILY_IPV4);
	if (connect(wait.fd, (struct sockaddr *)&name, length) < 0)
		assert_int_equal(errno, EINPROGRESS);
	assert_int_equal(poll(&wait, 1, 5000), 1);
	finding = evidence_of_socket(wait.fd, 0, &peer);
	assert_int_equal(finding.cause, CAUSE_REFUSED);
	assert_int_equal(finding.evidence.kind, EVIDENCE_TCP_RESET);
	assert_true(address_equal(&finding.evidence.offender, &peer));
	close(wait.fd);
}

/* Several errors wait; the first is told, all are gone after it. */
static void test_queue_is_drained(void **state)
{
	struct pollfd wait = { .events = 0 };
	struct sockaddr_storage name;
	struct finding finding = { 0 };
	socklen_t length;

	(void)state;
	length = closed_port(SOCK_DGRAM, &name);
	wait.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	evidence_collect(wait.fd, FAMILY_IPV4);
	assert_false(evidence_from_queue(wait.fd, &finding));
	assert_int_equal(finding.cause, CAUSE_NONE);
	for (int i = 0; i < 3; i++)
		sendto(wait.fd, "x", 1, 0, (struct sockaddr *)&name, length);
	assert_int_equal(poll(&wait, 1, 5000), 1);
	assert_true(evidence_from_queue(wait.fd, &finding));
	assert_int_equal(finding.cause, CAUSE_ICMP_PORT_UNREACHABLE);
	assert_int_equal(poll(&wait, 1, 0), 0);
	close(wait.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_reset_of_tcp),
		cmocka_unit_test(test_queue_is_drained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
