/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many ports of one address asked in batches: each port of a batch once, paced, then
 * after a pause those that stayed silent once more, with growing pauses. What is said and
 * what an answer means is the owner's.
 *
 * All memory is taken by asking_new(). One turn of the loop sends one system call's worth
 * and reads one: whoever else is due has the turns between.
 */
#ifndef PROBES_ASKING_H
#define PROBES_ASKING_H

#include "net/volley.h"

struct asking;

enum asking_state {
	ASKING_SILENT,
	ASKING_ANSWERED,
	ASKING_GIVEN_UP, /* by the owner: it is not asked again */
};

struct asking_question {
	uint16_t port;
	uint16_t report_first, report_count; /* of the owner's … */
	uint8_t tag, before;                 /* … as well */
	uint32_t second; /* the number of the second packet that asked it */
	uint8_t tries;
	uint8_t state;
};

/** One datagram that was sent; its index is its sequence number. */
struct asking_packet {
	int64_t sent_ns;
	uint32_t question;
	uint8_t lap; /* 0 = the first time its question was asked */
	bool answered;
};

/** How fast a batch is asked. */
struct asking_pace {
	double per_second;
	double burst;     /* so many at once, after a pause */
	bool answers_pay; /* an answer allows another question at once: for sweeps */
};

struct asking_events {
	/** \return the length of the datagram, ASKING_DATAGRAM_MAX at most */
	size_t (*compose)(void *context, uint32_t number,
		const struct asking_packet *packet, uint8_t *buffer);
	void (*heard)(void *context, const struct volley_answer *answer);
	void (*refused)(void *context, uint16_t port, const struct finding *finding);
	/** Local trouble; nothing is sent after. */
	void (*failed)(void *context, const struct finding *finding);
	/**
	 * A lap is over and some are silent. \param silent  how many
	 * \retval true  they are asked again, at the pace that may be changed
	 */
	bool (*again)(
		void *context, unsigned lap, size_t silent, struct asking_pace *pace);
	/** Each question of the batch was answered, given up or asked often enough. On a
	 * turn of its own; the owner adds the next batch and begins it. */
	void (*settled)(void *context);
};

#define ASKING_DATAGRAM_MAX 1280

struct asking_settings {
	struct volley_settings volley; /* without events and context */
	size_t questions_max, packets_max;
	const struct asking_events *events;
	void *context;
};

/** \retval NULL  *ret_finding says why: local trouble */
struct asking *asking_new(
	const struct asking_settings *settings, struct finding *ret_finding);

/** Fine with NULL; not within an event. */
void asking_free(struct asking *asking);

/** Into the next batch. \retval false  there is no room left */
bool asking_add(struct asking *asking, const struct asking_question *question);

/** How many more can be added. */
size_t asking_room(const struct asking *asking);

/**
 * Asks what was added since the last batch, which may be nothing.
 * \param wait_us  after the first lap; twice as long after each further one
 */
void asking_begin(struct asking *asking, const struct asking_pace *pace, int64_t wait_us);

/** Sends nothing more and settles at once, silent ones left as they are. */
void asking_hurry(struct asking *asking);

/** An answer of the owner's came for it. */
void asking_answered(struct asking *asking, uint32_t packet);

void asking_give_up(struct asking *asking, size_t question);

/** The questions of the last batch are those from its first to the count. */
size_t asking_first(const struct asking *asking);
size_t asking_count(const struct asking *asking);
const struct asking_question *asking_question(const struct asking *asking, size_t index);

size_t asking_packets(const struct asking *asking);

/** \retval NULL  nothing was sent with this number */
const struct asking_packet *asking_packet(const struct asking *asking, uint32_t packet);

/** Of the last batch, how many are settled. */
size_t asking_done(const struct asking *asking);

const struct volley *asking_volley(const struct asking *asking);

#endif
