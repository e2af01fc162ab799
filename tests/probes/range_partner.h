/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reflector at a range of ports of loopback and the path to it, in virtual time: a
 * test says what the path does to each packet. The real judge of a reflector answers, by
 * real sockets.
 */
#ifndef TESTS_PROBES_RANGE_PARTNER_H
#define TESTS_PROBES_RANGE_PARTNER_H

#include "media/reflection.h"
#include "net/loop.h"

#define RANGE_PORTS_MAX 500

enum range_way { RANGE_FORWARD, RANGE_BACKWARD };

struct range_partner;

/** \param index  of the port in the range; -1 = the control port \retval false  lost */
typedef bool (*range_path_fn)(
	struct range_partner *partner, enum range_way way, int index);

struct range_partner {
	range_path_fn path; /* NULL = everything passes */
	enum stamp_port_state states[RANGE_PORTS_MAX];
	bool copies_number;   /* as a stateless reflector does, and knows no reports */
	bool rewrites;        /* answers leave by another port than they should */
	bool alters;          /* octets of answers */
	bool mute;            /* the control port */
	bool deaf;            /* all of it: packets vanish */
	bool echoes;          /* says what it heard, whatever that is */
	int64_t clock_off_us; /* its clock is ahead of ours */
	int64_t latency_us;   /* from one look at its sockets to the next */

	/* Of this process alone: what is shut here, no other test opens. */
	char address[16];
	uint16_t first, control_port;
	int count;
	unsigned heard[RANGE_PORTS_MAX]; /* that arrived at the port, lost ones too */
	unsigned heard_total;
	int64_t times_us[RANGE_PORTS_MAX * 16]; /* of the first of these */

	/* Its own. */
	struct loop *loop;
	struct loop_timer pump;
	struct reflection_settings settings;
	struct reflection *reflection;
	int fds[RANGE_PORTS_MAX], control_fd, epoll;
};

/** \param key  NULL = open */
void range_partner_open(struct range_partner *partner, struct loop *loop, int count,
	const struct stamp_key *key);

/** It forgets what it counted. */
void range_partner_restart(struct range_partner *partner);

/** Nobody listens there any more: the kernel says so by ICMP. */
void range_partner_shut(struct range_partner *partner, int index);

/** And again somebody does. */
void range_partner_reopen(struct range_partner *partner, int index);
void range_partner_close(struct range_partner *partner);

#endif
