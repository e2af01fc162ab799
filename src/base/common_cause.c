/* SPDX-License-Identifier: Apache-2.0 */
#include "base/common_cause.h"

#include <string.h>

struct common_cause_row {
	const char *name;
	const char *sentences[LANGUAGE_COUNT];
	const char *remedies[LANGUAGE_COUNT];
};

#define COMMON_CAUSE_ROW(identifier, name, en, de, do_en, do_de) \
	[COMMON_CAUSE_##identifier] = { name, { en, de }, { do_en, do_de } },

static const struct common_cause_row rows[COMMON_CAUSE_COUNT] = {
	[COMMON_CAUSE_NONE] = { "none", { NULL, NULL }, { NULL, NULL } },
	COMMON_CAUSE_LIST(COMMON_CAUSE_ROW)
};

const char *common_cause_name(enum common_cause cause)
{
	return rows[cause].name;
}

const char *common_cause_sentence(enum common_cause cause, enum language language)
{
	return rows[cause].sentences[language];
}

const char *common_cause_remedy(enum common_cause cause, enum language language)
{
	return rows[cause].remedies[language];
}

bool common_cause_by_name(const char *name, enum common_cause *ret_cause)
{
	for (enum common_cause cause = 1; cause < COMMON_CAUSE_COUNT; cause++) {
		if (strcmp(rows[cause].name, name) == 0) {
			*ret_cause = cause;
			return true;
		}
	}
	return false;
}
