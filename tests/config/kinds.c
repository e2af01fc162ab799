/* SPDX-License-Identifier: Apache-2.0 */
/* A table of kinds in place of the program's: one option of each type, and a validate()
 * that allocates, so that release() has something to do. */
#include "kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/probe_kinds.h"

static const char *const colours[] = { "red", "green", NULL };

static const struct probe_option plain_options[] = { { .name = NULL } };

static const struct probe_option full_options[] = {
	{ .name = "text",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct full_options, text),
		.help = "Some text." },
	{ .name = "secret",
		.type = PROBE_OPTION_FILE,
		.offset = offsetof(struct full_options, secret),
		.help = "A file." },
	{ .name = "count",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct full_options, count),
		.fallback = "3",
		.least = 1,
		.most = INT64_C(10000000000),
		.help = "How many." },
	{ .name = "pause",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct full_options, pause_us),
		.fallback = "250ms",
		.least = 0,
		.most = 60000000,
		.help = "How long." },
	{ .name = "strict",
		.type = PROBE_OPTION_BOOL,
		.offset = offsetof(struct full_options, strict),
		.fallback = "true",
		.help = "Whether." },
	{ .name = "colour",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct full_options, colour),
		.fallback = "green",
		.choices = colours,
		.help = "Which." },
	{ .name = NULL },
};

static const struct probe_gauge no_gauges[] = { { .name = NULL } };

static bool full_validate(void *options, char *why, size_t why_size)
{
	struct full_options *full = options;

	if (full->text && strcmp(full->text, "bad") == 0) {
		snprintf(why, why_size, "text must not be bad; write \"good\"");
		return false;
	}
	full->derived = strdup("derived");
	return full->derived != NULL;
}

static void full_release(void *options)
{
	struct full_options *full = options;

	free(full->derived);
}

static void never_start(struct probe_run *run)
{
	(void)run;
	abort();
}

static int64_t full_longest(const void *options)
{
	const struct full_options *full = options;

	return full->pause_us;
}

static const struct probe_kind full = {
	.name = "full",
	.summary = "Has an option of each type.",
	.options = full_options,
	.gauges = no_gauges,
	.options_size = sizeof(struct full_options),
	.validate = full_validate,
	.longest = full_longest,
	.release = full_release,
	.start = never_start,
	.stop = never_start,
};

static const struct probe_kind plain = {
	.name = "plain",
	.summary = "Has no options.",
	.options = plain_options,
	.gauges = no_gauges,
	.start = never_start,
	.stop = never_start,
};

static const struct probe_kind ranged = {
	.name = "ranged",
	.summary = "Takes a range of ports.",
	.options = plain_options,
	.gauges = no_gauges,
	.takes_ranges = true,
	.start = never_start,
	.stop = never_start,
};

const struct probe_kind *const *probe_kinds(void)
{
	static const struct probe_kind *const kinds[] = { &full, &plain, &ranged, NULL };

	return kinds;
}

const struct probe_kind *probe_kind_by_name(const char *name)
{
	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		if (strcmp((*kind)->name, name) == 0)
			return *kind;
	}
	return NULL;
}
