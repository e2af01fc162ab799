/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences that say how a row becomes testable, in every language. */
#ifndef CONFIG_HINTS_H
#define CONFIG_HINTS_H

#include "config/sites.h"

/** \param port  the value must carry its port */
void hint_variable(struct arena *arena, const struct variable *variable, const char *site,
	bool port, const char *ret_hint[LANGUAGE_COUNT]);

/** The row has a host and no port. */
void hint_port(struct arena *arena, const char *requirement,
	const char *ret_hint[LANGUAGE_COUNT]);

/** The row is proven from one of these vantages only, a bit each. */
void hint_vantage(unsigned vantages, const char *ret_hint[LANGUAGE_COUNT]);

#endif
