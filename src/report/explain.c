/* SPDX-License-Identifier: Apache-2.0 */
#include "report/explain.h"

#include <string.h>

#include "engine/diagnosis.h"
#include "engine/probe.h"
#include "report/advice.h"
#include "report/columns.h"
#include "report/explain_parts.h"
#include "report/firewall.h"
#include "report/moment.h"
#include "report/proof.h"
#include "report/wording.h"

const char *explain_word(enum explain_word word, enum language language)
{
#define EXPLAIN_WORD_ROW(identifier, en, de) [EXPLAIN_##identifier] = { en, de },
	static const char *const words[EXPLAIN_WORD_COUNT][LANGUAGE_COUNT] = {
		EXPLAIN_WORDS(EXPLAIN_WORD_ROW)
	};
#undef EXPLAIN_WORD_ROW

	return words[word][language];
}

void explain_paragraph(const struct explanation *explanation, struct text *line)
{
	if (text_failed(line))
		explanation->text->failed = true;
	else if (line->data)
		columns_wrap(explanation->text, line->data, EXPLAIN_INDENT);
	text_done(line);
}

void explain_sentence(const struct explanation *explanation, const char *sentence)
{
	columns_wrap(explanation->text, sentence, EXPLAIN_INDENT);
}

void explain_heading(const struct explanation *explanation, enum explain_word word)
{
	text_append_char(explanation->text, '\n');
	text_append(explanation->text, explain_word(word, explanation->language));
	text_append_char(explanation->text, '\n');
}

static const char *word_of(const struct explanation *explanation, enum explain_word word)
{
	return explain_word(word, explanation->language);
}

static void append_title(const struct explanation *explanation)
{
	const struct requirement_state *state = explanation->state;

	columns_cut(explanation->text, state->requirement->id, 40);
	text_format(explanation->text, " %s ", word_of(explanation, EXPLAIN_AT));
	columns_cut(explanation->text, state->site->name, 30);
	text_format(explanation->text, ": %s\n",
		wording_verdict(state->verdict, explanation->language));
}

/* A name and what it is, the latter in a column of its own. */
static void append_field(
	const struct explanation *explanation, enum explain_word name, struct text *value)
{
	struct text lines = { 0 };

	columns_wrap(&lines, value->data ? value->data : "", EXPLAIN_INDENT + 12);
	if (text_failed(value) || text_failed(&lines)) {
		explanation->text->failed = true;
	} else {
		text_append(explanation->text, "    ");
		columns_fill(explanation->text, word_of(explanation, name), 12);
		text_append(explanation->text, lines.data + EXPLAIN_INDENT + 12);
	}
	text_done(&lines);
	text_done(value);
}

static void append_service(const struct explanation *explanation)
{
	const struct requirement *row = explanation->state->requirement;
	struct text value = { 0 };
	char ports[PORTS_TEXT_MAX];

	requirement_ports(row, ports, sizeof(ports));
	text_append(
		&value, row->protocol ? row->protocol : transport_name(row->transport));
	if (*ports)
		text_format(&value, ", %s %s/%s", word_of(explanation, EXPLAIN_PORT),
			ports, transport_name(row->transport));
	else
		text_format(&value, ", %s", word_of(explanation, EXPLAIN_NO_PORT));
	append_field(explanation, EXPLAIN_SERVICE, &value);
}

static void append_word_field(
	const struct explanation *explanation, enum explain_word name, const char *string)
{
	struct text value = { 0 };

	text_append(&value, string ? string : "");
	append_field(explanation, name, &value);
}

/* What a variable of the site stands for, and which one it is. */
static void append_host(const struct explanation *explanation)
{
	const char *written = explanation->state->requirement->host;
	const char *host = explanation->state->worst->check->host;
	struct text value = { 0 };

	if (*written == '$' && *host)
		text_format(&value, "%s (%s)", host, written);
	else
		text_append(&value, written);
	append_field(explanation, EXPLAIN_HOST, &value);
}

static void append_source(const struct explanation *explanation)
{
	const struct requirement *row = explanation->state->requirement;
	struct text value = { 0 };

	text_append(&value, row->source ? row->source : "");
	if (row->addition)
		text_format(&value, " (%s)", word_of(explanation, EXPLAIN_ADDITION));
	append_field(explanation, EXPLAIN_SOURCE, &value);
}

static void append_what(const struct explanation *explanation)
{
	static const enum explain_word directions[DIRECTION_COUNT] = {
		[DIRECTION_INBOUND] = EXPLAIN_INBOUND,
		[DIRECTION_OUTBOUND] = EXPLAIN_OUTBOUND,
		[DIRECTION_BOTH] = EXPLAIN_BOTH,
	};
	static const enum explain_word severities[SEVERITY_COUNT] = {
		[SEVERITY_CRITICAL] = EXPLAIN_CRITICAL,
		[SEVERITY_WARNING] = EXPLAIN_WARNING,
		[SEVERITY_INFO] = EXPLAIN_INFO,
	};
	const struct requirement_state *state = explanation->state;
	const struct requirement *row = state->requirement;

	explain_heading(explanation, EXPLAIN_WHAT);
	append_service(explanation);
	append_host(explanation);
	append_word_field(explanation, EXPLAIN_DIRECTION,
		word_of(explanation, directions[row->direction]));
	append_word_field(explanation, EXPLAIN_FEATURE, row->feature);
	append_word_field(explanation, EXPLAIN_SEVERITY,
		word_of(explanation, severities[row->severity]));
	append_source(explanation);
	append_word_field(explanation, EXPLAIN_MEASURED,
		word_of(explanation,
			state->site->vantage == VANTAGE_INTERNET ? EXPLAIN_FROM_INTERNET
								 : EXPLAIN_FROM_LAN));
}

/* What we found by comparing was said by nobody, unless it names who. */
static enum explain_word lead_of(const struct evidence *evidence)
{
	bool own = evidence->kind == EVIDENCE_COMPARISON ||
		evidence->kind == EVIDENCE_ADDRESSES;

	return own && evidence->offender.family == FAMILY_NONE ? EXPLAIN_RESTS
							       : EXPLAIN_WHO;
}

static void append_evidence(const struct explanation *explanation)
{
	const struct requirement_state *state = explanation->state;
	const struct evidence *evidence = wording_evidence(state);
	char said[WORDING_SAID_MAX];
	struct text line = { 0 };

	if (evidence)
		text_format(&line, "%s %s", word_of(explanation, lead_of(evidence)),
			wording_said(
				evidence, explanation->language, said, sizeof(said)));
	else if (state->cause == CAUSE_TIMEOUT)
		text_append(&line, word_of(explanation, EXPLAIN_NOBODY));
	explain_paragraph(explanation, &line);
}

/* Our address as the other side sees it, where the protocol tells: STUN, SIP. */
static void append_mapping(const struct explanation *explanation,
	const struct outcome *outcome, struct text *line)
{
	char end[TRANSPORT_ADDRESS_TEXT_MAX];

	if (outcome->mapped.address.family == FAMILY_NONE)
		return;
	if (outcome->local.address.family != FAMILY_NONE)
		text_format(line, ", %s %s", word_of(explanation, EXPLAIN_FROM),
			transport_address_format(&outcome->local, end, sizeof(end)));
	text_format(line, ", %s %s", word_of(explanation, EXPLAIN_SEEN),
		transport_address_format(&outcome->mapped, end, sizeof(end)));
}

/* Each of several targets and families by itself. */
static void append_check(
	const struct explanation *explanation, const struct record *record)
{
	char duration[MOMENT_TEXT_MAX];
	struct text line = { 0 };

	text_format(&line, "%s %s: %s", record->check->target,
		family_name(record->check->family),
		wording_verdict(record->state, explanation->language));
	if (record->state_cause != CAUSE_NONE)
		text_format(&line, ", %s", cause_name(record->state_cause));
	if (record->last.wall_us > 0)
		text_format(&line, " (%s)",
			moment_duration(record->last.duration_us, explanation->language,
				duration, sizeof(duration)));
	append_mapping(explanation, &record->last, &line);
	explain_paragraph(explanation, &line);
}

static void append_checks(const struct explanation *explanation)
{
	const struct requirement_state *state = explanation->state;

	for (size_t i = 0; i < state->count; i++) {
		const struct record *record =
			store_record(explanation->source->store, state->first + i);

		if (record->applies && record->check->fixed_cause == CAUSE_NONE)
			append_check(explanation, record);
	}
}

/* What explains several rows stands before this one's own cause in weight. */
static void append_common(const struct explanation *explanation)
{
	struct text line = { 0 };

	if (!explanation->diagnosis)
		return;
	text_format(&line, "%s ", word_of(explanation, EXPLAIN_COMMON));
	wording_diagnosed(explanation->diagnosis, explanation->language, &line);
	explain_paragraph(explanation, &line);
}

static void append_result(const struct explanation *explanation)
{
	const struct requirement_state *state = explanation->state;
	char since[MOMENT_TEXT_MAX];
	struct text line = { 0 };

	explain_heading(explanation, EXPLAIN_RESULT);
	text_append(&line, wording_verdict(state->verdict, explanation->language));
	if (explanation->remembered && state->since_us > 0)
		text_format(&line, " %s %s", word_of(explanation, EXPLAIN_SINCE),
			moment_for_people(state->since_us, explanation->language, since,
				sizeof(since)));
	text_format(&line, ": %s",
		wording_sentence(state->verdict, state->cause, explanation->language));
	if (state->cause != CAUSE_NONE)
		text_format(&line, " [%s]", cause_name(state->cause));
	explain_paragraph(explanation, &line);
	append_evidence(explanation);
	append_common(explanation);
	append_checks(explanation);
}

static void append_proof(const struct explanation *explanation)
{
	const struct requirement *row = explanation->state->requirement;
	const struct proof *proof = row->kind ? proof_of(row->kind->name) : NULL;
	const char *hint = wording_hint(explanation->state, explanation->language);

	explain_heading(explanation, EXPLAIN_PROOF);
	if (explanation->state->worst->check->fixed_cause != CAUSE_NONE)
		proof = NULL;
	if (proof) {
		explain_sentence(explanation, proof->proves[explanation->language]);
		explain_sentence(explanation, proof->leaves_open[explanation->language]);
	} else {
		explain_sentence(explanation, word_of(explanation, EXPLAIN_NO_PROOF));
	}
	if (hint && explanation->state->verdict == VERDICT_OK)
		explain_sentence(explanation, hint);
	if (row->direction == DIRECTION_OUTBOUND)
		explain_sentence(explanation, wording_limit(explanation->language));
}

static void append_breaks(const struct explanation *explanation)
{
	const char *breaks =
		explanation->state->requirement->breaks[explanation->language];

	if (!breaks)
		return;
	explain_heading(explanation, EXPLAIN_BREAKS);
	explain_sentence(explanation, breaks);
}

/* For ports that were found blocked their own, else the one of the row. */
static void append_rule(const struct explanation *explanation)
{
	const struct requirement_state *state = explanation->state;
	const struct store *store = explanation->source->store;
	struct firewall_scope scope = { .site = state->site,
		.requirement = state->requirement,
		.first = state->first,
		.count = state->count };
	bool missing = firewall_is_missing(store, &scope);

	if (missing)
		scope.missing = store;
	explain_heading(explanation, missing ? EXPLAIN_MISSING : EXPLAIN_RULE);
	explain_sentence(explanation,
		word_of(explanation,
			missing ? EXPLAIN_MISSING_ABOUT : EXPLAIN_RULE_ABOUT));
	text_append_char(explanation->text, '\n');
	firewall_write(
		store_plan(store), &scope, explanation->language, explanation->text);
}

/* Its remedy is all that is to be done for a row, too; else the row has its own. */
static bool says_all(enum common_cause cause)
{
	static const bool table[COMMON_CAUSE_COUNT] = {
		[COMMON_CAUSE_OWN_LINK] = true,
		[COMMON_CAUSE_OWN_ROUTE] = true,
		[COMMON_CAUSE_OWN_GATEWAY] = true,
		[COMMON_CAUSE_OWN_RESOLVER] = true,
		[COMMON_CAUSE_DNS_HIJACK] = true,
		[COMMON_CAUSE_CAPTIVE_PORTAL] = true,
		[COMMON_CAUSE_TLS_INTERCEPTION] = true,
		[COMMON_CAUSE_OWN_CLOCK] = true,
		[COMMON_CAUSE_PBX_DOWN] = true,
	};

	return table[cause];
}

/*
 * The rule is that of the row: it is no help where its name is not found, and of all that
 * several rows have in common it helps against one device alone.
 */
static bool may_lack_rule(const struct explanation *explanation)
{
	const struct requirement_state *state = explanation->state;
	const struct diagnosis *diagnosis = explanation->diagnosis;
	const struct probe_kind *kind = state->requirement->kind;

	if (cause_layer(state->cause) == LAYER_DNS &&
		!(kind && strcmp(kind->name, "dns") == 0))
		return false;
	return !diagnosis || diagnosis->cause == COMMON_CAUSE_COMMON_DEVICE;
}

/* \retval false  there is nothing more to be said */
static bool append_remedy(const struct explanation *explanation, struct text *line)
{
	const struct diagnosis *diagnosis = explanation->diagnosis;

	/* whoever refuses is named by the row as well, with what he refuses */
	if (!diagnosis || diagnosis->cause == COMMON_CAUSE_COMMON_DEVICE)
		return true;
	explain_sentence(explanation,
		common_cause_remedy(diagnosis->cause, explanation->language));
	if (says_all(diagnosis->cause))
		return false;
	text_format(line, "%s ", word_of(explanation, EXPLAIN_ALONE));
	return true;
}

static void append_advice(const struct explanation *explanation)
{
	const struct requirement_state *state = explanation->state;
	enum language language = explanation->language;
	enum advice advice = advice_for(state);
	const char *hint = wording_hint(state, language);
	struct text line = { 0 };

	explain_heading(explanation, EXPLAIN_ADVICE);
	if (hint && state->verdict == VERDICT_UNKNOWN)
		explain_sentence(explanation, hint);
	if (!append_remedy(explanation, &line))
		return;
	advice_write(advice, state, language, &line);
	explain_paragraph(explanation, &line);
	if (explanation->one && advice_needs_rule(advice) && may_lack_rule(explanation))
		append_rule(explanation);
}

static void explain(const struct explanation *explanation)
{
	append_title(explanation);
	append_what(explanation);
	append_result(explanation);
	explain_ports(explanation);
	append_proof(explanation);
	append_breaks(explanation);
	append_advice(explanation);
	explain_memory(explanation);
}

static bool is_meant(const struct requirement_state *state, const char *id,
	const struct explain_options *options)
{
	if (!state->worst ||
		(options->site && strcmp(state->site->name, options->site) != 0))
		return false;
	if (strcmp(id, EXPLAIN_ALL) == 0)
		return state->verdict != VERDICT_OK &&
			state->worst->check->fixed_cause == CAUSE_NONE;
	return strcmp(state->requirement->id, id) == 0;
}

/* Those of one verdict; \retval  how many there were, explained or not. */
static size_t explain_those(struct explanation *explanation, const char *id,
	const struct explain_options *options, const struct diagnoses *diagnoses,
	enum verdict verdict, size_t before)
{
	const struct store *store = explanation->source->store;
	size_t found = before;

	for (size_t i = 0; i < store_requirements(store); i++) {
		struct requirement_state state = store_requirement(store, i);

		if (state.verdict != verdict || !is_meant(&state, id, options))
			continue;
		found++;
		if (options->most > 0 && found > options->most)
			continue;
		if (found > 1)
			text_append(explanation->text, "\n\n");
		explanation->state = &state;
		explanation->diagnosis = diagnoses_cover(diagnoses, i);
		explain(explanation);
	}
	return found - before;
}

/* What stands for the rows that are not explained, and for the rules. */
static void append_rest(const struct explanation *explanation, size_t more)
{
	struct text line = { 0 };

	if (more > 0)
		text_format(&line, "\n%s %zu %s\n", word_of(explanation, EXPLAIN_AND),
			more, word_of(explanation, EXPLAIN_MORE));
	if (!explanation->one)
		text_format(&line, "\n%s\n", word_of(explanation, EXPLAIN_ALL_RULES));
	if (text_failed(&line))
		explanation->text->failed = true;
	else if (line.data)
		text_append(explanation->text, line.data);
	text_done(&line);
}

bool explain_write(const struct report_source *source, const char *id,
	const struct explain_options *options, struct text *text)
{
	static const enum verdict order[] = { VERDICT_FAILED, VERDICT_DEGRADED,
		VERDICT_UNKNOWN, VERDICT_OK };
	struct explanation explanation = { .source = source,
		.language = options->language,
		.remembered = options->remembered,
		.one = strcmp(id, EXPLAIN_ALL) != 0,
		.text = text };
	struct diagnoses diagnoses = { 0 };
	size_t found = 0;

	if (!diagnoses_make(source->store, &source->host, &diagnoses)) {
		text->failed = true;
		return true;
	}
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		found += explain_those(
			&explanation, id, options, &diagnoses, order[i], found);
	if (found > 0)
		append_rest(&explanation,
			options->most > 0 && found > options->most ? found - options->most
								   : 0);
	diagnoses_done(&diagnoses);
	return found > 0;
}
