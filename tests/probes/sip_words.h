/* SPDX-License-Identifier: Apache-2.0 */
/* What a SIP server of a test says: a text in which headers of the request stand. */
#ifndef TESTS_PROBES_SIP_WORDS_H
#define TESTS_PROBES_SIP_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define SIP_WORDS_ROOM 16384

/** What comes back of the request, as {Name}: the whole line of that name. */
#define SIP_ECHO "{Via}{From}{To}{Call-ID}{CSeq}"
#define SIP_END  "Content-Length: 0\r\n\r\n"

/** In the line that begins with `line`, `old` becomes `new`. */
struct sip_edit {
	const char *line, *old, *new;
};

/**
 * The text for this request. {Name} is that line of it, {*} all of it.
 * \param edit  NULL, or what an ALG does
 * \return its length
 */
size_t sip_words(const char *text, const struct sip_edit *edit, const uint8_t *request,
	size_t length, char ret_words[static SIP_WORDS_ROOM]);

#endif
