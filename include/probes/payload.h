/* SPDX-License-Identifier: Apache-2.0 */
/* Octets as a person writes them in an option: text with \r \n \t \0 \\ and \xNN. */
#ifndef PROBES_PAYLOAD_H
#define PROBES_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

struct payload {
	unsigned char *data; /* NULL = none */
	size_t length;
};

/**
 * \param text  NULL = no payload
 * \param why   a sentence that says what to write instead, on false
 * \retval false  a bad escape or no memory; *ret_payload is untouched
 */
bool payload_parse(
	const char *text, struct payload *ret_payload, char *why, size_t why_size);

/** Fine on a zeroed or done payload. */
void payload_done(struct payload *payload);

#endif
