/* SPDX-License-Identifier: Apache-2.0 */
/* What the command `reflector` is to do, as its flags or a file say now. */
#ifndef PROGRAM_DESCRIPTION_H
#define PROGRAM_DESCRIPTION_H

#include "program/options.h"

struct description;

/**
 * Reads the flags, or without any the block of the file, and the key file in either case.
 * \param faults  gets a line each
 * \retval NULL  there are faults, or no memory
 */
struct description *description_read(const struct options *options, struct text *faults);
void description_free(struct description *description);

const struct reflector_plan *description_plan(const struct description *description);

#endif
