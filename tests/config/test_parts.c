/* SPDX-License-Identifier: Apache-2.0 */
/* The small parts: name servers of the host, nearest words, UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "config/resolv_conf.h"
#include "config/suggest.h"
#include "config/text_set.h"

#include "files.h"

static void test_resolv_conf(void **state)
{
	static const struct {
		const char *text;
		size_t count;
		const char *last;
	} rows[] = {
		{ "", 0, "" },
		{ "# nameserver 192.0.2.1\nsearch example\n", 0, "" },
		{ "nameserver 192.0.2.1\n", 1, "192.0.2.1" },
		{ "nameserver\t2001:db8::1 # comment\noptions rotate\n", 1,
			"2001:db8::1" },
		{ "nameserver 127.0.0.53\nnameserver 127.0.0.53\n", 1, "127.0.0.53" },
		{ "nameserver not-an-address\nnameserver 192.0.2.1", 1, "192.0.2.1" },
		{ "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
		  "nameserver 192.0.2.4\n",
			3, "192.0.2.3" },
	};
	const struct files *files = *state;
	struct address servers[RESOLV_CONF_SERVERS_MAX];
	char path[256], text[ADDRESS_TEXT_MAX];

	snprintf(path, sizeof(path), "%s/resolv.conf", files->folder);
	assert_int_equal(resolv_conf_read(path, servers), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		files_write(files, "resolv.conf", rows[i].text);
		assert_int_equal(resolv_conf_read(path, servers), rows[i].count);
		if (rows[i].count > 0)
			assert_string_equal(address_format(&servers[rows[i].count - 1],
						    text, sizeof(text)),
				rows[i].last);
	}
}

static void test_distance(void **state)
{
	static const struct {
		const char *left, *right;
		unsigned distance;
	} rows[] = {
		{ "", "", 0 },
		{ "pbx", "pbx", 0 },
		{ "pbx", "", 3 },
		{ "pxb", "pbx", 1 },
		{ "langauge", "language", 1 },
		{ "kitten", "sitting", 3 },
		{ "interval", "intervall", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			edit_distance(rows[i].left, rows[i].right), rows[i].distance);
		assert_int_equal(
			edit_distance(rows[i].right, rows[i].left), rows[i].distance);
	}
}

static void test_suggestion(void **state)
{
	static const struct {
		const char *wrong;
		const char *best;
	} rows[] = {
		{ "webs", "web" },
		{ "vocie", "voice" },
		{ "x", NULL },
		{ "entirely-else", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct suggestion suggestion = { .wrong = rows[i].wrong };

		suggestion_offer(&suggestion, "web");
		suggestion_offer(&suggestion, "voice");
		assert_string_equal(suggestion.known.data, "web, voice");
		if (rows[i].best)
			assert_string_equal(suggestion.best, rows[i].best);
		else
			assert_null(suggestion.best);
		suggestion_done(&suggestion);
	}
}

static void test_utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} rows[] = {
		{ "a", 1 },
		{ "\xc3\xbc", 2 },
		{ "\xe2\x82\xac", 3 },
		{ "\xf0\x9f\x98\x80", 4 },
		{ "\xc3", 0 },             /* cut off */
		{ "\xe2\x82", 0 },         /* cut off */
		{ "\x80", 0 },             /* a continuation alone */
		{ "\xc0\xaf", 0 },         /* overlong */
		{ "\xe0\x80\xaf", 0 },     /* overlong */
		{ "\xed\xa0\x80", 0 },     /* a surrogate */
		{ "\xf4\x90\x80\x80", 0 }, /* beyond U+10FFFF */
		{ "\xe2\x28\xa1", 0 },
		{ "\xe2\x82\x28", 0 },
		{ "\xff", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(utf8_length(rows[i].bytes, strlen(rows[i].bytes)),
			rows[i].length);
}

/* Each once, however full it is and wherever the hashes fall. */
static void test_text_set(void **state)
{
	enum { COUNT = 500 };
	char texts[COUNT][8];
	struct text_set set;

	(void)state;
	assert_true(text_set_init(&set, COUNT));
	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(texts[i], sizeof(texts[i]), "row-%u", i);
		assert_true(text_set_add(&set, texts[i]));
	}
	for (unsigned i = 0; i < COUNT; i++) {
		char copy[8];

		snprintf(copy, sizeof(copy), "row-%u", i);
		assert_false(text_set_add(&set, copy));
	}
	text_set_done(&set);
	assert_true(text_set_init(&set, 0));
	text_set_done(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolv_conf),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_suggestion),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_text_set),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
