/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two STUN messages a client of the Binding method knows (RFC 8489, section 5). Pure.
 * libre decodes; what it takes on trust is held against the RFC before.
 */
#ifndef NET_STUN_MESSAGE_H
#define NET_STUN_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define STUN_ID_LENGTH   12
#define STUN_REQUEST_MAX 64

/** RFC 8489, 14.8 allows 509 octets of reason; as much as evidence has room for. */
#define STUN_REASON_MAX 48

/** "Try Alternate" (RFC 8489, section 10). */
#define STUN_ERROR_TRY_ALTERNATE 300

enum stun_fit {
	STUN_FITS,
	STUN_FOREIGN_ID, /* an answer to another question, or to none */
	STUN_ECHO,       /* a request: what we sent, sent back */
	STUN_MALFORMED,  /* not STUN, or not as it must be, its checksum included */
	STUN_UNREAD,     /* out of memory: nothing is known of it */
};

/** What an end is called that a message does not name has FAMILY_NONE. */
struct stun_reply {
	unsigned error;               /* 300 to 699; 0 = a success */
	char reason[STUN_REASON_MAX]; /* of the error, printable ASCII */
	int unknown; /* an attribute that must be understood and is not; -1 = none */
	bool xored;  /* mapped is XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS of RFC 3489 */
	struct transport_address mapped;
	struct transport_address alternate;
};

/**
 * A Binding request with SOFTWARE, so that whoever looks into the log of a server sees
 * who asks. \param id  random (RFC 8489, section 5)
 * \param software      at most 32 octets
 * \return its length, 0 = out of memory
 */
size_t stun_request_write(const uint8_t id[static STUN_ID_LENGTH], const char *software,
	uint8_t ret_message[static STUN_REQUEST_MAX]);

/**
 * Reads an answer to the request of this id. Attributes of RFC 3489 that RFC 8489 has
 * dropped are left alone, whatever their number says.
 * \param ret_reply  written for STUN_FITS only
 */
enum stun_fit stun_reply_read(const uint8_t *data, size_t length,
	const uint8_t id[static STUN_ID_LENGTH], struct stun_reply *ret_reply);

#endif
