/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/history.h"

#include <stdlib.h>
#include <string.h>

/* Most requirements change once in their life, from unknown to ok. */
static bool make_room(struct history *history)
{
	unsigned room = history->room > 0 ? history->room * 2 : 1;
	struct history_change **grown;

	if (history->used < history->room)
		return true;
	if (history->room == HISTORY_CHANGES_MAX) {
		free(history->changes[0]);
		history->used--;
		memmove(history->changes, history->changes + 1,
			history->used * sizeof(*history->changes));
		return true;
	}
	grown = realloc(history->changes, room * sizeof(*grown));
	if (!grown)
		return false;
	history->changes = grown;
	history->room = room;
	return true;
}

void history_add(
	struct history *history, const struct history_change *change, const char *target)
{
	size_t length = strlen(target) + 1;
	struct history_change *copy = malloc(sizeof(*copy) + length);

	if (!copy || !make_room(history)) {
		free(copy);
		return;
	}
	*copy = *change;
	memcpy(copy->target, target, length);
	history->changes[history->used++] = copy;
}

enum verdict history_verdict(const struct history *history)
{
	return history->used > 0 ? history->changes[history->used - 1]->after
				 : VERDICT_UNKNOWN;
}

void history_done(struct history *history)
{
	for (unsigned i = 0; i < history->used; i++)
		free(history->changes[i]);
	free(history->changes);
	*history = (struct history){ 0 };
}

void conversations_init(struct conversations *conversations)
{
	TAILQ_INIT(&conversations->queue);
	conversations->octets = 0;
}

void conversations_move(struct conversations *to, struct conversations *from)
{
	TAILQ_CONCAT(&to->queue, &from->queue, neighbours);
	to->octets = from->octets;
	from->octets = 0;
}

static void give_up(struct history_run *run, struct conversations *conversations)
{
	if (!run->transcript)
		return;
	TAILQ_REMOVE(&conversations->queue, run, neighbours);
	conversations->octets -= transcript_size(run->transcript);
	free(run->transcript);
	run->transcript = NULL;
}

static void keep(struct history_run *run, struct conversations *conversations,
	const struct transcript *transcript)
{
	size_t size = transcript_size(transcript);

	while (conversations->octets + size > HISTORY_CONVERSATIONS_MAX)
		give_up(TAILQ_FIRST(&conversations->queue), conversations);
	run->transcript = transcript_keep(transcript);
	if (!run->transcript)
		return;
	TAILQ_INSERT_TAIL(&conversations->queue, run, neighbours);
	conversations->octets += size;
}

/* The oldest run's place is used again, so that a check that fails for ever is cheap. */
static struct history_run *new_run(
	struct history_runs *runs, struct conversations *conversations)
{
	struct history_run *run = runs->items[HISTORY_RUNS_MAX - 1];

	if (run)
		give_up(run, conversations);
	else
		run = malloc(sizeof(*run));
	if (!run)
		return NULL;
	memmove(runs->items + 1, runs->items,
		(HISTORY_RUNS_MAX - 1) * sizeof(struct history_run *));
	runs->items[0] = run;
	return run;
}

void history_runs_add(struct history_runs *runs, struct conversations *conversations,
	const struct outcome *outcome, const struct transcript *transcript)
{
	struct history_run *run = new_run(runs, conversations);

	if (!run)
		return;
	*run = (struct history_run){
		.wall_us = outcome->wall_us,
		.duration_us = outcome->duration_us,
		.finding = outcome->finding,
		.phase = outcome->phase,
		.peer = { outcome->address, outcome->port },
	};
	if (transcript)
		keep(run, conversations, transcript);
}

void history_runs_done(struct history_runs *runs, struct conversations *conversations)
{
	for (size_t i = 0; i < HISTORY_RUNS_MAX && runs->items[i]; i++) {
		give_up(runs->items[i], conversations);
		free(runs->items[i]);
	}
	*runs = (struct history_runs){ 0 };
}
