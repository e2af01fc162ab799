/* SPDX-License-Identifier: Apache-2.0 */
#include "media/port_plan.h"

/* 2^32 divided by the golden ratio: multiples of it fill the circle most evenly. */
#define GOLDEN 2654435769U

/* Strides that are looked at below and above the golden one. */
#define STRIDES 16

/*
 * How unevenly multiples of the stride fill a circle of this size: the largest partial
 * quotient of the fraction's continued form, 2 at the least. The stride nearest to the
 * golden ratio may have a large one: that of 619 in 1000 is 47, and it takes up to 328
 * rounds to meet a hole of 33 ports; with the best one near it 79. SIZE_MAX if the
 * multiples do not meet every place.
 */
static size_t unevenness(size_t stride, size_t size)
{
	size_t left = size, right = stride, worst = 0;

	while (right > 0) {
		size_t rest = left % right;

		if (left / right > worst)
			worst = left / right;
		left = right;
		right = rest;
	}
	return left == 1 ? worst : SIZE_MAX;
}

/* A step that meets each of `size` places once before the first one again. */
static size_t golden_stride(size_t size)
{
	size_t golden = (size_t)((uint64_t)size * GOLDEN >> 32);
	size_t first = golden > STRIDES ? golden - STRIDES : 1;
	size_t best = 1, least = SIZE_MAX;

	for (size_t stride = first; stride < size && stride <= golden + STRIDES;
		stride++) {
		size_t uneven = unevenness(stride, size);

		if (uneven >= least)
			continue;
		least = uneven;
		best = stride;
	}
	return best;
}

/* Where a stratum begins its rotation: elsewhere than its neighbours. */
static size_t golden_start(size_t stratum, size_t size)
{
	uint32_t turned = (uint32_t)stratum * GOLDEN;

	return (size_t)((uint64_t)turned * size >> 32);
}

/* Strata have two sizes, which differ by one; after this many rounds all begin anew. */
static uint32_t rounds_of(size_t size, size_t strata)
{
	size_t longest = (size + strata - 1) / strata;

	return (uint32_t)(longest > 1 ? longest * (longest - 1) : 1);
}

size_t port_plan_sample(struct port_map *map, uint16_t *ret_ports, size_t most)
{
	size_t size = port_map_size(map);
	size_t strata = most < size ? most : size;
	size_t order = strata > 0 ? golden_stride(strata) : 0;
	uint32_t *round = port_map_cursor(map);

	for (size_t i = 0; i < strata; i++) {
		size_t stratum = i * order % strata;
		size_t begin = stratum * size / strata;
		size_t length = (stratum + 1) * size / strata - begin;
		size_t step = *round % length * golden_stride(length);
		size_t place = (golden_start(stratum, length) + step) % length;

		ret_ports[i] = (uint16_t)(port_map_first(map) + begin + place);
		port_map_draw(map, ret_ports[i]);
	}
	if (strata > 0)
		*round = (*round + 1) % rounds_of(size, strata);
	return strata;
}

static bool is_asked(const struct port_map *map, uint32_t port, uint32_t since_s)
{
	uint32_t asked_s = port_map_asked(map, (uint16_t)port);

	return asked_s != 0 && asked_s >= since_s;
}

static enum port_class class_of(const struct port_map *map, uint32_t port)
{
	return port_state_class(port_map_state(map, (uint16_t)port));
}

static enum port_class class_since(
	const struct port_map *map, uint32_t port, uint32_t since_s)
{
	return is_asked(map, port, since_s) ? class_of(map, port) : PORT_CLASS_UNKNOWN;
}

/* It was not asked, and can be. */
static bool is_due(const struct port_map *map, int64_t port, uint32_t since_s)
{
	return !is_asked(map, (uint32_t)port, since_s) &&
		!port_map_is_hidden(map, (uint16_t)port);
}

struct run {
	int64_t first, last;
};

static int64_t run_length(const struct run *run)
{
	return run->last - run->first + 1;
}

/* The longest run of ports that were not asked, and one at least can be; else empty. */
static struct run longest_unasked(
	const struct port_map *map, int64_t first, int64_t last, uint32_t since_s)
{
	struct run best = { 0, -1 }, run = { first, first };
	bool due = false;

	for (; run.last <= last; run.last++) {
		if (is_asked(map, (uint32_t)run.last, since_s)) {
			run.first = run.last + 1;
			due = false;
			continue;
		}
		due = due || is_due(map, run.last, since_s);
		if (due && run_length(&run) > run_length(&best))
			best = run;
	}
	return best;
}

/* The port that is due nearest to the middle of that run; -1 = none. */
static int64_t middle_due(
	const struct port_map *map, int64_t first, int64_t last, uint32_t since_s)
{
	const struct run run = longest_unasked(map, first, last, since_s);
	int64_t middle = run.last - run_length(&run) / 2;

	for (int64_t away = 0; away < run_length(&run); away++) {
		if (middle - away >= run.first && is_due(map, middle - away, since_s))
			return middle - away;
		if (middle + away <= run.last && is_due(map, middle + away, since_s))
			return middle + away;
	}
	return -1;
}

/* What lies between two known ports; one before or behind the range is nobody. */
struct gap {
	int64_t before, after;
};

enum edge { EDGE_NONE, EDGE_CLASS, EDGE_DIRECTION };

static bool is_inside(const struct port_map *map, int64_t port)
{
	return port >= port_map_first(map) && port <= port_map_last(map);
}

static bool is_blocked(const struct port_map *map, int64_t port)
{
	return is_inside(map, port) &&
		class_of(map, (uint32_t)port) == PORT_CLASS_BLOCKED;
}

static bool is_return(const struct port_map *map, int64_t port)
{
	return port_map_state(map, (uint16_t)port) == PORT_RETURN;
}

static enum edge edge_of(const struct port_map *map, const struct gap *gap)
{
	bool before = is_blocked(map, gap->before);
	bool after = is_blocked(map, gap->after);

	if (before != after)
		return EDGE_CLASS;
	if (before && is_return(map, gap->before) != is_return(map, gap->after))
		return EDGE_DIRECTION;
	return EDGE_NONE;
}

/* The port that tells most about where in the gap the edge is; -1 = none is left. */
static int64_t divide_gap(
	const struct port_map *map, const struct gap *gap, uint32_t since_s)
{
	int64_t first = gap->before + 1, last = gap->after - 1;

	if (!is_inside(map, gap->before) && first <= last && is_due(map, first, since_s))
		return first;
	if (!is_inside(map, gap->after) && first <= last && is_due(map, last, since_s))
		return last;
	return middle_due(map, first, last, since_s);
}

static size_t add_edges(const struct port_map *map, uint32_t since_s, enum edge edge,
	uint16_t *ret_ports, size_t most)
{
	struct gap gap = { .before = (int64_t)port_map_first(map) - 1 };
	int64_t end = (int64_t)port_map_last(map) + 1;
	size_t count = 0;

	for (int64_t port = gap.before + 1; port <= end && count < most; port++) {
		int64_t found;

		if (port < end &&
			class_since(map, (uint32_t)port, since_s) == PORT_CLASS_UNKNOWN)
			continue;
		gap.after = port;
		found = edge_of(map, &gap) == edge ? divide_gap(map, &gap, since_s) : -1;
		if (found >= 0)
			ret_ports[count++] = (uint16_t)found;
		gap.before = port;
	}
	return count;
}

size_t port_plan_edges(
	const struct port_map *map, uint32_t since_s, uint16_t *ret_ports, size_t most)
{
	size_t count = add_edges(map, since_s, EDGE_CLASS, ret_ports, most);

	return count +
		add_edges(map, since_s, EDGE_DIRECTION, ret_ports + count, most - count);
}

/* The next blocked port of a stretch from there on that is not hidden; -1 = none. */
static int64_t next_blocked(const struct port_map *map,
	const struct port_stretch *stretch, int64_t port, int64_t step)
{
	for (; port >= stretch->first && port <= stretch->last; port += step) {
		if (is_blocked(map, port) && !port_map_is_hidden(map, (uint16_t)port))
			return port;
	}
	return -1;
}

/* One near its middle, counted from below. */
static int64_t middle_blocked(
	const struct port_map *map, const struct port_stretch *stretch)
{
	int64_t middle = stretch->first + (stretch->last - stretch->first) / 2;
	int64_t port = next_blocked(map, stretch, middle, 1);

	return port >= 0 ? port : next_blocked(map, stretch, middle, -1);
}

/* Ports as they come to light: those from `skip` on are taken, and round again. */
struct taken {
	uint16_t *ports;
	size_t most, count;
	size_t skip, seen;
};

static void take_stale(
	const struct port_map *map, uint32_t since_s, uint16_t port, struct taken *taken)
{
	if (is_asked(map, port, since_s))
		return;
	if (taken->seen++ >= taken->skip && taken->count < taken->most)
		taken->ports[taken->count++] = port;
}

static void take_again(const struct port_map *map, uint32_t since_s, struct taken *taken)
{
	struct port_stretch stretch;

	for (uint32_t from = 0; port_plan_blocked(map, from, &stretch);
		from = stretch.last + 1U) {
		int64_t first = next_blocked(map, &stretch, stretch.first, 1);
		int64_t last = next_blocked(map, &stretch, stretch.last, -1);
		int64_t middle = middle_blocked(map, &stretch);

		if (first < 0)
			continue;
		take_stale(map, since_s, (uint16_t)first, taken);
		if (last != first)
			take_stale(map, since_s, (uint16_t)last, taken);
		if (middle != first && middle != last)
			take_stale(map, since_s, (uint16_t)middle, taken);
	}
}

size_t port_plan_again(
	struct port_map *map, uint32_t since_s, uint16_t *ret_ports, size_t most)
{
	struct taken all = { .most = 0 };
	struct taken taken = { .ports = ret_ports, .most = most };
	struct taken rest = { .most = 0 };

	take_again(map, since_s, &all);
	/* more than fit: the next ones every time, as the rotation counts */
	if (all.seen > most)
		taken.skip = (size_t)*port_map_cursor(map) * most % all.seen;
	take_again(map, since_s, &taken);
	rest.ports = ret_ports + taken.count;
	rest.most = taken.skip < most - taken.count ? taken.skip : most - taken.count;
	take_again(map, since_s, &rest);
	return taken.count + rest.count;
}

/* In one direction, up to the next port that passes or was asked since. */
static void doubt_beside(
	struct port_map *map, int64_t port, uint32_t since_s, int64_t step)
{
	for (port += step; is_inside(map, port); port += step) {
		uint32_t number = (uint32_t)port;

		if (is_asked(map, number, since_s) ||
			class_of(map, number) == PORT_CLASS_PASSES)
			return;
		if (is_blocked(map, port))
			port_map_note(map, (uint16_t)number, PORT_UNASKED, NULL, 0);
	}
}

void port_plan_doubt(
	struct port_map *map, uint32_t since_s, const uint16_t *again, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (class_since(map, again[i], since_s) != PORT_CLASS_PASSES)
			continue;
		doubt_beside(map, again[i], since_s, 1);
		doubt_beside(map, again[i], since_s, -1);
	}
}
