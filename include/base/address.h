/* SPDX-License-Identifier: Apache-2.0 */
/* An IP address as a plain value: copied, compared, printed; never a pointer. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum family { FAMILY_NONE = 0, FAMILY_IPV4 = 4, FAMILY_IPV6 = 6 };

/** Room for any address as text: IPv6, "%", interface name, NUL. */
#define ADDRESS_TEXT_MAX 64

struct address {
	enum family family;
	uint8_t bytes[16]; /* network order; IPv4 uses the first four, the rest is 0 */
	uint32_t scope;    /* interface index of a link-local IPv6 address, else 0 */
};

/** One end of a conversation (RFC 8489, section 4); FAMILY_NONE = not known. */
struct transport_address {
	struct address address;
	uint16_t port;
};

/** Room for "[address]:port". */
#define TRANSPORT_ADDRESS_TEXT_MAX (ADDRESS_TEXT_MAX + 8)

/**
 * Reads an IPv4 or IPv6 literal, "fe80::1%eth0" and "[2001:db8::1]" included. An
 * IPv4-mapped one becomes the IPv4 address it stands for; an interface of an address
 * that is not link-local means nothing and is dropped (RFC 4007, section 6).
 * \retval false  not a literal (a name, for instance), or its interface is not there;
 *                *ret_address is untouched.
 */
bool address_parse(const char *text, struct address *ret_address);

/**
 * The same for text alone, whatever interfaces there are now.
 * \param ret_address  the scope of a link-local one is 0 while its interface is missing
 */
bool address_is_literal(const char *text, struct address *ret_address);

/** Prints into buffer and returns it; "" for FAMILY_NONE. */
const char *address_format(const struct address *address, char *buffer, size_t size);

/** "192.0.2.7:5060", "[2001:db8::7]:5060"; "" when not known. \return buffer */
const char *transport_address_format(
	const struct transport_address *end, char *buffer, size_t size);

bool transport_address_equal(
	const struct transport_address *left, const struct transport_address *right);

/** 0.0.0.0 and ::, which name no host; connecting to them reaches our own. */
bool address_is_unspecified(const struct address *address);

/** 127.0.0.0/8 and ::1. */
bool address_is_loopback(const struct address *address);

/** fe80::/10, where an address means something only together with its interface. */
bool address_is_link_local(const struct address *address);

bool address_equal(const struct address *left, const struct address *right);

/** An order of all addresses, as memcmp() has it; 0 exactly where they are equal. */
int address_compare(const struct address *left, const struct address *right);

/** \return the length of the socket address written, 0 for FAMILY_NONE. */
socklen_t address_to_socket(const struct address *address, uint16_t port,
	struct sockaddr_storage *ret_socket);

/**
 * An IPv4-mapped IPv6 address becomes the IPv4 address it stands for. FAMILY_NONE for a
 * family that is neither. \param ret_port  host byte order; may be NULL.
 */
void address_from_socket(
	const struct sockaddr *from, struct address *ret_address, uint16_t *ret_port);

/** "ipv4", "ipv6", "" : the value of the label `family`. */
const char *family_name(enum family family);

#endif
