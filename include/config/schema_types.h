/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One key of a group as a row: what it holds, its range, its default and its field; and
 * how a value of each type is read from a setting and from a default's text.
 */
#ifndef CONFIG_SCHEMA_TYPES_H
#define CONFIG_SCHEMA_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "config/document.h"

/** What a key holds, and the type of its field. */
enum schema_type {
	SCHEMA_BOOL,     /* bool */
	SCHEMA_INTEGER,  /* int64_t, least to most */
	SCHEMA_UNSIGNED, /* unsigned, least to most */
	SCHEMA_DURATION, /* int64_t microseconds, least to most */
	SCHEMA_STRING,   /* const char *, NULL if absent */
	SCHEMA_FILE,     /* const char *, a path as seen from the process */
	SCHEMA_SENTENCE, /* const char * for people: no control characters, not empty */
	SCHEMA_CHOICE,   /* int, index into choices */
	SCHEMA_FLAGS,    /* unsigned: one of choices or a list of them, a bit each */
	SCHEMA_STRINGS,  /* struct strings: one string or a list of them */
	SCHEMA_PORTS,    /* struct schema_ports: 443, or "10000-20000" */
	SCHEMA_GROUP,    /* { … } whose members fill a record within the record */
	SCHEMA_OTHER,  /* const struct config_setting_t *: { … } another table reads */
	SCHEMA_GROUPS, /* const struct config_setting_t *: ( { … }, … ) another table
			  reads */
	SCHEMA_TYPE_COUNT,
};

struct strings {
	const char *const *items;
	size_t count;
};

struct schema_ports {
	uint16_t first, last; /* 0 = not given */
};

struct schema_key {
	const char *name; /* NULL ends the table */
	enum schema_type type;
	size_t offset; /* of the field in the record */
	bool required;
	const char *fallback; /* as one would write it; NULL = the field stays zero */
	int64_t least, most;
	const char *const *choices;        /* NULL terminated */
	const char *const *(*names)(void); /* in place of choices: those of an enum */
	const struct schema_key *members;  /* of a SCHEMA_GROUP */

	/** More about a string, or each one of several; \param why  on false */
	bool (*check)(const char *value, char *why, size_t why_size);
	const char *help; /* one sentence */
};

struct schema_value {
	const struct document *document;
	const struct schema_key *key;
	const struct config_setting_t *setting;
	void *field;
};

struct schema_type_row {
	const char *name;   /* for the manual */
	const char *wanted; /* for the fault: "write a string in double quotes" */

	/** NULL for a group. \retval false  of another type; nothing was said yet */
	bool (*read)(const struct schema_value *value);

	/** NULL: the type has no default. \retval false  the text does not fit */
	bool (*parse)(const struct schema_key *key, const char *text, void *field);
};

const struct schema_type_row *schema_type_row(enum schema_type type);

/** The words that are possible, NULL terminated; NULL where a key has none. */
const char *const *schema_choices(const struct schema_key *key);

/** "a list ( … )": what stands there, for faults about wrong types. */
const char *setting_type_name(const struct config_setting_t *setting);

#endif
