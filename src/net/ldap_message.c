/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER by liblber 2.5, which is handed whole messages only. Its traps, each measured with
 * a message at the end of a page behind which nothing may be read:
 * - ber_skip_tag() and ber_skip_element() look at the octet behind what they skip, also
 *   when there is none; ber_scanf() skips by them. ber_peek_element() looks at nothing
 *   beyond the length it was given and refuses indefinite lengths and those that are not
 *   there: it alone is used, on a rest that is kept here.
 * - ber_decode_int() of no octets succeeds and leaves its number as it was.
 */
#include "net/ldap_message.h"

#include <errno.h>
#include <lber.h>
#include <string.h>
#include <strings.h>

/* Identifier octets of RFC 4511, appendix B. */
enum {
	TAG_BIND_REQUEST = 0x60,
	TAG_BIND_RESPONSE = 0x61,
	TAG_UNBIND_REQUEST = 0x42,
	TAG_SEARCH_REQUEST = 0x63,
	TAG_SEARCH_ENTRY = 0x64,
	TAG_SEARCH_DONE = 0x65,
	TAG_SEARCH_REFERENCE = 0x73,
	TAG_EXTENDED_REQUEST = 0x77,
	TAG_EXTENDED_RESPONSE = 0x78,
	TAG_INTERMEDIATE = 0x79,
	TAG_SIMPLE = 0x80,        /* authentication by password */
	TAG_REQUEST_NAME = 0x80,  /* of an extended operation */
	TAG_PRESENT = 0x87,       /* a filter */
	TAG_RESPONSE_NAME = 0x8a, /* of an extended operation */
	TAG_REFERRAL = 0xa3,
};

#define VERSION      3
#define SCOPE_BASE   0
#define DEREF_NEVER  0
#define ENTRIES_MOST 1

/* ---- requests ---- */

static int write_starttls(BerElement *ber, int32_t id)
{
	return ber_printf(ber, "{it{ts}}", id, (ber_tag_t)TAG_EXTENDED_REQUEST,
		(ber_tag_t)TAG_REQUEST_NAME, LDAP_OID_STARTTLS);
}

static int write_search(BerElement *ber, int32_t id, int32_t seconds)
{
	return ber_printf(ber, "{it{seeiibts{sss}}}", id, (ber_tag_t)TAG_SEARCH_REQUEST,
		"", SCOPE_BASE, DEREF_NEVER, ENTRIES_MOST, seconds, 0,
		(ber_tag_t)TAG_PRESENT, "objectClass", "namingContexts",
		"supportedLDAPVersion", "supportedExtension");
}

static int write_request(
	BerElement *ber, enum ldap_request request, int32_t id, int32_t seconds)
{
	switch (request) {
	case LDAP_REQUEST_STARTTLS:
		return write_starttls(ber, id);
	case LDAP_REQUEST_ROOT:
		return write_search(ber, id, seconds);
	case LDAP_REQUEST_BIND:
		return ber_printf(ber, "{it{ists}}", id, (ber_tag_t)TAG_BIND_REQUEST,
			VERSION, "", (ber_tag_t)TAG_SIMPLE, "");
	case LDAP_REQUEST_UNBIND:
		return ber_printf(ber, "{itn}", id, (ber_tag_t)TAG_UNBIND_REQUEST);
	}
	return -1;
}

size_t ldap_request_write(enum ldap_request request, int32_t id, int32_t seconds,
	uint8_t ret_octets[static LDAP_REQUEST_MAX])
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	struct berval made = { 0 };
	size_t length = 0;

	if (!ber)
		return 0;
	if (write_request(ber, request, id, seconds) >= 0 &&
		ber_flatten2(ber, &made, 0) == 0 && made.bv_len <= LDAP_REQUEST_MAX) {
		memcpy(ret_octets, made.bv_val, made.bv_len);
		length = made.bv_len;
	}
	ber_free(ber, 1);
	return length;
}

/* ---- frames ---- */

/*
 * What a message announces of itself. The long form of a length with more octets than it
 * needs is no fault: Active Directory writes all of its lengths as 84 00 00 xx xx.
 */
static enum ldap_frame read_head(const uint8_t *data, size_t length, size_t *ret_size)
{
	size_t more = data[1] & 0x80 ? data[1] & 0x7fU : 0;
	size_t content = more == 0 ? data[1] : 0;

	if (more > 4)
		return LDAP_FRAME_STRANGE;
	if (data[1] == 0x80)
		return LDAP_FRAME_INDEFINITE;
	if (length < 2 + more)
		return LDAP_FRAME_PARTIAL;
	for (size_t i = 0; i < more; i++)
		content = content << 8 | data[2 + i];
	*ret_size = 2 + more + content;
	return LDAP_FRAME_WHOLE;
}

enum ldap_frame ldap_frame(
	const uint8_t *data, size_t length, size_t most, size_t *ret_size)
{
	enum ldap_frame frame = LDAP_FRAME_PARTIAL;
	size_t size = 0;

	if (length > 0 && data[0] != LBER_SEQUENCE)
		return LDAP_FRAME_STRANGE;
	if (length >= 2)
		frame = read_head(data, length, &size);
	if (frame != LDAP_FRAME_WHOLE)
		return frame;
	if (size <= most && length < size)
		return LDAP_FRAME_PARTIAL;
	*ret_size = size;
	return size <= most ? LDAP_FRAME_WHOLE : LDAP_FRAME_TOO_LONG;
}

/* ---- answers ---- */

struct reader {
	BerElement *ber; /* a tool without a state of its own */
	struct berval rest;
};

/* Takes the next element. \retval LBER_DEFAULT  there is none, or it is broken */
static ber_tag_t take(struct reader *reader, struct berval *ret_content)
{
	ber_tag_t tag;

	if (reader->rest.bv_len == 0)
		return LBER_DEFAULT;
	ber_init2(reader->ber, &reader->rest, 0);
	tag = ber_peek_element(reader->ber, ret_content);
	if (tag == LBER_DEFAULT)
		return tag;
	reader->rest.bv_len -= (ber_len_t)(ret_content->bv_val + ret_content->bv_len -
		reader->rest.bv_val);
	reader->rest.bv_val = ret_content->bv_val + ret_content->bv_len;
	return tag;
}

static bool take_tagged(struct reader *reader, ber_tag_t tag, struct berval *ret_content)
{
	return take(reader, ret_content) == tag;
}

static struct reader within(const struct reader *reader, const struct berval *content)
{
	return (struct reader){ .ber = reader->ber, .rest = *content };
}

static bool take_number(struct reader *reader, ber_tag_t tag, ber_int_t *ret_number)
{
	struct berval content;

	return take_tagged(reader, tag, &content) && content.bv_len > 0 &&
		ber_decode_int(&content, ret_number) >= 0 && *ret_number >= 0;
}

static bool take_text(struct reader *reader, ber_tag_t tag, struct ldap_text *ret_text)
{
	struct berval content;

	if (!take_tagged(reader, tag, &content))
		return false;
	*ret_text = (struct ldap_text){ content.bv_val, content.bv_len };
	return true;
}

static bool is(const struct ldap_text *text, const char *word)
{
	return text->length == strlen(word) &&
		strncasecmp(text->octets, word, text->length) == 0;
}

static void note_value(struct ldap_root *root, const struct ldap_text *type,
	const struct ldap_text *value)
{
	if (is(type, "namingContexts"))
		root->naming_contexts++;
	else if (is(type, "supportedLDAPVersion"))
		root->version_3 |= is(value, "3");
	else if (is(type, "supportedExtension"))
		root->starttls |= is(value, LDAP_OID_STARTTLS);
}

/* PartialAttribute ::= SEQUENCE { type, vals SET OF value } (RFC 4511, 4.1.7) */
static bool read_attribute(struct reader attribute, struct ldap_root *root)
{
	struct ldap_text type, value;
	struct berval content;
	struct reader values;

	if (!take_text(&attribute, LBER_OCTETSTRING, &type) ||
		!take_tagged(&attribute, LBER_SET, &content))
		return false;
	root->versions_shown |= is(&type, "supportedLDAPVersion");
	root->extensions_shown |= is(&type, "supportedExtension");
	values = within(&attribute, &content);
	while (values.rest.bv_len > 0) {
		if (!take_text(&values, LBER_OCTETSTRING, &value))
			return false;
		note_value(root, &type, &value);
	}
	return true;
}

static bool read_entry(struct reader *entry, struct ldap_message *message)
{
	struct ldap_text name;
	struct berval content;
	struct reader attributes;

	if (!take_text(entry, LBER_OCTETSTRING, &name) ||
		!take_tagged(entry, LBER_SEQUENCE, &content))
		return false;
	attributes = within(entry, &content);
	while (attributes.rest.bv_len > 0) {
		if (!take_tagged(&attributes, LBER_SEQUENCE, &content) ||
			!read_attribute(within(&attributes, &content), &message->root))
			return false;
	}
	return true;
}

/* LDAPResult and what may follow it (RFC 4511, 4.1.9; 4.12) */
static bool read_result(struct reader *result, struct ldap_message *message)
{
	struct ldap_text matched;
	struct berval content;
	struct reader addresses;
	ber_int_t number;

	if (!take_number(result, LBER_ENUMERATED, &number) ||
		!take_text(result, LBER_OCTETSTRING, &matched) ||
		!take_text(result, LBER_OCTETSTRING, &message->diagnostic))
		return false;
	message->result = number;
	while (result->rest.bv_len > 0) {
		switch (take(result, &content)) {
		case LBER_DEFAULT:
			return false;
		case TAG_REFERRAL:
			addresses = within(result, &content);
			if (!take_text(&addresses, LBER_OCTETSTRING, &message->referral))
				return false;
			break;
		case TAG_RESPONSE_NAME:
			message->name =
				(struct ldap_text){ content.bv_val, content.bv_len };
			break;
		default:
			break;
		}
	}
	return true;
}

struct answer_row {
	ber_tag_t tag;
	enum ldap_answer answer;
	bool (*read)(struct reader *reader, struct ldap_message *message);
};

static const struct answer_row answers[] = {
	{ TAG_BIND_RESPONSE, LDAP_ANSWER_BIND, read_result },
	{ TAG_SEARCH_ENTRY, LDAP_ANSWER_ENTRY, read_entry },
	{ TAG_SEARCH_DONE, LDAP_ANSWER_DONE, read_result },
	{ TAG_SEARCH_REFERENCE, LDAP_ANSWER_REFERENCE, NULL },
	{ TAG_EXTENDED_RESPONSE, LDAP_ANSWER_EXTENDED, read_result },
	{ TAG_INTERMEDIATE, LDAP_ANSWER_INTERMEDIATE, NULL },
};

static bool read_operation(
	ber_tag_t tag, struct reader operation, struct ldap_message *message)
{
	message->answer = LDAP_ANSWER_OTHER;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (answers[i].tag != tag)
			continue;
		message->answer = answers[i].answer;
		return !answers[i].read || answers[i].read(&operation, message);
	}
	return true;
}

/* LDAPMessage ::= SEQUENCE { messageID, protocolOp, controls OPTIONAL } */
static bool read_message(struct reader *whole, struct ldap_message *message)
{
	struct berval content;
	struct reader inner;
	ber_int_t id;
	ber_tag_t tag;

	if (!take_tagged(whole, LBER_SEQUENCE, &content) || whole->rest.bv_len > 0)
		return false;
	inner = within(whole, &content);
	if (!take_number(&inner, LBER_INTEGER, &id))
		return false;
	message->id = id;
	tag = take(&inner, &content);
	if (tag == LBER_DEFAULT)
		return false;
	return read_operation(tag, within(&inner, &content), message);
}

int ldap_message_read(
	const uint8_t *data, size_t length, struct ldap_message *ret_message)
{
	struct ldap_message message = { .result = LDAP_RESULT_NONE };
	/* it takes no const and, without in-place strings, changes nothing */
	struct reader whole = { .ber = ber_alloc_t(0),
		.rest = { .bv_val = (char *)data, .bv_len = length } };
	bool good;

	if (!whole.ber)
		return -ENOMEM;
	good = read_message(&whole, &message);
	ber_free(whole.ber, 0);
	if (!good)
		return -EBADMSG;
	*ret_message = message;
	return 0;
}

const char *ldap_result_name(int result)
{
	static const struct {
		int result;
		const char *name;
	} names[] = {
		{ 0, "success" },
		{ 1, "operationsError" },
		{ 2, "protocolError" },
		{ 3, "timeLimitExceeded" },
		{ 4, "sizeLimitExceeded" },
		{ 7, "authMethodNotSupported" },
		{ 8, "strongerAuthRequired" },
		{ 10, "referral" },
		{ 11, "adminLimitExceeded" },
		{ 12, "unavailableCriticalExtension" },
		{ 13, "confidentialityRequired" },
		{ 14, "saslBindInProgress" },
		{ 16, "noSuchAttribute" },
		{ 32, "noSuchObject" },
		{ 34, "invalidDNSyntax" },
		{ 48, "inappropriateAuthentication" },
		{ 49, "invalidCredentials" },
		{ 50, "insufficientAccessRights" },
		{ 51, "busy" },
		{ 52, "unavailable" },
		{ 53, "unwillingToPerform" },
		{ 54, "loopDetect" },
		{ 71, "affectsMultipleDSAs" },
		{ 80, "other" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].result == result)
			return names[i].name;
	}
	return "unknown result";
}

enum ldap_consent ldap_consent(const uint8_t *data, size_t length, int32_t id)
{
	struct ldap_message message;
	size_t size;
	enum ldap_frame frame = ldap_frame(data, length, length, &size);

	/* of the length of its own that was announced, not all is there */
	if (frame == LDAP_FRAME_PARTIAL || frame == LDAP_FRAME_TOO_LONG)
		return LDAP_CONSENT_WAIT;
	if (frame == LDAP_FRAME_WHOLE && size == length &&
		ldap_message_read(data, length, &message) == 0 && message.id == id &&
		message.answer == LDAP_ANSWER_EXTENDED &&
		message.result == LDAP_RESULT_SUCCESS)
		return LDAP_CONSENT_GIVEN;
	return LDAP_CONSENT_REFUSED;
}
