/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/payload.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hex_digit(char character)
{
	if (!isxdigit((unsigned char)character))
		return -1;
	if (isdigit((unsigned char)character))
		return character - '0';
	return tolower((unsigned char)character) - 'a' + 10;
}

/* \return characters of text that were used, 0 = not an escape. text is past the \ */
static size_t unescape(const char *text, unsigned char *ret_octet)
{
	static const char names[] = "rnt0\\";
	static const char octets[] = "\r\n\t\0\\";
	const char *name = *text ? strchr(names, *text) : NULL;
	int high, low;

	if (name) {
		*ret_octet = (unsigned char)octets[name - names];
		return 1;
	}
	if (*text != 'x')
		return 0;
	high = hex_digit(text[1]);
	low = high < 0 ? -1 : hex_digit(text[2]);
	if (low < 0)
		return 0;
	*ret_octet = (unsigned char)(high << 4 | low);
	return 3;
}

bool payload_parse(
	const char *text, struct payload *ret_payload, char *why, size_t why_size)
{
	struct payload payload = { 0 };

	if (!text) {
		*ret_payload = payload;
		return true;
	}
	payload.data = malloc(strlen(text) + 1);
	if (!payload.data) {
		snprintf(why, why_size, "out of memory");
		return false;
	}
	while (*text) {
		size_t used = 1;
		unsigned char octet = (unsigned char)*text;

		if (octet == '\\') {
			used = unescape(text + 1, &octet);
			if (used == 0) {
				snprintf(why, why_size,
					"unknown escape at \"%.8s\"; write \\r, \\n, "
					"\\t, "
					"\\0, \\\\ or \\xNN",
					text);
				payload_done(&payload);
				return false;
			}
			used++;
		}
		payload.data[payload.length++] = octet;
		text += used;
	}
	*ret_payload = payload;
	return true;
}

void payload_done(struct payload *payload)
{
	free(payload->data);
	*payload = (struct payload){ 0 };
}
