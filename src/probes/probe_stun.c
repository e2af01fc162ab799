/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One Binding request to a STUN server (RFC 8489): whether it answers, and as whom it
 * sees us. Held against our own end that is the NAT between the two; held against what a
 * second server sees of the same socket it is the kind of the NAT (RFC 5780, 4.3), which
 * decides whether voice finds its way to telephones behind it.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "net/evidence.h"
#include "net/recognise.h"
#include "net/stun_message.h"
#include "probes/exchange.h"
#include "probes/probe_kinds.h"

#define SOFTWARE "starface-exporter/" PROJECT_VERSION

/* RFC 8489, 6.2.1: doubled each time. */
#define REPEAT_MOST_US (16 * SECOND)

struct stun_options {
	int nat;             /* index into nat_names */
	const char *compare; /* as written */
	int64_t repeat_after_us;
	struct transport_address second; /* by validate(); FAMILY_NONE = none */
};

struct stun_run {
	struct probe_run *run;
	struct exchange exchange;
	struct loop_timer patience; /* with the second server */
	int64_t began_us;
	uint8_t id[STUN_ID_LENGTH];
	uint8_t request[STUN_REQUEST_MAX];
	struct transport_address local;  /* FAMILY_NONE = not known */
	struct transport_address mapped; /* FAMILY_NONE = the first has yet to answer */
	bool xored;                      /* as that came */
};

static const char *const nat_names[] = { "allow", "degrade", NULL };
enum { NAT_ALLOW, NAT_DEGRADE };

static const struct probe_option stun_option_table[] = {
	{ .name = "nat",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct stun_options, nat),
		.fallback = "allow",
		.choices = nat_names,
		.help = "What it means when the server sees another address or port than "
			"our own: allow = only a fact, degrade = nat-rewrite." },
	{ .name = "compare",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct stun_options, compare),
		.help = "Address and port of a second STUN server (\"192.0.2.2:3478\", "
			"\"[2001:db8::2]:3478\"), asked from the same port; a NAT that "
			"shows it another mapping is nat-symmetric." },
	EXCHANGE_REPEAT_OPTION(struct stun_options, "500ms"),
	{ .name = NULL },
};

enum {
	GAUGE_NAT = EXCHANGE_GAUGE_COUNT,
	GAUGE_PORT_KEPT,
	GAUGE_STABLE,
	GAUGE_XORED,
	GAUGE_ERROR,
};

static const struct probe_gauge stun_gauge_table[] = {
	EXCHANGE_GAUGES,
	[GAUGE_NAT] = { .name = "stun_nat",
		.help = "Whether the server sees another address or port than our own "
			"end (1): a NAT is between." },
	[GAUGE_PORT_KEPT] = { .name = "stun_port_kept",
		.help = "Whether the server sees the port that is our own (1)." },
	[GAUGE_STABLE] = { .name = "stun_mapping_stable",
		.help = "Whether a second server sees us as the first does (1), or the "
			"NAT is symmetric (0)." },
	[GAUGE_XORED] = { .name = "stun_mapping_xored",
		.help = "Whether the mapping came as RFC 8489 has it (1), or only as RFC "
			"3489 had it (0), which devices on the way may have changed." },
	[GAUGE_ERROR] = { .name = "stun_error_code",
		.help = "Error code of the server's answer." },
	{ .name = NULL },
};

static bool parse_port(const char *text, uint16_t *ret_port)
{
	char *rest;
	unsigned long port = strtoul(text, &rest, 10);

	if (!isdigit((unsigned char)*text) || *rest || port < 1 || port > UINT16_MAX)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* "192.0.2.2:3478" or "[2001:db8::2]:3478" */
static bool parse_end(const char *text, struct transport_address *ret_end)
{
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	struct transport_address end = { .port = 0 };
	char literal[ADDRESS_TEXT_MAX];

	if (length == 0 || length >= sizeof(literal) || !parse_port(colon + 1, &end.port))
		return false;
	/* an address without a port also has colons, and is not in brackets */
	if (memchr(text, ':', length) && colon[-1] != ']')
		return false;
	memcpy(literal, text, length);
	literal[length] = '\0';
	if (!address_parse(literal, &end.address))
		return false;
	*ret_end = end;
	return true;
}

static bool stun_validate(void *untyped, char *why, size_t why_size)
{
	struct stun_options *options = untyped;

	if (!options->compare || parse_end(options->compare, &options->second))
		return true;
	snprintf(why, why_size,
		"compare is no address with a port; write it like \"192.0.2.2:3478\"");
	return false;
}

static void stun_close(struct stun_run *stun)
{
	loop_timer_cancel(&stun->patience);
	exchange_close(&stun->exchange);
}

static void finish_with(struct stun_run *stun, const struct finding *finding)
{
	stun_close(stun);
	probe_finish(stun->run, finding);
}

static void finish_out_of_memory(struct stun_run *stun)
{
	struct finding finding = evidence_from_errno(ENOMEM);

	finish_with(stun, &finding);
}

static struct finding finding_by_server(const struct stun_run *stun, enum cause cause)
{
	struct finding finding = finding_of(cause);

	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = stun->run->target.address;
	return finding;
}

/* Two ends in the room that a detail has: of long IPv6 ones the second is cut. */
static struct finding finding_by_ends(const struct stun_run *stun, enum cause cause,
	const struct transport_address *one, const char *between,
	const struct transport_address *other)
{
	struct finding finding = finding_by_server(stun, cause);
	struct evidence *evidence = &finding.evidence;
	char first[TRANSPORT_ADDRESS_TEXT_MAX], second[TRANSPORT_ADDRESS_TEXT_MAX];

	snprintf(evidence->detail, sizeof(evidence->detail), "%s%s%s",
		transport_address_format(one, first, sizeof(first)), between,
		transport_address_format(other, second, sizeof(second)));
	return finding;
}

static void finish_with_error(struct stun_run *stun, const struct stun_reply *reply)
{
	struct finding finding = finding_by_server(stun, CAUSE_STUN_ERROR);
	char alternate[TRANSPORT_ADDRESS_TEXT_MAX] = "";

	probe_set(stun->run, GAUGE_ERROR, reply->error);
	/* not followed: another server would say nothing of the one asked */
	if (reply->error == STUN_ERROR_TRY_ALTERNATE)
		transport_address_format(&reply->alternate, alternate, sizeof(alternate));
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail), "%u%s%s%s%s",
		reply->error, *reply->reason ? " " : "", reply->reason,
		*alternate ? ", " : "", alternate);
	finish_with(stun, &finding);
}

static void finish_with_garbage(struct stun_run *stun, const struct stun_reply *reply)
{
	struct finding finding = finding_by_server(stun, CAUSE_GARBAGE);
	struct evidence *evidence = &finding.evidence;

	/* RFC 8489, 6.3.3: then the transaction has failed */
	if (reply->unknown >= 0)
		snprintf(evidence->detail, sizeof(evidence->detail),
			"an attribute 0x%04x that must be understood",
			(unsigned)reply->unknown);
	else
		text_copy(evidence->detail, sizeof(evidence->detail),
			"a success without the address it saw");
	finish_with(stun, &finding);
}

static bool is_mapped(const struct stun_run *stun)
{
	return stun->local.address.family != FAMILY_NONE &&
		!transport_address_equal(&stun->local, &stun->mapped);
}

/* \param second  what the second server saw; NULL = it did not say */
static void conclude(struct stun_run *stun, const struct transport_address *second)
{
	const struct stun_options *options = stun->run->options;
	struct finding finding = finding_of(CAUSE_NONE);

	if (second && !transport_address_equal(&stun->mapped, second))
		finding = finding_by_ends(stun, CAUSE_NAT_SYMMETRIC, &stun->mapped,
			" here, elsewhere ", second);
	else if (options->nat == NAT_DEGRADE && is_mapped(stun))
		finding = finding_by_ends(stun, CAUSE_NAT_REWRITE, &stun->local,
			" is seen as ", &stun->mapped);
	finish_with(stun, &finding);
}

static void note_mapping(struct stun_run *stun, const struct stun_reply *reply)
{
	struct probe_run *run = stun->run;
	char text[TRANSPORT_ADDRESS_TEXT_MAX];

	stun->mapped = reply->mapped;
	stun->xored = reply->xored;
	probe_mapped(run, &reply->mapped);
	probe_set(run, GAUGE_XORED, reply->xored);
	probe_note(run, "seen as %s",
		transport_address_format(&reply->mapped, text, sizeof(text)));
	if (stun->local.address.family == FAMILY_NONE)
		return;
	probe_set(run, GAUGE_NAT, is_mapped(stun));
	probe_set(run, GAUGE_PORT_KEPT, stun->local.port == reply->mapped.port);
}

/* An id that can be guessed would let answers be forged (RFC 8489, section 5). */
static bool ask(struct stun_run *stun)
{
	const struct stun_options *options = stun->run->options;
	size_t length;

	random_fill(stun->id, sizeof(stun->id));
	length = stun_request_write(stun->id, SOFTWARE, stun->request);
	if (length == 0) {
		finish_out_of_memory(stun);
		return false;
	}
	if (!exchange_send(&stun->exchange, stun->request, length))
		return false;
	exchange_persist(&stun->exchange, stun->request, length, options->repeat_after_us,
		REPEAT_MOST_US);
	return true;
}

/* The first server has said what it sees; whatever becomes of the second, that stands. */
static void second_failed(struct probe_run *run, const struct finding *finding)
{
	(void)finding;
	conclude(run->state, NULL);
}

static void second_silent(void *context)
{
	struct stun_run *stun = context;

	if (!stun->run->finished)
		conclude(stun, NULL);
}

static void second_answered(struct stun_run *stun, const struct stun_reply *reply)
{
	bool tells = reply->unknown < 0 && reply->mapped.address.family != FAMILY_NONE &&
		reply->xored;

	if (!tells) {
		conclude(stun, NULL);
		return;
	}
	probe_set(stun->run, GAUGE_STABLE,
		transport_address_equal(&stun->mapped, &reply->mapped));
	conclude(stun, &reply->mapped);
}

/* \retval false  there is none, or none that could tell: a NAT maps by destination, and
 * what comes in the clear may have been rewritten on the way by a device that looks for
 * addresses (RFC 8489, 14.2), so that it tells nothing of the mapping */
static bool has_second(const struct stun_run *stun)
{
	const struct stun_options *options = stun->run->options;
	const struct probe_target *target = &stun->run->target;
	struct transport_address first = { target->address, target->port };

	return stun->xored && options->second.address.family == target->address.family &&
		!transport_address_equal(&options->second, &first);
}

static void ask_second(struct stun_run *stun)
{
	const struct stun_options *options = stun->run->options;
	int64_t spent_us = clock_now_us() - stun->began_us;
	char text[TRANSPORT_ADDRESS_TEXT_MAX];

	probe_note(stun->run, "to %s, from the same port",
		transport_address_format(&options->second, text, sizeof(text)));
	exchange_turn(&stun->exchange, &options->second, second_failed);
	/* before the deadline, which would call the first one silent */
	loop_timer_set(&stun->patience, (stun->run->timeout_us - spent_us) * 3 / 4);
	ask(stun);
}

/* What does not fit is named and waited past. */
static void suspect(const struct stun_run *stun, enum stun_fit fit,
	const struct datagram_answer *answer)
{
	struct finding finding = finding_by_server(stun, CAUSE_STUN_MISMATCH);
	struct evidence *evidence = &finding.evidence;

	switch (fit) {
	case STUN_MALFORMED:
		finding = recognise_stranger(
			answer->data, answer->length, &stun->run->target.address);
		break;
	case STUN_ECHO:
		finding = finding_by_server(stun, CAUSE_GARBAGE);
		text_copy(evidence->detail, sizeof(evidence->detail),
			"a request, as an echo of ours would be");
		break;
	default:
		text_copy(evidence->detail, sizeof(evidence->detail),
			"another transaction id");
		break;
	}
	probe_suspect(stun->run, &finding);
}

static void first_answered(struct stun_run *stun, const struct stun_reply *reply,
	const struct datagram_answer *answer)
{
	exchange_measure(&stun->exchange, answer);
	if (reply->unknown >= 0) {
		finish_with_garbage(stun, reply);
	} else if (reply->error != 0) {
		finish_with_error(stun, reply);
	} else if (reply->mapped.address.family == FAMILY_NONE) {
		finish_with_garbage(stun, reply);
	} else {
		note_mapping(stun, reply);
		if (has_second(stun))
			ask_second(stun);
		else
			conclude(stun, NULL);
	}
}

static void stun_answered(struct probe_run *run, const struct datagram_answer *answer)
{
	struct stun_run *stun = run->state;
	bool first = stun->mapped.address.family == FAMILY_NONE;
	struct stun_reply reply;
	enum stun_fit fit =
		stun_reply_read(answer->data, answer->length, stun->id, &reply);

	if (fit == STUN_UNREAD)
		finish_out_of_memory(stun);
	else if (fit == STUN_FITS && first)
		first_answered(stun, &reply, answer);
	else if (fit == STUN_FITS)
		second_answered(stun, &reply);
	else if (first)
		suspect(stun, fit, answer);
}

static void stun_start(struct probe_run *run)
{
	struct stun_run *stun = run->state;

	stun->run = run;
	stun->began_us = clock_now_us();
	loop_timer_init(&stun->patience, run->services->loop, LOOP_PRIORITY_ANSWER,
		second_silent, stun);
	probe_enter(run, PHASE_REQUEST, CAUSE_TIMEOUT);
	if (!exchange_open(&stun->exchange, run, stun_answered))
		return;
	if (datagram_local(&stun->exchange.datagram, &stun->local)) {
		probe_local(run, &stun->local);
		stun->local.address.scope = 0; /* no server knows our interfaces */
	}
	if (ask(stun))
		probe_enter(run, PHASE_RESPONSE, CAUSE_TIMEOUT);
}

static void stun_stop(struct probe_run *run)
{
	struct stun_run *stun = run->state;

	stun_close(stun);
	loop_timer_done(&stun->patience);
}

const struct probe_kind *probe_stun(void)
{
	static const struct probe_kind kind = {
		.name = "stun",
		.summary = "Asks a STUN server as whom it sees us, and tells whether a "
			   "NAT is between and of which kind.",
		.options = stun_option_table,
		.gauges = stun_gauge_table,
		.options_size = sizeof(struct stun_options),
		.run_size = sizeof(struct stun_run),
		.validate = stun_validate,
		.start = stun_start,
		.stop = stun_stop,
	};

	return &kind;
}
