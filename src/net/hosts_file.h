/* SPDX-License-Identifier: Apache-2.0 */
/* The names of /etc/hosts (hosts(5)). */
#ifndef NET_HOSTS_FILE_H
#define NET_HOSTS_FILE_H

#include "net/resolver_cache.h"

/**
 * Puts the names of the file into the table, to stay for ever; the first
 * RESOLVER_CACHE_MAX of them. Lines that are none are passed over, as libc does.
 * \retval 0, or -errno when the file cannot be read
 */
int hosts_file_read(const char *path, struct resolver_cache *table);

#endif
