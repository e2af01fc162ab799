/* SPDX-License-Identifier: Apache-2.0 */
#include "net/resolver_key.h"

#include <ctype.h>
#include <string.h>

#define LABEL_MAX 63

#define KEY_IPV4 '4'
#define KEY_IPV6 '6'

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

/* RFC 7686, 2: such names are nobody's to resolve. */
static bool is_onion(const char *canonical)
{
	const char *last = strrchr(canonical, '.');

	return strcmp(last ? last + 1 : canonical, "onion") == 0;
}

bool resolver_key_of(const char *name, enum family family, struct resolver_key *ret_key)
{
	struct resolver_key key = { { family == FAMILY_IPV6 ? KEY_IPV6 : KEY_IPV4 } };
	size_t length = strlen(name);
	char *begin = key.text + 1, *end = begin;

	if (length == 0 || length - (name[length - 1] == '.') >= RESOLVER_NAME_SIZE)
		return false;
	while (*name) {
		if (end > begin)
			*end++ = '.';
		if (!copy_label(&name, &end))
			return false;
	}
	*end = '\0';
	if (is_onion(begin))
		return false;
	*ret_key = key;
	return true;
}

bool resolver_key_of_question(
	const struct dns_question *question, struct resolver_key *ret_key)
{
	char name[DNS_NAME_TEXT_MAX];

	if (question->type != DNS_TYPE_A && question->type != DNS_TYPE_AAAA)
		return false;
	dns_name_format(question->name, name);
	return resolver_key_of(name,
		question->type == DNS_TYPE_AAAA ? FAMILY_IPV6 : FAMILY_IPV4, ret_key);
}

struct dns_question resolver_key_question(const struct resolver_key *key)
{
	struct dns_question question = { .type = key->text[0] == KEY_IPV6 ? DNS_TYPE_AAAA
									  : DNS_TYPE_A,
		.recursion = true };

	dns_name_parse(resolver_key_name(key), &question);
	return question;
}
