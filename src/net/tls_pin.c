/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "net/tls.h"

static int digit_of(char character)
{
	const char *digits = "0123456789abcdef";
	const char *place =
		character ? strchr(digits, tolower((unsigned char)character)) : NULL;

	return place ? (int)(place - digits) : -1;
}

bool tls_pin_parse(const char *text, uint8_t ret_pin[TLS_PIN_OCTETS])
{
	bool divided = strlen(text) == 3 * TLS_PIN_OCTETS - 1;
	uint8_t pin[TLS_PIN_OCTETS];

	if (!divided && strlen(text) != 2 * TLS_PIN_OCTETS)
		return false;
	for (size_t i = 0; i < TLS_PIN_OCTETS; i++) {
		const char *pair = text + i * (divided ? 3 : 2);
		int high = digit_of(pair[0]), low = digit_of(pair[1]);

		if (high < 0 || low < 0 ||
			(divided && i + 1 < TLS_PIN_OCTETS && pair[2] != ':'))
			return false;
		pin[i] = (uint8_t)(high << 4 | low);
	}
	memcpy(ret_pin, pin, sizeof(pin));
	return true;
}
