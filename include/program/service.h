/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the running daemon, as its routes and its reload see it. */
#ifndef PROGRAM_SERVICE_H
#define PROGRAM_SERVICE_H

#include "program/instruments.h"
#include "program/notify.h"
#include "program/options.h"
#include "program/trial.h"
#include "report/source.h"
#include "web/web.h"

struct service {
	const struct options *options;
	struct config *config;
	struct instruments instruments;
	struct engine *engine;
	struct web *web;
	struct reflector *reflector; /* NULL = there is none */
	struct notify notify;
	int64_t started_wall_us;
	size_t scrape_length; /* of the last one; the next is about as long */

	struct trial *trial; /* a reload under way; NULL = none */
	struct web_deferred
		*asked_by; /* the POST that wants its result; NULL = a signal */
	bool reload_again; /* asked for while one was under way */
	bool reload_successful;
	int64_t reload_success_wall_us;
};

/** Everything a report is printed from, as it is now. */
struct report_source service_source(const struct service *service);

/** Takes down what there is, downwards: whoever uses something goes before it. */
void service_done(struct service *service);

/** Routes of the web server, with the service as context. */
#define SERVICE_ROUTES 8
void service_routes(struct service *service, struct web_route routes[SERVICE_ROUTES]);

/**
 * Begins a reload: a child loads the configuration first, then this process does and
 * goes over to it. Any fault leaves everything as it was.
 * \param asked_by  answered with the result; NULL for SIGHUP
 */
void service_reload(struct service *service, struct web_deferred *asked_by);

#endif
