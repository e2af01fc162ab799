/* SPDX-License-Identifier: Apache-2.0 */
#include "report/fixture.h"

#include <errno.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/fixture_rows.h"

static const char *const versions[] = { "TLS 1.2", "TLS 1.3", NULL };

static const struct probe_gauge web_gauges[] = {
	{ .name = "http_status_code", .help = "Status code of the answer." },
	{ .name = "tls_certificate_not_after_timestamp_seconds",
		.help = "End of the leaf." },
	{ .name = "tls_version_info",
		.help = "Version negotiated.",
		.label = "version",
		.label_values = versions },
	{ .name = "tls_version_accepted",
		.help = "Version accepted.",
		.label = "version",
		.label_value = "TLS 1.0" },
	{ .name = "tls_version_accepted",
		.help = "Version accepted.",
		.label = "version",
		.label_value = "TLS 1.2" },
	{ .name = "tls_version_accepted",
		.help = "Version accepted.",
		.label = "version",
		.label_value = "TLS 1.3" },
	{ .name = NULL },
};

/* Shares one gauge with the web kind, at another index. */
static const struct probe_gauge time_gauges[] = {
	{ .name = "ntp_offset_seconds", .help = "Offset of the clock." },
	{ .name = "ntp_stratum", .help = "Stratum of the server." },
	{ .name = "tls_certificate_not_after_timestamp_seconds",
		.help = "End of the leaf." },
	{ .name = NULL },
};

static const struct probe_kind web_kind = { .name = "web", .gauges = web_gauges };
static const struct probe_kind time_kind = { .name = "time", .gauges = time_gauges };
static const struct probe_kind bare_kind = { .name = "bare" };
static const struct probe_kind *const kinds[] = { &web_kind, &time_kind, &bare_kind,
	NULL };

static const struct requirement requirements[] = {
	{ VENDOR_ROW("license-8383", "licensing", DIRECTION_OUTBOUND, SEVERITY_CRITICAL,
		  "license.starface.de", 8383, 8383, TRANSPORT_TCP, "HTTPS"),
		.breaks = { "The licence check fails.",
			"Die Lizenzprüfung schlägt fehl." },
		.hint = { "This proves a listener.", "Das beweist einen Lauscher." },
		.kind = &web_kind },
	{ VENDOR_ROW("license-443", "licensing", DIRECTION_OUTBOUND, SEVERITY_CRITICAL,
		  "license.starface.de", 443, 443, TRANSPORT_TCP, "HTTPS"),
		.breaks = { "The licence check fails.",
			"Die Lizenzprüfung schlägt fehl." },
		.hint = { "This proves a listener.", "Das beweist einen Lauscher." },
		.kind = &web_kind },
	{ VENDOR_ROW("ntp", "time", DIRECTION_OUTBOUND, SEVERITY_WARNING, "$ntp", 123,
		  123, TRANSPORT_UDP, "NTP"),
		.breaks = { "The clock drifts.", "Die Uhr geht falsch." },
		.kind = &time_kind },
	{ VENDOR_ROW("rtp-in", "telephony", DIRECTION_INBOUND, SEVERITY_CRITICAL, "$pbx",
		  10000, 20000, TRANSPORT_UDP, "RTP"),
		.breaks = { "Callers cannot be heard.",
			"Anrufer sind nicht zu hören." } },
	{ VENDOR_ROW("dns-udp", "names", DIRECTION_OUTBOUND, SEVERITY_CRITICAL, "$dns",
		  53, 53, TRANSPORT_UDP, "DNS"),
		.breaks = { "No name is found.", "Kein Name wird gefunden." },
		.kind = &bare_kind },
	{ VENDOR_ROW("web-https", "web", DIRECTION_INBOUND, SEVERITY_WARNING, "$pbx", 443,
		  443, TRANSPORT_TCP, "HTTPS"),
		.breaks = { "The web interface is not reachable.",
			"Die Weboberfläche ist nicht erreichbar." },
		.kind = &web_kind },
	{ .id = "evil",
		.feature = FIXTURE_HOSTILE,
		.direction = DIRECTION_BOTH,
		.severity = SEVERITY_WARNING,
		.host = FIXTURE_HOSTILE,
		.protocol = FIXTURE_HOSTILE,
		.breaks = { FIXTURE_HOSTILE, FIXTURE_HOSTILE },
		.source = FIXTURE_HOSTILE,
		.addition = true,
		.kind = &web_kind,
		.confirm = 1 },
	{ VENDOR_ROW("fed-udp", "telephony", DIRECTION_BOTH, SEVERITY_INFO, "$federation",
		  3090, 3090, TRANSPORT_UDP, "federation"),
		.breaks = { "The system network is down.", "Der Anlagenverbund steht." },
		.kind = &bare_kind },
};

#define REQUIREMENT_COUNT (sizeof(requirements) / sizeof(requirements[0]))

static const struct site sites[] = {
	{ .name = "hq", .vantage = VANTAGE_LAN },
	{ .name = FIXTURE_HOSTILE, .vantage = VANTAGE_INTERNET },
};

/* What each check found; one that took no time never ran. */
static const struct {
	struct check check;
	struct outcome outcome;
} rows[] = {
	{ .check = { CHECK_OF(&sites[0], &requirements[0],
		  "hq/license-8383/license.starface.de:8383/ipv4", "license.starface.de",
		  8383, "license.starface.de:8383", FAMILY_IPV4) },
		.outcome = { .finding = { .verdict = VERDICT_OK },
			.phase = PHASE_RESPONSE,
			.address = { FAMILY_IPV4, { 192, 0, 2, 80 }, 0 },
			.port = 8383,
			.local = { { FAMILY_IPV4, { 192, 168, 0, 2 }, 0 }, 40001 },
			.mapped = { { FAMILY_IPV4, { 192, 0, 2, 7 }, 0 }, 50001 },
			.addresses_tested = 2,
			.values_set = 0x1f,
			.duration_us = 48250,
			.phase_us = { 1500, 12000, 20250, 500, 14000 },
			.values = { 200, 1822000000, 1, 0, 1 } } },
	{ .check = { CHECK_OF(&sites[0], &requirements[0],
			     "hq/license-8383/license.starface.de:8383/ipv6",
			     "license.starface.de", 8383, "license.starface.de:8383",
			     FAMILY_IPV6),
		  .family_optional = true } },
	{ .check = { CHECK_OF(&sites[0], &requirements[1],
		  "hq/license-443/license.starface.de:443/ipv4", "license.starface.de",
		  443, "license.starface.de:443", FAMILY_IPV4) },
		.outcome = { .finding = { VERDICT_FAILED, CAUSE_ICMP_ADMIN_PROHIBITED,
				     { EVIDENCE_ICMP, 3, 13,
					     { FAMILY_IPV4, { 192, 0, 2, 1 }, 0 }, "" } },
			.phase = PHASE_CONNECT,
			.address = { FAMILY_IPV4, { 192, 0, 2, 80 }, 0 },
			.port = 443,
			.addresses_tested = 2,
			.addresses_failed = 2,
			.duration_us = 1250,
			.phase_us = { 250, 1000 } } },
	{ .check = { CHECK_OF(&sites[0], &requirements[2],
		  "hq/ntp/ntp.example.com:123/ipv4", "ntp.example.com", 123,
		  "ntp.example.com:123", FAMILY_IPV4) },
		.outcome = { .finding = { .verdict = VERDICT_OK },
			.phase = PHASE_RESPONSE,
			.address = { FAMILY_IPV4, { 192, 0, 2, 123 }, 0 },
			.port = 123,
			.addresses_tested = 1,
			.values_set = 3,
			.duration_us = 8000,
			.phase_us = { 0, 0, 0, 0, 8000 },
			.values = { -0.00025, 2 } } },
	{ .check = { CHECK_OF(&sites[0], &requirements[3], "hq/rtp-in", "", 0, "",
			     FAMILY_NONE),
		  .fixed_cause = CAUSE_NOT_TESTABLE_HERE,
		  .hint = { "Run a `<reflector>` behind the firewall.",
			  "Starten Sie einen Reflektor hinter der Firewall." } } },
	{ .check = { CHECK_OF(&sites[0], &requirements[4],
		  "hq/dns-udp/192.0.2.53:53/ipv4", "192.0.2.53", 53, "192.0.2.53:53",
		  FAMILY_IPV4) },
		.outcome = { .finding = { VERDICT_DEGRADED, CAUSE_ADDRESS_PARTIAL,
				     { .code = 0 } },
			.phase = PHASE_RESPONSE,
			.addresses_tested = 2,
			.addresses_failed = 1,
			.duration_us = 2000 } },
	{ .check = { CHECK_OF(&sites[0], &requirements[5],
		  "hq/web-https/pbx.example.com:443/ipv4", "pbx.example.com", 443,
		  "pbx.example.com:443", FAMILY_IPV4) } },
	{ .check = { CHECK_OF(&sites[1], &requirements[6], "evil/evil/x:1/ipv6",
		  FIXTURE_HOSTILE, 1, FIXTURE_HOSTILE, FAMILY_IPV6) },
		.outcome = { .finding = { VERDICT_FAILED, CAUSE_TLS_EXPIRED,
				     { EVIDENCE_CERTIFICATE, 0, 10,
					     { FAMILY_IPV6, { 0x20, 1, 0xd, 0xb8 }, 0 },
					     FIXTURE_HOSTILE } },
			.phase = PHASE_TLS,
			.values_set = 6,
			.duration_us = 7500000,
			.phase_us = { 0, 2000, 7498000 },
			.values = { 0, 1700000000.5, 7 } } },
	{ .check = { CHECK_OF(&sites[1], &requirements[7],
		  "evil/fed-udp/192.0.2.90:3090/ipv4", "192.0.2.90", 3090,
		  "192.0.2.90:3090", FAMILY_IPV4) },
		.outcome = { .finding = { VERDICT_UNKNOWN, CAUSE_TIMEOUT, { .code = 0 } },
			.phase = PHASE_RESPONSE,
			.duration_us = 5000000 } },
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static struct check checks[ROW_COUNT];
static struct plan plan;

/* What was said with each: a plain question, and everything a stranger may answer. */
static void say(struct transcript *transcript, const char *target)
{
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: license.starface.de\r\n\r\n";
	static const char hello[] = "\x16\x03\x01\x00\x05hello, world";
	static const char *const answers[] = { "\x1b[2J\x07",
		"\xc2\x9b"
		"2J",
		"caf\xc3",
		"\xe2\x80\xae"
		"exe.txt",
		"</pre><script>alert(\"1\")</script>&amp;\r\n", "Grüße\tan\n\nalle" };

	transcript_begin(transcript);
	transcript_add(transcript, TRANSCRIPT_NOTE, target, strlen(target));
	transcript_add(transcript, TRANSCRIPT_SENT, request, sizeof(request) - 1);
	transcript_add(transcript, TRANSCRIPT_RECEIVED, hello, sizeof(hello) - 1);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		transcript_add(
			transcript, TRANSCRIPT_RECEIVED, answers[i], strlen(answers[i]));
	transcript_add(transcript, TRANSCRIPT_RECEIVED, NULL, 0);
	for (size_t i = 0; i < transcript->entries_used; i++)
		transcript->entries[i].after_us = 1234 * (int64_t)i;
}

static void fill_source(struct fixture *fixture)
{
	fixture->source = (struct report_source){ .store = fixture->store,
		.kinds = kinds,
		.engine = { .in_flight = 3, .late_skipped = 1, .lag_max_us = 1500 },
		.http = { .connections = 2, .requests = 70, .refused = 5, .expired = 6 },
		.host = { .known = true,
			.clock_known = true,
			.link_up = true,
			.default_route_ipv4 = true,
			.gateway_reachable = true,
			.gateway = { FAMILY_IPV4, { 192, 0, 2, 1 }, 0 },
			.interface = "eth0" },
		.reflects = true,
		.reflector = { .keyed = true,
			.control_port = 862,
			.ports = { 9990, 10, 0, 2 },
			.ranges = { { 3,
					    { { 10000, 11999 }, { 12010, 19998 },
						    { 20001, 20001 } } },
				{ 1, { { 12000, 12009 } } }, { 0 },
				{ 2, { { 862, 862 }, { 19999, 19999 } } } },
			.error = EACCES,
			.packets = { [REFLECTION_ANSWERED] = 40,
				[REFLECTION_BAD_HMAC] = 7 },
			.unsent = 3,
			.overflow = 5,
			.sessions = 2 },
		AFTER_AN_HOUR,
		.log_lines = { 1, 2, 3, 4 } };
}

void fixture_init(struct fixture *fixture)
{
	struct transcript *transcript;

	for (size_t i = 0; i < ROW_COUNT; i++)
		checks[i] = rows[i].check;
	plan = (struct plan){ requirements, REQUIREMENT_COUNT, sites, 2, checks,
		ROW_COUNT };
	fixture->store = store_new(&plan, 0);
	transcript = transcript_new();
	assert(fixture->store && transcript);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct outcome outcome = rows[i].outcome;

		say(transcript, i == 7 ? FIXTURE_HOSTILE : "to 192.0.2.80:443");
		outcome.wall_us = FIXTURE_NOW_US - (int64_t)(i + 1) * 7 * MINUTE - 250000;
		if (outcome.duration_us > 0)
			store_outcome(fixture->store, i, &outcome, transcript);
	}
	free(transcript);
	fill_source(fixture);
}

void fixture_cut_off(struct fixture *fixture)
{
	static const size_t cut_off[] = { 2, 3 };

	for (size_t i = 0; i < sizeof(cut_off) / sizeof(cut_off[0]); i++) {
		struct outcome outcome = rows[cut_off[i]].outcome;

		outcome.finding = finding_of(CAUSE_LOCAL_ARP_FAILED);
		outcome.finding.evidence.kind = EVIDENCE_LOCAL;
		outcome.finding.evidence.offender = fixture->source.host.gateway;
		outcome.wall_us = FIXTURE_NOW_US - (int64_t)i * MINUTE;
		store_outcome(fixture->store, cut_off[i], &outcome, NULL);
	}
}

void fixture_done(struct fixture *fixture)
{
	store_free(fixture->store);
	*fixture = (struct fixture){ 0 };
}

static struct check *large_checks;

static char *name_of(const char *before, size_t number, const char *after)
{
	char *name = NULL;
	int length = asprintf(&name, "%s%zu%s", before, number, after);

	assert(length > 0);
	return name;
}

void fixture_init_large(struct fixture *fixture, size_t count)
{
	large_checks = calloc(count, sizeof(*large_checks));
	assert(large_checks);
	for (size_t i = 0; i < count; i++) {
		large_checks[i] = rows[0].check;
		large_checks[i].identity = name_of("hq/license-8383/host-", i, "");
		large_checks[i].target = name_of("host-", i, ".starface.example:8383");
	}
	plan = (struct plan){ requirements, REQUIREMENT_COUNT, sites, 2, large_checks,
		count };
	fixture->store = store_new(&plan, 0);
	assert(fixture->store);
	for (size_t i = 0; i < count; i++) {
		struct outcome outcome = rows[0].outcome;

		outcome.wall_us = FIXTURE_NOW_US - (int64_t)i * 2997;
		outcome.duration_us += (int64_t)(i * 37 % 90000);
		outcome.values[1] += (double)i / 1e6;
		store_outcome(fixture->store, i, &outcome, NULL);
	}
	fill_source(fixture);
}
