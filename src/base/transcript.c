/* SPDX-License-Identifier: Apache-2.0 */
#include "base/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

const char *transcript_side_name(enum transcript_side side)
{
	static const char *const names[TRANSCRIPT_SIDE_COUNT] = {
		[TRANSCRIPT_SENT] = "sent",
		[TRANSCRIPT_RECEIVED] = "received",
		[TRANSCRIPT_NOTE] = "note",
	};

	return names[side];
}

/* The entries first: they are the ones to be aligned, and as a struct the same as it. */
static struct transcript *allocate(uint16_t entries, uint16_t octets)
{
	size_t room = entries * sizeof(struct transcript_entry);
	struct transcript *transcript = malloc(sizeof(*transcript) + room + octets);

	if (!transcript)
		return NULL;
	*transcript = (struct transcript){
		.entries_room = entries,
		.octets_room = octets,
		.entries = (struct transcript_entry *)(transcript + 1),
	};
	transcript->octets = (uint8_t *)(transcript->entries + entries);
	return transcript;
}

struct transcript *transcript_new(void)
{
	struct transcript *transcript =
		allocate(TRANSCRIPT_ENTRIES_MAX, TRANSCRIPT_OCTETS_MAX);

	if (transcript)
		transcript_begin(transcript);
	return transcript;
}

void transcript_begin(struct transcript *transcript)
{
	transcript->began_us = clock_now_us();
	transcript->left_out = 0;
	transcript->entries_used = 0;
	transcript->octets_used = 0;
}

static size_t lesser(size_t one, size_t other)
{
	return one < other ? one : other;
}

void transcript_add(struct transcript *transcript, enum transcript_side side,
	const void *data, size_t length)
{
	size_t room = (size_t)(transcript->octets_room - transcript->octets_used);
	size_t kept = lesser(length, lesser(room, TRANSCRIPT_ENTRY_MAX));
	struct transcript_entry *entry;

	if (transcript->entries_used == transcript->entries_room) {
		transcript->left_out++;
		return;
	}
	entry = &transcript->entries[transcript->entries_used++];
	*entry = (struct transcript_entry){
		.after_us = clock_now_us() - transcript->began_us,
		.length = (uint32_t)lesser(length, UINT32_MAX),
		.kept = (uint16_t)kept,
		.begin = transcript->octets_used,
		.side = (uint8_t)side,
	};
	if (kept > 0)
		memcpy(transcript->octets + transcript->octets_used, data, kept);
	transcript->octets_used = (uint16_t)(transcript->octets_used + kept);
}

void transcript_continue(struct transcript *transcript, enum transcript_side side,
	const void *data, size_t length)
{
	struct transcript_entry *last;
	size_t room = (size_t)(transcript->octets_room - transcript->octets_used);
	size_t kept;

	if (transcript->left_out > 0 || transcript->entries_used == 0 ||
		transcript->entries[transcript->entries_used - 1].side != side) {
		transcript_add(transcript, side, data, length);
		return;
	}
	last = &transcript->entries[transcript->entries_used - 1];
	kept = lesser(length, lesser(room, (size_t)TRANSCRIPT_ENTRY_MAX - last->kept));
	if (kept > 0)
		memcpy(transcript->octets + transcript->octets_used, data, kept);
	last->length = (uint32_t)lesser(last->length + length, UINT32_MAX);
	last->kept = (uint16_t)(last->kept + kept);
	transcript->octets_used = (uint16_t)(transcript->octets_used + kept);
}

size_t transcript_size(const struct transcript *transcript)
{
	return sizeof(*transcript) +
		transcript->entries_used * sizeof(*transcript->entries) +
		transcript->octets_used;
}

struct transcript *transcript_keep(const struct transcript *transcript)
{
	struct transcript *copy =
		allocate(transcript->entries_used, transcript->octets_used);

	if (!copy)
		return NULL;
	copy->began_us = transcript->began_us;
	copy->left_out = transcript->left_out;
	copy->entries_used = transcript->entries_used;
	copy->octets_used = transcript->octets_used;
	memcpy(copy->entries, transcript->entries,
		transcript->entries_used * sizeof(*transcript->entries));
	memcpy(copy->octets, transcript->octets, transcript->octets_used);
	return copy;
}
