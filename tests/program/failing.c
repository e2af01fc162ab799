/* SPDX-License-Identifier: Apache-2.0 */
#include "program/failing.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Successes until one fails; -1 = none fails. */
static int left[FAULT_COUNT] = { -1, -1, -1, -1 };

static bool granted(enum fault fault, int error)
{
	if (left[fault] < 0 || left[fault]-- > 0)
		return true;
	errno = error;
	return false;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
int __real_socket(int domain, int type, int protocol);
int __real_connect(int fd, const struct sockaddr *name, socklen_t length);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *name, socklen_t length);

void *__wrap_malloc(size_t size)
{
	return granted(FAULT_MEMORY, ENOMEM) ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return granted(FAULT_MEMORY, ENOMEM) ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *block, size_t size)
{
	return granted(FAULT_MEMORY, ENOMEM) ? __real_realloc(block, size) : NULL;
}

char *__wrap_strdup(const char *text)
{
	return granted(FAULT_MEMORY, ENOMEM) ? __real_strdup(text) : NULL;
}

int __wrap_socket(int domain, int type, int protocol)
{
	return granted(FAULT_SOCKET, EMFILE) ? __real_socket(domain, type, protocol) : -1;
}

int __wrap_connect(int fd, const struct sockaddr *name, socklen_t length)
{
	return granted(FAULT_CONNECT, ENOBUFS) ? __real_connect(fd, name, length) : -1;
}

/* libevent calls this one: a program's own symbols come before a library's. */
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	if (operation == EPOLL_CTL_ADD && !granted(FAULT_POLL, ENOSPC))
		return -1;
	return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
}

void failing_init(void)
{
	event_set_mem_functions(__wrap_malloc, __wrap_realloc, free);
}

void failing_after(enum fault fault, int successes)
{
	left[fault] = successes;
}

bool failing_is_due(enum fault fault)
{
	return left[fault] >= 0;
}
