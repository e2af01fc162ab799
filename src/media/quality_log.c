/* SPDX-License-Identifier: Apache-2.0 */
/* What was sent and what came back, in memory that is taken once. */
#include <assert.h>
#include <stdlib.h>

#include "media/quality_parts.h"

static bool all_allocated(const struct quality_log *log)
{
	return log->sent_ns && log->replies && log->first && log->arrivals &&
		log->times && log->fates && log->back_fates;
}

struct quality_log *quality_log_new(size_t packets)
{
	size_t capacity = QUALITY_COPIES * packets + QUALITY_SPARE;
	struct quality_log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->packets = packets;
	log->capacity = capacity;
	log->sent_ns = calloc(packets, sizeof(log->sent_ns[0]));
	log->replies = calloc(capacity, sizeof(log->replies[0]));
	log->first = calloc(capacity, sizeof(log->first[0]));
	log->arrivals = calloc(capacity, sizeof(log->arrivals[0]));
	log->times = calloc(capacity, sizeof(log->times[0]));
	log->fates = calloc(capacity, sizeof(log->fates[0]));
	log->back_fates = calloc(capacity, sizeof(log->back_fates[0]));
	if (all_allocated(log))
		return log;
	quality_log_free(log);
	return NULL;
}

void quality_log_free(struct quality_log *log)
{
	if (!log)
		return;
	free(log->sent_ns);
	free(log->replies);
	free(log->first);
	free(log->arrivals);
	free(log->times);
	free(log->fates);
	free(log->back_fates);
	free(log);
}

void quality_log_sent(struct quality_log *log, int64_t sent_ns)
{
	assert(log->sent_count < log->packets);
	log->sent_ns[log->sent_count++] = sent_ns;
}

size_t quality_log_count(const struct quality_log *log)
{
	return log->sent_count;
}

int64_t quality_log_sent_ns(const struct quality_log *log, uint32_t sequence)
{
	assert(sequence < log->sent_count);
	return log->sent_ns[sequence];
}

/* What two clocks may differ in while a packet is on its way. */
#define RATES_DIFFER_NS INT64_C(1000000)

/* It cannot have stayed longer than it was away. */
static bool is_possible(const struct quality_log *log, const struct quality_reply *reply)
{
	int64_t away_ns = reply->back_ns - log->sent_ns[reply->sequence];
	int64_t stay_ns = reply->left_ns - reply->reached_ns;

	return stay_ns >= 0 && stay_ns <= away_ns + RATES_DIFFER_NS;
}

bool quality_same_answer(
	const struct quality_reply *one, const struct quality_reply *other)
{
	return one->reflected == other->reflected && one->left_ns == other->left_ns &&
		one->sequence == other->sequence;
}

/* \return what was noted of the same answer; NULL = nothing */
static struct quality_entry *original_of(
	const struct quality_log *log, const struct quality_reply *reply)
{
	uint32_t first = log->first[reply->reflected];

	if (first > 0 && quality_same_answer(&log->replies[first - 1].reply, reply))
		return &log->replies[first - 1];
	return NULL;
}

static void note(struct quality_log *log, const struct quality_reply *reply)
{
	uint32_t index = (uint32_t)log->reply_count++;

	log->replies[index] = (struct quality_entry){ *reply, index, 0 };
	if (log->first[reply->reflected] == 0)
		log->first[reply->reflected] = index + 1;
}

/* Copies take no room of others: a path may make as many as it likes. */
bool quality_log_reply(struct quality_log *log, const struct quality_reply *reply)
{
	struct quality_entry *original;

	if (reply->sequence >= log->sent_count || reply->reflected >= log->capacity ||
		!is_possible(log, reply))
		return false;
	original = original_of(log, reply);
	if (original)
		original->copies++;
	else if (log->reply_count < log->capacity)
		note(log, reply);
	return true;
}
