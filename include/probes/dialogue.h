/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kinds that speak TCP share, twin of the exchange: a conversation tied to a
 * run, in the clear, by TLS from its start, or by TLS later on (STARTTLS). The frame
 * connects, shakes hands, sends, collects what comes in a bounded buffer, and ends the
 * run when the connection refuses, breaks, ends early, says too much or is another
 * protocol's. The kind says its words and judges the answers. Nothing reaches it after
 * its run has finished.
 */
#ifndef PROBES_DIALOGUE_H
#define PROBES_DIALOGUE_H

#include "engine/probe.h"
#include "net/stream.h"
#include "net/tls.h"
#include "probes/tls_policy.h"

/** How a kind talks. Each function may send, secure or finish. */
struct dialogue_manner {
	/** Its protocol as recognise() names it, whose octets are no stranger's. NULL =
	 * any may be right, and the kind alone knows. */
	const char *protocol;
	/** Connected, and secured if `secure` was set: the kind says its first words. */
	void (*connected)(struct probe_run *run);
	/** The handshake of dialogue_secure() is done. NULL if that is never called. */
	void (*secured)(struct probe_run *run);
	/** There is more in the buffer. NULL = nothing is ever awaited. */
	void (*heard)(struct probe_run *run);
	/** The peer closed in good order. NULL = that is too early, or a stranger. */
	void (*ended)(struct probe_run *run);
};

struct dialogue {
	/* Set by the kind before dialogue_open(). */
	const struct dialogue_manner *manner;
	uint8_t *buffer;                 /* of the kind's own state */
	size_t size;                     /* of the buffer: the longest message it takes */
	size_t heard_max;                /* octets in all; 0 = only the buffer bounds */
	const struct tls_policy *policy; /* NULL = never by TLS */
	const char *server_name;         /* for TLS; NULL = the run's host */
	bool secure;                     /* by TLS from the start */

	/* The frame's own; length may be read. */
	struct probe_run *run;
	struct stream stream;
	struct tls_session session;
	bool by_tls;     /* the session has begun */
	bool handshaken; /* and its handshake is done */
	size_t length;   /* octets in the buffer that the kind has not consumed */
	size_t heard_total;
	const uint8_t *unsent;
	size_t unsent_length;
	struct loop_timer more; /* goes on reading in another turn */
	bool timed;
	size_t first_length;
	uint8_t first[RECOGNISE_MAX]; /* said in the clear, to name a stranger */
};

/** Connects to the run's target; events come on later turns only, or the run finishes. */
void dialogue_open(struct dialogue *dialogue, struct probe_run *run);

/**
 * Sends; what does not fit now goes later, so data stays until the next event or the end.
 * One thing at a time: while the kernel does not even take the one before, another is our
 * own trouble and ends the run. Enter a phase before: silence then means what that says.
 */
void dialogue_send(struct dialogue *dialogue, const void *data, size_t length);

/**
 * Begins TLS on the open connection. What lies in the buffer was said in the clear before
 * and would pass for encrypted: it ends the run (RFC 3207, 6; CVE-2011-0411).
 */
void dialogue_secure(struct dialogue *dialogue);

/** Forgets the first octets of the buffer. */
void dialogue_consume(struct dialogue *dialogue, size_t length);

/**
 * Ends the run with what the kind found, or with what TLS is to be blamed for if that is
 * worse; sets the TLS gauges, which must be the first of the kind's table.
 */
void dialogue_finish(struct dialogue *dialogue, const struct finding *finding);
void dialogue_finish_cause(struct dialogue *dialogue, enum cause cause);

/** Ends the run by the octets that came: wrong-protocol or garbage. */
void dialogue_finish_stranger(struct dialogue *dialogue);

/**
 * Last words, for stop() before dialogue_close(): said if they can be at once, after a
 * finish too, and nothing comes of it if not. Fine when never opened.
 */
void dialogue_part(struct dialogue *dialogue, const void *data, size_t length);

/** For stop(): says goodbye and closes. Fine when never opened. */
void dialogue_close(struct dialogue *dialogue);

#endif
