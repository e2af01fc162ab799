/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a probe kind: how one protocol is spoken once, to one address. A kind
 * holds the conversation and says what it found; the engine resolves the name, starts the
 * run, arms the deadline, stops and repeats. A kind knows no timers of its own schedule,
 * no retries and no metric exposition.
 *
 * A run: start() is called from within no other call of the kind or the resolver; the
 * kind enters phases, notes values and ends with probe_finish() exactly once, also from
 * within start(). The engine then calls stop() after that has returned, always and once,
 * which closes and releases everything: after a finish, at the deadline, at a reload and
 * at shutdown.
 */
#ifndef ENGINE_PROBE_H
#define ENGINE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "base/transcript.h"

struct loop;
struct port_map;
struct resolver;
struct tls_trust;
struct transfers;
struct probe_run;

enum probe_option_type {
	PROBE_OPTION_BOOL,     /* bool; "true", "false" */
	PROBE_OPTION_INTEGER,  /* int64_t between least and most */
	PROBE_OPTION_DURATION, /* int64_t microseconds between least and most */
	PROBE_OPTION_STRING,   /* const char *, owned by the plan, NULL if unset */
	PROBE_OPTION_FILE,     /* likewise, a path as seen from the process */
	PROBE_OPTION_CHOICE,   /* int, index into choices */
};

/** One option of a kind: configuration, manual and --help are made from this row. */
struct probe_option {
	const char *name; /* NULL ends the table */
	enum probe_option_type type;
	size_t offset;        /* of its field in the kind's options struct */
	const char *fallback; /* as one would write it; NULL = unset */
	int64_t least, most;
	const char *const *choices; /* NULL terminated, for PROBE_OPTION_CHOICE */
	const char *help;           /* one sentence */
};

/**
 * One value a run may measure. With `label`, the value is an index into `label_values`
 * and is shown as an info series: name{label="value"} 1. With `label` and `label_value`
 * the value is a number of its own, name{label="value"} N, and the rows of one such name
 * stand one after the other. Several kinds may have the same name; help and label must
 * then be the same. A number may have a second such pair, also_label and also_value:
 * rtp_mos{direction="forward",codec="g711"}.
 */
struct probe_gauge {
	const char *name; /* with unit, without the prefix: "ntp_offset_seconds" */
	const char *help;
	const char *label;               /* NULL for a plain number */
	const char *const *label_values; /* NULL terminated closed list */
	const char *label_value;         /* or the one of this row */
	const char *also_label;          /* beside label_value; NULL = none */
	const char *also_value;
};

struct probe_kind {
	const char *name;
	const char *summary;                /* one sentence for the manual */
	const struct probe_option *options; /* ends with a NULL name */
	const struct probe_gauge *gauges;   /* ends with a NULL name */
	size_t options_size;
	size_t run_size;   /* of the kind's own state, zeroed before each start() */
	bool takes_ranges; /* of ports; any other kind is given one port */
	bool keeps_ports;  /* what it finds of each port of a range: run->ports */
	bool apart;        /* holds no connection at the host: not counted by per_host */

	/**
	 * Checks options against each other and fills derived fields, once, at load.
	 * \param options  options_size octets, set from the table
	 * \param why      a sentence that says what to write instead, on false
	 * May be NULL.
	 */
	bool (*validate)(void *options, char *why, size_t why_size);

	/**
	 * How long a run takes at the most where nothing comes back: the timeout of its
	 * row must not be shorter. NULL = it ends whenever the deadline comes.
	 */
	int64_t (*longest)(const void *options);

	/** Frees what validate() allocated in options. May be NULL. */
	void (*release)(void *options);

	void (*start)(struct probe_run *run);
	void (*stop)(struct probe_run *run);
};

/** Whom to ask. Lives as long as the run. */
struct probe_target {
	const char *host; /* the name as configured: for SNI, Host:, domains */
	struct address address;
	uint16_t port;
	uint16_t port_last; /* = port unless the row is a range */
};

/** What kinds may use; made once by the daemon, shared by all runs. */
struct probe_services {
	struct loop *loop;
	struct tls_trust *trust;     /* trust store, loaded once */
	struct transfers *transfers; /* libcurl on the loop */
	bool sweeps; /* every port of a range in one run, for the command check --sweep */
	bool steered; /* by a reflector of this host: see net/volley.h */
	/** How far a long run is, for people who wait; may be NULL. */
	void (*on_progress)(
		void *context, const struct probe_run *run, size_t done, size_t total);
	void *progress_context;
};

/** What a kind sees of its run. Only the functions below change it. */
struct probe_run {
	const struct probe_kind *kind;
	const void *options;
	struct probe_target target;
	const struct probe_services *services;
	struct resolver *resolver; /* of the site: for redirects and the like */
	int64_t timeout_us;        /* for belts; the engine's deadline is the law */
	uint16_t segment_max;      /* of TCP; 0 = as the path allows, see stream.h */
	void *state;               /* run_size octets of the kind's own */
	struct port_map *ports;    /* of the check, if its kind keeps them; else NULL */

	/* The engine's own. */
	struct outcome outcome;
	struct transcript *transcript; /* NULL = nobody will read it */
	struct finding silence;
	bool silence_named;     /* by probe_suspect(): an answer came and did not fit */
	const char *unmeasured; /* by probe_unmeasured(); NULL = it counts */
	bool finished;
	int64_t phase_began_us;
	void (*on_finish)(struct probe_run *run);
	void *context;
};

/**
 * For the engine: forgets the run before, zeroes the state and calls the kind's start().
 * kind, options, target, services, resolver, timeout_us, state, on_finish and context
 * are set by the caller before. on_finish may be called from within.
 */
void probe_begin(struct probe_run *run);

/** For the engine, at the deadline: ends a run with its silence unless it has ended. */
void probe_expire(struct probe_run *run);

/**
 * Begins a phase; the time of the one before ends here. `silence` is what it means if the
 * deadline comes now: CAUSE_TIMEOUT, CAUSE_NO_ANSWER, CAUSE_HTTP_TIMEOUT …
 */
void probe_enter(struct probe_run *run, enum phase phase, enum cause silence);

/** As probe_enter() has set it, with another verdict: UDP that owes no answer. */
void probe_silence_verdict(struct probe_run *run, enum verdict verdict);

/** What else is to be said of silence in this phase: how far it came before, say. */
void probe_silence_evidence(struct probe_run *run, const struct evidence *evidence);

/**
 * For a kind that measures how something is done which another row proves to be done at
 * all: whatever ends the run from here on, and is not well, says nothing of what is to be
 * measured. What would be failed or degraded is unknown, with its cause, its evidence and
 * these words.
 * \param words  live as long as the run; NULL = from here on it counts
 */
void probe_unmeasured(struct probe_run *run, const char *words);

/**
 * An answer came that does not belong to the question. The run goes on to its deadline
 * and then ends with the first such finding instead of mere silence; one from a wrong
 * source keeps the verdict that silence has, for anybody can send it, and gives way to
 * one from who was asked.
 */
void probe_suspect(struct probe_run *run, const struct finding *finding);

/** Notes a value by its index in the kind's gauge table. Only what was measured. */
void probe_set(struct probe_run *run, unsigned gauge, double value);

/** Tells who waits how far a long run is. */
void probe_progress(const struct probe_run *run, size_t done, size_t total);

/** Notes how far a time server's clock is ahead of ours: evidence about our own clock. */
void probe_clock_offset(struct probe_run *run, int64_t offset_us);

/** Notes our own end of the conversation, and what the other side saw of it. */
void probe_local(struct probe_run *run, const struct transport_address *local);
void probe_mapped(struct probe_run *run, const struct transport_address *mapped);

/**
 * Notes a hash of what was answered, if it may be somebody else's answer: the same one
 * for unrelated hosts hints at a portal. Only the first counts; 0 = none.
 */
void probe_answer(struct probe_run *run, uint64_t answer);

/** Notes who vouches for the certificate: facts.issuer of net/tls.h. */
void probe_issuer(struct probe_run *run, uint64_t issuer);

/**
 * What was said, for people: the transcript. The frames (exchange, dialogue) do it; a
 * kind only for what passes them by. Data as it is meant, not as it is encrypted.
 */
void probe_sent(struct probe_run *run, const void *data, size_t length);
void probe_received(struct probe_run *run, const void *data, size_t length);
/** Joins what was sent or received last, if it was that. */
void probe_more(struct probe_run *run, enum transcript_side side, const void *data,
	size_t length);
void probe_note(struct probe_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Corrects a phase by a better measure than the turns of the loop (curl's own times). For
 * the present phase it is the last word: what still passes in it is not added.
 */
void probe_phase_time(struct probe_run *run, enum phase phase, int64_t micros);

/**
 * Ends the run. After it nothing of this page changes the run any more: an event that was
 * on its way when the deadline struck comes too late, which is nobody's mistake.
 */
void probe_finish(struct probe_run *run, const struct finding *finding);

/** Ends the run with VERDICT_OK. */
void probe_finish_ok(struct probe_run *run);

/** Ends the run with a cause, its own verdict and no evidence. */
void probe_finish_cause(struct probe_run *run, enum cause cause);

#endif
