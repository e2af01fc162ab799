/* SPDX-License-Identifier: Apache-2.0 */
/* Wherever memory ends, each report says that it failed; none is half a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "fake/memory.h"
#include "report/explain.h"
#include "report/fixture.h"
#include "report/json.h"
#include "report/metrics.h"
#include "report/page.h"
#include "report/table.h"

struct subject {
	void (*fixture)(struct fixture *fixture);
	const char *requirement, *explained;
};

static void with_a_common_cause(struct fixture *fixture)
{
	fixture_init(fixture);
	fixture_cut_off(fixture);
}

static const struct subject subjects[] = {
	{ with_a_common_cause, "evil", "license-443" },
	{ fixture_init_ports, "rtp-in", "rtp-in" },
};

static void write_status(const struct report_source *source,
	const struct subject *subject, struct text *text)
{
	(void)subject;
	json_status(source, LANGUAGE_EN, text);
}

static void write_requirement(const struct report_source *source,
	const struct subject *subject, struct text *text)
{
	json_requirement(source, subject->requirement, LANGUAGE_DE, text);
}

static void write_page(const struct report_source *source, const struct subject *subject,
	struct text *text)
{
	(void)subject;
	page_write(source, LANGUAGE_DE, text);
}

static void write_metrics(const struct report_source *source,
	const struct subject *subject, struct text *text)
{
	(void)subject;
	metrics_write(source, EXPOSITION_OPENMETRICS, text);
}

static void write_explanation(const struct report_source *source,
	const struct subject *subject, struct text *text)
{
	const struct explain_options options = { .remembered = true };

	assert_true(explain_write(source, subject->explained, &options, text));
}

static void write_table(const struct report_source *source, const struct subject *subject,
	struct text *text)
{
	(void)subject;
	table_write(source, &(struct table_options){ .language = LANGUAGE_DE }, text);
}

static void write_nagios(const struct report_source *source,
	const struct subject *subject, struct text *text)
{
	(void)subject;
	table_nagios(source, LANGUAGE_EN, text);
}

static const struct writer {
	void (*write)(const struct report_source *source, const struct subject *subject,
		struct text *text);
	long allocations; /* it takes more */
} writers[] = {
	{ write_status, 200 },
	{ write_requirement, 100 },
	{ write_page, 20 },
	{ write_metrics, 8 },
	{ write_explanation, 20 },
	{ write_table, 8 },
	{ write_nagios, 4 },
};

static bool fails_after(long allowed, const struct writer *writer,
	const struct fixture *fixture, const struct subject *subject)
{
	struct text text = { 0 };
	bool failed;

	memory_limit(allowed);
	writer->write(&fixture->source, subject, &text);
	memory_limit(-1);
	failed = text_failed(&text);
	text_done(&text);
	return failed;
}

static void every_report_says_when_memory_ran_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		struct fixture fixture;

		subjects[i].fixture(&fixture);
		for (size_t j = 0; j < sizeof(writers) / sizeof(writers[0]); j++) {
			long allowed = 0;

			/* thousands are of a list's items, each as the other */
			while (fails_after(allowed, &writers[j], &fixture, &subjects[i]))
				allowed += allowed < 200 ? 1 : 23;
			assert_true(allowed > writers[j].allocations);
		}
		fixture_done(&fixture);
	}
}

/* jansson must allocate where memory_limit() counts. */
static void *counted_malloc(size_t size)
{
	return malloc(size);
}

static void counted_free(void *memory)
{
	free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_report_says_when_memory_ran_out),
	};

	json_set_alloc_funcs(counted_malloc, counted_free);
	return cmocka_run_group_tests_name("memory of reports", tests, NULL, NULL);
}
