/* SPDX-License-Identifier: Apache-2.0 */
/* A stream as a whole: which packets count, and the fate of each on both ways. */
#include <stdlib.h>
#include <string.h>

#include "media/quality_parts.h"

static int compare(int64_t left, int64_t right)
{
	return (left > right) - (left < right);
}

/* As the reflector sent them, by its count; copies of one answer by their arrival. */
static int by_reflected(const void *left, const void *right)
{
	const struct quality_entry *one = left, *other = right;
	int order = compare(one->reply.reflected, other->reply.reflected);

	if (order == 0)
		order = compare(one->reply.left_ns, other->reply.left_ns);
	return order != 0 ? order : compare(one->order, other->order);
}

static int by_leaving(const void *left, const void *right)
{
	const struct quality_entry *one = left, *other = right;
	int order = compare(one->reply.left_ns, other->reply.left_ns);

	if (order == 0)
		order = compare(one->reply.reflected, other->reply.reflected);
	return order != 0 ? order : compare(one->order, other->order);
}

static int by_arrival(const void *left, const void *right)
{
	const struct quality_entry *one = left, *other = right;

	return compare(one->order, other->order);
}

/* One number in so many may be wrong: it has 4 of 172 octets that can be altered. */
#define STRANGE_SHARE 50

/* One look at a stream: the answers that count, and where its window ends. */
struct look {
	struct quality_log *log;
	struct quality_entry *replies;
	size_t count;   /* without copies that the way back made */
	size_t packets; /* of the stream */
	bool numbered;
	uint32_t window;  /* sequences below it are told */
	uint32_t counted; /* answers of the reflector before the window's end */
};

/*
 * Leaves the first copy of each answer, in the reflector's order. There are others only
 * where answers share a number, as those of a stateless reflector do.
 */
static void drop_copies(struct look *look)
{
	struct quality_entry *replies = look->replies;
	size_t kept = 0;

	for (size_t i = 0; i < look->count; i++) {
		if (kept > 0 &&
			quality_same_answer(&replies[kept - 1].reply, &replies[i].reply))
			replies[kept - 1].copies += 1 + replies[i].copies;
		else
			replies[kept++] = replies[i];
	}
	look->count = kept;
}

/* For want of its own numbers, those of the order in which it sent. */
static void number_by_time(struct look *look)
{
	for (size_t i = 0; i < look->count; i++)
		look->replies[i].reply.reflected = (uint32_t)i;
}

/*
 * The reflector's numbers rise with its time. Where few of them do not, those were
 * altered on the way, and their answers are as good as lost; where many do not, it does
 * not count, or began anew within the stream.
 */
static bool keep_counted(struct look *look, uint32_t *ret_strange)
{
	size_t rising = quality_mark_rise(look->log, look->count);
	size_t kept = 0;

	if ((look->count - rising) * STRANGE_SHARE > look->count)
		return false;
	for (size_t i = 0; i < look->count; i++) {
		if (look->log->fates[i])
			look->replies[kept++] = look->replies[i];
	}
	*ret_strange = (uint32_t)(look->count - kept);
	look->count = kept;
	return true;
}

/* \retval false  nobody knows how many it counted before the first packet */
static bool count_from_first(struct look *look)
{
	uint32_t before;

	if (look->count == 0 || look->replies[0].reply.sequence != 0)
		return false;
	before = look->replies[0].reply.reflected;
	for (size_t i = 0; i < look->count; i++)
		look->replies[i].reply.reflected -= before;
	return true;
}

static bool has_numbers(
	struct look *look, enum quality_numbers numbers, uint32_t *ret_strange)
{
	return numbers != QUALITY_COPIED && keep_counted(look, ret_strange) &&
		(numbers == QUALITY_COUNTED || count_from_first(look));
}

/*
 * The window ends at the first answered packet behind the stream; without one, behind
 * the answered packet that the reflector counted last.
 */
static void find_window(struct look *look)
{
	const struct quality_reply *closing = NULL;

	for (size_t i = 0; i < look->count; i++) {
		const struct quality_reply *reply = &look->replies[i].reply;

		if (reply->sequence >= look->packets &&
			(!closing || reply->sequence < closing->sequence))
			closing = reply;
	}
	if (closing) {
		look->window = closing->sequence;
		look->counted = closing->reflected;
	} else if (look->count > 0) {
		closing = &look->replies[look->count - 1].reply;
		look->window = closing->sequence + 1;
		look->counted = closing->reflected + 1;
	}
}

static bool is_within(const struct look *look, const struct quality_reply *reply)
{
	return reply->reflected < look->counted && reply->sequence < look->window;
}

/* \return the first packet from here on that has no answer; the window if there is none
 */
static uint32_t next_unanswered(const struct look *look, uint32_t from)
{
	while (from < look->window && look->log->fates[from] != QUALITY_LOST)
		from++;
	return from;
}

/*
 * The answers to some packets were lost: of those without one, as many did arrive as
 * numbers are missing, and those that lie nearest in order are taken. Where a gap has
 * both kinds nobody knows which was which; the earlier ones are taken. A number that has
 * no packet left was that of a copy.
 */
static void settle_reached(struct look *look, size_t missing)
{
	uint8_t *fates = look->log->fates;
	uint32_t near = 0, expected = 0;

	for (size_t i = 0; i < look->count && expected < look->counted; i++) {
		const struct quality_reply *reply = &look->replies[i].reply;

		for (; expected < reply->reflected && expected < look->counted;
			expected++) {
			near = next_unanswered(look, near);
			if (near == look->window)
				break;
			fates[near] = QUALITY_REACHED;
			missing--;
		}
		expected = reply->reflected + 1;
		if (reply->sequence > near && reply->sequence < look->window)
			near = reply->sequence;
	}
	/* what reordering has put out of reach */
	for (near = next_unanswered(look, 0); missing > 0 && near < look->window;
		near = next_unanswered(look, near), missing--)
		fates[near] = QUALITY_REACHED;
}

static void measure_forward(struct look *look, int64_t buffer_ns, struct quality *quality)
{
	struct quality_log *log = look->log;
	struct quality_way *way = &quality->ways[QUALITY_FORWARD];
	size_t arrived = 0, within = 0;

	memset(log->fates, QUALITY_LOST, log->capacity);
	for (size_t i = 0; i < look->count; i++) {
		const struct quality_reply *reply = &look->replies[i].reply;

		within += reply->reflected < look->counted;
		if (!is_within(look, reply))
			continue;
		if (log->fates[reply->sequence] != QUALITY_LOST) {
			way->duplicates++;
			continue;
		}
		log->fates[reply->sequence] = QUALITY_PLAYED;
		log->arrivals[arrived++] = (struct quality_arrival){ reply->sequence,
			log->sent_ns[reply->sequence], reply->reached_ns };
	}
	quality_way_times(way, log->arrivals, arrived, buffer_ns, log->fates, log->times);
	settle_reached(look, look->counted - within);
	quality_way_losses(way, log->fates, look->window);
}

static void measure_backward(
	struct look *look, int64_t buffer_ns, struct quality *quality)
{
	struct quality_log *log = look->log;
	struct quality_way *way = &quality->ways[QUALITY_BACKWARD];
	size_t arrived = 0;

	memset(log->back_fates, QUALITY_LOST, log->capacity);
	qsort(look->replies, look->count, sizeof(look->replies[0]), by_arrival);
	for (size_t i = 0; i < look->count; i++) {
		const struct quality_reply *reply = &look->replies[i].reply;

		if (reply->reflected >= look->counted)
			continue;
		way->duplicates += look->replies[i].copies;
		log->arrivals[arrived++] = (struct quality_arrival){ reply->reflected,
			reply->left_ns, reply->back_ns };
	}
	quality_way_times(
		way, log->arrivals, arrived, buffer_ns, log->back_fates, log->times);
	quality_way_losses(way, log->back_fates, look->counted);
}

/* Whatever way it was lost on: all of the stream, with what came after its window. */
static void measure_both(struct look *look, int64_t buffer_ns, struct quality *quality)
{
	struct quality_log *log = look->log;
	size_t count = 0;

	memset(log->fates, QUALITY_LOST, log->capacity);
	for (size_t i = 0; i < look->count; i++) {
		const struct quality_reply *reply = &look->replies[i].reply;
		int64_t sent_ns = log->sent_ns[reply->sequence];
		int64_t stay_ns = reply->left_ns - reply->reached_ns;

		if (reply->sequence >= look->packets ||
			log->fates[reply->sequence] != QUALITY_LOST)
			continue;
		log->fates[reply->sequence] = QUALITY_PLAYED;
		log->arrivals[count++] = (struct quality_arrival){ reply->sequence,
			sent_ns + stay_ns, reply->back_ns };
	}
	quality->answered = (uint32_t)count;
	quality_way_times(
		&quality->both, log->arrivals, count, buffer_ns, log->fates, log->times);
	quality_way_losses(&quality->both, log->fates, look->packets);
	if (count == 0)
		return;
	quality->round_least_ns = log->times[0];
	quality->round_median_ns = quality->both.delay_ns;
	quality->round_most_ns = log->times[count - 1];
}

void quality_measure(struct quality_log *log, size_t packets,
	enum quality_numbers numbers, int64_t buffer_ns, struct quality *ret_quality)
{
	struct look look = { .log = log,
		.replies = log->replies,
		.count = log->reply_count,
		.packets = packets };

	*ret_quality = (struct quality){ 0 };
	qsort(look.replies, look.count, sizeof(look.replies[0]), by_reflected);
	drop_copies(&look);
	qsort(look.replies, look.count, sizeof(look.replies[0]), by_leaving);
	look.numbered = has_numbers(&look, numbers, &ret_quality->strange);
	if (!look.numbered)
		number_by_time(&look);
	find_window(&look);
	measure_forward(&look, buffer_ns, ret_quality);
	measure_backward(&look, buffer_ns, ret_quality);
	/* last: it is in the order of arrival now */
	measure_both(&look, 2 * buffer_ns, ret_quality);
	ret_quality->told =
		look.count > 0 && (look.numbered || ret_quality->answered == packets);
	log->reply_count = look.count;
}
