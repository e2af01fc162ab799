/* SPDX-License-Identifier: Apache-2.0 */
/* The command `catalogue`: the table of requirements for people, programs, firewalls. */
#ifndef PROGRAM_COMMAND_CATALOGUE_H
#define PROGRAM_COMMAND_CATALOGUE_H

#include <stdio.h>

#include "config/load.h"

enum catalogue_format {
	CATALOGUE_TEXT,     /* a table of at most 100 columns */
	CATALOGUE_JSON,     /* an array of objects, a requirement each: docs/api.md */
	CATALOGUE_NFTABLES, /* a chain that lets pass what the sites need */
};

/** \retval 0  printed \retval 1  out could not take it, or no memory */
int command_catalogue(
	const struct config *config, enum catalogue_format format, FILE *out);

#endif
