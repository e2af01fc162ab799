/* SPDX-License-Identifier: Apache-2.0 */
#include "program/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

/* The first descriptor that systemd hands over, after standard error. */
#define LISTEN_FDS_START 3

/* More would not be descriptors but a forged environment. */
#define LISTEN_FDS_MAX 64

/* Decimal digits only; 0 for anything else, an absent variable included. */
static uint64_t number_of(const char *text)
{
	char *end;
	unsigned long long number;

	if (!text || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	number = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' ? number : 0;
}

/* The path of a socket, or with "@" a name in the abstract namespace. */
static int address_of(
	const char *name, struct sockaddr_un *ret_address, socklen_t *ret_length)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(name);

	if (name[0] != '/' && name[0] != '@')
		return -EAFNOSUPPORT;
	if (length < 2 || !text_copy(address.sun_path, sizeof(address.sun_path), name))
		return -EINVAL;
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	/* An abstract name ends where the length says: the NUL would be part of it. */
	*ret_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length +
		(name[0] == '/'));
	*ret_address = address;
	return 0;
}

static int socket_open(const char *name)
{
	struct sockaddr_un address;
	socklen_t length;
	int error = address_of(name, &address, &length);
	int fd;

	if (error < 0)
		return error;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, length) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

/* $WATCHDOG_PID names who is watched; absent, it is whoever reads this. */
static int64_t watchdog_of_environment(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	uint64_t micros = number_of(getenv("WATCHDOG_USEC"));

	if (pid && number_of(pid) != (uint64_t)getpid())
		return 0;
	return micros <= INT64_MAX ? (int64_t)micros : 0;
}

int notify_open(struct notify *ret_notify)
{
	const char *name = getenv("NOTIFY_SOCKET");
	int fd = name ? socket_open(name) : -1;

	*ret_notify = (struct notify){
		.fd = fd < 0 ? -1 : fd,
		.watchdog_us = fd < 0 ? 0 : watchdog_of_environment(),
	};
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return name && fd < 0 ? fd : 0;
}

void notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	*notify = (struct notify){ .fd = -1 };
}

static int send_text(const struct notify *notify, struct text *text)
{
	ssize_t sent = 0;
	int error = 0;

	if (text_failed(text))
		error = -ENOMEM;
	else
		sent = send(notify->fd, text->data, text->length,
			MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0)
		error = -errno;
	text_done(text);
	return error;
}

static const char *const states[NOTIFY_STATE_COUNT] = {
	[NOTIFY_READY] = "READY=1",
	[NOTIFY_RELOADING] = "RELOADING=1",
	[NOTIFY_STOPPING] = "STOPPING=1",
	[NOTIFY_WATCHDOG] = "WATCHDOG=1",
};

/*
 * Reloading carries the time it began, so that systemd 253 and later (Type=notify-reload)
 * can tell this reload from one before it.
 */
int notify_tell(const struct notify *notify, enum notify_state state)
{
	struct text text = { 0 };

	if (notify->fd < 0)
		return 0;
	text_append(&text, states[state]);
	if (state == NOTIFY_RELOADING)
		text_format(&text, "\nMONOTONIC_USEC=%lld", (long long)clock_now_us());
	return send_text(notify, &text);
}

/* A line break would begin another assignment. */
int notify_status(const struct notify *notify, const char *sentence)
{
	struct text text = { 0 };

	if (notify->fd < 0)
		return 0;
	text_append(&text, "STATUS=");
	for (; *sentence; sentence++)
		text_append_char(&text, (unsigned char)*sentence < ' ' ? ' ' : *sentence);
	return send_text(notify, &text);
}

static unsigned listen_fds_of_environment(void)
{
	uint64_t count = number_of(getenv("LISTEN_FDS"));

	if (number_of(getenv("LISTEN_PID")) != (uint64_t)getpid() ||
		count > LISTEN_FDS_MAX)
		return 0;
	return (unsigned)count;
}

unsigned notify_listen_fds(int *ret_first)
{
	unsigned count = listen_fds_of_environment();

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	for (unsigned i = 0; i < count; i++) {
		if (fcntl(LISTEN_FDS_START + (int)i, F_SETFD, FD_CLOEXEC) < 0)
			return 0;
	}
	*ret_first = LISTEN_FDS_START;
	return count;
}
