/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include <assert.h>
#include <libconfig.h>
#include <string.h>

#include "config/suggest.h"

static void *field_of(void *record, const struct schema_key *key)
{
	return (unsigned char *)record + key->offset;
}

void schema_defaults(const struct schema_key *keys, void *record)
{
	for (const struct schema_key *key = keys; key->name; key++) {
		const struct schema_type_row *type = schema_type_row(key->type);

		if (key->type == SCHEMA_GROUP)
			schema_defaults(key->members, field_of(record, key));
		if (!key->fallback)
			continue;
		/* A default that does not fit its own row is a bug of the table. */
		bool fits = type->parse &&
			type->parse(key, key->fallback, field_of(record, key));

		assert(fits);
		(void)fits;
	}
}

static const struct schema_key *key_by_name(
	const struct schema_key *keys, const char *name)
{
	for (const struct schema_key *key = keys; key->name; key++) {
		if (strcmp(key->name, name) == 0)
			return key;
	}
	return NULL;
}

static void unknown_fault(const struct document *document,
	const config_setting_t *setting, const struct schema_key *keys, const char *what)
{
	struct suggestion suggestion = { .wrong = config_setting_name(setting) };
	struct text sentence = { 0 };

	for (const struct schema_key *key = keys; key->name; key++)
		suggestion_offer(&suggestion, key->name);
	text_format(&sentence, "%s has no such key", what);
	if (sentence.data)
		document_fault_unknown(document, setting, sentence.data, &suggestion);
	suggestion_done(&suggestion);
	text_done(&sentence);
}

static void read_key(const struct document *document, const config_setting_t *setting,
	const struct schema_key *key, void *record)
{
	const struct schema_type_row *type = schema_type_row(key->type);
	const struct schema_value value = {
		.document = document,
		.key = key,
		.setting = setting,
		.field = field_of(record, key),
	};

	if (key->type == SCHEMA_GROUP && config_setting_is_group(setting))
		schema_read(document, setting, key->members, "this group", value.field);
	else if (!type->read || !type->read(&value))
		document_fault(document, setting, "this is %s; write %s",
			setting_type_name(setting), type->wanted);
}

static void missing_faults(const struct document *document, const config_setting_t *group,
	const struct schema_key *keys, const char *what)
{
	for (const struct schema_key *key = keys; key->name; key++) {
		if (!key->required || config_setting_get_member(group, key->name))
			continue;
		document_fault_member(document, group, key->name,
			"%s must have it; write %s", what,
			schema_type_row(key->type)->wanted);
	}
}

void schema_read(const struct document *document, const config_setting_t *group,
	const struct schema_key *keys, const char *what, void *record)
{
	int length = config_setting_length(group);

	for (int i = 0; i < length; i++) {
		const config_setting_t *setting =
			config_setting_get_elem(group, (unsigned)i);
		const struct schema_key *key =
			key_by_name(keys, config_setting_name(setting));

		if (key)
			read_key(document, setting, key, record);
		else
			unknown_fault(document, setting, keys, what);
	}
	missing_faults(document, group, keys, what);
}

const struct schema_key *schema_of_options(
	struct arena *arena, const struct probe_option *options)
{
	static const enum schema_type types[] = {
		[PROBE_OPTION_BOOL] = SCHEMA_BOOL,
		[PROBE_OPTION_INTEGER] = SCHEMA_INTEGER,
		[PROBE_OPTION_DURATION] = SCHEMA_DURATION,
		[PROBE_OPTION_STRING] = SCHEMA_STRING,
		[PROBE_OPTION_FILE] = SCHEMA_FILE,
		[PROBE_OPTION_CHOICE] = SCHEMA_CHOICE,
	};
	struct schema_key *keys;
	size_t count = 0;

	while (options[count].name)
		count++;
	keys = arena_array(arena, count + 1, sizeof(*keys));
	for (size_t i = 0; keys && i < count; i++) {
		keys[i] = (struct schema_key){
			.name = options[i].name,
			.type = types[options[i].type],
			.offset = options[i].offset,
			.fallback = options[i].fallback,
			.least = options[i].least,
			.most = options[i].most,
			.choices = options[i].choices,
			.help = options[i].help,
		};
	}
	return keys;
}

const char *schema_type_name(enum schema_type type)
{
	return schema_type_row(type)->name;
}
