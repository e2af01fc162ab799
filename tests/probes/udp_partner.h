/* SPDX-License-Identifier: Apache-2.0 */
/* A UDP server in the test's own loop that says what no real one says on command. */
#ifndef TESTS_PROBES_UDP_PARTNER_H
#define TESTS_PROBES_UDP_PARTNER_H

#include <sys/socket.h>

#include "probes/harness.h"

struct udp_partner;

/** A question came. Answer with partner_says(), from another port, or not at all. */
typedef void (*partner_fn)(
	struct udp_partner *partner, const uint8_t *question, size_t length);

struct udp_partner {
	partner_fn hear;
	const void *script; /* of the test's own */
	struct loop_watch watch;
	int fd;
	int other_fd; /* another port of the same address */
	uint16_t port;
	unsigned questions;
	struct sockaddr_storage from; /* of the question being heard */
	socklen_t from_length;
};

/** \param literal  NULL = "127.0.0.1" */
void partner_open(struct udp_partner *partner, struct loop *loop, const char *literal,
	partner_fn hear, const void *script);
void partner_says(struct udp_partner *partner, const void *data, size_t length);
void partner_says_from_elsewhere(
	struct udp_partner *partner, const void *data, size_t length);
void partner_close(struct udp_partner *partner);

/**
 * One run that asks a partner of its own at the trial's address; after an abandoned one
 * the loop turns for as long as the run had.
 * \param ret_questions  how many the partner heard; may be NULL
 */
struct outcome udp_partner_asked(struct harness *harness, partner_fn hear,
	const void *script, struct trial trial, unsigned *ret_questions);

/** A port on which nothing listens is told by ICMP, over both families. */
void udp_refusal_is_told(struct harness *harness, const struct probe_kind *kind);

/** A UDP port of 127.0.0.1, or of the literal, on which nothing listens. */
uint16_t closed_udp_port(const char *literal);

#endif
