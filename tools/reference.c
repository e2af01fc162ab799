/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints docs/reference.md from the tables the program itself works by: keys of the
 * configuration and the catalogue, probe kinds with options and gauges, causes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "base/common_cause.h"
#include "base/text.h"
#include "config/catalogue.h"
#include "config/reflector.h"
#include "config/settings.h"
#include "probes/probe_kinds.h"

static void print_cell(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void print_choices(const char *const *choices)
{
	for (const char *const *choice = choices; *choice; choice++)
		printf("%s`%s`", choice == choices ? ": " : ", ", *choice);
}

static void print_range(const struct schema_key *key)
{
	char least[32], most[32];

	if (key->type == SCHEMA_DURATION)
		printf(", `%s` to `%s`",
			duration_format(key->least, least, sizeof(least)),
			duration_format(key->most, most, sizeof(most)));
	else if (key->type == SCHEMA_INTEGER || key->type == SCHEMA_UNSIGNED)
		printf(", %lld to %lld", (long long)key->least, (long long)key->most);
}

static void print_default(const struct schema_key *key)
{
	bool bare = key->type == SCHEMA_BOOL || key->type == SCHEMA_INTEGER ||
		key->type == SCHEMA_UNSIGNED;

	if (key->required)
		printf("required");
	else if (key->fallback)
		printf(bare ? "`%s`" : "`\"%s\"`", key->fallback);
	else
		printf("–");
}

static void print_key(const struct schema_key *key, const char *group)
{
	printf("| `%s%s` | %s", group, key->name, schema_type_name(key->type));
	if (schema_choices(key))
		print_choices(schema_choices(key));
	print_range(key);
	printf(" | ");
	print_default(key);
	printf(" | ");
	print_cell(key->help);
	printf(" |\n");
}

static void print_keys(const struct schema_key *keys)
{
	char group[64];

	printf("| key | type | default | meaning |\n|---|---|---|---|\n");
	for (const struct schema_key *key = keys; key->name; key++) {
		print_key(key, "");
		if (key->type != SCHEMA_GROUP)
			continue;
		snprintf(group, sizeof(group), "%s.", key->name);
		for (const struct schema_key *member = key->members; member->name;
			member++)
			print_key(member, group);
	}
	printf("\n");
}

static void print_configuration(struct arena *arena, const struct catalogue *catalogue)
{
	printf("## The configuration, `starface-exporter.conf`\n\n");
	print_keys(settings_keys());
	printf("### A site, `sites = ( { … } )`\n\n"
	       "The keys from `pbx` on are the variables of the catalogue.\n\n");
	print_keys(site_keys(arena, catalogue));
	printf("Features of the shipped catalogue:");
	for (size_t i = 0; i < catalogue->features.count; i++)
		printf("%s `%s`", i > 0 ? "," : "", catalogue->features.items[i]);
	printf(".\n\n### A change to a requirement, `requirements = ( { … } )`\n\n"
	       "What is left out stays as in the catalogue.\n\n");
	print_keys(settings_override_keys(arena));
	printf("### The reflector, `reflector = { … }`\n\n"
	       "Also the flags of the command `reflector`, which then reads no file: "
	       "`control_port` is `--reflector.control-port`.\n\n");
	print_keys(reflector_keys());
}

static void print_catalogue(void)
{
	printf("## The catalogue, `starface.catalogue`\n\n");
	print_keys(catalogue_keys());
	printf("### A variable, `variables = ( { … } )`\n\n");
	print_keys(catalogue_variable_keys());
	printf("### A requirement, `requirements = ( { … } )`\n\n");
	print_keys(catalogue_row_keys());
}

static void print_gauges(const struct probe_gauge *gauges)
{
	if (!gauges->name)
		return;
	printf("| gauge | label | meaning |\n|---|---|---|\n");
	for (const struct probe_gauge *gauge = gauges; gauge->name; gauge++) {
		printf("| `starface_%s` | ", gauge->name);
		if (gauge->label)
			printf("`%s`", gauge->label);
		else
			printf("–");
		if (gauge->label_values)
			print_choices(gauge->label_values);
		if (gauge->label_value)
			printf(": `%s`", gauge->label_value);
		if (gauge->also_value)
			printf(", `%s`: `%s`", gauge->also_label, gauge->also_value);
		printf(" | ");
		print_cell(gauge->help);
		printf(" |\n");
	}
	printf("\n");
}

static void print_kinds(struct arena *arena)
{
	printf("## Probe kinds\n\nA gauge is there once a run has measured it.\n\n");
	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		const struct schema_key *options =
			schema_of_options(arena, (*kind)->options);

		printf("### `%s`\n\n%s\n\n", (*kind)->name, (*kind)->summary);
		if (options && options->name)
			print_keys(options);
		print_gauges((*kind)->gauges);
	}
}

static void print_causes(void)
{
	printf("## Causes\n\nThe verdict is the one a cause carries unless its probe "
	       "kind "
	       "knows better.\n");
	for (enum layer layer = 0; layer < LAYER_COUNT; layer++) {
		printf("\n### Layer: %s\n\n| cause | verdict | English | German |\n"
		       "|---|---|---|---|\n",
			layer_name(layer));
		for (enum cause cause = 0; cause < CAUSE_COUNT; cause++) {
			if (cause_layer(cause) != layer)
				continue;
			printf("| `%s` | %s | ", cause_name(cause),
				verdict_name(cause_verdict(cause)));
			print_cell(cause_sentence(cause, LANGUAGE_EN));
			printf(" | ");
			print_cell(cause_sentence(cause, LANGUAGE_DE));
			printf(" |\n");
		}
	}
}

static void print_common_causes(void)
{
	printf("\n## Common causes\n\nWhat can be wrong once and take many requirements "
	       "down; of two that explain the same\nrequirement the upper one is "
	       "named.\n\n| common cause | English | German |\n|---|---|---|\n");
	for (enum common_cause cause = 1; cause < COMMON_CAUSE_COUNT; cause++) {
		printf("| `%s` | ", common_cause_name(cause));
		print_cell(common_cause_sentence(cause, LANGUAGE_EN));
		printf(" ");
		print_cell(common_cause_remedy(cause, LANGUAGE_EN));
		printf(" | ");
		print_cell(common_cause_sentence(cause, LANGUAGE_DE));
		printf(" ");
		print_cell(common_cause_remedy(cause, LANGUAGE_DE));
		printf(" |\n");
	}
}

int main(int count, char **arguments)
{
	struct catalogue catalogue = { 0 };
	struct arena arena = { 0 };
	struct faults faults = { 0 };
	struct text text = { 0 };
	bool good;

	if (count < 2 || count > 3 ||
		(count == 3 && !freopen(arguments[2], "w", stdout))) {
		fprintf(stderr, "usage: %s CATALOGUE [OUTPUT]\n", arguments[0]);
		return 2;
	}
	good = catalogue_load(&catalogue, &arena, arguments[1], &faults);
	if (good) {
		printf("# Reference\n\nMade by `ninja -C build update-reference` from "
		       "the "
		       "program's own tables; do not edit.\n\n"
		       "Durations are strings with a unit, such as `\"30s\"`; where "
		       "strings are possible, one\nstring or a list of them may stand: "
		       "`( \"A\", \"B\" )`.\n\n");
		print_configuration(&arena, &catalogue);
		print_catalogue();
		print_kinds(&arena);
		print_causes();
		print_common_causes();
	}
	faults_print(&faults, &text);
	if (text.data)
		fputs(text.data, stderr);
	text_done(&text);
	faults_done(&faults);
	catalogue_done(&catalogue);
	arena_done(&arena);
	return good && fflush(stdout) == 0 ? 0 : 1;
}
