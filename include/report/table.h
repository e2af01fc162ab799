/* SPDX-License-Identifier: Apache-2.0 */
/* The results on a terminal: what `check` prints, in 100 columns. */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "base/text.h"
#include "report/source.h"

struct table_options {
	enum language language;
	bool colour; /* of verdict words; the words alone say as much */
};

/** Every site, worst rows first, each that is not ok with its reason. */
void table_write(const struct report_source *source, const struct table_options *options,
	struct text *text);

/** "12/31 license-443 license.starface.de:443 ipv4 failed", without a line end. */
void table_progress(
	const struct record *record, size_t done, size_t total, struct text *text);

/**
 * As Nagios, Icinga and Checkmk read it (Monitoring Plugins, development guidelines): one
 * line with performance data behind "|", then a line for each row that is not ok.
 */
void table_nagios(
	const struct report_source *source, enum language language, struct text *text);

/** 0 ok, 1 degraded, 2 failed, 3 unknown: the worst that decides, see summary_add(). */
int table_exit_code(const struct store *store);

#endif
