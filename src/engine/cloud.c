/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cloud.h"

#include <string.h>
#include <strings.h>

static size_t name_length(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && name[length - 1] == '.' ? length - 1 : length;
}

/* \param domain  without a dot before it */
static bool is_under(const char *name, const char *domain)
{
	size_t length = name_length(name), tail = strlen(domain);

	return length >= tail && strncasecmp(name + length - tail, domain, tail) == 0 &&
		(length == tail || name[length - tail - 1] == '.');
}

static bool is_public_name(const char *name)
{
	static const char *const private[] = { "localhost", "local", "internal", "lan",
		"home.arpa", "test", "invalid", "onion" };
	struct address literal;

	if (address_is_literal(name, &literal) || !memchr(name, '.', name_length(name)))
		return false;
	for (size_t i = 0; i < sizeof(private) / sizeof(private[0]); i++) {
		if (is_under(name, private[i]))
			return false;
	}
	return true;
}

bool check_is_cloud(const struct check *check)
{
	const char *host = check->requirement->host;

	return host && *host != '$' && is_public_name(check->host);
}

/* The last two labels. */
static const char *registrable(const char *name, size_t *ret_length)
{
	size_t end = name_length(name);
	size_t begin = end;
	unsigned dots = 0;

	while (begin > 0 && (name[begin - 1] != '.' || ++dots < 2))
		begin--;
	*ret_length = end - begin;
	return name + begin;
}

bool hosts_are_strangers(const char *left, const char *right)
{
	struct address a, b;
	size_t left_length, right_length;
	const char *left_domain = registrable(left, &left_length);
	const char *right_domain = registrable(right, &right_length);

	if (address_is_literal(left, &a))
		return !address_is_literal(right, &b) || !address_equal(&a, &b);
	return left_length != right_length ||
		strncasecmp(left_domain, right_domain, left_length) != 0;
}

bool host_is_vendors(const char *name)
{
	static const char *const domains[] = { "starface.de", "starface.com",
		"starface-cdn.de", "siptrunk.de", "starface-connect.com",
		"starface-neon.com", "starface-cloud.com" };
	size_t length;
	const char *domain = registrable(name, &length);

	/* asked of every check in every evaluation: one comparison for most */
	if (length == 0 || (*domain | 0x20) != 's')
		return false;
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		if (strlen(domains[i]) == length &&
			strncasecmp(domain, domains[i], length) == 0)
			return true;
	}
	return false;
}

bool hosts_are_unrelated(const char *left, const char *right)
{
	return hosts_are_strangers(left, right) &&
		!(host_is_vendors(left) && host_is_vendors(right));
}

bool addresses_share_network(const struct address *one, const struct address *other)
{
	if (one->family != other->family || one->family == FAMILY_NONE)
		return false;
	return memcmp(one->bytes, other->bytes, one->family == FAMILY_IPV6 ? 8 : 3) == 0;
}

struct reserved {
	uint8_t prefix[2];
	uint8_t bits; /* of the prefix, at most 16 */
	const char *what;
};

static bool lies_in(const struct address *address, const struct reserved *reserved)
{
	unsigned begin = (unsigned)address->bytes[0] << 8 | address->bytes[1];
	unsigned prefix = (unsigned)reserved->prefix[0] << 8 | reserved->prefix[1];

	return (begin ^ prefix) >> (16 - reserved->bits) == 0;
}

/* RFC 6890 and the registries of special-purpose addresses it began. */
static const char *misfit_ipv4(const struct address *address)
{
	static const struct reserved table[] = {
		{ { 0, 0 }, 8, "unspecified" },
		{ { 10, 0 }, 8, "private (RFC 1918)" },
		{ { 100, 64 }, 10, "of a provider's NAT (RFC 6598)" },
		{ { 127, 0 }, 8, "loopback" },
		{ { 169, 254 }, 16, "link-local" },
		{ { 172, 16 }, 12, "private (RFC 1918)" },
		{ { 192, 168 }, 16, "private (RFC 1918)" },
		{ { 198, 18 }, 15, "for benchmarks (RFC 2544)" },
		{ { 224, 0 }, 4, "multicast" },
		{ { 240, 0 }, 4, "reserved (RFC 1112)" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (lies_in(address, &table[i]))
			return table[i].what;
	}
	return NULL;
}

static const char *misfit_ipv6(const struct address *address)
{
	static const struct reserved table[] = {
		{ { 0xfc, 0 }, 7, "unique local (RFC 4193)" },
		{ { 0xfe, 0x80 }, 10, "link-local" },
		{ { 0xfe, 0xc0 }, 10, "site-local (RFC 3879)" },
		{ { 0xff, 0 }, 8, "multicast" },
	};

	if (address_is_unspecified(address))
		return "unspecified";
	if (address_is_loopback(address))
		return "loopback";
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (lies_in(address, &table[i]))
			return table[i].what;
	}
	return NULL;
}

const char *address_misfit(const struct address *address)
{
	switch (address->family) {
	case FAMILY_IPV4:
		return misfit_ipv4(address);
	case FAMILY_IPV6:
		return misfit_ipv6(address);
	case FAMILY_NONE:
		break;
	}
	return NULL;
}
