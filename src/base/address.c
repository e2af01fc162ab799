/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#include "base/text.h"

/* Cuts "[...]" and "%scope" off; false if the text is too long to be a literal. */
static bool literal_without_scope(
	const char *text, char *literal, size_t size, char **scope)
{
	size_t length = strlen(text);

	if (length > 1 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
	}
	if (length == 0 || length >= size)
		return false;
	memcpy(literal, text, length);
	literal[length] = '\0';
	*scope = strchr(literal, '%');
	if (*scope)
		*(*scope)++ = '\0';
	return true;
}

static struct address address_of_ipv6(const struct in6_addr *ipv6)
{
	struct address address = { .family = FAMILY_IPV6 };

	if (IN6_IS_ADDR_V4MAPPED(ipv6)) {
		address.family = FAMILY_IPV4;
		memcpy(address.bytes, ipv6->s6_addr + 12, 4);
	} else {
		memcpy(address.bytes, ipv6->s6_addr, sizeof(address.bytes));
	}
	return address;
}

static bool is_interface_name(const char *text)
{
	return *text && strlen(text) < IF_NAMESIZE;
}

bool address_is_literal(const char *text, struct address *ret_address)
{
	struct address address = { .family = FAMILY_IPV4 };
	char literal[ADDRESS_TEXT_MAX];
	struct in6_addr ipv6;
	char *scope;

	if (!literal_without_scope(text, literal, sizeof(literal), &scope) ||
		(scope && !is_interface_name(scope)))
		return false;
	if (inet_pton(AF_INET6, literal, &ipv6) == 1)
		address = address_of_ipv6(&ipv6);
	else if (scope || inet_pton(AF_INET, literal, address.bytes) != 1)
		return false;
	/* of other addresses the kernel drops it, and answers would not compare equal */
	if (scope && address_is_link_local(&address))
		address.scope = if_nametoindex(scope);
	*ret_address = address;
	return true;
}

bool address_parse(const char *text, struct address *ret_address)
{
	struct address address;

	if (!address_is_literal(text, &address))
		return false;
	if (address.scope == 0 && strchr(text, '%') && address_is_link_local(&address))
		return false;
	*ret_address = address;
	return true;
}

/* glibc has sprintf do it, with 3,000 instructions: a run names two or three. */
static void format_ipv4(const uint8_t bytes[static 4], char *buffer, size_t size)
{
	char digits[4][DECIMAL_TEXT_MAX];

	text_join(buffer, size,
		TEXT_PARTS(text_decimal(bytes[0], digits[0]), ".",
			text_decimal(bytes[1], digits[1]), ".",
			text_decimal(bytes[2], digits[2]), ".",
			text_decimal(bytes[3], digits[3])));
}

const char *address_format(const struct address *address, char *buffer, size_t size)
{
	char literal[INET6_ADDRSTRLEN] = "";
	char interface[IF_NAMESIZE];

	if (address->family == FAMILY_IPV4) {
		format_ipv4(address->bytes, buffer, size);
		return buffer;
	}
	if (address->family == FAMILY_IPV6)
		inet_ntop(AF_INET6, address->bytes, literal, sizeof(literal));
	if (address->scope && if_indextoname(address->scope, interface))
		text_join(buffer, size, TEXT_PARTS(literal, "%", interface));
	else
		text_copy(buffer, size, literal);
	return buffer;
}

bool address_is_unspecified(const struct address *address)
{
	static const uint8_t zero[16];

	return memcmp(address->bytes, zero, sizeof(zero)) == 0;
}

bool address_is_loopback(const struct address *address)
{
	if (address->family == FAMILY_IPV4)
		return address->bytes[0] == 127;
	return memcmp(address->bytes, &in6addr_loopback, sizeof(address->bytes)) == 0;
}

bool address_is_link_local(const struct address *address)
{
	return address->family == FAMILY_IPV6 && address->bytes[0] == 0xfe &&
		(address->bytes[1] & 0xc0) == 0x80;
}

bool address_equal(const struct address *left, const struct address *right)
{
	return left->family == right->family && left->scope == right->scope &&
		memcmp(left->bytes, right->bytes, sizeof(left->bytes)) == 0;
}

int address_compare(const struct address *left, const struct address *right)
{
	int order = memcmp(left->bytes, right->bytes, sizeof(left->bytes));

	if (order == 0)
		order = (int)left->family - (int)right->family;
	if (order == 0)
		order = (left->scope > right->scope) - (left->scope < right->scope);
	return order;
}

socklen_t address_to_socket(
	const struct address *address, uint16_t port, struct sockaddr_storage *ret_socket)
{
	memset(ret_socket, 0, sizeof(*ret_socket));
	if (address->family == FAMILY_IPV4) {
		struct sockaddr_in *in = (struct sockaddr_in *)ret_socket;

		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, address->bytes, sizeof(in->sin_addr));
		return sizeof(*in);
	}
	if (address->family == FAMILY_IPV6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret_socket;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		in6->sin6_scope_id = address->scope;
		memcpy(&in6->sin6_addr, address->bytes, sizeof(in6->sin6_addr));
		return sizeof(*in6);
	}
	return 0;
}

void address_from_socket(
	const struct sockaddr *from, struct address *ret_address, uint16_t *ret_port)
{
	uint16_t port = 0;

	*ret_address = (struct address){ .family = FAMILY_NONE };
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)from;

		ret_address->family = FAMILY_IPV4;
		memcpy(ret_address->bytes, &in->sin_addr, sizeof(in->sin_addr));
		port = ntohs(in->sin_port);
	} else if (from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;

		*ret_address = address_of_ipv6(&in6->sin6_addr);
		if (ret_address->family == FAMILY_IPV6)
			ret_address->scope = in6->sin6_scope_id;
		port = ntohs(in6->sin6_port);
	}
	if (ret_port)
		*ret_port = port;
}

const char *transport_address_format(
	const struct transport_address *end, char *buffer, size_t size)
{
	bool ipv6 = end->address.family == FAMILY_IPV6;
	char text[ADDRESS_TEXT_MAX], port[DECIMAL_TEXT_MAX];

	address_format(&end->address, text, sizeof(text));
	if (end->address.family == FAMILY_NONE)
		text_copy(buffer, size, "");
	else
		text_join(buffer, size,
			TEXT_PARTS(ipv6 ? "[" : "", text, ipv6 ? "]:" : ":",
				text_decimal(end->port, port)));
	return buffer;
}

bool transport_address_equal(
	const struct transport_address *left, const struct transport_address *right)
{
	return left->port == right->port &&
		address_equal(&left->address, &right->address);
}

const char *family_name(enum family family)
{
	switch (family) {
	case FAMILY_IPV4:
		return "ipv4";
	case FAMILY_IPV6:
		return "ipv6";
	case FAMILY_NONE:
		break;
	}
	return "";
}
