/* SPDX-License-Identifier: Apache-2.0 */
#include "config/utf8.h"

#include <stdbool.h>

/* The rows of RFC 3629 section 4: lead octets, and the bounds of the second octet. */
static const struct {
	unsigned char lead_first, lead_last;
	unsigned char second_first, second_last;
	size_t length;
} forms[] = {
	{ 0x00, 0x7f, 0, 0, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static bool between(unsigned char byte, unsigned char first, unsigned char last)
{
	return byte >= first && byte <= last;
}

size_t utf8_length(const char *bytes, size_t left)
{
	const unsigned char *at = (const unsigned char *)bytes;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!between(at[0], forms[i].lead_first, forms[i].lead_last))
			continue;
		if (forms[i].length > left)
			return 0;
		if (forms[i].length > 1 &&
			!between(at[1], forms[i].second_first, forms[i].second_last))
			return 0;
		for (size_t n = 2; n < forms[i].length; n++) {
			if (!between(at[n], 0x80, 0xbf))
				return 0;
		}
		return forms[i].length;
	}
	return 0;
}
