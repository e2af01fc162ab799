/* SPDX-License-Identifier: Apache-2.0 */
/* Volleys while the kernel refuses what is asked of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/udp_socket.h"
#include "net/volley_talk.h"

int __real_setsockopt(int, int, int, const void *, socklen_t);
int __wrap_setsockopt(int, int, int, const void *, socklen_t);
int __real_sendmmsg(int, struct mmsghdr *, unsigned, int);
int __wrap_sendmmsg(int, struct mmsghdr *, unsigned, int);
int __real_recvmmsg(int, struct mmsghdr *, unsigned, int, struct timespec *);
int __wrap_recvmmsg(int, struct mmsghdr *, unsigned, int, struct timespec *);
void *__real_calloc(size_t, size_t);
void *__wrap_calloc(size_t, size_t);

/* What the kernel is made to do. */
static struct {
	bool stamps_refused, forcing_refused, no_memory;
	unsigned sends;   /* after so many sendmmsg() comes … */
	int send_error;   /* … this error, if any … */
	unsigned errors;  /* … so often */
	unsigned at_most; /* datagrams of one sendmmsg(); 0 = all */
	int receive_error;
} kernel;

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	if (kernel.stamps_refused && level == SOL_SOCKET && name == SO_TIMESTAMPNS) {
		errno = ENOPROTOOPT;
		return -1;
	}
	if (kernel.forcing_refused && level == SOL_SOCKET && name == SO_RCVBUFFORCE) {
		errno = EPERM;
		return -1;
	}
	return __real_setsockopt(fd, level, name, value, length);
}

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	if (kernel.sends > 0) {
		kernel.sends--;
	} else if (kernel.send_error != 0 && kernel.errors > 0) {
		kernel.errors--;
		errno = kernel.send_error;
		return -1;
	}
	if (kernel.at_most > 0 && count > kernel.at_most)
		count = kernel.at_most;
	return __real_sendmmsg(fd, messages, count, flags);
}

int __wrap_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
	struct timespec *timeout)
{
	if (kernel.receive_error != 0) {
		errno = kernel.receive_error;
		return -1;
	}
	return __real_recvmmsg(fd, messages, count, flags, timeout);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return kernel.no_memory ? NULL : __real_calloc(count, size);
}

static int mend(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	return 0;
}

static void test_stamp_missing(void **state)
{
	struct volley_talk talk;

	(void)state;
	kernel.stamps_refused = true;
	talk_begin(&talk, "127.0.0.1", 1);
	kernel.stamps_refused = false;
	talk_say(&talk, "hello", 1);
	partner_echoes(&talk, 0, "world");
	talk_turn(&talk, PATIENCE);
	assert_false(talk.last.stamped);
	assert_in_range(
		talk.last.arrived_ns / 1000, clock_wall_us() - PATIENCE, clock_wall_us());
	talk_end(&talk);
}

static void test_without_privilege(void **state)
{
	struct volley_talk talk;

	(void)state;
	kernel.forcing_refused = true;
	talk_begin(&talk, "127.0.0.1", 1);
	kernel.forcing_refused = false;
	talk_say(&talk, "hello", 1);
	partner_echoes(&talk, 0, "world");
	talk_turn(&talk, PATIENCE);
	assert_string_equal(talk.order, "a");
	talk_end(&talk);
}

static void test_full_buffer(void **state)
{
	static const int full[] = { EAGAIN, ENOBUFS };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct volley_talk talk;

		talk_begin(&talk, "127.0.0.1", 3);
		kernel.at_most = 2;
		kernel.sends = 1;
		kernel.send_error = full[i];
		kernel.errors = 1;
		assert_int_equal(talk_say(&talk, "hello", 3), 2);
		assert_int_equal(talk_say(&talk, "hello", 3), 3);
		assert_int_equal(talk.failures, 0);
		talk_end(&talk);
	}
}

/* One error for each datagram of a batch: none of them is ours. */
static void test_all_refused_at_once(void **state)
{
	struct volley_talk talk;

	(void)state;
	talk_begin(&talk, "127.0.0.1", 3);
	kernel.send_error = ECONNREFUSED;
	kernel.errors = VOLLEY_BATCH;
	assert_int_equal(talk_say(&talk, "hello", 3), 3);
	assert_int_equal(talk.failures, 0);
	talk_end(&talk);
}

/* The kernel sends one datagram and then says this, so many times. */
static void begin_trouble(
	struct volley_talk *talk, bool close_within, int send_error, unsigned errors)
{
	talk_begin(talk, "127.0.0.1", 3);
	talk->close_within = close_within;
	kernel.at_most = 1;
	kernel.sends = 1;
	kernel.send_error = send_error;
	kernel.errors = errors;
}

static void test_own_trouble(void **state)
{
	struct volley_talk talk;

	(void)state;
	for (int close_within = 0; close_within < 2; close_within++) {
		begin_trouble(&talk, close_within == 1, EACCES, 1000);
		assert_int_equal(talk_say(&talk, "hello", 3), 1);
		assert_string_equal(talk.order, "f");
		assert_int_equal(talk.finding.cause, CAUSE_LOCAL_DENIED);
		assert_int_equal(talk.finding.verdict, VERDICT_UNKNOWN);
		talk_end(&talk);
	}
}

/* A rule of our own host takes one datagram: the others are sent. */
static void test_own_rule(void **state)
{
	struct volley_talk talk;

	(void)state;
	for (int close_within = 0; close_within < 2; close_within++) {
		begin_trouble(&talk, close_within == 1, EPERM, 1);
		assert_int_equal(talk_say(&talk, "hello", 3), talk.close_within ? 1 : 3);
		assert_string_equal(talk.order, "r");
		assert_int_equal(talk.refused_port, talk.ports[1]);
		assert_int_equal(talk.finding.cause, CAUSE_LOCAL_DENIED);
		assert_int_equal(talk.finding.verdict, VERDICT_UNKNOWN);
		talk_end(&talk);
	}
}

static void test_no_memory_to_receive(void **state)
{
	struct volley_talk talk;

	(void)state;
	for (int close_within = 0; close_within < 2; close_within++) {
		talk_begin(&talk, "127.0.0.1", 1);
		talk.close_within = close_within == 1;
		talk_say(&talk, "hello", 1);
		partner_echoes(&talk, 0, "world");
		kernel.receive_error = ENOMEM;
		talk_turn(&talk, PATIENCE);
		kernel.receive_error = 0;
		assert_string_equal(talk.order, "f");
		assert_int_equal(talk.finding.cause, CAUSE_LOCAL_RESOURCE);
		talk_end(&talk);
	}
}

static const struct volley_events no_events = { 0 };

static void test_nothing_left(void **state)
{
	struct volley_settings settings = { .events = &no_events };
	struct rlimit limit, none;
	struct finding finding;

	(void)state;
	assert_int_equal(loop_new(&settings.loop), 0);
	assert_true(address_parse("127.0.0.1", &settings.address));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_null(volley_open(&settings, &finding));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(finding.cause, CAUSE_LOCAL_RESOURCE);
	assert_int_equal(finding.evidence.code, EMFILE);
	kernel.no_memory = true;
	assert_null(volley_open(&settings, &finding));
	kernel.no_memory = false;
	assert_int_equal(finding.cause, CAUSE_LOCAL_RESOURCE);
	assert_int_equal(finding.evidence.code, ENOMEM);
	volley_close(NULL);
	loop_free(settings.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stamp_missing, mend),
		cmocka_unit_test_setup(test_without_privilege, mend),
		cmocka_unit_test_setup(test_full_buffer, mend),
		cmocka_unit_test_setup(test_all_refused_at_once, mend),
		cmocka_unit_test_setup(test_own_trouble, mend),
		cmocka_unit_test_setup(test_own_rule, mend),
		cmocka_unit_test_setup(test_no_memory_to_receive, mend),
		cmocka_unit_test_setup(test_nothing_left, mend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
