/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the server, and how libmicrohttpd is driven from the loop. */
#include "web/web.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "web/body.h"
#include "web/connection.h"
#include "web/listener.h"
#include "web/request.h"
#include "web/state.h"

static const struct web_limits default_limits = {
	.connections = 32,
	.per_address = 16,
	.request_us = 20 * SECOND,
	/* Longer than the usual minute between two scrapes, so that one connection serves
	   them all. */
	.idle_us = 75 * SECOND,
	/* A quarter of what the unit allows; 5,000 checks have 18 MB of metrics. */
	.octets = (size_t)64 * 1024 * 1024,
};

/* Of headers and what is parsed from them, per connection; beyond it 413 or 431. */
#define CONNECTION_MEMORY ((size_t)32 * 1024)

/*
 * libmicrohttpd is woken by its epoll descriptor, but that alone is not enough:
 *
 * The timer is not optional. Clients are added edge-triggered and half-read ones are kept
 * on an internal list, so the descriptor stays silent although work is pending: of five
 * pipelined requests one was answered.
 *
 * The timer runs even when MHD_get_timeout() says there is nothing to wait for. At its
 * connection limit the library counts down after it has decided what to watch, and went
 * deaf for ever in 3 of 12 runs; with at most a second between two runs, in none.
 */
#define LONGEST_SLEEP_MS 1000

static void pump(struct web *web)
{
	/* The 64-bit forms of MHD_get_timeout() came only with 0.9.77. */
	MHD_UNSIGNED_LONG_LONG wait_ms = LONGEST_SLEEP_MS;

	MHD_run(web->daemon);
	if (MHD_get_timeout(web->daemon, &wait_ms) != MHD_YES ||
		wait_ms > LONGEST_SLEEP_MS)
		wait_ms = LONGEST_SLEEP_MS;
	loop_timer_set(&web->timer, (int64_t)wait_ms * MILLISECOND);
}

static void poll_ready(void *context, unsigned ready)
{
	(void)ready;
	pump(context);
}

static void timer_fired(void *context)
{
	connection_resume_accepting(context);
	body_forget(context, false);
	pump(context);
}

static void log_library(void *context, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* At debug level: what clients do wrong is no trouble of ours. */
static void log_library(void *context, const char *format, va_list arguments)
{
	char line[256];

	(void)context;
	vsnprintf(line, sizeof(line), format, arguments);
	line[strcspn(line, "\n")] = '\0';
	log_debug(line, "library", "libmicrohttpd");
}

/*
 * The logger must be the first option: what fails in a later one is reported to it.
 * The library's own limit is one above ours, which stops accepting before it is reached.
 */
static struct MHD_Daemon *daemon_start(struct web *web)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
			MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME,
		0, NULL, NULL, request_step, web,              /* */
		MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL, /* */
		MHD_OPTION_CONNECTION_LIMIT, web->limits.connections + 1,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, /* */
		MHD_OPTION_NOTIFY_CONNECTION, connection_changed, web,
		MHD_OPTION_URI_LOG_CALLBACK, request_begin, web,
		MHD_OPTION_NOTIFY_COMPLETED, request_end, web, MHD_OPTION_END);
}

static struct web_limits limits_complete(const struct web_limits *limits)
{
	struct web_limits complete = limits ? *limits : default_limits;

	if (!complete.connections)
		complete.connections = default_limits.connections;
	if (!complete.per_address)
		complete.per_address = default_limits.per_address;
	if (!complete.request_us)
		complete.request_us = default_limits.request_us;
	if (!complete.idle_us)
		complete.idle_us = default_limits.idle_us;
	if (!complete.octets)
		complete.octets = default_limits.octets;
	return complete;
}

static struct web *web_allocate(struct loop *loop)
{
	struct web *web = calloc(1, sizeof(*web));

	if (!web)
		return NULL;
	web->loop = loop;
	STAILQ_INIT(&web->listeners);
	LIST_INIT(&web->connections);
	loop_watch_init(&web->poll, loop, poll_ready, web);
	loop_timer_init(&web->timer, loop, LOOP_PRIORITY_ANSWER, timer_fired, web);
	return web;
}

int web_new(struct loop *loop, const struct web_route *routes, size_t count,
	const struct web_limits *limits, struct web **ret_web)
{
	struct web *web = web_allocate(loop);
	const union MHD_DaemonInfo *info = NULL;

	if (!web)
		return -ENOMEM;
	web->routes = routes;
	web->route_count = count;
	web->limits = limits_complete(limits);
	web->packer = packer_new(loop);
	if (!web->packer) {
		web_free(web);
		return -ENOMEM;
	}
	web->daemon = daemon_start(web);
	if (web->daemon)
		info = MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info) {
		web_free(web);
		return -EMFILE;
	}
	loop_watch_set(&web->poll, info->epoll_fd, LOOP_READ);
	web_wake(web);
	*ret_web = web;
	return 0;
}

static void listener_free(struct web_listener *listener)
{
	loop_watch_done(&listener->watch);
	if (listener->fd >= 0)
		close(listener->fd);
	if (listener->path)
		unlink(listener->path);
	free(listener->path);
	free(listener);
}

static void listeners_free(struct web *web)
{
	struct web_listener *listener;

	while ((listener = STAILQ_FIRST(&web->listeners))) {
		STAILQ_REMOVE_HEAD(&web->listeners, entry);
		listener_free(listener);
	}
}

/*
 * The order matters. Suspended requests must be resumed and run once, else
 * MHD_stop_daemon() aborts the process; both events must be gone before it, because it
 * closes the epoll descriptor; it calls connection_changed() and request_end() for what
 * is still open, so the lists must live until then.
 */
static void daemon_stop(struct web *web)
{
	request_resume_all(web);
	MHD_run(web->daemon);
	loop_watch_done(&web->poll);
	loop_timer_done(&web->timer);
	MHD_stop_daemon(web->daemon);
}

void web_free(struct web *web)
{
	if (!web)
		return;
	web->stopping = true;
	listeners_free(web);
	if (web->daemon)
		daemon_stop(web);
	packer_free(web->packer); /* its bodies have no request any more */
	body_forget(web, true);
	loop_watch_done(&web->poll);
	loop_timer_done(&web->timer);
	free(web);
}

static int listener_add(struct web *web, int fd, const char *path)
{
	struct web_listener *listener = calloc(1, sizeof(*listener));

	if (!listener)
		return -ENOMEM;
	listener->path = path ? strdup(path) : NULL;
	if (path && !listener->path) {
		free(listener);
		return -ENOMEM;
	}
	listener->web = web;
	listener->fd = fd;
	loop_watch_init(&listener->watch, web->loop, connection_accept, listener);
	if (!web->paused)
		loop_watch_set(&listener->watch, fd, LOOP_READ);
	STAILQ_INSERT_TAIL(&web->listeners, listener, entry);
	return 0;
}

int web_listen(struct web *web, const char *address, struct text *error)
{
	const char *path = listener_path(address);
	int fd = listener_open(address, error);
	int result;

	if (fd < 0)
		return fd;
	result = listener_add(web, fd, path);
	if (result == 0)
		return 0;
	text_format(error, "cannot listen on \"%s\": %s", address, strerror(-result));
	close(fd);
	if (path)
		unlink(path);
	return result;
}

int web_listen_fd(struct web *web, int fd)
{
	int result = listener_adopt(fd);

	if (result == 0)
		result = listener_add(web, fd, NULL);
	if (result < 0)
		close(fd);
	return result;
}

void web_forget(struct web *web)
{
	body_forget(web, true);
}

uint16_t web_port(const struct web *web, size_t index)
{
	const struct web_listener *listener;

	STAILQ_FOREACH (listener, &web->listeners, entry) {
		if (index-- == 0)
			return listener_port(listener->fd);
	}
	return 0;
}

struct web_statistics web_statistics(const struct web *web)
{
	return web->statistics;
}
