/* SPDX-License-Identifier: Apache-2.0 */
#include "web/response.h"

#include <stdlib.h>
#include <string.h>

#include "web/accept.h"

/* Below it the gzip header and the time are not worth it. */
#define GZIP_LEAST 1024

bool web_response_header(
	struct web_response *response, const char *name, const char *value)
{
	struct web_header *header;

	if (response->header_count == WEB_HEADERS_MAX)
		return false;
	header = &response->headers[response->header_count++];
	header->name = name;
	return text_copy(header->value, sizeof(header->value), value);
}

void web_response_plain(
	struct web_response *response, unsigned status, const char *sentence)
{
	response->status = status;
	text_append(&response->body, sentence);
	text_append_char(&response->body, '\n');
}

struct pair {
	const char *name, *value;
};

static const struct pair page_headers[] = {
	{ "Content-Security-Policy",
		"default-src 'none'; style-src 'self'; img-src 'self' data:; "
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'" },
	{ "Referrer-Policy", "no-referrer" },
	{ "X-Frame-Options", "deny" },
};

/* By the set of WEB_VARY_… */
static const char *const vary[] = {
	"Accept-Encoding",
	"Accept-Encoding, Accept",
	"Accept-Encoding, Accept-Language",
	"Accept-Encoding, Accept, Accept-Language",
};

static void add(struct MHD_Response *mhd, const char *name, const char *value)
{
	MHD_add_response_header(mhd, name, value);
}

static void add_headers(
	struct MHD_Response *mhd, const struct web_response *response, bool packed)
{
	const char *type = response->content_type;
	const char *cache = response->cache_control;

	add(mhd, "Content-Type", type ? type : "text/plain; charset=utf-8");
	add(mhd, "Cache-Control", cache ? cache : "no-store");
	add(mhd, "Vary", vary[response->vary % (sizeof(vary) / sizeof(vary[0]))]);
	add(mhd, "X-Content-Type-Options", "nosniff");
	if (packed)
		add(mhd, "Content-Encoding", "gzip");
	if (type && strncmp(type, "text/html", 9) == 0) {
		for (size_t i = 0; i < sizeof(page_headers) / sizeof(page_headers[0]);
			i++)
			add(mhd, page_headers[i].name, page_headers[i].value);
	}
	for (size_t i = 0; i < response->header_count; i++)
		add(mhd, response->headers[i].name, response->headers[i].value);
}

/* Built once into one piece of memory, which the library frees when it was sent. */
static struct MHD_Response *body_release(struct text *body)
{
	struct MHD_Response *mhd;
	size_t length = 0;
	char *data = text_release(body, &length);

	if (!data)
		return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	mhd = MHD_create_response_from_buffer(length, data, MHD_RESPMEM_MUST_FREE);
	if (!mhd)
		free(data);
	return mhd;
}

bool response_may_pack(
	const struct web_response *response, struct MHD_Connection *connection)
{
	return !text_failed(&response->body) && response->body.length > GZIP_LEAST &&
		web_accepts_gzip(MHD_lookup_connection_value(
			connection, MHD_HEADER_KIND, "Accept-Encoding"));
}

enum MHD_Result response_send(
	struct web_response *response, struct MHD_Connection *connection, bool packed)
{
	unsigned status = response->status ? response->status : MHD_HTTP_OK;
	enum MHD_Result result;
	struct MHD_Response *mhd;

	if (text_failed(&response->body))
		status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	mhd = body_release(&response->body);
	if (!mhd)
		return MHD_NO;
	add_headers(mhd, response, packed);
	result = MHD_queue_response(connection, status, mhd);
	MHD_destroy_response(mhd);
	return result;
}
