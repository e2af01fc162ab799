/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/flight.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/doubt.h"
#include "engine/look.h"
#include "net/host.h"
#include "net/loop.h"
#include "net/resolver.h"

enum step { STEP_IDLE, STEP_RESOLVING, STEP_STARTING, STEP_ASKING, STEP_STOPPING };

struct flight {
	const struct flight_settings *settings;
	const struct check *check;
	struct resolver *resolver;
	struct port_map *ports;
	struct lookup lookup;
	struct loop_timer timer; /* of the step: a deadline, or soon */
	enum step step;
	struct looks looks; /* at the present address */
	struct transcript *transcript;
	bool applies;
	int64_t began_us;
	int64_t resolve_us;
	bool name_asked;
	struct resolution names;
	size_t asked;  /* addresses begun with */
	unsigned seen; /* verdicts of the addresses, as verdict_of_ways() has them */
	struct outcome outcome;
	struct probe_run run;
	alignas(max_align_t) unsigned char state[];
};

static void set_step(struct flight *flight, enum step step, int64_t delay_us)
{
	flight->step = step;
	loop_timer_set(&flight->timer, delay_us);
}

/* Once whoever calls us, a kind or the resolver, has returned. */
static void set_step_soon(struct flight *flight, enum step step)
{
	flight->step = step;
	loop_timer_soon(&flight->timer);
}

static void conclude(struct flight *flight)
{
	struct outcome *outcome = &flight->outcome;

	flight->step = STEP_IDLE;
	loop_timer_cancel(&flight->timer);
	outcome->phase_us[PHASE_RESOLVE] = flight->resolve_us;
	outcome->name_asked = flight->name_asked;
	outcome->duration_us = clock_now_us() - flight->began_us;
	outcome->wall_us = clock_wall_us();
	flight->settings->done(flight->settings->context, flight, flight->check, outcome,
		flight->applies);
}

static void run_finished(struct probe_run *run)
{
	struct flight *flight = run->context;

	set_step_soon(flight, STEP_STOPPING);
}

static void end_address(struct flight *flight);

/* Without a connection: whoever is there is not the host that was meant. */
static bool is_led_astray(struct flight *flight, const struct address *address)
{
	struct finding finding;

	if (!doubt_address(flight->check, address, &flight->names.server, &finding))
		return false;
	transcript_add(flight->transcript, TRANSCRIPT_NOTE, finding.evidence.detail,
		strlen(finding.evidence.detail));
	flight->run.outcome = (struct outcome){ .finding = finding,
		.phase = PHASE_RESOLVE,
		.address = *address,
		.port = flight->check->port };
	end_address(flight);
	return true;
}

/* Every port of a range takes longer than the sample that its row has time for. */
#define SWEEP_TIMEOUT (5 * MINUTE)

static int64_t timeout_of(const struct flight *flight)
{
	const struct requirement *requirement = flight->check->requirement;

	if (flight->settings->services->sweeps && requirement->kind->keeps_ports)
		return SWEEP_TIMEOUT;
	return requirement->timeout_us;
}

static void start_run(struct flight *flight)
{
	const struct requirement *requirement = flight->check->requirement;
	struct probe_run *run = &flight->run;
	const struct address *address;

	if (flight->looks.look == LOOK_FIRST)
		flight->asked++;
	address = &flight->names.addresses[flight->asked - 1];
	if (is_led_astray(flight, address))
		return;
	*run = (struct probe_run){
		.kind = requirement->kind,
		.options = requirement->options,
		.target = { .host = flight->check->host,
			.address = *address,
			.port = flight->check->port,
			.port_last = check_port_last(flight->check) },
		.services = flight->settings->services,
		.resolver = flight->resolver,
		.timeout_us = timeout_of(flight),
		.segment_max = look_segment(&flight->looks, address->family),
		.transcript = flight->transcript,
		.state = flight->state,
		.ports = flight->ports,
		.on_finish = run_finished,
		.context = flight,
	};
	/* the deadline first: start() may finish the run, which moves the step on */
	set_step(flight, STEP_ASKING, run->timeout_us);
	probe_begin(run);
}

/* Silence and local errors may be our own doing; whoever answered has cleared us. */
static bool may_be_ours(const struct finding *finding)
{
	switch (finding->cause) {
	case CAUSE_TIMEOUT:
	case CAUSE_DNS_TIMEOUT:
	case CAUSE_ARP_FAILED:
	case CAUSE_RTP_ALL_BLOCKED:
		return true;
	default:
		return cause_layer(finding->cause) == LAYER_LOCAL;
	}
}

static void examine_ourselves(struct flight *flight, struct outcome *outcome)
{
	struct finding own;

	if (flight->settings->host && may_be_ours(&outcome->finding) &&
		host_blames_itself(flight->settings->host, &outcome->address, &own))
		outcome->finding = own;
}

/* The graver verdict, and of two alike the one that can show who said so. */
static bool says_more(const struct finding *one, const struct finding *other)
{
	if (one->verdict != other->verdict)
		return one->verdict > other->verdict;
	return other->evidence.kind == EVIDENCE_NONE &&
		one->evidence.kind != EVIDENCE_NONE;
}

/*
 * Adds what one address said. The first of the gravest speaks for all, and unknown, which
 * is the least of the enumeration, only if there is nothing else.
 */
static void add_address(struct flight *flight)
{
	struct outcome *outcome = &flight->run.outcome;
	uint8_t failed = flight->outcome.addresses_failed;

	examine_ourselves(flight, outcome);
	flight->seen |= 1U << outcome->finding.verdict;
	if (outcome->finding.verdict == VERDICT_FAILED)
		failed++;
	if (flight->asked == 1 || says_more(&outcome->finding, &flight->outcome.finding))
		flight->outcome = *outcome;
	flight->outcome.addresses_failed = failed;
	flight->outcome.addresses_tested = (uint8_t)flight->asked;
}

/*
 * Some addresses answer: the service is there, and the one that speaks for the others is
 * named beside what it said, or in place of it when it said nothing.
 */
static void judge_partial(struct flight *flight)
{
	struct outcome *outcome = &flight->outcome;
	struct evidence *evidence = &outcome->finding.evidence;
	char address[ADDRESS_TEXT_MAX];
	char known[32] = "";

	if (flight->names.total > outcome->addresses_tested)
		snprintf(known, sizeof(known), " (%zu known)", flight->names.total);
	snprintf(evidence->detail, sizeof(evidence->detail),
		"%u of %u addresses%s, %s: %s", outcome->addresses_failed,
		outcome->addresses_tested, known,
		address_format(&outcome->address, address, sizeof(address)),
		cause_name(outcome->finding.cause));
	if (evidence->kind == EVIDENCE_NONE)
		evidence->kind = EVIDENCE_ADDRESSES;
	outcome->finding.verdict = VERDICT_DEGRADED;
	outcome->finding.cause = CAUSE_ADDRESS_PARTIAL;
}

static void stop_run(struct flight *flight)
{
	flight->run.kind->stop(&flight->run);
	if (look_again(&flight->looks, flight->check->requirement->transport,
		    &flight->run.outcome)) {
		set_step_soon(flight, STEP_STARTING);
		return;
	}
	end_address(flight);
}

static void end_address(struct flight *flight)
{
	add_address(flight);
	if (flight->asked < flight->names.count) {
		set_step_soon(flight, STEP_STARTING);
		return;
	}
	if (flight->outcome.finding.verdict != verdict_of_ways(flight->seen))
		judge_partial(flight);
	conclude(flight);
}

/* Later than this behind its time, a deadline says more of us than of the target. */
#define DEADLINE_LATENESS_MAX (500 * MILLISECOND)

/*
 * Time runs out. If the loop itself was held up, the answer may lie unread in the socket,
 * and the silence is ours.
 */
static void expire_run(struct flight *flight)
{
	int64_t late = clock_now_us() - loop_timer_due(&flight->timer);

	if (late > DEADLINE_LATENESS_MAX)
		flight->run.silence = doubt_of_lag(late);
	probe_expire(&flight->run);
}

/* Nobody could be asked because our own way to every one of the servers is gone. */
static bool cannot_ask(const struct flight *flight, struct finding *ret_finding)
{
	const struct resolver_server *servers;
	size_t count = resolver_servers(flight->resolver, &servers);

	for (size_t i = 0; i < count; i++) {
		/* a server that is dead on our own link is its own trouble */
		if (!host_blames_itself(
			    flight->settings->host, &servers[i].address, ret_finding) ||
			cause_layer(ret_finding->cause) != LAYER_LOCAL)
			return false;
	}
	return count > 0;
}

static void end_unresolved(struct flight *flight, const struct finding *finding)
{
	bool unheard = finding->cause == CAUSE_DNS_TIMEOUT ||
		finding->cause == CAUSE_DNS_UNREACHABLE;
	struct finding own;

	flight->resolve_us = clock_now_us() - flight->began_us;
	flight->outcome.finding = *finding;
	if (unheard && flight->settings->host && cannot_ask(flight, &own))
		flight->outcome.finding = own;
	flight->outcome.phase = PHASE_RESOLVE;
	flight->outcome.port = flight->check->port;
	/* Only a name that is there and has no such address makes "auto" step aside. */
	if (flight->check->family_optional && finding->verdict == VERDICT_FAILED)
		flight->applies = false;
	conclude(flight);
}

static void expire_lookup(struct flight *flight)
{
	struct finding finding = finding_of(CAUSE_DNS_TIMEOUT);

	finding.verdict =
		VERDICT_UNKNOWN; /* a dead resolver says nothing of the target */
	lookup_cancel(&flight->lookup);
	flight->name_asked = true;
	end_unresolved(flight, &finding);
}

static bool has_route(const struct flight *flight)
{
	return !flight->settings->host ||
		host_has_route(flight->settings->host, &flight->names.addresses[0]);
}

/*
 * A literal is known without the resolver, whose answer would cost an allocation and a
 * turn of the loop. One of the other family is left to it: it knows the cause.
 */
static bool is_address(const struct check *check, struct resolution *ret_resolution)
{
	struct resolution resolution = { .count = 1, .total = 1 };

	if (!address_parse(check->host, &resolution.addresses[0]) ||
		resolution.addresses[0].family != check->family)
		return false;
	*ret_resolution = resolution;
	return true;
}

/* Whom we asked; or would have asked, had the answer not lain in the cache. */
static void note_names(struct flight *flight, const struct resolution *resolution)
{
	const struct resolver_server *servers;
	size_t count = resolver_servers(flight->resolver, &servers);
	char server[ADDRESS_TEXT_MAX] = "none";
	char words[160];

	if (count > 0)
		address_format(&servers[0].address, server, sizeof(server));
	if (resolution->count > 0)
		snprintf(words, sizeof(words), "resolver %s: %zu %s address%s for %.64s",
			server, resolution->total, family_name(flight->check->family),
			resolution->total > 1 ? "es" : "", flight->check->host);
	else
		snprintf(words, sizeof(words), "resolver %s: %s for %.64s", server,
			cause_name(resolution->finding.cause), flight->check->host);
	transcript_add(flight->transcript, TRANSCRIPT_NOTE, words, strlen(words));
}

static void resolved(void *context, const struct resolution *resolution)
{
	struct flight *flight = context;

	note_names(flight, resolution);
	flight->name_asked = !resolution->known;
	if (resolution->count == 0) {
		end_unresolved(flight, &resolution->finding);
		return;
	}
	flight->names = *resolution;
	flight->resolve_us = clock_now_us() - flight->began_us;
	if (flight->check->family_optional && !has_route(flight)) {
		flight->applies = false;
		conclude(flight);
		return;
	}
	set_step_soon(flight, STEP_STARTING);
}

static void step_due(void *context)
{
	struct flight *flight = context;

	switch (flight->step) {
	case STEP_RESOLVING:
		expire_lookup(flight);
		break;
	case STEP_STARTING:
		start_run(flight);
		break;
	case STEP_ASKING:
		expire_run(flight);
		break;
	case STEP_STOPPING:
		stop_run(flight);
		break;
	case STEP_IDLE:
		break;
	}
}

struct flight *flight_new(const struct flight_settings *settings, size_t state_size)
{
	struct flight *flight = calloc(1, sizeof(*flight) + state_size);

	if (!flight)
		return NULL;
	flight->settings = settings;
	flight->transcript = transcript_new();
	loop_timer_init(&flight->timer, settings->services->loop, LOOP_PRIORITY_ANSWER,
		step_due, flight);
	if (!flight->transcript) {
		flight_free(flight);
		return NULL;
	}
	return flight;
}

void flight_free(struct flight *flight)
{
	if (!flight)
		return;
	lookup_cancel(&flight->lookup);
	if (flight->step == STEP_ASKING || flight->step == STEP_STOPPING)
		flight->run.kind->stop(&flight->run);
	loop_timer_done(&flight->timer);
	free(flight->transcript);
	free(flight);
}

const struct transcript *flight_transcript(const struct flight *flight)
{
	return flight->transcript;
}

void flight_start(struct flight *flight, const struct check *check,
	struct resolver *resolver, struct port_map *ports)
{
	flight->check = check;
	flight->resolver = resolver;
	flight->ports = ports;
	flight->applies = true;
	flight->began_us = clock_now_us();
	flight->asked = 0;
	flight->seen = 0;
	flight->looks.look = LOOK_FIRST;
	transcript_begin(flight->transcript);
	flight->outcome = (struct outcome){ 0 };
	flight->resolve_us = 0;
	flight->name_asked = false;
	if (is_address(check, &flight->names)) {
		start_run(flight);
		return;
	}
	set_step(flight, STEP_RESOLVING, check->requirement->timeout_us);
	resolver_lookup(
		resolver, check->host, check->family, &flight->lookup, resolved, flight);
}
