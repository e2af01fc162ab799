/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/cloud.h"
#include "sites.h"

static void names_of_the_internet(void **state)
{
	static const struct {
		const char *host;
		bool cloud;
	} cases[] = {
		{ "license.starface.de", true },
		{ "license.starface.de.", true },
		{ "Test.Example.COM", true },
		{ "mylocal", false },
		{ "mylocal.", false },
		{ "printer.local", false },
		{ "printer.LOCAL.", false },
		{ "notlocal.de", true },
		{ "a.home.arpa", false },
		{ "b.localhost", false },
		{ "pbx.internal", false },
		{ "203.0.113.1", false },
		{ "2001:db8::1", false },
	};
	struct requirement requirement = { 0 };
	struct check check = { .requirement = &requirement };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		requirement.host = check.host = cases[i].host;
		if (check_is_cloud(&check) != cases[i].cloud)
			fail_msg("%s", cases[i].host);
		requirement.host = "$pbx";
		assert_false(check_is_cloud(&check));
	}
}

static void strangers(void **state)
{
	static const struct {
		const char *left, *right;
		bool strangers;
	} cases[] = {
		{ "license.starface.de", "update.starface.de", false },
		{ "starface.de", "www.starface.de.", false },
		{ "STARFACE.de", "www.starface.DE", false },
		{ "starface.de", "starface-cdn.de", true },
		{ "starface.de", "starface.com", true },
		{ "a.co.uk", "b.co.uk", false }, /* the safe side of the small rule */
		{ "203.0.113.1", "203.0.113.1", false },
		{ "203.0.113.1", "203.0.113.2", true },
		{ "203.0.113.1", "2001:db8::1", true },
		{ "203.0.113.1", "starface.de", true },
		{ "starface.de", "203.0.113.1", true },
		{ "pbx", "pbx", false },
		{ "pbx", "dns", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (hosts_are_strangers(cases[i].left, cases[i].right) !=
			cases[i].strangers)
			fail_msg("%s and %s", cases[i].left, cases[i].right);
	}
}

static void addresses_no_public_host_has(void **state)
{
	static const char *const misfits[] = { "0.0.0.0", "0.1.2.3", "10.0.0.1",
		"10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1",
		"169.254.1.1", "172.16.0.1", "172.31.255.255", "192.168.0.1",
		"198.18.0.1", "198.19.255.255", "224.0.0.1", "239.1.1.1", "240.0.0.1",
		"255.255.255.255", "::", "::1", "fc00::1", "fd12:3456::1", "fe80::1",
		"febf::1", "fec0::1", "ff02::1" };
	static const char *const fits[] = { "1.1.1.1", "9.255.255.255", "11.0.0.1",
		"100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1",
		"192.167.1.1", "192.169.1.1", "198.17.1.1", "198.20.1.1",
		"223.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1",
		"2001:db8::1", "2a00::1", "2606:4700::1" };

	(void)state;
	for (size_t i = 0; i < sizeof(misfits) / sizeof(misfits[0]); i++) {
		struct address address = address_of(misfits[i]);

		if (!address_misfit(&address))
			fail_msg("%s fits", misfits[i]);
	}
	for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
		struct address address = address_of(fits[i]);

		if (address_misfit(&address))
			fail_msg("%s: %s", fits[i], address_misfit(&address));
	}
	assert_null(address_misfit(&(struct address){ 0 }));
}

static void the_vendor_is_one(void **state)
{
	(void)state;
	assert_false(hosts_are_unrelated("license.starface.de", "www.starface-cdn.de"));
	assert_false(hosts_are_unrelated("SIPtrunk.de", "a.starface-cloud.com."));
	assert_false(hosts_are_unrelated("a.example.com", "b.example.com"));
	assert_true(hosts_are_unrelated("license.starface.de", "b.example.com"));
	assert_true(hosts_are_unrelated("license.starface.de", "notstarface.de"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_the_internet),
		cmocka_unit_test(strangers),
		cmocka_unit_test(addresses_no_public_host_has),
		cmocka_unit_test(the_vendor_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
