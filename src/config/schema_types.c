/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema_types.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/suggest.h"

const char *setting_type_name(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		return "a group { … }";
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return "an integer";
	case CONFIG_TYPE_FLOAT:
		return "a number with a fraction or exponent";
	case CONFIG_TYPE_STRING:
		return "a string";
	case CONFIG_TYPE_BOOL:
		return "true or false";
	case CONFIG_TYPE_ARRAY:
		return "an array [ … ]";
	case CONFIG_TYPE_LIST:
		return "a list ( … )";
	default:
		return "nothing";
	}
}

static bool is_integer(const config_setting_t *setting)
{
	int type = config_setting_type(setting);

	return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

static bool is_string(const config_setting_t *setting)
{
	return config_setting_type(setting) == CONFIG_TYPE_STRING;
}

static bool is_sequence(const config_setting_t *setting)
{
	return config_setting_is_list(setting) || config_setting_is_array(setting);
}

/* libconfig 1.5 refuses config_setting_get_int() on an int64, but not the reverse. */
static int64_t integer_of(const config_setting_t *setting)
{
	return config_setting_get_int64(setting);
}

static bool read_bool(const struct schema_value *value)
{
	if (config_setting_type(value->setting) != CONFIG_TYPE_BOOL)
		return false;
	*(bool *)value->field = config_setting_get_bool(value->setting) != 0;
	return true;
}

static bool parse_bool(const struct schema_key *key, const char *text, void *field)
{
	(void)key;
	*(bool *)field = strcmp(text, "true") == 0;
	return *(bool *)field || strcmp(text, "false") == 0;
}

static bool in_range(const struct schema_key *key, int64_t number)
{
	return number >= key->least && number <= key->most;
}

/* False when it is no integer; true with *ret_good false when a fault was added. */
static bool read_number(
	const struct schema_value *value, int64_t *ret_number, bool *ret_good)
{
	int64_t number;

	if (!is_integer(value->setting))
		return false;
	number = integer_of(value->setting);
	*ret_good = in_range(value->key, number);
	if (*ret_good)
		*ret_number = number;
	else
		document_fault(value->document, value->setting,
			"the number is out of range; write one from %lld to %lld",
			(long long)value->key->least, (long long)value->key->most);
	return true;
}

static bool read_integer(const struct schema_value *value)
{
	bool good;

	return read_number(value, value->field, &good);
}

static bool parse_integer(const struct schema_key *key, const char *text, void *field)
{
	char *end;
	int64_t number = strtoll(text, &end, 10);

	if (*text == '\0' || *end != '\0' || !in_range(key, number))
		return false;
	*(int64_t *)field = number;
	return true;
}

static bool read_unsigned(const struct schema_value *value)
{
	int64_t number = 0;
	bool good;

	if (!read_number(value, &number, &good))
		return false;
	if (good)
		*(unsigned *)value->field = (unsigned)number;
	return true;
}

static bool parse_unsigned(const struct schema_key *key, const char *text, void *field)
{
	int64_t number = 0;

	if (!parse_integer(key, text, &number))
		return false;
	*(unsigned *)field = (unsigned)number;
	return true;
}

static bool parse_duration(const struct schema_key *key, const char *text, void *field)
{
	int64_t micros;

	if (!duration_parse(text, &micros) || !in_range(key, micros))
		return false;
	*(int64_t *)field = micros;
	return true;
}

static bool read_duration(const struct schema_value *value)
{
	const char *text = config_setting_get_string(value->setting);
	char least[32], most[32];
	int64_t micros;

	if (is_integer(value->setting)) {
		document_fault(value->document, value->setting,
			"a duration needs its unit; write \"%llds\" if seconds are meant",
			(long long)integer_of(value->setting));
		return true;
	}
	if (!is_string(value->setting))
		return false;
	if (!duration_parse(text, &micros))
		document_fault(value->document, value->setting,
			"\"%s\" is no duration; write a number with a unit of us, ms, s, "
			"m, h or d, such as \"30s\"",
			text);
	else if (!parse_duration(value->key, text, value->field))
		document_fault(value->document, value->setting,
			"\"%s\" is out of range; write a duration from \"%s\" to \"%s\"",
			text, duration_format(value->key->least, least, sizeof(least)),
			duration_format(value->key->most, most, sizeof(most)));
	return true;
}

/* The string, copied, once it passed the key's check; NULL with a fault. */
static const char *checked_string(
	const struct schema_value *value, const config_setting_t *setting)
{
	const char *string = config_setting_get_string(setting);
	char why[256] = "";

	if (!value->key->check || value->key->check(string, why, sizeof(why)))
		return arena_copy(value->document->arena, string);
	document_fault(value->document, setting, "%s", why);
	return NULL;
}

static bool read_string(const struct schema_value *value)
{
	const char *string;

	if (!is_string(value->setting))
		return false;
	string = checked_string(value, value->setting);
	if (string)
		*(const char **)value->field = string;
	return true;
}

static bool parse_string(const struct schema_key *key, const char *text, void *field)
{
	(void)key;
	*(const char **)field = text;
	return true;
}

static bool read_file(const struct schema_value *value)
{
	const struct document *document = value->document;
	const char *name = config_setting_get_string(value->setting);

	if (!is_string(value->setting))
		return false;
	*(const char **)value->field =
		source_credential(document->arena, document->file, name);
	return true;
}

static bool is_sentence(const char *string)
{
	for (const char *at = string; *at; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return false;
	}
	return *string != '\0';
}

static bool read_sentence(const struct schema_value *value)
{
	const char *string = config_setting_get_string(value->setting);

	if (!is_string(value->setting))
		return false;
	if (is_sentence(string))
		return read_string(value);
	document_fault(value->document, value->setting,
		"this is for people to read; write text in one line without control "
		"characters");
	return true;
}

const char *const *schema_choices(const struct schema_key *key)
{
	return key->names ? key->names() : key->choices;
}

static int choice_index(const char *const *choices, const char *word)
{
	for (int i = 0; choices[i]; i++) {
		if (strcmp(choices[i], word) == 0)
			return i;
	}
	return -1;
}

static int read_choice_at(
	const struct schema_value *value, const config_setting_t *setting)
{
	const char *const *choices = schema_choices(value->key);
	const char *word = config_setting_get_string(setting);
	int index = choice_index(choices, word);
	struct suggestion suggestion = { .wrong = word };
	char sentence[128], quoted[80];

	if (index >= 0)
		return index;
	for (const char *const *choice = choices; *choice; choice++)
		suggestion_offer(&suggestion, *choice);
	text_copy_printable(quoted, sizeof(quoted), word, strlen(word));
	snprintf(sentence, sizeof(sentence), "\"%s\" is not possible here", quoted);
	document_fault_unknown(value->document, setting, sentence, &suggestion);
	suggestion_done(&suggestion);
	return -1;
}

static bool read_choice(const struct schema_value *value)
{
	int index;

	if (!is_string(value->setting))
		return false;
	index = read_choice_at(value, value->setting);
	if (index >= 0)
		*(int *)value->field = index;
	return true;
}

static bool parse_choice(const struct schema_key *key, const char *text, void *field)
{
	int index = choice_index(schema_choices(key), text);

	if (index >= 0)
		*(int *)field = index;
	return index >= 0;
}

/* Calls each for the setting itself, or for all of a list of strings. */
static bool each_string(const struct schema_value *value,
	void (*each)(const struct schema_value *value, const config_setting_t *setting,
		void *context),
	void *context)
{
	if (is_string(value->setting)) {
		each(value, value->setting, context);
		return true;
	}
	if (!is_sequence(value->setting))
		return false;
	for (int i = 0; i < config_setting_length(value->setting); i++) {
		const config_setting_t *element =
			config_setting_get_elem(value->setting, (unsigned)i);

		if (is_string(element))
			each(value, element, context);
		else
			document_fault(value->document, element,
				"this is %s; write a string in double quotes",
				setting_type_name(element));
	}
	return true;
}

static void flag_add(
	const struct schema_value *value, const config_setting_t *setting, void *context)
{
	unsigned *flags = context;
	int index = read_choice_at(value, setting);

	if (index >= 0)
		*flags |= 1U << index;
}

static bool read_flags(const struct schema_value *value)
{
	unsigned flags = 0;

	if (!each_string(value, flag_add, &flags))
		return false;
	*(unsigned *)value->field = flags;
	return true;
}

struct collected {
	const char **items;
	size_t count;
};

static void string_add(
	const struct schema_value *value, const config_setting_t *setting, void *context)
{
	struct collected *collected = context;
	const char *string = checked_string(value, setting);

	if (string)
		collected->items[collected->count++] = string;
}

static bool read_strings(const struct schema_value *value)
{
	size_t room = is_sequence(value->setting)
		? (size_t)config_setting_length(value->setting)
		: 1;
	struct collected collected = {
		.items = arena_array(
			value->document->arena, room, sizeof(*collected.items)),
	};

	if (!collected.items)
		return true;
	if (!each_string(value, string_add, &collected))
		return false;
	*(struct strings *)value->field =
		(struct strings){ collected.items, collected.count };
	return true;
}

static bool port_range(const char *text, struct schema_ports *ret_ports)
{
	unsigned first, last;
	int end = 0;

	if (sscanf(text, "%5u-%5u%n", &first, &last, &end) != 2 || text[end] != '\0')
		return false;
	if (first < 1 || first >= last || last > UINT16_MAX)
		return false;
	*ret_ports = (struct schema_ports){ (uint16_t)first, (uint16_t)last };
	return true;
}

static bool read_ports(const struct schema_value *value)
{
	static const struct schema_key range = { .least = 1, .most = UINT16_MAX };
	struct schema_value number = *value;
	struct schema_ports *ports = value->field;
	int64_t port = 0;
	bool good;

	number.key = &range;
	if (read_number(&number, &port, &good)) {
		if (good)
			*ports = (struct schema_ports){ (uint16_t)port, (uint16_t)port };
		return true;
	}
	if (!is_string(value->setting))
		return false;
	if (!port_range(config_setting_get_string(value->setting), ports))
		document_fault(value->document, value->setting,
			"this is no range of ports; write \"FIRST-LAST\" with ports from "
			"1 to 65535, or one port as a number");
	return true;
}

static bool read_other(const struct schema_value *value)
{
	if (!config_setting_is_group(value->setting))
		return false;
	*(const config_setting_t **)value->field = value->setting;
	return true;
}

/* Stored only when every element is a group, so that its reader need not ask again. */
static bool read_groups(const struct schema_value *value)
{
	bool groups = true;

	if (!config_setting_is_list(value->setting))
		return false;
	for (int i = 0; i < config_setting_length(value->setting); i++) {
		const config_setting_t *element =
			config_setting_get_elem(value->setting, (unsigned)i);

		if (config_setting_is_group(element))
			continue;
		document_fault(value->document, element,
			"this is %s; write a group in braces: { KEY = VALUE; }",
			setting_type_name(element));
		groups = false;
	}
	if (groups)
		*(const config_setting_t **)value->field = value->setting;
	return true;
}

const struct schema_type_row *schema_type_row(enum schema_type type)
{
	static const struct schema_type_row rows[SCHEMA_TYPE_COUNT] = {
		[SCHEMA_BOOL] = { "true or false", "true or false without quotes",
			read_bool, parse_bool },
		[SCHEMA_INTEGER] = { "integer", "an integer without quotes", read_integer,
			parse_integer },
		[SCHEMA_UNSIGNED] = { "integer", "an integer without quotes",
			read_unsigned, parse_unsigned },
		[SCHEMA_DURATION] = { "duration", "a duration such as \"30s\"",
			read_duration, parse_duration },
		[SCHEMA_STRING] = { "string", "a string in double quotes", read_string,
			parse_string },
		[SCHEMA_FILE] = { "file", "the name of a file in double quotes",
			read_file, parse_string },
		[SCHEMA_SENTENCE] = { "sentence", "a sentence in double quotes",
			read_sentence, parse_string },
		[SCHEMA_CHOICE] = { "word", "a word in double quotes", read_choice,
			parse_choice },
		[SCHEMA_FLAGS] = { "words", "a word in double quotes or a list of words",
			read_flags, NULL },
		[SCHEMA_STRINGS] = { "strings",
			"a string in double quotes or a list of "
			"strings",
			read_strings, NULL },
		[SCHEMA_PORTS] = { "ports", "a port without quotes, or \"FIRST-LAST\"",
			read_ports, NULL },
		[SCHEMA_GROUP] = { "group", "a group in braces: { KEY = VALUE; }", NULL,
			NULL },
		[SCHEMA_OTHER] = { "group", "a group in braces: { KEY = VALUE; }",
			read_other, NULL },
		[SCHEMA_GROUPS] = { "list of groups",
			"a list of groups: ( { KEY = VALUE; } )", read_groups, NULL },
	};

	return &rows[type];
}
