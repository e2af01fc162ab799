/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/rtp_judge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "media/port_plan.h"
#include "net/evidence.h"
#include "probes/rtp_measure.h"
#include "probes/rtp_told.h"

/* Losses that chance would hardly keep from the slow ones: e^-4.6 is one per cent. */
#define SLOW_EXPECTED 4.6

/* Slow ones lose so much less than fast ones where a limit of the rate does it. */
#define SLOW_SHARE 0.2

/*
 * Calls hold ports, and of a port that is held nothing can be told. While so few are
 * untold the rest speaks for the range.
 */
#define UNTOLD_SHARE 0.1

static const char *const ways[PORT_STATE_COUNT] = {
	[PORT_LOST] = " forward",
	[PORT_RETURN] = " backward",
	[PORT_BLOCKED] = "",
	[PORT_REFUSED] = " refused",
};

static int print_stretch(
	const struct port_stretch *stretch, const char *before, char *text, size_t size)
{
	if (stretch->first == stretch->last)
		return snprintf(text, size, "%s%u%s", before, stretch->first,
			ways[stretch->state]);
	return snprintf(text, size, "%s%u-%u%s", before, stretch->first, stretch->last,
		ways[stretch->state]);
}

/* The first device that refused speaks for all. */
static void name_device(const struct port_stretch *stretch, struct evidence *evidence)
{
	const struct finding *reason = stretch->reason;

	if (!reason || evidence->kind != EVIDENCE_NONE)
		return;
	evidence->kind = reason->evidence.kind;
	evidence->type = reason->evidence.type;
	evidence->code = reason->evidence.code;
	evidence->offender = reason->evidence.offender;
}

/* "blocked: 12000-12999 forward, 15000 backward and 7 more", and who refused. */
static void name_blocked(const struct port_map *map, struct evidence *evidence)
{
	const size_t room = sizeof(evidence->detail) - sizeof(" and 65535 more");
	struct port_stretch stretch;
	size_t used = 0, more = 0;

	for (uint32_t from = 0; port_plan_blocked(map, from, &stretch);
		from = stretch.last + 1U) {
		char text[48];
		size_t length;

		name_device(&stretch, evidence);
		used += used == 0 ? (size_t)snprintf(evidence->detail,
					    sizeof(evidence->detail), "blocked:")
				  : 0;
		length = (size_t)print_stretch(
			&stretch, used > 8 ? ", " : " ", text, sizeof(text));
		if (more > 0 || used + length > room) {
			more++;
			continue;
		}
		memcpy(evidence->detail + used, text, length + 1);
		used += length;
	}
	if (more > 0)
		snprintf(evidence->detail + used, sizeof(evidence->detail) - used,
			" and %zu more", more);
}

static void say(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct finding *finding, const char *format, ...)
{
	struct evidence *evidence = &finding->evidence;
	va_list arguments;

	if (evidence->kind == EVIDENCE_NONE)
		evidence->kind = EVIDENCE_COMPARISON;
	va_start(arguments, format);
	vsnprintf(evidence->detail, sizeof(evidence->detail), format, arguments);
	va_end(arguments);
}

/* Behind what was said, if there is room for all of it. */
static void say_more(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say_more(struct finding *finding, const char *format, ...)
{
	char *detail = finding->evidence.detail, more[sizeof(finding->evidence.detail)];
	size_t used = strlen(detail), size = sizeof(more) - used;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(more, sizeof(more), format, arguments);
	va_end(arguments);
	if (strlen(more) + sizeof("; ") <= size)
		snprintf(detail + used, size, "; %s", more);
}

static struct finding finding_of_blocked(const struct rtp_talk *talk, enum cause cause)
{
	struct finding finding = finding_of(cause);

	name_blocked(talk->map, &finding.evidence);
	if (finding.evidence.kind == EVIDENCE_NONE)
		finding.evidence.kind = EVIDENCE_COMPARISON;
	return finding;
}

/* Who has another key than ours drops what we send, or answers as if there was none. */
static void say_silent(const struct rtp_talk *talk, struct finding *finding)
{
	unsigned control = (unsigned)talk->options->control_port;

	if (talk->options->key && talk->tally.foreign > 0)
		say(finding, "%llu packets came back, none of them signed with our key",
			(unsigned long long)talk->tally.foreign);
	else if (talk->options->key)
		say(finding,
			"nothing answers: neither port %u nor any of %zu ports; or no "
			"reflector with this key",
			control, talk->tally.blocked);
	else
		say(finding, "nothing answers: neither port %u nor any of %zu ports",
			control, talk->tally.blocked);
}

/* Nobody passes: is anybody there at all, and who says no? */
static struct finding judge_all_blocked(const struct rtp_talk *talk)
{
	struct finding finding = finding_of_blocked(talk, CAUSE_RTP_ALL_BLOCKED);
	const struct rtp_tally *tally = &talk->tally;
	const struct finding *reason = port_map_reason(talk->map, talk->first);

	if (talk->first == talk->last && reason)
		return *reason;
	if (tally->misplaced > 0)
		say(&finding, "%llu answers came from other ports than the ones asked",
			(unsigned long long)tally->misplaced);
	else if (talk->reported)
		say(&finding, "port %u of the reflector answers, and none of %zu ports",
			talk->report_port, tally->blocked);
	else if (tally->refused == 0)
		say_silent(talk, &finding);
	return finding;
}

/* Closed ports prove the way there, and that no reflector is where one should be. */
static struct finding judge_closed(const struct rtp_talk *talk)
{
	struct finding finding = talk->closed;

	finding.verdict = VERDICT_UNKNOWN;
	say(&finding, "%zu of %zu ports are closed and none answers: no reflector there",
		talk->tally.closed, talk->tally.asked);
	return finding;
}

/* Silent ones of which nobody can say that an answer was owed all the time. */
static struct finding judge_doubted(const struct rtp_talk *talk)
{
	struct finding finding = finding_of(CAUSE_RTP_UNTOLD);
	const struct rtp_tally *tally = &talk->tally;
	size_t silent = tally->doubted + tally->left;

	if (tally->doubted == 0)
		say(&finding, "the reflector let go of %zu silent ports meanwhile",
			tally->left);
	else if (talk->began_anew)
		say(&finding,
			"the reflector was started again meanwhile: that may be why %zu "
			"ports are silent",
			silent);
	else if (talk->has_last_word)
		say(&finding,
			"the reflector was started meanwhile: that may be why %zu ports "
			"are silent",
			silent);
	else
		say(&finding, "the reflector fell silent meanwhile, as %zu ports did",
			silent);
	return finding;
}

static struct finding judge_untold(const struct rtp_talk *talk)
{
	struct finding finding = finding_of(CAUSE_RTP_UNTOLD);
	size_t told[STAMP_PORT_STATE_COUNT];

	rtp_told_count(talk, told);
	if (talk->reported && told[STAMP_PORT_HELD] == 0)
		say(&finding,
			"the reflector holds none of %zu ports now (busy %zu, resting "
			"%zu, not its own %zu)",
			rtp_talk_size(talk), told[STAMP_PORT_BUSY],
			told[STAMP_PORT_RESTING], told[STAMP_PORT_UNHELD]);
	else
		say(&finding, "time ran out before anything could be told");
	return finding;
}

/* Our own firewall stands before these, so nothing is known of what is behind it. */
static struct finding judge_denied(const struct rtp_talk *talk)
{
	struct finding finding = evidence_from_errno(EPERM);
	struct port_range range;
	uint32_t from = talk->first;

	while (port_plan_range(talk->map, from, &range) && range.state != PORT_DENIED)
		from = range.last + 1U;
	if (talk->tally.denied < talk->tally.asked)
		say(&finding, "%zu of %zu ports, the first is %u", talk->tally.denied,
			talk->tally.asked, range.first);
	return finding;
}

/* What was blocked when it was held last. */
static struct finding judge_remembered(const struct rtp_talk *talk)
{
	struct finding finding = finding_of_blocked(talk, CAUSE_RTP_PARTIAL);

	say_more(&finding, "not held now");
	return finding;
}

/* Who asks all ports at once wants to know of all of them. */
static struct finding judge_sweep(const struct rtp_talk *talk)
{
	const struct rtp_tally *tally = &talk->tally;
	size_t size = rtp_talk_size(talk);
	struct finding finding = finding_of(CAUSE_RTP_UNTOLD);
	size_t told[STAMP_PORT_STATE_COUNT];

	if ((double)(size - tally->passing) <= UNTOLD_SHARE * (double)size)
		return finding_of(CAUSE_NONE);
	rtp_told_count(talk, told);
	say(&finding,
		"%zu of %zu ports told, all pass (busy %zu, resting %zu, not its own "
		"%zu)",
		tally->passing, size, told[STAMP_PORT_BUSY], told[STAMP_PORT_RESTING],
		told[STAMP_PORT_UNHELD]);
	return finding;
}

/* Fast ones are lost and slow ones are not: that is no loss by chance. */
static bool is_rate_limit(const struct rtp_tally *tally)
{
	double fast = rtp_measure_first_loss(tally);
	double slow = (double)tally->slow_lost, sent = (double)tally->slow_sent;

	return fast * sent >= SLOW_EXPECTED && slow <= fast * sent * SLOW_SHARE;
}

static struct finding judge_loss(const struct rtp_talk *talk)
{
	const struct rtp_tally *tally = &talk->tally;
	double late = loss_memory_share(port_map_losses(talk->map)) * 100;
	struct finding finding = finding_of(CAUSE_LOSS);

	if (is_rate_limit(tally)) {
		finding = finding_of(CAUSE_RATE_LIMIT);
		say(&finding,
			"%zu of %zu packets lost at full pace, %zu of %zu when slow",
			tally->first_lost, tally->first_sent, tally->slow_lost,
			tally->slow_sent);
	} else if (tally->directions_told) {
		say(&finding,
			"%zu of %zu packets lost: forward %.1f %%, backward %.1f %%",
			tally->first_lost, tally->first_sent, tally->lost_forward * 100,
			tally->lost_backward * 100);
	} else {
		say(&finding, "%zu of %zu packets lost there or back", tally->first_lost,
			tally->first_sent);
	}
	/* not beyond the bound by itself: what those before it have proven stands */
	if (rtp_measure_first_loss(tally) * 100 < (double)talk->options->loss_percent)
		say_more(&finding, "%.1f %% lost in the runs of late", late);
	return finding;
}

/* Every port asked passes: how well? */
static struct finding judge_passing(const struct rtp_talk *talk)
{
	const struct rtp_tally *tally = &talk->tally;
	struct finding finding = finding_of(CAUSE_NONE);

	if (tally->corrupted > 0) {
		finding = finding_of(CAUSE_CORRUPTION);
		say(&finding, "%llu of %llu answers came back altered",
			(unsigned long long)tally->corrupted,
			(unsigned long long)tally->replies);
	} else if (tally->loses) {
		finding = judge_loss(talk);
	} else if (talk->run->services->sweeps) {
		finding = judge_sweep(talk);
	}
	return finding;
}

/* A sweep says as well of how many it does not know. */
static struct finding judge_partial(const struct rtp_talk *talk)
{
	struct finding finding = finding_of_blocked(talk, CAUSE_RTP_PARTIAL);
	size_t told = talk->tally.passing + talk->tally.blocked;
	size_t size = rtp_talk_size(talk);

	if (talk->run->services->sweeps && told < size)
		say_more(&finding, "%zu of %zu ports cannot be told", size - told, size);
	return finding;
}

static struct finding judge(const struct rtp_talk *talk)
{
	const struct rtp_tally *tally = &talk->tally;
	size_t doubted = tally->left + tally->doubted;

	if (tally->blocked > 0 && tally->passing > 0)
		return judge_partial(talk);
	if (doubted > 0)
		return judge_doubted(talk);
	if (tally->blocked > 0)
		return judge_all_blocked(talk);
	if (tally->denied > 0)
		return judge_denied(talk);
	if (tally->remembered > 0)
		return judge_remembered(talk);
	if (tally->passing == 0)
		return judge_untold(talk);
	if (tally->closed == tally->passing)
		return judge_closed(talk);
	return judge_passing(talk);
}

void rtp_judge_finish(struct rtp_talk *talk)
{
	struct finding finding;

	rtp_measure_finish(talk);
	probe_note(talk->run,
		"%zu ports asked: %zu pass, %zu are blocked, %llu sent again",
		talk->tally.asked, talk->tally.passing, talk->tally.blocked,
		(unsigned long long)talk->tally.resent);
	finding = judge(talk);
	probe_finish(talk->run, &finding);
}

/* What is known of the whole range, by ports asked within the window. */
struct known {
	size_t passing, blocked, silent;
};

static struct known count_known(const struct rtp_talk *talk)
{
	uint32_t since_s = rtp_measure_window(talk);
	struct known known = { .passing = 0 };

	for (uint32_t port = talk->first; port <= talk->last; port++) {
		enum port_state state = port_map_state(talk->map, (uint16_t)port);
		enum port_class class = port_state_class(state);

		if (port_map_asked(talk->map, (uint16_t)port) < since_s)
			continue;
		known.passing += class == PORT_CLASS_PASSES;
		known.blocked += class == PORT_CLASS_BLOCKED;
		known.silent += state == PORT_SILENT;
	}
	return known;
}

/* Nobody can ask all at once who waits for the host's word of each. */
static struct finding judge_sweep_icmp(const struct rtp_talk *talk)
{
	size_t asked = talk->tally.asked, size = rtp_talk_size(talk);
	struct finding finding = finding_of(CAUSE_RTP_UNTOLD);

	if ((double)(size - asked) <= UNTOLD_SHARE * (double)size)
		return finding_of(CAUSE_NONE);
	say(&finding,
		"%zu of %zu ports asked: without a reflector all of them take hours",
		asked, size);
	return finding;
}

static struct finding judge_icmp(const struct rtp_talk *talk, const struct known *known)
{
	size_t asked = known->passing + known->silent;
	struct finding finding = finding_of(CAUSE_TIMEOUT);

	finding.verdict = VERDICT_UNKNOWN;
	if (talk->tally.denied > 0 && known->blocked == 0)
		return judge_denied(talk);
	if (talk->tally.passing + talk->tally.blocked == 0) {
		say(&finding,
			"all of the %zu ports asked now are silent, which proves "
			"nothing",
			talk->tally.asked);
		return finding;
	}
	/* one device that refuses some ports says nothing of those that are silent */
	if (known->blocked > 0)
		return finding_of_blocked(
			talk, asked > 0 ? CAUSE_RTP_PARTIAL : CAUSE_RTP_ALL_BLOCKED);
	if ((double)known->silent <= UNTOLD_SHARE * (double)asked)
		return talk->run->services->sweeps ? judge_sweep_icmp(talk)
						   : finding_of(CAUSE_NONE);
	say(&finding, "%zu of %zu ports are silent, which proves nothing", known->silent,
		asked);
	return finding;
}

void rtp_judge_finish_icmp(struct rtp_talk *talk)
{
	const struct known known = count_known(talk);
	struct finding finding;

	rtp_measure_finish_icmp(talk);
	finding = judge_icmp(talk, &known);
	probe_note(talk->run, "%zu ports asked: %zu pass, %zu were refused",
		talk->tally.asked, talk->tally.passing, talk->tally.blocked);
	probe_finish(talk->run, &finding);
}
