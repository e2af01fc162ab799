/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was said in a conversation, as evidence for people: who said it, when, and the
 * first octets of it. Bounded: the beginning tells most, so later octets are cut and
 * later entries counted. A plain value; nothing of ours that is secret is ever sent, so
 * nothing in it is.
 */
#ifndef BASE_TRANSCRIPT_H
#define BASE_TRANSCRIPT_H

#include <stddef.h>
#include <stdint.h>

/** A SIP request over UDP, its answer and some notes fit whole. */
#define TRANSCRIPT_ENTRIES_MAX 24
#define TRANSCRIPT_OCTETS_MAX  2048

/** Of one entry; a page or a flood leaves room for what comes after. */
#define TRANSCRIPT_ENTRY_MAX 640

enum transcript_side {
	TRANSCRIPT_SENT,
	TRANSCRIPT_RECEIVED,
	TRANSCRIPT_NOTE, /* our own words: what happened, e.g. "connected" */
	TRANSCRIPT_SIDE_COUNT
};

struct transcript_entry {
	int64_t after_us; /* since the conversation began */
	uint32_t length;  /* octets that were sent or received */
	uint16_t kept;    /* of these, at begin in octets */
	uint16_t begin;
	uint8_t side; /* enum transcript_side */
};

struct transcript {
	int64_t began_us;  /* clock_now_us() */
	uint32_t left_out; /* entries for which there was no room */
	uint16_t entries_used, entries_room;
	uint16_t octets_used, octets_room;
	struct transcript_entry *entries; /* both lie behind this struct */
	uint8_t *octets;
};

/** "sent", "received", "note" */
const char *transcript_side_name(enum transcript_side side);

/** With room for as much as the bounds above allow. Freed by free(). \retval NULL  out of
 * memory */
struct transcript *transcript_new(void);

/** Forgets what was said. */
void transcript_begin(struct transcript *transcript);

/** data may be NULL with length 0: an empty datagram, or the end of a stream. */
void transcript_add(struct transcript *transcript, enum transcript_side side,
	const void *data, size_t length);

/**
 * More of what a stream has just brought: joins the last entry, if that is of this side.
 */
void transcript_continue(struct transcript *transcript, enum transcript_side side,
	const void *data, size_t length);

/** A copy without room for more. Freed by free(). \retval NULL  out of memory */
struct transcript *transcript_keep(const struct transcript *transcript);

/** The memory that such a copy takes. */
size_t transcript_size(const struct transcript *transcript);

#endif
