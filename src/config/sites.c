/* SPDX-License-Identifier: Apache-2.0 */
#include "config/sites.h"

#include <libconfig.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "config/endpoint.h"
#include "config/text_set.h"

/* What reading one list of sites needs throughout. */
struct reader {
	const struct document *document;
	const struct catalogue *catalogue;
	const struct site_overrides *overrides;
	const struct schema_key *keys;
	struct site_list *sites;
};

const struct schema_key *site_keys(struct arena *arena, const struct catalogue *catalogue)
{
	static const char *const cloud_addresses[] = { "public", "any", NULL };
	static const struct schema_key own[] = {
		{ "name", SCHEMA_STRING, offsetof(struct site_entry, name),
			.required = true, .check = name_check,
			.help = "Of the site, a-z, 0-9 and \"-\"; the value of the label "
				"site." },
		{ "vantage", SCHEMA_CHOICE, offsetof(struct site_entry, vantage),
			.names = vantage_names,
			.help = "Where this instance stands, as seen from this site; "
				"that "
				"of the instance unless given." },
		{ "cloud_addresses", SCHEMA_CHOICE,
			offsetof(struct site_entry, cloud_addresses),
			.fallback = "public", .choices = cloud_addresses,
			.help = "What the names of the Internet in the catalogue may "
				"lead to here: public addresses, or any, where the name "
				"servers of the site override them on purpose." },
		{ "features", SCHEMA_STRINGS, offsetof(struct site_entry, features),
			.help = "What of the catalogue is in use here; all of it unless "
				"given." },
	};
	const size_t fixed = sizeof(own) / sizeof(own[0]);
	struct schema_key *keys =
		arena_array(arena, fixed + catalogue->variable_count + 1, sizeof(*keys));

	if (!keys)
		return NULL;
	memcpy(keys, own, sizeof(own));
	for (size_t i = 0; i < catalogue->variable_count; i++) {
		const struct variable *variable = &catalogue->variables[i];

		keys[fixed + i] = (struct schema_key){
			.name = variable->name ? variable->name : "",
			.type = SCHEMA_STRINGS,
			.offset = offsetof(struct site_entry, slots) +
				i * sizeof(struct site_slot),
			.check = variable->literal ? endpoint_check_literal
						   : endpoint_check,
			.help = variable->help,
		};
	}
	return keys;
}

/*
 * The value as the schema has checked it.
 * \param seen  the slot's values so far; NULL = it will be the only one
 * \retval false  the slot has it already, or no memory
 */
static bool slot_add(struct arena *arena, struct site_slot *slot, const char *text,
	struct text_set *seen)
{
	struct site_value *value = &slot->values[slot->count];
	char buffer[HOST_TEXT_MAX + 8];
	struct endpoint endpoint;
	char why[256];

	if (!endpoint_parse(text, &endpoint, why, sizeof(why)))
		return false;
	*value = (struct site_value){
		.text = arena_copy(arena,
			endpoint_format(
				endpoint.host, endpoint.port, buffer, sizeof(buffer))),
		.host = arena_copy(arena, endpoint.host),
		.port = endpoint.port,
		.address = endpoint.address,
	};
	if (!value->text || !value->host || (seen && !text_set_add(seen, value->text)))
		return false;
	slot->count++;
	return true;
}

static void slot_read(const struct reader *reader, struct site_entry *site, size_t index)
{
	const char *key = reader->catalogue->variables[index].name;
	struct site_slot *slot = &site->slots[index];
	struct arena *arena = reader->document->arena;
	struct text_set seen;

	slot->values = arena_array(arena, slot->strings.count, sizeof(*slot->values));
	if (!text_set_init(&seen, slot->strings.count))
		arena->failed = true;
	for (size_t i = 0; !arena->failed && i < slot->strings.count; i++) {
		if (!slot_add(arena, slot, slot->strings.items[i], &seen) &&
			!arena->failed)
			document_fault_member(reader->document, site->setting, key,
				"\"%s\" stands here twice; remove one",
				slot->strings.items[i]);
	}
	text_set_done(&seen);
}

static void features_check(const struct reader *reader, const struct site_entry *site)
{
	for (size_t i = 0; i < site->features.count; i++) {
		const char *feature = site->features.items[i];
		struct suggestion suggestion = { .wrong = feature };
		char sentence[128], quoted[80];

		if (!catalogue_feature(reader->catalogue, feature, &suggestion)) {
			text_copy_printable(
				quoted, sizeof(quoted), feature, strlen(feature));
			snprintf(sentence, sizeof(sentence), "there is no feature \"%s\"",
				quoted);
			document_fault_unknown(reader->document,
				config_setting_get_member(site->setting, "features"),
				sentence, &suggestion);
		}
		suggestion_done(&suggestion);
	}
}

static const struct site_entry *site_by_name(
	const struct site_list *sites, const char *name, struct suggestion *suggestion)
{
	for (size_t i = 0; i < sites->count; i++) {
		const struct site_entry *site = sites->entries[i];

		if (!site->name)
			continue;
		suggestion_offer(suggestion, site->name);
		if (strcmp(site->name, name) == 0)
			return site;
	}
	return NULL;
}

static struct site_entry *site_read(
	const struct reader *reader, const config_setting_t *group, int vantage)
{
	size_t slots = reader->catalogue->variable_count;
	struct site_entry *site = arena_alloc(
		reader->document->arena, sizeof(*site) + slots * sizeof(site->slots[0]));
	struct suggestion suggestion = { 0 };

	if (!site)
		return NULL;
	site->setting = group;
	site->vantage = vantage;
	schema_read(reader->document, group, reader->keys, "a site", site);
	features_check(reader, site);
	for (size_t i = 0; i < slots; i++)
		slot_read(reader, site, i);
	suggestion.wrong = site->name;
	if (site->name && site_by_name(reader->sites, site->name, &suggestion))
		document_fault_member(reader->document, group, "name",
			"another site is called \"%s\" already; write another name",
			site->name);
	suggestion_done(&suggestion);
	return site;
}

static void override_fault(const struct reader *reader, const char *key, const char *why)
{
	faults_add(reader->document->faults, "", 0, key, "%s", why);
}

/* --site: only this one stays. */
static void site_override(const struct reader *reader)
{
	struct site_list *sites = reader->sites;
	struct suggestion suggestion = { .wrong = reader->overrides->only };
	const struct site_entry *site =
		site_by_name(sites, suggestion.wrong, &suggestion);

	if (site) {
		for (size_t i = 0; i < sites->count; i++) {
			if (sites->entries[i] == site)
				sites->entries[0] = sites->entries[i];
		}
		sites->count = 1;
	} else {
		faults_add(reader->document->faults, "", 0, "--site",
			"there is no site \"%s\"; the configuration names: %s",
			suggestion.wrong,
			suggestion.known.data ? suggestion.known.data : "none");
	}
	suggestion_done(&suggestion);
}

/* --pbx: in place of what the first site says. */
static void pbx_override(const struct reader *reader)
{
	const char *pbx = reader->overrides->pbx;
	const struct variable *variable =
		catalogue_variable(reader->catalogue, "pbx", NULL);
	struct arena *arena = reader->document->arena;
	struct site_slot slot = { .values = arena_array(arena, 1, sizeof(*slot.values)) };
	char why[256] = "";

	if (!variable)
		override_fault(reader, "--pbx",
			"the catalogue has no variable \"pbx\"; add it there");
	else if (!endpoint_check(pbx, why, sizeof(why)))
		override_fault(reader, "--pbx", why);
	else if (slot.values && reader->sites->count > 0 &&
		slot_add(arena, &slot, pbx, NULL))
		reader->sites->entries[0]
			->slots[variable - reader->catalogue->variables] = slot;
}

static void overrides_apply(const struct reader *reader)
{
	if (reader->overrides->only)
		site_override(reader);
	if (reader->overrides->pbx)
		pbx_override(reader);
}

void sites_read(struct site_list *ret_sites, const struct document *document,
	const config_setting_t *list, const struct catalogue *catalogue, int vantage,
	const struct site_overrides *overrides)
{
	size_t count = list ? (size_t)config_setting_length(list) : 0;
	const struct reader reader = { document, catalogue, overrides,
		site_keys(document->arena, catalogue), ret_sites };

	*ret_sites = (struct site_list){
		.entries =
			arena_array(document->arena, count, sizeof(*ret_sites->entries)),
	};
	if (!ret_sites->entries || !reader.keys)
		return;
	for (size_t i = 0; i < count; i++) {
		struct site_entry *site = site_read(
			&reader, config_setting_get_elem(list, (unsigned)i), vantage);

		if (!site)
			return;
		ret_sites->entries[ret_sites->count++] = site;
	}
	if (list && count == 0)
		document_fault(document, list,
			"there is no site; write at least ( { name = \"hq\"; } )");
	overrides_apply(&reader);
}

bool site_has(const struct site_entry *site, const char *feature)
{
	if (!site->features.items)
		return true;
	for (size_t i = 0; i < site->features.count; i++) {
		if (strcmp(site->features.items[i], feature) == 0)
			return true;
	}
	return false;
}
