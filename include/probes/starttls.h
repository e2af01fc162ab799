/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few words before TLS on a port that begins in the clear, for who wants no more of
 * the protocol than its consent.
 */
#ifndef PROBES_STARTTLS_H
#define PROBES_STARTTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "net/xmpp_stream.h"
#include "probes/xmpp_domain.h"

/** Features of Openfire and an answer of Active Directory have less than 1 KiB. */
#define STARTTLS_HEARD_MAX   4096
#define STARTTLS_REQUEST_MAX XMPP_OPENING_MAX

enum starttls_protocol { STARTTLS_AUTO, STARTTLS_NONE, STARTTLS_LDAP, STARTTLS_XMPP };

/** Names of these, for an option. */
static const char *const starttls_names[] = { "auto", "none", "ldap", "xmpp", NULL };

/** AUTO by the port: 389 and 5222 begin in the clear, others with TLS. */
enum starttls_protocol starttls_by_port(enum starttls_protocol protocol, uint16_t port);

struct starttls {
	enum starttls_protocol protocol;
	struct xmpp_stream *xmpp;
	struct xmpp_domain domain; /* whom to ask for there */
	bool asked;                /* for TLS */
	size_t request_length;
	uint8_t request[STARTTLS_REQUEST_MAX]; /* what to say now */
	size_t length;
	uint8_t heard[STARTTLS_HEARD_MAX]; /* filled by the owner, from length on */
};

enum starttls_next {
	STARTTLS_SAY,     /* the request */
	STARTTLS_WAIT,    /* for more */
	STARTTLS_SECURE,  /* the handshake may begin */
	STARTTLS_REFUSED, /* *ret_finding says why */
};

/**
 * \param starttls  done or zeroed
 * \param protocol  never AUTO
 * \param domain    whom to ask for by XMPP; NULL = the host
 * \param host      the name of the service
 * \return what to do: SAY, SECURE with NONE, or REFUSED for want of memory
 */
enum starttls_next starttls_begin(struct starttls *starttls,
	enum starttls_protocol protocol, const char *domain, const char *host,
	struct finding *ret_finding);

/**
 * After more was heard.
 * \param more  octets that are new, at the end of those heard
 * \param peer  for the evidence
 */
enum starttls_next starttls_hear(struct starttls *starttls, size_t more,
	const struct address *peer, struct finding *ret_finding);

/** Fine when zeroed. */
void starttls_done(struct starttls *starttls);

#endif
