/* SPDX-License-Identifier: Apache-2.0 */
#include "media/port_map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct port {
	uint8_t state;
	uint8_t reason; /* of PORT_REFUSED: index into reasons; the last is `many` */
	bool drawn, hidden;
	uint32_t asked_s;
};

struct reason {
	struct finding finding;
	size_t ports; /* that show it now; 0 = the place is free */
};

struct port_map {
	uint16_t first, last;
	uint32_t cursor;
	struct loss_memory losses;
	struct reason reasons[PORT_REASONS_MAX];
	size_t counts[PORT_STATE_COUNT];
	struct port ports[];
};

static const struct {
	const char *name;
	enum port_class class;
} states[PORT_STATE_COUNT] = {
	[PORT_UNASKED] = { "unasked", PORT_CLASS_UNKNOWN },
	[PORT_OPEN] = { "open", PORT_CLASS_PASSES },
	[PORT_CLOSED] = { "closed", PORT_CLASS_PASSES },
	[PORT_BUSY] = { "busy", PORT_CLASS_UNKNOWN },
	[PORT_UNHELD] = { "unheld", PORT_CLASS_UNKNOWN },
	[PORT_RESTING] = { "resting", PORT_CLASS_UNKNOWN },
	[PORT_SILENT] = { "silent", PORT_CLASS_UNKNOWN },
	[PORT_DENIED] = { "denied", PORT_CLASS_UNKNOWN },
	[PORT_LOST] = { "lost", PORT_CLASS_BLOCKED },
	[PORT_RETURN] = { "return-lost", PORT_CLASS_BLOCKED },
	[PORT_BLOCKED] = { "blocked", PORT_CLASS_BLOCKED },
	[PORT_REFUSED] = { "refused", PORT_CLASS_BLOCKED },
};

/* Of ports refused for more reasons than are kept: nobody is named in another's place. */
static const struct finding many = {
	.verdict = VERDICT_FAILED,
	.cause = CAUSE_RTP_PARTIAL,
	.evidence = { .kind = EVIDENCE_COMPARISON,
		.detail = "refused for more reasons than are kept" },
};

const char *port_state_name(enum port_state state)
{
	return states[state].name;
}

enum port_class port_state_class(enum port_state state)
{
	return states[state].class;
}

struct port_map *port_map_new(uint16_t first, uint16_t last)
{
	size_t size = (size_t)last - first + 1;
	struct port_map *map = calloc(1, sizeof(*map) + size * sizeof(map->ports[0]));

	if (!map)
		return NULL;
	map->first = first;
	map->last = last;
	map->counts[PORT_UNASKED] = size;
	return map;
}

void port_map_free(struct port_map *map)
{
	free(map);
}

uint16_t port_map_first(const struct port_map *map)
{
	return map->first;
}

uint16_t port_map_last(const struct port_map *map)
{
	return map->last;
}

size_t port_map_size(const struct port_map *map)
{
	return (size_t)map->last - map->first + 1;
}

static bool same_reason(const struct finding *left, const struct finding *right)
{
	return left->cause == right->cause &&
		left->evidence.type == right->evidence.type &&
		left->evidence.code == right->evidence.code &&
		address_equal(&left->evidence.offender, &right->evidence.offender);
}

/* \return its place, or PORT_REASONS_MAX if there is none for it */
static uint8_t keep_reason(struct port_map *map, const struct finding *why)
{
	uint8_t free_place = PORT_REASONS_MAX;

	for (uint8_t i = 0; i < PORT_REASONS_MAX; i++) {
		if (map->reasons[i].ports == 0)
			free_place = free_place < i ? free_place : i;
		else if (same_reason(&map->reasons[i].finding, why))
			return i;
	}
	if (free_place < PORT_REASONS_MAX)
		map->reasons[free_place].finding = *why;
	return free_place;
}

static void count_reason(struct port_map *map, const struct port *port, size_t change)
{
	if (port->state == PORT_REFUSED && port->reason < PORT_REASONS_MAX)
		map->reasons[port->reason].ports += change;
}

static const struct port *port_of(const struct port_map *map, uint16_t port)
{
	assert(port >= map->first && port <= map->last);
	return &map->ports[port - map->first];
}

void port_map_note(struct port_map *map, uint16_t port, enum port_state state,
	const struct finding *why, uint32_t now_s)
{
	struct port *entry = &map->ports[port_of(map, port) - map->ports];

	assert((why != NULL) == (state == PORT_REFUSED));
	map->counts[entry->state]--;
	map->counts[state]++;
	count_reason(map, entry, (size_t)-1);
	entry->state = (uint8_t)state;
	entry->reason = why ? keep_reason(map, why) : 0;
	count_reason(map, entry, 1);
	entry->drawn = entry->drawn && state != PORT_UNASKED;
	entry->asked_s = now_s;
}

enum port_state port_map_state(const struct port_map *map, uint16_t port)
{
	return (enum port_state)port_of(map, port)->state;
}

const struct finding *port_map_reason(const struct port_map *map, uint16_t port)
{
	const struct port *entry = port_of(map, port);

	if (entry->state != PORT_REFUSED)
		return NULL;
	if (entry->reason == PORT_REASONS_MAX)
		return &many;
	return &map->reasons[entry->reason].finding;
}

uint32_t port_map_asked(const struct port_map *map, uint16_t port)
{
	return port_of(map, port)->asked_s;
}

void port_map_count(const struct port_map *map, size_t ret_counts[PORT_STATE_COUNT])
{
	memcpy(ret_counts, map->counts, sizeof(map->counts));
}

void port_map_draw(struct port_map *map, uint16_t port)
{
	map->ports[port_of(map, port) - map->ports].drawn = true;
}

bool port_map_is_drawn(const struct port_map *map, uint16_t port)
{
	return port_of(map, port)->drawn;
}

uint32_t *port_map_cursor(struct port_map *map)
{
	return &map->cursor;
}

void port_map_hide(struct port_map *map, uint16_t port, bool hidden)
{
	map->ports[port_of(map, port) - map->ports].hidden = hidden;
}

bool port_map_is_hidden(const struct port_map *map, uint16_t port)
{
	return port_of(map, port)->hidden;
}

struct loss_memory *port_map_losses(struct port_map *map)
{
	return &map->losses;
}
