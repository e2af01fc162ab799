/* SPDX-License-Identifier: Apache-2.0 */
#include "config/settings.h"

#include <libconfig.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SHARDS_MAX 1000U

static const char *const ipv6_modes[] = { "auto", "on", "off", NULL };

static bool shard_parse(const char *text, unsigned *ret_shard, unsigned *ret_shards)
{
	unsigned shard, shards;
	int end = 0;

	if (sscanf(text, "%4u/%4u%n", &shard, &shards, &end) != 2 || text[end] != '\0')
		return false;
	if (shards < 1 || shards > SHARDS_MAX || shard >= shards)
		return false;
	*ret_shard = shard;
	*ret_shards = shards;
	return true;
}

static bool shard_check(const char *text, char *why, size_t why_size)
{
	unsigned shard, shards;

	if (shard_parse(text, &shard, &shards))
		return true;
	text_copy(why, why_size,
		"write \"0/2\" for the first of two instances and \"1/2\" for the "
		"second; "
		"there can be 1000");
	return false;
}

#define SETTING(field) offsetof(struct settings, field)

const struct schema_key *settings_keys(void)
{
	static const struct schema_key keys[] = {
		{ "catalogue", SCHEMA_STRING, SETTING(catalogue),
			.fallback = "starface.catalogue",
			.help = "The file of requirements, as seen from this file." },
		{ "vantage", SCHEMA_CHOICE, SETTING(vantage), .fallback = "lan",
			.names = vantage_names,
			.help = "Where this instance stands: beside the PBX, or outside "
				"its firewall." },
		{ "sites", SCHEMA_GROUPS, SETTING(site_list), .required = true,
			.help = "The PBX installations." },
		{ "requirements", SCHEMA_GROUPS, SETTING(requirement_list),
			.help = "What is to be otherwise than in the catalogue." },
		{ "ca_file", SCHEMA_STRING, SETTING(ca_file),
			.help = "PEM bundle of trusted authorities, as seen from this "
				"file; the system's unless given." },
		{ "ipv6", SCHEMA_CHOICE, SETTING(ipv6), .fallback = "auto",
			.choices = ipv6_modes,
			.help = "IPv6 checks: where name and route have it, always, or "
				"never." },
		{ "language", SCHEMA_CHOICE, SETTING(language), .fallback = "en",
			.names = language_names, .help = "Language of the status page." },
		{ "in_flight", SCHEMA_UNSIGNED, SETTING(in_flight_max), .fallback = "128",
			.least = 1, .most = 10000, .help = "Runs at a time." },
		{ "per_host", SCHEMA_UNSIGNED, SETTING(per_host_max), .fallback = "1",
			.least = 1, .most = 100,
			.help = "Runs at a time against one host; more than one can make "
				"a PBX ban this address." },
		{ "reflector", SCHEMA_OTHER, SETTING(reflector),
			.help = "Answers STAMP senders at many ports, so that another "
				"instance can test them; none unless given." },
		{ "shard", SCHEMA_STRING, SETTING(shard), .fallback = "0/1",
			.check = shard_check,
			.help = "Which part of the checks this instance runs, \"I/N\" "
				"with I from 0." },
		{ 0 },
	};

	return keys;
}

#define ROW(field) offsetof(struct row, field)

const struct schema_key *settings_override_keys(struct arena *arena)
{
	static const char *const names[] = { "id", "enabled", "severity", "port",
		"interval", "timeout", "confirm", "confirm_interval", NULL };
	const size_t room = sizeof(names) / sizeof(names[0]) + 1;
	struct schema_key *keys = arena_array(arena, room, sizeof(*keys));
	size_t count = 0;

	if (!keys)
		return NULL;
	for (const struct schema_key *key = catalogue_row_keys(); key->name; key++) {
		for (const char *const *name = names; *name; name++) {
			if (strcmp(key->name, *name) != 0)
				continue;
			keys[count] = *key;
			keys[count].fallback = NULL; /* what the row has stays */
			keys[count++].required = name == names; /* the id alone */
		}
	}
	keys[count] = (struct schema_key){ "options", SCHEMA_OTHER, ROW(override_options),
		.help = "Of the requirement's probe kind." };
	return keys;
}

static void ca_file_check(const struct settings *settings)
{
	const struct document *document = &settings->document;
	char why[256] = "";
	int fd = source_open(settings->ca_file, why, sizeof(why));

	if (fd >= 0)
		close(fd);
	else
		document_fault_member(document, document_root(document), "ca_file",
			"the file %s %s", settings->ca_file, why);
}

bool settings_load(struct settings *settings, struct arena *arena, const char *file,
	struct faults *faults)
{
	*settings = (struct settings){ 0 };
	schema_defaults(settings_keys(), settings);
	if (!document_open(&settings->document, arena, file, faults))
		return false;
	schema_read(&settings->document, document_root(&settings->document),
		settings_keys(), "the configuration", settings);
	shard_parse(settings->shard, &settings->shard_index, &settings->shard_count);
	settings->catalogue = source_relative(arena, file, settings->catalogue);
	if (settings->ca_file)
		settings->ca_file = source_relative(arena, file, settings->ca_file);
	if (settings->ca_file)
		ca_file_check(settings);
	return !arena->failed;
}

/* The row an override is about; NULL with a fault. */
static struct row *override_row(const struct document *document,
	const config_setting_t *id, struct catalogue *catalogue)
{
	struct suggestion suggestion = { .wrong = config_setting_get_string(id) };
	struct row *row = suggestion.wrong
		? catalogue_row(catalogue, suggestion.wrong, &suggestion)
		: NULL;

	if (row && row->override) {
		document_fault(document, id,
			"\"%s\" is changed above already; write it there",
			suggestion.wrong);
		row = NULL;
	} else if (!row && suggestion.wrong) {
		document_fault(document, id,
			suggestion.best
				? "there is no requirement \"%s\"; did you mean \"%s\"?"
				: "there is no requirement \"%s\"; the command "
				  "catalogue lists them",
			suggestion.wrong, suggestion.best);
	}
	suggestion_done(&suggestion);
	return row;
}

static void override_read(const struct document *document, const config_setting_t *group,
	const struct schema_key *keys, struct catalogue *catalogue)
{
	const config_setting_t *id = config_setting_get_member(group, "id");
	struct row ignored = { 0 }; /* for the other faults of one without a row */
	struct row *row = id ? override_row(document, id, catalogue) : NULL;

	if (!row)
		row = &ignored;
	row->override = group;
	schema_read(document, group, keys, "a requirement", row);
	if (row != &ignored)
		row_check_numbers(document, group, row);
}

void settings_override(const struct settings *settings, struct catalogue *catalogue)
{
	const config_setting_t *list = settings->requirement_list;
	const struct schema_key *keys = settings_override_keys(settings->document.arena);
	int count = list ? config_setting_length(list) : 0;

	for (int i = 0; keys && i < count; i++)
		override_read(&settings->document,
			config_setting_get_elem(list, (unsigned)i), keys, catalogue);
}

void settings_done(struct settings *settings)
{
	document_done(&settings->document);
}
