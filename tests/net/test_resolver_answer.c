/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that a name server gives for what it blocks. */
#include "net/resolver_answer.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/dns_message.h"

#define FOREIGN "192.0.2.53"

struct row {
	const char *server;
	const char *addresses[2];
	const char *wrong; /* NULL = the answer is good */
};

static const struct row rows[] = {
	{ FOREIGN, { "192.0.2.1", NULL }, NULL },
	{ FOREIGN, { "0.0.0.0", NULL }, "0.0.0.0" },
	{ FOREIGN, { "::", NULL }, "::" },
	{ FOREIGN, { "192.0.2.1", "0.0.0.0" }, "0.0.0.0" },
	{ FOREIGN, { "127.0.0.1", NULL }, "127.0.0.1" },
	{ FOREIGN, { "127.8.0.9", NULL }, "127.8.0.9" },
	{ FOREIGN, { "::1", NULL }, "::1" },
	{ FOREIGN, { "2001:db8::1", NULL }, NULL },
	{ FOREIGN, { "::ffff:192.0.2.1", NULL }, "::ffff:192.0.2.1" },
	/* a name server of this host may mean this host */
	{ "127.0.0.1", { "127.0.0.1", NULL }, NULL },
	{ "127.0.0.53", { "127.0.0.1", NULL }, NULL },
	{ "::1", { "::1", NULL }, NULL },
	{ "127.0.0.1", { "0.0.0.0", NULL }, "0.0.0.0" },
	{ "127.0.0.1", { "127.0.0.1", "0.0.0.0" }, "0.0.0.0" },
	{ "::1", { "::", NULL }, "::" },
};

static size_t put(uint8_t *message, size_t length, const void *data, size_t size)
{
	memcpy(message + length, data, size);
	return length + size;
}

static size_t write_answer(
	const struct row *row, struct dns_question *question, uint8_t *message)
{
	bool ipv6 = strchr(row->addresses[0], ':') != NULL;
	size_t length;

	*question = (struct dns_question){ .id = 7,
		.type = ipv6 ? DNS_TYPE_AAAA : DNS_TYPE_A };
	assert_true(dns_name_parse("blocked.test", question));
	length = dns_question_write(question, message);
	message[2] = 0x81;
	message[3] = 0x80;
	for (int i = 0; i < 2 && row->addresses[i]; i++) {
		uint8_t head[] = { 0xc0, 12, 0, (uint8_t)question->type, 0, 1, 0, 0, 0,
			60, 0, ipv6 ? 16 : 4 };
		uint8_t data[16];

		message[7]++;
		assert_int_equal(
			inet_pton(ipv6 ? AF_INET6 : AF_INET, row->addresses[i], data), 1);
		length = put(message, length, head, sizeof(head));
		length = put(message, length, data, ipv6 ? 16 : 4);
	}
	return length;
}

static void check(const struct row *row)
{
	uint8_t message[DNS_QUESTION_MAX + 64];
	struct dns_question question;
	struct resolution resolution;
	struct address server;
	const struct finding *finding = &resolution.finding;
	size_t length = write_answer(row, &question, message);
	uint32_t ttl;

	print_message("[   row    ] %s says %s\n", row->server, row->addresses[0]);
	assert_true(address_parse(row->server, &server));
	resolver_answer_read(message, length, &question, &server, &resolution, &ttl);
	assert_string_equal(
		cause_name(finding->cause), row->wrong ? "dns-wrong-address" : "none");
	assert_int_equal(finding->verdict, row->wrong ? VERDICT_FAILED : VERDICT_OK);
	assert_int_equal(resolution.count > 0, row->wrong == NULL);
	assert_int_equal(ttl, row->wrong ? 0 : 60);
	if (row->wrong) {
		assert_string_equal(finding->evidence.detail, row->wrong);
		assert_true(address_equal(&finding->evidence.offender, &server));
	}
}

static void test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests_name("resolver answer", tests, NULL, NULL);
}
