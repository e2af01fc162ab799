/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server: libmicrohttpd driven from the loop, on sockets of our own. It knows
 * bytes and routes; what is served is the handlers' business.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <stddef.h>
#include <stdint.h>

#include "web/limits.h"
#include "web/message.h"

struct loop;
struct web;

/**
 * \param routes  must live as long as the server
 * \param limits  copied; NULL = all defaults
 * \retval 0 or -errno
 */
int web_new(struct loop *loop, const struct web_route *routes, size_t count,
	const struct web_limits *limits, struct web **ret_web);

/**
 * Closes everything at once. Deferred requests are answered 503; their handles stay
 * valid until completed. Must not be called from a handler.
 */
void web_free(struct web *web);

/**
 * Listens on one more address: ":29115" and "[::]:29115" (IPv6 and IPv4 at once, IPv4
 * alone where there is no IPv6), "127.0.0.1:29115", "[::1]:0", "unix:/path". Names are
 * refused: to resolve one would block.
 * \param error  gets one sentence on failure
 * \retval 0 or -errno
 */
int web_listen(struct web *web, const char *address, struct text *error);

/**
 * Listens on a socket that is bound and listening already (socket activation). Owned
 * from here on, also on failure. \retval 0 or -errno; -ENOTSOCK, -EINVAL = no listener
 */
int web_listen_fd(struct web *web, int fd);

/** Shows what has changed from the next request on: no body made before is shared. */
void web_forget(struct web *web);

/** The port of the index-th listener; 0 for a Unix socket or no such listener. */
uint16_t web_port(const struct web *web, size_t index);

struct web_statistics web_statistics(const struct web *web);

#endif
