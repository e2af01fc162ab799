/* SPDX-License-Identifier: Apache-2.0 */
#include "media/stamp.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SENT_NS     INT64_C(1764000000123456789)
#define RECEIVED_NS (SENT_NS + 1500000)
#define ANSWERED_NS (RECEIVED_NS + 250)

static const char secret[] = "0123456789abcdef0123456789abcdef";

static struct stamp_key *new_key(const char *text)
{
	struct stamp_key *key;

	assert_int_equal(stamp_key_new(text, strlen(text), &key), 0);
	return key;
}

static const struct stamp_request plain = {
	.sequence = 7, .sent_ns = SENT_NS, .error = 0x8a01, .ssid = 0xbeef
};

static const struct stamp_request full = { .sequence = 0xfffffffe,
	.sent_ns = SENT_NS,
	.error = 0x1234,
	.ssid = 1,
	.asks_class = true,
	.dscp = 46,
	.report_first = 20000,
	.report_count = 5,
	.length = 300,
	.padding = 99 };

static const struct stamp_report told = { .first = 20000,
	.count = 5,
	.ports = { STAMP_PORT_HELD | STAMP_PORT_ARRIVED, STAMP_PORT_HELD, STAMP_PORT_BUSY,
		STAMP_PORT_RESTING, STAMP_PORT_UNHELD } };

static void answer(uint8_t *packet, size_t length, const struct stamp_key *key,
	const struct stamp_request *request)
{
	const struct stamp_answer answer = { .sequence = 41,
		.sent_ns = ANSWERED_NS,
		.received_ns = RECEIVED_NS,
		.error = 0x8702,
		.ttl = 57,
		.dscp = 34,
		.ecn = 1,
		.tlvs_good = request->tlvs_good,
		.report = request->report_count ? &told : NULL };

	stamp_make_reply(packet, length, key, &answer);
}

static void read_back(const struct stamp_request *sent, const struct stamp_key *key,
	size_t length_expected)
{
	uint8_t packet[STAMP_LENGTH_MAX];
	struct stamp_request read;
	struct stamp_reply reply;
	size_t length = stamp_write_request(packet, sizeof(packet), sent, key);

	assert_int_equal(length, length_expected);
	assert_int_equal(stamp_read_request(packet, length, key, &read), STAMP_GOOD);
	assert_int_equal(read.sequence, sent->sequence);
	assert_int_equal(read.sent_ns, sent->sent_ns);
	assert_int_equal(read.error, sent->error);
	assert_int_equal(read.ssid, sent->ssid);
	assert_int_equal(read.asks_class, sent->asks_class);
	assert_int_equal(read.dscp, sent->dscp);
	assert_int_equal(read.report_first, sent->report_first);
	assert_int_equal(read.report_count, sent->report_count);
	assert_true(read.tlvs_good);
	answer(packet, length, key, &read);
	assert_int_equal(
		stamp_read_reply(packet, length, key, sent->padding, &reply), STAMP_GOOD);
	assert_int_equal(reply.sequence, 41);
	assert_int_equal(reply.received_ns, RECEIVED_NS);
	assert_int_equal(reply.sent_ns, ANSWERED_NS);
	assert_int_equal(reply.error, 0x8702);
	assert_int_equal(reply.ssid, sent->ssid);
	assert_int_equal(reply.sender_sequence, sent->sequence);
	assert_int_equal(reply.sender_sent_ns, sent->sent_ns);
	assert_int_equal(reply.sender_error, sent->error);
	assert_int_equal(reply.sender_ttl, 57);
	assert_int_equal(reply.class_told, sent->asks_class);
	assert_int_equal(reply.class_dscp, sent->asks_class ? 34 : 0);
	assert_int_equal(reply.class_ecn, sent->asks_class ? 1 : 0);
	assert_false(reply.class_refused);
	assert_false(reply.padding_altered);
	assert_int_equal(reply.report.count, sent->report_count);
	if (sent->report_count) {
		assert_int_equal(reply.report.first, 20000);
		assert_memory_equal(reply.report.ports, told.ports, 5);
	}
}

static void both_sides_understand_each_other(void **state)
{
	struct stamp_key *key = new_key(secret);

	(void)state;
	read_back(&plain, NULL, STAMP_OPEN_LENGTH);
	read_back(&plain, key, STAMP_KEYED_LENGTH);
	read_back(&full, NULL, 300);
	read_back(&full, key, 300);
	stamp_key_free(key);
}

static void lengths_are_as_asked(void **state)
{
	static const struct {
		size_t asked;
		uint16_t ports;
		size_t open, keyed;
	} rows[] = {
		{ 0, 0, 44, 112 },
		{ 44, 0, 44, 112 },
		{ 45, 0, 48, 112 }, /* a TLV has four octets at least */
		{ 172, 0, 172, 172 },
		{ 113, 0, 113, 116 },
		{ 0, 1024, 44 + 4 + 8 + 512, 112 + 4 + 8 + 512 + 4 + 16 },
		{ STAMP_LENGTH_MAX, 0, STAMP_LENGTH_MAX, STAMP_LENGTH_MAX },
		{ STAMP_LENGTH_MAX + 1, 0, 0, 0 },
	};
	uint8_t packet[2 * STAMP_LENGTH_MAX];
	struct stamp_key *key = new_key(secret);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stamp_request request = { .sent_ns = SENT_NS,
			.length = rows[i].asked,
			.report_first = 1,
			.report_count = rows[i].ports };

		assert_int_equal(
			stamp_write_request(packet, sizeof(packet), &request, NULL),
			rows[i].open);
		assert_int_equal(
			stamp_write_request(packet, sizeof(packet), &request, key),
			rows[i].keyed);
		assert_int_equal(stamp_write_request(packet, 43, &request, NULL), 0);
	}
	stamp_key_free(key);
}

static void secrets_have_a_least_length(void **state)
{
	struct stamp_key *key = (struct stamp_key *)state;

	assert_int_equal(stamp_key_new(secret, STAMP_SECRET_MIN - 1, &key), -EINVAL);
	assert_ptr_equal(key, state);
	stamp_key_free(NULL);
}

/*
 * Every octet counts: of the packet, of its TLVs, of the tag; only padding is not
 * protected, so that an altered one can be told.
 */
static void no_altered_octet_passes(void **state)
{
	struct stamp_key *key = new_key(secret),
			 *other = new_key("another secret of the right length");
	uint8_t packet[STAMP_LENGTH_MAX], sent[STAMP_LENGTH_MAX];
	size_t padding_at = STAMP_KEYED_LENGTH + 8 + 4 + 8 + 3 + 20 + 4;
	struct stamp_request read;
	struct stamp_reply reply;

	(void)state;
	assert_int_equal(stamp_write_request(sent, sizeof(sent), &full, key), 300);
	assert_int_equal(stamp_read_request(sent, 300, other, &read), STAMP_BAD_HMAC);
	for (size_t i = 0; i < padding_at; i++) {
		memcpy(packet, sent, sizeof(packet));
		packet[i] ^= 0x10;
		if (i >= STAMP_KEYED_LENGTH) {
			assert_int_equal(
				stamp_read_request(packet, 300, key, &read), STAMP_GOOD);
			/* Not covered: flags of the HMAC, and the padding's header. */
			assert_true(!read.tlvs_good || i == padding_at - 24 ||
				i >= padding_at - 4);
			if (!read.tlvs_good)
				assert_int_equal(read.report_count, 0);
		} else if (i >= 28 && i < 96) {
			assert_int_equal(stamp_read_request(packet, 300, key, &read),
				STAMP_NO_REQUEST);
		} else {
			assert_int_equal(stamp_read_request(packet, 300, key, &read),
				STAMP_BAD_HMAC);
		}
	}
	memcpy(packet, sent, sizeof(packet));
	packet[299] ^= 1;
	assert_int_equal(stamp_read_request(packet, 300, key, &read), STAMP_GOOD);
	answer(packet, 300, key, &read);
	assert_int_equal(stamp_read_reply(packet, 300, key, 99, &reply), STAMP_GOOD);
	assert_true(reply.padding_altered);
	assert_int_equal(stamp_read_reply(packet, 300, key, 0, &reply), STAMP_GOOD);
	assert_false(reply.padding_altered);
	for (size_t i = 0; i < STAMP_KEYED_LENGTH; i++) {
		memcpy(sent, packet, sizeof(sent));
		sent[i] ^= 0x80;
		assert_int_equal(
			stamp_read_reply(sent, 300, key, 99, &reply), STAMP_BAD_HMAC);
	}
	stamp_key_free(key);
	stamp_key_free(other);
}

static void what_is_no_request_is_not_read(void **state)
{
	uint8_t packet[2 * STAMP_LENGTH_MAX];
	struct stamp_key *key = new_key(secret);
	struct stamp_request read;
	struct stamp_reply reply;

	(void)state;
	memset(packet, 0xff, sizeof(packet));
	for (int keyed = 0; keyed < 2; keyed++) {
		const struct stamp_key *used = keyed ? key : NULL;
		size_t length = stamp_write_request(packet, sizeof(packet), &plain, used);

		assert_int_equal(stamp_read_reply(packet, length, used, 0, &reply),
			STAMP_NO_REPLY);
		assert_int_equal(
			stamp_read_request(packet, length - 1, used, &read), STAMP_SHORT);
		assert_int_equal(stamp_read_request(packet, 0, used, &read), STAMP_SHORT);
		assert_int_equal(
			stamp_read_request(packet, STAMP_LENGTH_MAX + 1, used, &read),
			STAMP_LONG);
		assert_int_equal(
			stamp_read_request(packet, length, used, &read), STAMP_GOOD);
		answer(packet, length, used, &read);
		assert_int_equal(stamp_read_request(packet, length, used, &read),
			STAMP_NO_REQUEST);
		assert_int_equal(stamp_read_reply(packet, length - 1, used, 0, &reply),
			STAMP_SHORT);
	}
	stamp_key_free(key);
}

/* TLVs of strangers: what follows a plain request, and what becomes of it. */
static const struct {
	const char *octets, *expected;
	size_t length;
	enum stamp_flaw flaw; /* of the reply */
} strange[] = {
	/* Not known to us: location, and one that nobody has defined. */
	{ "\x80\x02\x00\x02\x11\x22\x80\xc8\x00\x00",
		"\x80\x02\x00\x02\x11\x22\x80\xc8\x00\x00", 10, STAMP_GOOD },
	/* Flags that a sender must not set are not believed. */
	{ "\xff\x01\x00\x01\x11", "\x00\x01\x00\x01\x11", 5, STAMP_GOOD },
	/* Longer than the packet. */
	{ "\x80\x01\x00\x05\x11\x22\x33\x44", "\x40\x01\x00\x05\x11\x22\x33\x44", 8,
		STAMP_MALFORMED },
	{ "\x80\x01\xff\xff", "\x40\x01\xff\xff", 4, STAMP_MALFORMED },
	/* A class of service of the wrong length, behind padding. */
	{ "\x80\x01\x00\x00\x80\x04\x00\x02\xb8\x00",
		"\x00\x01\x00\x00\x40\x04\x00\x02\xb8\x00", 10, STAMP_MALFORMED },
	{ "\x80\x04\x00\x04\xb8\x00\x00\x00", "\x00\x04\x00\x04\xba\x24\x00\x00", 8,
		STAMP_GOOD },
	/* A report without the magic; of no port; past the last port; too long.
	 */
	{ "\x80\xfb\x00\x09SFXQ\x00\x01\x00\x01\x00",
		"\x40\xfb\x00\x09SFXQ\x00\x01\x00\x01\x00", 13, STAMP_MALFORMED },
	{ "\x80\xfb\x00\x08SFXP\x00\x01\x00\x00", "\x40\xfb\x00\x08SFXP\x00\x01\x00\x00",
		12, STAMP_MALFORMED },
	{ "\x80\xfb\x00\x09SFXP\xff\xff\x00\x02\x00",
		"\x40\xfb\x00\x09SFXP\xff\xff\x00\x02\x00", 13, STAMP_MALFORMED },
	{ "\x80\xfb\x00\x0aSFXP\x00\x01\x00\x02\x00\x00",
		"\x40\xfb\x00\x0aSFXP\x00\x01\x00\x02\x00\x00", 14, STAMP_MALFORMED },
	/* An HMAC in open mode cannot be checked. */
	{ "\x80\x08\x00\x10"
	  "0123456789abcdef\x80\x01\x00\x00",
		"\x20\x08\x00\x10"
		"0123456789abcdef\x20\x01\x00\x00",
		24, STAMP_MALFORMED },
	/* Fewer octets than a header are nothing. */
	{ "\x80\x04\x00", "\x80\x04\x00", 3, STAMP_GOOD },
};

static void strange_tlvs_are_flagged(void **state)
{
	uint8_t packet[STAMP_LENGTH_MAX];
	struct stamp_request read;
	struct stamp_reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		size_t length = STAMP_OPEN_LENGTH + strange[i].length;

		stamp_write_request(packet, sizeof(packet), &plain, NULL);
		memcpy(packet + STAMP_OPEN_LENGTH, strange[i].octets, strange[i].length);
		assert_int_equal(
			stamp_read_request(packet, length, NULL, &read), STAMP_GOOD);
		answer(packet, length, NULL, &read);
		assert_memory_equal(packet + STAMP_OPEN_LENGTH, strange[i].expected,
			strange[i].length);
		assert_int_equal(stamp_read_reply(packet, length, NULL, 0, &reply),
			strange[i].flaw);
		assert_int_equal(reply.sender_sequence, 7);
		assert_int_equal(reply.report.count, 0);
	}
}

/* In keyed mode TLVs need their own HMAC, behind all others but padding. */
static void keyed_tlvs_are_protected(void **state)
{
	static const char class[] = "\x80\x04\x00\x04\xb8\x00\x00\x00";
	uint8_t packet[STAMP_LENGTH_MAX];
	struct stamp_key *key = new_key(secret);
	struct stamp_request with_class = plain, read;
	struct stamp_reply reply;
	size_t length;

	(void)state;
	with_class.asks_class = true;
	/* Cut off the HMAC. */
	length = stamp_write_request(packet, sizeof(packet), &with_class, key) - 20;
	assert_int_equal(stamp_read_request(packet, length, key, &read), STAMP_GOOD);
	assert_false(read.tlvs_good);
	assert_false(read.asks_class);
	answer(packet, length, key, &read);
	assert_int_equal(packet[STAMP_KEYED_LENGTH], 0x20);
	assert_int_equal(packet[STAMP_KEYED_LENGTH + 5], 0);
	assert_int_equal(
		stamp_read_reply(packet, length, key, 0, &reply), STAMP_MALFORMED);
	assert_false(reply.class_told);
	/* Something behind it. */
	length = stamp_write_request(packet, sizeof(packet), &with_class, key);
	memcpy(packet + length, class, 8);
	assert_int_equal(stamp_read_request(packet, length + 8, key, &read), STAMP_GOOD);
	assert_false(read.tlvs_good);
	/* A second one. */
	memcpy(packet + length, packet + length - 20, 20);
	assert_int_equal(stamp_read_request(packet, length + 20, key, &read), STAMP_GOOD);
	assert_false(read.tlvs_good);
	stamp_key_free(key);
}

/* A reflector that does not tell leaves our report as not recognised. */
static void an_untold_report_is_none(void **state)
{
	struct stamp_request asks = plain, read;
	uint8_t packet[STAMP_LENGTH_MAX];
	struct stamp_answer answer = { .received_ns = RECEIVED_NS, .tlvs_good = true };
	struct stamp_reply reply = { .report.count = 3 };
	size_t length;

	(void)state;
	asks.report_first = 1;
	asks.report_count = STAMP_REPORT_PORTS;
	length = stamp_write_request(packet, sizeof(packet), &asks, NULL);
	assert_int_equal(stamp_read_request(packet, length, NULL, &read), STAMP_GOOD);
	stamp_make_reply(packet, length, NULL, &answer);
	assert_int_equal(stamp_read_reply(packet, length, NULL, 0, &reply), STAMP_GOOD);
	assert_int_equal(reply.report.count, 0);
}

/* A reflector that flags a TLV says that nothing of them can be believed. */
static void flags_of_the_other_side_are_heard(void **state)
{
	static const struct {
		uint8_t flags;
		enum stamp_flaw flaw;
	} rows[] = {
		{ 0, STAMP_GOOD },
		{ 0x80, STAMP_GOOD },
		{ 0x40, STAMP_MALFORMED },
		{ 0x20, STAMP_MALFORMED },
	};
	struct stamp_request asks = plain, read;
	uint8_t packet[STAMP_LENGTH_MAX];
	struct stamp_reply reply;
	size_t length;

	(void)state;
	asks.asks_class = true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		length = stamp_write_request(packet, sizeof(packet), &asks, NULL);
		assert_int_equal(
			stamp_read_request(packet, length, NULL, &read), STAMP_GOOD);
		answer(packet, length, NULL, &read);
		packet[STAMP_OPEN_LENGTH] = rows[i].flags;
		assert_int_equal(
			stamp_read_reply(packet, length, NULL, 0, &reply), rows[i].flaw);
		assert_int_equal(reply.class_told, rows[i].flags == 0);
	}
}

static void errors_are_honest(void **state)
{
	static const int64_t errors[] = { 1, 2, 10, 999, 1000, 1001, 50000, 1000000,
		123456789, 3600000000 };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		uint16_t estimate = stamp_error(errors[i], true);
		int64_t promised = stamp_error_us(estimate);

		assert_int_equal(estimate >> 14, 2); /* S, and NTP's format */
		assert_true(promised >= errors[i]);
		assert_true(promised <= errors[i] + errors[i] / 100 + 1);
		assert_int_equal(stamp_error(errors[i], false), estimate & 0x7fff);
		assert_int_equal(stamp_error_us(estimate & 0x7fff), INT64_MAX);
	}
	/* A millisecond: 4294968 units of 2^-32 s; 132 of them make 2^15. */
	assert_int_equal(stamp_error(1000, true), 0x8000 | 15 << 8 | 132);
	assert_int_equal(stamp_error(0, false), 0x3fff);
	assert_int_equal(stamp_error(INT64_MAX, true), 0xbfff);
	assert_int_equal(stamp_error_us(0xbfff), INT64_MAX);
	assert_int_equal(stamp_error_us(0x8a00), INT64_MAX); /* corrupt */
}

/* Two eras of NTP, and the other format (RFC 8186, section 2.3). */
static void times_are_read(void **state)
{
	static const struct {
		int64_t sent_ns;
		const char *octets;
	} rows[] = {
		{ 0, "\x83\xaa\x7e\x80\0\0\0\0" },
		{ 500000000, "\x83\xaa\x7e\x80\x80\0\0\0" },
		{ INT64_C(2085978495) * 1000000000, "\xff\xff\xff\xff\0\0\0\0" },
		{ INT64_C(2085978496) * 1000000000, "\0\0\0\0\0\0\0\0" },
		{ INT64_C(2085978496999999999), "\0\0\0\0\xff\xff\xff\xfb" },
	};
	uint8_t packet[STAMP_OPEN_LENGTH];
	struct stamp_request request = plain, read;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		request.sent_ns = rows[i].sent_ns;
		stamp_write_request(packet, sizeof(packet), &request, NULL);
		assert_memory_equal(packet + 4, rows[i].octets, 8);
		assert_int_equal(stamp_read_request(packet, sizeof(packet), NULL, &read),
			STAMP_GOOD);
		assert_int_equal(read.sent_ns, rows[i].sent_ns);
	}
	memcpy(packet + 4, "\x69\x24\x80\x80\x07\x5b\xcd\x15\xca\x01", 10);
	assert_int_equal(
		stamp_read_request(packet, sizeof(packet), NULL, &read), STAMP_GOOD);
	assert_int_equal(read.sent_ns, INT64_C(1763999872123456789));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_understand_each_other),
		cmocka_unit_test(lengths_are_as_asked),
		cmocka_unit_test(secrets_have_a_least_length),
		cmocka_unit_test(no_altered_octet_passes),
		cmocka_unit_test(what_is_no_request_is_not_read),
		cmocka_unit_test(strange_tlvs_are_flagged),
		cmocka_unit_test(keyed_tlvs_are_protected),
		cmocka_unit_test(an_untold_report_is_none),
		cmocka_unit_test(flags_of_the_other_side_are_heard),
		cmocka_unit_test(errors_are_honest),
		cmocka_unit_test(times_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
