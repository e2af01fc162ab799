/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One OPTIONS request, as telephones send it to see whether their server is there (RFC
 * 3261, 11). Any final answer proves path and service; what it says is another fact.
 * Never REGISTER or INVITE, never credentials: a STARFACE bans for 24 hours by those.
 */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "net/recognise.h"
#include "probes/probe_kinds.h"
#include "probes/sip_parts.h"

/*
 * Timer E (17.1.2.2; A is its like for INVITE, which is never sent) is
 * exchange_persist(): from T1, the option repeat_after, it grows to T2, and begins there
 * once a provisional answer came. Timer F, 64 * T1 = 32 s, is longer than any timeout:
 * the run's deadline ends the transaction before it.
 */
#define T2 (4 * SECOND)

#define STATUS_MAX 699

#define USER_MAX 64

static const char *const transport_names[] = {
	[SIP_UDP] = "udp", [SIP_TCP] = "tcp", [SIP_TLS] = "tls", NULL
};

static const char *const nat_names[] = {
	[SIP_NAT_ALLOW] = "allow", [SIP_NAT_DEGRADE] = "degrade", NULL
};

static const struct probe_option options[] = {
	{ .name = "transport",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct sip_options, transport),
		.fallback = "udp",
		.choices = transport_names,
		.help = "How the request travels." },
	{ .name = "user",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct sip_options, user),
		.help = "User part of the address that is asked; without it the server "
			"itself is." },
	{ .name = "accept",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct sip_options, accept),
		.help = "The final statuses that are fine, such as \"200,401-404\"; any "
			"other degrades the result. Without it those below 500 are." },
	{ .name = "nat",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct sip_options, nat),
		.fallback = "allow",
		.choices = nat_names,
		.help = "degrade: it is a finding when the server sees us under another "
			"address or port; allow: it is only measured." },
	{ .name = "server_name",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct sip_options, server_name),
		.help = "The name to ask for by TLS (SNI) and to find in the "
			"certificate; by default the host." },
	EXCHANGE_REPEAT_OPTION(struct sip_options, "500ms"), /* T1 */
	TLS_POLICY_OPTIONS(struct sip_options),
	{ .name = NULL },
};

static const struct probe_gauge gauges[] = {
	TLS_GAUGES,
	EXCHANGE_GAUGES,
	[SIP_GAUGE_STATUS] = { .name = "sip_status_code",
		.help = "Status of the final SIP answer." },
	[SIP_GAUGE_PROVISIONAL] = { .name = "sip_provisional_responses",
		.help = "Provisional SIP answers of the last run." },
	[SIP_GAUGE_MISMATCHES] = { .name = "sip_mismatches",
		.help = "SIP messages of the last run that did not answer our "
			"request." },
	[SIP_GAUGE_REWRITES] = { .name = "sip_rewritten_fields",
		.help = "Parts of our request that did not come back in the answer as "
			"they were sent." },
	[SIP_GAUGE_BYTES] = { .name = "sip_response_bytes",
		.help = "Length of the final SIP answer." },
	[SIP_GAUGE_METHODS] = { .name = "sip_allowed_methods",
		.help = "Methods that the final SIP answer lists as allowed." },
	[SIP_GAUGE_NAT] = { .name = "sip_nat",
		.help = "Whether the SIP server sees us under another address or port "
			"than our own." },
	{ .name = NULL },
};

static bool by_udp(const struct sip_run *sip)
{
	return ((const struct sip_options *)sip->run->options)->transport == SIP_UDP;
}

static void end(struct sip_run *sip, const struct finding *finding)
{
	if (by_udp(sip)) {
		exchange_close(&sip->exchange);
		probe_finish(sip->run, finding);
	} else {
		dialogue_finish(&sip->dialogue, finding);
	}
}

void sip_suspect(struct sip_run *sip, const struct finding *finding)
{
	if (sip->misfit.cause == CAUSE_NONE)
		sip->misfit = *finding;
	probe_suspect(sip->run, finding);
}

static void take_misfit(
	struct sip_run *sip, enum sip_reading reading, const struct sip_answer *answer)
{
	struct finding finding = sip_misfit(sip->run, reading, answer);

	probe_set(sip->run, SIP_GAUGE_MISMATCHES, ++sip->mismatches);
	sip_suspect(sip, &finding);
}

/* The server is at it; from here on silence says so, and repeating is less urgent. */
static void take_provisional(struct sip_run *sip)
{
	const struct sip_options *settings = sip->run->options;

	probe_set(sip->run, SIP_GAUGE_PROVISIONAL, ++sip->provisional);
	probe_enter(sip->run, PHASE_RESPONSE, CAUSE_SIP_NO_FINAL);
	if (by_udp(sip) && settings->repeat_after_us > 0)
		exchange_persist(
			&sip->exchange, sip->request.text, sip->request.length, T2, T2);
}

/* A whole message that decodes as SIP, or fails to. */
void sip_take_message(
	struct sip_run *sip, enum sip_reading reading, const struct sip_answer *answer)
{
	struct finding finding;

	if (reading == SIP_BLANK)
		return;
	if (reading != SIP_RESPONSE || !answer->ours) {
		take_misfit(sip, reading, answer);
	} else if (answer->status < SIP_STATUS_FINAL) {
		take_provisional(sip);
	} else {
		finding = sip_judge(sip->run, answer);
		end(sip, &finding);
	}
}

void sip_write_request(struct sip_run *sip, const struct transport_address *local)
{
	const struct sip_options *settings = sip->run->options;
	struct sip_question question = { .transport =
						 (enum sip_transport)settings->transport,
		.user = settings->user,
		.host = sip->run->target.host,
		.port = sip->run->target.port,
		.local = *local,
		.agent = "starface-exporter/" PROJECT_VERSION " (reachability check)" };

	random_fill(&question.random, sizeof(question.random));
	/* always true: names have 253 octets at most, and validate() bounds the user */
	if (!sip_request_write(&question, &sip->request))
		sip->request.length = 0;
	probe_set(sip->run, SIP_GAUGE_PROVISIONAL, 0);
	probe_set(sip->run, SIP_GAUGE_MISMATCHES, 0);
}

/* By UDP. */

static void datagram_heard(struct probe_run *run, const struct datagram_answer *datagram)
{
	struct sip_run *sip = run->state;
	struct sip_answer answer;
	struct finding finding;
	enum sip_reading reading =
		sip_answer_read(&sip->request, datagram->data, datagram->length,
			datagram->cut ? SIP_DATAGRAM_CUT : SIP_DATAGRAM, &answer);

	if (reading == SIP_NO_MEMORY) {
		finding = finding_of(CAUSE_LOCAL_RESOURCE);
		end(sip, &finding);
	} else if (reading == SIP_STRANGER) {
		finding = recognise_stranger(
			datagram->data, datagram->length, &run->target.address);
		sip_suspect(sip, &finding);
	} else {
		if (reading == SIP_RESPONSE && answer.ours)
			exchange_measure(&sip->exchange, datagram);
		sip_take_message(sip, reading, &answer);
	}
}

static void start_datagram(struct sip_run *sip)
{
	const struct sip_options *settings = sip->run->options;
	struct transport_address local = { .port = 0 };

	probe_enter(sip->run, PHASE_REQUEST, CAUSE_TIMEOUT);
	sip->exchange.first_gauge = SIP_GAUGE_EXCHANGE;
	if (!exchange_open(&sip->exchange, sip->run, datagram_heard))
		return;
	/* without one sending fails as well, and says why */
	if (datagram_local(&sip->exchange.datagram, &local))
		probe_local(sip->run, &local);
	sip_write_request(sip, &local);
	if (!exchange_send(&sip->exchange, sip->request.text, sip->request.length))
		return;
	exchange_persist(&sip->exchange, sip->request.text, sip->request.length,
		settings->repeat_after_us, T2);
	probe_enter(sip->run, PHASE_RESPONSE, CAUSE_TIMEOUT);
}

static void sip_start(struct probe_run *run)
{
	struct sip_run *sip = run->state;

	sip->run = run;
	sip->misfit = finding_of(CAUSE_NONE);
	if (by_udp(sip))
		start_datagram(sip);
	else
		sip_start_stream(sip);
}

static void sip_stop(struct probe_run *run)
{
	struct sip_run *sip = run->state;

	exchange_close(&sip->exchange);
	dialogue_close(&sip->dialogue);
}

/* What a URI takes as it is (RFC 3261, 25.1: unreserved and some of user-unreserved). */
static bool is_user(const char *user)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()+";
	size_t length = strspn(user, allowed);

	return length > 0 && length <= USER_MAX && user[length] == '\0';
}

static bool sip_validate(void *untyped, char *why, size_t why_size)
{
	struct sip_options *settings = untyped;

	if (settings->user && !is_user(settings->user)) {
		snprintf(why, why_size,
			"user: write up to %d letters, digits and -_.!~*'()+", USER_MAX);
		return false;
	}
	/* last: what it holds must be released only after a true */
	return status_list_parse(settings->accept, STATUS_MAX, &settings->accepted,
		       "accept", why, why_size) &&
		tls_policy_prepare(&settings->policy, why, why_size);
}

static void sip_release(void *untyped)
{
	struct sip_options *settings = untyped;

	tls_policy_release(&settings->policy);
}

const struct probe_kind *probe_sip(void)
{
	static const struct probe_kind kind = {
		.name = "sip",
		.summary = "Asks a SIP server for its options and judges whether, from "
			   "where and how unchanged the answer comes.",
		.options = options,
		.gauges = gauges,
		.options_size = sizeof(struct sip_options),
		.run_size = sizeof(struct sip_run),
		.validate = sip_validate,
		.release = sip_release,
		.start = sip_start,
		.stop = sip_stop,
	};

	return &kind;
}
