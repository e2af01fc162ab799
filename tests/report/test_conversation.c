/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake/memory.h"
#include "report/conversation.h"

static void tells_text_from_octets(void **state)
{
	static const struct {
		const char *octets;
		size_t length;
		bool cut;
		size_t readable;
	} rows[] = {
		{ "SIP/2.0 200 OK\r\n\tfolded\r\n", 25, false, 25 },
		{ "Gr\xc3\xbc\xc3\x9f"
		  "e",
			7, false, 7 },
		{ "", 0, false, 0 },
		{ "a\0b", 3, false, 0 },
		{ "\x1b[31mred", 8, false, 0 },
		{ "del\x7f", 4, false, 0 },
		{ "c1 \xc2\x9b", 5, false, 0 },
		{ "latin \xfc", 7, false, 0 },
		/* octets that were cut are no fault of who sent them */
		{ "cut \xc3", 5, true, 4 },
		{ "cut \xe2\x82", 6, true, 4 },
		{ "cut \xc3", 5, false, 0 },
		{ "cut \xfc", 5, false, 0 },
		/* right to left override, no-width blank, byte order mark */
		{ "\xe2\x80\xae"
		  "txt.exe",
			10, false, 0 },
		{ "\xe2\x80\x8b", 3, false, 0 },
		{ "\xef\xbb\xbf<html>", 9, false, 0 },
		{ "\xe2\x82\xac 5", 5, false, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(conversation_readable((const uint8_t *)rows[i].octets,
					 rows[i].length, rows[i].cut),
			rows[i].readable);
}

static struct transcript *conversation(void)
{
	static const uint8_t query[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 'e',
		'x', 'a', 'm', 'p', 'l', 'e', 0 };
	static char page[3000];
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	struct transcript *transcript = transcript_new();

	assert_non_null(transcript);
	memset(page, 'x', sizeof(page));
	transcript_add(transcript, TRANSCRIPT_NOTE, "to 192.0.2.1:53", 15);
	transcript_add(transcript, TRANSCRIPT_SENT, query, sizeof(query));
	transcript_add(transcript, TRANSCRIPT_SENT, request, sizeof(request) - 1);
	transcript_add(transcript, TRANSCRIPT_RECEIVED, "a\n\nb", 4);
	transcript_add(transcript, TRANSCRIPT_RECEIVED, page, sizeof(page));
	for (unsigned i = 0; i < transcript->entries_used; i++)
		transcript->entries[i].after_us = 1500 * (int64_t)i;
	return transcript;
}

static void writes_lines(void **state)
{
	static const char expected[] =
		"  0 µs     an 192.0.2.1:53\n"
		"  1 ms     gesendet, 21 Bytes\n"
		"             0000  12 34 01 00 00 01 00 00 00 00 00 00 07 65 78 61  "
		".4...........exa\n"
		"             0010  6d 70 6c 65 00                                   "
		"mple.\n"
		"  3 ms     gesendet, 27 Bytes\n"
		"             GET / HTTP/1.1\n"
		"             Host: a\n"
		"  4 ms     empfangen, 4 Bytes\n"
		"             a\n"
		"\n"
		"             b\n"
		"  6 ms     empfangen, 3000 Bytes, hier die ersten 640\n"
		"             xxx";
	struct transcript *transcript = conversation();
	struct text text = { 0 };
	size_t longest = 0;

	(void)state;
	conversation_write(transcript, LANGUAGE_DE, 2, &text);
	assert_false(text_failed(&text));
	assert_memory_equal(text.data, expected, sizeof(expected) - 1);
	for (const char *line = text.data; *line; line += strcspn(line, "\n") + 1) {
		if (strcspn(line, "\n") > longest)
			longest = strcspn(line, "\n");
	}
	assert_int_equal(longest, 100);
	text_done(&text);
	free(transcript);
}

static void speaks_german(void **state)
{
	static const char *const rows[][2] = {
		{ "connected", "verbunden" },
		{ "to 192.0.2.1:443, in small segments",
			"an 192.0.2.1:443, in kleinen Segmenten" },
		{ "resolver 192.0.2.53: 2 ipv6 addresses for pbx.example.com",
			"Nameserver 192.0.2.53: 2 IPv6-Adressen zu pbx.example.com" },
		{ "resolver 192.0.2.53: dns-nxdomain for pbx.example.com",
			"Nameserver 192.0.2.53: dns-nxdomain zu pbx.example.com" },
		{ "forward: 1 of 500 lost, 2 discarded, 3 reordered, 4 twice, jitter 0.1 "
		  "ms, R 90.1 (good)",
			"Hinweg: 1 von 500 verloren, 2 zu spät, 3 vertauscht, 4 doppelt, "
			"Jitter 0.1 ms, R 90.1 (good)" },
		{ "TLS 1.0: accepted", "TLS 1.0: angenommen" },
		{ "connect: timeout", "connect: timeout" },
		{ "connected to", "connected to" },
		{ "to", "to" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };

		text_append(&text, "");
		conversation_write_note((const uint8_t *)rows[i][0], strlen(rows[i][0]),
			LANGUAGE_DE, &text);
		assert_string_equal(text.data, rows[i][1]);
		text_done(&text);
	}
}

static void out_of_memory(void **state)
{
	struct transcript *transcript = conversation();
	bool whole = false;

	(void)state;
	for (long allowed = 0; !whole; allowed++) {
		struct text text = { 0 };

		memory_limit(allowed);
		conversation_write(transcript, LANGUAGE_EN, 4, &text);
		memory_limit(-1);
		whole = !text_failed(&text);
		assert_true(allowed > 0 || !whole);
		text_done(&text);
	}
	free(transcript);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_text_from_octets),
		cmocka_unit_test(writes_lines),
		cmocka_unit_test(speaks_german),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
