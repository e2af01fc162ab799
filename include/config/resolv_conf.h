/* SPDX-License-Identifier: Apache-2.0 */
/* The host's own name servers, as resolv.conf(5) names them. */
#ifndef CONFIG_RESOLV_CONF_H
#define CONFIG_RESOLV_CONF_H

#include <stddef.h>

#include "base/address.h"

/** resolv.conf(5): more than MAXNS, 3, are ignored by everybody. */
#define RESOLV_CONF_SERVERS_MAX 3

/** \return how many of ret_servers were filled; 0 as well for a file that is not there */
size_t resolv_conf_read(
	const char *file, struct address ret_servers[RESOLV_CONF_SERVERS_MAX]);

#endif
