/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fake/memory.h"
#include "report/fixture.h"
#include "report/metrics.h"
#include "report/summary.h"

#define LICENSE_8383                                                                     \
	"{site=\"hq\",requirement=\"license-8383\",target=\"license.starface.de:8383\"," \
	"family=\"ipv4\""
#define LICENSE_443                                                                    \
	"{site=\"hq\",requirement=\"license-443\",target=\"license.starface.de:443\"," \
	"family=\"ipv4\""
#define NTP                                                                       \
	"{site=\"hq\",requirement=\"ntp\",target=\"ntp.example.com:123\",family=" \
	"\"ipv4\""
#define DNS \
	"{site=\"hq\",requirement=\"dns-udp\",target=\"192.0.2.53:53\",family=\"ipv4\""
#define WEB "{site=\"hq\",requirement=\"web-https\",target=\"pbx.example.com:443\""

/* Lines that must be there, each from its beginning. */
static const char *const present[] = {
	"starface_requirement_state{site=\"hq\",requirement=\"license-443\","
	"state=\"failed\"} 1\n",
	"starface_requirement_state{site=\"hq\",requirement=\"license-443\","
	"state=\"ok\"} 0\n",
	"starface_requirement_state{site=\"hq\",requirement=\"rtp-in\","
	"state=\"unknown\"} 1\n",
	"starface_requirement_info{requirement=\"rtp-in\",feature=\"telephony\","
	"direction=\"inbound\",severity=\"critical\",port=\"10000-20000\","
	"transport=\"udp\"} 1\n",
	"starface_check_success" LICENSE_8383 "} 1\n",
	"starface_check_success" LICENSE_443 "} 0\n",
	"starface_check_success" DNS "} 1\n", /* degraded answers */
	"starface_check_cause" LICENSE_443 ",cause=\"icmp-admin-prohibited\"} 1\n",
	"starface_check_cause" DNS ",cause=\"address-partial\"} 1\n",
	"starface_check_cause{site=\"hq\",requirement=\"rtp-in\",target=\"\","
	"family=\"\",cause=\"not-testable-here\"} 1\n",
	"starface_check_runs_total" LICENSE_443 "} 1\n",
	"starface_check_runs_total" WEB ",family=\"ipv4\"} 0\n",
	"starface_check_failures_total" LICENSE_443
	",cause=\"icmp-admin-prohibited\"} 1\n",
	"starface_check_duration_seconds_bucket" LICENSE_8383 ",le=\"0.05\"} 1\n",
	"starface_check_duration_seconds_sum" LICENSE_8383 "} 0.04825\n",
	"starface_check_phase_seconds" LICENSE_8383 ",phase=\"tls\"} 0.02025\n",
	"starface_check_last_run_timestamp_seconds" LICENSE_8383 "} 1791969179.75\n",
	"starface_check_last_success_timestamp_seconds" DNS "} ",
	"starface_http_status_code" LICENSE_8383 "} 200\n",
	"starface_tls_version_info" LICENSE_8383 ",version=\"TLS 1.3\"} 1\n",
	"starface_tls_version_accepted" LICENSE_8383 ",version=\"TLS 1.0\"} 0\n"
	"starface_tls_version_accepted" LICENSE_8383 ",version=\"TLS 1.2\"} 1\n#",
	"starface_ntp_offset_seconds" NTP "} -0.00025\n",
	"starface_completeness_ratio{site=\"hq\"} 0.6666666666666666\n",
	"starface_reflector_ports{state=\"held\"} 9990\n"
	"starface_reflector_ports{state=\"busy\"} 10\n"
	"starface_reflector_ports{state=\"resting\"} 0\n"
	"starface_reflector_ports{state=\"failed\"} 2\n",
	"starface_reflector_packets_total 37\n",
	"starface_reflector_dropped_total{reason=\"bad-hmac\"} 7\n",
	"starface_reflector_dropped_total{reason=\"replayed\"} 0\n",
	"starface_reflector_dropped_total{reason=\"overflow\"} 5\n",
	"starface_reflector_dropped_total{reason=\"unsent\"} 3\n",
	"starface_reflector_sessions 2\n",
	"starface_exporter_build_info{version=\"0.1.0\",revision=\"abc\"} 1\n",
	"starface_exporter_loop_lag_max_seconds 0.0015\n",
	"starface_exporter_loop_lag_seconds_count 0\n",
	"starface_exporter_runs_in_flight 3\n",
	"starface_exporter_late_skipped_total 1\n",
	"starface_exporter_resolver_queries_total 0\n",
	"starface_exporter_http_connections 2\n",
	"starface_exporter_http_requests_total 70\n",
	"starface_exporter_http_connections_refused_total 5\n",
	"starface_exporter_http_connections_expired_total 6\n",
	"starface_exporter_own_link_up 1\n",
	"starface_exporter_own_default_route{family=\"ipv6\"} 0\n",
	"starface_exporter_own_gateway_reachable 1\n",
	"starface_exporter_config_last_reload_successful 1\n",
	"starface_exporter_log_lines_total{level=\"warn\"} 3\n",
	"process_cpu_seconds_total ",
	"process_resident_memory_bytes ",
	"process_open_fds ",
	"process_start_time_seconds 1791966000\n",
	"starface_cause_info{cause=\"refused\",layer=\"path\",sentence=\"The host ",
};

/* What was not measured, does not apply or must not be claimed. */
static const char *const absent[] = {
	/* the optional check that does not apply */
	"license.starface.de:8383\",family=\"ipv6\"",
	"starface_check_success{site=\"hq\",requirement=\"rtp-in\"",
	"starface_check_runs_total{site=\"hq\",requirement=\"rtp-in\"",
	"starface_check_last_run_timestamp_seconds" WEB,
	"starface_check_success" WEB,
	"starface_check_cause" LICENSE_8383,
	"starface_check_phase_seconds" NTP ",phase=\"connect\"",
	"starface_check_last_success_timestamp_seconds" LICENSE_443,
	"starface_http_status_code" LICENSE_443,
	"starface_http_status_code{site=\"<",
	"starface_tls_version_info{site=\"<", /* index beyond the closed list */
	"\xff",
	"cause=\"none\",layer=\"path\"",
};

static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (strncmp(text, line, length) == 0)
			return true;
	}
	return false;
}

static void test_lines(void **state)
{
	struct fixture fixture;
	struct text text = { 0 };

	(void)state;
	fixture_init(&fixture);
	metrics_write(&fixture.source, EXPOSITION_TEXT, &text);
	assert_false(text_failed(&text));
	for (size_t i = 0; i < sizeof(present) / sizeof(present[0]); i++) {
		if (!has_line(text.data, present[i]))
			fail_msg("no line begins %s", present[i]);
	}
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		if (strstr(text.data, absent[i]))
			fail_msg("must not be there: %s", absent[i]);
	}
	text_done(&text);
	fixture_done(&fixture);
}

/* What one cause takes down, and nothing of it while all have their own. */
static void test_common_cause(void **state)
{
	static const char *const lines[] = {
		"starface_common_cause{site=\"\",common_cause=\"own-gateway\"} 1\n",
		"starface_requirement_covered{site=\"hq\",requirement=\"license-443\","
		"common_cause=\"own-gateway\"} 1\n",
		"starface_requirement_covered{site=\"hq\",requirement=\"ntp\","
		"common_cause=\"own-gateway\"} 1\n",
	};
	struct fixture fixture;
	struct text text = { 0 };

	(void)state;
	fixture_init(&fixture);
	metrics_write(&fixture.source, EXPOSITION_TEXT, &text);
	assert_null(strstr(text.data, "starface_common_cause{"));
	assert_null(strstr(text.data, "starface_requirement_covered{"));
	text_clear(&text);
	fixture_cut_off(&fixture);
	metrics_write(&fixture.source, EXPOSITION_TEXT, &text);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_true(has_line(text.data, lines[i]));
	text_done(&text);
	fixture_done(&fixture);
}

/* A host that did not tell about itself claims nothing. */
static void test_unknown_host(void **state)
{
	struct fixture fixture;
	struct text text = { 0 };

	(void)state;
	fixture_init(&fixture);
	fixture.source.host.known = false;
	fixture.source.host.clock_known = false;
	metrics_write(&fixture.source, EXPOSITION_TEXT, &text);
	assert_null(strstr(text.data, "starface_exporter_own_"));
	text_clear(&text);
	fixture.source.host.known = true;
	fixture.source.host.gateway.family = FAMILY_NONE;
	metrics_write(&fixture.source, EXPOSITION_TEXT, &text);
	assert_null(strstr(text.data, "starface_exporter_own_gateway_reachable"));
	assert_null(strstr(text.data, "starface_exporter_own_clock_synchronised"));
	text_done(&text);
	fixture_done(&fixture);
}

/* One name of two kinds, or of two rows, is one family. */
static void test_shared_gauge(void **state)
{
	static const char head[] =
		"# TYPE starface_tls_certificate_not_after_timestamp_seconds ";
	static const char rows[] = "# TYPE starface_tls_version_accepted ";
	struct fixture fixture;
	struct text text = { 0 };
	const char *first;

	(void)state;
	fixture_init(&fixture);
	metrics_write(&fixture.source, EXPOSITION_OPENMETRICS, &text);
	first = strstr(text.data, head);
	assert_non_null(first);
	assert_null(strstr(first + 1, head));
	first = strstr(text.data, rows);
	assert_non_null(first);
	assert_null(strstr(first + 1, rows));
	assert_string_equal(text.data + text.length - 6, "# EOF\n");
	text_done(&text);
	fixture_done(&fixture);
}

/* Up to the process's own, which move. */
static size_t steady_length(const struct text *text)
{
	const char *end = strstr(text->data, "# HELP process_");

	assert_non_null(end);
	return (size_t)(end - text->data);
}

/* An allocation that fails alone cuts no labels unseen. */
static void test_out_of_memory_once(void **state)
{
	struct fixture fixture;
	struct text whole = { 0 };
	bool failed = true;

	(void)state;
	fixture_init(&fixture);
	metrics_write(&fixture.source, EXPOSITION_TEXT, &whole);
	for (long allowed = 0; failed; allowed++) {
		struct text text = { 0 };

		memory_fail_once(allowed);
		metrics_write(&fixture.source, EXPOSITION_TEXT, &text);
		failed = memory_has_failed();
		memory_limit(-1);
		if (!text_failed(&text)) {
			assert_int_equal(steady_length(&text), steady_length(&whole));
			assert_memory_equal(text.data, whole.data, steady_length(&whole));
		}
		text_done(&text);
	}
	text_done(&whole);
	fixture_done(&fixture);
}

static void test_summary(void **state)
{
	static const struct requirement info = { .severity = SEVERITY_INFO };
	static const struct requirement row = { .severity = SEVERITY_WARNING };
	struct record record = { 0 };
	struct requirement_state failed_info = { .requirement = &info,
		.verdict = VERDICT_FAILED,
		.worst = &record,
		.tested = true };
	struct requirement_state fine = { .requirement = &row,
		.verdict = VERDICT_OK,
		.worst = &record,
		.tested = true };
	struct requirement_state unknown = { .requirement = &row, .worst = &record };
	struct summary summary = { 0 };

	(void)state;
	summary_add(&summary, &failed_info);
	assert_int_equal(summary.verdict, VERDICT_FAILED);
	summary_add(&summary, &fine);
	assert_int_equal(summary.verdict, VERDICT_OK);
	summary_add(&summary, &failed_info);
	assert_int_equal(summary.verdict, VERDICT_OK);
	summary_add(&summary, &unknown);
	assert_int_equal(summary.verdict, VERDICT_UNKNOWN);
	assert_int_equal(summary.rows, 4);
	assert_int_equal(summary.counts[VERDICT_FAILED], 2);
	assert_true(summary_completeness(&summary) == 0.75);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_common_cause),
		cmocka_unit_test(test_unknown_host),
		cmocka_unit_test(test_shared_gauge),
		cmocka_unit_test(test_out_of_memory_once),
		cmocka_unit_test(test_summary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
