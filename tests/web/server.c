/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server as the tests in test_server.py ask it: starts on the addresses given, prints
 * its ports on one line, and serves routes that do one thing each until standard input
 * ends. Then it frees everything, so that leak checkers can judge it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/loop.h"
#include "web/accept.h"
#include "web/web.h"

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
	void *(*run)(void *), void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
	void *(*run)(void *), void *context);

/* As under TasksMax= of systemd: limits of users do not hold for root. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
	void *(*run)(void *), void *context)
{
	if (getenv("NO_THREADS"))
		return EAGAIN;
	return __real_pthread_create(thread, attributes, run, context);
}

struct server {
	struct loop *loop;
	struct web *web;
	struct loop_watch input;
	struct loop_timer later;
	struct web_deferred *deferred;
	unsigned printed; /* reports */
};

static void handle_small(
	void *context, struct web_request *request, struct web_response *response)
{
	(void)context;
	(void)request;
	text_append(&response->body, "small\n");
}

/* Many lines that a mistake in compression or in writing would disturb. */
static void handle_large(
	void *context, struct web_request *request, struct web_response *response)
{
	const char *lines = web_request_query(request, "lines");
	unsigned long count = lines ? strtoul(lines, NULL, 10) : 1000;

	(void)context;
	for (unsigned long i = 0; i < count; i++)
		text_format(&response->body, "line %lu of the large body\n", i);
}

/* Says how often it was printed; "?kind=" chooses what is shared, "alone" nothing. */
static void handle_report(
	void *context, struct web_request *request, struct web_response *response)
{
	struct server *server = context;
	const char *kind = web_request_query(request, "kind");
	unsigned number = kind && strcmp(kind, "alone") == 0 ? WEB_ALONE : kind ? 1 : 0;

	if (web_share(request, number, response))
		return;
	text_format(&response->body, "printed %u\n", ++server->printed);
	handle_large(context, request, response);
}

static void handle_forget(
	void *context, struct web_request *request, struct web_response *response)
{
	struct server *server = context;

	web_forget(server->web);
	handle_small(context, request, response);
}

static void handle_echo(
	void *context, struct web_request *request, struct web_response *response)
{
	const char *value = web_request_query(request, "value");
	const char *agent = web_request_header(request, "user-agent");

	(void)context;
	text_format(&response->body, "path=%s\nrest=%s\nvalue=%s\nagent=%s\n",
		web_request_path(request), web_request_rest(request),
		value ? value : "(none)", agent ? agent : "(none)");
}

static void handle_page(
	void *context, struct web_request *request, struct web_response *response)
{
	(void)context;
	(void)request;
	response->content_type = "text/html; charset=utf-8";
	response->vary = WEB_VARY_LANGUAGE;
	text_append(&response->body, "<!doctype html><title>page</title>");
	web_response_header(response, "Content-Language", "en");
}

static void handle_metrics(
	void *context, struct web_request *request, struct web_response *response)
{
	bool openmetrics;

	(void)context;
	response->content_type =
		web_metrics_type(web_request_header(request, "Accept"), &openmetrics);
	response->vary = WEB_VARY_ACCEPT;
	text_append(&response->body, openmetrics ? "# EOF\n" : "up 1\n");
}

static void handle_failed(
	void *context, struct web_request *request, struct web_response *response)
{
	(void)context;
	if (web_request_query(request, "share"))
		web_share(request, 0, response);
	text_append(&response->body, "half of what should have been said");
	response->body.failed = true;
}

static void complete(struct server *server)
{
	struct web_response response = { 0 };
	struct web_deferred *deferred = server->deferred;

	if (!deferred)
		return;
	server->deferred = NULL;
	web_response_plain(&response, 200, "deferred");
	web_complete(deferred, &response);
}

static void later(void *context)
{
	complete(context);
}

/* Answers after ms, at once when there is none, or only when the server is freed. */
static void handle_defer(
	void *context, struct web_request *request, struct web_response *response)
{
	struct server *server = context;
	const char *wait = web_request_query(request, "ms");

	complete(server);
	text_append(&response->body, "must not be seen");
	server->deferred = web_defer(request);
	if (!wait)
		complete(server);
	else if (strcmp(wait, "never") != 0)
		loop_timer_set(&server->later, strtol(wait, NULL, 10) * MILLISECOND);
}

static void handle_statistics(
	void *context, struct web_request *request, struct web_response *response)
{
	const struct server *server = context;
	struct web_statistics statistics = web_statistics(server->web);

	(void)request;
	text_format(&response->body, "%u %llu %llu %llu\n", statistics.connections,
		(unsigned long long)statistics.requests,
		(unsigned long long)statistics.refused,
		(unsigned long long)statistics.expired);
}

static void input_ready(void *context, unsigned ready)
{
	struct server *server = context;
	char bytes[64];

	(void)ready;
	if (read(STDIN_FILENO, bytes, sizeof(bytes)) <= 0)
		loop_stop(server->loop);
}

static int64_t limit(const char *name)
{
	const char *value = getenv(name);

	return value ? strtol(value, NULL, 10) : 0;
}

static void print_ports(const struct web *web, int count)
{
	for (int i = 0; i < count; i++)
		printf("%u ", (unsigned)web_port(web, (size_t)i));
	printf("\n");
	fflush(stdout);
}

static int listen_all(struct web *web, char **addresses)
{
	struct text error = { 0 };
	int count = 0;

	for (; addresses[count]; count++) {
		int result = strncmp(addresses[count], "fd:", 3) == 0
			? web_listen_fd(web, (int)strtol(addresses[count] + 3, NULL, 10))
			: web_listen(web, addresses[count], &error);

		if (result == 0)
			continue;
		printf("%s\n", error.data ? error.data : strerror(-result));
		text_done(&error);
		return -1;
	}
	return count;
}

static void serve(struct server *server, char **addresses)
{
	int count = listen_all(server->web, addresses);

	if (count < 0)
		return;
	print_ports(server->web, count);
	loop_watch_set(&server->input, STDIN_FILENO, LOOP_READ);
	loop_run(server->loop);
}

static void server_free(struct server *server)
{
	loop_watch_done(&server->input);
	loop_timer_done(&server->later);
	web_free(server->web);
	complete(server);
	loop_free(server->loop);
}

int main(int argc, char **argv)
{
	static struct server server;
	const struct web_route routes[] = {
		{ WEB_GET, "/small", false, handle_small, NULL },
		{ WEB_GET, "/large", false, handle_large, NULL },
		{ WEB_GET, "/report", false, handle_report, &server },
		{ WEB_GET, "/forget", false, handle_forget, &server },
		{ WEB_GET, "/echo/", true, handle_echo, NULL },
		{ WEB_GET, "/page", false, handle_page, NULL },
		{ WEB_GET, "/metrics", false, handle_metrics, NULL },
		{ WEB_GET, "/failed", false, handle_failed, NULL },
		{ WEB_GET, "/statistics", false, handle_statistics, &server },
		{ WEB_POST, "/defer", false, handle_defer, &server },
		{ WEB_GET, "/defer", false, handle_defer, &server },
		{ WEB_POST, "/post", false, handle_small, NULL },
	};
	const struct web_limits limits = {
		.connections = (unsigned)limit("CONNECTIONS"),
		.per_address = (unsigned)limit("PER_ADDRESS"),
		.request_us = limit("REQUEST_MS") * MILLISECOND,
		.idle_us = limit("IDLE_MS") * MILLISECOND,
		.octets = (size_t)limit("OCTETS"),
	};

	(void)argc;
	log_setup(STDERR_FILENO, LOG_LEVEL_WARN, LOG_FORMAT_LOGFMT);
	if (loop_new(&server.loop) < 0 ||
		web_new(server.loop, routes, sizeof(routes) / sizeof(routes[0]), &limits,
			&server.web) < 0)
		return 1;
	loop_watch_init(&server.input, server.loop, input_ready, &server);
	loop_timer_init(&server.later, server.loop, LOOP_PRIORITY_ANSWER, later, &server);
	serve(&server, argv + 1);
	server_free(&server);
	return 0;
}
