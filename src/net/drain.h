/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_DRAIN_H
#define NET_DRAIN_H

/**
 * Reads away what has come, within bounds: a close over unread data sends a RST instead
 * of a FIN, which looks like a scan to the other side.
 */
void drain(int fd);

#endif
