/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_name.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define LABEL_MAX 63

/*
 * A backslash would be an escape to c-ares and a dot in a label to nobody else: only the
 * characters of host names (RFC 1123, 2.1) and the underscore of service names pass.
 */
static bool is_name_character(char character)
{
	return strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", character) != NULL;
}

/* Copies one label and moves *name behind it and its dot. \retval false  it is none */
static bool copy_label(const char **name, char **end)
{
	size_t length = 0;

	for (; **name && **name != '.'; (*name)++) {
		char character = (char)tolower((unsigned char)**name);

		if (!is_name_character(character) || ++length > LABEL_MAX)
			return false;
		*(*end)++ = character;
	}
	if (**name == '.')
		(*name)++;
	return length > 0;
}

bool dns_name_canonical(const char *name, char ret_canonical[static DNS_NAME_SIZE])
{
	char canonical[DNS_NAME_SIZE + 1] = "";
	size_t length = strlen(name);
	char *end = canonical;

	if (length == 0 || length - (name[length - 1] == '.') >= DNS_NAME_SIZE)
		return false;
	while (*name) {
		if (end > canonical)
			*end++ = '.';
		if (!copy_label(&name, &end))
			return false;
	}
	*end = '\0';
	memcpy(ret_canonical, canonical, DNS_NAME_SIZE);
	return true;
}
