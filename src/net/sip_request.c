/* SPDX-License-Identifier: Apache-2.0 */
#include "net/sip_request.h"

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

/* What is left of a buffer; a part that does not fit is remembered. */
struct writer {
	char *at;
	size_t left;
	bool cut;
};

static void put(struct writer *writer, const char *const *parts)
{
	size_t length = text_join(writer->at, writer->left, parts);

	if (length >= writer->left) {
		writer->cut = true;
		return;
	}
	writer->at += length;
	writer->left -= length;
}

/* \return buffer */
static const char *hexadecimal(uint64_t number, char buffer[static SIP_SECRET_LENGTH + 1])
{
	for (unsigned i = 0; i < SIP_SECRET_LENGTH; i++)
		buffer[i] = "0123456789abcdef"[number >> (60 - 4 * i) & 0xf];
	buffer[SIP_SECRET_LENGTH] = '\0';
	return buffer;
}

/* A name, or a literal as URIs have it (RFC 3261, 25.1: IPv6reference). */
static void write_host(const char *host, char *buffer, size_t size)
{
	struct address address;
	char literal[ADDRESS_TEXT_MAX];

	if (!address_is_literal(host, &address) || address.family != FAMILY_IPV6) {
		text_copy(buffer, size, host);
		return;
	}
	address.scope = 0;
	text_join(buffer, size,
		TEXT_PARTS("[", address_format(&address, literal, sizeof(literal)), "]"));
}

static void write_identity(
	const struct sip_question *question, struct sip_identity *identity)
{
	/* below 2**31: RFC 3261, 8.1.1.5 */
	uint64_t sequence = question->random.sequence & INT32_MAX;
	const uint64_t *secrets = question->random.secrets;
	char secret[SIP_SECRET_LENGTH + 1], digits[DECIMAL_TEXT_MAX];

	text_copy(identity->transport, sizeof(identity->transport),
		transports[question->transport].via);
	write_end(&question->local, identity->sent_by, sizeof(identity->sent_by));
	text_join(identity->branch, sizeof(identity->branch),
		TEXT_PARTS(MAGIC_COOKIE, hexadecimal(secrets[0], secret)));
	hexadecimal(secrets[1], identity->tag);
	text_join(identity->call_id, sizeof(identity->call_id),
		TEXT_PARTS(hexadecimal(secrets[2], secret), "@", identity->sent_by));
	text_join(identity->from, sizeof(identity->from),
		TEXT_PARTS("sip:starface-exporter@", identity->sent_by));
	text_join(identity->cseq, sizeof(identity->cseq),
		TEXT_PARTS(text_decimal(sequence, digits), " OPTIONS"));
}

/* A line that comes back. */
static void put_echoed(struct sip_request *request, struct writer *writer,
	enum sip_echoed which, const char *const *parts)
{
	const char *begin = writer->at;

	put(writer, parts);
	request->echoed[which].at = (uint16_t)(begin - request->text);
	request->echoed[which].length = (uint16_t)(writer->at - begin);
}

static void write_lines(const struct sip_question *question, const char *uri,
	struct sip_request *request, struct writer *writer)
{
	const struct sip_identity *identity = &request->identity;

	put(writer, TEXT_PARTS("OPTIONS ", uri, " SIP/2.0\r\n"));
	put_echoed(request, writer, SIP_ECHO_VIA,
		TEXT_PARTS("Via: SIP/2.0/", identity->transport, " ", identity->sent_by));
	put(writer,
		TEXT_PARTS(
			";branch=", identity->branch, ";rport\r\nMax-Forwards: 70\r\n"));
	put_echoed(request, writer, SIP_ECHO_FROM,
		TEXT_PARTS("From: <", identity->from, ">;tag=", identity->tag));
	put(writer, TEXT_PARTS("\r\n"));
	put_echoed(request, writer, SIP_ECHO_TO, TEXT_PARTS("To: <", uri, ">"));
	put(writer, TEXT_PARTS("\r\n"));
	put_echoed(request, writer, SIP_ECHO_CALL_ID,
		TEXT_PARTS("Call-ID: ", identity->call_id));
	put(writer, TEXT_PARTS("\r\n"));
	put_echoed(request, writer, SIP_ECHO_CSEQ, TEXT_PARTS("CSeq: ", identity->cseq));
	put(writer,
		TEXT_PARTS("\r\nContact: <", identity->from,
			transports[question->transport].contact,
			">\r\nAccept: application/sdp\r\nUser-Agent: ", question->agent,
			"\r\nContent-Length: 0\r\n\r\n"));
}

bool sip_request_write(
	const struct sip_question *question, struct sip_request *ret_request)
{
	struct writer whole = { ret_request->text, sizeof(ret_request->text), false };
	char host[300], uri[SIP_REQUEST_MAX], port[DECIMAL_TEXT_MAX];
	struct writer start = { uri, sizeof(uri), false };

	write_identity(question, &ret_request->identity);
	write_host(question->host, host, sizeof(host));
	put(&start,
		TEXT_PARTS("sip:", question->user ? question->user : "",
			question->user ? "@" : "", host, ":",
			text_decimal(question->port, port)));
	write_lines(question, uri, ret_request, &whole);
	if (start.cut || whole.cut)
		return false;
	ret_request->length = (size_t)(whole.at - ret_request->text);
	return true;
}
