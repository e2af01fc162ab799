/* SPDX-License-Identifier: Apache-2.0 */
#include "report/table.h"

#include <string.h>

#include "report/columns.h"
#include "report/moment.h"
#include "report/ports.h"
#include "report/summary.h"
#include "report/wording.h"

#define VERDICT_WIDTH  14
#define ID_WIDTH       20
#define TARGET_WIDTH   33
#define CAUSE_WIDTH    22
#define DURATION_WIDTH 7
#define DETAIL_INDENT  15

_Static_assert(1 + VERDICT_WIDTH + ID_WIDTH + 1 + TARGET_WIDTH + 1 + CAUSE_WIDTH + 1 +
			DURATION_WIDTH <=
		COLUMNS_MAX,
	"a row fits");

/* Worst first: what must be mended stands on top. */
static const enum verdict order[VERDICT_COUNT] = { VERDICT_FAILED, VERDICT_DEGRADED,
	VERDICT_UNKNOWN, VERDICT_OK };

struct table {
	const struct store *store;
	const struct table_options *options;
	const struct diagnoses *diagnoses;
	struct text *text;
};

static void append_verdict(const struct table *table, enum verdict verdict)
{
	static const char *const colours[VERDICT_COUNT] = {
		[VERDICT_UNKNOWN] = "\033[36m",
		[VERDICT_OK] = "\033[32m",
		[VERDICT_DEGRADED] = "\033[33m",
		[VERDICT_FAILED] = "\033[1;31m",
	};

	text_append_char(table->text, ' ');
	if (table->options->colour)
		text_append(table->text, colours[verdict]);
	columns_fill(table->text, wording_verdict(verdict, table->options->language),
		VERDICT_WIDTH);
	if (table->options->colour)
		text_append(table->text, "\033[0m");
}

static void append_target(
	struct text *text, const struct requirement_state *state, size_t width)
{
	struct text target = { 0 };

	wording_target(state, &target);
	if (text_failed(&target))
		text->failed = true;
	else
		columns_fill(text, target.data, width);
	text_done(&target);
}

static void append_result(
	const struct table *table, const struct requirement_state *state)
{
	const struct outcome *last = &state->worst->last;
	char duration[MOMENT_TEXT_MAX];

	text_append_char(table->text, ' ');
	columns_fill(table->text,
		state->cause != CAUSE_NONE ? cause_name(state->cause) : "", CAUSE_WIDTH);
	if (last->wall_us == 0)
		return;
	text_append_char(table->text, ' ');
	columns_cut(table->text,
		moment_duration(last->duration_us, table->options->language, duration,
			sizeof(duration)),
		DURATION_WIDTH);
}

static void end_line(struct text *text)
{
	while (text->length > 0 && text->data[text->length - 1] == ' ')
		text->length--;
	text_append_char(text, '\n');
}

static void append_headline(
	const struct table *table, const struct requirement_state *state)
{
	append_verdict(table, state->verdict);
	columns_fill(table->text, state->requirement->id, ID_WIDTH);
	text_append_char(table->text, ' ');
	append_target(table->text, state, TARGET_WIDTH);
	append_result(table, state);
	end_line(table->text);
}

/* Below the row it is about; its memory is freed. */
static void end_detail(const struct table *table, struct text *line)
{
	if (text_failed(line))
		table->text->failed = true;
	else
		columns_wrap(table->text, line->data, DETAIL_INDENT);
	text_done(line);
}

/* Which check, if there are several. */
static void begin_detail(const struct record *record, bool several, struct text *line)
{
	if (several)
		text_format(line, "%s %s: ", record->check->target,
			family_name(record->check->family));
}

/* One check that is not ok: why and who said so. */
static void append_reason(
	const struct table *table, const struct record *record, bool several)
{
	char evidence[WORDING_SAID_MAX];
	struct text line = { 0 };

	begin_detail(record, several, &line);
	text_append(&line,
		wording_sentence(
			record->state, record->state_cause, table->options->language));
	if (record->last.finding.evidence.kind != EVIDENCE_NONE)
		text_format(&line, " [%s]",
			wording_said(&record->last.finding.evidence,
				table->options->language, evidence, sizeof(evidence)));
	ports_append_row(record, table->options->language, &line);
	end_detail(table, &line);
}

/* One that is ok may be silent of some of its ports. */
static void append_untold(
	const struct table *table, const struct record *record, bool several)
{
	struct text line = { 0 };
	struct ports_view view;

	if (!ports_view_make(record, &view) || view.asked == view.passing + view.blocked)
		return;
	begin_detail(record, several, &line);
	ports_append_counts(&view, table->options->language, &line);
	end_detail(table, &line);
}

static void append_breaks(
	const struct table *table, const struct requirement_state *state)
{
	static const char *const lead[LANGUAGE_COUNT] = { "What breaks: ", "Folge: " };
	enum language language = table->options->language;
	const char *breaks = state->requirement->breaks[language];
	struct text line = { 0 };

	if (state->verdict == VERDICT_UNKNOWN || !breaks)
		return;
	text_format(&line, "%s%s", lead[language], breaks);
	end_detail(table, &line);
}

static size_t count_applying(
	const struct table *table, const struct requirement_state *state)
{
	size_t count = 0;

	for (size_t i = 0; i < state->count; i++)
		count += store_record(table->store, state->first + i)->applies;
	return count;
}

static void append_details(
	const struct table *table, const struct requirement_state *state)
{
	const char *hint = wording_hint(state, table->options->language);
	bool several = count_applying(table, state) > 1;

	for (size_t i = 0; i < state->count; i++) {
		const struct record *record =
			store_record(table->store, state->first + i);

		if (record->applies && record->state != VERDICT_OK)
			append_reason(table, record, several);
	}
	append_breaks(table, state);
	if (hint)
		columns_wrap(table->text, hint, DETAIL_INDENT);
}

static void append_untold_ports(
	const struct table *table, const struct requirement_state *state)
{
	bool several = count_applying(table, state) > 1;

	for (size_t i = 0; i < state->count; i++) {
		const struct record *record =
			store_record(table->store, state->first + i);

		if (record->applies)
			append_untold(table, record, several);
	}
}

static bool is_fixed(const struct requirement_state *state)
{
	return state->worst->check->fixed_cause != CAUSE_NONE;
}

static bool same_text(const char *left, const char *right)
{
	return left == right || (left && right && strcmp(left, right) == 0);
}

/* Rows that cannot be run for one reason are listed together, the reason once. */
static bool same_reason(const struct table *table, const struct requirement_state *left,
	const struct requirement_state *right)
{
	enum language language = table->options->language;

	return is_fixed(left) && is_fixed(right) && left->cause == right->cause &&
		same_text(wording_hint(left, language), wording_hint(right, language));
}

static void append_rows(const struct table *table, const struct site *site,
	const struct summary *summary, enum verdict verdict)
{
	struct requirement_state before = { 0 }; /* its reason is still to be said */

	for (size_t i = summary->first; i < summary->end; i++) {
		struct requirement_state state = store_requirement(table->store, i);

		if (state.site != site || !state.worst || state.verdict != verdict)
			continue;
		if (before.worst && !same_reason(table, &before, &state))
			append_details(table, &before);
		append_headline(table, &state);
		if (verdict != VERDICT_OK)
			before = state;
		else
			append_untold_ports(table, &state);
	}
	if (before.worst)
		append_details(table, &before);
}

/* "internet-uplink: license-443, ntp" and below it why, who says so and what to do. */
static void append_diagnosis(const struct table *table, const struct diagnosis *diagnosis)
{
	struct text names = { 0 }, words = { 0 };

	text_format(&names, "%s: ", common_cause_name(diagnosis->cause));
	wording_covered(table->diagnoses, diagnosis, table->store, &names);
	wording_diagnosis(diagnosis, table->options->language, &words);
	if (text_failed(&names) || text_failed(&words)) {
		table->text->failed = true;
	} else {
		columns_wrap(table->text, names.data, 1);
		columns_wrap(table->text, words.data, DETAIL_INDENT);
	}
	text_done(&names);
	text_done(&words);
}

static void append_diagnoses(const struct table *table, const struct site *site)
{
	bool any = false;

	for (size_t i = 0; i < table->diagnoses->count; i++) {
		if (table->diagnoses->items[i].site != site)
			continue;
		append_diagnosis(table, &table->diagnoses->items[i]);
		any = true;
	}
	if (any)
		text_append_char(table->text, '\n');
}

static void append_site(
	const struct table *table, const struct site *site, const struct summary *summary)
{
	columns_cut(table->text, site->name, 40);
	text_format(table->text, " (%s): ", vantage_name(site->vantage));
	wording_summary(summary, table->options->language, table->text);
	text_append(table->text, "\n\n");
	append_diagnoses(table, site);
	for (size_t rank = 0; rank < VERDICT_COUNT; rank++)
		append_rows(table, site, summary, order[rank]);
	text_append_char(table->text, '\n');
}

void table_write(const struct report_source *source, const struct table_options *options,
	struct text *text)
{
	struct diagnoses diagnoses = { 0 };
	const struct table table = { source->store, options, &diagnoses, text };
	const struct plan *plan = store_plan(source->store);
	struct summaries summaries;

	if (!summaries_make(source->store, &summaries)) {
		text->failed = true;
		return;
	}
	if (!diagnoses_make(source->store, &source->host, &diagnoses))
		text->failed = true;
	append_diagnoses(&table, NULL);
	for (size_t i = 0; i < plan->site_count; i++) {
		if (summaries.sites[i].rows > 0)
			append_site(&table, &plan->sites[i], &summaries.sites[i]);
	}
	wording_summary(&summaries.all, options->language, text);
	text_append_char(text, '\n');
	diagnoses_done(&diagnoses);
	summaries_done(&summaries);
}

void table_progress(
	const struct record *record, size_t done, size_t total, struct text *text)
{
	const struct check *check = record->check;
	struct text line = { 0 };

	text_format(&line, "%zu/%zu %s %s %s %s", done, total, check->requirement->id,
		check->target, family_name(check->family),
		verdict_name(record->last.finding.verdict));
	if (text_failed(&line))
		text->failed = true;
	else
		columns_cut(text, line.data, COLUMNS_MAX - 1);
	text_done(&line);
}

int table_exit_code(const struct store *store)
{
	static const int codes[VERDICT_COUNT] = {
		[VERDICT_OK] = 0,
		[VERDICT_DEGRADED] = 1,
		[VERDICT_FAILED] = 2,
		[VERDICT_UNKNOWN] = 3,
	};
	struct summaries summaries;
	int code = codes[VERDICT_UNKNOWN];

	if (!summaries_make(store, &summaries))
		return code;
	code = codes[summaries.all.verdict];
	summaries_done(&summaries);
	return code;
}
