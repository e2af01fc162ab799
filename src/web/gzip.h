/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies made smaller for the wire (RFC 1952). */
#ifndef WEB_GZIP_H
#define WEB_GZIP_H

#include <stdbool.h>

#include "base/text.h"

/**
 * Replaces the text by its gzip form.
 * \retval false  no memory; the text is as it was
 */
bool gzip_text(struct text *text);

#endif
