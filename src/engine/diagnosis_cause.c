/* SPDX-License-Identifier: Apache-2.0 */
/* Common causes that are a cause of single runs already, found at two hosts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "engine/cloud.h"
#include "engine/diagnosis_parts.h"
#include "engine/doubt.h"

struct portals;

struct kinship {
	enum common_cause common;
	enum cause witness;
	bool strangers;          /* two hosts must be unrelated */
	struct portals *portals; /* a witness is led to one; NULL = it need not */
	bool (*seconded)(const struct host_state *host); /* then one host is enough */
	const enum cause *causes;                        /* what it explains */
};

static bool link_is_down(const struct host_state *host)
{
	return host->known && !host->link_up;
}

static bool route_is_gone(const struct host_state *host)
{
	return host->known && !host->default_route_ipv4 && !host->default_route_ipv6;
}

static bool gateway_is_silent(const struct host_state *host)
{
	return host->known && host->gateway.family != FAMILY_NONE &&
		!host->gateway_reachable;
}

static bool nothing_seconds(const struct host_state *host)
{
	(void)host;
	return false;
}

/* Of "http://portal.example.com/login?for=us" what stands before the path. */
static size_t place_length(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?; ") : 0;
}

/* Beyond these redirects lead everywhere, which is no portal's way. */
#define PORTALS_MAX 64

/* A place to which redirects lead, and of whom. */
struct portal {
	const char *url;
	size_t length;
	const char *host; /* the first that was sent there */
	bool strangers;   /* a stranger to it was as well */
};

struct portals {
	struct portal items[PORTALS_MAX];
	size_t count;
};

/* \retval NULL  it is not known */
static struct portal *portal_of(struct portals *portals, const char *url, size_t length)
{
	for (size_t i = 0; i < portals->count; i++) {
		struct portal *portal = &portals->items[i];

		if (portal->length == length &&
			strncasecmp(portal->url, url, length) == 0)
			return portal;
	}
	return NULL;
}

static void portal_add(struct portals *portals, const struct record *record)
{
	const char *url = record->last.finding.evidence.detail;
	const char *host = record->check->host;
	size_t length = place_length(url);
	struct portal *portal = portal_of(portals, url, length);

	if (portal)
		portal->strangers =
			portal->strangers || hosts_are_strangers(portal->host, host);
	else if (length > 0 && portals->count < PORTALS_MAX)
		portals->items[portals->count++] =
			(struct portal){ .url = url, .length = length, .host = host };
}

/* Once over all, for each would have to be held against each. */
static void gather_portals(const struct scene *scene, struct portals *portals)
{
	for (size_t i = 0; i < scene->witness_count; i++) {
		if (scene->witnesses[i]->last.finding.cause == CAUSE_CAPTIVE_PORTAL)
			portal_add(portals, scene->witnesses[i]);
	}
}

/*
 * A redirect alone, degraded, may be the server's own will: then another's leads
 * elsewhere, as a rule.
 */
static bool is_led_to_portal(struct portals *portals, const struct record *record)
{
	const char *url = record->last.finding.evidence.detail;
	const struct portal *portal;

	if (record->last.finding.verdict == VERDICT_FAILED)
		return true;
	portal = portal_of(portals, url, place_length(url));
	return portal && portal->strangers;
}

/* Evidence of the first is evidence of all: the same interface, issuer or page. */
static void find_kin(struct scene *scene, const struct kinship *kinship)
{
	struct count count = { 0 };

	for (size_t i = 0; i < scene->witness_count; i++) {
		const struct finding *last = &scene->witnesses[i]->last.finding;

		if (last->cause == kinship->witness &&
			(!kinship->portals ||
				is_led_to_portal(kinship->portals, scene->witnesses[i])))
			count_add(&count, scene->witnesses[i]);
	}
	if (count.checks == 0 ||
		!(kinship->strangers ? count.strangers
				     : count.several || kinship->seconded(scene->host)))
		return;
	suspect(scene,
		&(struct suspicion){ .cause = kinship->common,
			.explains = explains_by_cause,
			.causes = kinship->causes,
			.evidence = count.first->last.finding.evidence });
}

void diagnosis_by_cause_own(struct scene *scene)
{
	/* routes go with their link, and what was never tried fails for want of both */
	static const enum cause link[] = { CAUSE_LOCAL_LINK_DOWN, CAUSE_LOCAL_NO_ROUTE,
		CAUSE_LOCAL_ARP_FAILED, CAUSE_NONE };
	static const enum cause route[] = { CAUSE_LOCAL_NO_ROUTE, CAUSE_NONE };
	static const enum cause gateway[] = { CAUSE_LOCAL_ARP_FAILED, CAUSE_NONE };
	static const struct kinship table[] = {
		{ COMMON_CAUSE_OWN_LINK, CAUSE_LOCAL_LINK_DOWN, false, NULL, link_is_down,
			link },
		{ COMMON_CAUSE_OWN_ROUTE, CAUSE_LOCAL_NO_ROUTE, false, NULL,
			route_is_gone, route },
		{ COMMON_CAUSE_OWN_GATEWAY, CAUSE_LOCAL_ARP_FAILED, false, NULL,
			gateway_is_silent, gateway },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		find_kin(scene, &table[i]);
}

void diagnosis_by_cause_names(struct scene *scene)
{
	static const enum cause hijack[] = { CAUSE_DNS_WRONG_ADDRESS, CAUSE_NONE };

	find_kin(scene,
		&(struct kinship){ COMMON_CAUSE_DNS_HIJACK, CAUSE_DNS_WRONG_ADDRESS, true,
			NULL, nothing_seconds, hijack });
}

void diagnosis_by_cause_cloud(struct scene *scene)
{
	static const enum cause portal[] = { CAUSE_CAPTIVE_PORTAL, CAUSE_NONE };
	static const enum cause interception[] = { CAUSE_TLS_INTERCEPTED, CAUSE_NONE };
	struct portals portals = { .count = 0 };
	const struct kinship table[] = {
		{ COMMON_CAUSE_CAPTIVE_PORTAL, CAUSE_CAPTIVE_PORTAL, true, &portals,
			nothing_seconds, portal },
		{ COMMON_CAUSE_TLS_INTERCEPTION, CAUSE_TLS_INTERCEPTED, true, NULL,
			nothing_seconds, interception },
	};

	gather_portals(scene, &portals);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		find_kin(scene, &table[i]);
}

/* What all time servers say of our clock. */
struct clocks {
	struct count contradict;
	int64_t offset_us;
	bool one_agrees;
};

static void ask_clocks(const struct scene *scene, struct clocks *clocks)
{
	for (size_t i = scene->first; i < scene->end; i++) {
		const struct record *record = store_record(scene->store, i);
		const struct outcome *last = &record->last;

		if (!record->applies || !last->clock_compared)
			continue;
		if (llabs(last->clock_offset_us) < CLOCK_WRONG) {
			clocks->one_agrees = true;
			continue;
		}
		clocks->offset_us = last->clock_offset_us;
		count_add(&clocks->contradict, record);
	}
}

static bool is_wrong_clock_seen(const struct scene *scene)
{
	static const enum cause causes[] = { CAUSE_LOCAL_CLOCK, CAUSE_NTP_OFFSET,
		CAUSE_NONE };

	for (size_t i = 0; i < scene->witness_count; i++) {
		if (cause_is_of(scene->witnesses[i]->last.finding.cause, causes))
			return true;
	}
	return false;
}

void diagnosis_clock(struct scene *scene)
{
	static const enum cause causes[] = { CAUSE_LOCAL_CLOCK, CAUSE_NTP_OFFSET,
		CAUSE_NONE };
	const struct host_state *host = scene->host;
	bool unsynchronised = host->clock_known && !host->clock_synchronised;
	struct suspicion suspicion = { .cause = COMMON_CAUSE_OWN_CLOCK,
		.explains = explains_by_cause,
		.causes = causes };
	struct clocks clocks = { 0 };

	if (!is_wrong_clock_seen(scene))
		return;
	ask_clocks(scene, &clocks);
	if (clocks.one_agrees || clocks.contradict.checks == 0 ||
		!(clocks.contradict.several || unsynchronised))
		return;
	suspicion.evidence.kind = EVIDENCE_COMPARISON;
	suspicion.evidence.offender = clocks.contradict.first->last.address;
	snprintf(suspicion.evidence.detail, sizeof(suspicion.evidence.detail),
		"%zu time checks say it is %.0f s %s", clocks.contradict.checks,
		SECONDS_OF(llabs(clocks.offset_us)),
		clocks.offset_us > 0 ? "behind" : "ahead");
	suspect(scene, &suspicion);
}
