/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon: wires everything together, serves it, and takes it down again. */
#ifndef PROGRAM_DAEMON_H
#define PROGRAM_DAEMON_H

#include "program/options.h"

/** Runs until SIGTERM or SIGINT. \return the exit status of the process */
int daemon_run(const struct options *options);

#endif
