/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused of a SIP message before libre spends time on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/sip_frame.h"
#include "net/sip_message.h"

#define OK "SIP/2.0 200 OK\r\n"

/* Just as long as is taken, and one octet longer. */
static void test_long_lines(void **state)
{
	static const struct {
		const char *begin; /* of a line, digits follow */
		size_t most;       /* octets of the line with its end */
		const char *words;
	} lines[] = {
		{ "X-Filling: 1", SIP_LINE_MAX, "a header line too long" },
		{ "X-Folded:\r\n 1\r\n\r\r\t1", SIP_LINE_MAX, "a header line too long" },
		{ "CSeq: 4 OPTIONS", SIP_CSEQ_MAX, "a CSeq too long" },
		{ "CSeq:\r\n 4\r\n OPTIONS", SIP_CSEQ_MAX, "a CSeq too long" },
		/* libre takes it for CSeq */
		{ "AHWB \t: 4 ", SIP_CSEQ_MAX, "a CSeq too long" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		for (size_t size = lines[i].most; size <= lines[i].most + 1; size++) {
			char digits[1100] = "", text[2000];
			const char *words;

			memset(digits, '1', size - 2 - strlen(lines[i].begin));
			snprintf(text, sizeof(text), OK "A: b\r\n%s%s\r\nC: d\r\n\r\n",
				lines[i].begin, digits);
			words = sip_frame_refuse((const uint8_t *)text, strlen(text));
			if (size == lines[i].most)
				assert_null(words);
			else
				assert_string_equal(words, lines[i].words);
		}
	}
}

static void test_first_line(void **state)
{
	char text[SIP_LINE_MAX + 9] = "SIP/2.0 200 ";

	(void)state;
	memset(text + strlen(text), 'x', sizeof(text) - strlen(text));
	assert_non_null(sip_frame_refuse((const uint8_t *)text, sizeof(text)));
	assert_false(sip_frame_begins((const uint8_t *)text, sizeof(text)));
	text[SIP_LINE_MAX - 1] = '\n';
	assert_null(sip_frame_refuse((const uint8_t *)text, SIP_LINE_MAX));
	assert_true(sip_frame_begins((const uint8_t *)text, sizeof(text)));
}

/* Decoded it takes some 30 ms. */
static void test_digits(void **state)
{
	static const struct sip_request request = { .length = 0 };
	char text[4096] = OK "CSeq: ";
	size_t used = strlen(text);
	struct sip_answer answer;
	int64_t least_us = SECOND;

	(void)state;
	memset(text + used, '1', sizeof(text) - used);
	memcpy(text + sizeof(text) - 4, "\r\n\r\n", 4);
	for (unsigned i = 0; i < 10; i++) {
		int64_t began_us = clock_now_us(), took_us;

		assert_int_equal(sip_answer_read(&request, (const uint8_t *)text,
					 sizeof(text), SIP_DATAGRAM, &answer),
			SIP_GARBAGE);
		took_us = clock_now_us() - began_us;
		least_us = took_us < least_us ? took_us : least_us;
	}
	print_message("%d us\n", (int)least_us);
	assert_true(least_us < 5 * MILLISECOND); /* under valgrind as well */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
