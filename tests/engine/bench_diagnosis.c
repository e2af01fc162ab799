/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one evaluation of the common causes costs: 20,000 checks at many sites or at one,
 * well, cut off from the Internet, silent at each PBX, each led away by its own server,
 * without names where every two far apart ask the same server, and refused by a firewall
 * at each site.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "engine/diagnosis.h"
#include "net/host.h"

#define CHECKS 20000
#define ROWS   25 /* of a site, ten of them at its PBX */
#define FEW    5  /* or so few */
#define TURNS  20

struct large {
	struct plan plan;
	struct requirement requirements[CHECKS];
	struct site sites[CHECKS];
	struct check checks[CHECKS];
	char names[CHECKS][64];
	struct resolver_server servers[CHECKS]; /* of each site its own */
};

enum scene {
	WELL,
	CUT_OFF,
	PBX_SILENT,
	ALL_SILENT,
	REDIRECTED,
	NAMELESS,
	REFUSED,
	SCENE_COUNT
};

/* Of a site. Without names two that are far apart share one, as groups of sites do. */
static const struct resolver_server *server_of(
	struct large *large, enum scene scene, size_t site, size_t sites)
{
	struct resolver_server *server =
		&large->servers[scene == NAMELESS ? site % (sites / 2 + 1) : site];

	server->port = (uint16_t)(server - large->servers);
	return server;
}

static void fill(struct large *large, enum scene scene, size_t site_size)
{
	for (size_t i = 0; i < CHECKS; i++) {
		bool pbx = i % ROWS < 10;

		snprintf(large->names[i], sizeof(large->names[i]),
			"host-%zu.example-%zu.de", pbx ? i / site_size : i, i % ROWS);
		if (scene == REDIRECTED)
			snprintf(large->names[i], sizeof(large->names[i]),
				"host-%zu.example.com", i);
		else if (pbx)
			snprintf(large->names[i], sizeof(large->names[i]),
				"pbx-%zu.example.de", i / site_size);
		large->sites[i / site_size].name = "site";
		large->sites[i / site_size].name_servers =
			server_of(large, scene, i / site_size, CHECKS / site_size);
		large->sites[i / site_size].name_server_count = 1;
		large->requirements[i] = (struct requirement){ .id = large->names[i],
			.host = pbx ? "$pbx" : large->names[i],
			.direction = pbx ? DIRECTION_INBOUND : DIRECTION_OUTBOUND,
			.interval_us = MINUTE,
			.confirm = 1 };
		large->checks[i] = (struct check){ .identity = large->names[i],
			.hash = text_hash(large->names[i]),
			.site = &large->sites[i / site_size],
			.requirement = &large->requirements[i],
			.host = large->names[i],
			.target = large->names[i],
			.port = (uint16_t)(443 + i % ROWS),
			.family = FAMILY_IPV4 };
	}
	large->plan = (struct plan){ large->requirements, CHECKS, large->sites,
		CHECKS / site_size, large->checks, CHECKS };
}

static bool fails(enum scene scene, size_t index)
{
	bool pbx = index % ROWS < 10;

	return scene == ALL_SILENT || scene == NAMELESS || scene == REFUSED ||
		(scene == CUT_OFF && !pbx) || (scene == PBX_SILENT && pbx);
}

/* Of hosts that are no strangers to each other it is their own will. */
static struct finding redirect(void)
{
	struct finding finding = finding_of(CAUSE_CAPTIVE_PORTAL);

	finding.verdict = VERDICT_DEGRADED;
	text_copy(finding.evidence.detail, sizeof(finding.evidence.detail),
		"https://new.example.com/");
	return finding;
}

/* What fails, and how. */
static void fail(struct outcome *outcome, enum scene scene, size_t site)
{
	struct evidence *evidence = &outcome->finding.evidence;

	outcome->finding = finding_of(CAUSE_TIMEOUT);
	if (scene == NAMELESS) {
		outcome->finding = finding_of(CAUSE_DNS_TIMEOUT);
		outcome->finding.verdict = VERDICT_UNKNOWN;
		outcome->phase = PHASE_RESOLVE;
		outcome->address = (struct address){ 0 };
	} else if (scene == REFUSED) {
		outcome->finding = finding_of(CAUSE_ICMP_ADMIN_PROHIBITED);
		evidence->kind = EVIDENCE_ICMP;
		evidence->offender = (struct address){ FAMILY_IPV4,
			{ 198, 51, (uint8_t)(site >> 8), (uint8_t)site }, 0 };
	}
}

static void tell(struct store *store, enum scene scene, size_t site_size)
{
	for (size_t i = 0; i < CHECKS; i++) {
		struct outcome outcome = { .finding = finding_of(CAUSE_NONE),
			.phase = PHASE_CONNECT,
			.address = { FAMILY_IPV4, { 203, 0, 113, 7 }, 0 },
			.wall_us = 1000 * MINUTE };

		store_outcome(store, i, &outcome, NULL);
		outcome.wall_us += MINUTE;
		if (fails(scene, i))
			fail(&outcome, scene, i / site_size);
		if (scene == REDIRECTED)
			outcome.finding = redirect();
		store_outcome(store, i, &outcome, NULL);
	}
}

static void measure(struct large *large, enum scene scene, size_t site_size)
{
	static const char *const names[SCENE_COUNT] = { "well", "cut off", "PBX silent",
		"all silent", "redirected", "without names", "refused" };
	struct host_state host = { .known = true,
		.link_up = true,
		.gateway_reachable = true,
		.gateway = { FAMILY_IPV4, { 192, 168, 1, 1 }, 0 } };
	struct store *store;
	int64_t best = INT64_MAX;
	size_t found = 0;

	fill(large, scene, site_size);
	store = store_new(&large->plan, 0);
	assert(store);
	tell(store, scene, site_size);
	for (unsigned turn = 0; turn < TURNS; turn++) {
		int64_t began = clock_now_us(), took;
		struct diagnoses made = { 0 };

		assert(diagnoses_make(store, &host, &made));
		found = made.count;
		diagnoses_done(&made);
		took = clock_now_us() - began;
		if (took < best)
			best = took;
	}
	printf("%d checks, %zu a site, %s: %zu diagnoses in %.2f ms\n", CHECKS, site_size,
		names[scene], found, (double)best / 1000);
	store_free(store);
}

int main(void)
{
	struct large *large = calloc(1, sizeof(*large));

	assert(large);
	for (enum scene scene = 0; scene < SCENE_COUNT; scene++) {
		measure(large, scene, FEW);
		measure(large, scene, ROWS);
		measure(large, scene, CHECKS);
	}
	free(large);
	return 0;
}
