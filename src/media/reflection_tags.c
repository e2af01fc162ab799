/* SPDX-License-Identifier: Apache-2.0 */
#include "media/reflection_tags.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A power of two, filled to three quarters: 2 MiB each. */
#define PLACES      131072U
#define PLACES_USED (PLACES / 4 * 3)

#define COPY_MS   1000
#define COPIES    3
#define FROM_MASK 0x3fffffffU

struct entry {
	uint64_t tag; /* 0 = free */
	uint32_t at_ms;
	uint32_t from : 30;
	uint32_t copies : 2;
};

struct generation {
	struct entry *entries;
	size_t count;
	int64_t newest_ns; /* when the newest was sent, or came if that was before */
};

struct reflection_tags {
	struct generation young, old;
	int64_t forgotten_ns; /* newest_ns of what was forgotten */
};

struct reflection_tags *reflection_tags_new(void)
{
	struct reflection_tags *tags = calloc(1, sizeof(*tags));

	if (!tags)
		return NULL;
	tags->young.entries = calloc(PLACES, sizeof(struct entry));
	tags->old.entries = calloc(PLACES, sizeof(struct entry));
	tags->young.newest_ns = tags->old.newest_ns = tags->forgotten_ns = INT64_MIN;
	if (tags->young.entries && tags->old.entries)
		return tags;
	reflection_tags_free(tags);
	return NULL;
}

void reflection_tags_free(struct reflection_tags *tags)
{
	if (!tags)
		return;
	free(tags->young.entries);
	free(tags->old.entries);
	free(tags);
}

/* Tags are HMACs: as good as random, and of nobody's choice. */
static uint64_t tag_of(const struct tag_use *use)
{
	return use->tag ? use->tag : 1;
}

/* Its place, or the free one where it would be. */
static struct entry *place_of(const struct generation *generation, uint64_t tag)
{
	size_t i = tag & (PLACES - 1);

	while (generation->entries[i].tag && generation->entries[i].tag != tag)
		i = (i + 1) & (PLACES - 1);
	return &generation->entries[i];
}

static struct entry *find(struct reflection_tags *tags, uint64_t tag)
{
	struct entry *entry = place_of(&tags->young, tag);

	if (!entry->tag)
		entry = place_of(&tags->old, tag);
	return entry->tag ? entry : NULL;
}

static void rotate(struct reflection_tags *tags)
{
	struct generation old = tags->old;

	if (old.newest_ns > tags->forgotten_ns)
		tags->forgotten_ns = old.newest_ns;
	/* Untouched memory of a reflector that nobody asks stays untouched. */
	if (old.count)
		memset(old.entries, 0, PLACES * sizeof(old.entries[0]));
	old.count = 0;
	old.newest_ns = INT64_MIN;
	tags->old = tags->young;
	tags->young = old;
}

static bool is_copy(const struct entry *entry, const struct tag_use *use)
{
	uint32_t age_ms = (uint32_t)(use->now_us / 1000) - entry->at_ms;

	return age_ms <= COPY_MS && entry->from == (use->from & FROM_MASK) &&
		entry->copies < COPIES;
}

enum tag_verdict reflection_tags_judge(
	struct reflection_tags *tags, const struct tag_use *use)
{
	const struct entry *entry = find(tags, tag_of(use));

	if (entry)
		return is_copy(entry, use) ? TAG_COPY : TAG_REPLAYED;
	return use->sent_ns <= tags->forgotten_ns ? TAG_FORGOTTEN : TAG_NEW;
}

void reflection_tags_note(struct reflection_tags *tags, const struct tag_use *use)
{
	struct entry *entry = find(tags, tag_of(use));
	int64_t sent_ns =
		use->sent_ns < use->received_ns ? use->sent_ns : use->received_ns;

	if (entry) {
		if (entry->copies < COPIES)
			entry->copies++;
		return;
	}
	if (tags->young.count >= PLACES_USED)
		rotate(tags);
	entry = place_of(&tags->young, tag_of(use));
	entry->tag = tag_of(use);
	entry->at_ms = (uint32_t)(use->now_us / 1000);
	entry->from = use->from & FROM_MASK;
	entry->copies = 0;
	tags->young.count++;
	if (sent_ns > tags->young.newest_ns)
		tags->young.newest_ns = sent_ns;
}
