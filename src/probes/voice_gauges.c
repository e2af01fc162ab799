/* SPDX-License-Identifier: Apache-2.0 */
/* What a stream's measure shows as metrics, and as notes for people. */
#include <math.h>

#include "probes/rtp_gauges.h"
#include "probes/voice_parts.h"

#define WAY(gauge, gauge_name, way, text) \
	[gauge] = { .name = gauge_name,   \
		.help = text,             \
		.label = "direction",     \
		.label_value = way }
#define WAYS(gauge, gauge_name, text)              \
	WAY(gauge, gauge_name, RTP_FORWARD, text), \
		WAY((gauge) + 1, gauge_name, RTP_BACKWARD, text)

#define SHARED(gauge, gauge_name, way, also, value, text) \
	[gauge] = { .name = gauge_name,                   \
		.help = text,                             \
		.label = "direction",                     \
		.label_value = way,                       \
		.also_label = also,                       \
		.also_value = value }

#define VARIATION(way, name)                                                          \
	SHARED(VOICE_VARIATION + 3 * (way), VARIATION_NAME, name, "percentile", "50", \
		VARIATION_HELP),                                                      \
		SHARED(VOICE_VARIATION + 3 * (way) + 1, VARIATION_NAME, name,         \
			"percentile", "95", VARIATION_HELP),                          \
		SHARED(VOICE_VARIATION + 3 * (way) + 2, VARIATION_NAME, name,         \
			"percentile", "99", VARIATION_HELP)
#define VARIATION_NAME "rtp_delay_variation_seconds"
#define VARIATION_HELP \
	"Delay over the least one of the stream (RFC 5481, PDV), by percentile."

#define CODECS(gauge, way, name, gauge_name, text)                                  \
	SHARED((gauge) + 3 * (way), gauge_name, name, "codec", "g711-plc", text),   \
		SHARED((gauge) + 3 * (way) + 1, gauge_name, name, "codec", "g711",  \
			text),                                                      \
		SHARED((gauge) + 3 * (way) + 2, gauge_name, name, "codec", "g729a", \
			text)
#define BOTH_CODECS(gauge, gauge_name, text)             \
	CODECS(gauge, 0, RTP_FORWARD, gauge_name, text), \
		CODECS(gauge, 1, RTP_BACKWARD, gauge_name, text)
#define RATING_HELP "R of the E-model (ITU-T G.107), conversational: 0 to 100."
#define MOS_HELP                                                                  \
	"Mean opinion score that R stands for (G.107, annex B): an estimate for " \
	"planning, 1 to 4.5."

_Static_assert(VOICE_GAUGE_COUNT <= OUTCOME_VALUES_MAX, "too many gauges");

const struct probe_gauge *voice_gauges(void)
{
	static const struct probe_gauge table[] = {
		[VOICE_LOSS] = RTP_GAUGE_LOSS(RTP_FORWARD),
		[VOICE_LOSS + 1] = RTP_GAUGE_LOSS(RTP_BACKWARD),
		[VOICE_UNANSWERED] = { .name = "rtp_unanswered_ratio",
			.help = "Packets of the stream without an answer, whichever way "
				"they were lost." },
		[VOICE_ROUND_TRIP] = RTP_GAUGE_ROUND_TRIP,
		[VOICE_ROUND_LEAST] = { .name = "rtp_round_trip_min_seconds",
			.help = "The least such round trip." },
		[VOICE_ROUND_MOST] = { .name = "rtp_round_trip_max_seconds",
			.help = "The longest such round trip." },
		WAYS(VOICE_LONGEST_RUN, "rtp_loss_run_max_packets",
			"Most packets lost one after another."),
		WAYS(VOICE_MEAN_RUN, "rtp_loss_run_mean_packets",
			"Packets lost one after another, on the mean; absent without "
			"loss."),
		WAYS(VOICE_BURST, "rtp_burst_ratio",
			"BurstR of G.107: mean run of packets lost or discarded, by the "
			"run that chance would make; absent without any."),
		WAYS(VOICE_REORDERED, "rtp_reordered_ratio",
			"Packets that arrived after a later one (RFC 4737), of those "
			"that arrived."),
		WAYS(VOICE_DUPLICATE, "rtp_duplicate_ratio",
			"Copies that arrived beside the first (RFC 5560), of packets "
			"that arrived."),
		[VOICE_CORRUPT] = { .name = "rtp_corrupt_ratio",
			.help = "Answers that came back altered, of packets sent." },
		WAYS(VOICE_JITTER, "rtp_jitter_seconds",
			"Interarrival jitter (RFC 3550, 6.4.1) at the end of the "
			"stream."),
		VARIATION(0, RTP_FORWARD),
		VARIATION(1, RTP_BACKWARD),
		WAYS(VOICE_DISCARDED, "rtp_discarded_ratio",
			"Packets that arrived too late for the de-jitter buffer, of "
			"those sent."),
		WAYS(VOICE_ONE_WAY, "rtp_one_way_delay_seconds",
			"Delay of the network, median; absent unless it is larger than "
			"the error of both clocks."),
		[VOICE_CLOCK_ERROR] = { .name = "rtp_one_way_delay_error_seconds",
			.help = "By how much the two clocks may differ, by their own "
				"estimates; absent if either has none." },
		WAYS(VOICE_EAR_DELAY, "rtp_mouth_to_ear_seconds",
			"Delay that the rating was made with: network (one way if known, "
			"else half the round trip), packet and de-jitter buffer."),
		WAYS(VOICE_DSCP, "rtp_dscp",
			"Class of service with which most packets arrived."),
		BOTH_CODECS(VOICE_RATING, "rtp_r_factor", RATING_HELP),
		BOTH_CODECS(VOICE_MOS, "rtp_mos", MOS_HELP),
		[VOICE_PACKETS] = { .name = "rtp_stream_packets",
			.help = "Packets of the stream." },
		[VOICE_LATENESS] = { .name = "rtp_stream_lateness_seconds",
			.help = "How late this host sent a packet at the most; stamps "
				"are taken at sending, so no figure has it in it." },
		{ .name = NULL },
	};

	return table;
}

static double seconds(int64_t nanos)
{
	return (double)nanos / 1e9;
}

static double share(uint32_t part, uint32_t whole)
{
	return whole > 0 ? (double)part / whole : 0;
}

static void report_losses(
	struct probe_run *run, const struct quality_way *way, unsigned at)
{
	probe_set(run, VOICE_LOSS + at, share(way->lost, way->sent));
	probe_set(run, VOICE_LONGEST_RUN + at, way->longest_run);
	if (way->runs > 0)
		probe_set(run, VOICE_MEAN_RUN + at, (double)way->lost / way->runs);
	if (way->burst > 0)
		probe_set(run, VOICE_BURST + at, way->burst);
	probe_set(run, VOICE_DISCARDED + at, share(way->discarded, way->sent));
}

static void report_times(
	struct probe_run *run, const struct quality_way *way, unsigned at)
{
	probe_set(run, VOICE_REORDERED + at, share(way->reordered, way->arrived));
	probe_set(run, VOICE_DUPLICATE + at, share(way->duplicates, way->arrived));
	if (way->arrived < 2)
		return;
	probe_set(run, VOICE_JITTER + at, seconds(way->jitter_ns));
	for (unsigned i = 0; i < QUALITY_SHARE_COUNT; i++)
		probe_set(run, VOICE_VARIATION + QUALITY_SHARE_COUNT * at + i,
			seconds(way->variation_ns[i]));
}

static void report_ratings(
	struct probe_run *run, const struct voice_facts *facts, unsigned at)
{
	const struct quality_way *way = &facts->quality->ways[at];
	double network_ms = facts->network_ms[at];

	for (unsigned codec = 0; codec < E_MODEL_CODEC_COUNT; codec++) {
		unsigned row = E_MODEL_CODEC_COUNT * at + codec;
		double rating = voice_rating(facts, way, network_ms, codec);

		probe_set(run, VOICE_RATING + row, rating);
		probe_set(run, VOICE_MOS + row, e_model_mos(rating));
	}
}

/* \return the class of most; -1 = none arrived, or none was told */
static int most_of(const uint32_t classes[64])
{
	int most = -1;

	for (int dscp = 0; dscp < 64; dscp++) {
		if (classes[dscp] > (most < 0 ? 0 : classes[most]))
			most = dscp;
	}
	return most;
}

static void report_class(struct voice_run *voice, unsigned at)
{
	static const char *const places[] = { "there", "here" };
	const struct voice_options *options = voice->run->options;
	int dscp = most_of(voice->classes[at]);

	/* what the reflector did not send with our class tells nothing of the way */
	if (dscp < 0 || (at == QUALITY_BACKWARD && voice->class_refused))
		return;
	probe_set(voice->run, VOICE_DSCP + at, dscp);
	if (dscp != options->dscp)
		probe_note(voice->run, "sent with DSCP %d, arrived %s with %d",
			(int)options->dscp, places[at], dscp);
}

static void note_way(
	struct voice_run *voice, const struct voice_facts *facts, unsigned at)
{
	static const char *const names[] = { RTP_FORWARD, RTP_BACKWARD };
	const struct quality_way *way = &facts->quality->ways[at];
	enum e_model_codec_id codec = voice_codec(facts->options);
	double rating = voice_rating(facts, way, facts->network_ms[at], codec);

	if (facts->quality->told)
		probe_note(voice->run,
			"%s: %u of %u lost, %u discarded, %u reordered, %u twice, "
			"jitter %.1f ms, R %.1f (%s)",
			names[at], way->lost, way->sent, way->discarded, way->reordered,
			way->duplicates, (double)way->jitter_ns / 1e6, rating,
			e_model_word(rating));
	else
		probe_note(voice->run, "%s: %u reordered, %u twice, jitter %.1f ms",
			names[at], way->reordered, way->duplicates,
			(double)way->jitter_ns / 1e6);
}

static void report_way(
	struct voice_run *voice, const struct voice_facts *facts, unsigned at)
{
	const struct quality *quality = facts->quality;
	const struct quality_way *way = &quality->ways[at];
	struct probe_run *run = voice->run;
	double ear_ms = voice_ear_delay_ms(
		facts->options, voice_codec(facts->options), facts->network_ms[at]);

	report_times(run, way, at);
	probe_set(run, VOICE_EAR_DELAY + at, ear_ms / 1000);
	if (facts->one_way[at])
		probe_set(run, VOICE_ONE_WAY + at, facts->network_ms[at] / 1000);
	if (quality->told) {
		report_losses(run, way, at);
		report_ratings(run, facts, at);
	}
	report_class(voice, at);
	note_way(voice, facts, at);
}

void voice_report(struct voice_run *voice, const struct voice_facts *facts)
{
	const struct quality *quality = facts->quality;
	struct probe_run *run = voice->run;

	probe_set(run, VOICE_PACKETS, quality->both.sent);
	probe_set(run, VOICE_LATENESS, (double)voice->late_us / 1e6);
	probe_set(run, VOICE_UNANSWERED, share(quality->both.lost, quality->both.sent));
	probe_set(run, VOICE_CORRUPT, share(facts->altered, quality->both.sent));
	probe_note(run, "%u packets to port %u, %u answered", quality->both.sent,
		voice->ports[0], quality->answered);
	if (quality->answered == 0)
		return;
	probe_set(run, VOICE_ROUND_TRIP, seconds(quality->round_median_ns));
	probe_set(run, VOICE_ROUND_LEAST, seconds(quality->round_least_ns));
	probe_set(run, VOICE_ROUND_MOST, seconds(quality->round_most_ns));
	if (isfinite(facts->clock_error_ms))
		probe_set(run, VOICE_CLOCK_ERROR, facts->clock_error_ms / 1000);
	report_way(voice, facts, QUALITY_FORWARD);
	report_way(voice, facts, QUALITY_BACKWARD);
}
