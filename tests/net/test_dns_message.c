/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A message of octets as a C string; its length is without the NUL. */
struct bytes {
	const char *octets;
	size_t length;
};

#define BYTES(text)                    \
	{                              \
		text, sizeof(text) - 1 \
	}

/* Id 0x1234, answer to "a.bc" type A; the name stands at 12, the answers begin at 22. */
#define HEAD(flags, questions, answers, others) \
	"\x12\x34" flags "\0" questions "\0" answers "\0\0\0" others
#define QUESTION                 "\1a\2bc\0\0\1\0\1"
#define REFERRAL(flags, answers) "\x12\x34" flags "\0\1\0" answers "\0\1\0\0" QUESTION
#define TTL                      "\0\0\0\x3c"
#define TO_NAME                  "\xc0\x0c"

struct read_case {
	const char *what;
	struct bytes message;
	enum dns_fit fit;
	struct dns_reply reply; /* looked at when it fits */
};

static const struct read_case read_cases[] = {
	{ "one address",
		BYTES(HEAD("\x81\x80", "\1", "\1", "\0") QUESTION TO_NAME
			"\0\1\0\1" TTL "\0\4\xc0\0\2\1"),
		DNS_FITS,
		{ .recursion_available = true,
			.records = 1,
			.ttl = 60,
			.addresses = { { .family = FAMILY_IPV4,
				.bytes = { 192, 0, 2, 1 } } },
			.address_count = 1 } },
	{ "the name in capitals, authoritative",
		BYTES(HEAD("\x84\0", "\1", "\0", "\0") "\1A\2bC\0\0\1\0\1"), DNS_FITS,
		{ .authoritative = true } },
	{ "an alias, then an address; the lesser time to live",
		BYTES(HEAD("\x81\x80", "\1", "\2", "\0") QUESTION TO_NAME
			"\0\5\0\1\0\0\0\x09\0\4\1x\xc0\x0e"
			"\1x\xc0\x0e\0\1\0\1" TTL "\0\4\x0a\0\0\1"),
		DNS_FITS,
		{ .recursion_available = true,
			.records = 1,
			.aliases = 1,
			.ttl = 9,
			.addresses = { { .family = FAMILY_IPV4,
				.bytes = { 10, 0, 0, 1 } } },
			.address_count = 1 } },
	{ "an alias to nowhere",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION TO_NAME
			"\0\5\0\1" TTL "\0\4\1x\xc0\x0e"),
		DNS_FITS, { .aliases = 1 } },
	{ "an alias to itself",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION TO_NAME "\0\5\0\1" TTL
									"\0\2" TO_NAME),
		DNS_FITS, { .aliases = 17, .alias_loop = true } },
	{ "two aliases in a ring",
		BYTES(HEAD("\x80\0", "\1", "\2", "\0") QUESTION TO_NAME
			"\0\5\0\1" TTL "\0\4\1x\xc0\x0e"
			"\1x\xc0\x0e\0\5\0\1" TTL "\0\2" TO_NAME),
		DNS_FITS, { .aliases = 17, .alias_loop = true } },
	{ "an address of another name and of another class do not count",
		BYTES(HEAD("\x80\0", "\1", "\2", "\0") QUESTION
			"\xc0\x0e\0\1\0\1" TTL "\0\4\x0a\0\0\1" TO_NAME "\0\1\0\3" TTL
			"\0\4\x0a\0\0\1"),
		DNS_FITS, { .records = 0 } },
	{ "a time to live with the top bit is none",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION TO_NAME
			"\0\1\0\1\xff\0\0\0\0\4\x0a\0\0\1"),
		DNS_FITS,
		{ .records = 1,
			.addresses = { { .family = FAMILY_IPV4,
				.bytes = { 10, 0, 0, 1 } } },
			.address_count = 1 } },
	{ "NXDOMAIN with its SOA",
		BYTES(HEAD("\x81\x83", "\1", "\0", "\1") QUESTION TO_NAME
			"\0\6\0\1" TTL "\0\x1a\1n\xc0\x0e\xc0\x0e"
			"0123"
			"4567"
			"89ab"
			"cdef"
			"ghij"),
		DNS_FITS, { .rcode = 3, .recursion_available = true } },
	{ "other servers to ask",
		BYTES(REFERRAL("\x80\0", "\0") "\xc0\x0e"
					       "\0\2\0\1" TTL "\0\4\1n\xc0\x0e"),
		DNS_FITS, { .referral = true } },
	{ "other servers, from one who knows",
		BYTES(REFERRAL("\x84\0", "\0") "\xc0\x0e"
					       "\0\2\0\1" TTL "\0\4\1n\xc0\x0e"),
		DNS_FITS, { .authoritative = true } },
	{ "other servers, after an alias",
		BYTES(REFERRAL("\x80\0", "\1") TO_NAME "\0\5\0\1" TTL "\0\4\1x\xc0\x0e"
						       "\xc0\x0e"
						       "\0\2\0\1" TTL "\0\4\1n\xc0\x0e"),
		DNS_FITS, { .aliases = 1 } },
	{ "truncated, with a record cut off",
		BYTES(HEAD("\x83\x80", "\1", "\1", "\0") QUESTION TO_NAME "\0"), DNS_FITS,
		{ .truncated = true, .recursion_available = true } },
	{ "refused without the question", BYTES(HEAD("\x80\5", "\0", "\0", "\0")),
		DNS_FITS, { .rcode = 5 } },
	{ "no error and no question", BYTES(HEAD("\x80\0", "\0", "\0", "\0")),
		DNS_MALFORMED, { 0 } },
	{ "another id", BYTES("\x12\x35\x80\0\0\1\0\0\0\0\0\0" QUESTION), DNS_FOREIGN_ID,
		{ 0 } },
	{ "another name", BYTES(HEAD("\x80\0", "\1", "\0", "\0") "\1b\2bc\0\0\1\0\1"),
		DNS_FOREIGN_QUESTION, { 0 } },
	{ "a longer name", BYTES(HEAD("\x80\0", "\1", "\0", "\0") "\1a\2bc\1d\0\0\1\0\1"),
		DNS_FOREIGN_QUESTION, { 0 } },
	{ "another type", BYTES(HEAD("\x80\0", "\1", "\0", "\0") "\1a\2bc\0\0\2\0\1"),
		DNS_FOREIGN_QUESTION, { 0 } },
	{ "another class", BYTES(HEAD("\x80\0", "\1", "\0", "\0") "\1a\2bc\0\0\1\0\3"),
		DNS_FOREIGN_QUESTION, { 0 } },
	{ "two questions", BYTES(HEAD("\x80\0", "\2", "\0", "\0") QUESTION QUESTION),
		DNS_MALFORMED, { 0 } },
	{ "our own question", BYTES(HEAD("\1\0", "\1", "\0", "\0") QUESTION),
		DNS_MALFORMED, { 0 } },
	{ "another opcode", BYTES(HEAD("\xa8\0", "\1", "\0", "\0") QUESTION),
		DNS_MALFORMED, { 0 } },
	{ "nothing", BYTES(""), DNS_MALFORMED, { 0 } },
	{ "half a head", BYTES("\x12\x34\x80\0\0\1"), DNS_MALFORMED, { 0 } },
	{ "octets after the end", BYTES(HEAD("\x80\0", "\1", "\0", "\0") QUESTION "\0"),
		DNS_MALFORMED, { 0 } },
	{ "a record less than promised", BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION),
		DNS_MALFORMED, { 0 } },
	{ "a pointer to itself",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION "\xc0\x16\0\1\0\1" TTL
								"\0\4\x0a\0\0\1"),
		DNS_MALFORMED, { 0 } },
	{ "a pointer forwards",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION "\xc0\x18\0\1\0\1" TTL
								"\0\4\x0a\0\0\1"),
		DNS_MALFORMED, { 0 } },
	{ "a pointer into the head",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION "\xc0\x04\0\1\0\1" TTL
								"\0\4\x0a\0\0\1"),
		DNS_MALFORMED, { 0 } },
	{ "two pointers in a ring",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION
			"\1x\xc0\x1a\xc0\x16\0\1\0\1" TTL "\0\4\x0a\0\0\1"),
		DNS_MALFORMED, { 0 } },
	{ "a reserved label type",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION "\x41x\0\0\1\0\1" TTL
								"\0\4\x0a\0\0\1"),
		DNS_MALFORMED, { 0 } },
	{ "a label beyond the end",
		BYTES(HEAD("\x80\0", "\1", "\0", "\0") "\x3f"
						       "abc"),
		DNS_MALFORMED, { 0 } },
	{ "an address of three octets",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION TO_NAME "\0\1\0\1" TTL
									"\0\3\x0a\0\0"),
		DNS_MALFORMED, { 0 } },
	{ "an alias that ends before its data does",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION TO_NAME "\0\5\0\1" TTL
									"\0\4\1x\0\0"),
		DNS_MALFORMED, { 0 } },
	{ "an alias that runs beyond its data",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION TO_NAME "\0\5\0\1" TTL
									"\0\1\1x\0"),
		DNS_MALFORMED, { 0 } },
	{ "data beyond the end",
		BYTES(HEAD("\x80\0", "\1", "\1", "\0") QUESTION TO_NAME "\0\x10\0\1" TTL
									"\xff\xff\0"),
		DNS_MALFORMED, { 0 } },
};

static struct dns_question question_for(const char *name, uint16_t type)
{
	struct dns_question question = { .id = 0x1234, .type = type, .recursion = true };

	assert_true(dns_name_parse(name, &question));
	return question;
}

static void assert_reply(const struct dns_reply *reply, const struct dns_reply *expected)
{
	assert_int_equal(reply->rcode, expected->rcode);
	assert_int_equal(reply->truncated, expected->truncated);
	assert_int_equal(reply->authoritative, expected->authoritative);
	assert_int_equal(reply->recursion_available, expected->recursion_available);
	assert_int_equal(reply->records, expected->records);
	assert_int_equal(reply->aliases, expected->aliases);
	assert_int_equal(reply->alias_loop, expected->alias_loop);
	assert_int_equal(reply->referral, expected->referral);
	assert_int_equal(reply->ttl, expected->ttl);
	assert_int_equal(reply->address_count, expected->address_count);
	for (size_t i = 0; i < reply->address_count; i++)
		assert_true(address_equal(&reply->addresses[i], &expected->addresses[i]));
}

static void test_read(void **state)
{
	struct dns_question question = question_for("a.bc", DNS_TYPE_A);

	(void)state;
	for (size_t i = 0; i < sizeof(read_cases) / sizeof(read_cases[0]); i++) {
		const struct read_case *row = &read_cases[i];
		struct dns_reply reply = { .rcode = 99 };

		print_message("%s\n", row->what);
		assert_int_equal(dns_reply_read((const uint8_t *)row->message.octets,
					 row->message.length, &question, &reply),
			row->fit);
		if (row->fit == DNS_FITS)
			assert_reply(&reply, &row->reply);
		else
			assert_int_equal(reply.rcode, 99);
	}
}

/* Cut anywhere, no message is anything but malformed or, still whole, truncated. */
static void test_read_cut(void **state)
{
	struct dns_question question = question_for("a.bc", DNS_TYPE_A);

	(void)state;
	for (size_t i = 0; i < sizeof(read_cases) / sizeof(read_cases[0]); i++) {
		const struct read_case *row = &read_cases[i];

		if (row->fit != DNS_FITS || row->reply.truncated)
			continue;
		for (size_t length = 0; length < row->message.length; length++) {
			/* at the exact end of an allocation, so that a sanitizer sees */
			uint8_t *cut = test_malloc(length + 1);
			struct dns_reply reply;

			memcpy(cut + 1, row->message.octets, length);
			assert_int_equal(
				dns_reply_read(cut + 1, length, &question, &reply),
				DNS_MALFORMED);
			test_free(cut);
		}
	}
}

struct name_case {
	const char *text;
	struct bytes wire; /* NULL = refused */
};

static const struct name_case name_cases[] = {
	{ "a.bc", BYTES("\1a\2bc\0") },
	{ "a.bc.", BYTES("\1a\2bc\0") },
	{ "_sip._udp.Example", BYTES("\4_sip\4_udp\7Example\0") },
	{ ".", BYTES("\0") },
	{ "", { NULL, 0 } },
	{ "..", { NULL, 0 } },
	{ ".a", { NULL, 0 } },
	{ "a..b", { NULL, 0 } },
	{ "a\\.b", { NULL, 0 } },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		{ NULL, 0 } },
};

static void test_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(name_cases) / sizeof(name_cases[0]); i++) {
		const struct name_case *row = &name_cases[i];
		struct dns_question question = { 0 };

		assert_int_equal(
			dns_name_parse(row->text, &question), row->wire.octets != NULL);
		assert_int_equal(question.name_length, row->wire.length);
		if (row->wire.octets)
			assert_memory_equal(
				question.name, row->wire.octets, row->wire.length);
	}
}

static void test_name_longest(void **state)
{
	struct dns_question question = { 0 };
	char text[300];

	(void)state;
	/* 127 labels of one octet and the root are 255 octets */
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? '.' : 'a';
	text[253] = '\0';
	assert_true(dns_name_parse(text, &question));
	assert_int_equal(question.name_length, DNS_NAME_MAX);
	text[253] = '.';
	text[255] = '\0';
	assert_false(dns_name_parse(text, &question));
}

struct head_case {
	const char *what;
	struct bytes message;
	bool readable;
	bool is_answer, truncated;
	unsigned rcode;
	const char *name; /* NULL = none */
};

static const struct head_case head_cases[] = {
	{ "a question", BYTES(HEAD("\1\0", "\1", "\0", "\0") "\1A\2bC\0\0\1\0\1"), true,
		false, false, 0, "a.bc" },
	{ "an answer, whatever follows",
		BYTES(HEAD("\x83\x85", "\1", "\7", "\0") QUESTION), true, true, true, 5,
		"a.bc" },
	{ "without a question", BYTES(HEAD("\x80\1", "\0", "\0", "\0")), true, true,
		false, 1, NULL },
	{ "octets of every sort",
		BYTES(HEAD("\x80\0", "\1", "\0", "\0") "\6a.\\ \0\xff\0\0\1\0\1"), true,
		true, false, 0, "a\\046\\092\\032\\000\\255" },
	{ "half a question", BYTES(HEAD("\x80\0", "\1", "\0", "\0") "\1A\2b"), false,
		false, false, 0, NULL },
	{ "two questions", BYTES(HEAD("\x80\0", "\2", "\0", "\0") QUESTION QUESTION),
		false, false, false, 0, NULL },
	{ "another class", BYTES(HEAD("\x80\0", "\1", "\0", "\0") "\1a\2bc\0\0\1\0\3"),
		false, false, false, 0, NULL },
	{ "another opcode", BYTES(HEAD("\xa8\0", "\1", "\0", "\0") QUESTION), false,
		false, false, 0, NULL },
	{ "three octets", BYTES("abc"), false, false, false, 0, NULL },
};

static void test_head(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(head_cases) / sizeof(head_cases[0]); i++) {
		const struct head_case *row = &head_cases[i];
		struct dns_head head = { .rcode = 99 };
		char name[DNS_NAME_TEXT_MAX] = "";

		print_message("%s\n", row->what);
		assert_int_equal(dns_head_read((const uint8_t *)row->message.octets,
					 row->message.length, &head),
			row->readable);
		assert_int_equal(head.rcode, row->readable ? row->rcode : 99);
		assert_int_equal(head.is_answer, row->is_answer);
		assert_int_equal(head.truncated, row->truncated);
		assert_int_equal(head.question.name_length > 0, row->name != NULL);
		if (!row->name)
			continue;
		dns_name_format(head.question.name, name);
		assert_string_equal(name, row->name);
		assert_int_equal(head.question.id, 0x1234);
		assert_int_equal(head.question.type, DNS_TYPE_A);
	}
}

static void test_question(void **state)
{
	static const char expected[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\1a\2bc\0\0\x1c\0\1";
	struct dns_question question = question_for("a.bc", DNS_TYPE_AAAA);
	uint8_t buffer[DNS_QUESTION_MAX];

	(void)state;
	assert_int_equal(dns_question_write(&question, buffer), sizeof(expected) - 1);
	assert_memory_equal(buffer, expected, sizeof(expected) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_cut),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_name_longest),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
