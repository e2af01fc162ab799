/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status page: one document and one style sheet, no script, nothing from elsewhere.
 * It works under "Content-Security-Policy: default-src 'none'; style-src 'self'".
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "base/text.h"
#include "report/source.h"

/** The document, for "/". It asks for "style.css" beside itself. */
void page_write(
	const struct report_source *source, enum language language, struct text *text);

/** The style sheet, for "/style.css". */
const char *page_stylesheet(void);

#endif
