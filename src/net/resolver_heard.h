/* SPDX-License-Identifier: Apache-2.0 */
/* What was heard while a question waited, and what that says of it at its end. */
#ifndef NET_RESOLVER_HEARD_H
#define NET_RESOLVER_HEARD_H

#include "net/dns_message.h"
#include "net/resolver_channel.h"

/** Zeroed = nothing yet. */
struct resolver_heard {
	bool truncated; /* a UDP answer that ended early: TCP was tried next */
	bool answered;  /* with rcode, which c-ares may have passed over */
	unsigned rcode;
	enum cause stray; /* CAUSE_NONE, or why something that came did not fit */
	struct address speaker;
};

/** An answer to the question, by UDP or TCP. */
void resolver_heard_answer(struct resolver_heard *heard, const struct dns_head *head,
	const struct address *speaker);

/** Something that does not fit; counts only while nothing better was heard. */
void resolver_heard_stray(
	struct resolver_heard *heard, enum cause cause, const struct address *speaker);

/** Why the question ended with another status than CHANNEL_ANSWER. */
struct finding resolver_heard_finding(const struct resolver_heard *heard,
	enum channel_status status, const struct resolver_channel *channel);

/** A name that nobody needs to be asked for: the DNS cannot have it. */
struct finding resolver_no_such_name(void);

#endif
