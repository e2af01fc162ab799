/* SPDX-License-Identifier: Apache-2.0 */
#include "net/hosts_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n\f\v"

/* A name may stand in several lines: its addresses add up. */
static void add_address(
	struct resolver_cache *table, const char *name, const struct address *address)
{
	struct resolution resolution = { .finding = finding_of(CAUSE_NONE) };
	const struct resolution *known;
	struct resolver_key key;

	if (!resolver_key_of(name, address->family, &key))
		return;
	known = resolver_cache_find(table, &key, 0);
	if (known)
		resolution = *known;
	else if (resolver_cache_size(table) >= RESOLVER_CACHE_MAX)
		return;
	resolution.total++;
	if (resolution.count < RESOLVER_ADDRESSES_MAX)
		resolution.addresses[resolution.count++] = *address;
	resolver_cache_put(table, &key, &resolution, RESOLVER_CACHE_FOREVER);
}

static void read_line(char *line, struct resolver_cache *table)
{
	struct address address;
	char *place = NULL;
	char *word;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, BLANKS, &place);
	if (!word || !address_parse(word, &address))
		return;
	while ((word = strtok_r(NULL, BLANKS, &place)) != NULL)
		add_address(table, word, &address);
}

int hosts_file_read(const char *path, struct resolver_cache *table)
{
	FILE *file = fopen(path, "re");
	size_t size = 0;
	char *line = NULL;
	int result;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) >= 0)
		read_line(line, table);
	result = ferror(file) ? -EIO : 0;
	free(line);
	fclose(file);
	return result;
}
