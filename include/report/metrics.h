/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All metrics of the program: names and labels are documented in docs/metrics.md. What
 * was not measured is absent, and nothing from the network becomes a label value unless
 * it stands on a closed list.
 */
#ifndef REPORT_METRICS_H
#define REPORT_METRICS_H

#include "report/exposition.h"
#include "report/source.h"

void metrics_write(const struct report_source *source, enum exposition_format format,
	struct text *text);

#endif
