/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a resolver, in the one form that is compared. */
#ifndef NET_RESOLVER_KEY_H
#define NET_RESOLVER_KEY_H

#include <stdbool.h>

#include "base/address.h"
#include "net/dns_message.h"

/** The longest name in text (RFC 1035, 2.3.4, less length octets), and its NUL. */
#define RESOLVER_NAME_SIZE 254

/** A host name in lower case, without a dot at the end, and the family before it. */
struct resolver_key {
	char text[1 + RESOLVER_NAME_SIZE];
};

/**
 * Letters, digits, hyphen and underscore; labels up to 63 octets; not below .onion.
 * \retval false  no name server can be asked for it; *ret_key is untouched
 */
bool resolver_key_of(const char *name, enum family family, struct resolver_key *ret_key);

/** \retval false  not a question that a resolver asks */
bool resolver_key_of_question(
	const struct dns_question *question, struct resolver_key *ret_key);

/** The question to ask a name server; its id is left 0. */
struct dns_question resolver_key_question(const struct resolver_key *key);

/** The name in it. */
static inline const char *resolver_key_name(const struct resolver_key *key)
{
	return key->text + 1;
}

#endif
