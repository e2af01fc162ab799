/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One c-ares channel on the loop: its sockets, its timer, and a look at what passes
 * through them, because c-ares reports neither who answered nor why a socket failed.
 */
#ifndef NET_RESOLVER_CHANNEL_H
#define NET_RESOLVER_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "net/dns_message.h"
#include "net/resolution.h"

struct loop;
struct resolver_channel;

struct resolver_channel_events {
	/** A datagram leaves for a server, or a message has come from one and is not
	 * judged yet; of one by TCP only the first DNS_QUESTION_MAX octets. */
	void (*sent)(void *context, const uint8_t *data, size_t length);
	void (*came)(void *context, const uint8_t *data, size_t length);
};

enum channel_status {
	CHANNEL_ANSWER,   /* data is an answer to the question; its rcode may be any */
	CHANNEL_SILENCE,  /* no server answered in time */
	CHANNEL_FAILURE,  /* servers answered only that they cannot or will not */
	CHANNEL_TROUBLE,  /* sockets failed: see resolver_channel_trouble() */
	CHANNEL_RESOURCE, /* no memory, or the channel goes */
};

typedef void (*channel_fn)(
	void *context, enum channel_status status, const uint8_t *data, size_t length);

/**
 * \param count  0 = the host's own servers (/etc/resolv.conf as it is now)
 * \retval 0 or -errno
 */
int resolver_channel_new(struct loop *loop, const struct resolver_server *servers,
	size_t count, const struct resolver_channel_events *events, void *context,
	struct resolver_channel **ret_channel);

/** Calls back all that is still asked with CHANNEL_RESOURCE; it must not ask again. */
void resolver_channel_free(struct resolver_channel *channel);

/** Asks once, of one server after the other. done may come from within this call. */
void resolver_channel_ask(struct resolver_channel *channel, const char *name,
	enum dns_type type, channel_fn done, void *context);

/** Who spoke last; within done, who answered. */
const struct address *resolver_channel_speaker(const struct resolver_channel *channel);

/** The one server there is; FAMILY_NONE if there are several. */
const struct address *resolver_channel_only_server(
	const struct resolver_channel *channel);

/** All of them, in their order; as long as the channel lives. */
size_t resolver_channel_servers(const struct resolver_channel *channel,
	const struct resolver_server **ret_servers);

/** How a socket failed last: ICMP evidence, or trouble of this host. */
const struct finding *resolver_channel_trouble(const struct resolver_channel *channel);

#endif
