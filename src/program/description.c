/* SPDX-License-Identifier: Apache-2.0 */
#include "program/description.h"

#include <stdlib.h>

#include "config/arena.h"

struct description {
	struct arena arena;
	struct reflector_plan of_flags;
	struct config *config;
	const struct reflector_plan *plan;
};

static void read_flags(struct description *description, const struct options *options,
	struct faults *faults)
{
	const struct reflector_place place = { .faults = faults,
		.arena = &description->arena };
	struct reflector_block block = reflector_flags_block(&options->reflector);

	if (reflector_build(&block, &place, &description->of_flags))
		description->plan = &description->of_flags;
}

static void read_file(struct description *description, const struct options *options,
	struct faults *faults, struct text *text)
{
	description->config =
		config_load(options->config_file, &options->overrides, faults);
	if (!description->config)
		return;
	description->plan = description->config->reflector;
	if (!description->plan)
		text_format(text,
			"%s: there is no block reflector; write one, or give "
			"--reflector.ports and --reflector.key-file\n",
			options->config_file);
}

struct description *description_read(const struct options *options, struct text *text)
{
	struct description *description = calloc(1, sizeof(*description));
	struct faults faults = { 0 };

	if (description && options->reflector.given)
		read_flags(description, options, &faults);
	else if (description)
		read_file(description, options, &faults, text);
	faults_print(&faults, text);
	faults_done(&faults);
	if (description && description->plan)
		return description;
	if (text->length == 0)
		text_append(text, "out of memory\n");
	description_free(description);
	return NULL;
}

void description_free(struct description *description)
{
	if (!description)
		return;
	reflector_release(&description->of_flags);
	arena_done(&description->arena);
	config_free(description->config);
	free(description);
}

const struct reflector_plan *description_plan(const struct description *description)
{
	return description->plan;
}
