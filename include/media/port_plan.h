/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which ports of a range are asked next, and what the ones asked say of the others.
 * Pure, like the map it works on.
 *
 * A run asks port_plan_again(), calls port_plan_doubt() with these, asks
 * port_plan_sample(), and port_plan_edges() until that has no more. "Known since" a time
 * means: asked then or later, and told (port_state_class() is not PORT_CLASS_UNKNOWN).
 */
#ifndef MEDIA_PORT_PLAN_H
#define MEDIA_PORT_PLAN_H

#include "media/port_map.h"

/**
 * The next sample of the rotation: one port of each of `most` strata of the same size (or
 * one less), another one every time, so that any ceil(range / most) samples hold every
 * port, and none is asked again before all others of its stratum were. Neighbours are far
 * apart in time and order, and no two strata walk in step, so that neither a scan is seen
 * nor a rule for every tenth port is missed.
 * \return how many were written: most, or the whole range if that is less
 */
size_t port_plan_sample(struct port_map *map, uint16_t *ret_ports, size_t most);

/**
 * Ports that bring the edges of blocked ranges nearer: between a blocked port and the
 * next one that passes, both known since `since_s`, one in the middle of what was not
 * asked since; where nothing beyond a blocked port is known, the end of the range. Then
 * likewise between the two directions, PORT_RETURN and the other blocked states. Ask
 * them and call again; 0 once every edge lies between neighbours, or all between them
 * were asked and could not be told, or are hidden.
 */
size_t port_plan_edges(
	const struct port_map *map, uint32_t since_s, uint16_t *ret_ports, size_t most);

/**
 * Of every stretch of blocked ports its ends and its middle, or the nearest that are not
 * hidden, unless asked since `since_s`, so that what was repaired is seen at once and not
 * after a whole rotation. Of more than `most` the next ones every time.
 */
size_t port_plan_again(
	struct port_map *map, uint32_t since_s, uint16_t *ret_ports, size_t most);

/**
 * Once all of port_plan_again() were answered. Beside one of them that passes now, what
 * was blocked is not known any more, up to the next port that passes or was asked since
 * `since_s`: it becomes unasked.
 */
void port_plan_doubt(
	struct port_map *map, uint32_t since_s, const uint16_t *again, size_t count);

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

/**
 * Blocked ports of one direction with none that passes between them, for people: the
 * first and the last are blocked; of those between some may be unknown.
 */
struct port_stretch {
	uint16_t first, last;
	size_t blocked;               /* ports of it that are known to be */
	enum port_state state;        /* PORT_REFUSED if any is, PORT_BLOCKED if mixed */
	const struct finding *reason; /* of PORT_REFUSED, else NULL */
};

/**
 * The first stretch that begins at `from` or behind it.
 * \retval false  there is none
 */
bool port_plan_blocked(
	const struct port_map *map, uint32_t from, struct port_stretch *ret_stretch);

/** The share of the range that is known since then, 0 to 1. */
double port_plan_coverage(const struct port_map *map, uint32_t since_s);

/**
 * The upper 95 % confidence bound of the share of ports that are blocked: the largest
 * number of blocked ports with which no more than those found would be found in 5 % of
 * such samples. It is Clopper and Pearson's one-sided bound with the hypergeometric
 * distribution, which a sample without repeats from a finite range has, in the place of
 * the binomial one. So it is the share itself once all are known, and 1 while none is.
 * The sample is what port_plan_sample() has drawn; ports asked for another reason count
 * as known alone, for they lie where something is blocked.
 */
double port_plan_blocked_bound(const struct port_map *map, uint32_t since_s);

#endif
