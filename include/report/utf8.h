/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Well-formed UTF-8 (RFC 3629, section 4). Prometheus throws a whole scrape away for one
 * bad octet in a label, and jansson refuses the string: every report asks here first.
 */
#ifndef REPORT_UTF8_H
#define REPORT_UTF8_H

#include <stddef.h>

#include "base/text.h"

/** U+FFFD, printed in place of each octet that is not UTF-8. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/**
 * \param text  NUL terminated
 * \return octets of the character that begins here, 1 to 4; 0 if it is not well-formed
 */
size_t utf8_character(const char *text);

/** Appends the string with every octet that is not UTF-8 replaced. */
void utf8_append(struct text *text, const char *string);

/** As text_append_html(), repaired like utf8_append(). */
void utf8_append_html(struct text *text, const char *string);

#endif
