/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One DNS message (RFC 1035, section 4) each way, strictly: a question is written, an
 * answer is checked octet by octet before anything of it is believed. Pure; no sockets.
 */
#ifndef NET_DNS_MESSAGE_H
#define NET_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/outcome.h"

#define DNS_NAME_MAX      255                    /* octets on the wire, RFC 1035 2.3.4 */
#define DNS_NAME_TEXT_MAX (4 * DNS_NAME_MAX + 1) /* with every octet escaped */
#define DNS_QUESTION_MAX  (12 + DNS_NAME_MAX + 2 + 2) /* a question without EDNS */
#define DNS_ADDRESSES_MAX 8

#define DNS_CLASS_IN 1

/** IANA's numbers of the types asked for. */
enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_SRV = 33,
};

enum dns_rcode {
	DNS_RCODE_NOERROR = 0,
	DNS_RCODE_FORMERR = 1,
	DNS_RCODE_SERVFAIL = 2,
	DNS_RCODE_NXDOMAIN = 3,
	DNS_RCODE_NOTIMP = 4,
	DNS_RCODE_REFUSED = 5,
};

struct dns_question {
	uint16_t id;
	uint16_t type;
	bool recursion; /* the RD bit */
	uint8_t name[DNS_NAME_MAX];
	size_t name_length;
};

/**
 * Text to a name on the wire: "license.starface.de", "_sip._udp.example.com", "."; one
 * dot at the end is fine, escapes are not known. The other fields are the caller's.
 * \retval false  an empty or too long label or name; nothing is written
 */
bool dns_name_parse(const char *text, struct dns_question *question);

/**
 * A name from the wire as text, without a dot at the end; what is not printable, and dots
 * and backslashes within labels, as \\DDD (RFC 1035, 5.1).
 * \param name    not compressed, of at most DNS_NAME_MAX octets
 * \param buffer  of DNS_NAME_TEXT_MAX
 */
void dns_name_format(const uint8_t *name, char *buffer);

/** \param buffer  of DNS_QUESTION_MAX \return octets written */
size_t dns_question_write(const struct dns_question *question, uint8_t *buffer);

/** The head of a message, question or answer, for those who do not know yet whose it is.
 */
struct dns_head {
	bool is_answer;
	bool truncated;
	unsigned rcode;
	struct dns_question question; /* name_length 0 = it has none */
};

/** \retval false  this is no DNS message, or of no use to us; *ret_head is untouched */
bool dns_head_read(const uint8_t *data, size_t length, struct dns_head *ret_head);

/** How a message relates to the question. */
enum dns_fit {
	DNS_FITS,
	DNS_FOREIGN_ID,       /* a message, with another transaction id */
	DNS_FOREIGN_QUESTION, /* our id, another name or type */
	DNS_MALFORMED,        /* not a message, not an answer, or broken within */
};

struct dns_reply {
	unsigned rcode; /* enum dns_rcode or another, below 16 */
	bool truncated; /* records were not read then: they may be cut */
	bool authoritative;
	bool recursion_available;
	unsigned records; /* of the type asked, at the end of the aliases */
	unsigned aliases; /* CNAMEs from the name asked to there */
	bool alias_loop;  /* they come back on themselves, or are absurdly many */
	bool referral;    /* nothing but other servers to ask (RFC 2308, 2.2) */
	uint8_t end[DNS_NAME_MAX]; /* the name at the end of the aliases */
	uint32_t ttl;              /* the least along the way; with records only */
	struct address addresses[DNS_ADDRESSES_MAX]; /* of A and AAAA, the first ones */
	size_t address_count;
};

/**
 * Reads an answer. Every name of every record is followed: a pointer must lead strictly
 * backwards (so that none can loop), and names within record data must end where the data
 * does. Nothing may come after the last record.
 * \param ret_reply  set with DNS_FITS only
 */
enum dns_fit dns_reply_read(const uint8_t *data, size_t length,
	const struct dns_question *question, struct dns_reply *ret_reply);

/**
 * The first address that cannot be the right one, NULL if all may be. Block lists answer
 * with 0.0.0.0 and :: for what they block, and connecting there reaches our own host.
 * \param loopback_is_good  127.0.0.0/8 and ::1 may be meant
 */
const struct address *dns_wrong_address(
	const struct dns_reply *reply, bool loopback_is_good);

/** FAILED, with the server as who said it and the address as what. */
struct finding dns_wrong_address_finding(
	const struct address *wrong, const struct address *server);

#endif
