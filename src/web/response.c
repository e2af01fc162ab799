/* SPDX-License-Identifier: Apache-2.0 */
#include "web/response.h"

#include <string.h>

#include "web/body.h"

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

static void body_sent(void *body)
{
	body_release(body);
}

enum MHD_Result response_send(const struct web_response *response, struct body *body,
	struct MHD_Connection *connection)
{
	unsigned status = response->status ? response->status : MHD_HTTP_OK;
	struct MHD_Response *mhd = MHD_create_response_from_buffer_with_free_callback_cls(
		body->text.length, body->text.data, body_sent, body);
	enum MHD_Result result;

	if (!mhd)
		return MHD_NO;
	body_hold(body);
	add_headers(mhd, response, body->packed);
	result = MHD_queue_response(connection, status, mhd);
	MHD_destroy_response(mhd);
	return result;
}
