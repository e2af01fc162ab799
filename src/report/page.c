/* SPDX-License-Identifier: Apache-2.0 */
#include "report/page.h"

#include "report/moment.h"
#include "report/page_parts.h"
#include "report/wording.h"

/* Each verdict has a shape of its own: colour alone says nothing to one man in twelve. */
static const char shapes[] =
	"<svg class=\"shapes\" aria-hidden=\"true\">\n"
	"<symbol id=\"shape-ok\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" "
	"r=\"7\"/>"
	"<path class=\"ink\" d=\"M4.8 8.4l2.2 2.2 4.2-4.8\"/></symbol>\n"
	"<symbol id=\"shape-degraded\" viewBox=\"0 0 16 16\">"
	"<path d=\"M8 1.2 15.4 14.6H.6z\"/>"
	"<path class=\"ink\" d=\"M8 6v4M8 12v.2\"/></symbol>\n"
	"<symbol id=\"shape-failed\" viewBox=\"0 0 16 16\">"
	"<path d=\"M5 1h6l4 4v6l-4 4H5l-4-4V5z\"/>"
	"<path class=\"ink\" d=\"M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2\"/></symbol>\n"
	"<symbol id=\"shape-unknown\" viewBox=\"0 0 16 16\">"
	"<circle class=\"hollow\" cx=\"8\" cy=\"8\" r=\"6\"/></symbol>\n"
	"</svg>\n";

static void append_summary(const struct page *page, const struct summary *all)
{
	struct text sentence = { 0 };

	wording_summary(all, page->language, &sentence);
	page_text(page, &sentence);
}

static void append_document_head(const struct page *page, const struct summary *all)
{
	text_format(page->text,
		"<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, "
		"initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta name=\"robots\" content=\"noindex\">\n"
		"<meta http-equiv=\"refresh\" content=\"30\">\n<title>",
		language_name(page->language));
	append_summary(page, all);
	text_append(page->text, " – ");
	page_word(page, WORD_TITLE);
	text_append(page->text,
		"</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n</head>\n");
}

static void append_verdict(const struct page *page, const struct summary *all)
{
	enum language other = page->language == LANGUAGE_DE ? LANGUAGE_EN : LANGUAGE_DE;
	char stamp[MOMENT_TEXT_MAX], full[MOMENT_TEXT_MAX];
	int64_t now = page->source->now_wall_us;

	text_append(page->text, "<body>\n<a class=\"skip\" href=\"#results\">");
	page_word(page, WORD_SKIP);
	text_format(page->text, "</a>\n%s<header>\n<h1>", shapes);
	page_word(page, WORD_TITLE);
	text_format(page->text, "</h1>\n<p class=\"verdict %s\" role=\"status\">",
		verdict_name(all->verdict));
	page_shape(page, all->verdict);
	text_append(page->text, "<span>");
	append_summary(page, all);
	text_append(page->text, "</span></p>\n<p class=\"about\">");
	page_word(page, WORD_AS_OF);
	text_format(page->text, " <time datetime=\"%s\">%s</time>, ",
		moment_rfc3339(now, stamp, sizeof(stamp)),
		moment_for_people(now, page->language, full, sizeof(full)));
	page_word(page, WORD_REFRESHED);
	text_format(page->text,
		" · <a href=\"?lang=%s\" hreflang=\"%s\" lang=\"%s\" "
		"class=\"language\">",
		language_name(other), language_name(other), language_name(other));
	page_word(page, WORD_OTHER_LANGUAGE);
	text_append(page->text, "</a></p>\n</header>\n");
}

static void append_problem(const struct page *page, const struct requirement_state *state)
{
	text_format(page->text, "<li class=\"%s\">", verdict_name(state->verdict));
	page_shape(page, state->verdict);
	text_append(page->text, "<div><a href=\"#");
	page_anchor(page, state);
	text_append(page->text, "\">");
	page_escaped(page, state->requirement->id);
	text_append(page->text, "</a> <span class=\"where\">");
	page_escaped(page, state->site->name);
	text_append(page->text, "</span> ");
	page_escaped(page, wording_verdict(state->verdict, page->language));
	text_append(page->text, ": ");
	page_finding(page, state);
	text_append(page->text, "</div></li>\n");
}

/* What must be mended stands on top, the worse first. */
static void append_problems(const struct page *page, const struct summary *all)
{
	static const enum verdict order[] = { VERDICT_FAILED, VERDICT_DEGRADED };
	const struct store *store = page->source->store;

	if (all->counts[VERDICT_FAILED] + all->counts[VERDICT_DEGRADED] == 0)
		return;
	text_append(page->text, "<section class=\"problems\">\n<h2>");
	page_word(page, WORD_PROBLEMS);
	text_append(page->text, "</h2>\n<ul>\n");
	for (size_t rank = 0; rank < sizeof(order) / sizeof(order[0]); rank++) {
		for (size_t i = 0; i < store_requirements(store); i++) {
			struct requirement_state state = store_requirement(store, i);

			if (state.worst && state.verdict == order[rank])
				append_problem(page, &state);
		}
	}
	text_append(page->text, "</ul>\n</section>\n");
}

static void append_host(const struct page *page)
{
	const struct host_state *host = &page->source->host;

	text_append(page->text, "<section class=\"host\">\n<h2>");
	page_word(page, WORD_OWN_HOST);
	text_append(page->text, "</h2>\n");
	if (host->known) {
		text_append(page->text, "<dl>\n");
		page_fact(page, WORD_LINK, host->link_up);
		page_fact(page, WORD_ROUTE_IPV4, host->default_route_ipv4);
		page_fact(page, WORD_ROUTE_IPV6, host->default_route_ipv6);
		if (host->gateway.family != FAMILY_NONE)
			page_fact(page, WORD_GATEWAY, host->gateway_reachable);
		if (host->clock_known)
			page_fact(page, WORD_CLOCK, host->clock_synchronised);
		text_append(page->text, "</dl>\n");
	} else {
		text_append(page->text, "<p>");
		page_word(page, WORD_HOST_UNKNOWN);
		text_append(page->text, "</p>\n");
	}
	text_append(page->text, "<p>");
	page_escaped(page, wording_limit(page->language));
	text_append(page->text, "</p>\n</section>\n");
}

static void append_foot(const struct page *page)
{
	text_append(page->text, "<footer>\n<nav><a href=\"metrics\">");
	page_word(page, WORD_METRICS);
	text_append(page->text, "</a> <a href=\"api/v1/status\">");
	page_word(page, WORD_STATUS);
	text_append(page->text, "</a></nav>\n<p>starface-exporter ");
	page_escaped(page, page->source->version);
	text_append(page->text, ", ");
	page_word(page, WORD_RUNNING);
	text_append_char(page->text, ' ');
	page_age(page, page->source->started_wall_us);
	text_append(page->text, "</p>\n</footer>\n</body>\n</html>\n");
}

void page_write(
	const struct report_source *source, enum language language, struct text *text)
{
	const struct page page = { source, language, text };
	const struct plan *plan = store_plan(source->store);
	struct summaries summaries;

	if (!summaries_make(source->store, &summaries)) {
		text->failed = true;
		return;
	}
	append_document_head(&page, &summaries.all);
	append_verdict(&page, &summaries.all);
	text_append(text, "<main id=\"results\">\n");
	page_diagnoses(&page);
	append_problems(&page, &summaries.all);
	for (size_t i = 0; i < plan->site_count; i++) {
		if (summaries.sites[i].rows > 0)
			page_site(&page, &plan->sites[i], &summaries.sites[i]);
	}
	page_reflector(&page);
	append_host(&page);
	text_append(text, "</main>\n");
	append_foot(&page);
	summaries_done(&summaries);
}
