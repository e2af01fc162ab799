/* SPDX-License-Identifier: Apache-2.0 */
/* Which program this is, as the build knew it. */
#ifndef PROGRAM_VERSION_H
#define PROGRAM_VERSION_H

const char *program_version(void);

/** The commit, "unknown" outside a checkout. */
const char *program_revision(void);

#endif
