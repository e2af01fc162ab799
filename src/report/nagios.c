/* SPDX-License-Identifier: Apache-2.0 */
#include "report/columns.h"
#include "report/ports.h"
#include "report/summary.h"
#include "report/table.h"
#include "report/wording.h"

/* "|" begins performance data and a line end ends the line: neither may come from us. */
static void append_line_safe(struct text *text, const char *string)
{
	size_t begin = text->length;

	columns_cut(text, string, SIZE_MAX);
	for (size_t i = begin; i < text->length; i++) {
		if (text->data[i] == '|')
			text->data[i] = '/';
	}
}

static void append_performance(struct text *text, const struct summary *all)
{
	static const enum verdict order[VERDICT_COUNT] = { VERDICT_OK, VERDICT_DEGRADED,
		VERDICT_FAILED, VERDICT_UNKNOWN };
	double tested = summary_completeness(all);

	text_append(text, " |");
	for (size_t i = 0; i < VERDICT_COUNT; i++)
		text_format(text, " %s=%zu;;;0;%zu", verdict_name(order[i]),
			all->counts[order[i]], all->rows);
	text_format(text, " completeness=%.1f%%;;;0;100\n", 100 * tested);
}

static void append_row(
	struct text *text, const struct requirement_state *state, enum language language)
{
	const struct evidence *evidence = wording_evidence(state);
	char line[WORDING_SAID_MAX];

	append_line_safe(text, state->site->name);
	text_format(text, " %s %s: ", state->requirement->id,
		wording_verdict(state->verdict, language));
	append_line_safe(text, wording_sentence(state->verdict, state->cause, language));
	if (evidence) {
		text_append(text, " [");
		append_line_safe(
			text, wording_said(evidence, language, line, sizeof(line)));
		text_append(text, "]");
	}
	ports_append_row(state->worst, language, text);
	text_append_char(text, '\n');
}

static void append_rows(struct text *text, const struct store *store,
	enum verdict verdict, enum language language)
{
	for (size_t i = 0; i < store_requirements(store); i++) {
		struct requirement_state state = store_requirement(store, i);

		if (state.worst && state.verdict == verdict)
			append_row(text, &state, language);
	}
}

static void append_diagnosis(struct text *text, const struct diagnoses *diagnoses,
	const struct diagnosis *diagnosis, const struct store *store,
	enum language language)
{
	struct text words = { 0 };

	wording_diagnosis(diagnosis, language, &words);
	text_append(&words, " (");
	wording_covered(diagnoses, diagnosis, store, &words);
	if (diagnosis->site) {
		append_line_safe(text, diagnosis->site->name);
		text_append_char(text, ' ');
	}
	text_format(text, "%s: ", common_cause_name(diagnosis->cause));
	append_line_safe(text, words.data ? words.data : "");
	text_append(text, ")\n");
	text->failed = text->failed || text_failed(&words);
	text_done(&words);
}

/* One cause of many stands above the many. */
static void append_diagnoses(
	struct text *text, const struct report_source *source, enum language language)
{
	struct diagnoses diagnoses;

	if (!diagnoses_make(source->store, &source->host, &diagnoses)) {
		text->failed = true;
		return;
	}
	for (size_t i = 0; i < diagnoses.count; i++)
		append_diagnosis(
			text, &diagnoses, &diagnoses.items[i], source->store, language);
	diagnoses_done(&diagnoses);
}

void table_nagios(
	const struct report_source *source, enum language language, struct text *text)
{
	static const char *const words[VERDICT_COUNT] = {
		[VERDICT_OK] = "OK",
		[VERDICT_DEGRADED] = "WARNING",
		[VERDICT_FAILED] = "CRITICAL",
		[VERDICT_UNKNOWN] = "UNKNOWN",
	};
	static const enum verdict worst_first[] = { VERDICT_FAILED, VERDICT_DEGRADED,
		VERDICT_UNKNOWN };
	struct summaries summaries;

	if (!summaries_make(source->store, &summaries)) {
		text->failed = true;
		return;
	}
	text_format(text, "STARFACE %s - ", words[summaries.all.verdict]);
	wording_summary(&summaries.all, language, text);
	append_performance(text, &summaries.all);
	append_diagnoses(text, source, language);
	for (size_t i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]); i++)
		append_rows(text, source->store, worst_first[i], language);
	summaries_done(&summaries);
}
