/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of one check: the name is resolved, each of its addresses is asked in turn by
 * the requirement's probe kind, and what they said becomes one outcome.
 *
 * A TCP conversation that connects and then falls silent gets a second look with small
 * segments, and if that one works a third as before, then both once more: large ones stop
 * three times and small ones between them never, which is a path MTU black hole (RFC
 * 2923, 2.1) and hardly a coincidence.
 */
#ifndef ENGINE_FLIGHT_H
#define ENGINE_FLIGHT_H

#include "engine/probe.h"
#include "engine/requirement.h"

struct flight;
struct host;
struct port_map;
struct resolver;

struct flight_settings {
	const struct probe_services *services;
	struct host *host; /* NULL: the own host is never asked */
	/**
	 * On a turn of its own, after everything is released; the flight may be started
	 * again. \param applies  false: IPv6 "auto", and the name has no such address or
	 * this host no such route; the outcome then says nothing
	 */
	void (*done)(void *context, struct flight *flight, const struct check *check,
		const struct outcome *outcome, bool applies);
	void *context;
};

/** \param state_size  room for the largest run of any kind \retval NULL  out of memory */
struct flight *flight_new(const struct flight_settings *settings, size_t state_size);

/** Ends what is under way; done is not called. */
void flight_free(struct flight *flight);

/** What was said in the last run, of all its conversations; valid within done. */
const struct transcript *flight_transcript(const struct flight *flight);

/**
 * \param check, resolver  must outlive the run. Nothing is called back from within.
 * \param ports            what is known of the check's ports; NULL unless its kind keeps
 * it
 */
void flight_start(struct flight *flight, const struct check *check,
	struct resolver *resolver, struct port_map *ports);

#endif
