/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether more packets are lost than is borne, judged from run to run so that a path at
 * the bound does not change its verdict with every run. Pure.
 *
 * A run of 300 packets over a path that loses just the 5 % that are borne is beyond them
 * every other time. So the first run is taken by its word, and from then on the judgement
 * changes only when the other one is proven: by one run alone where chance would not do
 * that in 10,000 of them, or by the runs of late, ten in effect, not in 1,000. The chance
 * is that of the binomial distribution: losses in bursts are more uneven than it allows
 * for, so on paths with those it changes more often, and still rarely.
 */
#ifndef MEDIA_LOSS_MEMORY_H
#define MEDIA_LOSS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

enum loss_judgement { LOSS_UNJUDGED, LOSS_BORNE, LOSS_BEYOND };

/** Begins as zeroes. */
struct loss_memory {
	enum loss_judgement judgement;
	double sent, lost; /* of late: a run counts a tenth less with each one after it */
};

/**
 * Takes a run in. \param bound  the share from which on it is too much, 0 to 1
 * \return whether more is lost than is borne; after nothing was sent, as before
 */
bool loss_memory_judge(
	struct loss_memory *memory, size_t sent, size_t lost, double bound);

/** The share lost of late, 0 to 1. */
double loss_memory_share(const struct loss_memory *memory);

#endif
