/* SPDX-License-Identifier: Apache-2.0 */
#include "net/stun_message.h"

#include <errno.h>
#include <string.h>

/* libre's headers take these from its own build, not from the compiler. [measured] */
#define HAVE_INTTYPES_H
#define HAVE_STDBOOL_H
#include <re.h>

#include "base/text.h"

#define ERROR_LEAST 300
#define ERROR_MOST  699

/* Family and port, then the address (RFC 8489, 14.1). */
#define ADDRESS_LENGTH(octets) (4 + (octets))

size_t stun_request_write(const uint8_t id[static STUN_ID_LENGTH], const char *software,
	uint8_t ret_message[static STUN_REQUEST_MAX])
{
	struct mbuf *buffer = mbuf_alloc(STUN_REQUEST_MAX);
	size_t length = 0;

	if (!buffer)
		return 0;
	/* without FINGERPRINT: nothing else is spoken on this socket (RFC 8489, 7) */
	if (stun_msg_encode(buffer, STUN_METHOD_BINDING, STUN_CLASS_REQUEST, id, NULL,
		    NULL, 0, false, 0, 1, STUN_ATTR_SOFTWARE, software) == 0 &&
		buffer->end <= STUN_REQUEST_MAX) {
		length = buffer->end;
		memcpy(ret_message, buffer->buf, length);
	}
	mem_deref(buffer);
	return length;
}

static unsigned number_at(const uint8_t *data)
{
	return (unsigned)data[0] << 8 | data[1];
}

static bool address_fits(const uint8_t *value, unsigned length)
{
	if (length < 2)
		return false;
	switch (value[1]) {
	case STUN_AF_IPv4:
		return length == ADDRESS_LENGTH(4);
	case STUN_AF_IPv6:
		return length == ADDRESS_LENGTH(16);
	default:
		return false;
	}
}

static bool attribute_fits(unsigned type, const uint8_t *value, unsigned length)
{
	switch (type) {
	case STUN_ATTR_MAPPED_ADDR:
	case STUN_ATTR_XOR_MAPPED_ADDR:
	case STUN_ATTR_ALT_SERVER:
		return address_fits(value, length);
	default:
		return true; /* libre looks itself */
	}
}

/*
 * libre 1.1.0 reads an address past the end of an attribute that is too short for it, and
 * attributes past the end of the message into what follows it in the datagram. [measured]
 */
static bool is_framed(const uint8_t *data, size_t length)
{
	size_t used = STUN_HEADER_SIZE;

	if (length < used || length - used != number_at(data + 2) || length % 4 != 0)
		return false;
	while (used < length) {
		const uint8_t *attribute = data + used;
		unsigned size = number_at(attribute + 2);

		used += STUN_ATTR_HEADER_SIZE;
		/* all is in words of four octets, so the padding is there too */
		if (size > length - used)
			return false;
		if (!attribute_fits(number_at(attribute),
			    attribute + STUN_ATTR_HEADER_SIZE, size))
			return false;
		used += (size + 3U) & ~3U;
	}
	return true;
}

static struct transport_address end_of(const struct stun_msg *message, uint16_t type)
{
	const struct stun_attr *attribute = stun_msg_attr(message, type);
	struct transport_address end = { .port = 0 };

	if (attribute)
		address_from_socket(&attribute->v.sa.u.sa, &end.address, &end.port);
	return end;
}

/* RFC 3489, 11.2: still sent by old servers, and of no use to us. */
static bool is_of_old(uint16_t type)
{
	return type >= 0x0001 && type <= 0x000b;
}

static int first_unknown(const struct stun_unknown_attr *unknown)
{
	for (uint32_t i = 0; i < unknown->typec; i++) {
		if (!is_of_old(unknown->typev[i]))
			return unknown->typev[i];
	}
	return -1;
}

/* \retval false  an error response without its code, or with one that is none */
static bool read_error(const struct stun_msg *message, struct stun_reply *reply)
{
	const struct stun_attr *attribute = stun_msg_attr(message, STUN_ATTR_ERR_CODE);
	const char *reason;

	if (!attribute || attribute->v.err_code.code < ERROR_LEAST ||
		attribute->v.err_code.code > ERROR_MOST)
		return false;
	reason = attribute->v.err_code.reason ? attribute->v.err_code.reason : "";
	reply->error = attribute->v.err_code.code;
	text_copy_printable(reply->reason, sizeof(reply->reason), reason, strlen(reason));
	reply->alternate = end_of(message, STUN_ATTR_ALT_SERVER);
	return true;
}

static void read_mapping(const struct stun_msg *message, struct stun_reply *reply)
{
	reply->mapped = end_of(message, STUN_ATTR_XOR_MAPPED_ADDR);
	reply->xored = reply->mapped.address.family != FAMILY_NONE;
	if (!reply->xored)
		reply->mapped = end_of(message, STUN_ATTR_MAPPED_ADDR);
	/* no host has either, so nobody can have seen us there */
	if (address_is_unspecified(&reply->mapped.address) || reply->mapped.port == 0)
		reply->mapped = (struct transport_address){ .port = 0 };
}

/* RFC 8489, 6.3: what is not an answer to us is not looked into. */
static enum stun_fit fit_of(const struct stun_msg *message, const uint8_t *id)
{
	uint16_t class = stun_msg_class(message);

	if (class == STUN_CLASS_REQUEST)
		return STUN_ECHO;
	if (class == STUN_CLASS_INDICATION ||
		stun_msg_method(message) != STUN_METHOD_BINDING ||
		!stun_msg_mcookie(message) ||
		memcmp(stun_msg_tid(message), id, STUN_ID_LENGTH) != 0)
		return STUN_FOREIGN_ID;
	return STUN_FITS;
}

static enum stun_fit read_message(const struct stun_msg *message,
	const struct stun_unknown_attr *unknown, const uint8_t *id,
	struct stun_reply *ret_reply)
{
	struct stun_reply reply = { .unknown = first_unknown(unknown) };
	enum stun_fit fit;

	/* RFC 8489, 7.3: with a checksum that is wrong it is not STUN */
	if (stun_msg_attr(message, STUN_ATTR_FINGERPRINT) &&
		stun_msg_chk_fingerprint(message) != 0)
		return STUN_MALFORMED;
	fit = fit_of(message, id);
	if (fit != STUN_FITS)
		return fit;
	if (stun_msg_class(message) == STUN_CLASS_SUCCESS_RESP)
		read_mapping(message, &reply);
	else if (!read_error(message, &reply))
		return STUN_MALFORMED;
	*ret_reply = reply;
	return STUN_FITS;
}

/* \retval 0, ENOMEM, or what else libre says of a message that is none */
static int decode(const uint8_t *data, size_t length, struct stun_unknown_attr *unknown,
	struct stun_msg **ret_message)
{
	struct mbuf *buffer = mbuf_alloc(length);
	int error;

	if (!buffer)
		return ENOMEM;
	error = mbuf_write_mem(buffer, data, length);
	mbuf_set_pos(buffer, 0);
	if (error == 0)
		error = stun_msg_decode(ret_message, buffer, unknown);
	mem_deref(buffer); /* the message holds it, too */
	return error;
}

enum stun_fit stun_reply_read(const uint8_t *data, size_t length,
	const uint8_t id[static STUN_ID_LENGTH], struct stun_reply *ret_reply)
{
	struct stun_unknown_attr unknown = { .typec = 0 };
	struct stun_msg *message = NULL;
	enum stun_fit fit;
	int error;

	if (!is_framed(data, length))
		return STUN_MALFORMED;
	error = decode(data, length, &unknown, &message);
	if (error == ENOMEM)
		fit = STUN_UNREAD;
	else if (error != 0)
		fit = STUN_MALFORMED;
	else
		fit = read_message(message, &unknown, id, ret_reply);
	mem_deref(message);
	return fit;
}
