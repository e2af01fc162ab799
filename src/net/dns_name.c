/* SPDX-License-Identifier: Apache-2.0 */
/* Names between text and wire; compressed ones are read in dns_message.c. */
#include "net/dns_message.h"

#include <string.h>

#define LABEL_MAX 63

/* Copies the next label of text. \return its length, 0 = not a label */
static size_t put_label(const char *text, uint8_t *octets, size_t room)
{
	size_t length = strcspn(text, ".");

	if (length == 0 || length > LABEL_MAX || length + 1 > room ||
		memchr(text, '\\', length))
		return 0;
	octets[0] = (uint8_t)length;
	memcpy(octets + 1, text, length);
	return length;
}

bool dns_name_parse(const char *text, struct dns_question *question)
{
	uint8_t octets[DNS_NAME_MAX];
	size_t length = 0;

	if (!*text)
		return false;
	if (strcmp(text, ".") == 0)
		text++;
	while (*text) {
		/* the zero octet of the root has its place reserved */
		size_t label =
			put_label(text, octets + length, DNS_NAME_MAX - 1 - length);

		if (label == 0)
			return false;
		length += label + 1;
		text += label + (text[label] == '.' ? 1 : 0);
	}
	octets[length++] = 0;
	memcpy(question->name, octets, length);
	question->name_length = length;
	return true;
}

static char *put_octet(char *at, uint8_t octet)
{
	if (octet > ' ' && octet < 0x7f && octet != '.' && octet != '\\') {
		*at++ = (char)octet;
		return at;
	}
	*at++ = '\\';
	*at++ = (char)('0' + octet / 100);
	*at++ = (char)('0' + octet / 10 % 10);
	*at++ = (char)('0' + octet % 10);
	return at;
}

void dns_name_format(const uint8_t *name, char *buffer)
{
	char *at = buffer;

	while (*name) {
		const uint8_t *label_end = name + 1 + *name;

		if (at > buffer)
			*at++ = '.';
		for (name++; name < label_end; name++)
			at = put_octet(at, *name);
	}
	*at = '\0';
}
