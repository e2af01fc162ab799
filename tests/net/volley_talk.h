/* SPDX-License-Identifier: Apache-2.0 */
/* A volley to some sockets of this process, and what was heard of it. */
#ifndef TESTS_NET_VOLLEY_TALK_H
#define TESTS_NET_VOLLEY_TALK_H

#include <sys/socket.h>

#include "base/clock.h"
#include "net/volley.h"

/** Everything arrives within milliseconds on loopback; this is for a broken program. */
#define PATIENCE (5 * SECOND)

#define PARTNERS_MAX 80

struct volley_talk {
	struct loop *loop;
	struct loop_timer patience;
	struct volley *volley;
	struct address address;
	int partners[PARTNERS_MAX];
	uint16_t ports[PARTNERS_MAX];
	size_t partner_count;
	unsigned answers, refusals, failures;
	unsigned wanted; /* stop after so many events */
	bool close_within;
	struct volley_answer last;
	char words[16];
	uint16_t refused_port;
	struct finding finding; /* the last one */
	char order[8];
};

/** \param literal  of us and of all partners */
void talk_begin(struct volley_talk *talk, const char *literal, size_t partners);

/** The same, but takes all that comes from there, as beside a steering reflector. */
void talk_claim(struct volley_talk *talk, const char *literal, size_t partners);

/** Until what is wanted came. */
void talk_turn(struct volley_talk *talk, int64_t patience_us);
void talk_end(struct volley_talk *talk);

/** One datagram to each of the first partners. \return how many were taken */
size_t talk_say(struct volley_talk *talk, const char *words, size_t count);

/** Takes the question off a partner's socket. \retval false  none is there */
bool partner_hears(
	const struct volley_talk *talk, size_t index, struct sockaddr_storage *ret_from);
void partner_echoes(const struct volley_talk *talk, size_t index, const char *words);
void partner_leaves(struct volley_talk *talk, size_t index);
void answer_from(int fd, const struct sockaddr_storage *to, const char *words);

#endif
