/* SPDX-License-Identifier: Apache-2.0 */
#include "config/resolv_conf.h"

#include <stdio.h>
#include <string.h>

static bool known(
	const struct address *servers, size_t count, const struct address *server)
{
	for (size_t i = 0; i < count; i++) {
		if (address_equal(&servers[i], server))
			return true;
	}
	return false;
}

/* The literal of a "nameserver" line. */
static bool server_of(const char *line, struct address *ret_server)
{
	char literal[ADDRESS_TEXT_MAX];

	return sscanf(line, "nameserver %63s", literal) == 1 &&
		strspn(line, " \t") == 0 && address_parse(literal, ret_server);
}

size_t resolv_conf_read(
	const char *file, struct address ret_servers[RESOLV_CONF_SERVERS_MAX])
{
	FILE *stream = fopen(file, "re");
	struct address server;
	char line[512];
	size_t count = 0;

	if (!stream)
		return 0;
	while (count < RESOLV_CONF_SERVERS_MAX && fgets(line, sizeof(line), stream)) {
		if (server_of(line, &server) && !known(ret_servers, count, &server))
			ret_servers[count++] = server;
	}
	fclose(stream);
	return count;
}
