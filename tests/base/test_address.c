/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"

static void test_parse_and_format(void **state)
{
	static const struct {
		const char *text;
		enum family family; /* FAMILY_NONE = not a literal */
		const char *back;
	} rows[] = {
		{ "192.0.2.1", FAMILY_IPV4, "192.0.2.1" },
		{ "[192.0.2.1]", FAMILY_IPV4, "192.0.2.1" },
		{ "2001:DB8:0:0::1", FAMILY_IPV6, "2001:db8::1" },
		{ "[::1]", FAMILY_IPV6, "::1" },
		{ "fe80::1%lo", FAMILY_IPV6, "fe80::1%lo" },
		{ "[fe80::1%lo]", FAMILY_IPV6, "fe80::1%lo" },
		/* as the kernel gives them back */
		{ "::ffff:192.0.2.1", FAMILY_IPV4, "192.0.2.1" },
		{ "::ffff:192.0.2.1%lo", FAMILY_IPV4, "192.0.2.1" },
		{ "::1%lo", FAMILY_IPV6, "::1" },
		{ "2001:db8::1%nosuchlink", FAMILY_IPV6, "2001:db8::1" },
		{ "fe80::1%", FAMILY_NONE, NULL },
		{ "fe80::1%nosuchlink", FAMILY_NONE, NULL },
		{ "192.0.2.1%lo", FAMILY_NONE, NULL },
		{ "192.0.2", FAMILY_NONE, NULL },
		{ "192.0.2.256", FAMILY_NONE, NULL },
		{ "0x7f.1", FAMILY_NONE, NULL },
		{ "", FAMILY_NONE, NULL },
		{ "[]", FAMILY_NONE, NULL },
		{ "[", FAMILY_NONE, NULL },
		{ "[::1", FAMILY_NONE, NULL },
		{ "localhost", FAMILY_NONE, NULL },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee",
			FAMILY_NONE, NULL },
	};
	char buffer[ADDRESS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address address = { .family = FAMILY_NONE, .scope = 7 };
		bool is_literal = address_parse(rows[i].text, &address);

		assert_int_equal(is_literal, rows[i].family != FAMILY_NONE);
		assert_int_equal(address.family, rows[i].family);
		if (is_literal)
			assert_string_equal(
				address_format(&address, buffer, sizeof(buffer)),
				rows[i].back);
		else
			assert_int_equal(address.scope, 7); /* untouched */
	}
	assert_string_equal(address_format(&(struct address){ FAMILY_NONE, { 0 }, 0 },
				    buffer, sizeof(buffer)),
		"");
}

static void test_literals_of_links_that_are_gone(void **state)
{
	static const char *const names[] = { "localhost", "fe80::1%", "192.0.2.1%lo",
		"fe80::1%a-name-too-long-for-a-link", "" };
	struct address address;

	(void)state;
	assert_true(address_is_literal("[fe80::1%nosuchlink]", &address));
	assert_int_equal(address.family, FAMILY_IPV6);
	assert_int_equal(address.scope, 0);
	assert_true(address_is_literal("fe80::1%lo", &address));
	assert_int_not_equal(address.scope, 0);
	assert_true(address_is_literal("192.0.2.1", &address));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(address_is_literal(names[i], &address));
}

static void test_socket_and_back(void **state)
{
	static const char *const literals[] = { "192.0.2.1", "2001:db8::1",
		"fe80::1%lo" };
	struct sockaddr_storage socket_address;
	struct address address, back;
	uint16_t port;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_true(address_parse(literals[i], &address));
		assert_int_equal(address_to_socket(&address, 5060, &socket_address),
			i == 0 ? sizeof(struct sockaddr_in)
			       : sizeof(struct sockaddr_in6));
		address_from_socket(
			(const struct sockaddr *)&socket_address, &back, &port);
		assert_true(address_equal(&address, &back));
		assert_int_equal(port, 5060);
	}
	address = (struct address){ .family = FAMILY_NONE };
	assert_int_equal(address_to_socket(&address, 1, &socket_address), 0);
}

static void test_mapped_addresses_are_ipv4(void **state)
{
	struct sockaddr_in6 mapped = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	struct sockaddr other = { .sa_family = AF_UNIX };
	struct address address, expected;
	uint16_t port;

	(void)state;
	inet_pton(AF_INET6, "::ffff:192.0.2.1", &mapped.sin6_addr);
	address_parse("192.0.2.1", &expected);
	address_from_socket((const struct sockaddr *)&mapped, &address, &port);
	assert_true(address_equal(&address, &expected));
	assert_int_equal(port, 53);
	address_from_socket(&other, &address, NULL);
	assert_int_equal(address.family, FAMILY_NONE);
}

static void test_equal(void **state)
{
	struct address left, right;

	(void)state;
	address_parse("192.0.2.1", &left);
	right = left;
	assert_true(address_equal(&left, &right));
	right.bytes[3]++;
	assert_false(address_equal(&left, &right));
	right = left;
	right.family = FAMILY_IPV6;
	assert_false(address_equal(&left, &right));
	right = left;
	right.scope = 1;
	assert_false(address_equal(&left, &right));
}

static void test_family_names(void **state)
{
	(void)state;
	assert_string_equal(family_name(FAMILY_IPV4), "ipv4");
	assert_string_equal(family_name(FAMILY_IPV6), "ipv6");
	assert_string_equal(family_name(FAMILY_NONE), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_and_format),
		cmocka_unit_test(test_literals_of_links_that_are_gone),
		cmocka_unit_test(test_socket_and_back),
		cmocka_unit_test(test_mapped_addresses_are_ipv4),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_family_names),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
