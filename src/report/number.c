/* SPDX-License-Identifier: Apache-2.0 */
#include "report/number.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every integer up to here is a double of its own. */
#define EXACT_MAX 9007199254740992.0

/*
 * Below 2^51 a value times its scale is rounded by less than half: the nearest integer,
 * if it reads back as the value, is the decimal with the fewest digits.
 */
#define SCALED_MAX 2251799813685248.0

static void write_digits(char *buffer, uint64_t value, size_t count)
{
	for (; count > 0; value /= 10)
		buffer[--count] = (char)('0' + value % 10);
}

static size_t write_whole(char *buffer, uint64_t value)
{
	uint64_t above = 10;
	size_t count = 1;

	for (; count < 20 && value >= above; count++) {
		if (__builtin_mul_overflow(above, 10, &above))
			above = UINT64_MAX;
	}
	write_digits(buffer, value, count);
	return count;
}

static uint64_t write_sign(char *buffer, int64_t value, size_t *used)
{
	if (value >= 0)
		return (uint64_t)value;
	buffer[(*used)++] = '-';
	return 0 - (uint64_t)value;
}

/*
 * value / 10^places, without trailing zeros; scale is 10^places. Inline, so that the
 * division is by a constant; by a variable it was a sixth of an exposition.
 */
static inline __attribute__((always_inline)) size_t write_decimal(
	char *buffer, int64_t value, uint64_t scale, unsigned places)
{
	size_t used = 0;
	uint64_t magnitude = write_sign(buffer, value, &used);
	uint64_t fraction = magnitude % scale;

	used += write_whole(buffer + used, magnitude / scale);
	if (fraction == 0)
		return used;
	for (; fraction % 10 == 0; fraction /= 10)
		places--;
	buffer[used++] = '.';
	write_digits(buffer + used, fraction, places);
	return used + places;
}

size_t number_integer(char *buffer, int64_t value)
{
	size_t used = 0;
	uint64_t magnitude = write_sign(buffer, value, &used);

	return used + write_whole(buffer + used, magnitude);
}

size_t number_seconds(char *buffer, int64_t micros)
{
	return write_decimal(buffer, micros, 1000000, 6);
}

static size_t write_word(char *buffer, const char *word)
{
	size_t length = strlen(word);

	memcpy(buffer, word, length);
	return length;
}

/* printf takes the radix character from the locale; here it is always a point. */
static size_t copy_with_point(char *buffer, const char *digits)
{
	size_t used = 0;

	for (; *digits; digits++) {
		if (strchr("0123456789+-e", *digits))
			buffer[used++] = *digits;
		else if (used == 0 || buffer[used - 1] != '.')
			buffer[used++] = '.';
	}
	return used;
}

static size_t write_shortest(char *buffer, double value)
{
	char digits[NUMBER_TEXT_MAX];

	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof(digits), "%.*g", precision, value);
		if (strtod(digits, NULL) == value)
			break;
	}
	return copy_with_point(buffer, digits);
}

/* Whether value is a decimal of few places; printf costs twenty times as much. */
static bool is_decimal(double value, double scale, int64_t *ret_scaled)
{
	double scaled = value * scale;
	int64_t rounded;

	if (!(scaled > -SCALED_MAX && scaled < SCALED_MAX))
		return false;
	rounded = (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
	if ((double)rounded / scale != value)
		return false;
	*ret_scaled = rounded;
	return true;
}

size_t number_double(char *buffer, double value)
{
	int64_t scaled;

	if (value != value)
		return write_word(buffer, "NaN");
	if (is_decimal(value, 1e9, &scaled))
		return write_decimal(buffer, scaled, 1000000000, 9);
	if (is_decimal(value, 1e6, &scaled))
		return write_decimal(buffer, scaled, 1000000, 6);
	if (value - value != 0)
		return write_word(buffer, value > 0 ? "+Inf" : "-Inf");
	if (value > -EXACT_MAX && value < EXACT_MAX && (double)(int64_t)value == value)
		return number_integer(buffer, (int64_t)value);
	return write_shortest(buffer, value);
}
