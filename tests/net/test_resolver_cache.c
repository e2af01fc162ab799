/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of names, and /etc/hosts, which fills one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/hosts_file.h"
#include "net/resolver_cache.h"

static struct resolver_key key_of(const char *name, enum family family)
{
	struct resolver_key key;

	assert_true(resolver_key_of(name, family, &key));
	return key;
}

static void put(
	struct resolver_cache *cache, const char *name, size_t total, int64_t until)
{
	struct resolver_key key = key_of(name, FAMILY_IPV4);
	struct resolution resolution = { .total = total };

	resolver_cache_put(cache, &key, &resolution, until);
}

/* \return its total, 0 = not there */
static size_t find(
	struct resolver_cache *cache, const char *name, enum family family, int64_t now)
{
	struct resolver_key key = key_of(name, family);
	const struct resolution *found = resolver_cache_find(cache, &key, now);

	return found ? found->total : 0;
}

static void test_nothing_outlives_its_time(void **state)
{
	struct resolver_cache *cache = resolver_cache_new();

	(void)state;
	put(cache, "a", 1, 100);
	assert_int_equal(find(cache, "a", FAMILY_IPV4, 99), 1);
	assert_int_equal(find(cache, "a", FAMILY_IPV6, 99), 0);
	assert_int_equal(find(cache, "b", FAMILY_IPV4, 99), 0);
	put(cache, "a", 2, 200);
	assert_int_equal(resolver_cache_size(cache), 1);
	assert_int_equal(find(cache, "a", FAMILY_IPV4, 199), 2);
	assert_int_equal(find(cache, "a", FAMILY_IPV4, 200), 0);
	assert_int_equal(resolver_cache_size(cache), 0);
	resolver_cache_free(cache);
	resolver_cache_free(NULL);
}

static void test_full_loses_the_oldest(void **state)
{
	struct resolver_cache *cache = resolver_cache_new();
	char name[32];

	(void)state;
	for (int i = 0; i < RESOLVER_CACHE_MAX; i++) {
		snprintf(name, sizeof(name), "name-%d", i);
		put(cache, name, 1, 1000);
	}
	put(cache, "name-0", 2, 1000); /* asked anew: now it is the youngest */
	put(cache, "one-more", 1, 1000);
	assert_int_equal(resolver_cache_size(cache), RESOLVER_CACHE_MAX);
	assert_int_equal(find(cache, "name-0", FAMILY_IPV4, 0), 2);
	assert_int_equal(find(cache, "name-1", FAMILY_IPV4, 0), 0);
	assert_int_equal(find(cache, "name-2", FAMILY_IPV4, 0), 1);
	assert_int_equal(find(cache, "one-more", FAMILY_IPV4, 0), 1);
	resolver_cache_free(cache);
}

static void check_first(struct resolver_cache *table, const char *name,
	enum family family, const char *address)
{
	struct resolver_key key = key_of(name, family);
	const struct resolution *found = resolver_cache_find(table, &key, INT64_MAX - 1);
	char text[ADDRESS_TEXT_MAX];

	assert_non_null(found);
	assert_int_equal(found->finding.verdict, VERDICT_OK);
	assert_string_equal(
		address_format(&found->addresses[0], text, sizeof(text)), address);
}

static void test_hosts_file(void **state)
{
	static const char content[] = "127.0.0.1\tlocalhost\n"
				      "::1 localhost ip6-localhost # local.example\n"
				      "# 192.0.2.1 commented.example\n"
				      "\n   \n"
				      "192.0.2.2 PBX.Example pbx. bad/name alias\r\n"
				      "192.0.2.3 pbx.example\n"
				      "no-address name.example\n"
				      "192.0.2.4\n"
				      "192.0.2.5 last.example";
	struct resolver_cache *table = resolver_cache_new();
	char path[] = "/tmp/hosts.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
	assert_int_equal(hosts_file_read(path, table), 0);
	unlink(path);
	check_first(table, "localhost", FAMILY_IPV4, "127.0.0.1");
	check_first(table, "localhost", FAMILY_IPV6, "::1");
	check_first(table, "pbx.example", FAMILY_IPV4, "192.0.2.2");
	check_first(table, "pbx", FAMILY_IPV4, "192.0.2.2");
	check_first(table, "alias", FAMILY_IPV4, "192.0.2.2");
	check_first(table, "last.example", FAMILY_IPV4, "192.0.2.5");
	assert_int_equal(find(table, "pbx.example", FAMILY_IPV4, 0), 2);
	assert_int_equal(find(table, "commented.example", FAMILY_IPV4, 0), 0);
	assert_int_equal(find(table, "local.example", FAMILY_IPV6, 0), 0);
	assert_int_equal(resolver_cache_size(table), 7);
	assert_int_equal(hosts_file_read("/nonexistent/hosts", table), -ENOENT);
	assert_int_equal(hosts_file_read("/", table), -EIO);
	resolver_cache_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_outlives_its_time),
		cmocka_unit_test(test_full_loses_the_oldest),
		cmocka_unit_test(test_hosts_file),
	};

	return cmocka_run_group_tests_name("resolver cache", tests, NULL, NULL);
}
