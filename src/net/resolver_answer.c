/* SPDX-License-Identifier: Apache-2.0 */
#include "net/resolver_answer.h"

#include <string.h>

#include "base/text.h"
#include "net/route.h"

_Static_assert(RESOLVER_ADDRESSES_MAX == DNS_ADDRESSES_MAX,
	"a resolution takes all addresses of a reply");

static enum cause cause_of_rcode(unsigned rcode)
{
	switch (rcode) {
	case DNS_RCODE_NXDOMAIN:
		return CAUSE_DNS_NXDOMAIN;
	case DNS_RCODE_REFUSED:
		return CAUSE_DNS_REFUSED;
	default:
		/* FORMERR and NOTIMP, too, are a server that cannot do its work */
		return CAUSE_DNS_SERVFAIL;
	}
}

/* Only these three are facts about the name; the others are about its server. */
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
	enum cause cause, unsigned rcode, const struct address *server)
{
	return (struct finding){
		.verdict = verdict_of(cause),
		.cause = cause,
		.evidence = { .kind = EVIDENCE_DNS_RCODE,
			.code = (int)rcode,
			.offender = *server },
	};
}

struct finding resolver_rcode_finding(unsigned rcode, const struct address *server)
{
	return finding_by(cause_of_rcode(rcode), rcode, server);
}

static enum cause cause_of_reply(const struct dns_reply *reply)
{
	/* truncation does not exist over TCP, and by UDP it is never taken for an answer
	 */
	if (reply->truncated)
		return CAUSE_DNS_GARBAGE;
	if (reply->alias_loop)
		return CAUSE_DNS_CNAME_LOOP;
	if (reply->rcode != DNS_RCODE_NOERROR)
		return cause_of_rcode(reply->rcode);
	if (reply->records > 0)
		return CAUSE_NONE;
	/* this server does not resolve for us, and the name may well have addresses */
	return reply->referral ? CAUSE_DNS_REFUSED : CAUSE_DNS_NODATA;
}

static struct resolution resolution_of(
	const struct dns_reply *reply, enum cause cause, const struct address *server)
{
	struct resolution resolution = { .finding = finding_of(CAUSE_NONE) };
	struct finding *finding = &resolution.finding;

	if (cause == CAUSE_NONE) {
		resolution.count = reply->address_count;
		resolution.total = reply->records;
		resolution.server = *server;
		memcpy(resolution.addresses, reply->addresses,
			reply->address_count * sizeof(reply->addresses[0]));
		return resolution;
	}
	*finding = finding_by(cause, reply->rcode, server);
	if (reply->aliases > 0) {
		char end[DNS_NAME_TEXT_MAX];

		dns_name_format(reply->end, end);
		text_copy_printable(
			finding->evidence.detail, EVIDENCE_DETAIL_MAX, end, strlen(end));
	}
	return resolution;
}

/*
 * Only a name server of this host may mean this host. It is looked at only when an answer
 * has loopback in it, since the kernel is asked for it.
 */
static const struct address *wrong_address(
	const struct dns_reply *reply, const struct address *server)
{
	const struct address *wrong = dns_wrong_address(reply, false);

	if (wrong && (address_is_loopback(server) || address_is_own(server)))
		wrong = dns_wrong_address(reply, true);
	return wrong;
}

void resolver_answer_read(const uint8_t *data, size_t length,
	const struct dns_question *question, const struct address *server,
	struct resolution *ret_resolution, uint32_t *ret_ttl)
{
	struct dns_reply reply = { 0 };
	enum cause cause = CAUSE_DNS_GARBAGE;
	const struct address *wrong;

	if (dns_reply_read(data, length, question, &reply) == DNS_FITS)
		cause = cause_of_reply(&reply);
	*ret_resolution = resolution_of(&reply, cause, server);
	wrong = cause == CAUSE_NONE ? wrong_address(&reply, server) : NULL;
	if (wrong)
		*ret_resolution = (struct resolution){
			.finding = dns_wrong_address_finding(wrong, server)
		};
	*ret_ttl = ret_resolution->count > 0 ? reply.ttl : 0;
}
