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
	/** As many rows, the worst first; of the others only how many; 0 = all of them.
	 */
	size_t most;
};

/**
 * In place of an id: all that were asked and are not ok, the worst first. Rules for a
 * firewall are not among it, only where to have them: each would walk the whole plan.
 */
#define EXPLAIN_ALL "all"

/**
 * \retval false  no such requirement at such a site; nothing was appended. With
 * EXPLAIN_ALL: every one is ok
 */
bool explain_write(const struct report_source *source, const char *id,
	const struct explain_options *options, struct text *text);

/** What there is to explain when nothing is; one line. */
const char *explain_all_is_well(enum language language);

/** Which requirements there are, with what breaks without each. */
void explain_list(const struct plan *plan, enum language language, struct text *text);

#endif
