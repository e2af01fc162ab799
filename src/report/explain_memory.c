/* SPDX-License-Identifier: Apache-2.0 */
#include "report/conversation.h"
#include "report/explain_parts.h"
#include "report/moment.h"
#include "report/wording.h"

static void append_moment(
	const struct explanation *explanation, int64_t wall_us, struct text *line)
{
	char moment[MOMENT_TEXT_MAX];

	text_append(line,
		moment_for_people(
			wall_us, explanation->language, moment, sizeof(moment)));
}

/* Which check, when, what came of it, and where. */
static void append_run_head(const struct explanation *explanation,
	const struct check *check, const struct history_run *run)
{
	enum language language = explanation->language;
	const struct finding *finding = &run->finding;
	char duration[MOMENT_TEXT_MAX], said[EVIDENCE_TEXT_MAX];
	struct text line = { 0 };

	append_moment(explanation, run->wall_us, &line);
	text_format(&line, ", %s %s: %s", check->target, family_name(check->family),
		wording_verdict(finding->verdict, language));
	if (finding->cause != CAUSE_NONE)
		text_format(&line, ", %s %s %s", cause_name(finding->cause),
			explain_word(EXPLAIN_PHASE, language), phase_name(run->phase));
	text_format(&line, ", %s %s", explain_word(EXPLAIN_AFTER, language),
		moment_duration(run->duration_us, language, duration, sizeof(duration)));
	if (finding->evidence.kind != EVIDENCE_NONE)
		text_format(&line, " [%s]",
			wording_said(&finding->evidence, explanation->language, said,
				sizeof(said)));
	explain_paragraph(explanation, &line);
}

static void append_run(const struct explanation *explanation, const struct check *check,
	const struct history_run *run)
{
	append_run_head(explanation, check, run);
	if (run->transcript)
		conversation_write(run->transcript, explanation->language,
			EXPLAIN_INDENT + 2, explanation->text);
	else
		explain_sentence(
			explanation, explain_word(EXPLAIN_LOST, explanation->language));
}

static size_t append_runs(const struct explanation *explanation)
{
	const struct requirement_state *state = explanation->state;
	size_t count = 0;

	for (size_t i = 0; i < state->count; i++) {
		const struct record *record =
			store_record(explanation->source->store, state->first + i);
		struct history_run *const *runs = record->remembered.items;

		for (size_t run = 0; run < HISTORY_RUNS_MAX && runs[run]; run++) {
			append_run(explanation, record->check, runs[run]);
			count++;
		}
	}
	return count;
}

static void append_change(
	const struct explanation *explanation, const struct history_change *change)
{
	enum language language = explanation->language;
	char said[WORDING_SAID_MAX];
	struct text line = { 0 };

	append_moment(explanation, change->wall_us, &line);
	text_format(&line, ": %s → %s", wording_verdict(change->before, language),
		wording_verdict(change->after, language));
	if (change->cause != CAUSE_NONE)
		text_format(&line, ", %s", cause_name(change->cause));
	if (*change->target)
		text_format(
			&line, ", %s %s", change->target, family_name(change->family));
	if (change->evidence.kind != EVIDENCE_NONE)
		text_format(&line, " [%s]",
			wording_said(&change->evidence, explanation->language, said,
				sizeof(said)));
	explain_paragraph(explanation, &line);
}

static void append_history(const struct explanation *explanation)
{
	const struct history *history = explanation->state->history;

	explain_heading(explanation, EXPLAIN_HISTORY);
	for (unsigned i = history->used; i > 0; i--)
		append_change(explanation, history->changes[i - 1]);
	if (history->used == 0)
		explain_sentence(explanation,
			explain_word(EXPLAIN_NO_HISTORY, explanation->language));
}

/* A row that cannot be run has nothing to remember. */
void explain_memory(const struct explanation *explanation)
{
	if (explanation->state->worst->check->fixed_cause != CAUSE_NONE)
		return;
	explain_heading(explanation,
		explanation->remembered ? EXPLAIN_FAILURES : EXPLAIN_CONVERSATION);
	if (append_runs(explanation) == 0)
		explain_sentence(explanation,
			explain_word(EXPLAIN_NO_FAILURES, explanation->language));
	if (explanation->remembered)
		append_history(explanation);
}
