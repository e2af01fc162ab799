/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reading of raw DNS messages (RFC 1035, 4). c-ares folds many ways to fail into
 * one code; causes must be true, so the answer itself is read.
 */
#ifndef NET_DNS_ANSWER_H
#define NET_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/dns_name.h"
#include "net/resolution.h"

/** The head of a message, question or answer. */
struct dns_head {
	uint16_t id;
	bool is_answer;
	bool truncated;
	int rcode;
	int type;                 /* of the question; 0 without one */
	char name[DNS_NAME_SIZE]; /* of the question, canonical; "" without one */
};

/** A for FAMILY_IPV4, AAAA for FAMILY_IPV6. */
int dns_type_of(enum family family);

/** \retval false  this is no DNS message; *ret_head is untouched */
bool dns_head_read(const uint8_t *data, size_t length, struct dns_head *ret_head);

/**
 * Reads the addresses of a name out of an answer to the question for them, along its
 * aliases.
 * \param name        canonical, as asked
 * \param server      who answered: the offender of the evidence
 * \param ret_ttl     seconds, the least of the records used; 0 on failure
 */
void dns_answer_read(const uint8_t *data, size_t length, const char *name,
	enum family family, const struct address *server,
	struct resolution *ret_resolution, uint32_t *ret_ttl);

/** What an rcode other than NOERROR says of a name (RFC 1035, 4.1.1). */
struct finding dns_rcode_finding(int rcode, const struct address *server);

#endif
