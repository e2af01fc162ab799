/* SPDX-License-Identifier: Apache-2.0 */
/* Notes are written while a run is on, when nobody knows who will read them: in English.
 */
#include <string.h>

#include "base/cause.h"
#include "report/conversation.h"

/* "%" stands for what differs; the same number of them on both sides. */
static const struct {
	const char *english, *german;
} phrases[] = {
	{ "to %, in small segments", "an %, in kleinen Segmenten" },
	{ "to %", "an %" },
	{ "connected", "verbunden" },
	{ "closed by the peer", "von der Gegenstelle geschlossen" },
	{ "a datagram from elsewhere: %", "ein Datagramm von anderswo: %" },
	{ "rewritten on the way: %", "unterwegs umgeschrieben: %" },
	{ "resolver %: % ipv4 address for %", "Nameserver %: % IPv4-Adresse zu %" },
	{ "resolver %: % ipv4 addresses for %", "Nameserver %: % IPv4-Adressen zu %" },
	{ "resolver %: % ipv6 address for %", "Nameserver %: % IPv6-Adresse zu %" },
	{ "resolver %: % ipv6 addresses for %", "Nameserver %: % IPv6-Adressen zu %" },
	{ "resolver %: % for %", "Nameserver %: % zu %" },
	{ "truncated: the same again over TCP",
		"abgeschnitten: dasselbe noch einmal über TCP" },
	{ "redirected to %", "umgeleitet zu %" },
	{ "TLS ClientHello sent", "TLS-ClientHello gesendet" },
	{ "certificate of %, issued by %, valid until %",
		"Zertifikat von %, ausgestellt von %, gültig bis %" },
	{ "certificate not trusted: %", "Zertifikat nicht vertrauenswürdig: %" },
};

#define PHRASE_COUNT (sizeof(phrases) / sizeof(phrases[0]))
#define PARTS_MAX    4
#define NOTE_MAX     192

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

/* "connect: timeout", as probe_finish() leaves it, is the same in every language. */
static void append_german(struct text *text, const char *note)
{
	struct part parts[PARTS_MAX];

	for (size_t i = 0; i < PHRASE_COUNT; i++) {
		if (fits(note, phrases[i].english, parts)) {
			append_phrase(text, phrases[i].german, parts);
			return;
		}
	}
	text_append(text, note);
}

void conversation_write_note(
	const uint8_t *note, size_t length, enum language language, struct text *text)
{
	char printable[NOTE_MAX];

	text_copy_printable(printable, sizeof(printable), (const char *)note, length);
	if (language == LANGUAGE_DE)
		append_german(text, printable);
	else
		text_append(text, printable);
}
