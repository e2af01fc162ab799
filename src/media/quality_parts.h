/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the measure of quality share. */
#ifndef MEDIA_QUALITY_PARTS_H
#define MEDIA_QUALITY_PARTS_H

#include "media/quality.h"

/** As often may each packet reach the reflector: some paths double all of them. */
#define QUALITY_COPIES 8
#define QUALITY_SPARE  64

struct quality_entry {
	struct quality_reply reply;
	uint32_t order;  /* of its arrival here */
	uint32_t copies; /* that came after it */
};

/** One packet that arrived, in the order of arrival. */
struct quality_arrival {
	uint32_t sequence;
	int64_t sent_ns, arrived_ns;
};

enum quality_fate {
	QUALITY_LOST,
	QUALITY_REACHED, /* arrived, nobody knows when: its answer was lost */
	QUALITY_PLAYED,
	QUALITY_DISCARDED
};

struct quality_log {
	size_t packets;  /* room for so many */
	size_t capacity; /* of replies and of all below */
	size_t sent_count, reply_count;
	int64_t *sent_ns;
	struct quality_entry *replies;
	uint32_t *first; /* by the reflector's count: a reply's index + 1; 0 = none */
	struct quality_arrival *arrivals;
	int64_t *times;
	uint8_t *fates;      /* by sequence */
	uint8_t *back_fates; /* by the reflector's count */
};

/**
 * What the times of arrivals say: order, jitter, variation, delay and discards.
 * \param fates  of the sequences below `sent`: those of the arrivals are set
 * \param times  room for count
 */
void quality_way_times(struct quality_way *way, const struct quality_arrival *arrivals,
	size_t count, int64_t buffer_ns, uint8_t *fates, int64_t *times);

/** Whether a packet's way back made one of these out of the other. */
bool quality_same_answer(
	const struct quality_reply *one, const struct quality_reply *other);

/** What the fates of all packets sent say: loss, its runs and burst. */
void quality_way_losses(struct quality_way *way, const uint8_t *fates, size_t sent);

/**
 * Of the first replies of the log: marks in its fates the most that can be taken in order
 * so that the reflector's numbers rise. \return how many
 */
size_t quality_mark_rise(struct quality_log *log, size_t count);

/** Sorts in place. \return the median; the middle of the lower half of an even count */
int64_t quality_sorted_median(int64_t *times, size_t count);

#endif
