/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text in columns of a terminal. One character is one column; control characters and what
 * is not UTF-8 become "?", so that nothing from outside can steer the terminal.
 */
#ifndef REPORT_COLUMNS_H
#define REPORT_COLUMNS_H

#include "base/text.h"

/** Columns of everything printed. */
#define COLUMNS_MAX 100

/** Appends up to `width` characters; what is longer ends in an ellipsis. \return columns
 */
size_t columns_cut(struct text *text, const char *string, size_t width);

/** As columns_cut(), with blanks up to width. */
void columns_fill(struct text *text, const char *string, size_t width);

/** A paragraph from column `indent` on, broken at blanks, with a line end. */
void columns_wrap(struct text *text, const char *string, size_t indent);

#endif
