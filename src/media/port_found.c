/* SPDX-License-Identifier: Apache-2.0 */
/* What the ports asked say of the range: port_plan.h. */
#include <math.h>

#include "media/port_plan.h"

static bool is_neighbour(
	const struct port_map *map, uint32_t port, const struct port_range *range)
{
	return port_map_state(map, (uint16_t)port) == range->state &&
		port_map_reason(map, (uint16_t)port) == range->reason;
}

bool port_plan_range(
	const struct port_map *map, uint32_t from, struct port_range *ret_range)
{
	uint32_t last = from;

	if (from > port_map_last(map))
		return false;
	ret_range->state = port_map_state(map, (uint16_t)from);
	ret_range->reason = port_map_reason(map, (uint16_t)from);
	while (last < port_map_last(map) && is_neighbour(map, last + 1, ret_range))
		last++;
	ret_range->first = (uint16_t)from;
	ret_range->last = (uint16_t)last;
	return true;
}

/* \retval false  it belongs to another stretch */
static bool grow_stretch(struct port_stretch *stretch, const struct port_range *range)
{
	bool is_return = range->state == PORT_RETURN;

	if (port_state_class(range->state) == PORT_CLASS_PASSES)
		return false;
	if (port_state_class(range->state) == PORT_CLASS_UNKNOWN)
		return true;
	if (is_return != (stretch->state == PORT_RETURN))
		return false;
	if (range->reason && stretch->reason && range->reason != stretch->reason)
		return false;
	if (range->reason) {
		stretch->state = PORT_REFUSED;
		stretch->reason = range->reason;
	} else if (range->state != stretch->state && stretch->state != PORT_REFUSED) {
		stretch->state = PORT_BLOCKED;
	}
	stretch->last = range->last;
	stretch->blocked += (size_t)range->last - range->first + 1;
	return true;
}

bool port_plan_blocked(
	const struct port_map *map, uint32_t from, struct port_stretch *ret_stretch)
{
	struct port_range range;

	if (from < port_map_first(map))
		from = port_map_first(map);
	while (port_plan_range(map, from, &range) &&
		port_state_class(range.state) != PORT_CLASS_BLOCKED)
		from = range.last + 1U;
	if (from > port_map_last(map))
		return false;
	*ret_stretch = (struct port_stretch){
		.first = range.first, .state = range.state, .reason = range.reason
	};
	while (port_plan_range(map, from, &range) && grow_stretch(ret_stretch, &range))
		from = range.last + 1U;
	return true;
}

/* Ports that are known since then, and of them those that a sample has drawn. */
struct known {
	size_t ports, blocked;
	size_t drawn, drawn_blocked;
};

static struct known count_known(const struct port_map *map, uint32_t since_s)
{
	struct known known = { 0 };

	for (uint32_t port = port_map_first(map); port <= port_map_last(map); port++) {
		uint32_t asked_s = port_map_asked(map, (uint16_t)port);
		enum port_class class =
			port_state_class(port_map_state(map, (uint16_t)port));

		if (asked_s == 0 || asked_s < since_s || class == PORT_CLASS_UNKNOWN)
			continue;
		known.ports++;
		known.blocked += class == PORT_CLASS_BLOCKED;
		if (!port_map_is_drawn(map, (uint16_t)port))
			continue;
		known.drawn++;
		known.drawn_blocked += class == PORT_CLASS_BLOCKED;
	}
	return known;
}

double port_plan_coverage(const struct port_map *map, uint32_t since_s)
{
	struct known known = count_known(map, since_s);

	return (double)known.ports / (double)port_map_size(map);
}

/* The logarithm of how many ways there are to choose some of `all`. */
static double log_choose(double all, double some)
{
	int sign;

	return lgamma_r(all + 1, &sign) - lgamma_r(some + 1, &sign) -
		lgamma_r(all - some + 1, &sign);
}

/*
 * The chance that a sample holds no more blocked ports than it does, if so many of the
 * whole range are. Summed downwards from the likeliest number, so that no term vanishes
 * before the sum does.
 */
static double chance_of_so_few(const struct known *known, double blocked, double range)
{
	double drawn = (double)known->drawn, found = (double)known->drawn_blocked;
	double passing = range - blocked;
	double term, sum = 0;

	if (found >= drawn * blocked / range)
		return 1; /* at least the median: a half or more, and beyond the mode */
	term = exp(log_choose(blocked, found) + log_choose(passing, drawn - found) -
		log_choose(range, drawn));
	for (; found >= 0 && term > sum * 1e-17; found--) {
		sum += term;
		term *= found * (passing - drawn + found);
		term /= (blocked - found + 1) * (drawn - found + 1);
	}
	return sum;
}

/*
 * What was asked to find edges is no sample: half of it is blocked whatever the range is.
 * It counts as known ports and not as a part of the whole.
 */
double port_plan_blocked_bound(const struct port_map *map, uint32_t since_s)
{
	struct known known = count_known(map, since_s);
	size_t range = port_map_size(map);
	size_t least = known.blocked;
	size_t most = range - (known.ports - known.blocked);

	/* the more are blocked, the less likely so few were drawn: halve to the last */
	while (least < most) {
		size_t middle = least + (most - least + 1) / 2;

		if (chance_of_so_few(&known, (double)middle, (double)range) > 0.05)
			least = middle;
		else
			most = middle - 1;
	}
	return (double)least / (double)range;
}
