/* SPDX-License-Identifier: Apache-2.0 */
/* Which handler a method and a path mean. */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/state.h"

/** Finds the route, or fills the 404 or 405 that says there is none. */
const struct web_route *route_find(const struct web *web, const char *method,
	const char *path, struct web_response *ret_response);

#endif
