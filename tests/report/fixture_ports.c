/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "media/port_plan.h"
#include "report/fixture_rows.h"

enum { RTP_OPEN, RTP_LOST, RTP_COVERAGE, RTP_BOUND };

static const struct probe_gauge rtp_gauges[] = {
	[RTP_OPEN] = { .name = "rtp_ports",
		.help = "Ports in each state.",
		.label = "state",
		.label_value = "open" },
	[RTP_LOST] = { .name = "rtp_ports",
		.help = "Ports in each state.",
		.label = "state",
		.label_value = "lost" },
	[RTP_COVERAGE] = { .name = "rtp_range_coverage_ratio", .help = "Asked share." },
	[RTP_BOUND] = { .name = "rtp_blocked_ratio_upper_bound", .help = "Bound." },
	{ .name = NULL },
};

/* Two labels, as a stream of several codecs in both directions has. */
static const struct probe_gauge voice_gauges[] = {
	{ .name = "rtp_mos",
		.help = "Opinion score.",
		.label = "direction",
		.label_value = "forward",
		.also_label = "codec",
		.also_value = "g711" },
	{ .name = "rtp_mos",
		.help = "Opinion score.",
		.label = "direction",
		.label_value = "forward",
		.also_label = "codec",
		.also_value = "g729" },
	{ .name = "rtp_mos",
		.help = "Opinion score.",
		.label = "direction",
		.label_value = "backward",
		.also_label = "codec",
		.also_value = "g711" },
	{ .name = NULL },
};

static const struct probe_kind rtp_kind = {
	.name = "rtp", .gauges = rtp_gauges, .keeps_ports = true, .apart = true
};
static const struct probe_kind voice_kind = { .name = "voice", .gauges = voice_gauges };
static const struct probe_kind *const kinds[] = { &rtp_kind, &voice_kind, NULL };

static const struct requirement requirements[] = {
	{ VENDOR_ROW("rtp-in", "telephony", DIRECTION_INBOUND, SEVERITY_CRITICAL, "$pbx",
		  10000, 20000, TRANSPORT_UDP, "RTP"),
		.breaks = { "Callers cannot be heard.", "Anrufer sind nicht zu hören." },
		.hint = { "Set up a reflector: `docs/rtp.md`.",
			"Einen Reflektor einrichten: `docs/rtp.md`." },
		.kind = &rtp_kind },
	{ VENDOR_ROW("rtp-out", "telephony", DIRECTION_OUTBOUND, SEVERITY_CRITICAL,
		  "$rtp_partner", 1025, 65535, TRANSPORT_UDP, "RTP"),
		.breaks = { "Callers hear nothing.", "Anrufer hören nichts." },
		.kind = &rtp_kind },
	{ VENDOR_ROW("voice-in", "telephony", DIRECTION_INBOUND, SEVERITY_WARNING, "$pbx",
		  10000, 20000, TRANSPORT_UDP, "RTP"),
		.breaks = { "Calls sound bad.", "Gespräche klingen schlecht." },
		.kind = &voice_kind },
};

static const struct site sites[] = { { .name = "hq", .vantage = VANTAGE_LAN } };

static const struct check checks[] = {
	{ CHECK_OF(&sites[0], &requirements[0], "hq/rtp-in/192.0.2.10:10000/ipv4",
		"192.0.2.10", 10000, "192.0.2.10:10000-20000", FAMILY_IPV4) },
	{ CHECK_OF(&sites[0], &requirements[0], "hq/rtp-in/2001:db8::10:10000/ipv6",
		"2001:db8::10", 10000, "[2001:db8::10]:10000-20000", FAMILY_IPV6) },
	{ CHECK_OF(&sites[0], &requirements[1], "hq/rtp-out/198.51.100.9:1025/ipv4",
		"198.51.100.9", 1025, "198.51.100.9:1025-65535", FAMILY_IPV4) },
	{ CHECK_OF(&sites[0], &requirements[2], "hq/voice-in/192.0.2.10:10000/ipv4",
		"192.0.2.10", 10000, "192.0.2.10:10000-20000", FAMILY_IPV4) },
};

#define CHECK_COUNT (sizeof(checks) / sizeof(checks[0]))

static const struct plan plan = { requirements, 3, sites, 1, checks, CHECK_COUNT };

static const struct outcome outcomes[CHECK_COUNT] = {
	{ .finding = { VERDICT_DEGRADED, CAUSE_RTP_PARTIAL,
		  { EVIDENCE_ICMP, 3, 13, { FAMILY_IPV4, { 192, 0, 2, 1 }, 0 }, "" } },
		.phase = PHASE_RESPONSE,
		.port = 10000,
		.values_set = 1 << RTP_OPEN | 1 << RTP_COVERAGE | 1 << RTP_BOUND,
		.duration_us = 900000,
		.values = { 8000, 0, 0.875, 0.1234 } },
	{ .finding = { VERDICT_OK, CAUSE_NONE, { .code = 0 } },
		.phase = PHASE_RESPONSE,
		.values_set = 1 << RTP_OPEN | 1 << RTP_COVERAGE | 1 << RTP_BOUND,
		.duration_us = 900000,
		.values = { 100, 0, 0.01, 0.02931 } },
	{ .finding = { VERDICT_UNKNOWN, CAUSE_TIMEOUT, { .code = 0 } },
		.phase = PHASE_RESPONSE,
		.values_set = 1 << RTP_COVERAGE | 1 << RTP_BOUND,
		.duration_us = 900000,
		.values = { 0, 0, 0, 1 } },
	{ .finding = { VERDICT_OK, CAUSE_NONE, { .code = 0 } },
		.phase = PHASE_RESPONSE,
		.values_set = 5,
		.duration_us = 900000,
		.values = { 4.409, 0, 4.2 } },
};

static void note_range(
	struct port_map *map, uint32_t first, uint32_t last, enum port_state state)
{
	for (uint32_t port = first; port <= last; port++)
		port_map_note(map, (uint16_t)port, state, NULL, 1);
}

/* Open but for one range a firewall refuses, one lost, single ports, and some unknown. */
static void fill_partly(struct port_map *map)
{
	struct finding why = finding_of(CAUSE_ICMP_ADMIN_PROHIBITED);

	why.evidence = outcomes[0].finding.evidence;
	note_range(map, 10000, 18999, PORT_OPEN);
	for (uint16_t port = 12000; port <= 12999; port++)
		port_map_note(map, port, PORT_REFUSED, &why, 1);
	note_range(map, 14000, 14003, PORT_BUSY);
	note_range(map, 15000, 15000, PORT_LOST);
	note_range(map, 16000, 16499, PORT_RETURN);
	for (uint16_t port = 17000; port <= 17100; port = (uint16_t)(port + 10)) {
		note_range(map, port, port + 9U, PORT_UNASKED);
		port_map_note(map, port, PORT_LOST, NULL, 1);
	}
}

/* The first sample of a range that passes. */
static void fill_sampled(struct port_map *map)
{
	uint16_t ports[100];
	size_t count = port_plan_sample(map, ports, 100);

	for (size_t i = 0; i < count; i++)
		port_map_note(map, ports[i], PORT_OPEN, NULL, 1);
}

void fixture_init_ports(struct fixture *fixture)
{
	fixture->store = store_new(&plan, 0);
	assert(fixture->store);
	fill_partly(store_ports(fixture->store, 0));
	fill_sampled(store_ports(fixture->store, 1));
	note_range(store_ports(fixture->store, 2), 1025, 1100, PORT_SILENT);
	for (size_t i = 0; i < CHECK_COUNT; i++) {
		struct outcome outcome = outcomes[i];

		outcome.wall_us = FIXTURE_NOW_US - (int64_t)(i + 1) * MINUTE;
		store_outcome(fixture->store, i, &outcome, NULL);
	}
	fixture->source = (struct report_source){
		.store = fixture->store, .kinds = kinds, AFTER_AN_HOUR
	};
}
