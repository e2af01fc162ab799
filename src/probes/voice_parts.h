/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the kind `voice` share: options, one run, gauges. */
#ifndef PROBES_VOICE_PARTS_H
#define PROBES_VOICE_PARTS_H

#include "base/clock.h"
#include "engine/probe.h"
#include "media/e_model.h"
#include "media/quality.h"
#include "media/stamp.h"
#include "net/loop.h"
#include "net/volley.h"

/** Ports that are asked whether anybody answers there, of which one or some are used. */
#define VOICE_CANDIDATES 16
#define VOICE_PORTS_MAX  8

/** Packets behind the stream that close its window, should some of them be lost. */
#define VOICE_CLOSERS 10

/** How long ports are looked for when nobody answers. */
#define VOICE_SCOUT_TIME (2500 * MILLISECOND)

/** What turns of the loop may add to the times of a run. */
#define VOICE_SLACK (250 * MILLISECOND)

/* Numbers of packets that look for ports: no reflector that counts comes so far. */
#define VOICE_SCOUT_FIRST (1U << 20)
#define VOICE_SCOUT_MOST  64

struct voice_options {
	int64_t duration_us, interval_us, grace_us, buffer_us;
	int64_t ports, control_port, dscp, length;
	const char *key_file;
	int codec; /* enum e_model_codec_id */
	int64_t advantage;
	/* What may be, for one thousand packets or as it is called. */
	int64_t loss_max, reorder_max, duplicate_max, corruption_max;
	int64_t jitter_max_us, delay_max_us;
	int64_t rating_degraded, rating_failed;

	struct stamp_key *key; /* by validate(); NULL = open, or nothing was said */
};

struct voice_run;

/** What a run does now: each stage hears what comes in and is woken by the timer. */
struct voice_stage {
	void (*wake)(struct voice_run *voice);
	void (*hear)(struct voice_run *voice, const struct stamp_reply *reply,
		const struct volley_answer *answer);
	/** What cannot be an answer to us: altered, forged or no STAMP. */
	void (*doubt)(struct voice_run *voice, enum stamp_flaw flaw,
		const struct volley_answer *answer);
	/** An ICMP error. */
	void (*refuse)(
		struct voice_run *voice, uint16_t port, const struct finding *finding);
};

struct voice_candidate {
	uint16_t port;
	bool answered, refused;
};

struct voice_run {
	struct probe_run *run;
	const struct voice_stage *stage;
	struct volley *volley;
	struct loop_timer timer;
	int64_t began_us; /* of the stage */
	uint32_t padding;
	uint16_t error;         /* of our clock */
	struct finding refusal; /* of the stage's first ICMP error; CAUSE_NONE = none */

	/* Looking for ports. */
	struct voice_candidate candidates[VOICE_CANDIDATES];
	unsigned candidate_count, answered_count, lap;
	uint16_t scout_ssid, window; /* candidates lie in 1024 ports from here on */
	uint32_t scout_count;
	int64_t scout_sent_ns[VOICE_SCOUT_MOST];
	bool stateless; /* the reflector copies our numbers */
	bool control_asked, control_refused;
	bool control_answers; /* at the port where it is asked about the others */
	struct stamp_report report;

	/* The stream. */
	struct quality_log *log;
	uint16_t ssid;
	uint16_t ports[VOICE_PORTS_MAX];
	unsigned port_count;
	uint32_t packets;   /* of the stream, without those that close it */
	bool nameless;      /* the reflector knows no session identifier */
	bool closed;        /* a packet behind the stream was answered */
	uint16_t left_port; /* that its host called closed meanwhile; 0 = none */
	int64_t late_us;    /* how late our own loop was at the most */
	int64_t ahead_us;   /* wall clock minus monotonic, at its beginning */
	uint32_t altered;
	int64_t their_error_us; /* the worst of what it told; INT64_MAX = unknown */
	bool class_refused;
	uint32_t classes[QUALITY_DIRECTION_COUNT][64]; /* arrivals by DSCP */
};

/** What was measured, ready to be judged. */
struct voice_facts {
	const struct voice_options *options;
	const struct quality *quality;
	uint32_t altered;
	/* One way, network only: measured, or half the round trip. */
	double network_ms[QUALITY_DIRECTION_COUNT];
	bool one_way[QUALITY_DIRECTION_COUNT]; /* that it was measured */
	double clock_error_ms;                 /* of both clocks; INFINITY = not known */
};

enum voice_gauge {
	VOICE_LOSS,
	VOICE_UNANSWERED = VOICE_LOSS + 2,
	VOICE_ROUND_TRIP,
	VOICE_ROUND_LEAST,
	VOICE_ROUND_MOST,
	VOICE_LONGEST_RUN,
	VOICE_MEAN_RUN = VOICE_LONGEST_RUN + 2,
	VOICE_BURST = VOICE_MEAN_RUN + 2,
	VOICE_REORDERED = VOICE_BURST + 2,
	VOICE_DUPLICATE = VOICE_REORDERED + 2,
	VOICE_CORRUPT = VOICE_DUPLICATE + 2,
	VOICE_JITTER,
	VOICE_VARIATION = VOICE_JITTER + 2,
	VOICE_DISCARDED = VOICE_VARIATION + 2 * QUALITY_SHARE_COUNT,
	VOICE_ONE_WAY = VOICE_DISCARDED + 2,
	VOICE_CLOCK_ERROR = VOICE_ONE_WAY + 2,
	VOICE_EAR_DELAY,
	VOICE_DSCP = VOICE_EAR_DELAY + 2,
	VOICE_RATING = VOICE_DSCP + 2,
	VOICE_MOS = VOICE_RATING + 2 * E_MODEL_CODEC_COUNT,
	VOICE_PACKETS = VOICE_MOS + 2 * E_MODEL_CODEC_COUNT,
	VOICE_LATENESS,
	VOICE_GAUGE_COUNT
};

/** The table of the above. */
const struct probe_gauge *voice_gauges(void);

/** For which codec the stream is judged. */
static inline enum e_model_codec_id voice_codec(const struct voice_options *options)
{
	return (enum e_model_codec_id)options->codec;
}

/** Packets of a stream. */
uint32_t voice_packets(const struct voice_options *options);

/** Closes and finishes. */
void voice_finish(struct voice_run *voice, const struct finding *finding);

/** A new session of this stage; wakes it on the next turn. */
void voice_enter(struct voice_run *voice, const struct voice_stage *stage);

/**
 * Sends one packet, stamped now.
 * \param request  sequence, ssid, and what else is asked
 * \return when, or 0: it was not sent now, or the run is over
 */
int64_t voice_send(
	struct voice_run *voice, uint16_t port, const struct stamp_request *request);

/** Whether a time that went through a STAMP packet is this one. */
static inline bool voice_same_time(int64_t one_ns, int64_t other_ns)
{
	return one_ns - other_ns <= 2 && other_ns - one_ns <= 2;
}

/** The first of a stage is kept. */
void voice_keep_refusal(
	struct voice_run *voice, uint16_t port, const struct finding *finding);

/** A port is closed: the way is open, only there is no reflector at its end. */
bool voice_is_nobody_there(const struct finding *refusal);

/** Looks for ports that answer, then begins the stream. */
void voice_scout(struct voice_run *voice);

void voice_stream(struct voice_run *voice);

/** From mouth to ear: network, packet, look-ahead of the codec and de-jitter buffer. */
double voice_ear_delay_ms(const struct voice_options *options,
	enum e_model_codec_id codec, double network_ms);

/** R of a way for a codec. */
double voice_rating(const struct voice_facts *facts, const struct quality_way *way,
	double network_ms, enum e_model_codec_id codec);

/** Sets the gauges, and notes for people what was measured. */
void voice_report(struct voice_run *voice, const struct voice_facts *facts);

/** The verdict on what was measured. */
struct finding voice_judge(const struct voice_facts *facts);

#endif
