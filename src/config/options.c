/* SPDX-License-Identifier: Apache-2.0 */
#include "config/options.h"

#include <libconfig.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "config/suggest.h"
#include "probes/probe_kinds.h"

struct owned_options {
	struct owned_options *next;
	const struct probe_kind *kind;
	void *options;
};

static const struct probe_kind *kind_find(
	const struct document *catalogue, const struct row *row)
{
	const struct probe_kind *kind = probe_kind_by_name(row->probe);
	struct suggestion suggestion = { .wrong = row->probe };
	char sentence[128], quoted[80];

	if (kind)
		return kind;
	for (const struct probe_kind *const *each = probe_kinds(); *each; each++)
		suggestion_offer(&suggestion, (*each)->name);
	text_copy_printable(quoted, sizeof(quoted), row->probe, strlen(row->probe));
	snprintf(sentence, sizeof(sentence), "there is no probe \"%s\"", quoted);
	document_fault_unknown(catalogue,
		config_setting_get_member(row->setting, "probe"), sentence, &suggestion);
	suggestion_done(&suggestion);
	return NULL;
}

static void options_read(const struct document *document, const config_setting_t *group,
	const struct schema_key *keys, const struct probe_kind *kind, void *options)
{
	char what[64];

	snprintf(what, sizeof(what), "the probe \"%s\"", kind->name);
	schema_read(document, group, keys, what, options);
}

/* Faults of options against each other stand where they were written last. */
static bool options_validate(const struct row *row, const struct document *catalogue,
	const struct document *settings, const struct probe_kind *kind, void *options)
{
	const struct document *document = row->override_options ? settings : catalogue;
	const config_setting_t *place = row->override_options ? row->override_options
		: row->options                                ? row->options
							      : row->setting;
	char why[256] = "";

	if (!kind->validate || kind->validate(options, why, sizeof(why)))
		return true;
	document_fault(document, place, "%s", why);
	return false;
}

/* A run that the deadline cuts off would be taken for the target's silence. */
static void timeout_check(const struct row *row, const struct document *catalogue,
	const struct document *settings, const struct probe_kind *kind,
	const void *options)
{
	bool changed =
		row->override && config_setting_get_member(row->override, "timeout");
	int64_t longest_us = kind->longest ? kind->longest(options) : 0;

	if (row->requirement.timeout_us >= longest_us)
		return;
	document_fault_member(changed ? settings : catalogue,
		changed ? row->override : row->setting, "timeout",
		"a run can take %.1f s by its options; write a longer timeout",
		SECONDS_OF(longest_us));
}

void options_build(struct row *row, const struct document *catalogue,
	const struct document *settings, struct owned_options **owned)
{
	struct arena *arena = catalogue->arena;
	const struct probe_kind *kind = row->probe ? kind_find(catalogue, row) : NULL;
	struct owned_options *entry;
	const struct schema_key *keys;

	if (!kind)
		return;
	entry = arena_alloc(arena, sizeof(*entry));
	keys = schema_of_options(arena, kind->options);
	if (!entry || !keys)
		return;
	entry->kind = kind;
	entry->options = arena_alloc(arena, kind->options_size);
	if (!entry->options)
		return;
	schema_defaults(keys, entry->options);
	if (row->options)
		options_read(catalogue, row->options, keys, kind, entry->options);
	if (row->override_options)
		options_read(settings, row->override_options, keys, kind, entry->options);
	if (!options_validate(row, catalogue, settings, kind, entry->options))
		return;
	timeout_check(row, catalogue, settings, kind, entry->options);
	entry->next = *owned;
	*owned = entry;
	row->requirement.kind = kind;
	row->requirement.options = entry->options;
}

void options_release(struct owned_options *owned)
{
	for (; owned; owned = owned->next) {
		if (owned->kind->release)
			owned->kind->release(owned->options);
	}
}
