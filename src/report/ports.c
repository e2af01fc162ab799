/* SPDX-License-Identifier: Apache-2.0 */
#include "report/ports.h"

#include <string.h>

#include "engine/probe.h"

static const struct {
	char letter;
	const char *words[LANGUAGE_COUNT];
} marks[PORT_MARK_COUNT] = {
	[PORT_MARK_BLOCKED] = { '#', { "blocked", "gesperrt" } },
	[PORT_MARK_RETURN] = { '<', { "way back blocked", "Rückweg gesperrt" } },
	[PORT_MARK_PASSES] = { '=', { "all pass", "alle kommen durch" } },
	[PORT_MARK_PARTLY] = { '-',
		{ "those asked pass, others are not known",
			"gefragte kommen durch, andere sind nicht bekannt" } },
	[PORT_MARK_UNTOLD] = { '?',
		{ "asked, cannot be told", "gefragt, nicht feststellbar" } },
	[PORT_MARK_UNASKED] = { '.', { "not asked yet", "noch nicht gefragt" } },
};

/* What a blocked state means; the others have no stretch. */
static const char *const meanings[PORT_STATE_COUNT][LANGUAGE_COUNT] = {
	[PORT_LOST] = { "what is sent there does not arrive",
		"was dorthin gesendet wird, kommt nicht an" },
	[PORT_RETURN] = { "it arrives, and the answer does not come back",
		"es kommt an, aber die Antwort kommt nicht zurück" },
	[PORT_BLOCKED] = { "no answer; which way is blocked is not known",
		"keine Antwort; welcher Weg gesperrt ist, ist nicht bekannt" },
	[PORT_REFUSED] = { "it is refused", "es wird abgewiesen" },
};

char port_mark_letter(enum port_mark mark)
{
	return marks[mark].letter;
}

const char *port_mark_words(enum port_mark mark, enum language language)
{
	return marks[mark].words[language];
}

/* What the kind measured under this name in the last run; -1 = nothing. */
static double gauge_of(const struct record *record, const char *name)
{
	const struct probe_gauge *gauges = record->check->requirement->kind->gauges;

	for (unsigned i = 0; gauges && gauges[i].name; i++) {
		if (strcmp(gauges[i].name, name) == 0 &&
			outcome_has_value(&record->last, i))
			return record->last.values[i];
	}
	return -1;
}

static size_t count_class(const struct ports_view *view, enum port_class class)
{
	size_t count = 0;

	for (enum port_state state = 0; state < PORT_STATE_COUNT; state++) {
		if (port_state_class(state) == class)
			count += view->counts[state];
	}
	return count;
}

static size_t count_stretches(const struct port_map *map)
{
	struct port_stretch stretch;
	size_t count = 0;

	for (uint32_t from = 0; port_plan_blocked(map, from, &stretch);
		from = stretch.last + 1U)
		count++;
	return count;
}

bool ports_view_make(const struct record *record, struct ports_view *ret_view)
{
	struct ports_view view = { .map = record->ports };

	if (!view.map)
		return false;
	port_map_count(view.map, view.counts);
	view.size = port_map_size(view.map);
	view.asked = view.size - view.counts[PORT_UNASKED];
	if (view.asked == 0)
		return false;
	view.passing = count_class(&view, PORT_CLASS_PASSES);
	view.blocked = count_class(&view, PORT_CLASS_BLOCKED);
	view.stretches = view.blocked > 0 ? count_stretches(view.map) : 0;
	view.coverage = gauge_of(record, "rtp_range_coverage_ratio");
	view.bound = gauge_of(record, "rtp_blocked_ratio_upper_bound");
	*ret_view = view;
	return true;
}

size_t ports_columns(const struct ports_view *view, size_t most)
{
	return view->size < most ? view->size : most;
}

enum port_mark ports_column(const struct ports_view *view, size_t index, size_t columns)
{
	size_t begin = index * view->size / columns;
	size_t end = (index + 1) * view->size / columns;
	size_t classes[PORT_CLASS_BLOCKED + 1] = { 0 };
	size_t returns = 0, asked = 0;

	for (size_t i = begin; i < end; i++) {
		enum port_state state = port_map_state(
			view->map, (uint16_t)(port_map_first(view->map) + i));

		classes[port_state_class(state)]++;
		returns += state == PORT_RETURN;
		asked += state != PORT_UNASKED;
	}
	if (classes[PORT_CLASS_BLOCKED] > 0)
		return returns == classes[PORT_CLASS_BLOCKED] ? PORT_MARK_RETURN
							      : PORT_MARK_BLOCKED;
	if (classes[PORT_CLASS_PASSES] == end - begin)
		return PORT_MARK_PASSES;
	if (classes[PORT_CLASS_PASSES] > 0)
		return PORT_MARK_PARTLY;
	return asked > 0 ? PORT_MARK_UNTOLD : PORT_MARK_UNASKED;
}

void ports_append_range(uint16_t first, uint16_t last, struct text *text)
{
	text_format(text, "%u", first);
	if (last != first)
		text_format(text, "-%u", last);
}

void ports_append_blocked(const struct ports_view *view, size_t most,
	enum language language, struct text *text)
{
	static const char *const more[LANGUAGE_COUNT][2] = { { " and ", " more" },
		{ " und ", " weitere" } };
	struct port_stretch stretch;
	size_t count = 0;

	for (uint32_t from = 0;
		count < most && port_plan_blocked(view->map, from, &stretch);
		from = stretch.last + 1U) {
		if (count++ > 0)
			text_append(text, ", ");
		ports_append_range(stretch.first, stretch.last, text);
	}
	if (view->stretches > count)
		text_format(text, "%s%zu%s", more[language][0], view->stretches - count,
			more[language][1]);
}

void ports_append_row(
	const struct record *record, enum language language, struct text *text)
{
	static const char *const words[LANGUAGE_COUNT] = { "Blocked", "Gesperrt" };
	const char *said = record->last.finding.evidence.detail;
	struct ports_view view;

	if (strncmp(said, "blocked:", 8) == 0) /* the evidence has said it */
		return;
	if (!ports_view_make(record, &view) || view.stretches == 0)
		return;
	text_format(text, " %s: ", words[language]);
	ports_append_blocked(&view, 5, language, text);
	text_append_char(text, '.');
}

void ports_append_stretch(
	const struct port_stretch *stretch, enum language language, struct text *text)
{
	static const char *const words[LANGUAGE_COUNT][3] = {
		{ " ports)", " of ", " ports were asked, all of them blocked)" },
		{ " Ports)", " von ", " Ports wurden gefragt, alle gesperrt)" },
	};
	const char *const *word = words[language];
	size_t size = (size_t)stretch->last - stretch->first + 1;
	char evidence[EVIDENCE_TEXT_MAX];

	ports_append_range(stretch->first, stretch->last, text);
	if (stretch->blocked < size)
		text_format(
			text, " (%zu%s%zu%s", stretch->blocked, word[1], size, word[2]);
	else if (size > 1)
		text_format(text, " (%zu%s", size, word[0]);
	text_append(text, ": ");
	text_append(text, meanings[stretch->state][language]);
	if (stretch->reason && stretch->reason->evidence.kind != EVIDENCE_NONE)
		text_format(text, " [%s]",
			evidence_format(
				&stretch->reason->evidence, evidence, sizeof(evidence)));
}

void ports_append_counts(
	const struct ports_view *view, enum language language, struct text *text)
{
	static const char *const words[LANGUAGE_COUNT][5] = {
		{ " of ", " ports asked. Passing: ", ", blocked: ", ", cannot be told: ",
			"." },
		{ " von ", " Ports gefragt. Offen: ", ", gesperrt: ",
			", nicht feststellbar: ", "." },
	};
	const char *const *word = words[language];

	text_format(text, "%zu%s%zu%s%zu%s%zu%s%zu%s", view->asked, word[0], view->size,
		word[1], view->passing, word[2], view->blocked, word[3],
		view->asked - view->passing - view->blocked, word[4]);
}

/* 0.0293 as "2.93", in German "2,93"; never less than it is. */
static void append_percent(double ratio, enum language language, struct text *text)
{
	unsigned hundredths = (unsigned)(ratio * 10000);

	if (hundredths < 10000 && (double)hundredths < ratio * 10000)
		hundredths++;
	text_format(text, "%u%c%02u", hundredths / 100,
		language == LANGUAGE_DE ? ',' : '.', hundredths % 100);
}

void ports_append_bound(
	const struct ports_view *view, enum language language, struct text *text)
{
	static const char *const words[LANGUAGE_COUNT][2] = {
		{ "By what was asked, at most ",
			" % of the range are blocked (95 % confidence)." },
		{ "Nach dem, was gefragt wurde, sind höchstens ",
			" % des Bereichs gesperrt (Konfidenz 95 %)." },
	};
	static const char *const nothing[LANGUAGE_COUNT] = {
		"That says nothing of the range: all of it may be blocked.",
		"Über den Bereich sagt das nichts: Er kann ganz gesperrt sein.",
	};

	if (view->bound < 0)
		return;
	if (view->bound >= 1) {
		text_append(text, nothing[language]);
		return;
	}
	text_append(text, words[language][0]);
	append_percent(view->bound, language, text);
	text_append(text, words[language][1]);
}
