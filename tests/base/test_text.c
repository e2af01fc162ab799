/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"

/* Reallocation fails after so many successes; -1 = never. */
static int allocations_left = -1;

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return __real_realloc(memory, size);
}

static int memory_back(void **state)
{
	(void)state;
	allocations_left = -1;
	return 0;
}

static void test_append(void **state)
{
	struct text text = { 0 };
	size_t length;
	char *data;

	(void)state;
	text_append(&text, "a=");
	text_format(&text, "%d,%s", 42, "b");
	text_append_char(&text, '\n');
	text_append_bytes(&text, "x\0y", 3);
	assert_int_equal(text.length, 10);
	assert_memory_equal(text.data, "a=42,b\nx\0y", 11);
	text_clear(&text);
	assert_string_equal(text.data, "");
	text_append_html(&text, "<a href=\"x\">'&'</a>");
	assert_string_equal(
		text.data, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
	data = text_release(&text, &length);
	assert_int_equal(length, strlen(data));
	assert_null(text.data);
	free(data);
	data = text_release(&text, NULL);
	assert_string_equal(data, "");
	free(data);
}

static void test_every_length_grows(void **state)
{
	struct text text = { 0 };

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		text_append_char(&text, (char)('a' + i % 26));
		assert_int_equal(strlen(text.data), i + 1);
	}
	for (size_t i = 0; i < 3000; i++)
		assert_int_equal(text.data[i], (char)('a' + i % 26));
	text_clear(&text);
	for (size_t width = 250; width < 260; width++) {
		text_done(&text);
		text_format(&text, "%*s", (int)width, "");
		assert_int_equal(strlen(text.data), width);
	}
	text_done(&text);
}

/* Running out is remembered, not half an output. */
static void test_no_memory(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_append(&text, "kept");
	allocations_left = 0;
	text_format(&text, "%300d", 1);
	assert_true(text_failed(&text));
	text_append(&text, "lost");
	assert_string_equal(text.data, "kept");
	allocations_left = -1;
	text_append(&text, "lost");
	assert_null(text_release(&text, NULL));
	assert_null(text.data);
	text_done(&text);
}

static void test_reserve_needs_no_further_memory(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_reserve(&text, 1000);
	allocations_left = 0;
	for (int i = 0; i < 1000; i++)
		text_append_char(&text, 'x');
	assert_false(text_failed(&text));
	text_done(&text);
}

static void test_join(void **state)
{
	char digits[DECIMAL_TEXT_MAX], most[DECIMAL_TEXT_MAX], room[8];

	(void)state;
	assert_int_equal(
		text_join(room, sizeof(room), TEXT_PARTS("", "ab", "", "cde")), 5);
	assert_string_equal(room, "abcde");
	assert_int_equal(
		text_join(room, sizeof(room), TEXT_PARTS("ab", "cdef", "ghi")), 9);
	assert_string_equal(room, "abcdefg");
	assert_int_equal(text_join(room, 1, TEXT_PARTS("ab")), 2);
	assert_string_equal(room, "");
	assert_string_equal(text_decimal(0, digits), "0");
	assert_string_equal(text_decimal(65535, digits), "65535");
	assert_string_equal(text_decimal(UINT64_MAX, most), "18446744073709551615");
}

static void test_copy(void **state)
{
	char buffer[4];

	(void)state;
	assert_true(text_copy(buffer, sizeof(buffer), "abc"));
	assert_string_equal(buffer, "abc");
	assert_false(text_copy(buffer, sizeof(buffer), "abcd"));
	assert_string_equal(buffer, "abc");
	assert_true(text_copy(buffer, 1, ""));
}

static void test_copy_printable(void **state)
{
	static const struct {
		const char *bytes;
		size_t length, size;
		const char *expected;
	} rows[] = {
		{ "plain ~", 7, 32, "plain ~" },
		{ "a\nb\x1b[m", 6, 32, "a\\x0ab\\x1b[m" },
		{ "\0\xff\\", 3, 32, "\\x00\\xff\\\\" },
		{ "b\xc3\xbc", 3, 32, "b\\xc3\\xbc" },
		{ "ab\n", 3, 6, "ab" }, /* never half an escape */
		{ "ab\n", 3, 7, "ab\\x0a" },
		{ "abc", 3, 1, "" },
	};
	char buffer[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_copy_printable(buffer, rows[i].size, rows[i].bytes, rows[i].length);
		assert_string_equal(buffer, rows[i].expected);
	}
}

static void test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t micros; /* -1 = refused */
		const char *back;
	} rows[] = {
		{ "0s", 0, "0s" },
		{ "1us", 1, "1us" },
		{ "250ms", 250 * MILLISECOND, "250ms" },
		{ "30s", 30 * SECOND, "30s" },
		{ "90s", 90 * SECOND, "90s" },
		{ "300s", 5 * MINUTE, "5m" },
		{ "1m30s", 90 * SECOND, "90s" },
		{ "2h", 120 * MINUTE, "2h" },
		{ "1d", 1440 * MINUTE, "1d" },
		{ "9223372036854775807us", INT64_MAX, "9223372036854775807us" },
		{ "9223372036854775808us", -1, NULL },
		{ "9223372036854775807us1us", -1, NULL },
		{ "300000000d", -1, NULL },
		{ "", -1, NULL },
		{ "5", -1, NULL },
		{ "s", -1, NULL },
		{ "-1s", -1, NULL },
		{ "1 s", -1, NULL },
		{ "1.5s", -1, NULL },
		{ "1S", -1, NULL },
		{ "1sec", -1, NULL },
		{ "1m30", -1, NULL },
	};
	char buffer[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t micros = 77;
		bool fits = duration_parse(rows[i].text, &micros);

		assert_int_equal(fits, rows[i].micros >= 0);
		assert_int_equal(micros, fits ? rows[i].micros : 77);
		if (fits)
			assert_string_equal(
				duration_format(micros, buffer, sizeof(buffer)),
				rows[i].back);
	}
}

/* The published vectors of FNV-1a: phases must be the same on every machine. */
static void test_hash(void **state)
{
	(void)state;
	assert_true(text_hash("") == UINT64_C(0xcbf29ce484222325));
	assert_true(text_hash("a") == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(text_hash("foobar") == UINT64_C(0x85944171f73967e8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_every_length_grows),
		cmocka_unit_test_teardown(test_no_memory, memory_back),
		cmocka_unit_test_teardown(
			test_reserve_needs_no_further_memory, memory_back),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_copy_printable),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
