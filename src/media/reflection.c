/* SPDX-License-Identifier: Apache-2.0 */
#include "media/reflection.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "media/keyed_hash.h"
#include "media/reflection_sessions.h"
#include "media/reflection_tags.h"

#define SOURCE_SETS 512

/* Sessions that sent within so long live. */
#define LIVING (INT64_C(10) * 1000000)

/* A bucket of tokens, in millionths of a packet. */
struct bucket {
	struct slot slot; /* of a source; zero of the one for all */
	int64_t tokens;
	int64_t filled_us;
};

struct reflection {
	struct reflection_settings settings;
	uint8_t hash_key[HASH_KEY_LENGTH];
	struct reflection_sessions *sessions;
	struct reflection_tags *tags; /* NULL in open mode */
	struct slot_table sources;
	struct bucket all;
	uint64_t counts[REFLECTION_VERDICT_COUNT];
	struct stamp_report report; /* being made */
	struct reflection_source allowed[];
};

static const char *const names[REFLECTION_VERDICT_COUNT] = {
	[REFLECTION_ANSWERED] = "answered",
	[REFLECTION_SHORT] = "short",
	[REFLECTION_LONG] = "long",
	[REFLECTION_NO_REQUEST] = "no-request",
	[REFLECTION_NOT_ALLOWED] = "not-allowed",
	[REFLECTION_BAD_HMAC] = "bad-hmac",
	[REFLECTION_STALE] = "stale",
	[REFLECTION_REPLAYED] = "replayed",
	[REFLECTION_SOURCE_RATE] = "source-rate",
	[REFLECTION_GLOBAL_RATE] = "global-rate",
};

const char *reflection_verdict_name(enum reflection_verdict verdict)
{
	return names[verdict];
}

struct reflection *reflection_new(const struct reflection_settings *settings)
{
	size_t sources = settings->source_count * sizeof(settings->sources[0]);
	struct reflection *reflection = calloc(1, sizeof(*reflection) + sources);

	if (!reflection)
		return NULL;
	reflection->settings = *settings;
	reflection->all.tokens = (int64_t)settings->global_rate.burst * 1000000;
	if (sources)
		memcpy(reflection->allowed, settings->sources, sources);
	random_fill(reflection->hash_key, sizeof(reflection->hash_key));
	reflection->sessions =
		reflection_sessions_new(settings->port_first, settings->port_last);
	if (settings->key)
		reflection->tags = reflection_tags_new();
	if (slot_table_init(&reflection->sources, sizeof(struct bucket), SOURCE_SETS) ==
			0 &&
		reflection->sessions && (reflection->tags || !settings->key))
		return reflection;
	reflection_free(reflection);
	return NULL;
}

void reflection_free(struct reflection *reflection)
{
	if (!reflection)
		return;
	reflection_sessions_free(reflection->sessions);
	reflection_tags_free(reflection->tags);
	slot_table_done(&reflection->sources);
	free(reflection);
}

void reflection_inherit(struct reflection *reflection, struct reflection *predecessor)
{
	struct reflection_sessions *sessions = reflection->sessions;
	struct reflection_tags *tags = reflection->tags;

	reflection->sessions = predecessor->sessions;
	predecessor->sessions = sessions;
	if (tags && predecessor->tags) { /* both keyed */
		reflection->tags = predecessor->tags;
		predecessor->tags = tags;
	}
	memcpy(reflection->hash_key, predecessor->hash_key, sizeof(reflection->hash_key));
	memcpy(reflection->counts, predecessor->counts, sizeof(reflection->counts));
}

static bool is_within(
	const struct address *address, const struct reflection_source *source)
{
	unsigned octets = source->length / 8, bits = source->length % 8;

	if (address->family != source->prefix.family ||
		memcmp(address->bytes, source->prefix.bytes, octets) != 0)
		return false;
	return bits == 0 ||
		(address->bytes[octets] ^ source->prefix.bytes[octets]) >> (8 - bits) ==
		0;
}

static bool is_allowed(const struct reflection *reflection, const struct address *address)
{
	for (size_t i = 0; i < reflection->settings.source_count; i++)
		if (is_within(address, &reflection->allowed[i]))
			return true;
	return reflection->settings.source_count == 0;
}

/* What names a session or a source: a family, an address, and two numbers. */
static uint64_t hash(const struct reflection *reflection, const struct address *address,
	size_t length, uint32_t numbers)
{
	uint8_t text[sizeof(address->bytes) + 5] = { (uint8_t)address->family };
	uint64_t value;

	memcpy(text + 1, address->bytes, length);
	memcpy(text + 1 + sizeof(address->bytes), &numbers, sizeof(numbers));
	value = keyed_hash(reflection->hash_key, text, sizeof(text));
	return value ? value : 1;
}

/*
 * A session is (source address, SSID) over all its ports: a NAT may give each of our
 * ports another source port. Without an SSID it is the usual four (RFC 8972, section 3).
 */
static uint64_t session_key(const struct reflection *reflection,
	const struct reflection_arrival *arrival, uint16_t ssid)
{
	const struct address *address = &arrival->source.address;
	uint32_t ports = (uint32_t)arrival->source.port << 16 | arrival->port;

	/* Nothing comes from port 0, so that a pair is more than any SSID. */
	return hash(reflection, address, sizeof(address->bytes), ssid ? ssid : ports);
}

static bool take_token(
	struct bucket *bucket, const struct reflection_rate *rate, int64_t now_us)
{
	int64_t most = (int64_t)rate->burst * 1000000;
	int64_t elapsed = now_us - bucket->filled_us;

	if (rate->per_second == 0)
		return true;
	bucket->filled_us = now_us;
	/* After so long any bucket is full, and the product below still fits. */
	if (elapsed > INT64_C(1000000000) ||
		bucket->tokens + elapsed * rate->per_second > most)
		bucket->tokens = most;
	else
		bucket->tokens += elapsed * rate->per_second;
	if (bucket->tokens < 1000000)
		return false;
	bucket->tokens -= 1000000;
	return true;
}

static struct bucket *bucket_of(
	struct reflection *reflection, const struct reflection_arrival *arrival)
{
	const struct address *address = &arrival->source.address;
	uint64_t key =
		hash(reflection, address, address->family == FAMILY_IPV6 ? 8 : 4, 0);
	struct bucket *bucket = slot_find(&reflection->sources, key);

	if (!bucket) {
		bucket = slot_take(&reflection->sources, key, arrival->now_us);
		bucket->tokens =
			(int64_t)reflection->settings.source_rate.burst * 1000000;
		bucket->filled_us = arrival->now_us;
	}
	bucket->slot.used_us = arrival->now_us;
	return bucket;
}

static enum reflection_verdict judge_rates(
	struct reflection *reflection, const struct reflection_arrival *arrival)
{
	const struct reflection_settings *settings = &reflection->settings;

	if (!take_token(bucket_of(reflection, arrival), &settings->source_rate,
		    arrival->now_us))
		return REFLECTION_SOURCE_RATE;
	if (!take_token(&reflection->all, &settings->global_rate, arrival->now_us))
		return REFLECTION_GLOBAL_RATE;
	return REFLECTION_ANSWERED;
}

static struct tag_use tag_use_of(const struct reflection *reflection,
	const uint8_t *packet, const struct stamp_request *request,
	const struct reflection_arrival *arrival)
{
	struct tag_use use = { .sent_ns = request->sent_ns,
		.received_ns = arrival->received_ns,
		.now_us = arrival->now_us };
	const struct address *address = &arrival->source.address;

	memcpy(&use.tag, packet + STAMP_KEYED_LENGTH - STAMP_TAG_LENGTH, sizeof(use.tag));
	use.from = (uint32_t)hash(
		reflection, address, sizeof(address->bytes), arrival->source.port);
	return use;
}

static bool is_stale(const struct reflection *reflection,
	const struct stamp_request *request, const struct reflection_arrival *arrival)
{
	int64_t off_us = (arrival->received_ns - request->sent_ns) / 1000;

	return off_us > reflection->settings.clock_window_us ||
		-off_us > reflection->settings.clock_window_us;
}

/* The key proves who wrote the packet; this, that nobody else sends it. */
static enum reflection_verdict judge_tag(struct reflection *reflection,
	const struct tag_use *use, const struct reflection_session *session)
{
	switch (reflection_tags_judge(reflection->tags, use)) {
	case TAG_REPLAYED:
		return REFLECTION_REPLAYED;
	case TAG_FORGOTTEN:
		/* The answer of a session goes to whom had answers before. */
		return session ? REFLECTION_ANSWERED : REFLECTION_STALE;
	default:
		return REFLECTION_ANSWERED;
	}
}

static const struct stamp_report *make_report(struct reflection *reflection,
	const struct stamp_request *request, const struct reflection_session *session)
{
	const struct reflection_settings *settings = &reflection->settings;
	struct stamp_report *report = &reflection->report;

	if (!request->report_count || !settings->port_state ||
		!reflection_sessions_know(reflection->sessions, session))
		return NULL;
	report->first = request->report_first;
	report->count = request->report_count;
	for (uint16_t i = 0; i < report->count; i++) {
		uint16_t port = (uint16_t)(report->first + i);
		unsigned told = settings->port_state(settings->context, port);

		if (reflection_sessions_arrived(reflection->sessions, session, port))
			told |= STAMP_PORT_ARRIVED;
		report->ports[i] = (uint8_t)told;
	}
	return report;
}

static void reply(struct reflection *reflection, uint8_t *packet, size_t length,
	const struct stamp_request *request, const struct reflection_arrival *arrival,
	struct reflection_session *session)
{
	const struct stamp_answer answer = {
		.sequence = session->replies++,
		.sent_ns = arrival->sent_ns > arrival->received_ns ? arrival->sent_ns
								   : arrival->received_ns,
		.received_ns = arrival->received_ns,
		.error = arrival->error,
		.ttl = arrival->ttl,
		.dscp = arrival->tos >> 2,
		.ecn = arrival->tos & 3,
		.tlvs_good = request->tlvs_good,
		.report = make_report(reflection, request, session),
	};

	stamp_make_reply(packet, length, reflection->settings.key, &answer);
}

static enum reflection_verdict verdict_of(enum stamp_flaw flaw)
{
	switch (flaw) {
	case STAMP_GOOD:
		return REFLECTION_ANSWERED;
	case STAMP_SHORT:
		return REFLECTION_SHORT;
	case STAMP_LONG:
		return REFLECTION_LONG;
	case STAMP_BAD_HMAC:
		return REFLECTION_BAD_HMAC;
	default:
		return REFLECTION_NO_REQUEST;
	}
}

/*
 * Who spoofs a source can spend only what is not protected: the limits count packets that
 * are signed and fresh, or all in open mode.
 */
static enum reflection_verdict answer(struct reflection *reflection, uint8_t *packet,
	size_t length, const struct stamp_request *request,
	const struct reflection_arrival *arrival)
{
	uint64_t key = session_key(reflection, arrival, request->ssid);
	struct reflection_session *session =
		reflection_sessions_find(reflection->sessions, key, arrival->now_us);
	enum reflection_verdict verdict = REFLECTION_ANSWERED;
	struct tag_use use;

	if (reflection->tags) {
		use = tag_use_of(reflection, packet, request, arrival);
		verdict = is_stale(reflection, request, arrival)
			? REFLECTION_STALE
			: judge_tag(reflection, &use, session);
	}
	if (verdict == REFLECTION_ANSWERED)
		verdict = judge_rates(reflection, arrival);
	if (verdict != REFLECTION_ANSWERED)
		return verdict;
	if (reflection->tags)
		reflection_tags_note(reflection->tags, &use);
	if (!session)
		session = reflection_sessions_begin(
			reflection->sessions, key, arrival->now_us);
	reflection_sessions_arrival(reflection->sessions, session, arrival->port,
		request->sequence, arrival->now_us);
	reply(reflection, packet, length, request, arrival, session);
	return REFLECTION_ANSWERED;
}

enum reflection_verdict reflection_judge(struct reflection *reflection, uint8_t *packet,
	size_t length, const struct reflection_arrival *arrival, uint8_t *ret_tos)
{
	enum reflection_verdict verdict = REFLECTION_NOT_ALLOWED;
	struct stamp_request request;

	if (is_allowed(reflection, &arrival->source.address))
		verdict = verdict_of(stamp_read_request(
			packet, length, reflection->settings.key, &request));
	if (verdict == REFLECTION_ANSWERED)
		verdict = answer(reflection, packet, length, &request, arrival);
	/* With the DSCP it came with, unless another is asked for (RFC 8972, 4.4). */
	if (verdict == REFLECTION_ANSWERED)
		*ret_tos = request.asks_class ? (uint8_t)(request.dscp << 2)
					      : arrival->tos & 0xfcU;
	reflection->counts[verdict]++;
	return verdict;
}

uint64_t reflection_count(
	const struct reflection *reflection, enum reflection_verdict verdict)
{
	return reflection->counts[verdict];
}

size_t reflection_sessions(const struct reflection *reflection, int64_t now_us)
{
	return reflection_sessions_count(reflection->sessions, now_us - LIVING);
}
