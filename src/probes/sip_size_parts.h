/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the kind sip-size share; nobody else includes this. */
#ifndef PROBES_SIP_SIZE_PARTS_H
#define PROBES_SIP_SIZE_PARTS_H

#include "engine/probe.h"
#include "net/sip_message.h"
#include "probes/dialogue.h"
#include "probes/exchange.h"
#include "probes/tls_gauges.h"
#include "probes/tls_policy.h"

/* Of one request, and of one answer in a stream. */
#define SIZE_TEXT_MAX 4096

#define SIZE_RUNGS_MAX 5

/* Below it answers are provisional (RFC 3261, 7.2). */
#define SIZE_STATUS_FINAL 200

struct size_options {
	const char *server_name;
	int64_t repeat_after_us;
	struct tls_policy policy;
	int transport; /* enum sip_transport */
};

enum size_gauge {
	SIZE_GAUGE_EXCHANGE = TLS_GAUGE_COUNT,
	SIZE_GAUGE_LARGEST = SIZE_GAUGE_EXCHANGE + EXCHANGE_GAUGE_COUNT,
	SIZE_GAUGE_FRAGMENTS,
	SIZE_GAUGE_PATH_MTU,
};

/* Until the first request is answered: whether SIP answers at all is another row's. */
#define SIZE_UNMEASURED "no short request was answered, so no size was tried"

/* What is being asked, and why; see probe_sip_size.c. */
enum size_step { SIZE_FIRST, SIZE_DOWN, SIZE_AGAIN, SIZE_LAST };

struct size_run {
	struct probe_run *run;
	struct sip_request request; /* the one under way, without its padding */
	size_t length;
	char text[SIZE_TEXT_MAX];
	struct finding misfit; /* the first; OK = none */

	/* By UDP: packets in octets, in rising order; rung 0 is the request as it is. */
	struct exchange exchange;
	enum size_step step;
	bool fragments; /* they are cut on the way out */
	size_t sizes[SIZE_RUNGS_MAX];
	size_t top, asked, low;
	size_t whole; /* the largest that was answered in one piece */
	unsigned sends;

	/* By TCP and TLS. */
	struct dialogue dialogue;
	bool large; /* the large one is under way */
	uint8_t heard[SIZE_TEXT_MAX];
};

/**
 * A request with secrets of its own that is so many octets long, or as short as can be:
 * it carries header lines that say nothing, for a server ignores those it does not know
 * (RFC 3261, 8.2.2). They are short and few, for some servers bound both.
 */
void size_write(
	struct size_run *size, const struct transport_address *local, size_t length);

/** Remembers why no answer counted, for when none comes. */
void size_note_misfit(struct size_run *size, enum sip_reading reading,
	const struct sip_answer *answer, const uint8_t *data, size_t length);

/** Opens the stream; all else follows. */
void size_start_stream(struct size_run *size);

#endif
