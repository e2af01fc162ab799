/* SPDX-License-Identifier: Apache-2.0 */
/* What a name server's answer means to one who only wants the addresses of a name. */
#ifndef NET_RESOLVER_ANSWER_H
#define NET_RESOLVER_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "net/dns_message.h"
#include "net/resolution.h"

/**
 * Reads the addresses out of an answer to the question for them, along its aliases.
 * \param server   who answered: the offender of the evidence
 * \param ret_ttl  seconds, the least of the records used; 0 on failure
 */
void resolver_answer_read(const uint8_t *data, size_t length,
	const struct dns_question *question, const struct address *server,
	struct resolution *ret_resolution, uint32_t *ret_ttl);

/** What an rcode other than NOERROR says of a name (RFC 1035, 4.1.1). */
struct finding resolver_rcode_finding(unsigned rcode, const struct address *server);

#endif
