/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue file: features, the variables a site may set, and the rows of the
 * vendor's table, with the options of their probes.
 */
#ifndef CONFIG_CATALOGUE_H
#define CONFIG_CATALOGUE_H

#include "config/schema.h"
#include "engine/requirement.h"

/** Something of a site that rows refer to as "$name". */
struct variable {
	const char *name;
	const char *help;
	const char *reason[LANGUAGE_COUNT]; /* why it is empty by default; may be NULL */
	bool literal;                       /* addresses only, no names */
	const struct config_setting_t *setting;
};

/** A row as written. The requirement in it is complete but for kind and options. */
struct row {
	struct requirement requirement;
	struct schema_ports ports;
	bool enabled;
	bool optional;     /* without a value of its variable there is no row */
	bool port_moves;   /* "host:port" of the variable stands above the row's port */
	const char *probe; /* name of the kind; NULL = nothing can prove it */
	const struct config_setting_t *options; /* of the kind; NULL = all by default */
	const struct config_setting_t *setting;
	const struct config_setting_t *override; /* of the configuration, or NULL … */
	const struct config_setting_t
		*override_options; /* … and the kind's options in it */
};

struct catalogue {
	struct document document;
	struct strings features;
	struct variable *variables;
	size_t variable_count;
	struct row *rows;
	size_t row_count;
};

/** \retval false  with faults; catalogue_done() is due in any case */
bool catalogue_load(struct catalogue *catalogue, struct arena *arena, const char *file,
	struct faults *faults);
void catalogue_done(struct catalogue *catalogue);

/* Each offers all it has to the suggestion on the way, unless that is NULL. */

/** NULL if there is none. */
struct row *catalogue_row(
	const struct catalogue *catalogue, const char *id, struct suggestion *suggestion);
const struct variable *catalogue_variable(const struct catalogue *catalogue,
	const char *name, struct suggestion *suggestion);
bool catalogue_feature(const struct catalogue *catalogue, const char *name,
	struct suggestion *suggestion);

/** Faults of ports and times that do not go together, at members of the group. */
void row_check_numbers(const struct document *document,
	const struct config_setting_t *group, const struct row *row);

/** The tables of the file, for the manual. */
const struct schema_key *catalogue_keys(void);
const struct schema_key *catalogue_variable_keys(void);
const struct schema_key *catalogue_row_keys(void);

#endif
