/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a range's ports, as all reports show it; for report/ itself only. */
#ifndef REPORT_PORTS_H
#define REPORT_PORTS_H

#include "base/text.h"
#include "engine/store.h"
#include "media/port_plan.h"

/** What one column of a strip says of its ports; the worst first. */
enum port_mark {
	PORT_MARK_BLOCKED, /* at least one is */
	PORT_MARK_RETURN,  /* at least one is, and of all these only the way back */
	PORT_MARK_PASSES,  /* all of them pass */
	PORT_MARK_PARTLY,  /* those pass that could be told; others are not known */
	PORT_MARK_UNTOLD,  /* asked, and none could be told */
	PORT_MARK_UNASKED,
	PORT_MARK_COUNT
};

/** '#', '<', '=', '-', '?', '.': for terminals and programs. */
char port_mark_letter(enum port_mark mark);

/** What the mark says, for a legend. */
const char *port_mark_words(enum port_mark mark, enum language language);

struct ports_view {
	const struct port_map *map;
	size_t counts[PORT_STATE_COUNT];
	size_t size, asked, passing, blocked, stretches;
	double coverage, bound; /* of the last run that told; below 0 = none did */
};

/** \retval false  there is nothing to show: it keeps no ports, or asked none yet */
bool ports_view_make(const struct record *record, struct ports_view *ret_view);

/** Columns of a strip of at most so many: a range of few ports has fewer. */
size_t ports_columns(const struct ports_view *view, size_t most);

/** \param index  0 to columns - 1, from the first port on */
enum port_mark ports_column(const struct ports_view *view, size_t index, size_t columns);

/** "12000", "12000-12999" */
void ports_append_range(uint16_t first, uint16_t last, struct text *text);

/** "12000-12999, 15000 and 3 more": the blocked ones, no more than `most` ranges. */
void ports_append_blocked(const struct ports_view *view, size_t most,
	enum language language, struct text *text);

/** " Blocked: 12000-12999, 15000." for the end of a row; nothing where none is. */
void ports_append_row(
	const struct record *record, enum language language, struct text *text);

/** "12000-12999 (1000 ports): what we send does not arrive [ICMP 3/13 from …]" */
void ports_append_stretch(
	const struct port_stretch *stretch, enum language language, struct text *text);

/** How many were asked, pass, are blocked or cannot be told; one sentence. */
void ports_append_counts(
	const struct ports_view *view, enum language language, struct text *text);

/** How much may hide in what was not asked; nothing where that is not known. */
void ports_append_bound(
	const struct ports_view *view, enum language language, struct text *text);

#endif
