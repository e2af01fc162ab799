/* SPDX-License-Identifier: Apache-2.0 */
/* A range of UDP ports: which of them pass, with a reflector at the other end or without.
 */
#include <stdio.h>

#include "base/clock.h"
#include "media/stamp.h"
#include "net/key_file.h"
#include "probes/exchange.h"
#include "probes/probe_kinds.h"
#include "probes/rtp_gauges.h"
#include "probes/rtp_icmp.h"
#include "probes/rtp_rows.h"
#include "probes/rtp_stamp.h"

struct rtp_run {
	struct rtp_talk *talk;
};

static const char *const mode_names[] = {
	[RTP_STAMP] = "stamp", [RTP_ICMP] = "icmp", NULL
};

static const struct probe_option rtp_option_table[] = {
	{ .name = "mode",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct rtp_options, mode),
		.fallback = "stamp",
		.choices = mode_names,
		.help = "\"stamp\": a reflector at the other end answers; \"icmp\": "
			"nobody "
			"does, and the host's ICMP errors are the evidence." },
	{ .name = "key_file",
		.type = PROBE_OPTION_FILE,
		.offset = offsetof(struct rtp_options, key_file),
		.help = "The secret shared with the reflector; without it packets are "
			"not "
			"authenticated." },
	{ .name = "control_port",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct rtp_options, control_port),
		.fallback = "862",
		.least = 1,
		.most = UINT16_MAX,
		.help = "Where the reflector is asked which ports it holds and what has "
			"arrived; if nothing answers there, a port of the range is." },
	{ .name = "ports_per_run",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct rtp_options, ports_per_run),
		.fallback = "0",
		.least = 0,
		.most = UINT16_MAX,
		.help = "Ports asked in a run, others every time; blocked ones and the "
			"edges of blocked ranges come on top. 0 = 300 with a reflector, "
			"10 without." },
	{ .name = "packets_per_second",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct rtp_options, packets_per_second),
		.fallback = "250",
		.least = 1,
		.most = 100000,
		.help = "Pace of a run with a reflector; a call has 50. Without one it "
			"is "
			"slower than a host's limit of ICMP errors." },
	{ .name = "source_port",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct rtp_options, source_port),
		.fallback = "0",
		.least = 0,
		.most = UINT16_MAX,
		.help = "Our own port; 0 = another one in each run, which keeps no dead "
			"entry of a NAT alive." },
	{ .name = "length",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct rtp_options, length),
		.fallback = "172",
		.least = 0,
		.most = STAMP_LENGTH_MAX,
		.help = "Octets of a packet, at least; 172 is one of G.711." },
	{ .name = "dscp",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct rtp_options, dscp),
		.fallback = "46",
		.least = 0,
		.most = 63,
		.help = "Code point the packets are sent with; 46 is that of voice "
			"(EF)." },
	{ .name = "loss_percent",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct rtp_options, loss_percent),
		.fallback = "5",
		.least = 0,
		.most = 100,
		.help = "From so many lost first tries, there or back, on the result is "
			"degraded although all ports pass, and until fewer are proven; 0 "
			"= never." },
	{ .name = "window",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct rtp_options, window_us),
		.fallback = "24h",
		.least = MINUTE,
		.most = INT64_C(30) * 24 * 60 * MINUTE,
		.help = "What was asked longer ago counts no more for coverage and "
			"bounds." },
	{ .name = NULL },
};

#define PORTS_GAUGE(port_state, text)                                   \
	[RTP_ROW_PORTS + (port_state)] = { .name = "rtp_ports",         \
		.help = "Ports of the range by what is known of them.", \
		.label = "state",                                       \
		.label_value = (text) }

static const struct probe_gauge rtp_gauge_table[] = {
	EXCHANGE_GAUGES,
	PORTS_GAUGE(PORT_UNASKED, "unasked"),
	PORTS_GAUGE(PORT_OPEN, "open"),
	PORTS_GAUGE(PORT_CLOSED, "closed"),
	PORTS_GAUGE(PORT_BUSY, "busy"),
	PORTS_GAUGE(PORT_UNHELD, "unheld"),
	PORTS_GAUGE(PORT_RESTING, "resting"),
	PORTS_GAUGE(PORT_SILENT, "silent"),
	PORTS_GAUGE(PORT_DENIED, "denied"),
	PORTS_GAUGE(PORT_LOST, "lost"),
	PORTS_GAUGE(PORT_RETURN, "return-lost"),
	PORTS_GAUGE(PORT_BLOCKED, "blocked"),
	PORTS_GAUGE(PORT_REFUSED, "refused"),
	[RTP_ROW_ASKED] = { .name = "rtp_ports_asked",
		.help = "Ports asked in the last run." },
	[RTP_ROW_COVERAGE] = { .name = "rtp_range_coverage_ratio",
		.help = "Share of the range's ports that could be told within the "
			"window." },
	[RTP_ROW_BOUND] = { .name = "rtp_blocked_ratio_upper_bound",
		.help = "Upper 95 % confidence bound of the share of ports that are "
			"blocked." },
	[RTP_ROW_ROUND_TRIP] = RTP_GAUGE_ROUND_TRIP,
	[RTP_ROW_FORWARD] = RTP_GAUGE_LOSS(RTP_FORWARD),
	[RTP_ROW_BACKWARD] = RTP_GAUGE_LOSS(RTP_BACKWARD),
	[RTP_ROW_FIRST_TRIES] = { .name = "rtp_first_tries_lost_ratio",
		.help = "Share of the first packets to ports that pass which got no "
			"answer." },
	[RTP_ROW_CORRUPTED] = { .name = "rtp_corrupted_packets",
		.help = "Answers of the last run whose padding came back altered." },
	[RTP_ROW_FOREIGN] = { .name = "rtp_foreign_packets",
		.help = "What came from the reflector's address in the last run and "
			"belongs to no question: another key, session or protocol." },
	[RTP_ROW_COUNT] = { .name = NULL },
};

static bool rtp_validate(void *untyped, char *why, size_t why_size)
{
	struct rtp_options *options = untyped;
	char words[192];

	if (!options->key_file)
		return true;
	if (options->mode == RTP_ICMP) {
		snprintf(why, why_size,
			"key_file is of no use in mode \"icmp\"; remove it, or write "
			"mode "
			"= \"stamp\"");
		return false;
	}
	if (key_file_read(options->key_file, &options->key, words, sizeof(words)) == 0)
		return true;
	snprintf(why, why_size, "%s %s", options->key_file, words);
	return false;
}

static void rtp_release(void *untyped)
{
	struct rtp_options *options = untyped;

	stamp_key_free(options->key);
}

static void rtp_start(struct probe_run *run)
{
	const struct rtp_options *options = run->options;
	struct rtp_run *rtp = run->state;

	rtp->talk =
		options->mode == RTP_ICMP ? rtp_icmp_start(run) : rtp_stamp_start(run);
}

static void rtp_stop(struct probe_run *run)
{
	struct rtp_run *rtp = run->state;

	rtp_talk_free(rtp->talk);
}

const struct probe_kind *probe_rtp(void)
{
	static const struct probe_kind kind = {
		.name = "rtp",
		.summary =
			"Asks a sample of a range of UDP ports, another one every time, "
			"and the edges of what is blocked.",
		.options = rtp_option_table,
		.gauges = rtp_gauge_table,
		.options_size = sizeof(struct rtp_options),
		.run_size = sizeof(struct rtp_run),
		.takes_ranges = true,
		.keeps_ports = true,
		.apart = true,
		.validate = rtp_validate,
		.release = rtp_release,
		.start = rtp_start,
		.stop = rtp_stop,
	};

	return &kind;
}
