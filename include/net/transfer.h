/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP transfers by libcurl's multi interface on the loop: one request to one address on
 * a new connection, no redirects, no proxy, no name lookup, bounded in every direction.
 */
#ifndef NET_TRANSFER_H
#define NET_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "net/tls.h"

struct loop;
struct transfers;
struct transfer;

/** \retval 0 or -errno */
int transfers_new(struct loop *loop, const struct tls_trust *trust,
	struct transfers **ret_transfers);
/** All transfers must be ended before. */
void transfers_free(struct transfers *transfers);

/** url and host are copied or read at the start; host and headers must outlive it. */
struct transfer_request {
	const char *url; /* http:// or https://, with the name, not the address */
	const char
		*host; /* name in the URL, for the certificate; IPv6 without brackets */
	uint16_t port;
	struct address address;        /* the one to connect to */
	const char *method;            /* "GET", "HEAD" */
	const char *const *headers;    /* NULL terminated "Name: value", at most eight */
	size_t body_limit;             /* octets read before it counts as enough */
	size_t body_keep;              /* first octets kept for a content check */
	const struct tls_trust *trust; /* NULL = what transfers_new() was given */
	uint16_t segment_max;          /* of TCP, see stream.h; 0 = as the path allows */
	int64_t timeout_us; /* a belt a little longer than the run's deadline */
};

struct transfer_result {
	/**
	 * Of the transport; OK also for any HTTP status. OK without a status: the server
	 * hung up for want of a certificate of ours, with its TLS alert as evidence.
	 */
	struct finding finding;
	enum phase phase;     /* the one it ended in */
	int status;           /* 0 = no status line */
	int http_version;     /* 10, 11; 0 = none */
	uint64_t body_length; /* octets received, to the limit */
	const char *body;     /* the first body_keep octets, NUL terminated */
	size_t body_kept;
	const char *location;          /* of a redirect, absolute; NULL if none */
	int64_t phase_us[PHASE_COUNT]; /* 0 = not reached */
	struct tls_facts tls;          /* of https */
};

typedef void (*transfer_fn)(void *context, const struct transfer_result *result);

/**
 * Starts; done is called once on a later turn, the result living only within the call.
 * \retval NULL  out of memory
 */
struct transfer *transfer_start(struct transfers *transfers,
	const struct transfer_request *request, transfer_fn done, void *context);

/**
 * Called with every phase as it begins, from PHASE_TLS or PHASE_REQUEST on, so that a
 * deadline knows where it struck; with PHASE_TLS once more when the server has begun to
 * answer within it. Must not start or end transfers.
 */
void transfer_watch_phase(
	struct transfer *transfer, void (*entered)(void *context, enum phase phase));

/** What goes over the connection, as HTTP has it: decrypted, and in these parts. */
enum transfer_part {
	TRANSFER_HEAD_SENT,
	TRANSFER_HEAD_RECEIVED, /* a line a call, with its end */
	TRANSFER_BODY_RECEIVED,
};

/**
 * Called with all that is said, from right after the start on. Must not start or end
 * transfers.
 */
void transfer_watch_talk(struct transfer *transfer,
	void (*said)(
		void *context, enum transfer_part part, const char *data, size_t length));

/** What TLS has shown so far. */
const struct tls_facts *transfer_tls_facts(const struct transfer *transfer);

/**
 * Ends and frees, finished or not; must be called for every transfer. Fine from done,
 * after which the result is gone, and with NULL.
 */
void transfer_end(struct transfer *transfer);

/** Where a URL leads. */
struct transfer_url {
	bool tls;
	char host[256]; /* IPv6 without brackets */
	uint16_t port;
};

/** \retval false  malformed, neither http nor https, or with credentials in it */
bool transfer_url_read(const char *url, struct transfer_url *ret_url);

#endif
