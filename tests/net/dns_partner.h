/* SPDX-License-Identifier: Apache-2.0 */
/* A name server on loopback that behaves as told, and someone who asks a resolver. */
#ifndef NET_DNS_PARTNER_H
#define NET_DNS_PARTNER_H

#include "net/loop.h"
#include "net/resolver.h"

#define PARTNER_MESSAGE_MAX 2048

/** A message being built. */
struct message {
	uint8_t data[PARTNER_MESSAGE_MAX];
	size_t length;
};

struct partner;

/** Makes the answer of a question; length 0 = stays silent. */
typedef void (*partner_fn)(
	struct partner *partner, const struct message *question, struct message *answer);

struct partner {
	struct loop_watch watch;
	int fd;
	struct resolver_server server;
	partner_fn behave;
	unsigned questions;
	struct loop_watch stream_watch;
	int listener;   /* -1 = nothing listens on TCP */
	bool by_stream; /* while behave answers a question by TCP */
};

/** A UDP socket on an ephemeral port of 127.0.0.1; nothing listens on TCP. */
void partner_open(struct partner *partner, struct loop *loop, partner_fn behave);

/** Listens on TCP as well; a question there must come in one piece. */
void partner_listen(struct partner *partner, struct loop *loop);

/** Goes over to another loop: of a child process, for instance. */
void partner_serve(struct partner *partner, struct loop *loop);
void partner_close(struct partner *partner);

/** The head of an answer: id and question copied, QR and RA set. */
void message_answer(struct message *answer, const struct message *question, int rcode);

/** Appends a record to section 1 (answer) or 2 (authority). \param name NULL = as asked
 */
void message_record(struct message *message, int section, const char *name, int type,
	uint32_t ttl, const void *data, size_t length);
void message_address(struct message *message, const char *address, uint32_t ttl);
void message_alias(struct message *message, const char *name, const char *target);

/** One who asks: counts how often it was told what. */
struct asker {
	struct lookup lookup;
	struct loop *loop;
	struct resolution resolution;
	unsigned told;
	bool stops_loop;
};

void asker_ask(struct asker *asker, struct loop *loop, struct resolver *resolver,
	const char *name, enum family family);

/** Asks and turns the loop until told. */
struct resolution asker_wait(struct loop *loop, struct resolver *resolver,
	const char *name, enum family family);

#endif
