/* SPDX-License-Identifier: Apache-2.0 */
/* The reflector as the daemon and the command `reflector` run it: with a log. */
#ifndef PROGRAM_REFLECTING_H
#define PROGRAM_REFLECTING_H

#include "config/load.h"
#include "net/reflector.h"

/**
 * Makes the reflector of a plan, which must outlive it.
 * \param plan  NULL = there is to be none
 * \param ret_reflector  NULL then
 * \retval false  error says what to change
 */
bool reflecting_new(struct loop *loop, const struct reflector_plan *plan,
	struct reflector **ret_reflector, struct text *error);

/** As reflector_start(); each change of its ports goes to the log. */
void reflecting_start(struct reflector *reflector, struct reflector *predecessor);

#endif
