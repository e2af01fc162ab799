/* SPDX-License-Identifier: Apache-2.0 */
/* Host names as they are compared and asked for. */
#ifndef NET_DNS_NAME_H
#define NET_DNS_NAME_H

#include <stdbool.h>

/** The longest name in text (RFC 1035, 2.3.4, less length octets), and its NUL. */
#define DNS_NAME_SIZE 254

/**
 * Checks a host name and brings it into the one form that is compared: lower case, no
 * trailing dot. Letters, digits, hyphen and underscore; labels up to 63 octets.
 * \retval false  no name server can be asked for it; ret_canonical is untouched
 */
bool dns_name_canonical(const char *name, char ret_canonical[static DNS_NAME_SIZE]);

#endif
