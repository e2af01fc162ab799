/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A SIP OPTIONS request (RFC 3261, 11) as it goes out. Address and port of our own are
 * put where a device that rewrites looks for them.
 */
#ifndef NET_SIP_REQUEST_H
#define NET_SIP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/** As much as passes every path unfragmented (RFC 3261, 18.1.1: 1300 less headers). */
#define SIP_REQUEST_MAX 1232

#define SIP_SECRETS 3

/** Of a secret as text: Call-ID begins with it. */
#define SIP_SECRET_LENGTH 16

enum sip_transport { SIP_UDP, SIP_TCP, SIP_TLS, SIP_TRANSPORT_COUNT };

/** What to ask. */
struct sip_question {
	enum sip_transport transport;
	const char *user; /* of the request URI; NULL = none */
	const char *host; /* a name or an address literal */
	uint16_t port;
	struct transport_address local; /* our own end; FAMILY_NONE = not known */
	const char *agent;              /* User-Agent: who we are */
	struct sip_random {
		uint64_t secrets[SIP_SECRETS]; /* of branch, tag and Call-ID */
		uint64_t sequence;             /* CSeq: 31 bits of it */
	} random;
};

/** What an answer has to give back, as text. */
struct sip_identity {
	char transport[8]; /* of the top Via, with the next two */
	char sent_by[TRANSPORT_ADDRESS_TEXT_MAX];
	char branch[32];
	char call_id[128];
	char from[128]; /* the URI */
	char tag[32];   /* of From */
	char cseq[32];
};

/** What of a request comes back in its answer. */
enum sip_echoed {
	SIP_ECHO_VIA, /* without its parameters */
	SIP_ECHO_FROM,
	SIP_ECHO_TO,
	SIP_ECHO_CALL_ID,
	SIP_ECHO_CSEQ,
	SIP_ECHO_LINES,
	SIP_ECHO_BRANCH = SIP_ECHO_LINES /* in identity */
};

struct sip_request {
	size_t length;
	struct sip_identity identity;
	struct {
		uint16_t at, length; /* in text, without the end of the line */
	} echoed[SIP_ECHO_LINES];
	char text[SIP_REQUEST_MAX];
};

/** \retval false  it would be longer than SIP_REQUEST_MAX */
bool sip_request_write(
	const struct sip_question *question, struct sip_request *ret_request);

#endif
