/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Well-formed UTF-8 (RFC 3629, section 4). Prometheus throws a whole scrape away for one
 * bad octet in a label, and jansson refuses the string: configuration refuses such octets
 * and every report replaces them.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

#include "base/text.h"

/** U+FFFD, printed in place of each octet that is not UTF-8. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/**
 * \param left  octets that may be looked at, at least 1
 * \return octets of the character that begins here, 1 to 4; 0 if it is not well-formed:
 * overlong, a surrogate, above U+10FFFF or cut
 */
size_t utf8_length(const char *octets, size_t left);

/** The same within a NUL terminated string: the NUL continues no character. */
static inline size_t utf8_character(const char *string)
{
	return utf8_length(string, 4);
}

/** Appends the string with every octet that is not UTF-8 replaced. */
void utf8_append(struct text *text, const char *string);

/** As text_append_html(), repaired like utf8_append(). */
void utf8_append_html(struct text *text, const char *string);

#endif
