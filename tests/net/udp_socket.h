/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_NET_UDP_SOCKET_H
#define TESTS_NET_UDP_SOCKET_H

#include "base/address.h"

/**
 * A UDP socket at an ephemeral port of this address.
 * \param literal  NULL = "127.0.0.1"
 */
int udp_socket(const char *literal, struct transport_address *ret_bound);

#endif
