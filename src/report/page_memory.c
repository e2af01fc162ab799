/* SPDX-License-Identifier: Apache-2.0 */
#include "report/conversation.h"
#include "report/moment.h"
#include "report/page_parts.h"
#include "report/wording.h"

static void append_cause(
	const struct page *page, enum cause cause, const struct evidence *evidence)
{
	char line[WORDING_SAID_MAX];

	if (cause != CAUSE_NONE)
		text_format(page->text, " <code class=\"cause\">%s</code>",
			cause_name(cause));
	if (evidence->kind == EVIDENCE_NONE)
		return;
	text_append(page->text, " <span class=\"evidence\">");
	page_escaped(page, wording_said(evidence, page->language, line, sizeof(line)));
	text_append(page->text, "</span>");
}

static void append_time(const struct page *page, int64_t wall_us)
{
	char stamp[MOMENT_TEXT_MAX], full[MOMENT_TEXT_MAX];

	text_format(page->text, "<time datetime=\"%s\">%s</time> ",
		moment_rfc3339(wall_us, stamp, sizeof(stamp)),
		moment_for_people(wall_us, page->language, full, sizeof(full)));
}

static void append_change(const struct page *page, const struct history_change *change)
{
	text_append(page->text, "<li>");
	append_time(page, change->wall_us);
	page_escaped(page, wording_verdict(change->before, page->language));
	text_append(page->text, " → ");
	page_escaped(page, wording_verdict(change->after, page->language));
	append_cause(page, change->cause, &change->evidence);
	text_append(page->text, "</li>\n");
}

static void append_changes(const struct page *page, const struct history *history)
{
	text_append(page->text, "<ul>\n");
	for (unsigned i = history->used; i > 0; i--)
		append_change(page, history->changes[i - 1]);
	text_append(page->text, "</ul>\n");
}

static void append_conversation(
	const struct page *page, const struct transcript *transcript)
{
	struct text lines = { 0 };

	conversation_write(transcript, page->language, 0, &lines);
	text_append(page->text, "<pre>");
	if (text_failed(&lines))
		page->text->failed = true;
	else if (lines.data)
		page_escaped(page, lines.data);
	text_append(page->text, "</pre>\n");
	text_done(&lines);
}

/* Of the last one what was said as well: the page stays within its bounds. */
static void append_runs(const struct page *page, const struct record *record)
{
	struct history_run *const *runs = record->remembered.items;

	for (size_t i = 0; i < HISTORY_RUNS_MAX && runs[i]; i++) {
		text_append(page->text, "<p>");
		append_time(page, runs[i]->wall_us);
		page_escaped(page, record->check->target);
		text_format(page->text, " %s", family_name(record->check->family));
		append_cause(page, runs[i]->finding.cause, &runs[i]->finding.evidence);
		text_append(page->text, "</p>\n");
		if (i == 0 && runs[i]->transcript)
			append_conversation(page, runs[i]->transcript);
	}
}

static void append_link(const struct page *page, const struct requirement_state *state)
{
	text_append(page->text, "<p><a href=\"api/v1/requirements/");
	page_escaped(page, state->requirement->id);
	text_format(
		page->text, "/explain?lang=%s&amp;site=", language_name(page->language));
	page_escaped(page, state->site->name); /* letters, digits and "-" alone */
	text_append(page->text, "\">");
	page_word(page, WORD_EXPLAINED);
	text_append(page->text, "</a></p>\n");
}

void page_memory(const struct page *page, const struct requirement_state *state)
{
	const struct store *store = page->source->store;

	if (state->worst->check->fixed_cause != CAUSE_NONE)
		return;
	text_append(page->text, "<details><summary>");
	page_word(page, WORD_MEMORY);
	text_append(page->text, "</summary>\n");
	if (state->history->used > 0)
		append_changes(page, state->history);
	for (size_t i = 0; i < state->count; i++)
		append_runs(page, store_record(store, state->first + i));
	append_link(page, state);
	text_append(page->text, "</details>");
}
