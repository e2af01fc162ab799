/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which ports of a range are asked next, and what the ones asked say of the others.
 * Pure, like the map it works on.
 */
#ifndef MEDIA_PORT_PLAN_H
#define MEDIA_PORT_PLAN_H

#include "media/port_map.h"

/**
 * The next sample of the rotation: one port of each of `most` equal strata, another one
 * of each stratum every time, so that a range of n ports is asked whole, each port once,
 * in ceil(n / most) samples. \return how many were written: most, or the whole range if
 * that is less
 */
size_t port_plan_sample(struct port_map *map, uint16_t *ret_ports, size_t most);

/**
 * Ports that bring the edges of blocked ranges nearer: between a blocked port and the
 * next one that passes, both known since `since_s`, the one in the middle. 0 once every
 * edge lies between neighbours.
 */
size_t port_plan_edges(
	const struct port_map *map, uint32_t since_s, uint16_t *ret_ports, size_t most);

/** Neighbouring ports in one state, refused ones for one reason. */
struct port_range {
	uint16_t first, last;
	enum port_state state;
	const struct finding *reason; /* of PORT_REFUSED, else NULL */
};

/**
 * The range that begins at `from`. Unasked ports between two of the same state that
 * bisection has closed are not guessed: they are a range of their own.
 * \retval false  from is behind the last port
 */
bool port_plan_range(
	const struct port_map *map, uint32_t from, struct port_range *ret_range);

/** The share of the range that was asked since then and could be told, 0 to 1. */
double port_plan_coverage(const struct port_map *map, uint32_t since_s);

/**
 * The upper 95 % confidence bound of the share of ports that are blocked: Clopper and
 * Pearson's on the ports that could be told since then, corrected for the finite range,
 * so that it is the share itself once all are known, and 1 while none is.
 */
double port_plan_blocked_bound(const struct port_map *map, uint32_t since_s);

#endif
