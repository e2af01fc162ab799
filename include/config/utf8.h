/* SPDX-License-Identifier: Apache-2.0 */
/* Is it UTF-8? JSON, the page and the exposition formats have no other encoding. */
#ifndef CONFIG_UTF8_H
#define CONFIG_UTF8_H

#include <stddef.h>

/**
 * \return octets of the character that begins here, 1 to 4; 0 if it is not UTF-8 (RFC
 * 3629 section 4: no overlong forms, no surrogates, nothing above U+10FFFF)
 */
size_t utf8_length(const char *bytes, size_t left);

#endif
