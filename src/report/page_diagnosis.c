/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/diagnosis.h"
#include "report/page_parts.h"
#include "report/wording.h"

/* Hundreds of rows at many sites are no help: how many, and where. */
static void append_sites(const struct page *page, const struct diagnoses *diagnoses,
	const struct diagnosis *diagnosis)
{
	struct text words = { 0 };

	wording_covered(diagnoses, diagnosis, page->source->store, &words);
	text_append_char(page->text, ' ');
	page_escaped(page, words.data ? words.data : "");
	page->text->failed = page->text->failed || text_failed(&words);
	text_done(&words);
}

static void append_rows(const struct page *page, const struct diagnoses *diagnoses,
	const struct diagnosis *diagnosis)
{
	const struct store *store = page->source->store;

	for (size_t i = 0; i < store_requirements(store); i++) {
		struct requirement_state state;

		if (diagnoses_cover(diagnoses, i) != diagnosis)
			continue;
		state = store_requirement(store, i);
		text_append(page->text, " <a href=\"#");
		page_anchor(page, &state);
		text_append(page->text, "\">");
		page_escaped(page, state.requirement->id);
		text_append(page->text, "</a>");
	}
}

static void append_covered(const struct page *page, const struct diagnoses *diagnoses,
	const struct diagnosis *diagnosis)
{
	text_append(page->text, "<p class=\"covers\">");
	page_word(page, WORD_EXPLAINS);
	if (diagnosis->site)
		append_rows(page, diagnoses, diagnosis);
	else
		append_sites(page, diagnoses, diagnosis);
	text_append(page->text, "</p>");
}

static void append_diagnosis(const struct page *page, const struct diagnoses *diagnoses,
	const struct diagnosis *diagnosis)
{
	char evidence[WORDING_SAID_MAX];

	text_append(page->text, "<li class=\"failed\">");
	page_shape(page, VERDICT_FAILED);
	text_append(page->text, "<div><strong>");
	page_escaped(page, common_cause_sentence(diagnosis->cause, page->language));
	text_append(page->text, "</strong> <span class=\"where\">");
	if (diagnosis->site) {
		page_escaped(page, diagnosis->site->name);
		text_append(page->text, ", ");
	}
	page_escaped(page, common_cause_name(diagnosis->cause));
	text_append(page->text, ", ");
	page_age(page, diagnosis->since_us);
	text_append(page->text, "</span>");
	wording_said(&diagnosis->evidence, page->language, evidence, sizeof(evidence));
	if (*evidence) {
		text_append(page->text, "<p class=\"evidence\">");
		page_escaped(page, evidence);
		text_append(page->text, "</p>");
	}
	text_append(page->text, "<p>");
	page_escaped(page, common_cause_remedy(diagnosis->cause, page->language));
	text_append(page->text, "</p>");
	append_covered(page, diagnoses, diagnosis);
	text_append(page->text, "</div></li>\n");
}

void page_diagnoses(const struct page *page)
{
	struct diagnoses diagnoses;

	if (!diagnoses_make(page->source->store, &page->source->host, &diagnoses)) {
		page->text->failed = true;
		return;
	}
	if (diagnoses.count > 0) {
		text_append(page->text, "<section class=\"problems common\">\n<h2>");
		page_word(page, WORD_COMMON);
		text_append(page->text, "</h2>\n<ul>\n");
		for (size_t i = 0; i < diagnoses.count; i++)
			append_diagnosis(page, &diagnoses, &diagnoses.items[i]);
		text_append(page->text, "</ul>\n</section>\n");
	}
	diagnoses_done(&diagnoses);
}
