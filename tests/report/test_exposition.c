/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "report/exposition.h"

static const struct {
	enum metric_type type;
	const char *name, *text, *openmetrics;
} heads[] = {
	{ METRIC_GAUGE, "a_seconds", "# HELP a_seconds H\n# TYPE a_seconds gauge\n",
		"# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n"
		"# HELP a_seconds H\n# EOF\n" },
	{ METRIC_COUNTER, "a", "# HELP a_total H\n# TYPE a_total counter\n",
		"# TYPE a counter\n# HELP a H\n# EOF\n" },
	{ METRIC_INFO, "a_bytes", "# HELP a_bytes_info H\n# TYPE a_bytes_info gauge\n",
		"# TYPE a_bytes info\n# HELP a_bytes H\n# EOF\n" },
	{ METRIC_STATESET, "a", "# HELP a H\n# TYPE a gauge\n",
		"# TYPE a stateset\n# HELP a H\n# EOF\n" },
	{ METRIC_HISTOGRAM, "a_bytes", "# HELP a_bytes H\n# TYPE a_bytes histogram\n",
		"# TYPE a_bytes histogram\n# UNIT a_bytes bytes\n"
		"# HELP a_bytes H\n# EOF\n" },
	{ METRIC_UNKNOWN, "a", "# HELP a H\n# TYPE a untyped\n",
		"# TYPE a unknown\n# HELP a H\n# EOF\n" },
};

static void check_head(size_t row, enum exposition_format format, const char *expected)
{
	struct exposition exposition;
	struct text text = { 0 };

	exposition_begin(&exposition, format, &text);
	exposition_family(&exposition, heads[row].type, heads[row].name, "H");
	exposition_end(&exposition);
	assert_string_equal(text.data, expected);
	text_done(&text);
}

static void test_heads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		check_head(i, EXPOSITION_TEXT, heads[i].text);
		check_head(i, EXPOSITION_OPENMETRICS, heads[i].openmetrics);
	}
}

static void test_help_escaping(void **state)
{
	struct exposition exposition;
	struct text text = { 0 };

	(void)state;
	exposition_begin(&exposition, EXPOSITION_TEXT, &text);
	exposition_family(&exposition, METRIC_GAUGE, "a", "x\\y\n\"z\"\xff");
	exposition_end(&exposition);
	assert_string_equal(text.data,
		"# HELP a x\\\\y\\n\"z\"" UTF8_REPLACEMENT "\n# TYPE a gauge\n");
	text_clear(&text);
	exposition_begin(&exposition, EXPOSITION_OPENMETRICS, &text);
	exposition_family(&exposition, METRIC_GAUGE, "a", "x\\y\n\"z\"\xff");
	exposition_end(&exposition);
	assert_string_equal(text.data,
		"# TYPE a gauge\n# HELP a x\\\\y\\n\\\"z\\\"" UTF8_REPLACEMENT
		"\n# EOF\n");
	text_done(&text);
}

static void test_labels(void **state)
{
	struct text labels = { 0 };

	(void)state;
	labels_append(&labels, "a", "");
	labels_append(&labels, "b", "\"x\\\n\xc3\xa4\xc3(\xe2\x82");
	assert_string_equal(labels.data,
		"{a=\"\",b=\"\\\"x\\\\\\n\xc3\xa4" UTF8_REPLACEMENT
		"(" UTF8_REPLACEMENT UTF8_REPLACEMENT "\"");
	text_append_char(&labels, '\n');
	labels_append(&labels, "c", "d");
	assert_non_null(strstr(labels.data, "\n{c=\"d\""));
	text_done(&labels);
}

static void test_samples(void **state)
{
	struct series labelled = { .labels = "{a=\"b\"", .length = 6 };
	struct series more = {
		.labels = "{a=\"b\"", .length = 6, .name = "c", .value = "d"
	};
	struct series two = {
		.name = "c", .value = "d", .also_name = "e", .also_value = "f"
	};
	struct series only = { .name = "c", .value = "d" };
	struct exposition exposition;
	struct text text = { 0 };

	(void)state;
	exposition_begin(&exposition, EXPOSITION_TEXT, &text);
	exposition_family(&exposition, METRIC_COUNTER, "n", "H");
	text_clear(&text);
	exposition_integer(&exposition, (struct series){ 0 }, 7);
	exposition_integer(&exposition, labelled, -1);
	exposition_number(&exposition, more, 0.25);
	exposition_seconds(&exposition, only, 1500000);
	exposition_integer(&exposition, two, 2);
	exposition_end(&exposition);
	assert_string_equal(text.data,
		"n_total 7\nn_total{a=\"b\"} -1\nn_total{a=\"b\",c=\"d\"} 0.25\n"
		"n_total{c=\"d\"} 1.5\nn_total{c=\"d\",e=\"f\"} 2\n");
	text_done(&text);
}

static void check_histogram(struct series series, const char *bucket, const char *sum)
{
	struct histogram histogram = { 0 };
	struct exposition exposition;
	struct text text = { 0 };

	histogram_observe(&histogram, 900);
	histogram_observe(&histogram, 900000);
	histogram_observe(&histogram, 60000000);
	exposition_begin(&exposition, EXPOSITION_OPENMETRICS, &text);
	exposition_family(&exposition, METRIC_HISTOGRAM, "h", "H");
	exposition_histogram(&exposition, series, &histogram);
	exposition_end(&exposition);
	assert_non_null(strstr(text.data, bucket));
	assert_non_null(strstr(text.data, sum));
	text_done(&text);
}

static void test_histogram(void **state)
{
	struct series labelled = { .labels = "{a=\"b\"", .length = 6 };

	(void)state;
	check_histogram((struct series){ 0 },
		"\nh_bucket{le=\"0.25\"} 1\nh_bucket{le=\"1.0\"} 2\n"
		"h_bucket{le=\"5.0\"} 2\nh_bucket{le=\"+Inf\"} 3\n",
		"\nh_sum 60.9009\nh_count 3\n# EOF\n");
	check_histogram(labelled, "h_bucket{a=\"b\",le=\"+Inf\"} 3\n",
		"h_sum{a=\"b\"} 60.9009\nh_count{a=\"b\"} 3\n");
}

static void test_clashes(void **state)
{
	static const struct {
		const char *first, *second;
		bool clash;
	} rows[] = {
		{ "a", "a", true },
		{ "a", "a_total", true },
		{ "a_total", "a", true },
		{ "a", "a_created", true },
		{ "a_count", "a", true },
		{ "a", "a_info", true },
		{ "a", "a_b", false },
		{ "a_b", "b", false },
		{ "aa", "a", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct exposition exposition;
		struct text text = { 0 };

		exposition_begin(&exposition, EXPOSITION_TEXT, &text);
		exposition_family(&exposition, METRIC_GAUGE, rows[i].first, "H");
		assert_int_equal(exposition_may_begin(&exposition, rows[i].second),
			!rows[i].clash);
		exposition_end(&exposition);
		text_done(&text);
	}
}

static void test_utf8(void **state)
{
	static const struct {
		const char *octets;
		size_t length;
	} rows[] = {
		{ "a", 1 },
		{ "\xc3\xa4", 2 },
		{ "\xe2\x82\xac", 3 },
		{ "\xf0\x9f\x98\x80", 4 },
		{ "\xc3", 0 },
		{ "\x80", 0 },
		{ "\xc0\xaf", 0 },         /* overlong */
		{ "\xe0\x80\xaf", 0 },     /* overlong */
		{ "\xed\xa0\x80", 0 },     /* surrogate */
		{ "\xf4\x90\x80\x80", 0 }, /* beyond U+10FFFF */
		{ "\xf0\x9f\x98", 0 },
		{ "\xff", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(utf8_character(rows[i].octets), rows[i].length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_help_escaping),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_clashes),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
