/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_answer.h"

#include <arpa/nameser.h>
#include <limits.h>
#include <resolv.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* A longer chain of aliases is not followed; unbound follows 11, BIND 16. */
#define ALIASES_MAX 16

/* More records than any sane answer has, so that a hostile one costs no time. */
#define RECORDS_MAX 256

struct reading {
	ns_msg message;
	enum family family;
	char name[NS_MAXDNAME]; /* where the aliases have led so far */
	unsigned aliases;
	uint32_t ttl;
	struct resolution *resolution;
};

int dns_type_of(enum family family)
{
	return (int)(family == FAMILY_IPV6 ? ns_t_aaaa : ns_t_a);
}

bool dns_head_read(const uint8_t *data, size_t length, struct dns_head *ret_head)
{
	struct dns_head head = { 0 };
	ns_msg message;
	ns_rr question;

	if (length > INT_MAX || ns_initparse(data, (int)length, &message) < 0)
		return false;
	head.id = ns_msg_id(message);
	head.is_answer = ns_msg_getflag(message, ns_f_qr) != 0;
	head.truncated = ns_msg_getflag(message, ns_f_tc) != 0;
	head.rcode = ns_msg_getflag(message, ns_f_rcode);
	if (ns_msg_count(message, ns_s_qd) > 0) {
		if (ns_parserr(&message, ns_s_qd, 0, &question) < 0)
			return false;
		head.type = (int)ns_rr_type(question);
		/* a name that is no host name cannot be one of ours: it stays "" */
		dns_name_canonical(ns_rr_name(question), head.name);
	}
	*ret_head = head;
	return true;
}

static enum cause cause_of_rcode(int rcode)
{
	switch (rcode) {
	case ns_r_nxdomain:
		return CAUSE_DNS_NXDOMAIN;
	case ns_r_refused:
		return CAUSE_DNS_REFUSED;
	default:
		/* FORMERR and NOTIMPL, too, are a server that cannot do its work */
		return CAUSE_DNS_SERVFAIL;
	}
}

/* Only these two are facts about the name; the others are about its server. */
static enum verdict verdict_of(enum cause cause)
{
	switch (cause) {
	case CAUSE_DNS_NXDOMAIN:
	case CAUSE_DNS_NODATA:
	case CAUSE_DNS_CNAME_LOOP:
		return VERDICT_FAILED;
	default:
		return VERDICT_UNKNOWN;
	}
}

static struct finding finding_by(
	enum cause cause, int rcode, const struct address *server)
{
	return (struct finding){
		.verdict = verdict_of(cause),
		.cause = cause,
		.evidence = { .kind = EVIDENCE_DNS_RCODE,
			.code = rcode,
			.offender = *server },
	};
}

struct finding dns_rcode_finding(int rcode, const struct address *server)
{
	return finding_by(cause_of_rcode(rcode), rcode, server);
}

static void lower_ttl(struct reading *reading, const ns_rr *record)
{
	uint32_t ttl = ns_rr_ttl(*record);

	if (ttl > INT32_MAX)
		ttl = 0; /* RFC 2181, 8: the top bit set means 0 */
	if (ttl < reading->ttl)
		reading->ttl = ttl;
}

/* \retval false  the record is malformed */
static bool take_address(struct reading *reading, const ns_rr *record)
{
	struct resolution *resolution = reading->resolution;
	size_t size = reading->family == FAMILY_IPV6 ? NS_IN6ADDRSZ : NS_INADDRSZ;

	if (ns_rr_rdlen(*record) != size)
		return false;
	if (resolution->count < RESOLVER_ADDRESSES_MAX) {
		struct address *address = &resolution->addresses[resolution->count++];

		*address = (struct address){ .family = reading->family };
		memcpy(address->bytes, ns_rr_rdata(*record), size);
	}
	resolution->total++;
	lower_ttl(reading, record);
	return true;
}

static bool take_alias(struct reading *reading, const ns_rr *record, char *target)
{
	lower_ttl(reading, record);
	return ns_name_uncompress(ns_msg_base(reading->message),
		       ns_msg_end(reading->message), ns_rr_rdata(*record), target,
		       NS_MAXDNAME) >= 0;
}

/*
 * One pass over the answer for the name we stand at.
 * \param target  of its alias, "" if it has none
 * \retval false  a record is malformed
 */
static bool read_records(struct reading *reading, char *target)
{
	int count = ns_msg_count(reading->message, ns_s_an);
	ns_rr record;

	*target = '\0';
	for (int i = 0; i < count; i++) {
		bool sound = true;

		if (ns_parserr(&reading->message, ns_s_an, i, &record) < 0)
			return false;
		if (ns_rr_class(record) != ns_c_in ||
			strcasecmp(ns_rr_name(record), reading->name) != 0)
			continue;
		if ((int)ns_rr_type(record) == dns_type_of(reading->family))
			sound = take_address(reading, &record);
		else if (ns_rr_type(record) == ns_t_cname)
			sound = take_alias(reading, &record, target);
		if (!sound)
			return false;
	}
	return true;
}

/* Follows the aliases to the addresses, wherever they stand in the answer. */
static enum cause read_addresses(struct reading *reading)
{
	char target[NS_MAXDNAME];

	if (ns_msg_count(reading->message, ns_s_an) > RECORDS_MAX)
		return CAUSE_DNS_GARBAGE;
	for (;;) {
		if (!read_records(reading, target))
			return CAUSE_DNS_GARBAGE;
		if (reading->resolution->total > 0)
			return CAUSE_NONE;
		if (!*target)
			return CAUSE_DNS_NODATA;
		if (++reading->aliases > ALIASES_MAX)
			return CAUSE_DNS_CNAME_LOOP;
		text_copy(reading->name, sizeof(reading->name), target);
	}
}

/*
 * An empty answer with name servers and no SOA is a referral (RFC 2308, 2.2): this server
 * does not resolve for us, and the name may well have addresses.
 */
static bool is_referral(ns_msg *message)
{
	bool name_server = false;
	ns_rr record;

	if (ns_msg_getflag(*message, ns_f_aa))
		return false;
	for (int i = 0; i < ns_msg_count(*message, ns_s_ns) && i < RECORDS_MAX; i++) {
		if (ns_parserr(message, ns_s_ns, i, &record) < 0 ||
			ns_rr_type(record) == ns_t_soa)
			return false;
		name_server = name_server || ns_rr_type(record) == ns_t_ns;
	}
	return name_server;
}

static enum cause read_answer(struct reading *reading, int rcode)
{
	enum cause cause = read_addresses(reading);

	if (cause == CAUSE_DNS_GARBAGE || cause == CAUSE_DNS_CNAME_LOOP)
		return cause;
	if (rcode != ns_r_noerror)
		return cause_of_rcode(rcode);
	if (cause == CAUSE_DNS_NODATA && reading->aliases == 0 &&
		is_referral(&reading->message))
		return CAUSE_DNS_REFUSED;
	return cause;
}

void dns_answer_read(const uint8_t *data, size_t length, const char *name,
	enum family family, const struct address *server,
	struct resolution *ret_resolution, uint32_t *ret_ttl)
{
	struct resolution resolution = { 0 };
	struct reading reading = {
		.family = family, .ttl = UINT32_MAX, .resolution = &resolution
	};
	enum cause cause = CAUSE_DNS_GARBAGE;
	int rcode = 0;

	text_copy(reading.name, sizeof(reading.name), name);
	if (length <= INT_MAX && ns_initparse(data, (int)length, &reading.message) == 0) {
		rcode = ns_msg_getflag(reading.message, ns_f_rcode);
		cause = read_answer(&reading, rcode);
	}
	*ret_ttl = reading.ttl;
	if (cause == CAUSE_NONE) {
		resolution.finding = finding_of(CAUSE_NONE);
	} else {
		resolution = (struct resolution){ 0 };
		resolution.finding = finding_by(cause, rcode, server);
		if (reading.aliases > 0)
			text_copy_printable(resolution.finding.evidence.detail,
				EVIDENCE_DETAIL_MAX, reading.name, strlen(reading.name));
		*ret_ttl = 0;
	}
	*ret_resolution = resolution;
}
