/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The usual answer: what was sent has come back octet for octet, and nothing else of it
 * needs more than to be cut out. It is compared with the request, not decoded: libre
 * takes 100,000 instructions for the same, its regular expressions half of them, and its
 * random number for each message, which nobody asked for, 13,000. [measured]
 *
 * Whatever is not as usual, were it one blank, is libre's to decode; and what is said of
 * a usual answer is what libre would have said, which tests and fuzzing compare.
 */
#ifndef NET_SIP_ECHO_H
#define NET_SIP_ECHO_H

#include "net/sip_request.h"
#include "net/sip_value.h"

struct sip_echo {
	unsigned status; /* 100 to 699 */
	struct sip_span reason, server, agent, allow, length;
	struct sip_span received, port; /* of Via: where the request came from */
};

/**
 * \param head  from the status line to the blank line that ends the header, both included
 * \retval false  it is not the usual answer
 */
bool sip_echo_read(const struct sip_request *request, const uint8_t *head, size_t length,
	struct sip_echo *ret_echo);

#endif
