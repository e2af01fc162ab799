/* SPDX-License-Identifier: Apache-2.0 */
/* The test plays systemd: it binds the socket and reads what the daemon says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "program/notify.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int bind_socket(const char *path, bool abstract)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, length);
	if (abstract)
		address.sun_path[0] = '\0';
	assert_true(fd >= 0);
	assert_int_equal(
		bind(fd, (struct sockaddr *)&address,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
		0);
	return fd;
}

static void assert_heard(int fd, const char *wanted)
{
	char heard[256];
	ssize_t length = recv(fd, heard, sizeof(heard) - 1, 0);

	assert_true(length >= 0);
	heard[length] = '\0';
	assert_string_equal(heard, wanted);
}

static void assert_silence(int fd)
{
	char heard[256];

	assert_int_equal(recv(fd, heard, sizeof(heard), 0), -1);
	assert_int_equal(errno, EAGAIN);
}

static void assert_reloading(int fd)
{
	char heard[256] = "";
	long long micros;

	assert_true(recv(fd, heard, sizeof(heard) - 1, 0) > 0);
	assert_int_equal(sscanf(heard, "RELOADING=1\nMONOTONIC_USEC=%lld", &micros), 1);
	assert_in_range(clock_now_us() - micros, 0, 5 * SECOND);
}

static void converse(const char *name, bool abstract)
{
	int systemd = bind_socket(name, abstract);
	struct notify notify;

	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_int_equal(fcntl(notify.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(notify_tell(&notify, NOTIFY_READY), 0);
	assert_heard(systemd, "READY=1");
	assert_int_equal(notify_tell(&notify, NOTIFY_RELOADING), 0);
	assert_reloading(systemd);
	assert_int_equal(notify_tell(&notify, NOTIFY_WATCHDOG), 0);
	assert_heard(systemd, "WATCHDOG=1");
	assert_int_equal(notify_status(&notify, "2 failed\nREADY=1 prüft"), 0);
	assert_heard(systemd, "STATUS=2 failed READY=1 prüft");
	assert_int_equal(notify_tell(&notify, NOTIFY_STOPPING), 0);
	assert_heard(systemd, "STOPPING=1");
	assert_silence(systemd);
	close(systemd);
	assert_true(notify_tell(&notify, NOTIFY_WATCHDOG) < 0);
	notify_close(&notify);
	assert_int_equal(notify.fd, -1);
}

static void test_path(void **state)
{
	char folder[] = "/tmp/notify.XXXXXX";
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	converse(path, false);
	unlink(path);
	rmdir(folder);
}

static void test_abstract(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "@starface-exporter-test-%d", (int)getpid());
	converse(name, true);
}

static void test_nobody_listens(void **state)
{
	struct notify notify;

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify.fd, -1);
	assert_int_equal(notify.watchdog_us, 0);
	assert_null(getenv("WATCHDOG_USEC"));
	assert_int_equal(notify_tell(&notify, NOTIFY_READY), 0);
	assert_int_equal(notify_status(&notify, "unheard"), 0);
	notify_close(&notify);
}

static void test_a_full_queue_does_not_block(void **state)
{
	char name[64];
	struct notify notify;
	int systemd, result = 0;

	(void)state;
	snprintf(name, sizeof(name), "@starface-exporter-full-%d", (int)getpid());
	systemd = bind_socket(name, true);
	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_open(&notify), 0);
	for (int i = 0; i < 100000 && result == 0; i++)
		result = notify_tell(&notify, NOTIFY_WATCHDOG);
	assert_int_equal(result, -EAGAIN);
	notify_close(&notify);
	close(systemd);
}

static const struct {
	const char *socket;
	int error;
} wrong_sockets[] = {
	{ "", -EAFNOSUPPORT },
	{ "relative", -EAFNOSUPPORT },
	{ "vsock:2:1234", -EAFNOSUPPORT },
	{ "/", -EINVAL },
	{ "@", -EINVAL },
	{ "/nowhere/at/all", -ENOENT },
	{ "/0123456789012345678901234567890123456789012345678901234567890123456789"
	  "0123456789012345678901234567890123456789",
		-EINVAL },
};

static void test_wrong_sockets(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong_sockets); i++) {
		struct notify notify = { .fd = 99 };

		setenv("NOTIFY_SOCKET", wrong_sockets[i].socket, 1);
		assert_int_equal(notify_open(&notify), wrong_sockets[i].error);
		assert_int_equal(notify.fd, -1);
		assert_null(getenv("NOTIFY_SOCKET"));
	}
}

enum whose { NOBODYS, OURS, ANOTHERS };

static void set_pid(const char *variable, enum whose whose)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid() + (whose == ANOTHERS));
	if (whose == NOBODYS)
		unsetenv(variable);
	else
		setenv(variable, pid, 1);
}

static const struct {
	const char *micros;
	enum whose whose;
	int64_t wanted;
} watchdogs[] = {
	{ "30000000", OURS, 30000000 },
	{ "30000000", NOBODYS, 30000000 },
	{ "30000000", ANOTHERS, 0 },
	{ "0", OURS, 0 },
	{ "", OURS, 0 },
	{ "-1", OURS, 0 },
	{ "30s", OURS, 0 },
	{ "18446744073709551615", OURS, 0 },
	{ "99999999999999999999", OURS, 0 },
};

static void test_watchdog(void **state)
{
	char name[64];
	int systemd;

	(void)state;
	snprintf(name, sizeof(name), "@starface-exporter-watchdog-%d", (int)getpid());
	systemd = bind_socket(name, true);
	for (size_t i = 0; i < COUNT(watchdogs); i++) {
		struct notify notify;

		setenv("NOTIFY_SOCKET", name, 1);
		setenv("WATCHDOG_USEC", watchdogs[i].micros, 1);
		set_pid("WATCHDOG_PID", watchdogs[i].whose);
		assert_int_equal(notify_open(&notify), 0);
		assert_int_equal(notify.watchdog_us, watchdogs[i].wanted);
		assert_null(getenv("WATCHDOG_PID"));
		notify_close(&notify);
	}
	close(systemd);
}

static const struct {
	const char *count;
	enum whose whose;
	unsigned wanted;
} listens[] = {
	{ "2", OURS, 2 }, { "2", ANOTHERS, 0 }, { "2", NOBODYS, 0 }, { "0", OURS, 0 },
	{ "x", OURS, 0 }, { "65", OURS, 0 }, { "60", OURS, 0 }, /* not open */
};

/* Descriptors 3 and 4 become what systemd would have left there; it is the last test. */
static void test_listen_fds(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(dup2(STDERR_FILENO, 3 + i), 3 + i);
	for (size_t i = 0; i < COUNT(listens); i++) {
		int first = -1;

		setenv("LISTEN_FDS", listens[i].count, 1);
		setenv("LISTEN_FDNAMES", "web:web", 1);
		set_pid("LISTEN_PID", listens[i].whose);
		assert_int_equal(notify_listen_fds(&first), listens[i].wanted);
		assert_null(getenv("LISTEN_FDS"));
		assert_null(getenv("LISTEN_PID"));
		assert_null(getenv("LISTEN_FDNAMES"));
		if (listens[i].wanted) {
			assert_int_equal(first, 3);
			assert_int_equal(fcntl(4, F_GETFD), FD_CLOEXEC);
		}
	}
	close(3);
	close(4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_abstract),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_a_full_queue_does_not_block),
		cmocka_unit_test(test_wrong_sockets),
		cmocka_unit_test(test_watchdog),
		cmocka_unit_test(test_listen_fds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
