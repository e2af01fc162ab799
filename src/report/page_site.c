/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/moment.h"
#include "report/page_parts.h"
#include "report/wording.h"

static void append_tag(const struct page *page, enum page_word word)
{
	text_append(page->text, " <span class=\"tag\">");
	page_word(page, word);
	text_append(page->text, "</span>");
}

static void append_requirement(
	const struct page *page, const struct requirement_state *state)
{
	static const enum page_word directions[DIRECTION_COUNT] = {
		[DIRECTION_INBOUND] = WORD_INBOUND,
		[DIRECTION_OUTBOUND] = WORD_OUTBOUND,
		[DIRECTION_BOTH] = WORD_BOTH,
	};
	const struct requirement *row = state->requirement;
	struct text target = { 0 };

	text_append(page->text, "<th scope=\"row\"><a class=\"id\" href=\"#");
	page_anchor(page, state);
	text_append(page->text, "\">");
	page_escaped(page, row->id);
	text_append(page->text, "</a> <span class=\"target\">");
	wording_target(state, &target);
	page_text(page, &target);
	text_append(page->text, "</span> <span class=\"tags\">");
	if (row->protocol) {
		text_append(page->text, "<span class=\"tag\">");
		page_escaped(page, row->protocol);
		text_append(page->text, "</span>");
	}
	append_tag(page, directions[row->direction]);
	if (row->severity == SEVERITY_INFO)
		append_tag(page, WORD_INFORMATIONAL);
	if (row->addition)
		append_tag(page, WORD_ADDITION);
	text_append(page->text, "</span></th>\n");
}

/* A cell that names its column itself, for screens too narrow for a table head. */
static void begin_cell(const struct page *page, const char *class, enum page_word column)
{
	text_format(page->text, "<td class=\"%s\" data-column=\"", class);
	page_word(page, column);
	text_append(page->text, "\">");
}

static void append_state(const struct page *page, const struct requirement_state *state)
{
	begin_cell(page, "state", WORD_STATE);
	page_shape(page, state->verdict);
	page_escaped(page, wording_verdict(state->verdict, page->language));
	text_append(page->text, "</td>\n");
}

static void append_since(const struct page *page, const struct requirement_state *state)
{
	begin_cell(page, "since", WORD_SINCE);
	if (state->since_us > 0)
		page_age(page, state->since_us);
	text_append(page->text, "</td>\n");
}

static void append_last_run(
	const struct page *page, const struct requirement_state *state)
{
	const struct outcome *last = &state->worst->last;
	char duration[MOMENT_TEXT_MAX];

	begin_cell(page, "last", WORD_LAST_RUN);
	if (last->wall_us > 0) {
		text_append(page->text,
			moment_duration(last->duration_us, page->language, duration,
				sizeof(duration)));
		text_append(page->text, " <span class=\"ago\">");
		page_age(page, last->wall_us);
		text_append_char(page->text, ' ');
		page_word(page, WORD_AGO);
		text_append(page->text, "</span>");
	}
	text_append(page->text, "</td>\n");
}

/* Of several targets and families, each that is not ok. */
static void append_others(const struct page *page, const struct requirement_state *state)
{
	for (size_t i = 0; i < state->count; i++) {
		const struct record *record =
			store_record(page->source->store, state->first + i);

		if (!record->applies || record->state == VERDICT_OK ||
			record == state->worst)
			continue;
		text_append(page->text, "<p class=\"other\">");
		page_escaped(page, record->check->target);
		text_format(page->text, " %s: ", family_name(record->check->family));
		page_escaped(page,
			wording_sentence(
				record->state, record->state_cause, page->language));
		text_append(page->text, "</p>");
	}
}

/* What stands between two backticks is to be typed: code. */
static void append_hint(const struct page *page, const char *hint)
{
	struct text piece = { 0 };
	const char *begin, *end;

	for (; (begin = strchr(hint, '`')) && (end = strchr(begin + 1, '`'));
		hint = end + 1) {
		text_append_bytes(&piece, hint, (size_t)(begin - hint));
		text_append_char(&piece, '\0');
		text_append_bytes(&piece, begin + 1, (size_t)(end - begin - 1));
		if (text_failed(&piece))
			break;
		page_escaped(page, piece.data);
		text_append(page->text, "<code>");
		page_escaped(page, piece.data + (begin - hint) + 1);
		text_append(page->text, "</code>");
		text_clear(&piece);
	}
	page_escaped(page, hint);
	page->text->failed = page->text->failed || text_failed(&piece);
	text_done(&piece);
}

static void append_finding(const struct page *page, const struct requirement_state *state)
{
	const char *hint = wording_hint(state, page->language);

	begin_cell(page, "finding", WORD_FINDING);
	text_append(page->text, "<p>");
	page_finding(page, state);
	text_append(page->text, "</p>");
	if (state->verdict != VERDICT_OK)
		append_others(page, state);
	if (hint) {
		text_append(page->text, "<p class=\"hint\">");
		if (state->worst->check->fixed_cause != CAUSE_NONE) {
			page_word(page, WORD_HINT);
			text_append_char(page->text, ' ');
		}
		append_hint(page, hint);
		text_append(page->text, "</p>");
	}
	page_memory(page, state);
	text_append(page->text, "</td>\n");
}

static void append_row(const struct page *page, const struct requirement_state *state)
{
	const char *breaks = state->requirement->breaks[page->language];

	text_append(page->text, "<tr id=\"");
	page_anchor(page, state);
	text_format(page->text, "\" class=\"%s\">\n", verdict_name(state->verdict));
	append_requirement(page, state);
	append_state(page, state);
	append_since(page, state);
	append_last_run(page, state);
	append_finding(page, state);
	begin_cell(page, "breaks", WORD_BREAKS);
	page_escaped(page, breaks ? breaks : "");
	text_append(page->text, "</td>\n</tr>\n");
	page_ports(page, state);
}

static void append_head(const struct page *page, const struct site *site)
{
	static const enum page_word columns[] = { WORD_REQUIREMENT, WORD_STATE,
		WORD_SINCE, WORD_LAST_RUN, WORD_FINDING, WORD_BREAKS };

	text_append(page->text, "<table>\n<caption>");
	page_escaped(page, site->name);
	text_append(page->text, "</caption>\n<thead><tr>");
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		text_append(page->text, "<th scope=\"col\">");
		page_word(page, columns[i]);
		text_append(page->text, "</th>");
	}
	text_append(page->text, "</tr></thead>\n");
}

static bool row_belongs(const struct requirement_state *state, const struct site *site,
	const char *feature)
{
	return state->worst && state->site == site &&
		strcmp(state->requirement->feature, feature) == 0;
}

/* Rows of one feature need not be neighbours in the catalogue. */
static bool is_first(const struct page *page, const struct site *site,
	const struct summary *summary, size_t index, const char *feature)
{
	for (size_t i = summary->first; i < index; i++) {
		struct requirement_state state =
			store_requirement(page->source->store, i);

		if (row_belongs(&state, site, feature))
			return false;
	}
	return true;
}

static void append_feature(const struct page *page, const struct site *site,
	const struct summary *summary, const char *feature)
{
	text_append(page->text,
		"<tbody>\n<tr class=\"feature\"><th colspan=\"6\" scope=\"rowgroup\">");
	page_escaped(page, feature);
	text_append(page->text, "</th></tr>\n");
	for (size_t i = summary->first; i < summary->end; i++) {
		struct requirement_state state =
			store_requirement(page->source->store, i);

		if (row_belongs(&state, site, feature))
			append_row(page, &state);
	}
	text_append(page->text, "</tbody>\n");
}

static void append_site_head(
	const struct page *page, const struct site *site, const struct summary *summary)
{
	text_append(page->text, "<section class=\"site\">\n<h2>");
	page_escaped(page, site->name);
	text_append(page->text, "</h2>\n<p class=\"about\">");
	page_word(page,
		site->vantage == VANTAGE_INTERNET ? WORD_FROM_INTERNET : WORD_FROM_LAN);
	text_format(page->text, " · <span class=\"figure\">%zu ", summary->tested);
	page_word(page, WORD_OF);
	text_format(page->text, " %zu</span> ", summary->rows);
	page_word(page, WORD_ROWS_TESTED);
	text_append(page->text, "</p>\n");
}

void page_site(
	const struct page *page, const struct site *site, const struct summary *summary)
{
	append_site_head(page, site, summary);
	append_head(page, site);
	for (size_t i = summary->first; i < summary->end; i++) {
		struct requirement_state state =
			store_requirement(page->source->store, i);
		const char *feature = state.requirement->feature;

		if (row_belongs(&state, site, feature) &&
			is_first(page, site, summary, i, feature))
			append_feature(page, site, summary, feature);
	}
	text_append(page->text, "</table>\n</section>\n");
}
