/* SPDX-License-Identifier: Apache-2.0 */
#include "net/resolver_channel.h"

#include <ares.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/evidence.h"
#include "net/loop.h"

/*
 * c-ares goes round all servers TRIES times, waiting longer in each round: base, then
 * twice the base and so on. Sharing BASE_MS among the servers lets a dead first one cost
 * at most BASE_MS, and makes a wholly dead set known after 15 * BASE_MS = 4.5 s, up to
 * three servers. A late answer of a server already passed over still counts. Where one
 * packet in twenty is lost, four questions fail once in 11,000 times, two in 105.
 */
#define TRIES       4
#define BASE_MS     300
#define BASE_MS_MIN 100

/* Sockets that c-ares opened; made in open_socket(), gone in close_socket(). */
struct channel_socket {
	struct channel_socket *next;
	struct loop_watch watch;
	struct resolver_channel *channel;
	struct address server;
	int fd;
	bool is_datagram;
	size_t came; /* octets of the message being read from a stream, … */
	uint8_t head[2 + DNS_QUESTION_MAX]; /* … its length and its first ones */
};

struct resolver_channel {
	ares_channel ares;
	struct loop *loop;
	struct loop_timer timer;
	struct channel_socket *sockets;
	const struct resolver_channel_events *events;
	void *context;
	struct address speaker;
	struct resolver_server *servers; /* in their order */
	size_t server_count;
	struct finding trouble;
};

struct channel_question {
	channel_fn done;
	void *context;
};

static struct channel_socket *socket_find(struct resolver_channel *channel, int fd)
{
	struct channel_socket *socket = channel->sockets;

	while (socket && socket->fd != fd)
		socket = socket->next;
	return socket;
}

/* The next timeout may be another one after every call into c-ares. */
static void renew_timer(struct resolver_channel *channel)
{
	struct timeval wait;

	if (!ares_timeout(channel->ares, NULL, &wait))
		loop_timer_cancel(&channel->timer);
	else
		loop_timer_set(&channel->timer, wait.tv_sec * SECOND + wait.tv_usec);
}

static void timer_fired(void *context)
{
	struct resolver_channel *channel = context;

	ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	renew_timer(channel);
}

static void socket_ready(void *context, unsigned ready)
{
	struct channel_socket *socket = context;
	struct resolver_channel *channel = socket->channel;
	int fd = socket->fd; /* the socket may be gone before the second argument is read
			      */

	ares_process_fd(channel->ares, ready & LOOP_READ ? fd : ARES_SOCKET_BAD,
		ready & LOOP_WRITE ? fd : ARES_SOCKET_BAD);
	renew_timer(channel);
}

/* c-ares says (0, 0) before it closes: the watch ends while the number is still ours. */
static void socket_state(void *context, ares_socket_t fd, int readable, int writable)
{
	struct channel_socket *socket = socket_find(context, fd);

	if (socket)
		loop_watch_set(&socket->watch, fd,
			(readable ? LOOP_READ : 0) | (writable ? LOOP_WRITE : 0));
}

static void note_trouble(
	struct resolver_channel *channel, int error, const struct channel_socket *socket)
{
	if (socket)
		channel->trouble = evidence_of_socket(socket->fd, error, &socket->server);
	else
		channel->trouble = evidence_from_errno(error);
}

static ares_socket_t open_socket(int domain, int type, int protocol, void *context)
{
	struct resolver_channel *channel = context;
	struct channel_socket *made = calloc(1, sizeof(*made));
	int fd =
		made ? socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol) : -1;

	if (fd < 0) {
		note_trouble(channel, made ? errno : ENOMEM, NULL);
		free(made);
		return ARES_SOCKET_BAD;
	}
	/* ICMP other than "port unreachable" is not reported on UDP without this */
	evidence_collect(fd, domain == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4);
	made->fd = fd;
	made->channel = channel;
	made->is_datagram = type == SOCK_DGRAM;
	made->next = channel->sockets;
	channel->sockets = made;
	loop_watch_init(&made->watch, channel->loop, socket_ready, made);
	return fd;
}

static int close_socket(ares_socket_t fd, void *context)
{
	struct resolver_channel *channel = context;
	struct channel_socket **link = &channel->sockets;
	struct channel_socket *gone;

	while (*link && (*link)->fd != fd)
		link = &(*link)->next;
	gone = *link;
	if (gone) {
		*link = gone->next;
		loop_watch_done(&gone->watch);
		free(gone);
	}
	return close(fd);
}

/* c-ares has no room for the interface of a link-local server. */
static uint32_t scope_of(
	const struct resolver_channel *channel, const struct address *server)
{
	for (size_t i = 0; i < channel->server_count; i++) {
		struct address kept = channel->servers[i].address;
		uint32_t scope = kept.scope;

		kept.scope = server->scope;
		if (address_equal(&kept, server))
			return scope;
	}
	return 0;
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *server,
	ares_socklen_t length, void *context)
{
	struct channel_socket *socket = socket_find(context, fd);
	struct sockaddr_storage place = { 0 };
	int result;

	memcpy(&place, server, length);
	address_from_socket(server, &socket->server, NULL);
	if (address_is_link_local(&socket->server)) {
		socket->server.scope = scope_of(context, &socket->server);
		((struct sockaddr_in6 *)&place)->sin6_scope_id = socket->server.scope;
	}
	result = connect(fd, (struct sockaddr *)&place, length);
	if (result < 0 && errno != EINPROGRESS) {
		int error = errno;

		note_trouble(context, error, socket);
		errno = error;
	}
	return result;
}

/* An empty datagram would make c-ares give the server up; to us it is one more stray. */
static ares_ssize_t datagram_came(
	struct channel_socket *socket, const void *data, ares_ssize_t length)
{
	struct resolver_channel *channel = socket->channel;

	channel->events->came(channel->context, data, (size_t)length);
	if (length > 0)
		return length;
	errno = EAGAIN;
	return -1;
}

/* At the end of a message its head is told, before c-ares judges it: see datagram_came()
 */
static void stream_came(struct channel_socket *socket, uint8_t octet)
{
	const struct resolver_channel *channel = socket->channel;
	size_t length;

	if (socket->came < sizeof(socket->head))
		socket->head[socket->came] = octet;
	if (++socket->came < 2)
		return;
	length = (size_t)socket->head[0] << 8 | socket->head[1];
	if (socket->came < 2 + length)
		return;
	socket->came = 0;
	channel->events->came(channel->context, socket->head + 2,
		length < DNS_QUESTION_MAX ? length : DNS_QUESTION_MAX);
}

static ares_ssize_t octets_came(
	struct channel_socket *socket, const uint8_t *data, ares_ssize_t length)
{
	for (ares_ssize_t i = 0; i < length; i++)
		stream_came(socket, data[i]);
	return length;
}

static ares_ssize_t receive(ares_socket_t fd, void *data, size_t size, int flags,
	struct sockaddr *from, ares_socklen_t *from_length, void *context)
{
	struct resolver_channel *channel = context;
	struct channel_socket *socket = socket_find(channel, fd);
	ares_ssize_t length = recvfrom(fd, data, size, flags, from, from_length);
	int error = errno;

	if (length >= 0) {
		channel->speaker = socket->server;
		return socket->is_datagram ? datagram_came(socket, data, length)
					   : octets_came(socket, data, length);
	}
	if (error != EAGAIN)
		note_trouble(channel, error, socket);
	errno = error;
	return length;
}

static ares_ssize_t send_vector(
	ares_socket_t fd, const struct iovec *parts, int count, void *context)
{
	struct resolver_channel *channel = context;
	struct channel_socket *socket = socket_find(channel, fd);
	ares_ssize_t length;

	if (socket->is_datagram)
		channel->events->sent(
			channel->context, parts[0].iov_base, parts[0].iov_len);
	length = writev(fd, parts, count);
	if (length < 0 && errno != EAGAIN) {
		int error = errno;

		note_trouble(channel, error, socket);
		errno = error;
	}
	return length;
}

static const struct ares_socket_functions socket_functions = {
	.asocket = open_socket,
	.aclose = close_socket,
	.aconnect = connect_socket,
	.arecvfrom = receive,
	.asendv = send_vector,
};

static const struct {
	int status;
	enum channel_status meaning;
} statuses[] = {
	{ ARES_ETIMEOUT, CHANNEL_SILENCE },
	{ ARES_ESERVFAIL, CHANNEL_FAILURE },
	{ ARES_EREFUSED, CHANNEL_FAILURE },
	{ ARES_ENOTIMP, CHANNEL_FAILURE },
	{ ARES_EFORMERR, CHANNEL_FAILURE },
	{ ARES_EBADRESP, CHANNEL_FAILURE },
	{ ARES_ECONNREFUSED, CHANNEL_TROUBLE },
};

static enum channel_status status_of(int status, const unsigned char *data)
{
	if (data)
		return CHANNEL_ANSWER;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].status == status)
			return statuses[i].meaning;
	}
	return CHANNEL_RESOURCE;
}

static void question_done(
	void *context, int status, int timeouts, unsigned char *data, int length)
{
	struct channel_question question = *(struct channel_question *)context;

	(void)timeouts;
	free(context);
	question.done(question.context, status_of(status, data), data,
		data ? (size_t)length : 0);
}

static int errno_of(int status)
{
	return status == ARES_ENOMEM ? -ENOMEM : -EINVAL;
}

/* ares_query() needs neither search domains nor sorting nor a look at /etc/hosts. */
static int channel_init(struct resolver_channel *channel, size_t servers)
{
	int base = BASE_MS / (int)(servers > 0 ? servers : 1);
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
		.timeout = base > BASE_MS_MIN ? base : BASE_MS_MIN,
		.tries = TRIES,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = channel,
	};
	int status = ares_init_options(&channel->ares, &options,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NOROTATE |
			ARES_OPT_SOCK_STATE_CB);

	if (status != ARES_SUCCESS) {
		channel->ares = NULL;
		return errno_of(status);
	}
	ares_set_socket_functions(channel->ares, &socket_functions, channel);
	return 0;
}

static int set_servers(struct resolver_channel *channel,
	const struct resolver_server *servers, size_t count)
{
	struct ares_addr_port_node *nodes = calloc(count, sizeof(*nodes));
	int status;

	channel->servers = calloc(count, sizeof(*servers));
	if (!nodes || !channel->servers) {
		free(nodes);
		return -ENOMEM;
	}
	memcpy(channel->servers, servers, count * sizeof(*servers));
	channel->server_count = count;
	for (size_t i = 0; i < count; i++) {
		bool ipv6 = servers[i].address.family == FAMILY_IPV6;

		nodes[i].next = i + 1 < count ? &nodes[i + 1] : NULL;
		nodes[i].family = ipv6 ? AF_INET6 : AF_INET;
		memcpy(&nodes[i].addr, servers[i].address.bytes,
			ipv6 ? sizeof(nodes[i].addr.addr6) : sizeof(nodes[i].addr.addr4));
		nodes[i].udp_port = servers[i].port;
		nodes[i].tcp_port = servers[i].port;
	}
	status = ares_set_servers_ports(channel->ares, nodes);
	free(nodes);
	return status == ARES_SUCCESS ? 0 : errno_of(status);
}

static struct resolver_server server_of(const struct ares_addr_port_node *node)
{
	bool ipv6 = node->family == AF_INET6;
	struct resolver_server server = { .port = (uint16_t)node->udp_port };

	server.address.family = ipv6 ? FAMILY_IPV6 : FAMILY_IPV4;
	memcpy(server.address.bytes, &node->addr,
		ipv6 ? sizeof(node->addr.addr6) : sizeof(node->addr.addr4));
	return server;
}

/* Those the host has; read by c-ares at its init only. */
static int host_servers(struct resolver_channel *channel)
{
	struct ares_addr_port_node *nodes = NULL;
	int status = ares_get_servers_ports(channel->ares, &nodes);
	size_t count = 0;

	if (status != ARES_SUCCESS)
		return errno_of(status);
	for (struct ares_addr_port_node *node = nodes; node; node = node->next)
		count++;
	channel->servers = calloc(count, sizeof(*channel->servers));
	for (struct ares_addr_port_node *node = nodes; channel->servers && node;
		node = node->next)
		channel->servers[channel->server_count++] = server_of(node);
	ares_free_data(nodes);
	return channel->servers ? 0 : -ENOMEM;
}

/* The timeout depends on the number of servers, which only an init can tell. */
static int init_for_host(struct resolver_channel *channel)
{
	int result = channel_init(channel, 1);

	if (result == 0)
		result = host_servers(channel);
	if (result < 0 || channel->server_count < 2)
		return result;
	ares_destroy(channel->ares);
	return channel_init(channel, channel->server_count);
}

static int init_for_servers(struct resolver_channel *channel,
	const struct resolver_server *servers, size_t count)
{
	int result = channel_init(channel, count);

	return result < 0 ? result : set_servers(channel, servers, count);
}

int resolver_channel_new(struct loop *loop, const struct resolver_server *servers,
	size_t count, const struct resolver_channel_events *events, void *context,
	struct resolver_channel **ret_channel)
{
	struct resolver_channel *channel;
	int result = ares_library_init(ARES_LIB_INIT_ALL);

	if (result != ARES_SUCCESS)
		return errno_of(result);
	channel = calloc(1, sizeof(*channel));
	if (!channel) {
		ares_library_cleanup();
		return -ENOMEM;
	}
	channel->loop = loop;
	channel->events = events;
	channel->context = context;
	loop_timer_init(
		&channel->timer, loop, LOOP_PRIORITY_ANSWER, timer_fired, channel);
	result = count > 0 ? init_for_servers(channel, servers, count)
			   : init_for_host(channel);
	if (result < 0) {
		resolver_channel_free(channel);
		return result;
	}
	*ret_channel = channel;
	return 0;
}

void resolver_channel_free(struct resolver_channel *channel)
{
	if (!channel)
		return;
	if (channel->ares)
		ares_destroy(channel->ares);
	loop_timer_done(&channel->timer);
	free(channel->servers);
	free(channel);
	ares_library_cleanup();
}

void resolver_channel_ask(struct resolver_channel *channel, const char *name,
	enum dns_type type, channel_fn done, void *context)
{
	struct channel_question *question = malloc(sizeof(*question));

	if (!question) {
		done(context, CHANNEL_RESOURCE, NULL, 0);
		return;
	}
	*question = (struct channel_question){ .done = done, .context = context };
	ares_query(channel->ares, name, DNS_CLASS_IN, (int)type, question_done, question);
	renew_timer(channel);
}

const struct address *resolver_channel_speaker(const struct resolver_channel *channel)
{
	return &channel->speaker;
}

const struct address *resolver_channel_only_server(const struct resolver_channel *channel)
{
	static const struct address none;

	return channel->server_count == 1 ? &channel->servers[0].address : &none;
}

size_t resolver_channel_servers(const struct resolver_channel *channel,
	const struct resolver_server **ret_servers)
{
	*ret_servers = channel->servers;
	return channel->server_count;
}

const struct finding *resolver_channel_trouble(const struct resolver_channel *channel)
{
	return &channel->trouble;
}
