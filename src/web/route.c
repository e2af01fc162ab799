/* SPDX-License-Identifier: Apache-2.0 */
#include "web/route.h"

#include <string.h>

static const struct {
	const char *name;
	enum web_method method;
} methods[] = {
	{ "GET", WEB_GET },
	{ "HEAD", WEB_GET },
	{ "POST", WEB_POST },
};

/* The value of Allow, by the set of methods a path has. */
static const char *const allowed[1U << WEB_METHOD_COUNT] = {
	[1U << WEB_GET] = "GET, HEAD",
	[1U << WEB_POST] = "POST",
	[1U << WEB_GET | 1U << WEB_POST] = "GET, HEAD, POST",
};

static bool method_parse(const char *name, enum web_method *ret_method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].name, name) == 0) {
			*ret_method = methods[i].method;
			return true;
		}
	}
	return false;
}

static bool route_has_path(const struct web_route *route, const char *path)
{
	return route->prefix ? strncmp(route->path, path, strlen(route->path)) == 0
			     : strcmp(route->path, path) == 0;
}

const struct web_route *route_find(const struct web *web, const char *method_name,
	const char *path, struct web_response *ret_response)
{
	enum web_method method = WEB_METHOD_COUNT;
	unsigned found = 0;

	method_parse(method_name, &method);
	for (size_t i = 0; i < web->route_count; i++) {
		const struct web_route *route = &web->routes[i];

		if (!route_has_path(route, path))
			continue;
		if (route->method == method)
			return route;
		found |= 1U << route->method;
	}
	if (!found) {
		web_response_plain(ret_response, 404, "there is no such page");
		return NULL;
	}
	web_response_plain(ret_response, 405, "this page does not take this method");
	web_response_header(ret_response, "Allow", allowed[found]);
	return NULL;
}
