/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may come back for a SIP OPTIONS request. Pure; libre decodes, and nobody else
 * knows it.
 *
 * A server copies Via, From, Call-ID and CSeq of a request into its answer unchanged (RFC
 * 3261, 8.2.6.2), and adds to our Via only where the request came from (received, rport:
 * RFC 3581, 4). So whatever else differs was rewritten on the way: by a SIP ALG.
 */
#ifndef NET_SIP_MESSAGE_H
#define NET_SIP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/sip_request.h"

/** What is kept of a name or a sentence of theirs. */
#define SIP_WORDS_MAX 64

#define SIP_CHANGES_MAX 9

enum sip_framing {
	SIP_STREAM,      /* messages end where Content-Length says (RFC 3261, 18.3) */
	SIP_DATAGRAM,    /* a message ends with its datagram */
	SIP_DATAGRAM_CUT /* as that, but its end was lost here */
};

enum sip_reading {
	SIP_INCOMPLETE, /* it may be one when more has come */
	SIP_BLANK,      /* line ends only: a keep-alive (RFC 5626, 3.5.1) */
	SIP_STRANGER,   /* does not even begin like SIP */
	SIP_GARBAGE,    /* begins so; words says what is wrong with it */
	SIP_REQUEST,    /* words is its first line */
	SIP_RESPONSE,
	SIP_NO_MEMORY
};

/** Something that did not come back as it was sent; the texts lie in request, answer. */
struct sip_change {
	const char *what;
	const char *sent;
	const char *heard; /* "" = it is missing */
};

/** All texts are printable ASCII. */
struct sip_answer {
	size_t length;   /* octets it takes; of a stream, as its header has it */
	size_t head;     /* of them its header; 0 = it is not whole yet */
	bool headed;     /* its header is whole; also while SIP_INCOMPLETE */
	unsigned status; /* 100 to 699, of a response */
	char words[SIP_WORDS_MAX];  /* the reason phrase, of a response */
	char server[SIP_WORDS_MAX]; /* who it says it is; "" = it does not */
	bool methods_listed;
	unsigned methods;              /* how many it allows */
	struct transport_address seen; /* where our request came from; a part may lack */
	bool ours;                     /* it answers the request */
	struct sip_identity identity;
	char announced[32], came[32]; /* octets of its body; "" when they fit */
	char vias[24];
	unsigned change_count; /* of one that is ours */
	struct sip_change changes[SIP_CHANGES_MAX];
};

/**
 * Reads the first message of data. A response answers the request when two of its three
 * secrets have come back (branch, From tag, Call-ID), which nobody can guess; what is not
 * as it was sent are the changes.
 * \param ret_answer  not to be copied: changes point into it; always written
 */
enum sip_reading sip_answer_read(const struct sip_request *request, const uint8_t *data,
	size_t length, enum sip_framing framing, struct sip_answer *ret_answer);

#endif
