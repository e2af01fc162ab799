/* SPDX-License-Identifier: Apache-2.0 */
#include "report/wording.h"

const char *wording_sentence(
	enum verdict verdict, enum cause cause, enum language language)
{
	static const char *const not_yet[LANGUAGE_COUNT] = {
		"Not confirmed yet: no run has finished, or too few agree.",
		"Noch nicht bestätigt: Kein Lauf ist fertig, oder zu wenige stimmen "
		"überein.",
	};

	if (verdict == VERDICT_UNKNOWN && cause == CAUSE_NONE)
		return not_yet[language];
	return cause_sentence(cause, language);
}

const char *wording_verdict(enum verdict verdict, enum language language)
{
	static const char *const german[VERDICT_COUNT] = {
		[VERDICT_UNKNOWN] = "unbekannt",
		[VERDICT_OK] = "in Ordnung",
		[VERDICT_DEGRADED] = "eingeschränkt",
		[VERDICT_FAILED] = "ausgefallen",
	};

	return language == LANGUAGE_DE ? german[verdict] : verdict_name(verdict);
}

/* Around the two numbers: how many have the verdict that decides, and of how many. */
struct summary_words {
	const char *before, *between, *after;
};

static const struct summary_words words[VERDICT_COUNT][LANGUAGE_COUNT] = {
	[VERDICT_UNKNOWN] = { { "Nothing failed; ", " of ",
				      " requirements are not proven." },
		{ "Nichts ist ausgefallen; ", " von ",
			" Anforderungen sind nicht nachgewiesen." } },
	[VERDICT_OK] = { { "", " of ", " requirements are met." },
		{ "", " von ", " Anforderungen sind erfüllt." } },
	[VERDICT_DEGRADED] = { { "", " of ", " requirements are degraded." },
		{ "", " von ", " Anforderungen sind nur eingeschränkt erfüllt." } },
	[VERDICT_FAILED] = { { "", " of ", " requirements failed." },
		{ "", " von ", " Anforderungen sind nicht erfüllt." } },
};

void wording_summary(
	const struct summary *summary, enum language language, struct text *text)
{
	static const char *const nothing[LANGUAGE_COUNT] = {
		"There is nothing to check.",
		"Es gibt nichts zu prüfen.",
	};
	const struct summary_words *frame = &words[summary->verdict][language];

	if (summary->rows == 0) {
		text_append(text, nothing[language]);
		return;
	}
	text_format(text, "%s%zu%s%zu%s", frame->before,
		summary->counts[summary->verdict], frame->between, summary->rows,
		frame->after);
}

void wording_diagnosed(
	const struct diagnosis *diagnosis, enum language language, struct text *text)
{
	char evidence[WORDING_SAID_MAX];

	text_append(text, common_cause_sentence(diagnosis->cause, language));
	if (diagnosis->evidence.kind != EVIDENCE_NONE)
		text_format(text, " [%s]",
			wording_said(&diagnosis->evidence, language, evidence,
				sizeof(evidence)));
}

void wording_diagnosis(
	const struct diagnosis *diagnosis, enum language language, struct text *text)
{
	wording_diagnosed(diagnosis, language, text);
	text_append_char(text, ' ');
	text_append(text, common_cause_remedy(diagnosis->cause, language));
}

/* Of one site: "license-443, ntp". */
static void cover_by_id(const struct diagnoses *diagnoses,
	const struct diagnosis *diagnosis, const struct store *store, struct text *text)
{
	const char *comma = "";

	for (size_t i = 0; i < store_requirements(store); i++) {
		if (diagnoses_cover(diagnoses, i) != diagnosis)
			continue;
		text_append(text, comma);
		text_append(text, store_requirement(store, i).requirement->id);
		comma = ", ";
	}
}

static void append_count(
	struct text *text, const char *comma, const struct site *site, size_t count)
{
	text_append(text, comma);
	text_append(text, site->name); /* letters, digits and "-" alone */
	text_format(text, " %zu", count);
}

/* Of several, whose requirements are neighbours: "hq 31, branch 30". */
static void cover_by_site(const struct diagnoses *diagnoses,
	const struct diagnosis *diagnosis, const struct store *store, struct text *text)
{
	const struct site *site = NULL;
	const char *comma = "";
	size_t count = 0;

	for (size_t i = 0; i < store_requirements(store); i++) {
		const struct site *at = store_requirement(store, i).site;

		if (diagnoses_cover(diagnoses, i) != diagnosis)
			continue;
		if (site && at != site) {
			append_count(text, comma, site, count);
			comma = ", ";
			count = 0;
		}
		site = at;
		count++;
	}
	if (site)
		append_count(text, comma, site, count);
}

void wording_covered(const struct diagnoses *diagnoses, const struct diagnosis *diagnosis,
	const struct store *store, struct text *text)
{
	if (diagnosis->site)
		cover_by_id(diagnoses, diagnosis, store, text);
	else
		cover_by_site(diagnoses, diagnosis, store, text);
}

const char *wording_limit(enum language language)
{
	static const char *const limits[LANGUAGE_COUNT] = {
		"An outbound row proves the path of this host and no other: the PBX "
		"itself may stand under other firewall rules.",
		"Eine ausgehende Zeile beweist den Weg dieses Rechners und keinen "
		"anderen: Für die Telefonanlage selbst können andere Firewall-Regeln "
		"gelten.",
	};

	return limits[language];
}

const char *wording_hint(const struct requirement_state *state, enum language language)
{
	if (state->verdict == VERDICT_FAILED || state->verdict == VERDICT_DEGRADED ||
		!state->worst)
		return NULL;
	if (state->worst->check->hint[language])
		return state->worst->check->hint[language];
	return state->requirement->hint[language];
}

const struct evidence *wording_evidence(const struct requirement_state *state)
{
	const struct finding *last;

	if (!state->worst)
		return NULL;
	last = &state->worst->last.finding;
	if (last->cause != state->cause || last->evidence.kind == EVIDENCE_NONE)
		return NULL;
	return &last->evidence;
}

void wording_target(const struct requirement_state *state, struct text *text)
{
	const struct requirement *row = state->requirement;
	char ports[PORTS_TEXT_MAX];

	if (state->worst && *state->worst->check->target) {
		text_append(text, state->worst->check->target);
	} else {
		requirement_ports(row, ports, sizeof(ports));
		text_append(text, row->host);
		if (*ports)
			text_append_char(text, ':');
		text_append(text, ports);
	}
	text_append_char(text, '/');
	text_append(text, transport_name(row->transport));
}
