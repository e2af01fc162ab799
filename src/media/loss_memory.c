/* SPDX-License-Identifier: Apache-2.0 */
#include "media/loss_memory.h"

#include <math.h>

/* What chance may do: of one run, and of those of late, which are looked at as often. */
#define RUN_CHANCE  1e-4
#define LATE_CHANCE 1e-3

/* Of what is remembered, so much is left with each run. */
#define KEPT 0.9

/* The chance that exactly so many of all are lost. */
static double chance_of(double sent, double lost, double share)
{
	int sign;

	return exp(lgamma_r(sent + 1, &sign) - lgamma_r(lost + 1, &sign) -
		lgamma_r(sent - lost + 1, &sign) + lost * log(share) +
		(sent - lost) * log1p(-share));
}

/* The chance that no fewer are lost, or no more: from the likeliest one outwards. */
static double chance_of_tail(double sent, double lost, double share, double step)
{
	double sum = 0, term = chance_of(sent, lost, share);

	for (; lost >= 0 && lost <= sent && term > sum * 1e-12; lost += step) {
		sum += term;
		term = chance_of(sent, lost + step, share);
	}
	return sum;
}

/* Only a share on the far side of the bound is proof of anything. */
static bool is_beyond(double sent, double lost, double bound, double chance)
{
	return lost > sent * bound && chance_of_tail(sent, lost, bound, 1) <= chance;
}

static bool is_below(double sent, double lost, double bound, double chance)
{
	return lost < sent * bound && chance_of_tail(sent, lost, bound, -1) <= chance;
}

static enum loss_judgement judge(
	const struct loss_memory *memory, double sent, double lost, double bound)
{
	double late_sent = round(memory->sent), late_lost = round(memory->lost);

	if (memory->judgement == LOSS_UNJUDGED || bound <= 0 || bound >= 1)
		return lost >= sent * bound ? LOSS_BEYOND : LOSS_BORNE;
	if (is_beyond(sent, lost, bound, RUN_CHANCE))
		return LOSS_BEYOND;
	if (is_below(sent, lost, bound, RUN_CHANCE))
		return LOSS_BORNE;
	if (is_beyond(late_sent, late_lost, bound, LATE_CHANCE))
		return LOSS_BEYOND;
	if (is_below(late_sent, late_lost, bound, LATE_CHANCE))
		return LOSS_BORNE;
	return memory->judgement;
}

bool loss_memory_judge(struct loss_memory *memory, size_t sent, size_t lost, double bound)
{
	if (sent > 0) {
		memory->sent = memory->sent * KEPT + (double)sent;
		memory->lost = memory->lost * KEPT + (double)lost;
		memory->judgement = judge(memory, (double)sent, (double)lost, bound);
	}
	return memory->judgement == LOSS_BEYOND;
}

double loss_memory_share(const struct loss_memory *memory)
{
	return memory->sent > 0 ? memory->lost / memory->sent : 0;
}
