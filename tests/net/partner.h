/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP peers that behave as no real server does on command, driven by the test's own loop.
 * They speak only while the loop turns.
 */
#ifndef TESTS_NET_PARTNER_H
#define TESTS_NET_PARTNER_H

#include "net/loop.h"

enum manner {
	MANNER_SILENT,       /* accepts and says nothing */
	MANNER_CLOSES,       /* closes what it accepted */
	MANNER_RESETS,       /* resets what it accepted */
	MANNER_GREETS,       /* sends its words at once, then waits */
	MANNER_ANSWERS,      /* sends its words once something came, then waits */
	MANNER_PARTS,        /* sends its words at once and closes */
	MANNER_FLOODS,       /* sends its words again and again for ever */
	MANNER_RESETS_LATER, /* resets once something came */
	MANNER_DRIPS,        /* sends its words octet by octet after something came */
	MANNER_COUNT
};

struct partner {
	struct loop *loop;
	struct loop_watch listening;
	struct loop_watch talking;
	int listener;
	int peer; /* -1 = nobody */
	enum manner manner;
	const char *words;
	size_t length;
	uint16_t port;
	unsigned accepted;
	unsigned resets; /* connections that the other side reset */
	unsigned closes; /* connections that the other side closed with FIN */
	size_t dripped;  /* octets of the words that are out */
	size_t received;
	char heard[256]; /* the first octets that came */
};

/** Listens on an ephemeral port. \param address  NULL = "127.0.0.1" */
void partner_open(struct partner *partner, struct loop *loop, const char *address,
	enum manner manner, const char *words, size_t length);
void partner_close(struct partner *partner);

/** A port of 127.0.0.1 on which nothing listens. */
uint16_t partner_refused_port(void);

/** Descriptors this process has open, and its threads: a name lookup of a library's own
 * would be one. */
unsigned partner_descriptors(void);
unsigned partner_threads(void);

#endif
