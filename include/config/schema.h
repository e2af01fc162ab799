/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of a configuration file as tables: key, type, range, default, help and the field
 * it fills. One walker reads them all, hunts unknown keys and says what to write instead;
 * the reference manual is printed from the same tables.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/schema_types.h"
#include "engine/probe.h"

/** Fills the fields of all keys that have a fallback. */
void schema_defaults(const struct schema_key *keys, void *record);

/**
 * Reads a group into the record; a key that is absent leaves its field alone.
 * \param what  the noun of the sentence about unknown keys: "a site"
 */
void schema_read(const struct document *document, const struct config_setting_t *group,
	const struct schema_key *keys, const char *what, void *record);

/** The options of a probe kind as keys of its options struct. NULL: no memory. */
const struct schema_key *schema_of_options(
	struct arena *arena, const struct probe_option *options);

/** "string", "duration", …: for the manual. */
const char *schema_type_name(enum schema_type type);

#endif
