/* SPDX-License-Identifier: Apache-2.0 */
/* The requirements of a plan as rules for nft(8). */
#ifndef REPORT_FIREWALL_H
#define REPORT_FIREWALL_H

#include "base/text.h"
#include "engine/requirement.h"

struct store;

/** What is wanted; NULL = all of them. */
struct firewall_scope {
	const struct site *site;
	const struct requirement *requirement;
	/** Where the plan has the checks of that row at that site; 0, 0 = not known. */
	size_t first, count;
	/**
	 * Rules for no more than the ports found blocked by these checks, which must be
	 * known; NULL = for all the rows want.
	 */
	const struct store *missing;
};

/** Whether any port of these checks was found blocked. */
bool firewall_is_missing(const struct store *store, const struct firewall_scope *scope);

/**
 * A table of sets and one chain without a hook: only a person can say where it belongs.
 * Rows that are switched off at a site are not in it. \param language  of the comments
 */
void firewall_write(const struct plan *plan, const struct firewall_scope *scope,
	enum language language, struct text *text);

#endif
