/* SPDX-License-Identifier: Apache-2.0 */
/* STUN messages: RFC 5769's test vectors, and what no server should send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/stun_message.h"

#define COOKIE "\x21\x12\xa4\x42"
#define ID     "\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"

static const uint8_t id[] = ID;

/* RFC 5769, 2.1 */
static const char rfc_request[] =
	"\x00\x01\x00\x58" COOKIE ID "\x80\x22\x00\x10STUN test client"
	"\x00\x24\x00\x04\x6e\x00\x01\xff"
	"\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36"
	"\x00\x06\x00\x09\x65\x76\x74\x6a\x3a\x68\x36\x76\x59\x20\x20\x20"
	"\x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5"
	"\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2\x80\x28\x00\x04\xe5\x7a\x3b\xcf";

/* RFC 5769, 2.2 */
static const char rfc_ipv4[] =
	"\x01\x01\x00\x3c" COOKIE ID "\x80\x22\x00\x0btest vector\x20"
	"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43"
	"\x00\x08\x00\x14\x2b\x91\xf5\x99\xfd\x9e\x90\xc3\x8c\x74\x89\xf9"
	"\x2a\xf9\xba\x53\xf0\x6b\xe7\xd7\x80\x28\x00\x04\xc0\x7d\x4c\x96";

/* RFC 5769, 2.3 */
static const char rfc_ipv6[] =
	"\x01\x01\x00\x48" COOKIE ID "\x80\x22\x00\x0btest vector\x20"
	"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79"
	"\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9"
	"\x00\x08\x00\x14\xa3\x82\x95\x4e\x4b\xe6\x7b\xf1\x17\x84\xc9\x7c"
	"\x82\x92\xc2\x75\xbf\xe3\xed\x41\x80\x28\x00\x04\xc8\xfb\x0b\x4c";

/* From memory that ends where the message does, so that a tool sees who reads on. */
static enum stun_fit read_copy(
	const void *data, size_t length, struct stun_reply *ret_reply)
{
	uint8_t *copy = malloc(length > 0 ? length : 1);
	enum stun_fit fit;

	assert_non_null(copy);
	memcpy(copy, data, length);
	fit = stun_reply_read(copy, length, id, ret_reply);
	free(copy);
	return fit;
}

static void assert_mapped(const struct stun_reply *reply, const char *expected)
{
	char text[TRANSPORT_ADDRESS_TEXT_MAX];

	assert_string_equal(
		transport_address_format(&reply->mapped, text, sizeof(text)), expected);
}

static void test_vectors(void **state)
{
	struct stun_reply reply = { .error = 1 };

	(void)state;
	assert_int_equal(read_copy(rfc_ipv4, sizeof(rfc_ipv4) - 1, &reply), STUN_FITS);
	assert_mapped(&reply, "192.0.2.1:32853");
	assert_true(reply.xored);
	assert_int_equal(reply.error, 0);
	assert_int_equal(reply.unknown, -1);
	assert_int_equal(read_copy(rfc_ipv6, sizeof(rfc_ipv6) - 1, &reply), STUN_FITS);
	assert_mapped(&reply, "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
	assert_int_equal(
		read_copy(rfc_request, sizeof(rfc_request) - 1, &reply), STUN_ECHO);
}

/* The checksum, the id and the framing leave no octet that may be another. */
static void test_every_octet_counts(void **state)
{
	char message[sizeof(rfc_ipv6)];
	struct stun_reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(rfc_ipv6) - 1; i++) {
		/* under another type it is no checksum any more, which may be absent */
		if (i == sizeof(rfc_ipv6) - 9 || i == sizeof(rfc_ipv6) - 8)
			continue;
		memcpy(message, rfc_ipv6, sizeof(message));
		message[i] = (char)(message[i] ^ 0x10);
		assert_int_not_equal(
			read_copy(message, sizeof(rfc_ipv6) - 1, &reply), STUN_FITS);
	}
	for (size_t i = 0; i < sizeof(rfc_ipv6) - 1; i++)
		assert_int_equal(read_copy(rfc_ipv6, i, &reply), STUN_MALFORMED);
}

struct row {
	const char *what;
	const char *message;
	size_t length;
	enum stun_fit fit;
	unsigned error;
	const char *reason;
	int unknown;
	const char *mapped;
	const char *alternate;
};

#define MESSAGE(text)   (text), sizeof(text) - 1
#define SUCCESS(length) "\x01\x01\x00" length COOKIE ID
#define FAILURE(length) "\x01\x11\x00" length COOKIE ID
#define XORED           "\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43"
#define PLAIN           "\x00\x01\x00\x08\x00\x01\x80\x55\xc0\x00\x02\x01"
#define OLD_ONES                                           \
	"\x00\x04\x00\x08\x00\x01\x0d\x96\xc0\x00\x02\x09" \
	"\x00\x05\x00\x08\x00\x01\x0d\x97\xc0\x00\x02\x0a"

static const struct row rows[] = {
	{ "a mapping", MESSAGE(SUCCESS("\x0c") XORED), STUN_FITS, 0, "", -1,
		"192.0.2.1:32853", "" },
	{ "a server of RFC 3489", MESSAGE(SUCCESS("\x24") PLAIN OLD_ONES), STUN_FITS, 0,
		"", -1, "192.0.2.1:32853", "" },
	{ "both mappings, in this order", MESSAGE(SUCCESS("\x18") PLAIN XORED), STUN_FITS,
		0, "", -1, "192.0.2.1:32853", "" },
	{ "no mapping", MESSAGE(SUCCESS("\x00")), STUN_FITS, 0, "", -1, "", "" },
	{ "port 0",
		MESSAGE(SUCCESS("\x0c") "\x00\x01\x00\x08\x00\x01\x00\x00\xc0\x00\x02"
					"\x01"),
		STUN_FITS, 0, "", -1, "", "" },
	{ "address 0.0.0.0",
		MESSAGE(SUCCESS("\x0c") "\x00\x01\x00\x08\x00\x01\x00\x09\x00\x00\x00"
					"\x00"),
		STUN_FITS, 0, "", -1, "", "" },
	{ "what must be understood",
		MESSAGE(SUCCESS("\x14") XORED "\x7f\x01\x00\x01\x00\x00\x00\x00"),
		STUN_FITS, 0, "", 0x7f01, "192.0.2.1:32853", "" },
	{ "what need not be understood",
		MESSAGE(SUCCESS("\x14") XORED "\xff\x01\x00\x04\x00\x00\x00\x00"),
		STUN_FITS, 0, "", -1, "192.0.2.1:32853", "" },
	{ "attributes of type and length 0",
		MESSAGE(SUCCESS("\x14") XORED "\x00\x00\x00\x00\x00\x00\x00\x00"),
		STUN_FITS, 0, "", 0, "192.0.2.1:32853", "" },
	{ "an error",
		MESSAGE(FAILURE("\x14") "\x00\x09\x00\x10\x00\x00\x04\x01"
					"Unauthorized"),
		STUN_FITS, 401, "Unauthorized", -1, "", "" },
	{ "an error without reason",
		MESSAGE(FAILURE("\x08") "\x00\x09\x00\x04\x00\x00\x05"
					"\x00"),
		STUN_FITS, 500, "", -1, "", "" },
	{ "a reason that is none",
		MESSAGE(FAILURE("\x0c") "\x00\x09\x00\x08\x00\x00\x04\x00\x1b[\n\xff"),
		STUN_FITS, 400, "\\x1b[\\x0a\\xff", -1, "", "" },
	{ "try alternate",
		MESSAGE(FAILURE("\x14") "\x00\x09\x00\x04\x00\x00\x03\x00"
					"\x80\x23\x00\x08\x00\x01\x0d\x96\xc0\x00\x02"
					"\x07"),
		STUN_FITS, 300, "", -1, "", "192.0.2.7:3478" },
	{ "an error without its code", MESSAGE(FAILURE("\x0c") XORED), STUN_MALFORMED, 0,
		"", 0, "", "" },
	{ "an error of no class",
		MESSAGE(FAILURE("\x08") "\x00\x09\x00\x04\x00\x00\x07"
					"\x63"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "an error that is a success",
		MESSAGE(FAILURE("\x08") "\x00\x09\x00\x04\x00\x00\x02\x00"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "an error code cut short",
		MESSAGE(FAILURE("\x08") "\x00\x09\x00\x02\x00\x00\x04\x01"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "an address too short for its family",
		MESSAGE(SUCCESS("\x14") "\x00\x20\x00\x04\x00\x01\xa1\x47"
					"\x80\x22\x00\x04name"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "an address too long for its family",
		MESSAGE(SUCCESS("\x10") "\x00\x20\x00\x0c\x00\x01\xa1\x47"
					"\xe1\x12\xa6\x43\x00\x00\x00\x00"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "an address of one octet",
		MESSAGE(SUCCESS("\x08") "\x00\x20\x00\x01\x00\x00\x00\x00"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "an address of another family",
		MESSAGE(SUCCESS("\x0c") "\x00\x20\x00\x08\x00\x03\xa1\x47\xe1\x12\xa6"
					"\x43"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "an attribute past the end", MESSAGE(SUCCESS("\x08") "\x80\x22\x00\x08name"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "an address past the end", MESSAGE(SUCCESS("\x04") "\x00\x20\x00\x08"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "octets after the message", MESSAGE(SUCCESS("\x0c") XORED "\x80\x22\x00\x00"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "an attribute of 64 KiB", MESSAGE(SUCCESS("\x08") "\x80\x22\xff\xffname"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "a message past the datagram", MESSAGE(SUCCESS("\x10") XORED), STUN_MALFORMED,
		0, "", 0, "", "" },
	{ "a datagram past the message", MESSAGE(SUCCESS("\x08") XORED), STUN_MALFORMED,
		0, "", 0, "", "" },
	{ "a length that is no multiple of four", MESSAGE(SUCCESS("\x0d") XORED "\x00"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "a wrong checksum",
		MESSAGE(SUCCESS("\x14") XORED "\x80\x28\x00\x04\x00\x00\x00\x00"),
		STUN_MALFORMED, 0, "", 0, "", "" },
	{ "another id",
		MESSAGE("\x01\x01\x00\x00" COOKIE "\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa"
			"\x87\xdf\xaf"),
		STUN_FOREIGN_ID, 0, "", 0, "", "" },
	{ "another cookie", MESSAGE("\x01\x01\x00\x00\x21\x12\xa4\x43" ID),
		STUN_FOREIGN_ID, 0, "", 0, "", "" },
	{ "an answer to Allocate", MESSAGE("\x01\x03\x00\x00" COOKIE ID), STUN_FOREIGN_ID,
		0, "", 0, "", "" },
	{ "an indication", MESSAGE("\x00\x11\x00\x00" COOKIE ID), STUN_FOREIGN_ID, 0, "",
		0, "", "" },
	{ "our own request", MESSAGE("\x00\x01\x00\x00" COOKIE ID), STUN_ECHO, 0, "", 0,
		"", "" },
	{ "the two first bits", MESSAGE("\x81\x01\x00\x00" COOKIE ID), STUN_MALFORMED, 0,
		"", 0, "", "" },
	{ "nothing", MESSAGE(""), STUN_MALFORMED, 0, "", 0, "", "" },
};

static void test_rows(void **state)
{
	char text[TRANSPORT_ADDRESS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct stun_reply reply;

		print_message("%s\n", row->what);
		assert_int_equal(read_copy(row->message, row->length, &reply), row->fit);
		if (row->fit != STUN_FITS)
			continue;
		assert_int_equal(reply.error, row->error);
		assert_string_equal(reply.reason, row->reason);
		assert_int_equal(reply.unknown, row->unknown);
		assert_mapped(&reply, row->mapped);
		assert_string_equal(
			transport_address_format(&reply.alternate, text, sizeof(text)),
			row->alternate);
	}
}

/* 64 KiB of attributes, of length 0 and of types nobody knows; it ends, and soon. */
static void test_long(void **state)
{
	static const uint8_t types[][2] = { { 0x00, 0x00 }, { 0x7f, 0x01 },
		{ 0xff, 0x01 }, { 0x00, 0x09 } };
	size_t length = 20 + 0xfffc;
	uint8_t *message = calloc(1, length);
	struct stun_reply reply;

	(void)state;
	assert_non_null(message);
	memcpy(message, "\x01\x01\xff\xfc" COOKIE ID, 20);
	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		enum stun_fit fit;

		for (size_t i = 20; i < length; i += 4)
			memcpy(message + i, types[t], 2);
		fit = read_copy(message, length, &reply);
		if (fit == STUN_FITS)
			assert_int_equal(reply.mapped.address.family, FAMILY_NONE);
		else
			assert_int_equal(fit, STUN_MALFORMED);
	}
	free(message);
}

static void test_request(void **state)
{
	static const char expected[] =
		"\x00\x01\x00\x0c" COOKIE ID "\x80\x22\x00\x06probe!\x00\x00";
	uint8_t message[STUN_REQUEST_MAX];
	struct stun_reply reply;

	(void)state;
	assert_int_equal(stun_request_write(id, "probe!", message), sizeof(expected) - 1);
	assert_memory_equal(message, expected, sizeof(expected) - 1);
	assert_int_equal(read_copy(message, sizeof(expected) - 1, &reply), STUN_ECHO);
	assert_int_equal(stun_request_write(id,
				 "a name that is too long for the room there is, as "
				 "nobody gives it",
				 message),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_every_octet_counts),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
