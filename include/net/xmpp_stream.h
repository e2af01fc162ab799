/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server says in an XMPP stream (RFC 6120) up to its features, told as facts while
 * the octets come. Never SASL: a failed login bans. Nothing in a stream makes us expand,
 * fetch or keep anything: a document type declaration ends it, as comments and processing
 * instructions do (RFC 6120, 11.1).
 */
#ifndef NET_XMPP_STREAM_H
#define NET_XMPP_STREAM_H

#include <stdbool.h>
#include <stddef.h>

/** Room for a domain: a name of DNS (RFC 1035, 2.3.4), or an address in brackets. */
#define XMPP_DOMAIN_MAX 256

/** Room for the opening of a stream to the longest domain, were all of it escaped. */
#define XMPP_OPENING_MAX (XMPP_DOMAIN_MAX * 6 + 256)

/** What to say when the features offer it, and at the end. */
#define XMPP_STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define XMPP_GOODBYE  "</stream:stream>"

#define XMPP_TEXT_MAX 64

struct xmpp_facts {
	bool opened;    /* the server's stream header */
	bool version_1; /* and it says 1.0 or later: features will come */
	bool features;  /* all of them */
	bool starttls;
	bool starttls_required;
	unsigned mechanisms; /* of SASL */
	bool proceed;
	bool failure; /* to our <starttls/> */
	bool closed;  /* the server's </stream:stream> */

	bool error;
	const char *condition;    /* of RFC 6120, 4.9.3; NULL = none of them */
	char text[XMPP_TEXT_MAX]; /* untrusted: the error's text, or the other host */

	const char *broken; /* why this is no stream of XMPP, a phrase; NULL = it is */
	bool no_memory;     /* that is why */
};

struct xmpp_stream;

/**
 * The stream header of a client.
 * \param buffer  XMPP_OPENING_MAX is always enough
 * \return its length; 0 = it does not fit
 */
size_t xmpp_opening_write(const char *domain, char *buffer, size_t size);

/** \retval NULL  no memory */
struct xmpp_stream *xmpp_stream_new(void);
void xmpp_stream_free(struct xmpp_stream *stream);

/** Forgets all, for the stream that begins anew behind TLS. \retval false  no memory */
bool xmpp_stream_restart(struct xmpp_stream *stream);

/**
 * Takes what came, whole or in parts.
 * \return how many octets belong to the stream: fewer than length only behind a
 * <proceed/>, where XMPP ends and TLS has to begin
 */
size_t xmpp_stream_feed(struct xmpp_stream *stream, const void *data, size_t length);

const struct xmpp_facts *xmpp_stream_facts(const struct xmpp_stream *stream);

#endif
