/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Self-examination in two network namespaces of the test's own, joined by a veth pair:
 * own0 is ours, far0 and what lies behind it is the network.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake/fake.h"
#include "net/host.h"

#define EXIT_SKIPPED 77
#define WORDS_MAX    24

static struct host *host;
static pid_t far_side; /* holds the other namespace open */

/* Failures of system calls, on demand. */
static struct {
	bool no_netlink;
	unsigned questions;
	int clock_status, clock_errno;
} fake;

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
ssize_t __real_sendto(int fd, const void *data, size_t length, int flags,
	const struct sockaddr *to, socklen_t to_length);
ssize_t __wrap_sendto(int fd, const void *data, size_t length, int flags,
	const struct sockaddr *to, socklen_t to_length);
int __wrap_adjtimex(struct timex *clock);

int __wrap_socket(int domain, int type, int protocol)
{
	if (fake.no_netlink && domain == AF_NETLINK) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	return __real_socket(domain, type, protocol);
}

ssize_t __wrap_sendto(int fd, const void *data, size_t length, int flags,
	const struct sockaddr *to, socklen_t to_length)
{
	fake.questions++;
	return __real_sendto(fd, data, length, flags, to, to_length);
}

int __wrap_adjtimex(struct timex *clock)
{
	errno = fake.clock_errno;
	clock->status = fake.clock_status;
	return fake.clock_errno ? -1 : fake.clock_status & STA_UNSYNC ? TIME_ERROR : 0;
}

/* \return exit status of a command given as one line of words */
static int __attribute__((format(printf, 1, 2))) run(const char *format, ...)
{
	char line[256], *words[WORDS_MAX], *place = NULL;
	size_t count = 0;
	va_list arguments;
	int status = -1;
	pid_t pid;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	for (char *word = strtok_r(line, " ", &place); word && count + 1 < WORDS_MAX;
		word = strtok_r(NULL, " ", &place))
		words[count++] = word;
	words[count] = NULL;
	if (posix_spawnp(&pid, words[0], NULL, NULL, words, environ) != 0)
		return -1;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define OURS(...) assert_int_equal(run("ip " __VA_ARGS__), 0)
#define THEIRS(command) \
	assert_int_equal(run("nsenter -t %d -n ip " command, (int)far_side), 0)

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return written;
}

/* Without root a user namespace makes us root of our own networks. */
static bool enter_namespace(void)
{
	char user[32], group[32];

	snprintf(user, sizeof(user), "0 %u 1\n", getuid());
	snprintf(group, sizeof(group), "0 %u 1\n", getgid());
	if (getuid() == 0)
		return unshare(CLONE_NEWNET) == 0;
	return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 &&
		write_file("/proc/self/setgroups", "deny") &&
		write_file("/proc/self/uid_map", user) &&
		write_file("/proc/self/gid_map", group);
}

static bool start_far_side(void)
{
	char octet = 0;
	int ready[2];

	if (pipe(ready) < 0)
		return false;
	far_side = fork();
	if (far_side == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		octet = unshare(CLONE_NEWNET) == 0;
		if (write(ready[1], &octet, 1) == 1)
			pause();
		_exit(0);
	}
	if (read(ready[0], &octet, 1) != 1)
		octet = 0;
	close(ready[0]);
	close(ready[1]);
	return octet == 1;
}

/* A healthy network: neighbours .2 and ::2, which are the gateways, a host behind them.
 */
static int begin(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake_clock_reset();
	OURS("link set lo up");
	OURS("link add own0 type veth peer name far0 netns %d", (int)far_side);
	THEIRS("link set lo up");
	THEIRS("addr add 192.0.2.2/24 dev far0");
	THEIRS("addr add 2001:db8::2/64 dev far0 nodad");
	THEIRS("addr replace 198.51.100.1/32 dev lo");
	THEIRS("addr replace 2001:db8:1::1/128 dev lo");
	THEIRS("link set far0 up");
	OURS("addr add 192.0.2.1/24 dev own0");
	OURS("addr add 2001:db8::1/64 dev own0 nodad");
	OURS("link set own0 up");
	OURS("route add default via 192.0.2.2");
	OURS("route add default via 2001:db8::2");
	return host_new(&host);
}

static int end(void **state)
{
	(void)state;
	host_free(host);
	host = NULL;
	return run("ip link del own0");
}

static struct address address_of(const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return address;
}

/* Sends a datagram there, so that the kernel looks for the neighbour. */
static int poke(const char *text)
{
	struct address address = address_of(text);
	struct sockaddr_storage to;
	socklen_t length = address_to_socket(&address, 9, &to);
	int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&to, length) == 0)
		assert_true(send(fd, "", 1, 0) >= 0);
	return fd;
}

/* Nothing listens at port 9: its ICMP says that the way there and back is whole. */
static void poke_and_await(const char *text)
{
	int fd = poke(text);
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&wait, 1, 3000), 1);
	assert_int_equal(recv(fd, &wait, sizeof(wait), MSG_DONTWAIT), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
}

static bool blames(const char *text, struct finding *finding)
{
	struct address address = address_of(text);

	return host_blames_itself(host, &address, finding);
}

static void check_blame(
	const char *target, enum cause cause, const char *who, const char *interface)
{
	struct finding finding = { 0 };
	struct address offender = { .family = FAMILY_NONE };

	print_message("[   blame  ] %s\n", target);
	if (who)
		offender = address_of(who);
	assert_true(blames(target, &finding));
	assert_string_equal(cause_name(finding.cause), cause_name(cause));
	assert_int_equal(finding.verdict, cause_verdict(cause));
	assert_int_equal(finding.evidence.kind, EVIDENCE_LOCAL);
	assert_true(address_equal(&finding.evidence.offender, &offender));
	assert_string_equal(finding.evidence.detail, interface);
}

static void test_healthy(void **state)
{
	static const char *const targets[] = { "192.0.2.2", "2001:db8::2", "198.51.100.1",
		"2001:db8:1::1" };
	struct host_state own;
	struct finding finding;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct address address = address_of(targets[i]);

		poke_and_await(targets[i]);
		assert_false(blames(targets[i], &finding));
		assert_true(host_has_route(host, &address));
	}
	host_examine(host, &own);
	assert_true(own.known);
	assert_true(own.link_up);
	assert_true(own.default_route_ipv4);
	assert_true(own.default_route_ipv6);
	assert_true(own.gateway_reachable);
	assert_string_equal(own.interface, "own0");
	assert_true(address_equal(
		&own.gateway, &(struct address){ FAMILY_IPV4, { 192, 0, 2, 2 }, 0 }));
}

static void test_dead_neighbour(void **state)
{
	static const char *const targets[] = { "192.0.2.99", "2001:db8::99" };
	struct host_state own;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		close(poke(targets[i]));
		check_blame(targets[i], CAUSE_ARP_FAILED, targets[i], "own0");
	}
	assert_int_equal(cause_verdict(CAUSE_ARP_FAILED), VERDICT_FAILED);
	host_examine(host, &own);
	assert_true(own.gateway_reachable);
}

static void test_dead_gateway(void **state)
{
	struct host_state own;

	(void)state;
	OURS("route replace default via 192.0.2.98");
	OURS("route del default via 2001:db8::2");
	OURS("route add default via 2001:db8::98");
	close(poke("198.51.100.1"));
	close(poke("2001:db8:1::1"));
	check_blame("198.51.100.1", CAUSE_LOCAL_ARP_FAILED, "192.0.2.98", "own0");
	check_blame("2001:db8:1::1", CAUSE_LOCAL_ARP_FAILED, "2001:db8::98", "own0");
	host_examine(host, &own);
	assert_true(own.default_route_ipv4);
	assert_false(own.gateway_reachable);
	assert_int_equal(own.gateway.bytes[3], 98);
}

/* An IPv4 route by way of an IPv6 neighbour (RFC 5549). */
static void test_dead_gateway_of_the_other_family(void **state)
{
	(void)state;
	OURS("-4 route replace default via inet6 2001:db8::97 dev own0");
	close(poke("198.51.100.1"));
	check_blame("198.51.100.1", CAUSE_LOCAL_ARP_FAILED, "2001:db8::97", "own0");
}

static void test_no_route(void **state)
{
	struct address ipv4 = address_of("198.51.100.1");
	struct address ipv6 = address_of("2001:db8:1::1");
	struct host_state own;

	(void)state;
	assert_true(host_has_route(host, &ipv4));
	assert_true(host_has_route(host, &ipv6));
	OURS("route del default");
	OURS("-6 route del default");
	check_blame("198.51.100.1", CAUSE_LOCAL_NO_ROUTE, NULL, "");
	check_blame("2001:db8:1::1", CAUSE_LOCAL_NO_ROUTE, NULL, "");
	assert_false(host_has_route(host, &ipv4));
	assert_false(host_has_route(host, &ipv6));
	host_examine(host, &own);
	assert_true(own.known);
	assert_true(own.link_up);
	assert_false(own.default_route_ipv4);
	assert_false(own.default_route_ipv6);
	assert_string_equal(own.interface, "");
}

static void test_routes_that_refuse(void **state)
{
	static const char *const kinds[] = { "unreachable", "prohibit", "blackhole" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		char ipv4[32], ipv6[32];

		snprintf(ipv4, sizeof(ipv4), "203.0.113.%d", i);
		snprintf(ipv6, sizeof(ipv6), "2001:db8:2::%d", i);
		OURS("route add %s %s/32", kinds[i], ipv4);
		OURS("route add %s %s/128", kinds[i], ipv6);
		check_blame(ipv4, CAUSE_LOCAL_NO_ROUTE, NULL, "");
		check_blame(ipv6, CAUSE_LOCAL_NO_ROUTE, NULL, "");
		OURS("route del %s %s/32", kinds[i], ipv4);
		OURS("route del %s %s/128", kinds[i], ipv6);
	}
}

/* Only the link's own address: a default route is of no use with it. */
static void test_no_source_address(void **state)
{
	struct address far = address_of("2001:db8:1::1");
	struct address near = address_of("fe80::1%own0");

	(void)state;
	OURS("addr add fe80::7/64 dev own0 nodad");
	OURS("addr del 2001:db8::1/64 dev own0");
	OURS("-6 route flush default");
	OURS("route add default via fe80::2 dev own0");
	assert_false(host_has_route(host, &far));
	assert_true(host_has_route(host, &near));
}

/* The cable is pulled: routes stay, the carrier goes. */
static void test_no_carrier(void **state)
{
	struct host_state own;

	(void)state;
	THEIRS("link set far0 down");
	check_blame("192.0.2.2", CAUSE_LOCAL_LINK_DOWN, NULL, "own0");
	check_blame("198.51.100.1", CAUSE_LOCAL_LINK_DOWN, NULL, "own0");
	check_blame("2001:db8::2", CAUSE_LOCAL_LINK_DOWN, NULL, "own0");
	host_examine(host, &own);
	assert_true(own.known);
	assert_false(own.link_up);
}

/* The link is switched off: its routes are gone with it. */
static void test_link_off(void **state)
{
	struct host_state own;

	(void)state;
	OURS("link set own0 down");
	check_blame("198.51.100.1", CAUSE_LOCAL_LINK_DOWN, NULL, "");
	check_blame("2001:db8:1::1", CAUSE_LOCAL_LINK_DOWN, NULL, "");
	host_examine(host, &own);
	assert_false(own.link_up);
}

static void test_own_addresses_are_never_blamed(void **state)
{
	static const char *const targets[] = { "127.0.0.1", "127.1.2.3", "::1",
		"192.0.2.1", "2001:db8::1", "192.0.2.255", "224.0.0.1" };
	struct finding finding;

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		close(poke(targets[0]));
		assert_false(blames(targets[i], &finding));
	}
}

static void test_the_kernel_is_asked_once_a_second(void **state)
{
	struct finding finding;
	unsigned asked;

	(void)state;
	assert_false(blames("192.0.2.99", &finding));
	asked = fake.questions;
	assert_true(asked > 0);
	close(poke("192.0.2.99"));
	for (int i = 0; i < 20; i++)
		assert_false(blames("192.0.2.99", &finding));
	assert_int_equal(fake.questions, asked + 0);
	fake_clock_advance(SECOND + 1);
	assert_true(blames("192.0.2.99", &finding));
	assert_true(fake.questions > asked);
}

static void test_without_netlink(void **state)
{
	struct address far = address_of("198.51.100.1");
	struct host_state own;
	struct finding finding;

	(void)state;
	host_free(host);
	fake.no_netlink = true;
	assert_int_equal(host_new(&host), 0);
	OURS("route replace default via 192.0.2.98");
	close(poke("198.51.100.1"));
	assert_false(blames("198.51.100.1", &finding));
	assert_true(host_has_route(host, &far));
	OURS("route del default");
	assert_false(blames("198.51.100.1", &finding));
	assert_false(host_has_route(host, &far));
	host_examine(host, &own);
	assert_false(own.known);
	assert_false(own.default_route_ipv4);
}

static void check_clock(int status, int error, bool known, bool synchronised)
{
	struct host_state own;

	fake.clock_status = status;
	fake.clock_errno = error;
	host_examine(host, &own);
	assert_int_equal(own.clock_known, known);
	assert_int_equal(own.clock_synchronised, synchronised);
}

static void test_clock(void **state)
{
	(void)state;
	check_clock(STA_PLL, 0, true, true);
	check_clock(STA_UNSYNC, 0, true, false);
	check_clock(0, EPERM, false, false);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_healthy),
		SCENE(test_dead_neighbour),
		SCENE(test_dead_gateway),
		SCENE(test_dead_gateway_of_the_other_family),
		SCENE(test_no_route),
		SCENE(test_routes_that_refuse),
		SCENE(test_no_source_address),
		SCENE(test_no_carrier),
		SCENE(test_link_off),
		SCENE(test_own_addresses_are_never_blamed),
		SCENE(test_the_kernel_is_asked_once_a_second),
		SCENE(test_without_netlink),
		SCENE(test_clock),
	};
	int failed;

	if (!enter_namespace() || !start_far_side()) {
		puts("skipped: no network namespace may be made here");
		return EXIT_SKIPPED;
	}
	if (run("ip link set lo up") != 0) {
		puts("skipped: the program ip is not there");
		return EXIT_SKIPPED;
	}
	failed = cmocka_run_group_tests_name("own host", tests, NULL, NULL);
	kill(far_side, SIGKILL);
	waitpid(far_side, NULL, 0);
	return failed;
}
