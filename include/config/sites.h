/* SPDX-License-Identifier: Apache-2.0 */
/* The sites of a configuration, with their values of the catalogue's variables. */
#ifndef CONFIG_SITES_H
#define CONFIG_SITES_H

#include "base/address.h"
#include "config/catalogue.h"

/** One value of a variable, read and normalised. */
struct site_value {
	const char *text; /* host and, if written, port */
	const char *host;
	uint16_t port;          /* 0 = none was written */
	struct address address; /* of a literal; FAMILY_NONE for a name */
};

/** What a site says about one variable of the catalogue. */
struct site_slot {
	struct strings strings; /* as written; items NULL = the key is absent */
	struct site_value *values;
	size_t count;
};

struct site_entry {
	const char *name;
	int vantage;             /* of the instance unless the site has its own */
	int cloud_addresses;     /* index into the choices: public, any */
	struct strings features; /* items NULL = all of the catalogue */
	const struct config_setting_t *setting;
	struct site_slot slots[]; /* in the order of the catalogue's variables */
};

/** From the command line; NULL = not given. */
struct site_overrides {
	const char *pbx;  /* of the first site that stays */
	const char *only; /* no other site stays */
};

struct site_list {
	struct site_entry **entries;
	size_t count;
};

/**
 * Reads the sites against the catalogue, which must be readable, and applies --pbx and
 * --site. Faults are added.
 * \param list     of groups, or NULL
 * \param vantage  of sites that have none of their own
 */
void sites_read(struct site_list *ret_sites, const struct document *document,
	const struct config_setting_t *list, const struct catalogue *catalogue,
	int vantage, const struct site_overrides *overrides);

/** Is the feature switched on at the site? */
bool site_has(const struct site_entry *site, const char *feature);

/** All keys of a site: its own, then the catalogue's variables. NULL: no memory. */
const struct schema_key *site_keys(
	struct arena *arena, const struct catalogue *catalogue);

#endif
