/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets from the addresses people write. Within this floor only. */
#ifndef WEB_LISTENER_H
#define WEB_LISTENER_H

#include <stdint.h>

#include "base/text.h"

/**
 * Opens a socket that listens on the address, non-blocking and close-on-exec.
 * A Unix socket left behind by a dead process is replaced.
 * \param error  gets one sentence on failure
 * \return descriptor or -errno
 */
int listener_open(const char *address, struct text *error);

/** Makes a handed-over listening socket ours. \retval 0 or -errno */
int listener_adopt(int fd);

/** The path to unlink when the listener ends: points into address; NULL if none. */
const char *listener_path(const char *address);

/** 0 for a Unix socket. */
uint16_t listener_port(int fd);

#endif
