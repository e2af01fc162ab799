/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/text.h"

static bool out_of_memory;

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
	return out_of_memory ? NULL : __real_realloc(memory, size);
}

static void test_all_are_kept_and_printed(void **state)
{
	struct faults faults = { 0 };
	struct text text = { 0 };

	(void)state;
	assert_false(faults_any(&faults));
	faults_add(&faults, "a.conf", 7, "sites[0].pbx", "write %s", "a name");
	faults_add(&faults, "a.conf", 0, "", "is a directory");
	faults_add(&faults, "", 0, "port", "must be %d to %d", 1, 65535);
	faults_add(&faults, "", 0, "", "nothing is configured");
	assert_true(faults_any(&faults));
	assert_int_equal(faults.count, 4);
	faults_print(&faults, &text);
	assert_string_equal(text.data,
		"a.conf:7: sites[0].pbx: write a name\n"
		"a.conf: is a directory\n"
		"port: must be 1 to 65535\n"
		"nothing is configured\n");
	text_done(&text);
	faults_done(&faults);
	assert_false(faults_any(&faults));
	faults_done(&faults);
}

/* What could not be kept is counted, so that a faulty file never passes as sound. */
static void test_no_memory(void **state)
{
	struct faults faults = { 0 };
	struct text text = { 0 };

	(void)state;
	faults_add(&faults, "f", 1, "k", "one");
	out_of_memory = true;
	faults_add(&faults, "f", 2, "k", "two");
	out_of_memory = false;
	assert_int_equal(faults.count, 1);
	assert_int_equal(faults.dropped, 1);
	assert_true(faults_any(&faults));
	faults_print(&faults, &text);
	assert_string_equal(text.data, "f:1: k: one\n1 further faults: out of memory\n");
	text_done(&text);
	faults_done(&faults);
}

/* A file of noise: the first ones are said, and all of them counted. */
static void test_too_many(void **state)
{
	struct faults faults = { 0 };
	struct text text = { 0 };

	(void)state;
	for (unsigned i = 0; i < FAULTS_KEPT_MAX + 5; i++)
		faults_add(&faults, "f", i + 1, "k", "one");
	assert_int_equal(faults.count, FAULTS_KEPT_MAX);
	assert_int_equal(faults_total(&faults), FAULTS_KEPT_MAX + 5);
	faults_print(&faults, &text);
	assert_non_null(strstr(text.data, "\nf:200: k: one\nand 5 more\n"));
	assert_null(strstr(text.data, "f:201:"));
	text_done(&text);
	faults_done(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_kept_and_printed),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
