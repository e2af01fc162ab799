/* SPDX-License-Identifier: Apache-2.0 */
#include "report/phrase.h"

#include <string.h>

#define PARTS_MAX 8

struct part {
	const char *begin;
	size_t length;
};

/* A part ends where the words behind it are found first. */
static bool fits(const char *note, const char *phrase, struct part parts[PARTS_MAX])
{
	size_t words = strcspn(phrase, "%");

	if (strncmp(note, phrase, words) != 0)
		return false;
	note += words;
	phrase += words;
	for (size_t i = 0; *phrase; i++) {
		const char *end;

		words = strcspn(++phrase, "%");
		end = words > 0 ? memmem(note, strlen(note), phrase, words)
				: note + strlen(note);
		if (!end || i == PARTS_MAX)
			return false;
		parts[i] = (struct part){ note, (size_t)(end - note) };
		note = end + words;
		phrase += words;
	}
	return *note == '\0';
}

static void append_phrase(
	struct text *text, const char *phrase, const struct part parts[PARTS_MAX])
{
	for (size_t i = 0; *phrase; phrase++) {
		if (*phrase != '%') {
			text_append_char(text, *phrase);
			continue;
		}
		text_append_bytes(text, parts[i].begin, parts[i].length);
		i++;
	}
}

bool phrase_translate(const struct phrase *phrases, size_t count, const char *english,
	struct text *text)
{
	struct part parts[PARTS_MAX];

	for (size_t i = 0; i < count; i++) {
		if (fits(english, phrases[i].english, parts)) {
			append_phrase(text, phrases[i].german, parts);
			return true;
		}
	}
	return false;
}
