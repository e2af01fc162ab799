/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "program/service.h"
#include "report/explain.h"
#include "report/json.h"
#include "report/metrics.h"
#include "report/page.h"
#include "web/accept.h"

/* Behind the id of a requirement. */
#define EXPLAIN "/explain"

/* Of an id with EXPLAIN behind; no row of a catalogue has so long a one. */
#define ID_MAX 256

/*
 * Rows explained at length in one answer: the loop stands still meanwhile. Of 8,000
 * failed checks these take 5 ms and 72 KB, all of them 310 ms and 12 MB.
 */
#define EXPLAINED_MAX 50

static const char no_such[] = "no such requirement; /api/v1/status lists them all";

/* The bodies that requests share, two of each. */
enum { SHARED_METRICS = 0, SHARED_PAGE = 2, SHARED_STATUS = 4 };

/* "?lang=de" is stronger than the browser's wish, that stronger than the configuration.
 */
static enum language language_of(
	const struct service *service, const struct web_request *request)
{
	static const char *const names[LANGUAGE_COUNT] = { "en", "de" };
	const char *wish = web_request_query(request, "lang");
	size_t chosen;

	if (!wish)
		wish = web_request_query(request, "language");
	if (!wish)
		wish = web_request_header(request, "Accept-Language");
	chosen = web_choose_language(wish, names, LANGUAGE_COUNT);
	return chosen < LANGUAGE_COUNT ? (enum language)chosen
				       : service->config->language;
}

static void serve_page(
	void *context, struct web_request *request, struct web_response *response)
{
	enum language language = language_of(context, request);
	struct report_source source;

	response->content_type = "text/html; charset=utf-8";
	response->vary = WEB_VARY_LANGUAGE;
	if (web_share(request, SHARED_PAGE + language, response))
		return;
	source = service_source(context);
	page_write(&source, language, &response->body);
}

static void serve_stylesheet(
	void *context, struct web_request *request, struct web_response *response)
{
	(void)context;
	(void)request;
	response->content_type = "text/css; charset=utf-8";
	response->cache_control = "max-age=3600";
	text_append(&response->body, page_stylesheet());
}

static void serve_metrics(
	void *context, struct web_request *request, struct web_response *response)
{
	struct service *service = context;
	size_t expected = service->scrape_length;
	struct report_source source;
	bool openmetrics;

	response->content_type =
		web_metrics_type(web_request_header(request, "Accept"), &openmetrics);
	response->vary = WEB_VARY_ACCEPT;
	if (web_share(request, SHARED_METRICS + openmetrics, response))
		return;
	source = service_source(service);
	/*
	 * Asked for at once, up to 32 MiB come from what glibc kept of the last scrape. A
	 * text that grows is mapped anew each time, and its page faults cost more than
	 * its lines: 160 against 65 ns.
	 */
	text_reserve(&response->body, expected + expected / 16);
	metrics_write(&source, openmetrics ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT,
		&response->body);
	service->scrape_length = response->body.length;
}

static void serve_status(
	void *context, struct web_request *request, struct web_response *response)
{
	enum language language = language_of(context, request);
	struct report_source source;

	response->content_type = "application/json";
	response->vary = WEB_VARY_LANGUAGE;
	if (web_share(request, SHARED_STATUS + language, response))
		return;
	source = service_source(context);
	json_status(&source, language, &response->body);
}

static void serve_explanation(struct service *service, struct web_request *request,
	struct web_response *response)
{
	struct report_source source = service_source(service);
	struct explain_options options = {
		.language = language_of(service, request),
		.site = web_request_query(request, "site"),
		.remembered = true,
		.most = EXPLAINED_MAX,
	};
	char id[ID_MAX];

	text_copy(id, sizeof(id), web_request_rest(request));
	id[strlen(id) - strlen(EXPLAIN)] = '\0';
	response->content_type = NULL;
	if (explain_write(&source, id, &options, &response->body))
		return;
	if (strcmp(id, EXPLAIN_ALL) == 0)
		text_format(
			&response->body, "%s\n", explain_all_is_well(options.language));
	else
		web_response_plain(response, 404, no_such);
}

/* "ID/explain" */
static bool is_explanation(const char *rest)
{
	size_t length = strlen(rest);

	return length > strlen(EXPLAIN) && length < ID_MAX &&
		strcmp(rest + length - strlen(EXPLAIN), EXPLAIN) == 0;
}

static void serve_requirement(
	void *context, struct web_request *request, struct web_response *response)
{
	struct report_source source;

	response->content_type = "application/json";
	response->vary = WEB_VARY_LANGUAGE;
	if (web_share(request, WEB_ALONE, response))
		return;
	if (is_explanation(web_request_rest(request))) {
		serve_explanation(context, request, response);
		return;
	}
	source = service_source(context);
	if (!json_requirement(&source, web_request_rest(request),
		    language_of(context, request), &response->body))
		web_response_plain(response, 404, no_such);
}

static void serve_healthy(
	void *context, struct web_request *request, struct web_response *response)
{
	(void)context;
	(void)request;
	web_response_plain(response, 200, "Healthy");
}

/* Listeners open last: who can ask finds a loaded configuration and a running engine. */
static void serve_ready(
	void *context, struct web_request *request, struct web_response *response)
{
	(void)context;
	(void)request;
	web_response_plain(response, 200, "Ready");
}

static void serve_reload(
	void *context, struct web_request *request, struct web_response *response)
{
	struct web_deferred *deferred = web_defer(request);

	if (deferred)
		service_reload(context, deferred);
	else
		web_response_plain(response, 503, "out of memory");
}

void service_routes(struct service *service, struct web_route routes[SERVICE_ROUTES])
{
	const struct web_route table[SERVICE_ROUTES] = {
		{ WEB_GET, "/", false, serve_page, service },
		{ WEB_GET, "/style.css", false, serve_stylesheet, service },
		{ WEB_GET, "/metrics", false, serve_metrics, service },
		{ WEB_GET, "/api/v1/status", false, serve_status, service },
		{ WEB_GET, "/api/v1/requirements/", true, serve_requirement, service },
		{ WEB_GET, "/-/healthy", false, serve_healthy, service },
		{ WEB_GET, "/-/ready", false, serve_ready, service },
		{ WEB_POST, "/-/reload", false, serve_reload, service },
	};

	memcpy(routes, table, sizeof(table));
}
