/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/histogram.h"

static void test_bounds(void **state)
{
	(void)state;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		const char *text = histogram_bound_text(i);
		char *end;

		if (i > 0)
			assert_true(histogram_bound_us(i) > histogram_bound_us(i - 1));
		assert_float_equal(
			strtod(text, &end), (float)histogram_bound_us(i) / 1e6F, 1e-7F);
		assert_int_equal(*end, '\0');
		/* Prometheus 3 makes "1" into "1.0": what is shown must be canonical */
		assert_non_null(strchr(text, '.'));
	}
}

/* A bound belongs to its own bucket: `le` is "less or equal". */
static void test_observe(void **state)
{
	struct histogram histogram = { 0 };
	int64_t sum = 0;

	(void)state;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		int64_t bound = histogram_bound_us(i);

		histogram_observe(&histogram, bound);
		histogram_observe(&histogram, bound + 1);
		sum += 2 * bound + 1;
	}
	histogram_observe(&histogram, 0);
	assert_int_equal(histogram.counts[0], 2);
	for (unsigned i = 1; i < HISTOGRAM_BUCKETS; i++)
		assert_int_equal(histogram.counts[i], 2);
	assert_int_equal(histogram.counts[HISTOGRAM_BUCKETS], 1);
	assert_int_equal(histogram.sum_us, sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_observe),
	};

	return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
