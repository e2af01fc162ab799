/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/sip_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

struct words {
	char *room;
	size_t used;
};

static void put(struct words *words, const char *text, size_t length)
{
	assert_true(words->used + length < SIP_WORDS_ROOM);
	memcpy(words->room + words->used, text, length);
	words->used += length;
}

static void put_line(
	struct words *words, const char *line, size_t length, const struct sip_edit *edit)
{
	const char *old = NULL;

	if (edit && strncmp(line, edit->line, strlen(edit->line)) == 0)
		old = memmem(line, length, edit->old, strlen(edit->old));
	if (!old) {
		put(words, line, length);
		return;
	}
	put(words, line, (size_t)(old - line));
	put(words, edit->new, strlen(edit->new));
	put_line(words, old + strlen(edit->old),
		length - (size_t)(old - line) - strlen(edit->old), NULL);
}

static void put_header(struct words *words, const char *request, const char *name,
	size_t length, const struct sip_edit *edit)
{
	const char *line = strstr(request, "\r\n");

	if (*name == '*') {
		put(words, request, strlen(request));
		return;
	}
	while (line) {
		line += 2;
		if (strncmp(line, name, length) == 0 && line[length] == ':') {
			put_line(words, line, (size_t)(strstr(line, "\r\n") + 2 - line),
				edit);
			return;
		}
		line = strstr(line, "\r\n");
	}
	fail_msg("the request has no %.*s", (int)length, name);
}

size_t sip_words(const char *text, const struct sip_edit *edit, const uint8_t *request,
	size_t length, char ret_words[static SIP_WORDS_ROOM])
{
	struct words words = { .room = ret_words };
	char copy[SIP_WORDS_ROOM];

	assert_true(length < sizeof(copy));
	memcpy(copy, request, length);
	copy[length] = '\0';
	while (*text) {
		size_t plain = strcspn(text, "{");

		put(&words, text, plain);
		text += plain;
		if (*text == '{') {
			size_t name = strcspn(text + 1, "}");

			put_header(&words, copy, text + 1, name, edit);
			text += name + 2;
		}
	}
	ret_words[words.used] = '\0';
	return words.used;
}
