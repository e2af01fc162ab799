/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/page_parts.h"

static void append_name(const struct page *page, enum page_word name)
{
	text_append(page->text, "<div><dt>");
	page_word(page, name);
	text_append(page->text, "</dt><dd>");
}

static void append_state(const struct page *page, enum reflector_state state)
{
	static const enum page_word words[REFLECTOR_STATE_COUNT] = {
		[REFLECTOR_HELD] = WORD_HELD,
		[REFLECTOR_BUSY] = WORD_BUSY,
		[REFLECTOR_RESTING] = WORD_RESTING,
		[REFLECTOR_FAILED] = WORD_REFUSED,
	};
	const struct reflector_statistics *reflector = &page->source->reflector;

	if (state != REFLECTOR_HELD && reflector->ports[state] == 0)
		return;
	append_name(page, words[state]);
	text_format(page->text, "%zu", reflector->ports[state]);
	/* of halves there are thousands of ranges, which say no more than their number */
	if (reflector->ranges[state].count <= REFLECTOR_RANGES_TOLD &&
		reflector->ranges[state].count > 0) {
		text_append(page->text, " <span class=\"evidence\">");
		reflector_append_ranges(&reflector->ranges[state], page->text);
		text_append(page->text, "</span>");
	}
	if (state == REFLECTOR_FAILED) {
		text_append(page->text, " <span class=\"evidence\">");
		page_escaped(page, strerrordesc_np(reflector->error));
		text_append(page->text, "</span>");
	}
	text_append(page->text, "</dd></div>\n");
}

static void append_drops(const struct page *page)
{
	struct reflector_drop drops[REFLECTOR_DROPS];
	const char *between = "";
	uint64_t sum = 0;

	reflector_drops(&page->source->reflector, drops);
	for (size_t i = 0; i < REFLECTOR_DROPS; i++)
		sum += drops[i].packets;
	append_name(page, WORD_DROPPED);
	text_format(
		page->text, "%llu <span class=\"evidence\">", (unsigned long long)sum);
	for (size_t i = 0; i < REFLECTOR_DROPS; i++) {
		if (drops[i].packets == 0)
			continue;
		text_format(page->text, "%s%s %llu", between, drops[i].reason,
			(unsigned long long)drops[i].packets);
		between = ", ";
	}
	text_append(page->text, "</span></dd></div>\n");
}

void page_reflector(const struct page *page)
{
	const struct reflector_statistics *reflector = &page->source->reflector;

	if (!page->source->reflects)
		return;
	text_append(page->text, "<section class=\"host reflector\">\n<h2>");
	page_word(page, WORD_REFLECTOR);
	text_append(page->text, "</h2>\n<dl>\n");
	for (enum reflector_state state = 0; state < REFLECTOR_STATE_COUNT; state++)
		append_state(page, state);
	append_name(page, WORD_ANSWERED);
	text_format(page->text, "%llu</dd></div>\n",
		(unsigned long long)reflector_answered(reflector));
	append_drops(page);
	page_fact(page, WORD_KEYED, reflector->keyed);
	page_fact(page, WORD_STEERED, reflector->steers);
	text_append(page->text, "</dl>\n</section>\n");
}
