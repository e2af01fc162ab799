/* SPDX-License-Identifier: Apache-2.0 */
#include "sites.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "engine/probe.h"

struct address address_of(const char *text)
{
	struct address address = { 0 };

	if (text)
		address_parse(text, &address);
	return address;
}

/* By the name of the row; other kinds are told apart by nobody here. */
static const struct probe_kind *kind_of(const char *requirement)
{
	static const struct probe_kind sip = { .name = "sip" }, stun = { .name = "stun" };

	if (strncmp(requirement, "sip", 3) == 0)
		return &sip;
	return strncmp(requirement, "stun", 4) == 0 ? &stun : NULL;
}

static void add_requirement(struct small_site *small, const struct site_row *row)
{
	size_t count = small->plan.requirement_count;
	char *variable = small->variables[count];

	if (count > 0 && strcmp(small->requirements[count - 1].id, row->requirement) == 0)
		return;
	snprintf(variable, sizeof(small->variables[count]), "%s",
		*row->host == '$' ? "$variable" : row->host);
	small->requirements[count] = (struct requirement){
		.id = row->requirement,
		.feature = "test",
		.host = variable,
		.direction = row->direction,
		.transport = row->transport,
		.kind = kind_of(row->requirement),
		.interval_us = 60 * SECOND,
		.confirm = 1,
	};
	small->plan.requirement_count++;
}

static void add_check(struct small_site *small, size_t index)
{
	const struct site_row *row = &small->rows[index];
	const char *host = row->host + (*row->host == '$');
	char *identity = small->identities[index];

	add_requirement(small, row);
	snprintf(identity, sizeof(small->identities[index]), "hq/%s/%s:%u/%zu",
		row->requirement, host, row->port, index);
	small->checks[index] = (struct check){
		.identity = identity,
		.hash = text_hash(identity),
		.site = &small->site,
		.requirement = &small->requirements[small->plan.requirement_count - 1],
		.host = host,
		.port = row->port,
		.target = identity,
		.family = FAMILY_IPV4,
	};
	small->plan.check_count++;
}

void small_site_make(struct small_site *small, const struct site_row *rows)
{
	*small = (struct small_site){ .site = { .name = "hq" },
		.rows = rows,
		.now_us = 1000000 * SECOND,
		.host = { .known = true,
			.link_up = true,
			.default_route_ipv4 = true,
			.gateway_reachable = true,
			.gateway = address_of("192.168.1.1"),
			.clock_known = true,
			.clock_synchronised = true } };
	small->plan.requirements = small->requirements;
	small->plan.sites = &small->site;
	small->plan.site_count = 1;
	small->plan.checks = small->checks;
	for (size_t i = 0; rows[i].requirement; i++) {
		assert(i < SITE_ROWS_MAX);
		add_check(small, i);
	}
	small->store = store_new(&small->plan, 0);
	assert(small->store);
}

void small_site_done(struct small_site *small)
{
	store_free(small->store);
}

static bool is_of_lookup(enum cause cause)
{
	return cause_layer(cause) == LAYER_DNS;
}

struct outcome small_site_outcome(
	const struct small_site *small, size_t row, enum cause cause)
{
	const struct check *check = &small->checks[row];
	const char *address = small->rows[row].address;
	struct outcome outcome = { .finding = finding_of(cause),
		.phase = PHASE_RESPONSE,
		.port = check->port,
		.wall_us = small->now_us,
		.duration_us = 1000 };

	outcome.address = address_of(address ? address : check->host);
	if (cause == CAUSE_TIMEOUT || cause == CAUSE_REFUSED)
		outcome.phase = PHASE_CONNECT;
	if (is_of_lookup(cause) && check->port != 53) {
		outcome.phase = PHASE_RESOLVE;
		outcome.address = (struct address){ 0 };
		outcome.finding.verdict = VERDICT_UNKNOWN;
	}
	return outcome;
}

void small_site_put(struct small_site *small, size_t row, const struct outcome *outcome)
{
	struct outcome put = *outcome;

	small->now_us += SECOND;
	put.wall_us = small->now_us;
	store_outcome(small->store, row, &put, NULL);
}

size_t small_site_row(const struct small_site *small, const char *requirement)
{
	size_t row = 0;

	while (strcmp(small->rows[row].requirement, requirement) != 0)
		row++;
	return row;
}

void small_site_tell(struct small_site *small, const char *requirement, enum cause cause)
{
	for (size_t i = 0; i < small->plan.check_count; i++) {
		struct outcome outcome = small_site_outcome(small, i, cause);

		if (strcmp(small->rows[i].requirement, requirement) == 0)
			small_site_put(small, i, &outcome);
	}
}

void small_site_tell_all(struct small_site *small, enum cause cause)
{
	for (size_t i = 0; i < small->plan.check_count; i++) {
		struct outcome outcome = small_site_outcome(small, i, cause);

		small_site_put(small, i, &outcome);
	}
}
