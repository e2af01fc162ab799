/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `reflector`, which runs it alone, and `generate-key`. */
#ifndef PROGRAM_COMMAND_REFLECTOR_H
#define PROGRAM_COMMAND_REFLECTOR_H

#include "program/options.h"

/**
 * Runs the reflector that the flags describe, or without any the configuration's, until
 * SIGTERM or SIGINT. SIGHUP has it read the configuration and the key file anew, so that
 * a terminal that is closed does not end a measurement that somebody else makes.
 * \return the exit status of the process
 */
int command_reflector(const struct options *options);

/** Writes a new key file, never over another. \return the exit status of the process */
int command_generate_key(const struct options *options);

#endif
