/* SPDX-License-Identifier: Apache-2.0 */
#include "config/catalogue.h"

#include <libconfig.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "config/endpoint.h"
#include "config/suggest.h"
#include "config/text_set.h"
#include "probes/probe_kinds.h"

struct catalogue_top {
	struct strings features;
	const config_setting_t *variables;
	const config_setting_t *requirements;
};

const struct schema_key *catalogue_keys(void)
{
	static const struct schema_key keys[] = {
		{ .name = "features",
			.type = SCHEMA_STRINGS,
			.offset = offsetof(struct catalogue_top, features),
			.required = true,
			.check = name_check,
			.help = "What a site can switch on or off as a whole; each "
				"requirement belongs to one." },
		{ .name = "variables",
			.type = SCHEMA_GROUPS,
			.offset = offsetof(struct catalogue_top, variables),
			.required = true,
			.help = "What a site can set and requirements refer to as "
				"\"$name\"." },
		{ .name = "requirements",
			.type = SCHEMA_GROUPS,
			.offset = offsetof(struct catalogue_top, requirements),
			.required = true,
			.help = "The rows." },
		{ 0 },
	};

	return keys;
}

static bool variable_name_check(const char *text, char *why, size_t why_size)
{
	(void)why_size;
	if (*text &&
		strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text))
		return true;
	text_copy(why, why_size, "write a name of a-z, 0-9 and \"_\"");
	return false;
}

#define IN_LANGUAGE(language) ((size_t)(language) * sizeof(const char *))

/* Of a sentence for people: const char *[LANGUAGE_COUNT]. */
static const struct schema_key language_keys[] = {
	{ "en", SCHEMA_SENTENCE, IN_LANGUAGE(LANGUAGE_EN), .required = true,
		.help = "In English." },
	{ "de", SCHEMA_SENTENCE, IN_LANGUAGE(LANGUAGE_DE), .required = true,
		.help = "In German." },
	{ 0 },
};

const struct schema_key *catalogue_variable_keys(void)
{
	static const struct schema_key keys[] = {
		{ .name = "name",
			.type = SCHEMA_STRING,
			.offset = offsetof(struct variable, name),
			.required = true,
			.check = variable_name_check,
			.help = "The key that a site then has." },
		{ .name = "help",
			.type = SCHEMA_SENTENCE,
			.offset = offsetof(struct variable, help),
			.required = true,
			.help = "What a person writes there." },
		{ .name = "literal",
			.type = SCHEMA_BOOL,
			.offset = offsetof(struct variable, literal),
			.fallback = "false",
			.help = "Only addresses, no names." },
		{ .name = "reason",
			.type = SCHEMA_GROUP,
			.offset = offsetof(struct variable, reason),
			.members = language_keys,
			.help = "Why it is empty unless a person fills it." },
		{ 0 },
	};

	return keys;
}

#define ROW(field)         offsetof(struct row, field)
#define REQUIREMENT(field) offsetof(struct row, requirement.field)

const struct schema_key *catalogue_row_keys(void)
{
	static const struct schema_key keys[] = {
		{ "id", SCHEMA_STRING, REQUIREMENT(id), .required = true,
			.check = name_check, .help = "Stable name, a-z, 0-9 and \"-\"." },
		{ "feature", SCHEMA_STRING, REQUIREMENT(feature), .required = true,
			.help = "One of the catalogue's features." },
		{ "direction", SCHEMA_CHOICE, REQUIREMENT(direction), .required = true,
			.names = direction_names, .help = "As seen from the PBX." },
		{ "vantages", SCHEMA_FLAGS, REQUIREMENT(vantages), .required = true,
			.names = vantage_names, .help = "From where it can be proven." },
		{ "host", SCHEMA_STRING, REQUIREMENT(host), .required = true,
			.help = "A name, or \"$variable\" of the site." },
		{ "port", SCHEMA_PORTS, ROW(ports),
			.help = "The port; left out where the vendor gives none." },
		{ "port_moves", SCHEMA_BOOL, ROW(port_moves), .fallback = "false",
			.help = "A port written with the variable's value counts." },
		{ "transport", SCHEMA_CHOICE, REQUIREMENT(transport), .required = true,
			.names = transport_names, .help = "What carries it." },
		{ "protocol", SCHEMA_SENTENCE, REQUIREMENT(protocol), .required = true,
			.help = "What speaks there, for people." },
		{ "severity", SCHEMA_CHOICE, REQUIREMENT(severity), .required = true,
			.names = severity_names, .help = "How bad it is when it fails." },
		{ "breaks", SCHEMA_GROUP, REQUIREMENT(breaks), .required = true,
			.members = language_keys,
			.help = "What users lose when it fails." },
		{ "hint", SCHEMA_GROUP, REQUIREMENT(hint), .members = language_keys,
			.help = "How to make it testable, what silence means, or what "
				"ok does not prove." },
		{ "source", SCHEMA_SENTENCE, REQUIREMENT(source), .required = true,
			.help = "Where the row comes from." },
		{ "addition", SCHEMA_BOOL, REQUIREMENT(addition), .fallback = "false",
			.help = "Not on the vendor's page." },
		{ "enabled", SCHEMA_BOOL, ROW(enabled), .fallback = "true",
			.help = "Off rows have no checks." },
		{ "optional", SCHEMA_BOOL, ROW(optional), .fallback = "false",
			.help = "Absent, not unknown, while its variable is empty." },
		{ "probe", SCHEMA_STRING, ROW(probe),
			.help = "Kind of probe; left out where none can prove it." },
		{ "options", SCHEMA_OTHER, ROW(options), .help = "Of the probe kind." },
		{ "interval", SCHEMA_DURATION, REQUIREMENT(interval_us),
			.fallback = "60s", .least = 100 * MILLISECOND,
			.most = 24 * 60 * MINUTE,
			.help = "Time from one run to the next." },
		{ "timeout", SCHEMA_DURATION, REQUIREMENT(timeout_us), .fallback = "5s",
			.least = 10 * MILLISECOND, .most = 5 * MINUTE,
			.help = "Deadline of one run." },
		{ "confirm", SCHEMA_UNSIGNED, REQUIREMENT(confirm), .fallback = "2",
			.least = 1, .most = 20,
			.help = "Agreeing runs before the state changes." },
		{ "confirm_interval", SCHEMA_DURATION, REQUIREMENT(confirm_interval_us),
			.fallback = "5s", .least = 10 * MILLISECOND, .most = 60 * MINUTE,
			.help = "Time to the run that confirms a change." },
		{ 0 },
	};

	return keys;
}

/* Is this the name? If not, it may be the one that was meant. */
static bool named(const char *known, const char *name, struct suggestion *suggestion)
{
	if (!known)
		return false;
	if (suggestion)
		suggestion_offer(suggestion, known);
	return strcmp(known, name) == 0;
}

struct row *catalogue_row(
	const struct catalogue *catalogue, const char *id, struct suggestion *suggestion)
{
	for (size_t i = 0; i < catalogue->row_count; i++) {
		if (named(catalogue->rows[i].requirement.id, id, suggestion))
			return &catalogue->rows[i];
	}
	return NULL;
}

const struct variable *catalogue_variable(const struct catalogue *catalogue,
	const char *name, struct suggestion *suggestion)
{
	for (size_t i = 0; i < catalogue->variable_count; i++) {
		if (named(catalogue->variables[i].name, name, suggestion))
			return &catalogue->variables[i];
	}
	return NULL;
}

bool catalogue_feature(const struct catalogue *catalogue, const char *name,
	struct suggestion *suggestion)
{
	for (size_t i = 0; i < catalogue->features.count; i++) {
		if (named(catalogue->features.items[i], name, suggestion))
			return true;
	}
	return false;
}

/* No probe takes anything; one that does not exist is named elsewhere. */
static bool takes_ranges(const char *probe)
{
	const struct probe_kind *kind = probe ? probe_kind_by_name(probe) : NULL;

	return !kind || kind->takes_ranges;
}

void row_check_numbers(const struct document *document, const config_setting_t *group,
	const struct row *row)
{
	if (row->ports.first != row->ports.last && !takes_ranges(row->probe))
		document_fault_member(document, group, "port",
			"the probe \"%s\" takes no range; write one port, or the probe "
			"\"rtp\"",
			row->probe);
	if (row->requirement.timeout_us > row->requirement.interval_us)
		document_fault_member(document, group, "timeout",
			"a run must end before the next begins; write a timeout no "
			"longer "
			"than the interval");
}

static void variable_check(const struct catalogue *catalogue, const struct row *row)
{
	const char *name = row->requirement.host + 1;
	struct suggestion suggestion = { .wrong = name };

	if (!catalogue_variable(catalogue, name, &suggestion))
		document_fault_unknown(&catalogue->document,
			config_setting_get_member(row->setting, "host"),
			"the catalogue has no such variable", &suggestion);
	suggestion_done(&suggestion);
}

static void host_check(const struct catalogue *catalogue, const struct row *row)
{
	char why[256];

	if (*row->requirement.host == '$')
		variable_check(catalogue, row);
	else if (!endpoint_check(row->requirement.host, why, sizeof(why)))
		document_fault_member(
			&catalogue->document, row->setting, "host", "%s", why);
}

static void feature_check(const struct catalogue *catalogue, const struct row *row)
{
	struct suggestion suggestion = { .wrong = row->requirement.feature };

	if (!catalogue_feature(catalogue, row->requirement.feature, &suggestion))
		document_fault_unknown(&catalogue->document,
			config_setting_get_member(row->setting, "feature"),
			"the catalogue lists no such feature", &suggestion);
	suggestion_done(&suggestion);
}

static void row_check(const struct catalogue *catalogue, const struct row *row)
{
	if (row->requirement.host)
		host_check(catalogue, row);
	if (row->requirement.feature)
		feature_check(catalogue, row);
	if (!row->probe && !row->requirement.hint[LANGUAGE_EN])
		document_fault_member(&catalogue->document, row->setting, "hint",
			"a requirement without a probe must say why; write hint = { en = "
			"\"…\"; de = \"…\"; }");
	row_check_numbers(&catalogue->document, row->setting, row);
}

static void rows_check(const struct catalogue *catalogue)
{
	struct text_set seen;

	if (!text_set_init(&seen, catalogue->row_count)) {
		catalogue->document.arena->failed = true;
		return;
	}
	for (size_t i = 0; i < catalogue->row_count; i++) {
		const struct row *row = &catalogue->rows[i];

		row_check(catalogue, row);
		if (row->requirement.id && !text_set_add(&seen, row->requirement.id))
			document_fault_member(&catalogue->document, row->setting, "id",
				"another requirement has this id already; write another");
	}
	text_set_done(&seen);
}

static void variables_read(struct catalogue *catalogue, const config_setting_t *list)
{
	size_t count = list ? (size_t)config_setting_length(list) : 0;

	catalogue->variables = arena_array(
		catalogue->document.arena, count, sizeof(*catalogue->variables));
	if (!catalogue->variables)
		return;
	for (size_t i = 0; i < count; i++) {
		struct variable *variable = &catalogue->variables[i];

		variable->setting = config_setting_get_elem(list, (unsigned)i);
		schema_read(&catalogue->document, variable->setting,
			catalogue_variable_keys(), "a variable", variable);
		if (variable->name && catalogue_variable(catalogue, variable->name, NULL))
			document_fault(&catalogue->document, variable->setting,
				"another variable is called \"%s\" already; remove one",
				variable->name);
		catalogue->variable_count = i + 1;
	}
}

static void rows_read(struct catalogue *catalogue, const config_setting_t *list)
{
	size_t count = list ? (size_t)config_setting_length(list) : 0;

	catalogue->rows =
		arena_array(catalogue->document.arena, count, sizeof(*catalogue->rows));
	if (!catalogue->rows)
		return;
	for (size_t i = 0; i < count; i++) {
		struct row *row = &catalogue->rows[i];

		row->setting = config_setting_get_elem(list, (unsigned)i);
		schema_defaults(catalogue_row_keys(), row);
		schema_read(&catalogue->document, row->setting, catalogue_row_keys(),
			"a requirement", row);
	}
	catalogue->row_count = count;
}

bool catalogue_load(struct catalogue *catalogue, struct arena *arena, const char *file,
	struct faults *faults)
{
	struct catalogue_top top = { 0 };
	const char *own = arena_copy(arena, file);
	size_t before = faults_total(faults);

	if (!own || !document_open(&catalogue->document, arena, own, faults))
		return false;
	schema_read(&catalogue->document, document_root(&catalogue->document),
		catalogue_keys(), "a catalogue", &top);
	catalogue->features = top.features;
	variables_read(catalogue, top.variables);
	rows_read(catalogue, top.requirements);
	rows_check(catalogue);
	return faults_total(faults) == before && !arena->failed;
}

void catalogue_done(struct catalogue *catalogue)
{
	document_done(&catalogue->document);
}
