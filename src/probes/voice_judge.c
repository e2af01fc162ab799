/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on a stream. What is beyond a bound degrades it, and the gravest is the
 * cause: loss, late packets, delay, alteration, order, copies. It has failed where the
 * rating of a direction is one that G.109 recommends for no connection; then what costs
 * the most of it is the cause.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "probes/rtp_gauges.h"
#include "probes/voice_parts.h"

#define MILLI_NS 1e6

double voice_ear_delay_ms(const struct voice_options *options,
	enum e_model_codec_id codec, double network_ms)
{
	return network_ms + (double)options->interval_us / 1000 +
		e_model_codec(codec)->look_ahead_ms + (double)options->buffer_us / 1000;
}

static struct e_model_input input_of(const struct voice_facts *facts,
	const struct quality_way *way, double network_ms, enum e_model_codec_id id)
{
	const struct e_model_codec *codec = e_model_codec(id);

	return (struct e_model_input){
		.ie = codec->ie,
		.bpl = codec->bpl,
		.loss_percent = 100 * quality_gone(way),
		.burst = codec->bursts ? way->burst : 1,
		.delay_ms = voice_ear_delay_ms(facts->options, id, network_ms),
		.advantage = (double)facts->options->advantage,
	};
}

double voice_rating(const struct voice_facts *facts, const struct quality_way *way,
	double network_ms, enum e_model_codec_id codec)
{
	struct e_model_input input = input_of(facts, way, network_ms, codec);

	return e_model_rating(&input);
}

/* One direction, or both where nobody can tell in which one it was. */
struct view {
	const char *name;
	const struct quality_way *way;
	double network_ms;
	bool losses; /* whether those of this view are judged */
	bool times;
	bool measured; /* the delay, rather than halved */
};

#define VIEWS 3

/* What is wrong: the words, and which cause they stand for. */
struct complaint {
	const struct voice_facts *facts;
	enum cause cause; /* the first one; CAUSE_NONE = nothing yet */
	char *words;
	size_t room, used;
	bool altered; /* was told */
};

static void complain(struct complaint *complaint, enum cause cause, const char *format,
	...) __attribute__((format(printf, 3, 4)));

static void complain(
	struct complaint *complaint, enum cause cause, const char *format, ...)
{
	char words[EVIDENCE_DETAIL_MAX];
	va_list arguments;
	int length;

	if (complaint->cause == CAUSE_NONE)
		complaint->cause = cause;
	va_start(arguments, format);
	vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	if (complaint->used + strlen(words) + 3 > complaint->room)
		return;
	length = snprintf(complaint->words + complaint->used,
		complaint->room - complaint->used, "%s%s",
		complaint->used > 0 ? "; " : "", words);
	complaint->used += (size_t)length;
}

static bool is_beyond(uint32_t part, uint32_t whole, int64_t most)
{
	return (int64_t)part * 1000 > most * whole;
}

static double percent(uint32_t part, uint32_t whole)
{
	return 100.0 * part / whole;
}

static void judge_loss(struct complaint *complaint, const struct view *view)
{
	const struct quality_way *way = view->way;

	if (view->losses &&
		is_beyond(way->lost, way->sent, complaint->facts->options->loss_max))
		complain(complaint, CAUSE_LOSS,
			"%s: %u of %u lost (%.1f %%), %u in a row", view->name, way->lost,
			way->sent, percent(way->lost, way->sent), way->longest_run);
}

static void judge_jitter(struct complaint *complaint, const struct view *view)
{
	const struct voice_options *options = complaint->facts->options;
	const struct quality_way *way = view->way;
	double jitter_ms = (double)way->jitter_ns / MILLI_NS;
	double most_ms = (double)options->jitter_max_us / 1000;

	if (!view->times)
		return;
	if (jitter_ms > most_ms)
		complain(complaint, CAUSE_JITTER, "%s: jitter %.1f ms, at most %.0f",
			view->name, jitter_ms, most_ms);
	else if (is_beyond(way->discarded, way->arrived, options->loss_max))
		complain(complaint, CAUSE_JITTER,
			"%s: %u of %u (%.1f %%) over %.0f ms late", view->name,
			way->discarded, way->arrived,
			percent(way->discarded, way->arrived),
			(double)options->buffer_us / 1000);
}

static void judge_delay(struct complaint *complaint, const struct view *view)
{
	const struct voice_options *options = complaint->facts->options;
	double ear_ms =
		voice_ear_delay_ms(options, voice_codec(options), view->network_ms);
	double most_ms = (double)options->delay_max_us / 1000;

	if (view->times && ear_ms > most_ms)
		complain(complaint, CAUSE_DELAY,
			"%s: %.0f ms to the ear, at most %.0f; %s %.0f ms", view->name,
			ear_ms, most_ms,
			view->measured ? "network" : "half the round trip",
			view->network_ms);
}

/* In which direction is not known, so once is enough. */
static void judge_corruption(struct complaint *complaint, const struct view *view)
{
	const struct voice_facts *facts = complaint->facts;
	uint32_t sent = facts->quality->both.sent;

	(void)view;
	if (complaint->altered ||
		!is_beyond(facts->altered, sent, facts->options->corruption_max))
		return;
	complaint->altered = true;
	complain(complaint, CAUSE_CORRUPTION, "%u of %u came back altered (%.1f %%)",
		facts->altered, sent, percent(facts->altered, sent));
}

/* What is altered beyond recognition is missing as well: then that is no loss. */
static bool most_were_altered(const struct voice_facts *facts)
{
	return facts->altered * 2 > facts->quality->both.lost;
}

static void judge_missing(struct complaint *complaint, const struct view *view)
{
	if (most_were_altered(complaint->facts))
		judge_corruption(complaint, view);
}

static void judge_order(struct complaint *complaint, const struct view *view)
{
	const struct quality_way *way = view->way;

	if (view->times &&
		is_beyond(way->reordered, way->arrived,
			complaint->facts->options->reorder_max))
		complain(complaint, CAUSE_REORDER, "%s: %u of %u out of order (%.1f %%)",
			view->name, way->reordered, way->arrived,
			percent(way->reordered, way->arrived));
}

static void judge_copies(struct complaint *complaint, const struct view *view)
{
	const struct quality_way *way = view->way;

	if (view->times &&
		is_beyond(way->duplicates, way->arrived,
			complaint->facts->options->duplicate_max))
		complain(complaint, CAUSE_DUPLICATE,
			"%s: %u copies of %u packets (%.1f %%)", view->name,
			way->duplicates, way->arrived,
			percent(way->duplicates, way->arrived));
}

/* In the order of gravity. */
static void (*const judges[])(struct complaint *, const struct view *) = {
	judge_missing,
	judge_loss,
	judge_jitter,
	judge_delay,
	judge_corruption,
	judge_order,
	judge_copies,
};

/* What costs the most of a rating. */
static enum cause costliest(const struct voice_facts *facts, const struct view *view)
{
	struct e_model_input input =
		input_of(facts, view->way, view->network_ms, voice_codec(facts->options));
	double by_delay = e_model_delay_impairment(input.delay_ms);
	double by_loss = e_model_loss_impairment(&input) - input.ie;

	if (by_delay > by_loss)
		return CAUSE_DELAY;
	if (view->way->discarded > view->way->lost)
		return CAUSE_JITTER;
	return most_were_altered(facts) ? CAUSE_CORRUPTION : CAUSE_LOSS;
}

static double view_rating(const struct voice_facts *facts, const struct view *view)
{
	return voice_rating(
		facts, view->way, view->network_ms, voice_codec(facts->options));
}

/* \return the view with the worst rating; NULL if losses are known of none */
static const struct view *worst_of(
	const struct voice_facts *facts, const struct view *views)
{
	const struct view *worst = NULL;

	for (size_t i = 0; i < VIEWS; i++) {
		if (views[i].losses &&
			(!worst ||
				view_rating(facts, &views[i]) <
					view_rating(facts, worst)))
			worst = &views[i];
	}
	return worst;
}

/* More is missing than the two directions account for: at the end of the stream. */
static bool has_untold(const struct quality *quality)
{
	const struct quality_way *forward = &quality->ways[QUALITY_FORWARD];
	const struct quality_way *backward = &quality->ways[QUALITY_BACKWARD];

	return !quality->told || forward->sent < quality->both.sent ||
		quality->both.lost > forward->lost + backward->lost;
}

static void look(const struct voice_facts *facts, struct view ret_views[VIEWS])
{
	static const char *const names[] = { RTP_FORWARD, RTP_BACKWARD };
	const struct quality *quality = facts->quality;

	for (int i = 0; i < QUALITY_DIRECTION_COUNT; i++)
		ret_views[i] = (struct view){ .name = names[i],
			.way = &quality->ways[i],
			.network_ms = facts->network_ms[i],
			.losses = quality->told,
			.times = quality->ways[i].arrived > 1,
			.measured = facts->one_way[i] };
	ret_views[VIEWS - 1] = (struct view){ .name = "either way",
		.way = &quality->both,
		.network_ms = (double)quality->round_median_ns / 2 / MILLI_NS,
		.losses = has_untold(quality) };
}

/* A rating below the bound is told with what costs the most of it. */
static bool judge_rating(
	struct complaint *complaint, const struct view *view, int64_t least)
{
	const struct voice_facts *facts = complaint->facts;
	double rating = view ? view_rating(facts, view) : 100;

	if (rating >= (double)least)
		return false;
	complain(complaint, costliest(facts, view), "%s: R %.1f (%s)", view->name, rating,
		e_model_word(rating));
	return true;
}

struct finding voice_judge(const struct voice_facts *facts)
{
	struct finding finding = finding_of(CAUSE_NONE);
	struct evidence *evidence = &finding.evidence;
	struct complaint complaint = { .facts = facts,
		.words = evidence->detail,
		.room = sizeof(evidence->detail) };
	struct view views[VIEWS];

	const struct view *worst;
	bool failed;

	look(facts, views);
	worst = worst_of(facts, views);
	failed = judge_rating(&complaint, worst, facts->options->rating_failed);
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
		for (size_t j = 0; j < VIEWS; j++)
			judges[i](&complaint, &views[j]);
	}
	if (!failed)
		judge_rating(&complaint, worst, facts->options->rating_degraded);
	if (complaint.cause == CAUSE_NONE)
		return finding;
	finding.cause = complaint.cause;
	finding.verdict = failed ? VERDICT_FAILED : VERDICT_DEGRADED;
	evidence->kind = EVIDENCE_COMPARISON;
	return finding;
}
