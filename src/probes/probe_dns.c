/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to one name server. The server's word about the name and the fact that it
 * answered at all are two things: every answer sets the gauge dns_rcode, and `accept`
 * says which words are good. "NOERROR NODATA NXDOMAIN SERVFAIL REFUSED" tests only that
 * the server is there.
 */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "net/dns_message.h"
#include "net/dns_stream.h"
#include "probes/exchange.h"
#include "probes/probe_kinds.h"

/* Doubled from one second: three questions within the default timeout of five. */
#define REPEAT_MOST_US (4 * SECOND)

struct dns_options {
	const char *name;
	int type;      /* index into type_names */
	int transport; /* index into transport_names */
	bool recursion;
	bool loopback;
	int64_t repeat_after_us;
	const char *accept;
	struct dns_question question; /* by validate() */
	unsigned accepted;            /* bits 1 << rcode, and ACCEPT_NODATA */
};

struct dns_run {
	struct probe_run *run;
	struct dns_question question;
	struct exchange exchange;
	uint8_t query[DNS_QUESTION_MAX];
	struct dns_stream stream;
	bool retried; /* over TCP, since the answer over UDP was truncated */
};

static const char *const type_names[] = { "A", "AAAA", "SRV", "SOA", "NS", "PTR", "TXT",
	NULL };
static const uint16_t type_numbers[] = { DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_SRV,
	DNS_TYPE_SOA, DNS_TYPE_NS, DNS_TYPE_PTR, DNS_TYPE_TXT };
static const char *const transport_names[] = { "udp", "tcp", NULL };
enum { TRANSPORT_CHOICE_UDP, TRANSPORT_CHOICE_TCP };

static const struct probe_option dns_option_table[] = {
	{ .name = "name",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct dns_options, name),
		.fallback = "license.starface.de",
		.help = "The name to ask for." },
	{ .name = "type",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct dns_options, type),
		.fallback = "A",
		.choices = type_names,
		.help = "The type of record to ask for." },
	{ .name = "transport",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct dns_options, transport),
		.fallback = "udp",
		.choices = transport_names,
		.help = "How to ask; a truncated answer over UDP is asked for again over "
			"TCP." },
	EXCHANGE_REPEAT_OPTION(struct dns_options, "1s"),
	{ .name = "recursion",
		.type = PROBE_OPTION_BOOL,
		.offset = offsetof(struct dns_options, recursion),
		.fallback = "true",
		.help = "Whether the server is to ask others for us." },
	{ .name = "loopback",
		.type = PROBE_OPTION_BOOL,
		.offset = offsetof(struct dns_options, loopback),
		.fallback = "false",
		.help = "Whether 127.0.0.0/8 and ::1 are good answers; block lists "
			"answer "
			"with them, and with 0.0.0.0, which never is good." },
	{ .name = "accept",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct dns_options, accept),
		.fallback = "NOERROR",
		.help = "Good answers, separated by spaces: NOERROR (with a record of "
			"the "
			"type), NODATA, NXDOMAIN, SERVFAIL, REFUSED, FORMERR, NOTIMP." },
	{ .name = NULL },
};

enum {
	GAUGE_RCODE = EXCHANGE_GAUGE_COUNT,
	GAUGE_RECORDS,
	GAUGE_TTL,
	GAUGE_TRUNCATED,
};

static const struct probe_gauge dns_gauge_table[] = {
	EXCHANGE_GAUGES,
	[GAUGE_RCODE] = { .name = "dns_rcode",
		.help = "Response code of the name server's answer (0 NOERROR, 2 "
			"SERVFAIL, "
			"3 NXDOMAIN, 5 REFUSED)." },
	[GAUGE_RECORDS] = { .name = "dns_answer_records",
		.help = "Records of the type asked for in the answer." },
	[GAUGE_TTL] = { .name = "dns_ttl_seconds",
		.help = "How long the answer may be kept: the least of its records." },
	[GAUGE_TRUNCATED] = { .name = "dns_truncated",
		.help = "Whether the answer over UDP was truncated and asked for again "
			"over TCP." },
	{ .name = NULL },
};

/* Beside the response codes, which are below 16: NOERROR without such a record. */
#define ANSWER_NODATA 16

struct answer_row {
	const char *name;
	unsigned answer;
	enum cause cause;
};

static const struct answer_row answer_rows[] = {
	{ "NOERROR", DNS_RCODE_NOERROR, CAUSE_NONE },
	{ "NODATA", ANSWER_NODATA, CAUSE_DNS_NODATA },
	{ "NXDOMAIN", DNS_RCODE_NXDOMAIN, CAUSE_DNS_NXDOMAIN },
	{ "SERVFAIL", DNS_RCODE_SERVFAIL, CAUSE_DNS_SERVFAIL },
	{ "REFUSED", DNS_RCODE_REFUSED, CAUSE_DNS_REFUSED },
	/* it does not understand a plain question, or does not serve it */
	{ "FORMERR", DNS_RCODE_FORMERR, CAUSE_DNS_SERVFAIL },
	{ "NOTIMP", DNS_RCODE_NOTIMP, CAUSE_DNS_REFUSED },
};

#define ANSWER_ROWS (sizeof(answer_rows) / sizeof(answer_rows[0]))

static enum cause cause_of_answer(unsigned answer)
{
	for (size_t i = 0; i < ANSWER_ROWS; i++) {
		if (answer_rows[i].answer == answer)
			return answer_rows[i].cause;
	}
	return CAUSE_DNS_SERVFAIL;
}

static unsigned bit_of_word(const char *word, size_t length)
{
	for (size_t i = 0; i < ANSWER_ROWS; i++) {
		if (strlen(answer_rows[i].name) == length &&
			strncmp(answer_rows[i].name, word, length) == 0)
			return 1U << answer_rows[i].answer;
	}
	return 0;
}

/* \return the bits, 0 = a word that is none, or no word at all */
static unsigned parse_accept(const char *text)
{
	unsigned bits = 0;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t length = strcspn(text, " ");
		unsigned bit = bit_of_word(text, length);

		if (bit == 0)
			return 0;
		bits |= bit;
		text += length;
	}
	return bits;
}

static bool dns_validate(void *untyped, char *why, size_t why_size)
{
	struct dns_options *options = untyped;

	options->accepted = options->accept ? parse_accept(options->accept) : 0;
	options->question.type = type_numbers[options->type];
	options->question.recursion = options->recursion;
	if (!options->name || !dns_name_parse(options->name, &options->question)) {
		snprintf(why, why_size,
			"name is no domain name; write it like \"license.starface.de\"");
		return false;
	}
	if (options->accepted == 0) {
		snprintf(why, why_size,
			"accept holds an unknown word; write NOERROR, NODATA, NXDOMAIN, "
			"SERVFAIL, REFUSED, FORMERR, NOTIMP, separated by spaces");
		return false;
	}
	return true;
}

static void dns_close(struct dns_run *dns)
{
	exchange_close(&dns->exchange);
	dns_stream_close(&dns->stream);
}

static void finish_with(struct dns_run *dns, const struct finding *finding)
{
	dns_close(dns);
	probe_finish(dns->run, finding);
}

static void finish_with_answer(struct dns_run *dns, enum cause cause, unsigned rcode)
{
	const struct dns_options *options = dns->run->options;
	struct finding finding = finding_of(cause);
	struct evidence *evidence = &finding.evidence;
	char said[EVIDENCE_DETAIL_MAX];

	evidence->kind = EVIDENCE_DNS_RCODE;
	evidence->code = (int)rcode;
	evidence->offender = dns->run->target.address;
	snprintf(said, sizeof(said), "%s %s", type_names[options->type], options->name);
	text_copy_printable(
		evidence->detail, sizeof(evidence->detail), said, strlen(said));
	finish_with(dns, &finding);
}

static void finish_with_address(struct dns_run *dns, const struct address *wrong)
{
	struct finding finding =
		dns_wrong_address_finding(wrong, &dns->run->target.address);

	finish_with(dns, &finding);
}

static void judge(struct dns_run *dns, const struct dns_reply *reply)
{
	const struct dns_options *options = dns->run->options;
	const struct address *wrong = dns_wrong_address(reply, options->loopback);
	unsigned answer = reply->rcode;

	probe_set(dns->run, GAUGE_RCODE, reply->rcode);
	probe_set(dns->run, GAUGE_RECORDS, reply->records);
	if (reply->records > 0)
		probe_set(dns->run, GAUGE_TTL, reply->ttl);
	if (answer == DNS_RCODE_NOERROR && reply->records == 0)
		answer = ANSWER_NODATA;
	if (reply->alias_loop) {
		finish_with_answer(dns, CAUSE_DNS_CNAME_LOOP, reply->rcode);
	} else if (!(options->accepted >> answer & 1U)) {
		/* NOERROR itself may be what is not accepted */
		enum cause cause = cause_of_answer(answer);

		finish_with_answer(dns,
			cause == CAUSE_NONE ? CAUSE_DNS_WRONG_ADDRESS : cause,
			reply->rcode);
	} else if (wrong) {
		finish_with_address(dns, wrong);
	} else {
		dns_close(dns);
		probe_finish_ok(dns->run);
	}
}

/* An answer that does not fit is named and waited past. */
static void suspect(struct dns_run *dns, enum dns_fit fit)
{
	static const char *const details[] = {
		[DNS_FOREIGN_ID] = "another transaction id",
		[DNS_FOREIGN_QUESTION] = "another question",
		[DNS_MALFORMED] = "no well-formed answer",
	};
	struct finding finding =
		finding_of(fit == DNS_MALFORMED ? CAUSE_DNS_GARBAGE : CAUSE_DNS_BAD_ID);

	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = dns->run->target.address;
	text_copy(finding.evidence.detail, sizeof(finding.evidence.detail), details[fit]);
	probe_suspect(dns->run, &finding);
}

/* An id that can be guessed would let answers be forged: RFC 5452. */
static void draw_id(struct dns_question *question)
{
	random_fill(&question->id, sizeof(question->id));
}

static void stream_asked(void *context)
{
	struct dns_run *dns = context;

	/* without the two octets of its length */
	probe_sent(dns->run, dns->stream.query + 2, dns->stream.query_length - 2);
	probe_enter(dns->run, PHASE_RESPONSE,
		dns->retried ? CAUSE_DNS_TRUNCATED_NO_TCP : CAUSE_NO_ANSWER);
}

static void stream_message(void *context, const uint8_t *data, size_t length)
{
	struct dns_run *dns = context;
	struct dns_reply reply;
	enum dns_fit fit;

	if (dns->run->finished)
		return;
	probe_received(dns->run, data, length);
	fit = dns_reply_read(data, length, &dns->question, &reply);
	/* truncation does not exist over TCP: records are missing for no reason */
	if (fit == DNS_FITS && reply.truncated)
		fit = DNS_MALFORMED;
	if (fit == DNS_FITS)
		judge(dns, &reply);
	else
		suspect(dns, fit);
}

static void stream_failed(void *context, const struct finding *finding)
{
	struct dns_run *dns = context;
	struct finding told = *finding;

	if (dns->run->finished)
		return;
	if (dns->retried && cause_layer(told.cause) != LAYER_LOCAL) {
		told.cause = CAUSE_DNS_TRUNCATED_NO_TCP; /* the evidence says how */
		told.verdict = cause_verdict(told.cause);
	}
	finish_with(dns, &told);
}

static const struct dns_stream_events stream_events = {
	.asked = stream_asked,
	.message = stream_message,
	.failed = stream_failed,
};

static void ask_over_tcp(struct dns_run *dns)
{
	struct probe_run *run = dns->run;
	struct stream_peer peer = { .address = run->target.address,
		.port = run->target.port,
		.segment_max = run->segment_max };
	struct finding finding;

	draw_id(&dns->question);
	if (dns->retried)
		probe_note(run, "truncated: the same again over TCP");
	probe_enter(run, PHASE_CONNECT,
		dns->retried ? CAUSE_DNS_TRUNCATED_NO_TCP : CAUSE_DNS_TIMEOUT);
	if (!dns_stream_open(&dns->stream, run->services->loop, &peer, &dns->question,
		    &stream_events, dns, &finding))
		stream_failed(dns, &finding);
}

static void datagram_answered(struct probe_run *run, const struct datagram_answer *answer)
{
	struct dns_run *dns = run->state;
	struct dns_reply reply;
	enum dns_fit fit =
		dns_reply_read(answer->data, answer->length, &dns->question, &reply);

	if (fit != DNS_FITS) {
		suspect(dns, fit);
		return;
	}
	exchange_measure(&dns->exchange, answer);
	probe_set(run, GAUGE_TRUNCATED, reply.truncated);
	if (!reply.truncated) {
		judge(dns, &reply);
		return;
	}
	exchange_close(&dns->exchange);
	dns->retried = true;
	ask_over_tcp(dns);
}

/* Repeated as resolvers do it: the same question with the same id. */
static void ask_over_udp(struct dns_run *dns)
{
	const struct dns_options *options = dns->run->options;
	size_t length;

	draw_id(&dns->question);
	length = dns_question_write(&dns->question, dns->query);
	probe_enter(dns->run, PHASE_REQUEST, CAUSE_DNS_TIMEOUT);
	if (!exchange_open(&dns->exchange, dns->run, datagram_answered) ||
		!exchange_send(&dns->exchange, dns->query, length))
		return;
	probe_enter(dns->run, PHASE_RESPONSE, CAUSE_DNS_TIMEOUT);
	exchange_persist(&dns->exchange, dns->query, length, options->repeat_after_us,
		REPEAT_MOST_US);
}

static void dns_start(struct probe_run *run)
{
	const struct dns_options *options = run->options;
	struct dns_run *dns = run->state;

	dns->run = run;
	dns->question = options->question;
	if (options->transport == TRANSPORT_CHOICE_TCP)
		ask_over_tcp(dns);
	else
		ask_over_udp(dns);
}

static void dns_stop(struct probe_run *run)
{
	dns_close(run->state);
}

const struct probe_kind *probe_dns(void)
{
	static const struct probe_kind kind = {
		.name = "dns",
		.summary = "Asks a name server one question over UDP or TCP and compares "
			   "id, question and source of the answer.",
		.options = dns_option_table,
		.gauges = dns_gauge_table,
		.options_size = sizeof(struct dns_options),
		.run_size = sizeof(struct dns_run),
		.validate = dns_validate,
		.start = dns_start,
		.stop = dns_stop,
	};

	return &kind;
}
