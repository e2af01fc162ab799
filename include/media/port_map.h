/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of each port of a range: one state a port with the time of its last
 * asking and who refused it. It lives beside the record of its check, from run to run and
 * over reloads: 10,001 ports take 81 KiB, 64,511 take 507.
 *
 * Pure: no clock, no socket, no allocation after port_map_new().
 */
#ifndef MEDIA_PORT_MAP_H
#define MEDIA_PORT_MAP_H

#include "base/outcome.h"
#include "media/loss_memory.h"

/** In the order of the metric's values. */
enum port_state {
	PORT_UNASKED,
	PORT_OPEN,    /* packets pass there and back */
	PORT_CLOSED,  /* the host itself says that nobody listens: the path is proven */
	PORT_BUSY,    /* another program holds it at the reflector: cannot be told */
	PORT_UNHELD,  /* the reflector does not listen there */
	PORT_RESTING, /* it listens there in turns, and not now */
	PORT_SILENT,  /* no answer, and nobody owes one: cannot be told */
	PORT_DENIED,  /* our own firewall takes what we send there: cannot be told */
	PORT_LOST,    /* what we send does not arrive */
	PORT_RETURN,  /* it arrives, and the answer does not come back */
	PORT_BLOCKED, /* no answer from who owes one; which way is not known */
	PORT_REFUSED, /* a device on the way refused it: port_map_reason() */
	PORT_STATE_COUNT
};

/** What a state says of the path. */
enum port_class { PORT_CLASS_UNKNOWN, PORT_CLASS_PASSES, PORT_CLASS_BLOCKED };

/** "unasked", "open", … : the value of the label `state`. */
const char *port_state_name(enum port_state state);
enum port_class port_state_class(enum port_state state);

/**
 * Different reasons kept of one range at a time; a place is free again once no port shows
 * it. Ports of any further reason show one that names nobody.
 */
#define PORT_REASONS_MAX 15

struct port_map;

/** \param last  not less than first \retval NULL  out of memory */
struct port_map *port_map_new(uint16_t first, uint16_t last);
void port_map_free(struct port_map *map);

uint16_t port_map_first(const struct port_map *map);
uint16_t port_map_last(const struct port_map *map);
size_t port_map_size(const struct port_map *map);

/**
 * \param why     who refused, for PORT_REFUSED; else NULL
 * \param now_s   seconds on any clock that does not go back; more than 0
 */
void port_map_note(struct port_map *map, uint16_t port, enum port_state state,
	const struct finding *why, uint32_t now_s);

enum port_state port_map_state(const struct port_map *map, uint16_t port);

/**
 * Who refused a port that is PORT_REFUSED, until the map's next note; NULL for any other.
 * Ports with the same reason have the same pointer.
 */
const struct finding *port_map_reason(const struct port_map *map, uint16_t port);

/** When it was asked last, by the clock of port_map_note(); 0 = never. */
uint32_t port_map_asked(const struct port_map *map, uint16_t port);

/** How many ports are in each state. */
void port_map_count(const struct port_map *map, size_t ret_counts[PORT_STATE_COUNT]);

/**
 * Whether a port was drawn as part of a sample, and not asked for what its neighbours
 * are; forgotten when it becomes PORT_UNASKED. For media/port_plan.h alone.
 */
void port_map_draw(struct port_map *map, uint16_t port);
bool port_map_is_drawn(const struct port_map *map, uint16_t port);

/** Where the rotation of the sample stands; for media/port_plan.h alone. */
uint32_t *port_map_cursor(struct port_map *map);

/**
 * For now nobody can answer there, so that no plan needs it: what was found of it while
 * somebody could is known still.
 */
void port_map_hide(struct port_map *map, uint16_t port, bool hidden);
bool port_map_is_hidden(const struct port_map *map, uint16_t port);

/** What was lost on the way to the range so far; for whoever asks its ports. */
struct loss_memory *port_map_losses(struct port_map *map);

#endif
