/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/number.h"

static const struct {
	double value;
	const char *text;
} doubles[] = {
	{ 0, "0" },
	{ 1, "1" },
	{ -17, "-17" },
	{ 0.5, "0.5" },
	{ -0.00025, "-0.00025" },
	{ 0.1, "0.1" },
	{ 1e-9, "0.000000001" },
	{ 1e-10, "1e-10" },
	{ 1791969600.123456, "1791969600.123456" },
	{ 1700000000.5, "1700000000.5" },
	{ 9007199254740991.0, "9007199254740991" },
	{ 1e22, "1e+22" },
	{ 1.0 / 3.0, "0.3333333333333333" },
	{ 0.1 + 0.2, "0.30000000000000004" },
	{ 5e-324, "4.94065645841247e-324" },
	{ DBL_MAX, "1.7976931348623157e+308" },
	{ INFINITY, "+Inf" },
	{ -INFINITY, "-Inf" },
	{ NAN, "NaN" },
};

static void test_doubles(void **state)
{
	char buffer[NUMBER_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
		buffer[number_double(buffer, doubles[i].value)] = '\0';
		assert_string_equal(buffer, doubles[i].text);
	}
}

/* Whatever is printed reads back as the same value, and fits. */
static void test_round_trip(void **state)
{
	char buffer[NUMBER_TEXT_MAX + 1];
	uint64_t bits = 1;

	(void)state;
	for (unsigned i = 0; i < 50000; i++) {
		double value, small;
		size_t length;

		bits = bits * UINT64_C(6364136223846793005) + 1442695040888963407U;
		memcpy(&value, &bits, sizeof(value));
		small = (double)(int64_t)bits / 1e12;
		if (!isfinite(value))
			continue;
		length = number_double(buffer, value);
		assert_true(length < sizeof(buffer));
		buffer[length] = '\0';
		assert_true(strtod(buffer, NULL) == value);
		buffer[number_double(buffer, small)] = '\0';
		assert_true(strtod(buffer, NULL) == small);
	}
}

/* Never longer than the shortest of printf's that reads back. */
static void test_shortest(void **state)
{
	char buffer[NUMBER_TEXT_MAX + 1], other[64];
	uint64_t bits = 3;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		int64_t micros;
		double value;
		int digits = 1;

		bits = bits * UINT64_C(6364136223846793005) + 1442695040888963407U;
		micros = (int64_t)(bits % 2000000000000000);
		value = (double)micros / 1e6;
		buffer[number_double(buffer, value)] = '\0';
		for (; digits < 17; digits++) {
			snprintf(other, sizeof(other), "%.*g", digits, value);
			if (strtod(other, NULL) == value)
				break;
		}
		if (!strchr(other, 'e'))
			assert_string_equal(buffer, other);
	}
}

static void test_seconds(void **state)
{
	static const struct {
		int64_t micros;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 1, "0.000001" },
		{ 1500000, "1.5" },
		{ -250000, "-0.25" },
		{ 1791969600123456, "1791969600.123456" },
		{ INT64_MAX, "9223372036854.775807" },
		{ INT64_MIN, "-9223372036854.775808" },
	};
	char buffer[NUMBER_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer[number_seconds(buffer, rows[i].micros)] = '\0';
		assert_string_equal(buffer, rows[i].text);
	}
	buffer[number_integer(buffer, INT64_MIN)] = '\0';
	assert_string_equal(buffer, "-9223372036854775808");
}

/* A German locale prints "0,3333"; the point stays. Skipped where there is none. */
static void test_locale(void **state)
{
	locale_t german = newlocale(LC_ALL_MASK, "de_DE.UTF-8", (locale_t)0);
	char buffer[NUMBER_TEXT_MAX + 1];
	locale_t before;

	(void)state;
	if (german == (locale_t)0)
		skip();
	before = uselocale(german);
	buffer[number_double(buffer, 1.0 / 3.0)] = '\0';
	uselocale(before);
	freelocale(german);
	assert_string_equal(buffer, "0.3333333333333333");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_shortest),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
