/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_partner.h"

#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/address.h"

#define DRIP_NANOSECONDS 1000000

static void hear(struct http_partner *partner, int fd)
{
	ssize_t length = recv(fd, partner->heard, sizeof(partner->heard) - 1, 0);

	partner->heard[length > 0 ? length : 0] = '\0';
}

static bool say(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t said = send(fd, text, length, MSG_NOSIGNAL);

		if (said <= 0)
			return false;
		text += said;
		length -= (size_t)said;
	}
	return true;
}

static void drip(int fd, const char *text, size_t length)
{
	const struct timespec pause = { .tv_nsec = DRIP_NANOSECONDS };

	for (size_t i = 0; i < length && say(fd, text + i, 1); i++)
		nanosleep(&pause, NULL);
}

static void hold(int fd)
{
	char sink[512];

	while (recv(fd, sink, sizeof(sink), 0) > 0)
		continue;
}

static void serve(struct http_partner *partner, int fd)
{
	const struct http_script *script = partner->script;
	size_t length = script->say_length;
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!script->at_once)
		hear(partner, fd);
	if (script->say && length == 0)
		length = strlen(script->say);
	if (script->drip)
		drip(fd, script->say, length);
	else if (script->say)
		say(fd, script->say, length);
	while (script->repeat && say(fd, script->repeat, strlen(script->repeat)))
		continue;
	if (script->end == HTTP_PARTNER_HOLDS)
		hold(fd);
	if (script->end == HTTP_PARTNER_RESETS)
		setsockopt(fd, SOL_SOCKET, SO_LINGER,
			&(struct linger){ .l_onoff = 1, .l_linger = 0 },
			sizeof(struct linger));
	partner->served++;
	close(fd);
}

static void *serve_all(void *context)
{
	struct http_partner *partner = context;

	for (;;) {
		int fd = accept4(partner->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return NULL;
		serve(partner, fd);
	}
}

static int bind_somewhere(bool ipv6, uint16_t *ret_port)
{
	struct address address;
	struct sockaddr_storage name;
	socklen_t length;
	int fd;

	assert_true(address_parse(ipv6 ? "::1" : "127.0.0.1", &address));
	length = address_to_socket(&address, 0, &name);
	fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, length), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
	address_from_socket((struct sockaddr *)&name, &address, ret_port);
	return fd;
}

void http_partner_start(struct http_partner *partner, const struct http_script *script)
{
	*partner = (struct http_partner){ .script = script };
	partner->listener = bind_somewhere(script->ipv6, &partner->port);
	assert_int_equal(listen(partner->listener, 16), 0);
	assert_int_equal(pthread_create(&partner->thread, NULL, serve_all, partner), 0);
}

void http_partner_stop(struct http_partner *partner)
{
	/* wakes accept(), which a close alone would not */
	shutdown(partner->listener, SHUT_RDWR);
	pthread_join(partner->thread, NULL);
	close(partner->listener);
}

uint16_t http_partner_closed_port(void)
{
	uint16_t port;

	close(bind_somewhere(false, &port));
	return port;
}
