/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one server, which the files of this floor share. */
#ifndef WEB_STATE_H
#define WEB_STATE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "base/address.h"
#include "net/loop.h"
#include "web/limits.h"
#include "web/message.h"
#include "web/packer.h"

struct body;

/** libmicrohttpd calls the handler several times a request; this is where it stands. */
enum web_stage { STAGE_HEADERS, STAGE_BODY, STAGE_DEFERRED, STAGE_READY };

struct web_request {
	struct web *web;
	struct MHD_Connection *connection;
	const char *path;
	const struct web_route *route; /* NULL: answered by us, 4xx */
	enum web_stage stage;
	bool malformed; /* a NUL is hidden in the URL */
	bool suspended;
	bool gzip;      /* the client accepts it */
	unsigned share; /* the number of what its handler prints, or WEB_ALONE */
	size_t body_length;
	struct web_deferred *deferred;
	struct web_response response;
	struct body *body; /* that of the response, once it is settled */
};

struct web_deferred {
	struct web_request *request; /* NULL: it ended without this answer */
};

/** One client. Requests of a connection follow each other, so one request suffices. */
struct web_connection {
	struct web *web;
	int fd;
	struct address address; /* FAMILY_NONE on a Unix socket */
	struct loop_timer deadline;
	int64_t idle_since_us; /* 0 = within a request */
	struct web_request request;
	LIST_ENTRY(web_connection) entry;
};

struct web_listener {
	struct web *web;
	struct loop_watch watch;
	int fd;
	char *path; /* of a Unix socket that we made; else NULL */
	STAILQ_ENTRY(web_listener) entry;
};

LIST_HEAD(web_connections, web_connection);
STAILQ_HEAD(web_listeners, web_listener);

struct web {
	struct loop *loop;
	struct MHD_Daemon *daemon;
	const struct web_route *routes;
	size_t route_count;
	struct web_limits limits;
	struct loop_watch poll;  /* libmicrohttpd's epoll descriptor */
	struct loop_timer timer; /* its clock: see web.c */
	struct web_listeners listeners;
	struct web_connections connections;
	struct body *shared[WEB_SHARED_MAX][2]; /* by number; as it is, and packed */
	size_t octets;                          /* of all bodies */
	struct packer *packer;
	bool paused;   /* listeners are not watched: full, or out of descriptors */
	bool stopping; /* web_free() is at work */
	struct web_statistics statistics;
};

/** Has libmicrohttpd run on the next turn; never from within its own callbacks. */
static inline void web_wake(struct web *web)
{
	loop_timer_set(&web->timer, 0);
}

#endif
