/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LDAP messages (RFC 4511) of a client that only asks whether a directory is there: four
 * requests, and of the answers what tells about the directory. Never a name or a
 * password.
 */
#ifndef NET_LDAP_MESSAGE_H
#define NET_LDAP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Room for the longest of the requests, the search. */
#define LDAP_REQUEST_MAX 128

/** Names of extended operations and of notices (RFC 4511, 4.14.1 and 4.4.1). */
#define LDAP_OID_STARTTLS   "1.3.6.1.4.1.1466.20037"
#define LDAP_OID_DISCONNECT "1.3.6.1.4.1.1466.20036"

enum ldap_request {
	LDAP_REQUEST_STARTTLS, /* the extended operation */
	LDAP_REQUEST_ROOT,     /* the root entry: contexts, versions, extensions */
	LDAP_REQUEST_BIND,     /* version 3, anonymous (RFC 4513, 5.1.1) */
	LDAP_REQUEST_UNBIND,   /* goodbye; has no answer */
};

/** What a server may say; those with a result are marked. */
enum ldap_answer {
	LDAP_ANSWER_BIND,  /* result */
	LDAP_ANSWER_ENTRY, /* root */
	LDAP_ANSWER_REFERENCE,
	LDAP_ANSWER_DONE,     /* result */
	LDAP_ANSWER_EXTENDED, /* result, name */
	LDAP_ANSWER_INTERMEDIATE,
	LDAP_ANSWER_OTHER, /* to operations that we do not ask for, and our own echo */
};

/** Result codes of RFC 4511, 4.1.9, by which a finding is made. */
enum ldap_result {
	LDAP_RESULT_NONE = -1,
	LDAP_RESULT_SUCCESS = 0,
	LDAP_RESULT_OPERATIONS_ERROR = 1,
	LDAP_RESULT_STRONGER_AUTH_REQUIRED = 8,
	LDAP_RESULT_REFERRAL = 10,
	LDAP_RESULT_INAPPROPRIATE_AUTHENTICATION = 48,
	LDAP_RESULT_INVALID_CREDENTIALS = 49,
	LDAP_RESULT_INSUFFICIENT_ACCESS = 50,
	LDAP_RESULT_UNWILLING_TO_PERFORM = 53,
};

/** Untrusted octets within the message that was read. */
struct ldap_text {
	const char *octets;
	size_t length;
};

/** What the root entry says of the server (RFC 4512, 5.1). */
struct ldap_root {
	unsigned naming_contexts;
	bool versions_shown;
	bool version_3;
	bool extensions_shown;
	bool starttls;
};

struct ldap_message {
	int32_t id; /* 0 = a notice that nobody asked for */
	enum ldap_answer answer;
	int result; /* LDAP_RESULT_NONE when the answer carries none */
	struct ldap_text diagnostic;
	struct ldap_text referral; /* the first of the addresses; or empty */
	struct ldap_text name;     /* of an extended answer; or empty */
	struct ldap_root root;     /* of an entry */
};

/**
 * \param id       from 1
 * \param seconds  how long the server may search; 0 = as long as it likes
 * \return its length; 0 = no memory
 */
size_t ldap_request_write(enum ldap_request request, int32_t id, int32_t seconds,
	uint8_t ret_octets[static LDAP_REQUEST_MAX]);

enum ldap_frame {
	LDAP_FRAME_PARTIAL, /* more octets are needed */
	LDAP_FRAME_WHOLE,
	LDAP_FRAME_TOO_LONG,   /* *ret_size is what it announces */
	LDAP_FRAME_INDEFINITE, /* without a length, which RFC 4511, 5.1 forbids */
	LDAP_FRAME_STRANGE,    /* not the beginning of an LDAPMessage */
};

/**
 * Looks for a whole message at the beginning of a stream.
 * \param most      the longest that is taken
 * \param ret_size  octets of it, set when it is whole or too long
 */
enum ldap_frame ldap_frame(
	const uint8_t *data, size_t length, size_t most, size_t *ret_size);

/**
 * \param length  of one whole message, by ldap_frame()
 * \retval 0, -EBADMSG, -ENOMEM; *ret_message is untouched unless 0, and points into data
 */
int ldap_message_read(
	const uint8_t *data, size_t length, struct ldap_message *ret_message);

/** Its name in RFC 4511, e.g. "invalidCredentials"; "unknown result" for others. */
const char *ldap_result_name(int result);

enum ldap_consent { LDAP_CONSENT_WAIT, LDAP_CONSENT_GIVEN, LDAP_CONSENT_REFUSED };

/**
 * Whether the answer to LDAP_REQUEST_STARTTLS lets the handshake begin, for who wants no
 * more of LDAP. All octets so far belong to that answer: one with more behind it, or one
 * that is no answer to this id, refuses.
 */
enum ldap_consent ldap_consent(const uint8_t *data, size_t length, int32_t id);

#endif
