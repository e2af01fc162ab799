/* SPDX-License-Identifier: Apache-2.0 */
#include "report/columns.h"
#include "report/explain.h"
#include "report/explain_words.h"

#define ID_WIDTH 18

const char *explain_all_is_well(enum language language)
{
	return explain_word(EXPLAIN_ALL_IS_WELL, language);
}

static bool is_checked(const struct plan *plan, const struct requirement *requirement)
{
	for (size_t i = 0; i < plan->check_count; i++) {
		if (plan->checks[i].requirement == requirement)
			return true;
	}
	return false;
}

void explain_list(const struct plan *plan, enum language language, struct text *text)
{
	columns_wrap(text, explain_word(EXPLAIN_LIST, language), 0);
	text_append_char(text, '\n');
	for (size_t i = 0; i < plan->requirement_count; i++) {
		const struct requirement *row = &plan->requirements[i];

		if (!is_checked(plan, row))
			continue;
		columns_fill(text, row->id, ID_WIDTH);
		columns_cut(text, row->breaks[language] ? row->breaks[language] : "",
			COLUMNS_MAX - ID_WIDTH);
		text_append_char(text, '\n');
	}
}
