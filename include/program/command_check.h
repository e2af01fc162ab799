/* SPDX-License-Identifier: Apache-2.0 */
/* The command `check`: every check once, now. */
#ifndef PROGRAM_COMMAND_CHECK_H
#define PROGRAM_COMMAND_CHECK_H

#include "program/options.h"

/**
 * Progress goes to standard error if that is a terminal, the result to standard output.
 * \return 0 ok, 1 degraded, 2 failed, 3 unknown, by the worst of all rows that are
 * tested; 3 also when nothing could be begun
 */
int command_check(const struct options *options);

#endif
