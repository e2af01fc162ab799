/* SPDX-License-Identifier: Apache-2.0 */
#include "web/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* So that a flood of clients shares the loop with everybody else. */
#define ACCEPTS_PER_TURN 16

static void pause_accepting(struct web *web)
{
	struct web_listener *listener;

	web->paused = true;
	STAILQ_FOREACH (listener, &web->listeners, entry)
		loop_watch_set(&listener->watch, -1, 0);
}

static void accept_again(struct web *web)
{
	struct web_listener *listener;

	web->paused = false;
	STAILQ_FOREACH (listener, &web->listeners, entry)
		loop_watch_set(&listener->watch, listener->fd, LOOP_READ);
}

void connection_resume_accepting(struct web *web)
{
	if (web->paused && web->statistics.connections < web->limits.connections)
		accept_again(web);
}

/*
 * The library's own timeout counts inactivity: a client that drips a byte a second stays
 * for ever. This deadline is absolute. Only the reading and writing is ended here; the
 * library notices and closes the descriptor itself.
 */
static void connection_cut(struct web_connection *connection)
{
	shutdown(connection->fd, SHUT_RDWR);
	web_wake(connection->web);
}

static void deadline_passed(void *context)
{
	struct web_connection *connection = context;

	if (!connection->idle_since_us)
		connection->web->statistics.expired++;
	connection_cut(connection);
}

void connection_busy(struct web_connection *connection)
{
	connection->idle_since_us = 0;
	loop_timer_set(&connection->deadline, connection->web->limits.request_us);
}

void connection_idle(struct web_connection *connection)
{
	connection->idle_since_us = clock_now_us();
	loop_timer_set(&connection->deadline, connection->web->limits.idle_us);
	if (connection->web->paused)
		accept_again(connection->web); /* whoever waits may have its place */
}

void connection_waits_for_us(struct web_connection *connection)
{
	loop_timer_cancel(&connection->deadline);
}

struct web_connection *connection_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void connection_began(
	struct web *web, struct MHD_Connection *mhd, void **socket_context)
{
	const union MHD_ConnectionInfo *socket =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *peer =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct web_connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		/* It cannot be refused here; without a deadline it must not live. */
		shutdown(socket->connect_fd, SHUT_RDWR);
		return;
	}
	connection->web = web;
	connection->fd = socket->connect_fd;
	if (peer && peer->client_addr)
		address_from_socket(peer->client_addr, &connection->address, NULL);
	loop_timer_init(&connection->deadline, web->loop, LOOP_PRIORITY_ANSWER,
		deadline_passed, connection);
	connection_busy(connection);
	LIST_INSERT_HEAD(&web->connections, connection, entry);
	*socket_context = connection;
}

static void connection_ended(struct web *web, struct web_connection *connection)
{
	if (connection) {
		loop_timer_done(&connection->deadline);
		LIST_REMOVE(connection, entry);
		free(connection);
	}
	web->statistics.connections--;
	connection_resume_accepting(web);
}

void connection_changed(void *context, struct MHD_Connection *mhd, void **socket_context,
	enum MHD_ConnectionNotificationCode code)
{
	struct web *web = context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		web->statistics.connections++;
		connection_began(web, mhd, socket_context);
		return;
	}
	connection_ended(web, *socket_context);
	*socket_context = NULL;
}

/* Room for a new client at the cost of the one that has asked nothing for longest. */
static void cut_longest_idle(struct web *web)
{
	struct web_connection *connection, *longest = NULL;

	LIST_FOREACH (connection, &web->connections, entry) {
		if (!connection->idle_since_us)
			continue;
		if (!longest || connection->idle_since_us < longest->idle_since_us)
			longest = connection;
	}
	if (longest)
		connection_cut(longest);
}

static bool is_local(const struct address *address)
{
	struct address loopback;

	if (address->family == FAMILY_IPV4)
		return address->bytes[0] == 127;
	return address->family == FAMILY_NONE ||
		(address_parse("::1", &loopback) && address_equal(address, &loopback));
}

static bool has_too_many(const struct web *web, const struct address *address)
{
	const struct web_connection *connection;
	unsigned count = 0;

	if (is_local(address))
		return false;
	LIST_FOREACH (connection, &web->connections, entry)
		count += address_equal(&connection->address, address);
	return count >= web->limits.per_address;
}

static void connection_add(
	struct web *web, int fd, const struct sockaddr *peer, socklen_t length)
{
	struct address address;

	address_from_socket(peer, &address, NULL);
	if (has_too_many(web, &address)) {
		web->statistics.refused++;
		close(fd);
		return;
	}
	/* Whatever it returns, the descriptor is the library's now. */
	MHD_add_connection(web->daemon, fd, peer, length);
	web_wake(web);
}

/*
 * Without descriptors the client stays in the kernel's queue and the listener readable:
 * to watch on would spin. The timer watches again within a second.
 */
static bool accept_failed(struct web *web, int error)
{
	if (error == EINTR || error == ECONNABORTED)
		return true;
	if (error != EAGAIN) {
		pause_accepting(web);
		log_warn("cannot accept a web client", "error", strerror(error));
	}
	return false;
}

static bool accept_one(struct web_listener *listener)
{
	struct web *web = listener->web;
	struct sockaddr_storage peer = { 0 };
	socklen_t length = sizeof(peer);
	int fd;

	if (web->statistics.connections >= web->limits.connections) {
		pause_accepting(web);
		cut_longest_idle(web);
		return false;
	}
	fd = accept4(listener->fd, (struct sockaddr *)&peer, &length,
		SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return accept_failed(web, errno);
	connection_add(web, fd, (const struct sockaddr *)&peer, length);
	return web->statistics.connections < web->limits.connections;
}

void connection_accept(void *context, unsigned ready)
{
	struct web_listener *listener = context;

	(void)ready;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		if (!accept_one(listener))
			break;
	}
}
