/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "fake/fake.h"

static int ends[2];

static int begin(void **state)
{
	(void)state;
	fake_clock_reset();
	unsetenv("JOURNAL_STREAM");
	return pipe(ends);
}

static int end(void **state)
{
	(void)state;
	log_setup(STDERR_FILENO, LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void check_line(const char *expected)
{
	char line[1024];
	ssize_t length = read(ends[0], line, sizeof(line) - 1);

	assert_true(length >= 0);
	line[length] = '\0';
	assert_string_equal(line, expected);
}

static void test_logfmt(void **state)
{
	(void)state;
	log_setup(ends[1], LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
	log_info("started", "port", "29115", "name", "a b", "none", "");
	check_line("time=2026-01-01T00:00:00.000Z level=info msg=started port=29115 "
		   "name=\"a b\" none=\"\"\n");
	fake_clock_advance(1234567);
	log_error("x=y");
	check_line("time=2026-01-01T00:00:01.234Z level=error msg=\"x=y\"\n");
}

static void test_json(void **state)
{
	(void)state;
	log_setup(ends[1], LOG_LEVEL_DEBUG, LOG_FORMAT_JSON);
	log_debug("started", "port", "29115");
	check_line("{\"time\":\"2026-01-01T00:00:00.000Z\",\"level\":\"debug\","
		   "\"msg\":\"started\",\"port\":\"29115\"}\n");
}

/* Nothing that came from the network may end a line or begin a field. */
static void test_escaping(void **state)
{
	static const char hostile[] = "a\"b\\c\nlevel=error\r\t\x1b[2J\x7f";

	(void)state;
	log_setup(ends[1], LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	log_warn("m", "k", hostile);
	check_line(
		"{\"time\":\"2026-01-01T00:00:00.000Z\",\"level\":\"warn\",\"msg\":\"m\","
		"\"k\":\"a\\\"b\\\\c\\nlevel=error\\u000d\\u0009\\u001b[2J\\u007f\"}\n");
	log_setup(ends[1], LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
	log_warn("m", "k", hostile);
	check_line("time=2026-01-01T00:00:00.000Z level=warn msg=m "
		   "k=\"a\\\"b\\\\c\\nlevel=error\\u000d\\u0009\\u001b[2J\\u007f\"\n");
}

static void test_levels(void **state)
{
	unsigned long before = log_lines(LOG_LEVEL_INFO);

	(void)state;
	log_setup(ends[1], LOG_LEVEL_WARN, LOG_FORMAT_LOGFMT);
	log_info("not shown");
	assert_int_equal(log_lines(LOG_LEVEL_INFO), before + 1);
	log_warn("shown");
	check_line("time=2026-01-01T00:00:00.000Z level=warn msg=shown\n");
}

/* sd-daemon(3): a priority in front; the journal has time and level itself. */
static void test_journal(void **state)
{
	static const char *const expected[] = { "<7>msg=m\n", "<6>msg=m\n", "<4>msg=m\n",
		"<3>msg=m\n" };
	struct stat status;
	char stream[64];

	(void)state;
	fstat(ends[1], &status);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)status.st_dev,
		(unsigned long long)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_setup(ends[1], LOG_LEVEL_DEBUG, LOG_FORMAT_LOGFMT);
	for (enum log_level level = 0; level < LOG_LEVEL_COUNT; level++) {
		log_write(level, "m", (char *)NULL);
		check_line(expected[level]);
	}
	/* the journal's socket is another one than ours */
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_setup(ends[1], LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
	log_info("m");
	check_line("time=2026-01-01T00:00:00.000Z level=info msg=m\n");
	setenv("JOURNAL_STREAM", "nonsense", 1);
	log_setup(ends[1], LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
	log_info("m");
	check_line("time=2026-01-01T00:00:00.000Z level=info msg=m\n");
}

static void test_names(void **state)
{
	enum log_format format = LOG_FORMAT_JSON;
	enum log_level parsed;

	(void)state;
	for (enum log_level level = 0; level < LOG_LEVEL_COUNT; level++) {
		assert_true(log_level_parse(log_level_name(level), &parsed));
		assert_int_equal(parsed, level);
	}
	assert_false(log_level_parse("loud", &parsed));
	assert_int_equal(parsed, LOG_LEVEL_ERROR);
	assert_true(log_format_parse("logfmt", &format));
	assert_int_equal(format, LOG_FORMAT_LOGFMT);
	assert_true(log_format_parse("json", &format));
	assert_int_equal(format, LOG_FORMAT_JSON);
	assert_false(log_format_parse("xml", &format));
	assert_int_equal(format, LOG_FORMAT_JSON);
}

#define LINE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LINE(test_logfmt),
		LINE(test_json),
		LINE(test_escaping),
		LINE(test_levels),
		LINE(test_journal),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
