/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How large a SIP request may be, so that it is answered: an INVITE is three times as
 * long as the OPTIONS that proves the service, and gets lost where large packets do.
 *
 * By UDP the request is asked as it is first, then in packets that must not be cut, from
 * the largest down. What is answered and the next larger one, which is not, are then
 * asked in turns: large, small, so that a server that stops answering or answers now and
 * then passes for no hole. What routers tell of the path's MTU is no silence: the next
 * packet is as large as they said. At last one is sent in fragments, as a telephone's
 * would be.
 */
#include <stdio.h>
#include <string.h>

#include "net/path_mtu.h"
#include "probes/probe_kinds.h"
#include "probes/sip_size_parts.h"

/*
 * A path that loses one packet of twenty each way keeps one request of ten unanswered,
 * four in a row in one run of 10,000; and each silence is confirmed.
 */
#define SENDS_MAX 4

/* Octets of a packet: what hosts must take at least, IPv6's least MTU less a tunnel or
 * two, usual tunnels, Ethernet. */
static const size_t whole_sizes[] = { 0, 576, 1200, 1400, 1500 };

/* Two fragments wherever the MTU is that of an Ethernet or less. */
static const size_t fragment_sizes[] = { 0, 2000 };

static const char *const transport_names[] = {
	[SIP_UDP] = "udp", [SIP_TCP] = "tcp", [SIP_TLS] = "tls", NULL
};

static const struct probe_option options[] = {
	{ .name = "transport",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct size_options, transport),
		.fallback = "udp",
		.choices = transport_names,
		.help = "How the requests travel." },
	{ .name = "server_name",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct size_options, server_name),
		.help = "The name to ask for by TLS (SNI) and to find in the "
			"certificate; by default the host." },
	{ .name = "repeat_after",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct size_options, repeat_after_us),
		.fallback = "500ms",
		.least = 10 * MILLISECOND,
		.most = 5 * SECOND,
		.help = "How long to wait by UDP for an answer before a request is sent "
			"again; one that was sent four times is not answered." },
	TLS_POLICY_OPTIONS(struct size_options),
	{ .name = NULL },
};

static const struct probe_gauge gauges[] = {
	TLS_GAUGES,
	EXCHANGE_GAUGES,
	[SIZE_GAUGE_LARGEST] = { .name = "sip_largest_request_bytes",
		.help = "The largest SIP request that was answered: by UDP its packet, "
			"with fragmentation forbidden, by TCP and TLS the request." },
	[SIZE_GAUGE_FRAGMENTS] = { .name = "sip_fragments_answered",
		.help = "Whether a SIP request in fragments was answered." },
	[SIZE_GAUGE_PATH_MTU] = { .name = "path_mtu_bytes",
		.help = "The largest packet on the way to the server, as the interface "
			"has it or a router has told." },
	{ .name = NULL },
};

static void ask(struct size_run *size, enum size_step step, size_t rung);

static void finish(struct size_run *size, const struct finding *finding)
{
	exchange_close(&size->exchange);
	probe_finish(size->run, finding);
}

/* Silence to what was answered before is no word on sizes: nothing was measured. */
static void finish_gone(struct size_run *size)
{
	struct finding finding = finding_of(CAUSE_TIMEOUT);

	if (size->step == SIZE_FIRST) {
		if (size->misfit.cause != CAUSE_NONE)
			finding = size->misfit;
	} else {
		finding.verdict = VERDICT_UNKNOWN;
		finding.evidence.kind = EVIDENCE_PEER;
		finding.evidence.offender = size->run->target.address;
		snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
			"stopped answering while requests of %zu octets were tried",
			size->sizes[size->top]);
	}
	finish(size, &finding);
}

/* The packet of the request without padding. */
static size_t least_packet(const struct size_run *size)
{
	return size->request.length +
		path_mtu_udp_header(size->run->target.address.family);
}

/* With a line of padding. */
static size_t least_padded(const struct size_run *size)
{
	return least_packet(size) + 20;
}

static size_t packet_of(const struct size_run *size, size_t rung)
{
	return rung == 0 ? least_packet(size) : size->sizes[rung];
}

static void finish_hole(struct size_run *size)
{
	struct finding finding = finding_of(CAUSE_MTU_BLACKHOLE);
	size_t answered = packet_of(size, size->low);
	size_t silent = size->sizes[size->low + 1];

	finding.verdict = VERDICT_DEGRADED;
	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = size->run->target.address;
	if (size->fragments) {
		probe_set(size->run, SIZE_GAUGE_FRAGMENTS, 0);
		snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
			"answers packets of %zu octets, silent to %zu in fragments",
			size->whole, silent);
	} else {
		probe_set(size->run, SIZE_GAUGE_LARGEST, (double)answered);
		snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
			"answers packets of %zu octets, silent from %zu on", answered,
			silent);
	}
	finish(size, &finding);
}

/* What the kernel knows, or has been told, bounds the ladder. */
static void bound_ladder(struct size_run *size, size_t mtu)
{
	probe_set(size->run, SIZE_GAUGE_PATH_MTU, (double)mtu);
	while (size->top > 0 && size->sizes[size->top] > mtu) {
		if (size->sizes[size->top - 1] < mtu)
			size->sizes[size->top] = mtu;
		else
			size->top--;
	}
	if (size->sizes[size->top] < least_padded(size))
		size->top = 0;
}

/* Rungs that are no larger than the request itself fall away. */
static void set_ladder(struct size_run *size, const size_t *sizes, size_t count)
{
	size->top = 0;
	for (size_t i = 1; i < count; i++) {
		if (sizes[i] >= least_padded(size))
			size->sizes[++size->top] = sizes[i];
	}
}

static void begin_whole(struct size_run *size)
{
	size_t mtu = path_mtu(&size->run->target.address);

	set_ladder(size, whole_sizes, sizeof(whole_sizes) / sizeof(whole_sizes[0]));
	path_mtu_whole(size->exchange.datagram.fd, size->run->target.address.family);
	if (mtu > 0)
		bound_ladder(size, mtu);
	ask(size, SIZE_DOWN, size->top);
}

static void begin_fragments(struct size_run *size)
{
	size_t mtu = path_mtu(&size->run->target.address);

	set_ladder(
		size, fragment_sizes, sizeof(fragment_sizes) / sizeof(fragment_sizes[0]));
	path_mtu_usual(size->exchange.datagram.fd, size->run->target.address.family);
	size->fragments = true;
	if (size->top > 0 && size->sizes[size->top] > mtu) {
		ask(size, SIZE_DOWN, size->top);
		return;
	}
	/* the interface takes it whole: nothing would be cut */
	exchange_close(&size->exchange);
	probe_finish_ok(size->run);
}

/* The largest was answered. */
static void end_ladder(struct size_run *size)
{
	if (size->fragments) {
		probe_set(size->run, SIZE_GAUGE_FRAGMENTS, 1);
		exchange_close(&size->exchange);
		probe_finish_ok(size->run);
		return;
	}
	size->whole = packet_of(size, size->top);
	probe_set(size->run, SIZE_GAUGE_LARGEST, (double)size->whole);
	begin_fragments(size);
}

static void answered(struct size_run *size)
{
	switch (size->step) {
	case SIZE_FIRST:
		probe_unmeasured(size->run, NULL);
		begin_whole(size);
		return;
	case SIZE_DOWN:
	case SIZE_AGAIN:
		size->low = size->asked;
		if (size->low == size->top)
			end_ladder(size);
		else
			ask(size, SIZE_AGAIN, size->low + 1);
		return;
	case SIZE_LAST:
		finish_hole(size);
		return;
	}
}

static void silent(struct size_run *size)
{
	if (size->asked == 0)
		finish_gone(size);
	else if (size->step == SIZE_DOWN)
		ask(size, SIZE_DOWN, size->asked - 1);
	else
		ask(size, SIZE_LAST, 0);
}

/* \retval true  a router has said by now what passes, and that is asked instead */
static bool is_told(struct size_run *size)
{
	size_t mtu;

	if (size->fragments || size->asked == 0)
		return false;
	mtu = path_mtu(&size->run->target.address);
	if (mtu == 0 || size->sizes[size->asked] <= mtu)
		return false;
	probe_note(size->run, "a router says that %zu octets are the most", mtu);
	bound_ladder(size, mtu);
	ask(size, SIZE_DOWN, size->top);
	return true;
}

static void again(struct probe_run *run)
{
	struct size_run *size = run->state;

	if (is_told(size))
		return;
	if (size->sends == SENDS_MAX) {
		silent(size);
		return;
	}
	size->sends++;
	exchange_send(&size->exchange, size->text, size->length);
}

static void ask(struct size_run *size, enum size_step step, size_t rung)
{
	const struct size_options *settings = size->run->options;
	size_t header = path_mtu_udp_header(size->run->target.address.family);

	size->step = step;
	size->asked = rung;
	size->sends = 1;
	size_write(size, &size->run->outcome.local,
		rung == 0 ? 0 : size->sizes[rung] - header);
	probe_enter(size->run, PHASE_RESPONSE, CAUSE_TIMEOUT);
	if (step != SIZE_FIRST)
		probe_silence_verdict(size->run, VERDICT_UNKNOWN);
	if (exchange_send(&size->exchange, size->text, size->length))
		exchange_persist_by(&size->exchange, again, settings->repeat_after_us,
			settings->repeat_after_us);
}

static void datagram_heard(struct probe_run *run, const struct datagram_answer *datagram)
{
	struct size_run *size = run->state;
	struct sip_answer answer;
	struct finding finding;
	enum sip_reading reading =
		sip_answer_read(&size->request, datagram->data, datagram->length,
			datagram->cut ? SIP_DATAGRAM_CUT : SIP_DATAGRAM, &answer);

	if (reading == SIP_NO_MEMORY) {
		finding = finding_of(CAUSE_LOCAL_RESOURCE);
		finish(size, &finding);
	} else if (reading == SIP_RESPONSE && answer.ours) {
		/* a provisional one, too, and one that finds it too long: it was there */
		answered(size);
	} else {
		size_note_misfit(
			size, reading, &answer, datagram->data, datagram->length);
	}
}

static void start_datagram(struct size_run *size)
{
	struct transport_address local = { .port = 0 };

	probe_enter(size->run, PHASE_REQUEST, CAUSE_TIMEOUT);
	size->exchange.first_gauge = SIZE_GAUGE_EXCHANGE;
	if (!exchange_open(&size->exchange, size->run, datagram_heard))
		return;
	/* without one sending fails as well, and says why */
	if (datagram_local(&size->exchange.datagram, &local))
		probe_local(size->run, &local);
	ask(size, SIZE_FIRST, 0);
}

static void size_start(struct probe_run *run)
{
	const struct size_options *settings = run->options;
	struct size_run *size = run->state;

	size->run = run;
	size->misfit = finding_of(CAUSE_NONE);
	probe_unmeasured(run, SIZE_UNMEASURED);
	if (settings->transport == SIP_UDP)
		start_datagram(size);
	else
		size_start_stream(size);
}

static void size_stop(struct probe_run *run)
{
	struct size_run *size = run->state;

	exchange_close(&size->exchange);
	dialogue_close(&size->dialogue);
}

static bool size_validate(void *untyped, char *why, size_t why_size)
{
	struct size_options *settings = untyped;

	return tls_policy_prepare(&settings->policy, why, why_size);
}

static void size_release(void *untyped)
{
	struct size_options *settings = untyped;

	tls_policy_release(&settings->policy);
}

const struct probe_kind *probe_sip_size(void)
{
	static const struct probe_kind kind = {
		.name = "sip-size",
		.summary = "Asks a SIP server for its options in ever longer requests "
			   "and judges which size is answered.",
		.options = options,
		.gauges = gauges,
		.options_size = sizeof(struct size_options),
		.run_size = sizeof(struct size_run),
		.validate = size_validate,
		.release = size_release,
		.start = size_start,
		.stop = size_stop,
	};

	return &kind;
}
