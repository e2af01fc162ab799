/* SPDX-License-Identifier: Apache-2.0 */
/* One requirement at length, as plain text of 100 columns: what `explain` prints. */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "base/text.h"
#include "report/source.h"

struct explain_options {
	enum language language;
	const char *site; /* NULL = all */
	/**
	 * The store is that of a daemon: with since when, the last failures and the
	 * history, in place of what was said just now.
	 */
	bool remembered;
};

/** \retval false  no such requirement at such a site; nothing was appended */
bool explain_write(const struct report_source *source, const char *id,
	const struct explain_options *options, struct text *text);

#endif
