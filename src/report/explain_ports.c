/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of a range, on a terminal: what is blocked, which way, and what may hide. */
#include "report/columns.h"
#include "report/explain_parts.h"
#include "report/ports.h"

#define STRETCHES_MAX 40
#define STRIP_WIDTH   (COLUMNS_MAX - EXPLAIN_INDENT)

static const char *word_of(const struct explanation *explanation, enum explain_word word)
{
	return explain_word(word, explanation->language);
}

static void append_figures(const struct explanation *explanation,
	const struct check *check, const struct ports_view *view)
{
	struct text line = { 0 };

	text_format(&line, "%s %s: ", check->target, family_name(check->family));
	ports_append_counts(view, explanation->language, &line);
	text_append_char(&line, ' ');
	ports_append_bound(view, explanation->language, &line);
	explain_paragraph(explanation, &line);
}

/* The strip of the page in letters, and what they mean. */
static void append_strip(
	const struct explanation *explanation, const struct ports_view *view)
{
	size_t columns = ports_columns(view, STRIP_WIDTH);
	bool used[PORT_MARK_COUNT] = { false };
	char letters[STRIP_WIDTH + 1];
	struct text legend = { 0 };
	const char *comma = "";

	for (size_t i = 0; i < columns; i++) {
		enum port_mark mark = ports_column(view, i, columns);

		used[mark] = true;
		letters[i] = port_mark_letter(mark);
	}
	letters[columns] = '\0';
	text_format(explanation->text, "%*s%s\n", EXPLAIN_INDENT, "", letters);
	for (enum port_mark mark = 0; mark < PORT_MARK_COUNT; mark++) {
		if (!used[mark])
			continue;
		text_format(&legend, "%s%c %s", comma, port_mark_letter(mark),
			port_mark_words(mark, explanation->language));
		comma = "; ";
	}
	explain_paragraph(explanation, &legend);
}

static void append_stretches(
	const struct explanation *explanation, const struct ports_view *view)
{
	struct port_stretch stretch;
	size_t count = 0;

	for (uint32_t from = 0;
		count < STRETCHES_MAX && port_plan_blocked(view->map, from, &stretch);
		from = stretch.last + 1U, count++) {
		struct text line = { 0 };

		ports_append_stretch(&stretch, explanation->language, &line);
		explain_paragraph(explanation, &line);
	}
	if (view->stretches > count) {
		struct text line = { 0 };

		text_format(&line, "%zu %s", view->stretches - count,
			word_of(explanation, EXPLAIN_FURTHER));
		explain_paragraph(explanation, &line);
	}
}

/* Each sentence once, whatever the number of families and targets. */
static void append_meaning(
	const struct explanation *explanation, const size_t counts[PORT_STATE_COUNT])
{
	static const struct {
		enum port_state state;
		enum explain_word word;
	} sentences[] = {
		{ PORT_LOST, EXPLAIN_PORTS_LOST },
		{ PORT_REFUSED, EXPLAIN_PORTS_LOST },
		{ PORT_RETURN, EXPLAIN_PORTS_RETURN },
		{ PORT_BLOCKED, EXPLAIN_PORTS_EITHER },
		{ PORT_SILENT, EXPLAIN_PORTS_SILENT },
		{ PORT_BUSY, EXPLAIN_PORTS_BUSY },
		{ PORT_UNHELD, EXPLAIN_PORTS_UNHELD },
		{ PORT_RESTING, EXPLAIN_PORTS_RESTING },
		{ PORT_DENIED, EXPLAIN_PORTS_DENIED },
	};
	bool said[EXPLAIN_WORD_COUNT] = { false };

	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		enum explain_word word = sentences[i].word;

		if (counts[sentences[i].state] > 0 && !said[word])
			explain_sentence(explanation, word_of(explanation, word));
		said[word] = said[word] || counts[sentences[i].state] > 0;
	}
}

void explain_ports(const struct explanation *explanation)
{
	const struct requirement_state *state = explanation->state;
	size_t counts[PORT_STATE_COUNT] = { 0 };
	bool any = false;

	for (size_t i = 0; i < state->count; i++) {
		const struct record *record =
			store_record(explanation->source->store, state->first + i);
		struct ports_view view;

		if (!record->applies || !ports_view_make(record, &view))
			continue;
		if (!any)
			explain_heading(explanation, EXPLAIN_PORTS);
		any = true;
		append_figures(explanation, record->check, &view);
		append_strip(explanation, &view);
		append_stretches(explanation, &view);
		for (enum port_state each = 0; each < PORT_STATE_COUNT; each++)
			counts[each] += view.counts[each];
	}
	append_meaning(explanation, counts);
}
