/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/clock.h"
#include "report/fixture.h"
#include "report/json.h"
#include "report/moment.h"

/* What one member must be, found by a path: numbers are indexes into lists. */
static const struct {
	const char *path, *text; /* as JSON */
} members[] = {
	{ "verdict", "\"failed\"" },
	{ "sentence", "\"2 of 8 requirements failed.\"" },
	{ "counts.unknown", "3" },
	{ "host.gateway", "\"192.0.2.1\"" },
	{ "host.default_route_ipv6", "false" },
	{ "reflector.keyed", "true" },
	{ "reflector.steered", "false" },
	{ "reflector.share", "\"all\"" },
	{ "reflector.control_port", "862" },
	{ "reflector.held.ports", "9990" },
	{ "reflector.held.ranges_total", "3" },
	{ "reflector.busy.ranges", "[{\"first\":12000,\"last\":12009}]" },
	{ "reflector.resting", "{\"ports\":0,\"ranges_total\":0,\"ranges\":[]}" },
	{ "reflector.failed.ranges.1.first", "19999" },
	{ "reflector.error", "\"Permission denied\"" },
	{ "reflector.answered", "37" },
	{ "reflector.dropped.bad-hmac", "7" },
	{ "reflector.dropped.unsent", "3" },
	{ "reflector.sessions", "2" },
	{ "sites.0.requirements.0.since", "\"2026-10-14T09:12:59Z\"" },
	{ "sites.0.requirements.0.since_epoch", "1791969179.75" },
	{ "sites.0.requirements.0.evidence", "null" },
	{ "sites.0.requirements.0.checks.0.last_run.values.tls_version_info",
		"\"TLS 1.3\"" },
	{ "sites.0.requirements.0.checks.0.last_run.values.tls_version_accepted",
		"{\"TLS 1.0\":0.0,\"TLS 1.2\":1.0,\"TLS 1.3\":null}" },
	{ "sites.0.requirements.0.checks.0.last_run.phase_seconds.tls", "0.02025" },
	/* what an ok does not prove; a failure is its own explanation */
	{ "sites.0.requirements.0.hint", "\"This proves a listener.\"" },
	{ "sites.0.requirements.1.hint", "null" },
	{ "sites.0.requirements.0.checks.0.last_run.local", "\"192.168.0.2:40001\"" },
	{ "sites.0.requirements.0.checks.0.last_run.mapped", "\"192.0.2.7:50001\"" },
	{ "sites.0.requirements.1.checks.0.last_run.mapped", "null" },
	{ "sites.0.requirements.1.evidence.offender", "\"192.0.2.1\"" },
	{ "sites.0.requirements.1.evidence.text", "\"ICMP 3/13 from 192.0.2.1\"" },
	{ "sites.0.requirements.1.checks.0.failures", "{\"icmp-admin-prohibited\":1}" },
	{ "sites.0.requirements.1.checks.0.last_success", "null" },
	{ "sites.0.requirements.1.checks.0.last_run.phase_seconds.tls", "null" },
	{ "sites.0.requirements.3.cause", "\"not-testable-here\"" },
	{ "sites.0.requirements.3.hint", "\"Run a `<reflector>` behind the firewall.\"" },
	{ "sites.0.requirements.3.checks.0.scheduled", "false" },
	{ "sites.0.requirements.3.checks.0.target", "null" },
	{ "sites.0.requirements.3.port_last", "20000" },
	{ "sites.0.requirements.5.sentence",
		"\"Not confirmed yet: no run has finished, or too few agree.\"" },
	{ "sites.0.requirements.5.checks.0.last_run", "null" },
	{ "sites.1.requirements.0.port_first", "null" },
	{ "sites.1.requirements.0.checks.0.last_run.values.tls_version_info", "null" },
	{ "sites.1.requirements.1.cause", "\"timeout\"" },
};

static json_t *step(json_t *value, const char *name, size_t length)
{
	size_t index = 0;

	if (!json_is_array(value))
		return json_object_getn(value, name, length);
	for (size_t i = 0; i < length; i++)
		index = index * 10 + (size_t)(name[i] - '0');
	return json_array_get(value, index);
}

static json_t *find(json_t *value, const char *path)
{
	while (value && *path) {
		size_t length = strcspn(path, ".");

		value = step(value, path, length);
		path += length + (path[length] == '.');
	}
	return value;
}

static json_t *status(const struct fixture *fixture, enum language language)
{
	struct text text = { 0 };
	json_t *value;

	json_status(&fixture->source, language, &text);
	assert_false(text_failed(&text));
	value = json_loads(text.data, 0, NULL);
	assert_non_null(value);
	text_done(&text);
	return value;
}

static void test_members(void **state)
{
	struct fixture fixture;
	json_t *root;

	(void)state;
	fixture_init(&fixture);
	root = status(&fixture, LANGUAGE_EN);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		char *text = json_dumps(find(root, members[i].path),
			JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));

		if (!text || strcmp(text, members[i].text) != 0)
			fail_msg("%s is %s", members[i].path, text ? text : "missing");
		free(text);
	}
	/* the optional check that does not apply is no check */
	assert_int_equal(json_array_size(find(root, "sites.0.requirements.0.checks")), 1);
	json_decref(root);
	fixture_done(&fixture);
}

static void test_language(void **state)
{
	struct fixture fixture;
	json_t *root;

	(void)state;
	fixture_init(&fixture);
	root = status(&fixture, LANGUAGE_DE);
	assert_string_equal(json_string_value(find(root, "sentence")),
		"2 von 8 Anforderungen sind nicht erfüllt.");
	assert_string_equal(
		json_string_value(find(root, "sites.0.requirements.3.breaks")),
		"Anrufer sind nicht zu hören.");
	json_decref(root);
	fixture_done(&fixture);
}

/* Octets that are not UTF-8 are replaced, not the reason to lose the whole answer. */
static void test_hostile(void **state)
{
	struct fixture fixture;
	json_t *root;

	(void)state;
	fixture_init(&fixture);
	root = status(&fixture, LANGUAGE_EN);
	assert_string_equal(json_string_value(find(root, "sites.1.name")),
		"<script>alert(\"1\")</script>'\n\\&|\xef\xbf\xbd\xef\xbf\xbd");
	json_decref(root);
	fixture_done(&fixture);
}

static void test_requirement(void **state)
{
	struct fixture fixture;
	struct text text = { 0 };
	json_t *root;

	(void)state;
	fixture_init(&fixture);
	assert_false(json_requirement(&fixture.source, "license", LANGUAGE_EN, &text));
	assert_int_equal(text.length, 0);
	assert_true(json_requirement(&fixture.source, "license-443", LANGUAGE_EN, &text));
	root = json_loads(text.data, 0, NULL);
	assert_string_equal(json_string_value(find(root, "sites.0.requirement.cause")),
		"icmp-admin-prohibited");
	assert_string_equal(
		json_string_value(find(root, "sites.0.history.0.after")), "failed");
	assert_string_equal(
		json_string_value(find(root, "sites.0.history.0.evidence.offender")),
		"192.0.2.1");
	assert_string_equal(json_string_value(find(
				    root, "sites.0.failed_runs.0.conversation.1.text")),
		"GET / HTTP/1.1\r\nHost: license.starface.de\r\n\r\n");
	assert_string_equal(
		json_string_value(find(root, "sites.0.failed_runs.0.conversation.2.hex")),
		"160301000568656c6c6f2c20776f726c64");
	json_decref(root);
	text_done(&text);
	fixture_done(&fixture);
}

/* Without one it is said; so is that an error is over, and what is not told of ranges. */
static void test_reflector(void **state)
{
	struct reflector_statistics *reflector;
	struct fixture fixture;
	json_t *root;

	(void)state;
	fixture_init(&fixture);
	reflector = &fixture.source.reflector;
	reflector->ports[REFLECTOR_FAILED] = 0;
	reflector->ranges[REFLECTOR_RESTING].count = 2500;
	reflector->control_port = 0;
	root = status(&fixture, LANGUAGE_EN);
	assert_true(json_is_null(find(root, "reflector.error")));
	assert_true(json_is_null(find(root, "reflector.control_port")));
	assert_int_equal(json_array_size(find(root, "reflector.resting.ranges")),
		REFLECTOR_RANGES_TOLD);
	json_decref(root);
	fixture.source.reflects = false;
	root = status(&fixture, LANGUAGE_EN);
	assert_true(json_is_null(find(root, "reflector")));
	json_decref(root);
	fixture_done(&fixture);
}

static void test_moments(void **state)
{
	static const struct {
		int64_t micros;
		const char *age, *duration;
	} rows[] = {
		{ 0, "0 s", "0 µs" },
		{ 480, "0 s", "480 µs" },
		{ 48250, "0 s", "48 ms" },
		{ 1350000, "1 s", "1,3 s" },
		{ 7 * MINUTE + 30 * SECOND, "7 min", "450,0 s" },
		{ 125 * MINUTE, "2 h 5 min", "7500,0 s" },
		{ 120 * MINUTE, "2 h", "7200,0 s" },
		{ 76 * 60 * MINUTE, "3 d 4 h", "273600,0 s" },
		{ -5 * SECOND, "0 s", NULL },
	};
	char buffer[MOMENT_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(
			moment_age(rows[i].micros, buffer, sizeof(buffer)), rows[i].age);
		if (rows[i].duration)
			assert_string_equal(moment_duration(rows[i].micros, LANGUAGE_DE,
						    buffer, sizeof(buffer)),
				rows[i].duration);
	}
	assert_string_equal(
		moment_for_people(FIXTURE_NOW_US, LANGUAGE_DE, buffer, sizeof(buffer)),
		"14.10.2026, 09:20 UTC");
	assert_string_equal(
		moment_for_people(FIXTURE_NOW_US, LANGUAGE_EN, buffer, sizeof(buffer)),
		"2026-10-14 09:20 UTC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_requirement),
		cmocka_unit_test(test_reflector),
		cmocka_unit_test(test_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
