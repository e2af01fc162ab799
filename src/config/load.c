/* SPDX-License-Identifier: Apache-2.0 */
#include "config/load.h"

#include <stddef.h>
#include <stdlib.h>

#include "config/arena.h"
#include "config/options.h"
#include "config/plan.h"
#include "config/reflector.h"

#define RESOLV_CONF "/etc/resolv.conf"

/* What config_free() must know besides what everybody sees. */
struct loaded {
	struct config config; /* first: config_free() gets a pointer to it */
	struct arena arena;
	struct owned_options *options;
	struct reflector_plan reflector;
};

/* Needed only until the plan stands; the strings of the plan are in the arena. */
struct loading {
	struct loaded *loaded;
	struct config_overrides overrides;
	struct faults *faults;
	struct settings settings;
	struct catalogue catalogue;
	struct site_list sites;
	size_t faults_before;
};

static bool sound(const struct loading *loading)
{
	return faults_total(loading->faults) == loading->faults_before &&
		!loading->loaded->arena.failed;
}

static void load_reflector(struct loading *loading)
{
	const struct settings *settings = &loading->settings;
	struct loaded *loaded = loading->loaded;
	const struct reflector_place place = { &settings->document, settings->reflector,
		loading->faults, &loaded->arena };
	struct reflector_block block = { 0 };

	if (!settings->reflector)
		return;
	schema_defaults(reflector_keys(), &block);
	schema_read(
		place.document, place.group, reflector_keys(), "the reflector", &block);
	if (reflector_build(&block, &place, &loaded->reflector))
		loaded->config.reflector = &loaded->reflector;
}

/* All that can be read is read, so that its faults are found in one go. */
static void load_files(struct loading *loading, const char *file)
{
	struct arena *arena = &loading->loaded->arena;
	struct settings *settings = &loading->settings;
	struct catalogue *catalogue = &loading->catalogue;
	const struct site_overrides overrides = { loading->overrides.pbx,
		loading->overrides.site };

	if (!settings_load(settings, arena, file, loading->faults))
		return;
	load_reflector(loading);
	catalogue_load(catalogue, arena, settings->catalogue, loading->faults);
	if (!catalogue->rows || arena->failed)
		return;
	if (loading->overrides.all_shards) {
		settings->shard_index = 0;
		settings->shard_count = 1;
	}
	settings_override(settings, catalogue);
	for (size_t i = 0; i < catalogue->row_count; i++)
		options_build(&catalogue->rows[i], &catalogue->document,
			&settings->document, &loading->loaded->options);
	sites_read(&loading->sites, &settings->document, settings->site_list, catalogue,
		settings->vantage, &overrides);
}

static void config_fill(struct loading *loading)
{
	const struct settings *settings = &loading->settings;
	struct config *config = &loading->loaded->config;
	const struct plan_input input = {
		.arena = &loading->loaded->arena,
		.settings = settings,
		.catalogue = &loading->catalogue,
		.sites = &loading->sites,
		.requirement = loading->overrides.requirement,
		.ipv6 = settings->ipv6 != IPV6_OFF,
		.ipv6_optional = settings->ipv6 == IPV6_AUTO,
		.resolv_conf = RESOLV_CONF,
	};

	config->ca_file = settings->ca_file;
	config->in_flight_max = settings->in_flight_max;
	config->per_host_max = settings->per_host_max;
	config->language = (enum language)settings->language;
	plan_build(&input, &config->plan);
}

struct config *config_load(
	const char *file, const struct config_overrides *overrides, struct faults *faults)
{
	struct loaded *loaded = calloc(1, sizeof(*loaded));
	struct loading loading = {
		.loaded = loaded,
		.faults = faults,
		.faults_before = faults_total(faults),
	};
	bool good;

	if (overrides)
		loading.overrides = *overrides;
	if (loaded) {
		load_files(&loading, file);
		if (sound(&loading))
			config_fill(&loading);
	}
	good = loaded && sound(&loading);
	if (!loaded || loaded->arena.failed)
		faults_add(
			faults, file, 0, "", "there is not enough memory to load this");
	catalogue_done(&loading.catalogue);
	settings_done(&loading.settings);
	if (good)
		return &loaded->config;
	config_free(loaded ? &loaded->config : NULL);
	return NULL;
}

void config_free(struct config *config)
{
	struct loaded *loaded = (struct loaded *)(void *)config;

	if (!config)
		return;
	options_release(loaded->options);
	reflector_release(&loaded->reflector);
	arena_done(&loaded->arena);
	free(loaded);
}
