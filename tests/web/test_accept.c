/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/accept.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT "text/plain; version=0.0.4; charset=utf-8"
#define OPEN "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define ESCAPING                                                       \
	"application/openmetrics-text; version=1.0.0; charset=utf-8; " \
	"escaping=underscores"

/* As Prometheus 2.42 sends it. */
#define PROMETHEUS_2                                         \
	"application/openmetrics-text;version=1.0.0,"        \
	"application/openmetrics-text;version=0.0.1;q=0.75," \
	"text/plain;version=0.0.4;q=0.5,*/*;q=0.1"

/* As Prometheus 3 sends it, without and with protobuf in front. */
#define PROMETHEUS_3                                                             \
	"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," \
	"application/openmetrics-text;version=0.0.1;q=0.5,"                      \
	"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"                   \
	"text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
#define PROMETHEUS_3_PROTOBUF                                                      \
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;" \
	"encoding=delimited;q=0.7," PROMETHEUS_3

/* As a browser sends it. */
#define BROWSER \
	"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

static const struct {
	const char *accept;
	const char *type;
} metrics[] = {
	{ NULL, TEXT },
	{ "", TEXT },
	{ "*/*", TEXT },
	{ BROWSER, TEXT },
	{ PROMETHEUS_2, OPEN },
	{ PROMETHEUS_3, ESCAPING },
	{ PROMETHEUS_3_PROTOBUF, ESCAPING },
	{ "application/openmetrics-text", OPEN },
	{ "Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.001", OPEN },
	{ "application/openmetrics-text;version=0.0.1", OPEN },
	{ "application/openmetrics-text;version=2.0.0", TEXT },
	{ "application/openmetrics-text;version=2.0.0,"
	  "application/openmetrics-text;version=1.0.0;q=0.1",
		OPEN },
	{ "application/openmetrics-text;q=0", TEXT },
	{ "application/openmetrics-text;q=0, text/plain;q=0", TEXT },
	{ "text/plain, application/openmetrics-text", OPEN },
	{ "text/plain;q=0.6, application/openmetrics-text;q=0.5", TEXT },
	{ "*/*;q=0.6, application/openmetrics-text;q=0.5", TEXT },
	{ "*/*;q=0.6, text/*;q=0.4, application/openmetrics-text;q=0.5", OPEN },
	{ "*/*, text/plain;q=0.1, application/openmetrics-text;q=0.5", OPEN },
	{ "application/*", TEXT },
	{ "application/openmetrics-text;x=\"a,b;q=0\"", OPEN },
	/* malformed qualities are passed over, not guessed */
	{ "application/openmetrics-text;q=nan", TEXT },
	{ "application/openmetrics-text;q=2", TEXT },
	{ "application/openmetrics-text;q=1.5", TEXT },
	{ "application/openmetrics-text;q=", TEXT },
	{ "application/openmetrics-text;q=0.1234", TEXT },
	{ "application/openmetrics-text;q=0,5", TEXT },
	{ "text/plain;q=-1, application/openmetrics-text;q=0.1", OPEN },
	{ ",,;,;q=1,application/openmetrics-text,", OPEN },
	{ "application/openmetrics-text;q=1.000", OPEN },
	{ "application/openmetrics-text;q=0.", TEXT },
};

static void test_metrics(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(metrics); i++) {
		bool openmetrics = false;

		assert_string_equal(web_metrics_type(metrics[i].accept, &openmetrics),
			metrics[i].type);
		assert_int_equal(openmetrics, metrics[i].type[0] == 'a');
		assert_int_equal(web_accepts_openmetrics(metrics[i].accept), openmetrics);
	}
}

static const struct {
	const char *encodings;
	bool gzip;
} encodings[] = {
	{ NULL, false },
	{ "", false },
	{ "gzip", true },
	{ "GZIP", true },
	{ "deflate, gzip;q=1.0, *;q=0.5", true },
	{ "gzip, deflate, br, zstd", true },
	{ "gzip;q=0", false },
	{ "gzip;q=0.0", false },
	{ "gzip;q=0, *", false },
	{ "*", true },
	{ "*;q=0", false },
	{ "br", false },
	{ "identity", false },
	{ "gzipped", false },
	{ "gzip;q=0.001", true },
};

static void test_gzip(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(encodings); i++)
		assert_int_equal(
			web_accepts_gzip(encodings[i].encodings), encodings[i].gzip);
}

static const struct {
	const char *accept;
	size_t index;
} languages[] = {
	{ NULL, 2 },
	{ "", 2 },
	{ "de", 1 },
	{ "DE-at", 1 },
	{ "en-US,en;q=0.5", 0 },
	{ "fr, de;q=0.5, en;q=0.4", 1 },
	{ "fr", 2 },
	{ "*", 2 },
	{ "de;q=0, en;q=0.1", 0 },
	{ "de;q=0", 2 },
	{ "en;q=0.5, de;q=0.5", 0 },
	{ "den", 2 },
};

static void test_language(void **state)
{
	static const char *const names[] = { "en", "de" };

	(void)state;
	for (size_t i = 0; i < COUNT(languages); i++)
		assert_int_equal(web_choose_language(languages[i].accept, names, 2),
			languages[i].index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
