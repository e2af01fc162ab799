/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests as ldapsearch 2.5 sends them, answers as slapd 2.5 and an Active Directory
 * write them, and what no server should. Every answer lies at the very end of a page
 * behind which nothing may be read, for liblber looks further than it is told.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/ldap_message.h"

#define WORDS(text) (text), sizeof(text) - 1

struct page {
	uint8_t *start;
	size_t size;
};

static int set_up(void **state)
{
	struct page *page = calloc(1, sizeof(*page));

	assert_non_null(page);
	page->size = (size_t)sysconf(_SC_PAGESIZE);
	page->start = mmap(NULL, 2 * page->size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(page->start, MAP_FAILED);
	assert_int_equal(mprotect(page->start + page->size, page->size, PROT_NONE), 0);
	*state = page;
	return 0;
}

static int tear_down(void **state)
{
	struct page *page = *state;

	munmap(page->start, 2 * page->size);
	free(page);
	return 0;
}

static const uint8_t *at_the_end(struct page *page, const char *octets, size_t length)
{
	uint8_t *place = page->start + page->size - length;

	assert_true(length <= page->size);
	memcpy(place, octets, length);
	return place;
}

struct request_row {
	enum ldap_request request;
	int32_t id, seconds;
	const char *octets;
	size_t length;
};

static const struct request_row requests[] = {
	{ LDAP_REQUEST_BIND, 2, 0,
		WORDS("\x30\x0c\x02\x01\x02\x60\x07\x02\x01\x03\x04\x00\x80\x00") },
	{ LDAP_REQUEST_UNBIND, 3, 0, WORDS("\x30\x05\x02\x01\x03\x42\x00") },
	{ LDAP_REQUEST_STARTTLS, 1, 0,
		WORDS("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
		      "1.3.6.1.4.1.1466.20037") },
	{ LDAP_REQUEST_ROOT, 2, 4,
		WORDS("\x30\x5f\x02\x01\x02\x63\x5a\x04\x00\x0a\x01\x00\x0a\x01\x00\x02"
		      "\x01\x01\x02\x01\x04\x01\x01\x00\x87\x0b"
		      "objectClass\x30\x3a\x04\x0e"
		      "namingContexts\x04\x14supportedLDAPVersion\x04\x12"
		      "supportedExtension") },
	{ LDAP_REQUEST_UNBIND, 0x7fffffff, 0,
		WORDS("\x30\x08\x02\x04\x7f\xff\xff\xff\x42\x00") },
};

static void requests_are_as_ldapsearch_writes_them(void **state)
{
	uint8_t octets[LDAP_REQUEST_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		const struct request_row *row = &requests[i];

		assert_int_equal(
			ldap_request_write(row->request, row->id, row->seconds, octets),
			row->length);
		assert_memory_equal(octets, row->octets, row->length);
	}
}

struct frame_row {
	const char *octets;
	size_t length;
	enum ldap_frame frame;
	size_t size; /* if whole or too long */
};

static const struct frame_row frames[] = {
	{ WORDS(""), LDAP_FRAME_PARTIAL, 0 },
	{ WORDS("\x30"), LDAP_FRAME_PARTIAL, 0 },
	{ WORDS("\x30\x02\x02"), LDAP_FRAME_PARTIAL, 0 },
	{ WORDS("\x30\x02\x02\x00"), LDAP_FRAME_WHOLE, 4 },
	{ WORDS("\x30\x02\x02\x00\x30"), LDAP_FRAME_WHOLE, 4 },
	{ WORDS("\x30\x82\x00"), LDAP_FRAME_PARTIAL, 0 },
	/* more octets of length than needed, as Active Directory has them */
	{ WORDS("\x30\x84\x00\x00\x00\x01\x05"), LDAP_FRAME_WHOLE, 7 },
	{ WORDS("\x30\x84\x00\x00\x00\x02\x05"), LDAP_FRAME_PARTIAL, 0 },
	{ WORDS("\x30\x82\x01\x00"), LDAP_FRAME_TOO_LONG, 260 },
	{ WORDS("\x30\x84\x7f\xff\xff\xff"), LDAP_FRAME_TOO_LONG, 0x80000005 },
	{ WORDS("\x30\x84\xff\xff\xff\xff"), LDAP_FRAME_TOO_LONG, 0x100000005 },
	{ WORDS("\x30\x85\x00\x00\x00\x00\x01\x05"), LDAP_FRAME_STRANGE, 0 },
	{ WORDS("\x30\xff"), LDAP_FRAME_STRANGE, 0 },
	{ WORDS("\x30\x80\x02\x01\x01\x00\x00"), LDAP_FRAME_INDEFINITE, 0 },
	{ WORDS("\x31\x02"), LDAP_FRAME_STRANGE, 0 },
	{ WORDS("H"), LDAP_FRAME_STRANGE, 0 },
};

static void frames_are_found(void **state)
{
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		const struct frame_row *row = &frames[i];
		size_t size = 0;
		enum ldap_frame frame =
			ldap_frame(at_the_end(*state, row->octets, row->length),
				row->length, 200, &size);

		if (frame != row->frame || size != row->size)
			fail_msg("row %zu: %d, %zu octets", i, frame, size);
	}
}

#define DONE "\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x00\x04\x00\x04\x00"

static const char entry[] =
	"\x30\x81\x8b\x02\x01\x02\x64\x81\x85\x04\x00\x30\x81\x80"
	"\x30\x24\x04\x0enamingContexts\x31\x12\x04\x06"
	"dc=one\x04\x08"
	"dc=three"
	"\x30\x1c\x04\x14supportedLDAPVersion\x31\x04\x04\x02"
	"33"
	"\x30\x1e\x04\x14SUPPORTEDldapVersion\x31\x06\x04\x01\x32\x04\x01\x33"
	"\x30\x1a\x04\x12supportedExtension\x31\x04\x04\x02"
	"1.";

static struct ldap_message read_whole(
	struct page *page, const char *octets, size_t length)
{
	struct ldap_message message;
	size_t size = 0;
	const uint8_t *data = at_the_end(page, octets, length);

	assert_int_equal(ldap_frame(data, length, 4096, &size), LDAP_FRAME_WHOLE);
	assert_int_equal(size, length);
	assert_int_equal(ldap_message_read(data, length, &message), 0);
	return message;
}

static void the_root_tells_of_the_server(void **state)
{
	static const char small[] =
		"\x30\x49\x02\x01\x02\x64\x44\x04\x00\x30\x40\x30\x3e\x04\x12"
		"supportedExtension\x31\x28"
		"\x04\x0e"
		"1.3.6.1.1.99.1"
		"\x04\x16"
		"1.3.6.1.4.1.1466.20037";
	struct ldap_message message = read_whole(*state, WORDS(entry));

	assert_int_equal(message.id, 2);
	assert_int_equal(message.answer, LDAP_ANSWER_ENTRY);
	assert_int_equal(message.result, LDAP_RESULT_NONE);
	assert_int_equal(message.root.naming_contexts, 2);
	assert_true(message.root.versions_shown);
	assert_true(message.root.version_3);
	assert_true(message.root.extensions_shown);
	assert_false(message.root.starttls);

	message = read_whole(*state, WORDS(small));
	assert_false(message.root.versions_shown);
	assert_true(message.root.starttls);
}

static void text_is(const struct ldap_text *text, const char *words)
{
	assert_int_equal(text->length, strlen(words));
	assert_memory_equal(text->octets, words, text->length);
}

static void results_are_read(void **state)
{
	static const char refused[] = "\x30\x1b\x02\x01\x02\x61\x16\x0a\x01\x31\x04\x00"
				      "\x04\x04"
				      "nope"
				      "\x87\x03xyz\xa5\x04\x04\x02zz";
	static const char referral[] =
		"\x30\x84\x00\x00\x00\x2a\x02\x01\x02\x65\x84\x00\x00\x00\x21\x0a\x01"
		"\x0a\x04\x01x\x04\x00\xa3\x84\x00\x00\x00\x13\x04\x08"
		"ldap://a\x04\x07"
		"ldap://";
	static const char notice[] = "\x30\x24\x02\x01\x00\x78\x1f\x0a\x01\x34\x04\x00"
				     "\x04\x00\x8a\x16" LDAP_OID_DISCONNECT;
	struct ldap_message message = read_whole(*state, WORDS(DONE));

	assert_int_equal(message.answer, LDAP_ANSWER_DONE);
	assert_int_equal(message.result, LDAP_RESULT_SUCCESS);

	message = read_whole(*state, WORDS(refused));
	assert_int_equal(message.answer, LDAP_ANSWER_BIND);
	assert_int_equal(message.result, LDAP_RESULT_INVALID_CREDENTIALS);
	text_is(&message.diagnostic, "nope");

	message = read_whole(*state, WORDS(referral));
	assert_int_equal(message.result, LDAP_RESULT_REFERRAL);
	text_is(&message.referral, "ldap://a");

	message = read_whole(*state, WORDS(notice));
	assert_int_equal(message.id, 0);
	assert_int_equal(message.answer, LDAP_ANSWER_EXTENDED);
	assert_int_equal(message.result, 52);
	text_is(&message.name, LDAP_OID_DISCONNECT);
}

static void other_answers_are_told_apart(void **state)
{
	static const struct {
		const char *octets;
		size_t length;
		enum ldap_answer answer;
	} rows[] = {
		{ WORDS("\x30\x05\x02\x01\x02\x73\x00"), LDAP_ANSWER_REFERENCE },
		{ WORDS("\x30\x05\x02\x01\x02\x79\x00"), LDAP_ANSWER_INTERMEDIATE },
		{ WORDS("\x30\x05\x02\x01\x02\x67\x00"), LDAP_ANSWER_OTHER },
		/* our own words come back */
		{ WORDS("\x30\x05\x02\x01\x02\x42\x00"), LDAP_ANSWER_OTHER },
		/* with controls */
		{ WORDS("\x30\x07\x02\x01\x02\x73\x00\xa0\x00"), LDAP_ANSWER_REFERENCE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ldap_message message =
			read_whole(*state, rows[i].octets, rows[i].length);

		assert_int_equal(message.answer, rows[i].answer);
	}
}

static const struct {
	const char *octets;
	size_t length;
} broken[] = {
	{ WORDS("\x30\x00") },
	{ WORDS("\x30\x02\x02\x00") },                     /* an id of no octets */
	{ WORDS("\x30\x03\x02\x01\x02") },                 /* no operation */
	{ WORDS("\x30\x05\x02\x01\xff\x42\x00") },         /* an id below 0 */
	{ WORDS("\x30\x09\x02\x05\0\0\0\0\x02\x42\x00") }, /* of five octets */
	{ WORDS("\x30\x05\x04\x01\x02\x42\x00") },         /* of another type */
	{ WORDS("\x30\x05\x02\x01\x02\x65\x01") },         /* more than there is */
	{ WORDS("\x30\x05\x02\x01\x02\x65\x00") },         /* an empty result */
	{ WORDS("\x30\x08\x02\x01\x02\x65\x03\x0a\x01\x00") },
	{ WORDS("\x30\x0b\x02\x01\x02\x65\x06\x0a\x00\x04\x00\x04\x00") },
	{ WORDS("\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\xff\x04\x00\x04\x00") },
	{ WORDS("\x30\x0e\x02\x01\x02\x65\x09\x0a\x01\x00\x04\x00\x04\x00\xa3\x80") },
	{ WORDS("\x30\x0e\x02\x01\x02\x65\x09\x0a\x01\x00\x04\x00\x04\x00\xa3\x00") },
	{ WORDS("\x30\x0f\x02\x01\x02\x65\x0a\x0a\x01\x00\x04\x84\xff\xff\xff\xff"
		"\x04") },
	{ WORDS("\x30\x09\x02\x01\x02\x64\x04\x04\x00\x30\x80") },
	{ WORDS("\x30\x0b\x02\x01\x02\x64\x06\x04\x00\x30\x02\x04\x00") },
	{ WORDS("\x30\x0d\x02\x01\x02\x64\x08\x04\x00\x30\x04\x30\x02\x04\x00") },
	{ WORDS("\x30\x11\x02\x01\x02\x64\x0c\x04\x00\x30\x08\x30\x06\x04\x00\x31\x02"
		"\x02\x00") },
	/* a tag that never ends */
	{ WORDS("\x30\x0a\x02\x01\x02\x3f\xff\xff\xff\xff\xff\xff") },
};

static void broken_messages_are_refused(void **state)
{
	struct ldap_message message = { .id = 77 };

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		const uint8_t *data =
			at_the_end(*state, broken[i].octets, broken[i].length);

		if (ldap_message_read(data, broken[i].length, &message) != -EBADMSG)
			fail_msg("row %zu was read", i);
		assert_int_equal(message.id, 77);
	}
}

/* Each shorter one, and each with one octet changed: nothing breaks, nothing is read
 * that is not there. */
static void no_octet_is_trusted(void **state)
{
	struct ldap_message message;
	char bent[sizeof(entry) - 1];

	for (size_t length = 0; length < sizeof(bent); length++)
		assert_int_equal(ldap_message_read(at_the_end(*state, entry, length),
					 length, &message),
			-EBADMSG);
	for (size_t i = 0; i < sizeof(bent) * 256; i++) {
		memcpy(bent, entry, sizeof(bent));
		bent[i / 256] = (char)(i % 256);
		(void)ldap_message_read(
			at_the_end(*state, bent, sizeof(bent)), sizeof(bent), &message);
	}
}

static void nesting_costs_nothing(void **state)
{
	char deep[4000];

	for (size_t i = 0; i + 3 < sizeof(deep); i += 4)
		memcpy(deep + i, "\x30\x82\x0f\x00", 4);
	(void)ldap_message_read(at_the_end(*state, deep, sizeof(deep)), sizeof(deep),
		&(struct ldap_message){ 0 });
}

static void consent_is_exact(void **state)
{
	static const char given[] =
		"\x30\x24\x02\x01\x01\x78\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x16"
		"" LDAP_OID_STARTTLS;
	static const char refused[] =
		"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00";
	const uint8_t *data = at_the_end(*state, given, sizeof(given) - 1);

	for (size_t i = 0; i < sizeof(given) - 1; i++)
		assert_int_equal(ldap_consent(data, i, 1), LDAP_CONSENT_WAIT);
	assert_int_equal(ldap_consent(data, sizeof(given) - 1, 1), LDAP_CONSENT_GIVEN);
	assert_int_equal(ldap_consent(data, sizeof(given) - 1, 2), LDAP_CONSENT_REFUSED);
	/* one octet more, here the string's NUL, was slipped in */
	data = at_the_end(*state, given, sizeof(given));
	assert_int_equal(ldap_consent(data, sizeof(given), 1), LDAP_CONSENT_REFUSED);
	data = at_the_end(*state, refused, sizeof(refused) - 1);
	assert_int_equal(
		ldap_consent(data, sizeof(refused) - 1, 1), LDAP_CONSENT_REFUSED);
	data = at_the_end(*state, WORDS(DONE));
	assert_int_equal(ldap_consent(data, sizeof(DONE) - 1, 2), LDAP_CONSENT_REFUSED);
	assert_int_equal(
		ldap_consent((const uint8_t *)"HTTP", 4, 1), LDAP_CONSENT_REFUSED);
}

static void results_have_names(void **state)
{
	(void)state;
	assert_string_equal(ldap_result_name(8), "strongerAuthRequired");
	assert_string_equal(ldap_result_name(80), "other");
	assert_string_equal(ldap_result_name(4711), "unknown result");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_as_ldapsearch_writes_them),
		cmocka_unit_test(frames_are_found),
		cmocka_unit_test(the_root_tells_of_the_server),
		cmocka_unit_test(results_are_read),
		cmocka_unit_test(other_answers_are_told_apart),
		cmocka_unit_test(broken_messages_are_refused),
		cmocka_unit_test(no_octet_is_trusted),
		cmocka_unit_test(nesting_costs_nothing),
		cmocka_unit_test(consent_is_exact),
		cmocka_unit_test(results_have_names),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
