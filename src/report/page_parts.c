/* SPDX-License-Identifier: Apache-2.0 */
#include "report/page_parts.h"

#include <ctype.h>

#include "base/utf8.h"
#include "report/moment.h"
#include "report/wording.h"

void page_word(const struct page *page, enum page_word word)
{
#define PAGE_WORD_ROW(identifier, en, de) [WORD_##identifier] = { en, de },
	static const char *const words[WORD_COUNT][LANGUAGE_COUNT] = { PAGE_WORDS(
		PAGE_WORD_ROW) };
#undef PAGE_WORD_ROW

	text_append_html(page->text, words[word][page->language]);
}

void page_escaped(const struct page *page, const char *string)
{
	utf8_append_html(page->text, string);
}

void page_text(const struct page *page, struct text *words)
{
	page_escaped(page, words->data ? words->data : "");
	page->text->failed = page->text->failed || text_failed(words);
	text_done(words);
}

void page_shape(const struct page *page, enum verdict verdict)
{
	text_format(page->text,
		"<svg class=\"shape\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">"
		"<use href=\"#shape-%s\"/></svg>",
		verdict_name(verdict));
}

static void append_name(struct text *text, const char *name)
{
	for (; *name; name++) {
		unsigned char octet = (unsigned char)*name;

		if (octet < 0x80 && (isalnum(octet) || octet == '-'))
			text_append_char(text, *name);
		else
			text_format(text, "_%02x", octet);
	}
}

void page_anchor(const struct page *page, const struct requirement_state *state)
{
	append_name(page->text, state->site->name);
	text_append_char(page->text, '.');
	append_name(page->text, state->requirement->id);
}

void page_age(const struct page *page, int64_t wall_us)
{
	char stamp[MOMENT_TEXT_MAX], full[MOMENT_TEXT_MAX], age[MOMENT_TEXT_MAX];

	text_format(page->text, "<time datetime=\"%s\" title=\"%s\">%s</time>",
		moment_rfc3339(wall_us, stamp, sizeof(stamp)),
		moment_for_people(wall_us, page->language, full, sizeof(full)),
		moment_age(page->source->now_wall_us - wall_us, age, sizeof(age)));
}

void page_finding(const struct page *page, const struct requirement_state *state)
{
	const struct evidence *evidence = wording_evidence(state);
	char line[WORDING_SAID_MAX];

	page_escaped(
		page, wording_sentence(state->verdict, state->cause, page->language));
	text_format(
		page->text, " <code class=\"cause\">%s</code>", cause_name(state->cause));
	if (!evidence)
		return;
	text_append(page->text, " <span class=\"evidence\">");
	page_escaped(page, wording_said(evidence, page->language, line, sizeof(line)));
	text_append(page->text, "</span>");
}

void page_fact(const struct page *page, enum page_word name, bool value)
{
	text_append(page->text, "<div><dt>");
	page_word(page, name);
	text_append(page->text, "</dt><dd>");
	page_word(page, value ? WORD_YES : WORD_NO);
	text_append(page->text, "</dd></div>\n");
}
