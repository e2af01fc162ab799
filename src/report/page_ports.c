/* SPDX-License-Identifier: Apache-2.0 */
/* A range of ports as a strip: each column the worst of its ports. */
#include "report/page_parts.h"
#include "report/ports.h"

#define COLUMNS_MAX   400
#define STRETCHES_MAX 8

/* Bars of a mark, by height: they are told apart without their colours. */
struct bar {
	unsigned top, height; /* of STRIP_HEIGHT; height 0 = none */
};

#define STRIP_HEIGHT 20
#define SWATCH_WIDTH 14

static const struct {
	const char *class;
	struct bar bars[3];
} marks[PORT_MARK_COUNT] = {
	[PORT_MARK_BLOCKED] = { "blocked", { { 0, 20 } } },
	[PORT_MARK_RETURN] = { "return", { { 0, 4 }, { 8, 4 }, { 16, 4 } } },
	[PORT_MARK_PASSES] = { "passes", { { 11, 9 } } },
	[PORT_MARK_PARTLY] = { "partly", { { 16, 4 } } },
	[PORT_MARK_UNTOLD] = { "untold", { { 11, 2 }, { 18, 2 } } },
	[PORT_MARK_UNASKED] = { "unasked", { { 19, 1 } } },
};

static void append_bars(
	const struct page *page, enum port_mark mark, size_t from, size_t width)
{
	for (size_t i = 0; i < 3 && marks[mark].bars[i].height > 0; i++) {
		const struct bar *bar = &marks[mark].bars[i];

		text_format(page->text, "M%zu %uh%zuv%uH%zuz", from, bar->top, width,
			bar->height, from);
	}
}

/* One path for all columns of a mark, neighbours in one piece. */
static size_t append_mark(const struct page *page, enum port_mark mark,
	const enum port_mark *columns, size_t count)
{
	size_t found = 0, run = 0;

	for (size_t i = 0; i <= count; i++) {
		if (i < count && columns[i] == mark) {
			run++;
			continue;
		}
		if (run > 0 && found == 0)
			text_format(page->text, "<path class=\"mark-%s\" d=\"",
				marks[mark].class);
		if (run > 0)
			append_bars(page, mark, i - run, run);
		found += run;
		run = 0;
	}
	if (found > 0)
		text_append(page->text, "\"/>");
	return found;
}

static void append_legend(const struct page *page, const size_t counts[PORT_MARK_COUNT])
{
	text_append(page->text, "<ul class=\"legend\">");
	for (enum port_mark mark = 0; mark < PORT_MARK_COUNT; mark++) {
		if (counts[mark] == 0)
			continue;
		text_format(page->text,
			"<li><svg class=\"swatch\" viewBox=\"0 0 %d %d\" "
			"aria-hidden=\"true\"><path class=\"mark-%s\" d=\"",
			SWATCH_WIDTH, STRIP_HEIGHT, marks[mark].class);
		append_bars(page, mark, 0, SWATCH_WIDTH);
		text_append(page->text, "\"/></svg> ");
		page_escaped(page, port_mark_words(mark, page->language));
		text_append(page->text, "</li>");
	}
	text_append(page->text, "</ul>\n");
}

/* For who cannot see it: what the strip shows, in words. */
static void append_alternative(const struct page *page, const struct ports_view *view)
{
	struct text list = { 0 };

	if (view->stretches == 0) {
		page_word(page, WORD_NONE_BLOCKED);
		return;
	}
	page_word(page, WORD_BLOCKED);
	text_append_char(page->text, ' ');
	ports_append_blocked(view, STRETCHES_MAX, page->language, &list);
	page_text(page, &list);
}

static void append_strip(const struct page *page, const struct ports_view *view)
{
	enum port_mark columns[COLUMNS_MAX];
	size_t counts[PORT_MARK_COUNT];
	size_t count = ports_columns(view, COLUMNS_MAX);

	for (size_t i = 0; i < count; i++)
		columns[i] = ports_column(view, i, count);
	text_format(page->text,
		"<svg class=\"strip\" viewBox=\"0 0 %zu %d\" "
		"preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
		count, STRIP_HEIGHT);
	append_alternative(page, view);
	text_append(page->text, "\">");
	/* the worst last, so that its line lies above its neighbours */
	for (enum port_mark mark = PORT_MARK_COUNT; mark-- > 0;)
		counts[mark] = append_mark(page, mark, columns, count);
	text_format(page->text,
		"</svg>\n<p class=\"scale\" aria-hidden=\"true\"><span>%u</span> "
		"<span>%u</span></p>\n",
		port_map_first(view->map), port_map_last(view->map));
	append_legend(page, counts);
}

static void append_stretches(const struct page *page,
	const struct requirement_state *state, const struct ports_view *view)
{
	struct port_stretch stretch;
	size_t count = 0;

	if (view->stretches == 0)
		return;
	text_append(page->text, "<p class=\"ranges\">");
	page_word(page, WORD_BLOCKED);
	text_append(page->text, "</p>\n<ul class=\"ranges\">");
	for (uint32_t from = 0;
		count < STRETCHES_MAX && port_plan_blocked(view->map, from, &stretch);
		from = stretch.last + 1U, count++) {
		struct text line = { 0 };

		ports_append_stretch(&stretch, page->language, &line);
		text_append(page->text, "<li>");
		page_text(page, &line);
		text_append(page->text, "</li>");
	}
	if (view->stretches > count) {
		text_format(page->text, "<li><a href=\"api/v1/requirements/%s\">%zu ",
			state->requirement->id, view->stretches - count);
		page_word(page, WORD_FURTHER);
		text_append(page->text, "</a></li>");
	}
	text_append(page->text, "</ul>\n");
}

static void append_caption(
	const struct page *page, const struct check *check, const struct ports_view *view)
{
	struct text words = { 0 };

	text_append(page->text, "<figcaption><span class=\"target\">");
	page_escaped(page, check->target);
	text_format(page->text, " %s</span> ", family_name(check->family));
	ports_append_counts(view, page->language, &words);
	text_append_char(&words, ' ');
	ports_append_bound(view, page->language, &words);
	page_text(page, &words);
	text_append(page->text, "</figcaption>\n");
}

void page_ports(const struct page *page, const struct requirement_state *state)
{
	bool any = false;

	for (size_t i = 0; i < state->count; i++) {
		const struct record *record =
			store_record(page->source->store, state->first + i);
		struct ports_view view;

		if (!record->applies || !ports_view_make(record, &view))
			continue;
		if (!any)
			text_append(
				page->text, "<tr class=\"ports\"><td colspan=\"6\">\n");
		any = true;
		text_append(page->text, "<figure>\n");
		append_caption(page, record->check, &view);
		append_strip(page, &view);
		append_stretches(page, state, &view);
		text_append(page->text, "</figure>\n");
	}
	if (any)
		text_append(page->text, "</td></tr>\n");
}
