/* SPDX-License-Identifier: Apache-2.0 */
/* Values of SIP headers, as they lie in the message. */
#ifndef NET_SIP_VALUE_H
#define NET_SIP_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/** A part of a message; start NULL = it is not there. */
struct sip_span {
	const char *start;
	size_t length;
};

/** Blanks, and the line ends within a folded header. */
bool sip_value_is_space(char character);

/**
 * As printable ASCII; a folded line is the same as one with a space there (RFC 3261,
 * 7.3.1).
 */
void sip_value_copy(char *destination, size_t size, struct sip_span value);

/** Decimal digits alone. \retval false  it is none, or more than `most` */
bool sip_value_number(struct sip_span value, unsigned long most, unsigned long *ret);

/** How many words are in a list with commas. */
unsigned sip_value_words(struct sip_span list);

#endif
