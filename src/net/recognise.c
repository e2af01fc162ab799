/* SPDX-License-Identifier: Apache-2.0 */
#include "net/recognise.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define DETAIL_OCTETS 48

static bool begins(const uint8_t *data, size_t length, const char *prefix)
{
	size_t size = strlen(prefix);

	return length >= size && memcmp(data, prefix, size) == 0;
}

static bool holds(const uint8_t *data, size_t length, const char *word)
{
	return memmem(data, length, word, strlen(word)) != NULL;
}

/* A record of type alert or handshake, version 3.x (RFC 8446, 5.1). */
static bool is_tls(const uint8_t *data, size_t length)
{
	return length >= 3 && (data[0] == 21 || data[0] == 22) && data[1] == 3 &&
		data[2] <= 4;
}

static bool is_http(const uint8_t *data, size_t length)
{
	return begins(data, length, "HTTP/");
}

static bool is_ssh(const uint8_t *data, size_t length)
{
	return begins(data, length, "SSH-"); /* RFC 4253, 4.2 */
}

/* 220 greets in FTP as well: only the word tells them apart. */
static bool is_smtp(const uint8_t *data, size_t length)
{
	return (begins(data, length, "220") || begins(data, length, "554")) &&
		holds(data, length, "SMTP");
}

/* LDAPMessage ::= SEQUENCE { messageID INTEGER, … } (RFC 4511, 4.1.1): BER 30 len 02, the
 * length in one octet or in the long form. */
static bool is_ldap(const uint8_t *data, size_t length)
{
	size_t head = 2;

	if (length < 2 || data[0] != 0x30)
		return false;
	if (data[1] & 0x80)
		head += data[1] & 0x7f;
	return head <= 6 && length >= head + 3 && data[head] == 0x02 &&
		data[head + 1] >= 1 && data[head + 1] <= 4;
}

static bool is_sip(const uint8_t *data, size_t length)
{
	return begins(data, length, "SIP/2.0 "); /* RFC 3261, 7.2 */
}

static bool is_xmpp(const uint8_t *data, size_t length)
{
	return (begins(data, length, "<?xml") || begins(data, length, "<stream:")) &&
		holds(data, length, "<stream:"); /* RFC 6120, 4.7 */
}

struct protocol {
	const char *name;
	bool (*is)(const uint8_t *data, size_t length);
};

static const struct protocol protocols[] = {
	{ "TLS", is_tls },
	{ "HTTP", is_http },
	{ "SSH", is_ssh },
	{ "SMTP", is_smtp },
	{ "LDAP", is_ldap },
	{ "SIP", is_sip },
	{ "XMPP", is_xmpp },
};

const char *recognise(const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (protocols[i].is(data, length))
			return protocols[i].name;
	}
	return NULL;
}

/* The first line of a text, or as many octets as the detail has room for. */
static size_t worth_quoting(const uint8_t *data, size_t length)
{
	size_t size = length < DETAIL_OCTETS ? length : DETAIL_OCTETS;

	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\r' || data[i] == '\n')
			return i;
	}
	return size;
}

struct finding recognise_stranger(
	const uint8_t *data, size_t length, const struct address *peer)
{
	const char *name = recognise(data, length);
	struct finding finding = finding_of(name ? CAUSE_WRONG_PROTOCOL : CAUSE_GARBAGE);
	struct evidence *evidence = &finding.evidence;
	int used = 0;

	evidence->kind = EVIDENCE_PEER;
	evidence->offender = *peer;
	if (name)
		used = snprintf(evidence->detail, sizeof(evidence->detail), "%s: ", name);
	text_copy_printable(evidence->detail + used,
		sizeof(evidence->detail) - (size_t)used, (const char *)data,
		worth_quoting(data, length));
	return finding;
}
