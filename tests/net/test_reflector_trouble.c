/* SPDX-License-Identifier: Apache-2.0 */
/* The reflector without memory, descriptors, rights or room: it says so and goes on. */
#include "net/reflector.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/reflectors.h"

#define SKIPPED 77

/* Calls until one fails; below 0 = none does. */
static long allocations_left = -1, sockets_left = -1, epolls_left = -1;
static bool bpf_is_denied, answers_fail;
static unsigned wakes;

static bool fails(long *left)
{
	return *left >= 0 && (*left)-- == 0;
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	return fails(&allocations_left) ? NULL : __real_calloc(count, size);
}

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);

/* Once there is none it stays so. */
int __wrap_socket(int domain, int type, int protocol)
{
	if (sockets_left == 0) {
		errno = EMFILE;
		return -1;
	}
	if (sockets_left > 0)
		sockets_left--;
	return __real_socket(domain, type, protocol);
}

int __real_epoll_ctl(int set, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int set, int operation, int fd, struct epoll_event *event);

int __wrap_epoll_ctl(int set, int operation, int fd, struct epoll_event *event)
{
	if (fails(&epolls_left)) {
		errno = ENOSPC;
		return -1;
	}
	return __real_epoll_ctl(set, operation, fd, event);
}

int __real_epoll_wait(int set, struct epoll_event *events, int most, int timeout);
int __wrap_epoll_wait(int set, struct epoll_event *events, int most, int timeout);

/* The reflector's own; the loop's are libevent's. */
int __wrap_epoll_wait(int set, struct epoll_event *events, int most, int timeout)
{
	wakes++;
	return __real_epoll_wait(set, events, most, timeout);
}

ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	if (answers_fail) {
		errno = EPERM; /* a firewall of this host */
		return -1;
	}
	return __real_sendmsg(fd, message, flags);
}

long __real_syscall(long number, long a, void *b, long c);
long __wrap_syscall(long number, long a, void *b, long c);

long __wrap_syscall(long number, long a, void *b, long c)
{
	if (bpf_is_denied) {
		errno = EPERM;
		return -1;
	}
	return __real_syscall(number, a, b, c);
}

static size_t descriptors(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 2000; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The n-th allocation fails, for every n. */
static void no_memory(void **state)
{
	struct world *world = *state;
	size_t before = descriptors();

	for (long n = 0;; n++) {
		struct reflector *reflector = NULL;
		struct text error = { 0 };
		int result;

		allocations_left = n;
		result = reflector_new(world->loop, &world->settings, &reflector, &error);
		if (allocations_left >= 0) {
			allocations_left = -1;
			assert_int_equal(result, 0);
			reflector_free(reflector);
			assert_true(n > 3);
			break;
		}
		assert_int_equal(result, -ENOMEM);
		assert_null(reflector);
		assert_true(error.length > 0);
		text_done(&error);
	}
	assert_int_equal(descriptors(), before);
}

static bool all_are_held(struct world *world)
{
	return world_ports(world, REFLECTOR_HELD) == 10;
}

/* It serves what it could open, and opens the others when that is possible again. */
static void no_descriptors(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	int fd = sender_open("127.0.0.1");
	struct echo echo;

	sockets_left = 4;
	world_start(world);
	assert_int_equal(world_ports(world, REFLECTOR_HELD), 4);
	assert_int_equal(world_ports(world, REFLECTOR_FAILED), 6);
	assert_int_equal(world_error(world), EMFILE);
	assert_true(ask(world, fd, "127.0.0.1", FIRST + 3, &request, &echo));
	sockets_left = -1;
	world_until(world, all_are_held);
	assert_true(ask(world, fd, "127.0.0.1", LAST, &request, &echo));
	close(fd);
}

/* The kernel's limit of watches. */
static void no_watches(void **state)
{
	struct world *world = *state;
	size_t before = descriptors();

	epolls_left = 3;
	world_start(world);
	assert_true(world_ports(world, REFLECTOR_FAILED) <= 1);
	world_until(world, all_are_held);
	reflector_free(world->reflector);
	world->reflector = NULL;
	assert_int_equal(descriptors(), before);
}

static void answers_are_refused(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	struct reflector_statistics statistics;
	int fd = sender_open("127.0.0.1");
	struct echo echo;

	world_start(world);
	answers_fail = true;
	assert_true(ask_in_vain(world, fd, "127.0.0.1", FIRST, &request));
	answers_fail = false;
	reflector_count(world->reflector, &statistics);
	assert_int_equal(statistics.unsent, 1);
	assert_true(ask(world, fd, "127.0.0.1", FIRST, &request, &echo));
	close(fd);
}

/*
 * A child, as the trial of a configuration, has copies of sockets that are given up. It
 * ends by itself: who is woken without end does nothing else meanwhile.
 */
static void a_child_has_copies(void **state)
{
	struct world *world = *state;
	const struct stamp_request request = { .ssid = 9 };
	int fd = sender_open("127.0.0.1");
	struct echo echo;
	pid_t child;

	world_start(world);
	child = fork();
	if (child == 0) {
		alarm(3);
		pause();
	}
	assert_true(child > 0);
	world->range.last = FIRST + 4;
	world_replace(world);
	world_until(world, world_changed);
	wakes = 0;
	assert_true(ask_in_vain(world, fd, "127.0.0.1", LAST, &request));
	assert_true(wakes < 10);
	assert_true(ask(world, fd, "127.0.0.1", FIRST, &request, &echo));
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(fd);
}

/* Says which right is missing, and leaves nothing behind. */
static void no_right_to_steer(void **state)
{
	static struct reflection_source source = { { FAMILY_IPV4, { 192, 0, 2, 1 }, 0 },
		32 };
	struct world *world = *state;
	struct reflector *reflector = NULL;
	struct text error = { 0 };
	size_t before = descriptors();

	world->settings.steers = true;
	world->settings.sources = &source;
	world->settings.source_count = 1;
	bpf_is_denied = true;
	assert_int_equal(
		reflector_new(world->loop, &world->settings, &reflector, &error), -EPERM);
	bpf_is_denied = false;
	assert_string_equal(error.data,
		"steering: the program in the kernel: the right is missing; give the "
		"process CAP_BPF, CAP_NET_ADMIN and CAP_NET_RAW, as systemd's unit "
		"shows, "
		"or write steer = false");
	assert_null(reflector);
	assert_int_equal(descriptors(), before);
	text_done(&error);
}

/* Each of its sockets in turn is not to be had. */
static void no_sockets_to_steer(void **state)
{
	static struct reflection_source source = { { FAMILY_IPV4, { 192, 0, 2, 1 }, 0 },
		32 };
	struct world *world = *state;
	size_t before = descriptors();

	world->settings.steers = true;
	world->settings.sources = &source;
	world->settings.source_count = 1;
	for (long n = 0; n < 3; n++) {
		struct reflector *reflector = NULL;
		struct text error = { 0 };
		int result;

		sockets_left = n;
		result = reflector_new(world->loop, &world->settings, &reflector, &error);
		sockets_left = -1;
		if (result == -EPERM)
			skip();
		assert_int_equal(result, -EMFILE);
		assert_non_null(strstr(error.data, "steering: "));
		text_done(&error);
	}
	assert_int_equal(descriptors(), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_memory),
		TEST(no_descriptors),
		TEST(no_watches),
		TEST(answers_are_refused),
		TEST(a_child_has_copies),
		TEST(no_right_to_steer),
		TEST(no_sockets_to_steer),
	};

	if (!leave_network())
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
