/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one probe kind once against a given address on a real loop, exactly as the engine
 * does: begun on a turn of its own, ended by its finish or by the deadline with what its
 * silence means, stopped on a later turn.
 */
#ifndef TESTS_PROBES_HARNESS_H
#define TESTS_PROBES_HARNESS_H

#include "base/clock.h"
#include "engine/probe.h"
#include "net/loop.h"

/** May be changed between trials: services.trust and services.transfers are NULL unless
 * the test sets them, and stay the test's own. */
struct harness {
	struct loop *loop;
	struct probe_services services;
};

/** For what ends by itself, however slow the machine is. */
#define HARNESS_PATIENCE (20 * SECOND)

struct trial {
	const struct probe_kind *kind;
	const char *host;    /* as configured; NULL = the address as text */
	const char *address; /* NULL = "127.0.0.1" */
	uint16_t port;
	uint16_t port_last;            /* 0 = port */
	struct port_map *ports;        /* the test's own; may be NULL */
	struct resolver *resolver;     /* the test's own; may be NULL */
	struct transcript *transcript; /* the same */
	const char *const *options;    /* "name", "value", …, NULL; may be NULL */
	int64_t timeout_us;            /* 0 = HARNESS_PATIENCE */

	/** A descriptor that becomes readable when the peer has said its last and waits:
	 * the deadline strikes soon after. NULL = when the time is up. */
	const int *quiet;

	/** Stops the run right after its start, or so long after it, as a reload would.
	 */
	bool abandon;
	int64_t abandon_after_us;

	/** The deadline strikes in the turn of the start, and stop() comes so long after:
	 * whatever the peer does meanwhile is too late. 0 = as the engine does. */
	int64_t late_us;
};

struct verdict_of_trial {
	struct outcome outcome; /* of an abandoned run: as far as it came */
	unsigned finishes;      /* calls of probe_finish(), the deadline's included */
	bool by_deadline;
	bool finished_in_start; /* from within start() */
};

void harness_open(struct harness *harness);
void harness_close(struct harness *harness);

/** For cmocka: a struct harness. */
int harness_set_up(void **state);
int harness_tear_down(void **state);

struct verdict_of_trial harness_try(struct harness *harness, const struct trial *trial);

/** The usual case: only the outcome, and the test fails unless it ended once. */
struct outcome harness_run(struct harness *harness, const struct trial *trial);

/** The test fails, naming `what` and what was found instead, unless it was this.
 * \param detail  of the evidence; NULL = not compared */
void harness_found(const char *what, const struct outcome *outcome, enum verdict verdict,
	enum cause cause, const char *detail);

/** The gauge of this name in an outcome; -1 = absent. */
double harness_value(
	const struct probe_kind *kind, const struct outcome *outcome, const char *name);

/** Turns the loop for so long, for what comes after an abandoned run. */
void harness_turn(struct harness *harness, int64_t micros);

/** A string or a file, which may be unset. */
bool harness_option_is_text(const struct probe_option *option);

/**
 * Reads one option as the configuration would, within least … most.
 * \param text  NULL = unset, allowed for strings only
 * \retval false  not a value of this option; its field is untouched
 */
bool harness_option_set(
	const struct probe_option *option, void *options, const char *text);

/** The test fails unless validate() refuses this value of an option, the others as they
 * are by default, with a sentence in which `hint` stands and
 * no escape, whatever the value was. */
void harness_refuses(const struct probe_kind *kind, const char *name, const char *value,
	const char *hint);

/** Allocates the options of a kind: fallbacks, then pairs, then validate(). The test
 * fails if any is refused. Free with harness_options_free(). */
void *harness_options(const struct probe_kind *kind, const char *const *pairs);
void harness_options_free(const struct probe_kind *kind, void *options);

#endif
