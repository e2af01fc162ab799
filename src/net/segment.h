/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_SEGMENT_H
#define NET_SEGMENT_H

#include <stdint.h>

/**
 * Bounds the segments of a TCP socket before connect(), both ways: the other side keeps
 * to the MSS that our SYN announces (RFC 9293, 3.7.1). \param octets  0 = as the path
 * allows
 */
void segment_limit(int fd, uint16_t octets);

#endif
