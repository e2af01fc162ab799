/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path and the reflector at its end, in place of net/volley.h: what is sent goes over
 * two ways as they are described here, in virtual time (tests/fake), and the program's
 * own judge answers. Every figure of a run is then known before.
 */
#ifndef TESTS_PROBES_FAR_END_H
#define TESTS_PROBES_FAR_END_H

#include "base/clock.h"
#include "engine/probe.h"
#include "media/stamp.h"

/** One way. Packets are counted from the first one of the stream, looked-for ports not.
 */
struct far_way {
	int64_t delay_us;
	unsigned lose_every;         /* the n-th, 2n-th, … packet; 0 = none */
	unsigned lose_from, lose_to; /* these are lost, too; from 1 */
	unsigned double_every, alter_every;
	size_t alter_at;     /* which octet; 0 = the last one, of the padding */
	unsigned hold_every; /* is late by hold_us */
	int64_t hold_us;
	uint8_t dscp;     /* with which packets arrive … */
	bool keeps_class; /* … unless their own is left alone */
};

struct far_end {
	struct far_way there, back;
	const struct stamp_key *key;        /* NULL = open */
	enum stamp_port_state ports;        /* of all but those that pass */
	uint16_t pass_first, pass_last;     /* ports where the reflector listens */
	bool control;                       /* it answers at port 862 */
	bool lose_all_there, lose_all_back; /* but what is of the control port */
	bool stateless;                     /* copies the sender's number */
	bool refuses_class;  /* answers with a class of its own, and says so */
	bool plain;          /* RFC 8762 only: knows no session identifier */
	unsigned restart_at; /* begins to count anew at this packet; 0 = never */
	unsigned step_at;    /* its clock is set by step_us at this packet */
	int64_t step_us;
	int64_t ahead_us;     /* its clock is ahead of ours */
	uint16_t error;       /* of its clock */
	enum cause refusal;   /* of what is sent, but to the control port, by ICMP */
	unsigned refuse_from; /* packet of the stream; 0 = from the beginning */
	bool no_socket;
	unsigned deaf_from; /* the kernel takes no more from this packet on; 0 = never */
};

/** A quiet path of 10 ms each way to an open reflector at every port. */
struct far_end far_end_of(void);

/** In force for the volleys opened next. */
void far_end_use(const struct far_end *far);

/** How many packets were taken, those that look for ports included. */
unsigned far_end_packets(void);

/** Something comes from this port that nobody asked for. */
void far_end_babble(uint16_t port);

/** Local trouble. */
void far_end_fail(int error);

/** Somebody refused what was sent to this port. */
void far_end_refuse(uint16_t port, enum cause cause);

#endif
