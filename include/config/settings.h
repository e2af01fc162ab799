/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file as written: settings of the instance, sites with the values of
 * the catalogue's variables, and what it changes about requirements.
 */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "config/sites.h"

enum ipv6_mode { IPV6_AUTO, IPV6_ON, IPV6_OFF };

struct settings {
	struct document document;
	const char *catalogue; /* as seen from the process, not from the file */
	const char *ca_file;   /* likewise; NULL = the system's */
	const char *shard;
	unsigned shard_index, shard_count;
	unsigned in_flight_max, per_host_max;
	int vantage, ipv6, language;
	const struct config_setting_t *site_list;
	const struct config_setting_t *requirement_list;
	const struct config_setting_t *reflector; /* NULL = there is none */
};

/**
 * Reads the file and its plain settings; faults are added. settings_done() is due.
 * \retval false  the file is unreadable or not well formed, or there is no memory
 */
bool settings_load(struct settings *settings, struct arena *arena, const char *file,
	struct faults *faults);

/** Writes what the file changes about requirements into the catalogue's rows. */
void settings_override(const struct settings *settings, struct catalogue *catalogue);

void settings_done(struct settings *settings);

/** The tables of the file, for the manual. */
const struct schema_key *settings_keys(void);

/** NULL: no memory. */
const struct schema_key *settings_override_keys(struct arena *arena);

#endif
