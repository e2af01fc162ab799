/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_message.h"

#include <string.h>

#define HEADER_LENGTH 12

/* Real chains have up to four or five links; more than this never resolve anywhere. */
#define ALIASES_MAX 16

/* Bounds on the work a hostile answer can make; no sane one comes near. */
#define POINTERS_MAX 128
#define ANSWERS_MAX  1024

#define FLAG_QR       0x8000U
#define FLAG_AA       0x0400U
#define FLAG_TC       0x0200U
#define FLAG_RD       0x0100U
#define FLAG_RA       0x0080U
#define MASK_OPCODE   0x7800U
#define MASK_RCODE    0x000fU
#define POINTER_BITS  0xc0U
#define POINTER_VALUE 0x3fffU

/* A name as it stands on the wire without compression, in lower case. */
struct name {
	uint8_t octets[DNS_NAME_MAX];
	size_t length;
};

/* Reading position in a message; once something does not fit, `broken` stays. */
struct cursor {
	const uint8_t *data;
	size_t length;
	size_t at;
	bool broken;
};

struct record {
	struct name owner;
	uint16_t type;
	uint16_t class;
	uint32_t ttl;
	size_t data_at;
	size_t data_length;
};

static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + 32) : octet;
}

static void put_u16(uint8_t *buffer, unsigned value)
{
	buffer[0] = (uint8_t)(value >> 8);
	buffer[1] = (uint8_t)value;
}

size_t dns_question_write(const struct dns_question *question, uint8_t *buffer)
{
	uint8_t *end = buffer + HEADER_LENGTH + question->name_length;

	memset(buffer, 0, HEADER_LENGTH);
	put_u16(buffer, question->id);
	put_u16(buffer + 2, question->recursion ? FLAG_RD : 0);
	put_u16(buffer + 4, 1);
	memcpy(buffer + HEADER_LENGTH, question->name, question->name_length);
	put_u16(end, question->type);
	put_u16(end + 2, DNS_CLASS_IN);
	return HEADER_LENGTH + question->name_length + 4;
}

static bool has(struct cursor *cursor, size_t octets)
{
	if (cursor->broken || cursor->length - cursor->at < octets)
		cursor->broken = true;
	return !cursor->broken;
}

static uint16_t get_u16(struct cursor *cursor)
{
	const uint8_t *octets = cursor->data + cursor->at;

	if (!has(cursor, 2))
		return 0;
	cursor->at += 2;
	return (uint16_t)(octets[0] << 8 | octets[1]);
}

static uint32_t get_u32(struct cursor *cursor)
{
	uint32_t high = get_u16(cursor);

	return high << 16 | get_u16(cursor);
}

static void skip(struct cursor *cursor, size_t octets)
{
	if (has(cursor, octets))
		cursor->at += octets;
}

/* Appends the label at the cursor, its length octet first; the root's ends the name. */
static void get_label(struct cursor *cursor, struct name *name)
{
	size_t size = (size_t)cursor->data[cursor->at] + 1;

	if (!has(cursor, size) || name->length + size > DNS_NAME_MAX) {
		cursor->broken = true;
		return;
	}
	for (size_t i = 0; i < size; i++) {
		uint8_t octet = cursor->data[cursor->at + i];

		name->octets[name->length++] = i == 0 ? octet : lower(octet);
	}
	cursor->at += size;
}

/*
 * \return where the pointer at the cursor leads. It must lead before the part of the name
 * it stands in: a loop would have to come back up, so there can be none.
 */
static size_t get_pointer(struct cursor *cursor, size_t part_began)
{
	size_t target = get_u16(cursor) & POINTER_VALUE;

	if (target >= part_began || target < HEADER_LENGTH)
		cursor->broken = true;
	return target;
}

/* Reads a name, compressed or not, and leaves the cursor behind it. */
static void get_name(struct cursor *cursor, struct name *name)
{
	struct cursor part = *cursor;
	size_t part_began = part.at;
	unsigned jumps = 0;

	name->length = 0;
	while (has(&part, 1)) {
		uint8_t octet = part.data[part.at];

		if ((octet & POINTER_BITS) == POINTER_BITS) {
			size_t target = get_pointer(&part, part_began);

			if (jumps == 0)
				cursor->at = part.at;
			if (++jumps > POINTERS_MAX)
				part.broken = true;
			part.at = part_began = target;
			continue;
		}
		if (octet & POINTER_BITS) { /* reserved, RFC 1035 4.1.4 */
			part.broken = true;
			break;
		}
		get_label(&part, name);
		if (octet == 0)
			break;
	}
	if (jumps == 0)
		cursor->at = part.at;
	cursor->broken = part.broken;
}

static bool name_equal(const struct name *left, const struct name *right)
{
	return left->length == right->length &&
		memcmp(left->octets, right->octets, left->length) == 0;
}

static void get_record(struct cursor *cursor, struct record *record)
{
	get_name(cursor, &record->owner);
	record->type = get_u16(cursor);
	record->class = get_u16(cursor);
	record->ttl = get_u32(cursor);
	if (record->ttl > INT32_MAX)
		record->ttl = 0; /* RFC 2181, section 8 */
	record->data_length = get_u16(cursor);
	record->data_at = cursor->at;
	skip(cursor, record->data_length);
}

/* What the data of a record must be: so many octets, so many names, so many octets. */
struct shape {
	uint16_t type;
	size_t before;
	unsigned names;
	size_t after;
};

static const struct shape shapes[] = {
	{ DNS_TYPE_A, 4, 0, 0 },
	{ DNS_TYPE_AAAA, 16, 0, 0 },
	{ DNS_TYPE_NS, 0, 1, 0 },
	{ DNS_TYPE_CNAME, 0, 1, 0 },
	{ DNS_TYPE_PTR, 0, 1, 0 },
	{ DNS_TYPE_SOA, 0, 2, 20 },
	{ DNS_TYPE_SRV, 6, 1, 0 },
};

static void check_shape(
	struct cursor *message, const struct record *record, const struct shape *shape)
{
	/* names may point back to before the data, but not reach beyond its end */
	struct cursor data = { message->data, record->data_at + record->data_length,
		record->data_at, false };
	struct name name;

	skip(&data, shape->before);
	for (unsigned i = 0; i < shape->names; i++)
		get_name(&data, &name);
	skip(&data, shape->after);
	if (data.broken || data.at != data.length)
		message->broken = true;
}

static void check_data(struct cursor *message, const struct record *record)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (shapes[i].type == record->type && record->class == DNS_CLASS_IN)
			check_shape(message, record, &shapes[i]);
	}
}

/* Section counts of the header, RFC 1035 4.1.1, and what stands before them. */
struct header {
	unsigned id, flags;
	unsigned questions, answers, authorities, additions;
};

static struct header get_header(struct cursor *cursor)
{
	struct header header = { .id = get_u16(cursor) };

	header.flags = get_u16(cursor);
	header.questions = get_u16(cursor);
	header.answers = get_u16(cursor);
	header.authorities = get_u16(cursor);
	header.additions = get_u16(cursor);
	return header;
}

/* Of the section that says who knows. */
struct authority {
	bool servers, start;
};

static void note_authority(struct authority *authority, const struct record *record)
{
	authority->servers |= record->type == DNS_TYPE_NS;
	authority->start |= record->type == DNS_TYPE_SOA;
}

/* Walks over all records once; afterwards reading any of them cannot fail. */
static bool check_records(
	struct cursor cursor, const struct header *header, struct authority *authority)
{
	unsigned authorities_end = header->answers + header->authorities;
	unsigned count = authorities_end + header->additions;
	struct record record;

	for (unsigned i = 0; i < count && !cursor.broken; i++) {
		get_record(&cursor, &record);
		if (cursor.broken)
			break;
		check_data(&cursor, &record);
		if (i >= header->answers && i < authorities_end)
			note_authority(authority, &record);
	}
	return !cursor.broken && cursor.at == cursor.length;
}

/* Where the answer is being followed to. */
struct trail {
	struct name name;
	uint16_t type;
	struct dns_reply *reply;
};

static void add_record(
	struct trail *trail, const uint8_t *data, const struct record *record)
{
	struct dns_reply *reply = trail->reply;
	struct address *address = &reply->addresses[reply->address_count];

	reply->records++;
	if (record->ttl < reply->ttl)
		reply->ttl = record->ttl;
	if ((record->type != DNS_TYPE_A && record->type != DNS_TYPE_AAAA) ||
		reply->address_count == DNS_ADDRESSES_MAX)
		return;
	address->family = record->type == DNS_TYPE_A ? FAMILY_IPV4 : FAMILY_IPV6;
	memcpy(address->bytes, data + record->data_at, record->data_length);
	reply->address_count++;
}

/* One pass over the answers: takes what is asked, \retval true  or follows an alias. */
static bool follow(struct trail *trail, struct cursor cursor, unsigned count)
{
	struct record record;

	for (unsigned i = 0; i < count; i++) {
		get_record(&cursor, &record);
		if (record.class != DNS_CLASS_IN ||
			!name_equal(&record.owner, &trail->name))
			continue;
		if (record.type == trail->type) {
			add_record(trail, cursor.data, &record);
		} else if (record.type == DNS_TYPE_CNAME) {
			cursor.at = record.data_at;
			get_name(&cursor, &trail->name);
			if (record.ttl < trail->reply->ttl)
				trail->reply->ttl = record.ttl;
			return true;
		}
	}
	return false;
}

static void read_answers(struct trail *trail, struct cursor answers, unsigned count)
{
	trail->reply->ttl = UINT32_MAX;
	while (follow(trail, answers, count)) {
		if (++trail->reply->aliases > ALIASES_MAX) {
			trail->reply->alias_loop = true;
			break;
		}
	}
	if (trail->reply->records == 0)
		trail->reply->ttl = 0;
	memcpy(trail->reply->end, trail->name.octets, trail->name.length);
}

/* A question as it stands in a message. */
struct asked {
	struct name name;
	uint16_t type;
	uint16_t class;
};

static void get_asked(struct cursor *cursor, struct asked *asked)
{
	get_name(cursor, &asked->name);
	asked->type = get_u16(cursor);
	asked->class = get_u16(cursor);
}

static bool question_fits(const struct dns_question *question, const struct asked *asked)
{
	if (asked->type != question->type || asked->class != DNS_CLASS_IN ||
		asked->name.length != question->name_length)
		return false;
	for (size_t i = 0; i < asked->name.length; i++) {
		/* names are compared without case: servers may give theirs back */
		if (asked->name.octets[i] != lower(question->name[i]))
			return false;
	}
	return true;
}

static void take_question(const struct asked *asked, struct dns_question *question)
{
	question->type = asked->type;
	question->name_length = asked->name.length;
	memcpy(question->name, asked->name.octets, asked->name.length);
}

bool dns_head_read(const uint8_t *data, size_t length, struct dns_head *ret_head)
{
	struct cursor cursor = { data, length, 0, false };
	struct header header = get_header(&cursor);
	struct dns_head head = { .is_answer = (header.flags & FLAG_QR) != 0,
		.truncated = (header.flags & FLAG_TC) != 0,
		.rcode = header.flags & MASK_RCODE,
		.question = { .id = (uint16_t)header.id,
			.recursion = (header.flags & FLAG_RD) != 0 } };
	struct asked asked = { .class = DNS_CLASS_IN };

	if (header.questions > 0) {
		get_asked(&cursor, &asked);
		take_question(&asked, &head.question);
	}
	if (cursor.broken || (header.flags & MASK_OPCODE) || header.questions > 1 ||
		asked.class != DNS_CLASS_IN)
		return false;
	*ret_head = head;
	return true;
}

static struct dns_reply reply_of_flags(unsigned flags)
{
	return (struct dns_reply){ .rcode = flags & MASK_RCODE,
		.truncated = (flags & FLAG_TC) != 0,
		.authoritative = (flags & FLAG_AA) != 0,
		.recursion_available = (flags & FLAG_RA) != 0 };
}

static enum dns_fit read_question(struct cursor *cursor,
	const struct dns_question *question, const struct header *header,
	struct asked *asked)
{
	get_asked(cursor, asked);
	if (cursor->broken || header->questions > 1)
		return DNS_MALFORMED;
	return question_fits(question, asked) ? DNS_FITS : DNS_FOREIGN_QUESTION;
}

static bool is_referral(const struct dns_reply *reply, const struct authority *authority)
{
	return authority->servers && !authority->start && !reply->authoritative &&
		reply->records + reply->aliases == 0;
}

static enum dns_fit read_body(struct cursor cursor, const struct dns_question *question,
	const struct header *header, struct dns_reply *reply)
{
	struct trail trail = { .type = question->type, .reply = reply };
	struct authority authority = { 0 };
	struct asked asked;
	enum dns_fit fit;

	/* a server that could not read the question gives none back: only an error */
	if (header->questions == 0)
		return reply->rcode != DNS_RCODE_NOERROR && cursor.at == cursor.length
			? DNS_FITS
			: DNS_MALFORMED;
	fit = read_question(&cursor, question, header, &asked);
	if (fit != DNS_FITS || reply->truncated)
		return fit;
	if (header->answers > ANSWERS_MAX || !check_records(cursor, header, &authority))
		return DNS_MALFORMED;
	trail.name = asked.name;
	read_answers(&trail, cursor, header->answers);
	reply->referral = is_referral(reply, &authority);
	return DNS_FITS;
}

enum dns_fit dns_reply_read(const uint8_t *data, size_t length,
	const struct dns_question *question, struct dns_reply *ret_reply)
{
	struct cursor cursor = { data, length, 0, false };
	struct header header = get_header(&cursor);
	struct dns_reply reply = reply_of_flags(header.flags);
	enum dns_fit fit;

	if (cursor.broken || !(header.flags & FLAG_QR) || (header.flags & MASK_OPCODE))
		return DNS_MALFORMED;
	if (header.id != question->id)
		return DNS_FOREIGN_ID;
	fit = read_body(cursor, question, &header, &reply);
	if (fit == DNS_FITS)
		*ret_reply = reply;
	return fit;
}
