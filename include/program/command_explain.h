/* SPDX-License-Identifier: Apache-2.0 */
/* The command `explain`: one requirement at length, asked now or remembered. */
#ifndef PROGRAM_COMMAND_EXPLAIN_H
#define PROGRAM_COMMAND_EXPLAIN_H

#include "program/options.h"

/**
 * Prints to standard output. \return as command_check(), of what is explained; 0 for the
 * list of what can be; 3 when there is no such requirement or no daemon
 */
int command_explain(const struct options *options);

#endif
