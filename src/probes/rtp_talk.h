/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run over a range of ports: what both ways of asking share. Its memory is taken at
 * the start of the run and freed at its end, for it is large, and a run's own state is
 * kept for as many runs as there may ever be at once.
 */
#ifndef PROBES_RTP_TALK_H
#define PROBES_RTP_TALK_H

#include "engine/probe.h"
#include "media/port_map.h"
#include "media/stamp.h"
#include "probes/asking.h"

enum rtp_mode { RTP_STAMP, RTP_ICMP };

struct rtp_options {
	int mode;
	const char *key_file;
	int64_t control_port;
	int64_t ports_per_run;
	int64_t packets_per_second;
	int64_t source_port;
	int64_t length;
	int64_t dscp;
	int64_t loss_percent;
	int64_t window_us;
	struct stamp_key *key; /* by validate() */
};

/** Enough for a median. */
#define RTP_ROUND_TRIPS_MAX 1024

/** What was counted in a run. */
struct rtp_tally {
	size_t asked;           /* ports */
	size_t passing;         /* of them … */
	size_t blocked;         /* … and those of which neither is known are the rest */
	size_t closed, refused; /* parts of those */
	size_t denied;          /* of the rest, by our own firewall */
	size_t left;       /* silent, and not held all the time: resting, most likely */
	size_t doubted;    /* silent, and the reflector was not there all the time */
	size_t remembered; /* blocked when it held them last, which is not now */
	uint64_t resent;
	uint64_t foreign;   /* answers to no question of ours */
	uint64_t misplaced; /* answers from another port than the one asked */
	uint64_t corrupted;
	uint64_t replies;
	int64_t round_trip_max_ns;
	int64_t round_trips_ns[RTP_ROUND_TRIPS_MAX]; /* the first ones */
	size_t round_trips;
	/* First tries of ports that pass; and those that were asked slowly again. */
	size_t first_sent, first_lost, slow_sent, slow_lost;
	bool loses;           /* more than is borne */
	bool directions_told; /* of first tries, these were lost: */
	double lost_forward, lost_backward;
};

struct rtp_talk {
	struct probe_run *run;
	const struct rtp_options *options;
	struct asking *asking;
	struct port_map *map;
	struct port_map *own_map; /* NULL = the check's */
	uint16_t first, last;
	uint32_t since_s; /* when the run began, by the clock of the map */
	int64_t end_us;   /* by when it must have come to an end */
	struct loop_timer belt;
	uint32_t *latest; /* by port: the number of its last question, from 1; 0 = none */
	uint16_t *ports;  /* room for those to be asked next */
	size_t ports_max;
	size_t sample_max;
	size_t length; /* of a question, at least */
	struct rtp_tally tally;
	struct finding closed; /* the last word of the host that a port is closed */

	/* Of the batch under way. */
	unsigned tries;  /* 0 = as many as it takes to blame a port … */
	unsigned enough; /* … which were these, when its last lap was over */
	bool asks_reports, asks_last;
	void (*next)(struct rtp_talk *talk);

	/* With a reflector. */
	uint16_t session_first; /* of the first tries of the sample alone … */
	uint16_t session_rest;  /* … and of all else */
	uint32_t padding;
	uint8_t *told;        /* by port: its last report and RTP_TOLD…; 0 = none */
	uint16_t report_port; /* whom it is asked of */
	bool reported;        /* it told something */
	unsigned reporters;   /* ports that were tried for one */
	uint32_t counted;     /* first tries of the sample that arrived there … */
	bool is_counted;      /* … if it was told */
	uint32_t heard_first; /* answers to the first session … */
	uint32_t heard_rest;  /* … and to the other, before the last reports */
	bool began_anew;      /* the reflector forgot both: it was started again */
	uint32_t present;   /* from 1: the first packet that was answered; 0 = none … */
	bool has_last_word; /* … and one of the last batch was */
	bool asks_sample;   /* the reports before it are in */
	size_t sample_begin; /* the number of its first packet */
	size_t concluded;    /* up to this question */
	size_t doubters;     /* of `ports`: were blocked before, and are asked now */
	void (*concluded_next)(struct rtp_talk *talk);
};

/* Beside the four bits of a report. */
#define RTP_TOLD       0x80U
#define RTP_TOLD_LAST  0x40U /* at the end of the run */
#define RTP_TOLD_FIRST 0x20U /* before the sample: held */
#define RTP_TOLD_AWAY  0x10U /* at any time of the run: not held */

/** What a question is asked for. */
enum rtp_tag {
	RTP_SAMPLE,
	RTP_EDGE,
	RTP_SLOW,   /* a port that lost its first try, asked slowly */
	RTP_REPORT, /* of the reflector's ports */
	RTP_COUNT,  /* of the first tries that arrived */
	RTP_AGAIN,  /* a port that was called closed, and is held at the end */
};

/** \retval NULL  the run has been finished with the reason */
struct rtp_talk *rtp_talk_new(struct probe_run *run, const struct asking_events *events,
	size_t ports_max, size_t questions_max, size_t packets_max);

/** Fine with NULL. */
void rtp_talk_free(struct rtp_talk *talk);

uint32_t rtp_now_s(void);

/** The last port of what a run is about, which may be one port alone. */
uint16_t rtp_talk_last(const struct probe_run *run);
size_t rtp_talk_size(const struct rtp_talk *talk);

/** For the events of the asking: local trouble ends the run. */
void rtp_talk_failed(void *context, const struct finding *finding);

/** Goes on with `next`, unless the run has ended. */
void rtp_talk_settled(void *context);

bool rtp_talk_in_range(const struct rtp_talk *talk, uint16_t port);

/** Asked for what it is itself, of the sample or for an edge. */
bool rtp_talk_is_of_range(const struct asking_question *question);

/**
 * Adds a port of the range to the next batch; its question keeps what was known `before`.
 * \retval false  no room, or asked in this run
 */
bool rtp_talk_add(struct rtp_talk *talk, uint16_t port, enum rtp_tag tag);

/** Adds one that was asked in this run once more. \retval false  no room */
bool rtp_talk_repeat(struct rtp_talk *talk, uint16_t port);

/**
 * Nobody answers, and the host calls ports closed: then silence may come from its limit
 * of such words (one a second to each address; icmp(7), icmp_ratelimit), and is no block.
 */
bool rtp_talk_is_absent(const struct rtp_talk *talk);

/** Whether there is no time for another round of so long. */
bool rtp_talk_late(const struct rtp_talk *talk, int64_t round_us);

void rtp_talk_note(struct rtp_talk *talk, uint16_t port, enum port_state state);

/** The host asked has said something: from now on the phase is that of answers. */
void rtp_talk_hears(struct rtp_talk *talk);

/**
 * An ICMP error about a port of the range: notes it. The host's own word that nobody
 * listens there settles the question, anything else does if `final`. That our own
 * firewall takes what is sent there is noted of that port; whatever else our own host
 * says is about all of them and ends the run.
 */
void rtp_talk_refused(
	struct rtp_talk *talk, uint16_t port, const struct finding *finding, bool final);

/** Whether a device, or our own firewall, has said no to it in this run. */
bool rtp_talk_is_refused(const struct rtp_talk *talk, uint16_t port);

#endif
