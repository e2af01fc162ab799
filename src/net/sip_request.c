/* SPDX-License-Identifier: Apache-2.0 */
#include "net/sip_message.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

/* RFC 3261, 8.1.1.7: who sees it knows that the branch is unique. */
#define MAGIC_COOKIE "z9hG4bK"

struct transport_words {
	const char *via;
	const char *contact; /* parameter of its URI */
};

static const struct transport_words transports[SIP_TRANSPORT_COUNT] = {
	[SIP_UDP] = { "UDP", "" },
	[SIP_TCP] = { "TCP", ";transport=tcp" },
	[SIP_TLS] = { "TLS", ";transport=tls" },
};

/* An interface of ours says nothing to others (RFC 4007, 11.2). */
static void write_end(const struct transport_address *end, char *buffer, size_t size)
{
	struct transport_address plain = *end;

	plain.address.scope = 0;
	if (plain.address.family == FAMILY_NONE)
		text_copy(buffer, size, "probe.invalid");
	else
		transport_address_format(&plain, buffer, size);
}

/* A name, or a literal as URIs have it (RFC 3261, 25.1: IPv6reference). */
static void write_host(const char *host, char *buffer, size_t size)
{
	struct address address;
	char literal[ADDRESS_TEXT_MAX];

	if (!address_is_literal(host, &address) || address.family != FAMILY_IPV6) {
		snprintf(buffer, size, "%s", host);
		return;
	}
	address.scope = 0;
	snprintf(
		buffer, size, "[%s]", address_format(&address, literal, sizeof(literal)));
}

static void write_identity(
	const struct sip_question *question, struct sip_identity *identity)
{
	snprintf(identity->transport, sizeof(identity->transport), "%s",
		transports[question->transport].via);
	write_end(&question->local, identity->sent_by, sizeof(identity->sent_by));
	snprintf(identity->branch, sizeof(identity->branch), MAGIC_COOKIE "%016" PRIx64,
		question->random.secrets[0]);
	snprintf(identity->tag, sizeof(identity->tag), "%016" PRIx64,
		question->random.secrets[1]);
	snprintf(identity->call_id, sizeof(identity->call_id), "%016" PRIx64 "@%s",
		question->random.secrets[2], identity->sent_by);
	snprintf(identity->from, sizeof(identity->from), "sip:starface-exporter@%s",
		identity->sent_by);
	snprintf(identity->cseq, sizeof(identity->cseq), "%" PRIu32 " OPTIONS",
		(uint32_t)(question->random.sequence &
			INT32_MAX)); /* below 2**31: RFC 3261, 8.1.1.5 */
}

bool sip_request_write(
	const struct sip_question *question, struct sip_request *ret_request)
{
	struct sip_identity *identity = &ret_request->identity;
	char host[300];
	int length;

	write_identity(question, identity);
	write_host(question->host, host, sizeof(host));
	length = snprintf(ret_request->text, sizeof(ret_request->text),
		"OPTIONS sip:%s%s%s:%u SIP/2.0\r\n"
		"Via: SIP/2.0/%s %s;branch=%s;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <%s>;tag=%s\r\n"
		"To: <sip:%s%s%s:%u>\r\n"
		"Call-ID: %s\r\n"
		"CSeq: %s\r\n"
		"Contact: <%s%s>\r\n"
		"Accept: application/sdp\r\n"
		"User-Agent: %s\r\n"
		"Content-Length: 0\r\n\r\n",
		question->user ? question->user : "", question->user ? "@" : "", host,
		question->port, identity->transport, identity->sent_by, identity->branch,
		identity->from, identity->tag, question->user ? question->user : "",
		question->user ? "@" : "", host, question->port, identity->call_id,
		identity->cseq, identity->from, transports[question->transport].contact,
		question->agent);
	if (length < 0 || (size_t)length >= sizeof(ret_request->text))
		return false;
	ret_request->length = (size_t)length;
	return true;
}
