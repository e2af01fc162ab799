/* SPDX-License-Identifier: Apache-2.0 */
#include "web/request.h"

#include <stdlib.h>
#include <string.h>

#include "web/accept.h"
#include "web/body.h"
#include "web/connection.h"
#include "web/gzip.h"
#include "web/response.h"
#include "web/route.h"

/* No route reads a body; what clients send nevertheless is skipped up to this. */
#define BODY_MAX ((size_t)4096)

/* Below it the gzip header and the time are not worth it. */
#define GZIP_LEAST 1024

/* Half a millisecond, and more than the reports of one site: they need no thread. */
#define PACK_ON_LOOP_MAX ((size_t)256 * 1024)

const char *web_request_path(const struct web_request *request)
{
	return request->path;
}

const char *web_request_rest(const struct web_request *request)
{
	return request->path + strlen(request->route->path);
}

struct lookup {
	const char *name;
	const char *value;
};

static enum MHD_Result lookup_value(
	void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct lookup *lookup = context;

	(void)kind;
	if (strcmp(name, lookup->name) != 0)
		return MHD_YES;
	lookup->value = value ? value : "";
	return MHD_NO;
}

const char *web_request_query(const struct web_request *request, const char *name)
{
	struct lookup lookup = { .name = name };

	MHD_get_connection_values(
		request->connection, MHD_GET_ARGUMENT_KIND, lookup_value, &lookup);
	return lookup.value;
}

const char *web_request_header(const struct web_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

void *request_begin(void *context, const char *url, struct MHD_Connection *mhd)
{
	struct web_connection *connection = connection_of(mhd);

	if (!connection)
		return NULL;
	connection_busy(connection);
	connection->request = (struct web_request){
		.web = context,
		.connection = mhd,
		.share = WEB_ALONE,
		/* Decoded, it would end the path early and so name another route. */
		.malformed = strstr(url, "%00") != NULL,
	};
	return &connection->request;
}

void request_end(void *context, struct MHD_Connection *mhd, void **request_context,
	enum MHD_RequestTerminationCode code)
{
	struct web_request *request = *request_context;
	struct web_connection *connection = connection_of(mhd);

	(void)context;
	(void)code;
	*request_context = NULL;
	if (!request)
		return;
	if (request->deferred)
		request->deferred->request = NULL;
	text_done(&request->response.body);
	body_release(request->body);
	*request = (struct web_request){ 0 };
	if (connection)
		connection_idle(connection);
}

static void request_resume(struct web_request *request)
{
	if (!request->suspended)
		return;
	request->suspended = false;
	connection_busy(connection_of(request->connection));
	MHD_resume_connection(request->connection);
	web_wake(request->web);
}

static void body_packed(void *context, struct text *text, bool packed)
{
	struct body *body = context;
	struct web_connection *connection;

	body->text = *text;
	body->packed = packed;
	body->packing = false;
	body_count(body);
	LIST_FOREACH (connection, &body->web->connections, entry) {
		if (connection->request.body != body)
			continue;
		connection->request.stage = STAGE_READY;
		request_resume(&connection->request);
	}
	body_release(body);
}

/* What the packer cannot take goes out as it is: a large body is never packed here. */
static void body_pack(struct body *body)
{
	struct web *web = body->web;

	if (body->text.length <= PACK_ON_LOOP_MAX) {
		body->packed = gzip_text(&body->text);
		body_count(body);
	} else if (!web->stopping &&
		packer_pack(web->packer, &body->text, body_packed, body)) {
		body->packing = true;
		body_hold(body); /* by the packer */
	}
}

/* The body is settled here, by whatever made the response. */
static bool request_settle(struct web_request *request)
{
	struct web_response *response = &request->response;
	bool failed = text_failed(&response->body);

	if (request->body)
		return true;
	if (failed)
		response->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	request->body = body_new(request->web, &response->body);
	if (!request->body)
		return false;
	if (request->gzip && request->body->text.length > GZIP_LEAST)
		body_pack(request->body);
	if (request->share != WEB_ALONE && response->status == 0)
		body_share(request->body, request->share, request->gzip);
	return true;
}

static enum MHD_Result request_answer(struct web_request *request)
{
	if (!request_settle(request))
		return MHD_NO;
	return response_send(&request->response, request->body, request->connection);
}

/* A response queued before the body was read closes the connection after it. */
static bool body_is_announced_too_long(const struct web_request *request)
{
	const char *length = web_request_header(request, "Content-Length");

	return length && strtoul(length, NULL, 10) > BODY_MAX;
}

static enum MHD_Result request_headers(
	struct web_request *request, const char *method, const char *path)
{
	request->stage = STAGE_BODY;
	request->path = path;
	request->gzip = web_accepts_gzip(web_request_header(request, "Accept-Encoding"));
	request->web->statistics.requests++;
	if (request->malformed)
		web_response_plain(&request->response, 400, "the URL is malformed");
	else
		request->route =
			route_find(request->web, method, path, &request->response);
	if (!body_is_announced_too_long(request))
		return MHD_YES;
	text_done(&request->response.body);
	request->response = (struct web_response){ 0 };
	web_response_plain(&request->response, 413, "the body is too long");
	return request_answer(request);
}

static enum MHD_Result request_body(struct web_request *request, size_t *length)
{
	request->body_length += *length;
	*length = 0;
	return request->body_length <= BODY_MAX ? MHD_YES : MHD_NO;
}

/* What a handler wrote before it deferred is not the answer. */
static void request_handle(struct web_request *request)
{
	struct web_response response = { 0 };

	if (request->route)
		request->route->handle(request->route->context, request, &response);
	if (request->stage != STAGE_BODY || !request->route) {
		text_done(&response.body);
		return;
	}
	request->stage = STAGE_READY;
	request->response = response;
}

static enum MHD_Result request_wait(struct web_request *request)
{
	if (!request->web->stopping) {
		request->suspended = true;
		connection_waits_for_us(connection_of(request->connection));
		MHD_suspend_connection(request->connection);
		return MHD_YES;
	}
	body_release(request->body);
	request->body = NULL;
	request->response = (struct web_response){ 0 };
	web_response_plain(&request->response, 503, "shutting down");
	return request_answer(request);
}

/*
 * Called first with the headers only, then for each piece of a body, then once more
 * without one; and again after a suspended request was resumed. MHD_run() must never be
 * called from in here.
 */
enum MHD_Result request_step(void *context, struct MHD_Connection *mhd, const char *path,
	const char *method, const char *version, const char *upload,
	size_t *upload_length, void **request_context)
{
	struct web_request *request = *request_context;

	(void)context;
	(void)mhd;
	(void)version;
	(void)upload;
	if (!request)
		return MHD_NO;
	if (request->stage == STAGE_HEADERS)
		return request_headers(request, method, path);
	if (*upload_length > 0)
		return request_body(request, upload_length);
	if (request->stage == STAGE_BODY)
		request_handle(request);
	if (request->stage == STAGE_READY && !request_settle(request))
		return MHD_NO;
	if (request->body && request->body->packing)
		request->stage = STAGE_DEFERRED;
	return request->stage == STAGE_DEFERRED ? request_wait(request)
						: request_answer(request);
}

bool web_share(
	struct web_request *request, unsigned number, struct web_response *response)
{
	const struct web *web = request->web;

	request->body = body_shared(request->web, number, request->gzip);
	request->share = number;
	if (request->body)
		return true;
	if (web->octets < web->limits.octets)
		return false;
	response->content_type = NULL;
	web_response_plain(
		response, 503, "too much is being sent already; ask again in a second");
	web_response_header(response, "Retry-After", "1");
	return true;
}

struct web_deferred *web_defer(struct web_request *request)
{
	struct web_deferred *deferred = calloc(1, sizeof(*deferred));

	if (!deferred)
		return NULL;
	deferred->request = request;
	request->deferred = deferred;
	request->stage = STAGE_DEFERRED;
	return deferred;
}

/*
 * While it is suspended the library does not look at a connection, so it cannot end
 * before this even if the client has left: the answer is then written into the void.
 */
void web_complete(struct web_deferred *deferred, struct web_response *response)
{
	struct web_request *request = deferred->request;

	if (!request) {
		text_done(&response->body);
		free(deferred);
		return;
	}
	free(deferred);
	request->deferred = NULL;
	request->stage = STAGE_READY;
	request->response = *response;
	response->body = (struct text){ 0 };
	request_resume(request);
}

void request_resume_all(struct web *web)
{
	struct web_connection *connection;

	LIST_FOREACH (connection, &web->connections, entry)
		request_resume(&connection->request);
}
