/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests and responses as a handler sees them. A handler runs on the loop and may take
 * milliseconds only; what takes longer defers its answer and completes it later.
 */
#ifndef WEB_MESSAGE_H
#define WEB_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct web_request;
struct web_deferred;

/** GET routes answer HEAD as well. */
enum web_method { WEB_GET, WEB_POST, WEB_METHOD_COUNT };

/** What else than Accept-Encoding the response depends on, for Vary. */
#define WEB_VARY_ACCEPT   1U
#define WEB_VARY_LANGUAGE 2U

#define WEB_HEADERS_MAX      4
#define WEB_HEADER_VALUE_MAX 128

struct web_header {
	const char *name; /* lives for ever */
	char value[WEB_HEADER_VALUE_MAX];
};

/** Zeroed by the server before a handler fills it. */
struct web_response {
	unsigned status;           /* 0 = 200 */
	const char *content_type;  /* lives for ever; NULL = plain text in UTF-8 */
	struct text body;          /* handed over; a failed text becomes status 500 */
	unsigned vary;             /* WEB_VARY_… */
	const char *cache_control; /* lives for ever; NULL = no-store */
	struct web_header headers[WEB_HEADERS_MAX];
	size_t header_count;
};

typedef void (*web_handler)(
	void *context, struct web_request *request, struct web_response *response);

struct web_route {
	enum web_method method;
	const char *path;
	bool prefix; /* path also stands for everything that begins with it */
	web_handler handle;
	void *context;
};

/** The path as decoded, without the query: "/api/v1/requirements/ntp". */
const char *web_request_path(const struct web_request *request);

/** What follows the path of a prefix route: "ntp"; "" when nothing does. */
const char *web_request_rest(const struct web_request *request);

/** A parameter of the query, decoded; "" without a value, NULL when absent. */
const char *web_request_query(const struct web_request *request, const char *name);

/** NULL when the header was not sent; names are compared without case. */
const char *web_request_header(const struct web_request *request, const char *name);

/** Adds a header; the value is copied. \retval false  no room, or the value was cut */
bool web_response_header(
	struct web_response *response, const char *name, const char *value);

/** What a handler numbers the bodies with that requests share, and one that is not. */
#define WEB_SHARED_MAX 8
#define WEB_ALONE      WEB_SHARED_MAX

/**
 * To be asked before a long body is printed, which only its number may decide. Many
 * clients that read slowly must cost neither a printing nor a body each: they get the one
 * that was printed under this number within the last half second, packed or not as they
 * accept it. When clients hold limits.octets already, the answer is 503 with Retry-After;
 * so all bodies together stay below the limit and one more.
 * \param number  below WEB_SHARED_MAX, or WEB_ALONE: printed anew each time
 * \retval true  the body is settled and the handler done, but for headers
 */
bool web_share(
	struct web_request *request, unsigned number, struct web_response *response);

/** A short plain text with its status: for errors and for /-/healthy. */
void web_response_plain(
	struct web_response *response, unsigned status, const char *sentence);

/**
 * Says within a handler that the answer comes later; what the handler writes into its
 * response is ignored. The client's deadline stands still until then.
 * \return to be completed exactly once, even after web_free(); NULL = out of memory
 */
struct web_deferred *web_defer(struct web_request *request);

/**
 * Answers a deferred request and frees the handle. Safe when the client or the whole
 * server has gone meanwhile: the body is then freed.
 */
void web_complete(struct web_deferred *deferred, struct web_response *response);

#endif
