/* SPDX-License-Identifier: Apache-2.0 */
#include "web/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/address.h"

#define BACKLOG 128

#define UNIX_PREFIX "unix:"

/* Where to listen: what was written, as the kernel wants it. */
struct endpoint {
	struct sockaddr_storage socket;
	socklen_t length;
	bool any; /* every address of the host, IPv4 and IPv6 */
};

const char *listener_path(const char *address)
{
	size_t prefix = strlen(UNIX_PREFIX);

	return strncmp(address, UNIX_PREFIX, prefix) == 0 ? address + prefix : NULL;
}

static bool endpoint_unix(const char *path, struct endpoint *ret_endpoint)
{
	struct sockaddr_un *local = (struct sockaddr_un *)&ret_endpoint->socket;

	local->sun_family = AF_UNIX;
	ret_endpoint->length = sizeof(*local);
	return *path != '\0' && text_copy(local->sun_path, sizeof(local->sun_path), path);
}

static bool port_parse(const char *text, uint16_t *ret_port)
{
	char *end;
	unsigned long port;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	port = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || port > UINT16_MAX)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* An address that is IPv6 must stand in brackets: its colons are not the port's. */
static bool host_parse(const char *host, struct address *ret_address)
{
	bool bracketed = host[0] == '[';

	if (*host == '\0')
		return address_parse("::", ret_address);
	return address_parse(host, ret_address) &&
		bracketed == (ret_address->family == FAMILY_IPV6);
}

static bool endpoint_parse(const char *text, struct endpoint *ret_endpoint)
{
	struct address address, any = { .family = FAMILY_IPV6 };
	char host[ADDRESS_TEXT_MAX + 2];
	const char *path = listener_path(text);
	const char *colon = strrchr(text, ':');
	uint16_t port;

	if (path)
		return endpoint_unix(path, ret_endpoint);
	if (!colon || (size_t)(colon - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	if (!port_parse(colon + 1, &port) || !host_parse(host, &address))
		return false;
	ret_endpoint->any = address_equal(&address, &any);
	ret_endpoint->length = address_to_socket(&address, port, &ret_endpoint->socket);
	return true;
}

static int set_options(int fd, const struct endpoint *endpoint)
{
	int on = 1, only = endpoint->any ? 0 : 1;

	if (endpoint->socket.ss_family == AF_UNIX)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -errno;
	if (endpoint->socket.ss_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) < 0)
		return -errno;
	return 0;
}

static int socket_listen(const struct endpoint *endpoint)
{
	int fd = socket(endpoint->socket.ss_family,
		SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	error = set_options(fd, endpoint);
	if (error == 0 &&
		(bind(fd, (const void *)&endpoint->socket, endpoint->length) < 0 ||
			listen(fd, BACKLOG) < 0))
		error = -errno;
	if (error < 0) {
		close(fd);
		return error;
	}
	return fd;
}

/* Nobody answers on it: the process that made it is dead. */
static bool unix_is_stale(const struct endpoint *endpoint)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool stale;

	if (fd < 0)
		return false;
	stale = connect(fd, (const void *)&endpoint->socket, endpoint->length) < 0 &&
		errno == ECONNREFUSED;
	close(fd);
	return stale;
}

/* A host booted without IPv6 has no such family, or no such address. */
static bool without_ipv6(int error)
{
	return error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL;
}

static void endpoint_to_ipv4(struct endpoint *endpoint)
{
	struct address any = { .family = FAMILY_IPV4 };
	uint16_t port =
		ntohs(((const struct sockaddr_in6 *)&endpoint->socket)->sin6_port);

	endpoint->length = address_to_socket(&any, port, &endpoint->socket);
}

static int endpoint_listen(struct endpoint *endpoint)
{
	int fd = socket_listen(endpoint);

	if (endpoint->any && without_ipv6(fd)) {
		endpoint_to_ipv4(endpoint);
		return socket_listen(endpoint);
	}
	if (fd == -EADDRINUSE && endpoint->socket.ss_family == AF_UNIX &&
		unix_is_stale(endpoint)) {
		unlink(((const struct sockaddr_un *)&endpoint->socket)->sun_path);
		return socket_listen(endpoint);
	}
	return fd;
}

static const struct {
	int error;
	const char *advice;
} advices[] = {
	{ EADDRINUSE, "another program has it, `ss -ltnp` says which" },
	{ EADDRNOTAVAIL, "no interface of this host has this address" },
	{ EACCES, "ports below 1024 and this path need more rights" },
	{ ENOENT, "the directory does not exist" },
};

static void explain(struct text *error, const char *address, int code)
{
	text_format(error, "cannot listen on \"%s\": %s", address, strerror(-code));
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		if (advices[i].error == -code)
			text_format(error, "; %s", advices[i].advice);
	}
}

int listener_open(const char *address, struct text *error)
{
	struct endpoint endpoint = { 0 };
	int fd;

	if (!endpoint_parse(address, &endpoint)) {
		text_format(error,
			"cannot listen on \"%s\": write an address, not a name, and a "
			"port: \":29115\", \"127.0.0.1:29115\", \"[::1]:29115\" or "
			"\"unix:/run/starface-exporter/web.sock\"",
			address);
		return -EINVAL;
	}
	fd = endpoint_listen(&endpoint);
	if (fd < 0)
		explain(error, address, fd);
	return fd;
}

int listener_adopt(int fd)
{
	int listening = 0;
	socklen_t length = sizeof(listening);
	int flags;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) < 0)
		return -errno;
	if (!listening)
		return -EINVAL;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	return 0;
}

uint16_t listener_port(int fd)
{
	struct sockaddr_storage local = { 0 };
	socklen_t length = sizeof(local);
	struct address address;
	uint16_t port = 0;

	if (getsockname(fd, (struct sockaddr *)&local, &length) == 0)
		address_from_socket((struct sockaddr *)&local, &address, &port);
	return port;
}
