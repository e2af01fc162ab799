/* SPDX-License-Identifier: Apache-2.0 */
#include "config/plan.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/endpoint.h"
#include "config/hints.h"
#include "config/resolv_conf.h"
#include "config/text_set.h"

#define DNS_PORT 53

struct builder {
	const struct plan_input *input;
	struct arena *arena;
	struct plan *plan;
	struct site_slot resolvers; /* the host's own, for sites without "dns" */
	struct check *checks;
	size_t count, room;
	size_t met; /* checks made, those of other shards included */
};

/* One row at one site. */
struct cell {
	struct builder *builder;
	const struct site_entry *entry;
	const struct site *site;
	const struct row *row;
	const struct requirement *requirement;
};

static void check_add(struct builder *builder, const struct check *check)
{
	const struct settings *settings = builder->input->settings;

	if (!check->identity)
		return;
	builder->met++;
	if (check->hash % settings->shard_count != settings->shard_index)
		return;
	if (builder->count == builder->room) {
		size_t room = builder->room ? builder->room * 2 : 64;
		struct check *checks =
			realloc(builder->checks, room * sizeof(*builder->checks));

		if (!checks) {
			builder->arena->failed = true;
			return;
		}
		builder->checks = checks;
		builder->room = room;
	}
	builder->checks[builder->count++] = *check;
}

static void add_fixed(
	const struct cell *cell, enum cause cause, const char *const hint[LANGUAGE_COUNT])
{
	struct check check = {
		.identity = arena_format(cell->builder->arena, "%s/%s", cell->site->name,
			cell->requirement->id),
		.site = cell->site,
		.requirement = cell->requirement,
		.host = "",
		.target = "",
		.fixed_cause = cause,
		.hint = { hint[LANGUAGE_EN], hint[LANGUAGE_DE] },
	};

	if (check.identity)
		check.hash = text_hash(check.identity);
	check_add(cell->builder, &check);
}

static void add_check(const struct cell *cell, const struct site_value *value,
	const char *target, enum family family, bool optional)
{
	struct check check = {
		.identity = arena_format(cell->builder->arena, "%s/%s/%s/%s",
			cell->site->name, cell->requirement->id, target,
			family_name(family)),
		.site = cell->site,
		.requirement = cell->requirement,
		.host = value->host,
		.port = value->port,
		.target = target,
		.family = family,
		.family_optional = optional,
	};

	if (check.identity)
		check.hash = text_hash(check.identity);
	check_add(cell->builder, &check);
}

static const char *target_of(const struct cell *cell, const struct site_value *value)
{
	uint16_t last = cell->row->ports.last;
	char buffer[HOST_TEXT_MAX + 8];

	endpoint_format(value->host, value->port, buffer, sizeof(buffer));
	if (value->port == cell->row->ports.first && last > value->port)
		return arena_format(cell->builder->arena, "%s-%u", buffer, last);
	return arena_copy(cell->builder->arena, buffer);
}

static void add_families(
	const struct cell *cell, const struct site_value *value, const char *target)
{
	const struct plan_input *input = cell->builder->input;

	if (value->address.family != FAMILY_NONE) {
		add_check(cell, value, target, value->address.family, false);
		return;
	}
	add_check(cell, value, target, FAMILY_IPV4, false);
	if (input->ipv6)
		add_check(cell, value, target, FAMILY_IPV6, input->ipv6_optional);
}

static bool slot_lacks_port(const struct site_slot *slot)
{
	for (size_t i = 0; i < slot->count; i++) {
		if (slot->values[i].port == 0)
			return true;
	}
	return false;
}

/* Values that lead to the same port are one target: 443 written out and 443 of the row.
 */
static void add_slot(const struct cell *cell, const struct site_slot *slot)
{
	struct arena *arena = cell->builder->arena;
	bool own_port = cell->row->ports.first != 0;
	struct text_set seen;

	if (!text_set_init(&seen, slot->count))
		arena->failed = true;
	for (size_t i = 0; !arena->failed && i < slot->count; i++) {
		struct site_value value = slot->values[i];
		const char *target;

		if (!value.port || (own_port && !cell->row->port_moves))
			value.port = cell->row->ports.first;
		target = target_of(cell, &value);
		if (target && text_set_add(&seen, target))
			add_families(cell, &value, target);
	}
	text_set_done(&seen);
}

static void add_variable(const struct cell *cell)
{
	const struct catalogue *catalogue = cell->builder->input->catalogue;
	const struct document *document = &cell->builder->input->settings->document;
	const char *name = cell->requirement->host + 1;
	const struct variable *variable = catalogue_variable(catalogue, name, NULL);
	const struct site_slot *slot =
		&cell->entry->slots[variable - catalogue->variables];
	bool port_needed = cell->row->ports.first == 0;
	const char *hint[LANGUAGE_COUNT] = { 0 };

	if (slot->count == 0 && strcmp(name, "dns") == 0)
		slot = &cell->builder->resolvers;
	if (slot->count == 0 && cell->row->optional)
		return;
	if (slot->count == 0) {
		hint_variable(cell->builder->arena, variable, cell->site->name,
			port_needed, hint);
		add_fixed(cell, CAUSE_NOT_CONFIGURED, hint);
	} else if (port_needed && slot_lacks_port(slot)) {
		document_fault_member(document, cell->entry->setting, name,
			"requirement \"%s\" knows no port of its own; write "
			"\"host:port\"",
			cell->requirement->id);
	} else {
		add_slot(cell, slot);
	}
}

static void add_literal(const struct cell *cell)
{
	const char *hint[LANGUAGE_COUNT] = { 0 };
	struct endpoint endpoint;
	struct site_value value;
	const char *target;
	char why[256];

	if (cell->row->ports.first == 0) {
		hint_port(cell->builder->arena, cell->requirement->id, hint);
		add_fixed(cell, CAUSE_NOT_CONFIGURED, hint);
	} else if (endpoint_parse(cell->requirement->host, &endpoint, why, sizeof(why))) {
		value = (struct site_value){
			.host = arena_copy(cell->builder->arena, endpoint.host),
			.port = cell->row->ports.first,
			.address = endpoint.address,
		};
		target = value.host ? target_of(cell, &value) : NULL;
		if (target)
			add_families(cell, &value, target);
	}
}

static void add_cell(const struct cell *cell)
{
	const struct requirement *requirement = cell->requirement;
	const char *hint[LANGUAGE_COUNT] = { 0 };

	if (!cell->row->enabled || !site_has(cell->entry, requirement->feature))
		return;
	if (!requirement->kind) {
		add_fixed(cell, CAUSE_NOT_TESTABLE_HERE, requirement->hint);
	} else if (!(requirement->vantages & 1U << cell->site->vantage)) {
		hint_vantage(requirement->vantages, hint);
		add_fixed(cell, CAUSE_NOT_TESTABLE_HERE, hint);
	} else if (*requirement->host == '$') {
		add_variable(cell);
	} else {
		add_literal(cell);
	}
}

static void requirements_fill(struct builder *builder)
{
	const struct catalogue *catalogue = builder->input->catalogue;
	struct requirement *requirements =
		arena_array(builder->arena, catalogue->row_count, sizeof(*requirements));

	if (!requirements)
		return;
	for (size_t i = 0; i < catalogue->row_count; i++) {
		const struct row *row = &catalogue->rows[i];

		requirements[i] = row->requirement;
		requirements[i].port_first = row->ports.first;
		requirements[i].port_last = row->ports.last;
	}
	builder->plan->requirements = requirements;
	builder->plan->requirement_count = catalogue->row_count;
}

static const char *const *texts_of(struct arena *arena, const struct site_slot *slot)
{
	const char **texts = arena_array(arena, slot->count, sizeof(*texts));

	for (size_t i = 0; texts && i < slot->count; i++)
		texts[i] = slot->values[i].text;
	return texts;
}

static void name_servers_fill(
	struct arena *arena, const struct site_slot *slot, struct site *site)
{
	struct resolver_server *servers =
		arena_array(arena, slot->count, sizeof(*servers));

	if (!servers)
		return;
	for (size_t i = 0; i < slot->count; i++) {
		servers[i].address = slot->values[i].address;
		servers[i].port = slot->values[i].port ? slot->values[i].port : DNS_PORT;
	}
	site->name_servers = servers;
	site->name_server_count = slot->count;
}

static void site_fill(
	struct builder *builder, const struct site_entry *entry, struct site *site)
{
	const struct catalogue *catalogue = builder->input->catalogue;
	struct site_variable *variables = arena_array(
		builder->arena, catalogue->variable_count, sizeof(*variables));

	site->name = entry->name;
	site->vantage = (enum vantage)entry->vantage;
	site->any_cloud_address = entry->cloud_addresses != 0;
	if (!variables)
		return;
	for (size_t i = 0; i < catalogue->variable_count; i++) {
		variables[i].name = catalogue->variables[i].name;
		variables[i].values = texts_of(builder->arena, &entry->slots[i]);
		variables[i].count = entry->slots[i].count;
		if (strcmp(variables[i].name, "dns") == 0)
			name_servers_fill(builder->arena, &entry->slots[i], site);
	}
	site->variables = variables;
	site->variable_count = catalogue->variable_count;
}

static void sites_fill(struct builder *builder)
{
	const struct site_list *list = builder->input->sites;
	struct site *sites = arena_array(builder->arena, list->count, sizeof(*sites));

	if (!sites)
		return;
	for (size_t i = 0; i < list->count; i++)
		site_fill(builder, list->entries[i], &sites[i]);
	builder->plan->sites = sites;
	builder->plan->site_count = list->count;
}

/* Rows at a site are neighbours: that order is part of the plan's contract. */
static void cells_fill(struct builder *builder)
{
	const struct plan_input *input = builder->input;

	for (size_t s = 0; s < builder->plan->site_count; s++) {
		for (size_t r = 0; r < builder->plan->requirement_count; r++) {
			const struct cell cell = {
				.builder = builder,
				.entry = input->sites->entries[s],
				.site = &builder->plan->sites[s],
				.row = &input->catalogue->rows[r],
				.requirement = &builder->plan->requirements[r],
			};

			if (!input->requirement ||
				strcmp(input->requirement, cell.requirement->id) == 0)
				add_cell(&cell);
		}
	}
}

static void resolvers_fill(struct builder *builder)
{
	struct address servers[RESOLV_CONF_SERVERS_MAX];
	size_t count = resolv_conf_read(builder->input->resolv_conf, servers);
	struct site_value *values = arena_array(builder->arena, count, sizeof(*values));
	char buffer[ADDRESS_TEXT_MAX];

	for (size_t i = 0; values && i < count; i++) {
		values[i].host = arena_copy(builder->arena,
			address_format(&servers[i], buffer, sizeof(buffer)));
		values[i].text = values[i].host;
		values[i].address = servers[i];
	}
	builder->resolvers = (struct site_slot){ .values = values, .count = count };
}

/* --requirement that names nothing, or nothing that is checked anywhere. */
static void filter_check(const struct builder *builder)
{
	struct faults *faults = builder->input->settings->document.faults;
	struct suggestion suggestion = { .wrong = builder->input->requirement };
	const struct row *row =
		catalogue_row(builder->input->catalogue, suggestion.wrong, &suggestion);

	if (!row)
		faults_add(faults, "", 0, "--requirement",
			suggestion.best
				? "there is no requirement \"%s\"; did you mean \"%s\"?"
				: "there is no requirement \"%s\"; the command "
				  "catalogue lists them",
			suggestion.wrong, suggestion.best);
	else if (builder->met == 0)
		faults_add(faults, "", 0, "--requirement",
			"\"%s\" is not checked at any site: it is switched off, or its "
			"feature \"%s\" is, or its variable is empty",
			suggestion.wrong, row->requirement.feature);
	suggestion_done(&suggestion);
}

void plan_build(const struct plan_input *input, struct plan *ret_plan)
{
	struct plan plan = { 0 };
	struct builder builder = { .input = input, .arena = input->arena, .plan = &plan };
	struct check *checks;

	resolvers_fill(&builder);
	requirements_fill(&builder);
	sites_fill(&builder);
	if (!builder.arena->failed)
		cells_fill(&builder);
	if (input->requirement)
		filter_check(&builder);
	checks = arena_array(builder.arena, builder.count, sizeof(*checks));
	if (checks && builder.count > 0)
		memcpy(checks, builder.checks, builder.count * sizeof(*checks));
	free(builder.checks);
	plan.checks = checks;
	plan.check_count = builder.count;
	*ret_plan = plan;
}
