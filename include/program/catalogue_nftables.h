/* SPDX-License-Identifier: Apache-2.0 */
/* The requirements of a plan as rules for nft(8). */
#ifndef PROGRAM_CATALOGUE_NFTABLES_H
#define PROGRAM_CATALOGUE_NFTABLES_H

#include <stdio.h>

#include "engine/requirement.h"

/**
 * Prints a table of sets and one chain without a hook: only a person can say where it
 * belongs. Rows that are switched off at a site are not in it.
 */
void catalogue_nftables(const struct plan *plan, FILE *out);

#endif
