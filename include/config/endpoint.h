/* SPDX-License-Identifier: Apache-2.0 */
/* Names and addresses as people write them in a configuration. */
#ifndef CONFIG_ENDPOINT_H
#define CONFIG_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/** Room for a domain name as text (RFC 1035 section 3.1) and its NUL. */
#define HOST_TEXT_MAX 254

struct endpoint {
	char host[HOST_TEXT_MAX]; /* lower case; a literal in its canonical form */
	uint16_t port;            /* 0 = none was written */
	struct address address;   /* of a literal; FAMILY_NONE for a name */
};

/**
 * Reads "host", "host:port", "192.0.2.1", "2001:db8::1", "[2001:db8::1]:port".
 * \param why  what to write instead, on false; *ret_endpoint is untouched then
 */
bool endpoint_parse(
	const char *text, struct endpoint *ret_endpoint, char *why, size_t why_size);

/** "host:port", "[literal]:port", and without a port when it is 0. */
const char *endpoint_format(const char *host, uint16_t port, char *buffer, size_t size);

/** The checks of schemas: an endpoint, or one whose host is a literal. */
bool endpoint_check(const char *text, char *why, size_t why_size);
bool endpoint_check_literal(const char *text, char *why, size_t why_size);

/** An id or a name of a site: a-z, 0-9 and -, at most 63 of them. */
bool name_check(const char *text, char *why, size_t why_size);

#endif
