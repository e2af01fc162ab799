/* SPDX-License-Identifier: Apache-2.0 */
#include "program/command_explain.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/suggest.h"
#include "program/daemon_client.h"
#include "program/examination.h"
#include "report/explain.h"
#include "report/table.h"

#define EXIT_UNKNOWN 3

/* Prints and frees. */
static bool print(struct text *text)
{
	bool whole = !text_failed(text);

	fputs(whole && text->data ? text->data : "out of memory\n", stdout);
	text_done(text);
	return whole;
}

static int explain_now(const struct options *options)
{
	struct examination examination;
	struct service *service = &examination.service;
	struct text text = { 0 };
	int status = EXIT_UNKNOWN;

	if (examination_run(&examination, options, true)) {
		struct report_source source = service_source(service);
		struct explain_options how = { .language = service->config->language };

		if (!explain_write(&source, options->explained, &how, &text))
			text_format(&text, "%s\n", explain_all_is_well(how.language));
		if (print(&text))
			status = table_exit_code(source.store);
	}
	examination_done(&examination);
	return status;
}

static int list(const struct options *options)
{
	struct config *config = options_load(options);
	struct text text = { 0 };
	int status = EXIT_UNKNOWN;

	if (config) {
		explain_list(&config->plan, config->language, &text);
		status = print(&text) ? EXIT_SUCCESS : EXIT_UNKNOWN;
	}
	config_free(config);
	return status;
}

static int complain(struct text *error)
{
	fprintf(stderr, "starface-exporter: %s\n",
		error->data && !text_failed(error) ? error->data : "out of memory");
	text_done(error);
	return EXIT_UNKNOWN;
}

/* All of it; NULL = no answer that can be read. */
static json_t *ask_status(struct daemon_client *client)
{
	struct text body = { 0 }, ignored = { 0 };
	json_t *status = NULL;

	if (daemon_client_get(client, "/api/v1/status", &body, &ignored) == 200)
		status = json_loadb(body.data, body.length, 0, NULL);
	text_done(&body);
	text_done(&ignored);
	return status;
}

/* The daemon knows no such id: the nearest of those it knows. */
static void suggest(struct daemon_client *client, const char *id, struct text *error)
{
	struct suggestion suggestion = { .wrong = id };
	json_t *status = ask_status(client);
	json_t *site, *row;
	size_t i, j;

	json_array_foreach(json_object_get(status, "sites"), i, site)
	{
		json_array_foreach(json_object_get(site, "requirements"), j, row)
		{
			const char *known = json_string_value(json_object_get(row, "id"));

			if (known)
				suggestion_offer(&suggestion, known);
		}
	}
	text_format(error, "the daemon knows no requirement \"%s\"", id);
	if (suggestion.best)
		text_format(error, "; did you mean \"%s\"?", suggestion.best);
	suggestion_done(&suggestion);
	json_decref(status);
}

/* Is it among the sites of an answer? All of these are offered. */
static bool names_site(json_t *answer, struct suggestion *suggestion)
{
	bool named = false;
	json_t *place;
	size_t i;

	json_array_foreach(json_object_get(answer, "sites"), i, place)
	{
		const char *name = json_string_value(json_object_get(place, "name"));

		if (!name)
			continue;
		suggestion_offer(suggestion, name);
		named = named || strcmp(name, suggestion->wrong) == 0;
	}
	return named;
}

/* The answer is about other sites: there is none of this name, or not with this row. */
static void check_site(struct daemon_client *client, json_t *answer,
	const struct options *options, struct text *error)
{
	struct suggestion of_row = { .wrong = options->overrides.site };
	struct suggestion suggestion = { .wrong = options->overrides.site };
	json_t *status = NULL;

	if (of_row.wrong && !names_site(answer, &of_row)) {
		status = ask_status(client);
		if (names_site(status, &suggestion))
			text_format(error, "site \"%s\" has no such requirement",
				of_row.wrong);
		else
			text_format(error,
				"there is no site \"%s\"; the daemon knows: %s",
				of_row.wrong,
				suggestion.known.data ? suggestion.known.data : "none");
	}
	json_decref(status);
	suggestion_done(&of_row);
	suggestion_done(&suggestion);
}

/* As `check` exits, from what the daemon says of each site that is meant. */
static int worst_of(json_t *answer, const char *site)
{
	static const enum verdict order[] = { VERDICT_OK, VERDICT_DEGRADED,
		VERDICT_FAILED, VERDICT_UNKNOWN };
	enum verdict worst = VERDICT_OK;
	json_t *place;
	size_t i;

	json_array_foreach(json_object_get(answer, "sites"), i, place)
	{
		const char *name = json_string_value(json_object_get(place, "name"));
		json_t *row = json_object_get(place, "requirement");
		const char *verdict =
			json_string_value(json_object_get(row ? row : place, "verdict"));

		if (site && name && strcmp(site, name) != 0)
			continue;
		for (enum verdict one = 0; verdict && one < VERDICT_COUNT; one++) {
			if (strcmp(verdict_name(one), verdict) == 0)
				worst = verdict_worse(worst, one);
		}
	}
	for (int code = 0; code < VERDICT_COUNT; code++) {
		if (order[code] == worst)
			return code;
	}
	return EXIT_UNKNOWN;
}

static int ask_verdict(struct daemon_client *client, const char *id,
	const struct options *options, struct text *error)
{
	bool all = strcmp(id, EXPLAIN_ALL) == 0;
	struct text path = { 0 }, body = { 0 };
	int code = EXIT_UNKNOWN;
	json_t *answer = NULL;
	int status = 0;

	text_append(&path, all ? "/api/v1/status" : "/api/v1/requirements/");
	if (!all)
		daemon_client_encode(&path, id);
	if (!text_failed(&path))
		status = daemon_client_get(client, path.data, &body, error);
	if (status == 404)
		suggest(client, id, error);
	else if (status == 200)
		answer = json_loadb(body.data, body.length, 0, NULL);
	if (status != 0 && status != 404 && !answer)
		text_format(error, "this is no daemon's answer (status %d)", status);
	if (answer) {
		check_site(client, answer, options, error);
		code = worst_of(answer, options->overrides.site);
	}
	json_decref(answer);
	text_done(&path);
	text_done(&body);
	return code;
}

static void ask_text(struct daemon_client *client, const char *id,
	const struct options *options, struct text *error)
{
	const char *site = options->overrides.site;
	struct text path = { 0 }, body = { 0 };
	const char *mark = "?";
	int status = 0;

	text_append(&path, "/api/v1/requirements/");
	daemon_client_encode(&path, id);
	text_append(&path, "/explain");
	if (options->language) {
		text_format(&path, "?language=%s", options->language);
		mark = "&";
	}
	if (site) {
		text_format(&path, "%ssite=", mark);
		daemon_client_encode(&path, site);
	}
	if (!text_failed(&path))
		status = daemon_client_get(client, path.data, &body, error);
	if (status == 200)
		print(&body);
	else if (status != 0)
		text_format(error, "the daemon does not explain \"%s\"%s%s (status %d)",
			id, site ? " at a site " : "", site ? site : "", status);
	text_done(&path);
	text_done(&body);
}

static int explain_remembered(const struct options *options)
{
	const char *id = options->explained ? options->explained : EXPLAIN_ALL;
	struct text url = { 0 }, error = { 0 };
	struct daemon_client *client = NULL;
	int code = EXIT_UNKNOWN;

	if (options->daemon_url)
		text_append(&url, options->daemon_url);
	if (options->daemon_url || daemon_client_url(options->listen[0], &url, &error))
		client = daemon_client_new(url.data, &error);
	if (client)
		code = ask_verdict(client, id, options, &error);
	if (client && error.length == 0)
		ask_text(client, id, options, &error);
	daemon_client_free(client);
	text_done(&url);
	if (error.length > 0)
		return complain(&error);
	text_done(&error);
	return code;
}

int command_explain(const struct options *options)
{
	if (options->asks_daemon)
		return explain_remembered(options);
	return options->explained ? explain_now(options) : list(options);
}
